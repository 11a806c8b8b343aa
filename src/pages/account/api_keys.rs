//! `/account/api-keys`: one's own keys for programs: made and shown once, rotated, revoked.

use std::time::Duration;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{Myself, minute, refused};
use crate::directory::api_keys::{self, KeyScopes, KeyToMake, Successor};
use crate::directory::{DirectoryError, Requester, activate, profile, require_own, require_self};
use crate::domain::access::{Permission, PermissionSet, allowed_by};
use crate::domain::id::{KeyId, OrganizationId};
use crate::domain::secret::{Purpose, Secret};
use crate::domain::sign_in::AccountPage;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::oidc::Parameters;
use crate::pages::long;
use crate::random;
use crate::storage::api_keys::ApiKey;
use crate::storage::{Lane, Page, Tx, organizations};
use crate::web::{AppState, Fault, FormAction, Frame, page, read_form, redirect, verify_csrf};

/// So many are shown.
const SHOWN: i64 = 200;

/// How long keys made here are good, in days.
const LIVES: [u64; 4] = [7, 30, 90, 365];

/// How long an old key is good beside the one that takes its place.
const OVERLAP: Duration = Duration::from_hours(24);

/// The page: `templates/account/api_keys.html`.
#[derive(Template)]
#[template(path = "account/api_keys.html")]
pub struct ApiKeysPage {
    /// The frame.
    pub page: Frame,
    /// The forms' token.
    pub csrf: String,
    /// A key just made, which is never shown again.
    pub made: Option<Made>,
    /// What was wrong with what was asked.
    pub error: Option<String>,
    /// One's keys.
    pub keys: Vec<KeyLine>,
    /// Where one can make more: id and name.
    pub organizations: Vec<(String, String)>,
}

/// A key just made.
pub struct Made {
    /// What it is called.
    pub name: String,
    /// The key.
    pub secret: String,
}

/// A key.
pub struct KeyLine {
    /// Its id.
    pub id: String,
    /// What one calls it.
    pub name: String,
    /// Where it acts.
    pub organization: String,
    /// What it may do.
    pub scopes: String,
    /// When it ends.
    pub ends: String,
    /// When it was last used, and from where.
    pub last_used: Option<String>,
    /// Whether another has taken its place.
    pub is_rotated: bool,
}

impl ApiKeysPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let line = |name: &str, last_used: Option<&str>, is_rotated| KeyLine {
            id: "key_01kaxw3vd0f1wvj1d2sahtfxyz".to_owned(),
            name: name.to_owned(),
            organization: "Acme".to_owned(),
            scopes: "device:read, device:write".to_owned(),
            ends: "Ends 2027-02-20 09:30 UTC".to_owned(),
            last_used: last_used.map(str::to_owned),
            is_rotated,
        };
        let of = |keys, made, error: Option<&str>| Self {
            page: Frame::english(),
            csrf: "sample".to_owned(),
            made,
            error: error.map(str::to_owned),
            keys,
            organizations: vec![("org_01kaxw3vd0f1wvj1d2sahtfxyz".to_owned(), "Acme".to_owned())],
        };
        let made = Made {
            name: "CI".to_owned(),
            secret: "dw_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG".to_owned(),
        };
        let used = Some("2026-11-22 09:30 UTC, 192.0.2.7");
        let usual = vec![line("CI", used, false), line("Old CI", None, true)];
        let long = vec![line(long::NAME, used, false)];
        vec![
            ("usual", of(usual, None, None)),
            ("none", of(Vec::new(), None, None)),
            ("made", of(vec![line("CI", None, false)], Some(made), None)),
            ("wrong", of(Vec::new(), None, Some("Give the key a name."))),
            ("long", of(long, None, None)),
        ]
    }
}

/// `GET /account/api-keys`
pub async fn show(State(state): State<AppState>, myself: Myself) -> Result<Response, Fault> {
    render(&state, &myself, None, None).await
}

/// `POST /account/api-keys`
pub async fn submit(State(state): State<AppState>, myself: Myself, body: Bytes) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    verify_csrf(myself.session(), form.required("csrf")?)?;
    match form.required("do")? {
        "create" => create(&state, &myself, &form).await,
        "rotate" => rotate(&state, &myself, id_in(&form)?).await,
        "revoke" => revoke(&state, &myself, id_in(&form)?).await,
        _ => Err(Fault::BadRequest("the form has no such button".into())),
    }
}

fn id_in(form: &Parameters) -> Result<KeyId, Fault> {
    form.required("key")?.parse().map_err(|_| Fault::NotFound)
}

async fn create(state: &AppState, myself: &Myself, form: &Parameters) -> Result<Response, Fault> {
    let organization: OrganizationId = form
        .required("organization")?
        .parse()
        .map_err(|_| Fault::NotFound)?;
    let Ok(name) = DisplayName::parse(form.one("name")?.unwrap_or_default()) else {
        return wrong(state, myself, Frame::english().t("account-api-keys-name-wrong")).await;
    };
    let days = form.required("life")?.parse().ok();
    let days = days.filter(|days| LIVES.contains(days));
    let days = days.ok_or_else(|| Fault::BadRequest("no key lives that long".into()))?;
    let now = myself.requester.now;
    let secret = api_keys::draw_secret();
    let new = KeyToMake {
        id: random::id(now),
        name,
        hash: secret.hash(Purpose::ApiKey),
        scopes: scopes(form.required("scopes")?)?,
        expires_at: now.plus(Duration::from_hours(24 * days)),
        of_organization: false,
        products: Vec::new(),
        ip_allowlist: Vec::new(),
    };
    acting(state, &myself.requester, organization).await?;
    let requester = myself.requester.clone();
    let work = state
        .provider
        .db
        .write(Lane::Organization(organization), move |tx| {
            let (requester, new) = (requester.clone(), new.clone());
            Box::pin(async move {
                require_self(tx, &requester, None).await?.is_fresh()?;
                let permit = require_own(tx, &requester, organization, Permission::ApiKeyWrite).await?;
                api_keys::create(tx, &permit, &requester.keyring, &new, requester.now).await
            })
        });
    answer(state, myself, work.await, &secret).await
}

/// What the page offers: to read, to read and write, or all that one may do.
fn scopes(named: &str) -> Result<KeyScopes, Fault> {
    let words: &[&str] = match named {
        "read" => &["read"],
        "write" => &["read", "write"],
        "all" => &[],
        _ => return Err(Fault::BadRequest("no key has such scopes".into())),
    };
    let each = words.iter().filter_map(|word| allowed_by(word));
    let by_word = each.reduce(PermissionSet::union).unwrap_or(PermissionSet::ALL);
    Ok(KeyScopes {
        named: PermissionSet::EMPTY,
        by_word,
    })
}

async fn rotate(state: &AppState, myself: &Myself, key: KeyId) -> Result<Response, Fault> {
    let now = myself.requester.now;
    let secret = api_keys::draw_secret();
    let successor = Successor {
        id: random::id(now),
        hash: secret.hash(Purpose::ApiKey),
        overlap: OVERLAP,
    };
    let organization = place_of(state, &myself.requester, key).await?;
    acting(state, &myself.requester, organization).await?;
    let requester = myself.requester.clone();
    let lane = Lane::Organization(organization);
    let work = state.provider.db.write(lane, move |tx| {
        let (requester, successor) = (requester.clone(), successor.clone());
        Box::pin(async move {
            let own = require_self(tx, &requester, None).await?;
            own.is_fresh()?;
            let found = api_keys::find_own(tx, &own, key).await?;
            let permit = require_own(tx, &requester, found.organization, Permission::ApiKeyWrite).await?;
            api_keys::rotate(tx, &permit, &requester.keyring, &found, &successor, requester.now).await
        })
    });
    answer(state, myself, work.await, &secret).await
}

/// Where one of one's own keys acts.
async fn place_of(state: &AppState, requester: &Requester, key: KeyId) -> Result<OrganizationId, Fault> {
    let mut snapshot = state.provider.db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let permit = require_self(tx, requester, None).await?;
    let found = api_keys::find_own(tx, &permit, key).await;
    match found {
        Ok(key) => Ok(key.organization),
        Err(DirectoryError::NotFound) => Err(Fault::NotFound),
        Err(other) => Err(other.into()),
    }
}

async fn revoke(state: &AppState, myself: &Myself, key: KeyId) -> Result<Response, Fault> {
    let requester = myself.requester.clone();
    let work = state.provider.db.write(Lane::User(myself.user.id), move |tx| {
        let requester = requester.clone();
        Box::pin(async move {
            let permit = require_self(tx, &requester, None).await?;
            let found = api_keys::find_own(tx, &permit, key).await?;
            api_keys::revoke_own(tx, &permit, &requester.keyring, &found, requester.now).await
        })
    });
    let revoked: Result<(), DirectoryError> = work.await;
    match revoked {
        Ok(()) | Err(DirectoryError::NotFound) => Ok(redirect(&AccountPage::ApiKeys.address())),
        Err(error) => refused(error, AccountPage::ApiKeys),
    }
}

/// Lets the session act for an organization that its person belongs to.
async fn acting(state: &AppState, requester: &Requester, organization: OrganizationId) -> Result<(), Fault> {
    let (requester, drawn) = (requester.clone(), random::id(requester.now));
    let work = state.provider.db.write(Lane::Free, move |tx| {
        let requester = requester.clone();
        Box::pin(async move { activate(tx, &requester, organization, drawn).await })
    });
    let activated: Result<(), DirectoryError> = work.await;
    Ok(activated?)
}

/// A key that was made is shown this once; what refused it is told.
async fn answer(
    state: &AppState,
    myself: &Myself,
    made: Result<ApiKey, DirectoryError>,
    secret: &Secret,
) -> Result<Response, Fault> {
    match made {
        Ok(key) => {
            let made = Made {
                name: key.name.as_str().to_owned(),
                secret: secret.expose().to_owned(),
            };
            render(state, myself, Some(made), None).await
        }
        Err(
            error @ (DirectoryError::Field(..)
            | DirectoryError::LimitReached { .. }
            | DirectoryError::Unmet(_)),
        ) => wrong(state, myself, error.to_string()).await,
        Err(error) => refused(error, AccountPage::ApiKeys),
    }
}

async fn wrong(state: &AppState, myself: &Myself, error: String) -> Result<Response, Fault> {
    let shown = render(state, myself, None, Some(error)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
}

async fn render(
    state: &AppState,
    myself: &Myself,
    made: Option<Made>,
    error: Option<String>,
) -> Result<Response, Fault> {
    let mut snapshot = state.provider.db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let permit = require_self(tx, &myself.requester, None).await?;
    let found = api_keys::list_own(tx, &permit, &Page::first(SHOWN)).await?;
    let belongs = profile::organizations(tx, &permit).await?;
    let mut keys = Vec::with_capacity(found.rows.len());
    for key in &found.rows {
        keys.push(line(tx, key, myself.requester.now).await?);
    }
    let shown = ApiKeysPage {
        page: Frame::english(),
        csrf: myself.csrf(),
        made,
        error,
        keys,
        organizations: belongs
            .iter()
            .map(|(organization, _)| (organization.id.to_string(), organization.display_name.to_string()))
            .collect(),
    };
    Ok(page(&shown, &FormAction::Own))
}

async fn line(tx: &mut Tx<'_>, key: &ApiKey, now: Timestamp) -> Result<KeyLine, Fault> {
    let frame = Frame::english();
    let organization = organizations::by_id(tx, key.organization).await?;
    let from = key.last_used_from.as_ref();
    let from = from.map(|from| format!(", {}", from.address)).unwrap_or_default();
    let ends_at = key.ends_at();
    Ok(KeyLine {
        id: key.id.to_string(),
        name: key.name.as_str().to_owned(),
        organization: organization.map_or_else(String::new, |found| found.display_name.to_string()),
        scopes: if key.permissions == PermissionSet::ALL {
            frame.t("account-api-keys-everything")
        } else {
            key.permissions.to_string().replace(' ', ", ")
        },
        ends: if ends_at <= now {
            frame.t("account-api-keys-ended")
        } else {
            frame.t1("account-api-keys-ends", "at", &minute(ends_at))
        },
        last_used: key.last_used_at.map(|at| format!("{} UTC{from}", minute(at))),
        is_rotated: key.rotated_to.is_some(),
    })
}
