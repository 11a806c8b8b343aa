//! `/portal/{secret}/check`: a try of the connection, how the last ones went, and the switch.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::form::Fields;
use super::{Portal, found, hash_of, open, over, status_word};
use crate::audit::Origin;
use crate::directory::connections::{self, ConnectionChange, lacks};
use crate::directory::{DirectoryError, require_portal};
use crate::domain::connection::{ConnectionStatus, Provider};
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;
use crate::domain::upstream::tried;
use crate::keyring::Keyring;
use crate::pages::account::minute;
use crate::pages::upstream::advice::{for_refusal, sentence};
use crate::saml::keys::certificate_facts;
use crate::storage::sso_log::{self, Line};
use crate::storage::{Lane, Page, Tx};
use crate::web::{AppState, Caller, Fault, FormAction, Frame, csrf_token, page, redirect, verify_csrf};

/// So many of the last tries are shown.
const MOST_SHOWN: i64 = 5;

/// The page: `templates/portal/check.html`.
#[derive(Template)]
#[template(path = "portal/check.html")]
pub struct CheckPage {
    /// The frame.
    pub page: Frame,
    /// The form's token.
    pub csrf: String,
    /// The address of the link.
    pub base: String,
    /// Whose connection it is.
    pub organization: String,
    /// Until when the link is good.
    pub until: String,
    /// How the connection stands: the key of a word.
    pub status: &'static str,
    /// Whether people come by it.
    pub enabled: bool,
    /// Who is behind it: the key of a name, and what it is.
    pub facts: Vec<(&'static str, String)>,
    /// What it lacks to be enabled.
    pub lacks: Vec<String>,
    /// How the last tries went, the newest first.
    pub tries: Vec<Try>,
    /// What is wrong.
    pub error: Option<String>,
}

/// A try of a connection.
pub struct Try {
    /// When.
    pub at: String,
    /// What the person read.
    pub reference: String,
    /// Whether it went well.
    pub went_well: bool,
    /// Why not.
    pub detail: String,
    /// What to do about it: the key of a sentence.
    pub advice: Option<&'static str>,
}

impl Try {
    fn of(line: &Line) -> Self {
        Self {
            at: format!("{} UTC", minute(line.at)),
            reference: line.reference.to_string(),
            went_well: line.refusal.is_none(),
            detail: sentence(&line.detail),
            advice: line.refusal.as_deref().and_then(for_refusal),
        }
    }
}

impl CheckPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let of = |status: ConnectionStatus| Self {
            page: Frame::english(),
            csrf: "sample".to_owned(),
            base: "/portal/sample".to_owned(),
            organization: "Acme".to_owned(),
            until: "2026-11-23 09:30 UTC".to_owned(),
            status: status_word(status),
            enabled: status == ConnectionStatus::Enabled,
            facts: vec![
                ("portal-fact-entity-id", "https://idp.acme.example".to_owned()),
                (
                    "portal-fact-fingerprint",
                    "5f2b8c1d9e3a47065f2b8c1d9e3a47065f2b8c1d9e3a47065f2b8c1d9e3a4706".to_owned(),
                ),
                ("portal-fact-certificate", "2027-11-22 09:30 UTC".to_owned()),
            ],
            lacks: Vec::new(),
            tries: Vec::new(),
            error: None,
        };
        let draft = ConnectionStatus::Draft;
        let one = |refusal: Option<&str>, detail: &str| Try {
            at: "2026-11-22 09:30 UTC".to_owned(),
            reference: "7KQ2MXHD".to_owned(),
            went_well: refusal.is_none(),
            detail: sentence(detail),
            advice: refusal.and_then(for_refusal),
        };
        let tries = || {
            vec![
                one(None, &tried(["mail", "givenName", "sn", "memberOf"].into_iter())),
                one(Some("audience"), "the assertion is for somebody else"),
            ]
        };
        let lacking = Self {
            lacks: vec!["there is no client secret: set the one that the provider gave".to_owned()],
            facts: vec![("portal-fact-issuer", "https://login.acme.example".to_owned())],
            ..of(draft)
        };
        let refused = Self {
            tries: tries(),
            error: Some(Frame::english().t("portal-error-exceeds")),
            ..of(draft)
        };
        vec![
            ("untried", of(draft)),
            (
                "tried",
                Self {
                    tries: tries(),
                    ..of(draft)
                },
            ),
            ("lacking", lacking),
            ("refused", refused),
            (
                "enabled",
                Self {
                    tries: tries(),
                    ..of(ConnectionStatus::Enabled)
                },
            ),
        ]
    }
}

/// `GET /portal/{secret}/check`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Response, Fault> {
    let portal = open(&state, &caller, &secret).await?;
    render(&state, &caller, &secret, portal, None).await
}

async fn render(
    state: &AppState,
    caller: &Caller,
    secret: &str,
    portal: Portal,
    error: Option<String>,
) -> Result<Response, Fault> {
    let Some(found) = portal.found else {
        return Ok(redirect(&format!("/portal/{secret}/choose")));
    };
    let connection = &found.connection;
    let mut snapshot = state.provider.db.snapshot().await?;
    let page_of = Page::first(MOST_SHOWN);
    let tries = sso_log::list(&mut snapshot.tx(), portal.organization, connection.id, &page_of).await?;
    drop(snapshot);
    let lacking = lacks(
        &connection.provider,
        found.sealed_secret.is_some(),
        state.clock.now(),
    );
    let browser = caller.browser();
    let status = match error {
        Some(_) => StatusCode::CONFLICT,
        None => StatusCode::OK,
    };
    let shown = CheckPage {
        page: Frame::english(),
        csrf: csrf_token(&browser.secret),
        base: format!("/portal/{secret}"),
        organization: portal.organization_name,
        until: portal.until,
        status: status_word(connection.status),
        enabled: connection.is_enabled(),
        facts: facts(&connection.provider),
        lacks: lacking.into_iter().map(|(_, told)| told).collect(),
        tries: tries.iter().filter(|line| line.test).map(Try::of).collect(),
        error,
    };
    let answer = (status, page(&shown, &FormAction::Own)).into_response();
    Ok(browser.remember(answer, state))
}

/// Who is behind a connection, for people.
fn facts(provider: &Provider) -> Vec<(&'static str, String)> {
    match provider {
        Provider::Oidc(oidc) => vec![
            ("portal-fact-issuer", oidc.issuer.clone()),
            ("portal-fact-client-id", oidc.client_id.clone()),
        ],
        Provider::Saml(saml) => {
            let certificates = saml.certificates.iter();
            let read = certificates.filter_map(|one| certificate_facts(one).ok());
            let each = read.flat_map(|facts| {
                [
                    ("portal-fact-fingerprint", facts.fingerprint),
                    (
                        "portal-fact-certificate",
                        format!("{} UTC", minute(facts.not_after)),
                    ),
                ]
            });
            let entity_id = ("portal-fact-entity-id", saml.entity_id.clone());
            std::iter::once(entity_id).chain(each).collect()
        }
    }
}

/// `POST /portal/{secret}/check`: switches it on.
pub async fn submit(
    State(state): State<AppState>,
    caller: Caller,
    Path(secret): Path<String>,
    form: Fields,
) -> Result<Response, Fault> {
    verify_csrf(caller.known_browser()?, form.get("csrf"))?;
    let portal = open(&state, &caller, &secret).await?;
    let (keyring, origin, hash) = (
        state.provider.keyring.clone(),
        caller.origin.clone(),
        hash_of(&secret),
    );
    let now = state.clock.now();
    let lane = Lane::Organization(portal.organization);
    let work = state.provider.db.write(lane, move |tx| {
        let (keyring, origin, hash) = (keyring.clone(), origin.clone(), hash.clone());
        Box::pin(async move { enable(tx, &keyring, &origin, &hash, now).await })
    });
    let enabled: Result<(), DirectoryError> = work.await;
    match enabled {
        Ok(()) => Ok(redirect(&format!("/portal/{secret}/check"))),
        Err(DirectoryError::Exceeds(_)) => {
            let told = Frame::english().t("portal-error-exceeds");
            render(&state, &caller, &secret, portal, Some(told)).await
        }
        Err(unmet @ DirectoryError::Unmet(_)) => {
            render(&state, &caller, &secret, portal, Some(unmet.to_string())).await
        }
        Err(other) => Err(over(other)),
    }
}

async fn enable(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    origin: &Origin,
    secret: &SecretHash,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let portal = require_portal(tx, secret, origin, now).await?;
    let known = found(tx, &portal).await?.ok_or(DirectoryError::NotFound)?;
    let change = ConnectionChange {
        status: Some(ConnectionStatus::Enabled),
        ..ConnectionChange::default()
    };
    connections::change(tx, portal.permit(), keyring, &known, &change, now).await
}
