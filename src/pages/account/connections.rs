//! `/account/connections`: the services one is connected with. Providers that bring one in, and applications that one lets
//! know things; each can be taken back here.

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{Myself, minute, refused};
use crate::directory::{DirectoryError, profile, require_self};
use crate::domain::connection::Connection;
use crate::domain::id::{ApplicationId, ConnectionId, IdentityId, OrganizationId};
use crate::domain::membership::MembershipStatus;
use crate::domain::sign_in::{AccountPage, Onward};
use crate::domain::upstream::{Reference, UpstreamPurpose};
use crate::pages::long;
use crate::pages::sign_in::hand_over;
use crate::pages::upstream::link::who;
use crate::pages::upstream::{failed, leave};
use crate::storage::consents::Consent;
use crate::storage::{Lane, Page, Tx, connections};
use crate::upstream::Hint;
use crate::upstream::linking::{self, LinkError, Linked, Offer, Standing};
use crate::web::{AppState, Fault, FormAction, Frame, Waiting, page, read_form, redirect, verify_csrf};

/// So many of each are shown; hardly anybody has more.
const SHOWN: i64 = 100;

/// The page: `templates/account/connections.html`.
#[derive(Template)]
#[template(path = "account/connections.html")]
pub struct ConnectionsPage {
    /// The frame.
    pub page: Frame,
    /// The forms' token.
    pub csrf: String,
    /// A link that waits for one's word.
    pub offer: Option<OfferShown>,
    /// Who brings one in.
    pub identities: Vec<IdentityLine>,
    /// Who could, if one linked them: what to call it and where to begin.
    pub connectable: Vec<(String, String)>,
    /// Whom one lets know things.
    pub applications: Vec<ApplicationLine>,
}

/// A link that waits.
pub struct OfferShown {
    /// Names it.
    pub reference: String,
    /// Whose provider it is.
    pub organization: String,
    /// Who came, as that provider tells.
    pub who: String,
    /// What it would make of one there.
    pub standing: Standing,
}

/// Somebody's account at a provider.
pub struct IdentityLine {
    /// Its id.
    pub id: String,
    /// What the connection is called, and whose it is.
    pub name: String,
    /// The provider's own name for one.
    pub subject: String,
    /// Since when, and when last.
    pub times: String,
}

/// An application that one lets know things, for an organization.
pub struct ApplicationLine {
    /// Its id.
    pub id: String,
    /// The organization's id.
    pub organization: String,
    /// What the application is called, and for which organization.
    pub name: String,
    /// What one agreed to.
    pub scope: String,
    /// When.
    pub since: String,
}

impl ConnectionsPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let offered = |organization: &str, who: &str, standing| OfferShown {
            reference: "K7Q2M9XD".to_owned(),
            organization: organization.to_owned(),
            who: who.to_owned(),
            standing,
        };
        let of = |offer, name: &str, subject: &str| Self {
            page: Frame::english(),
            csrf: "sample".to_owned(),
            offer,
            identities: vec![IdentityLine {
                id: "idn_01kaxw3vd0f1wvj1d2sahtfxyz".to_owned(),
                name: name.to_owned(),
                subject: subject.to_owned(),
                times: "2026-11-22 09:30".to_owned(),
            }],
            connectable: vec![(
                "Umbrella Okta".to_owned(),
                "/account/connections/sample".to_owned(),
            )],
            applications: vec![ApplicationLine {
                id: "app_01kaxw3vd0f1wvj1d2sahtfxyz".to_owned(),
                organization: "org_01kaxw3vd0f1wvj1d2sahtfxyz".to_owned(),
                name: "Acme Fleet · acme".to_owned(),
                scope: "openid profile email".to_owned(),
                since: "2026-11-22 09:30".to_owned(),
            }],
        };
        let nothing = Self {
            identities: Vec::new(),
            connectable: Vec::new(),
            applications: Vec::new(),
            ..of(None, "", "")
        };
        let bob = "bob@acme.example";
        let offering = |standing| of(Some(offered("Acme", bob, standing)), "Acme Entra · Acme", "00u1");
        vec![
            ("usual", of(None, "Acme Entra · Acme", "00u1")),
            ("nothing", nothing),
            ("offer", offering(Standing::Member)),
            ("offer_to_join", offering(Standing::MayJoin)),
            ("offer_to_stranger", offering(Standing::Stranger)),
            (
                "long",
                of(
                    Some(offered(long::NAME, long::EMAIL, Standing::MayJoin)),
                    long::NAME,
                    long::EMAIL,
                ),
            ),
        ]
    }
}

/// `GET /account/connections`
pub async fn show(State(state): State<AppState>, myself: Myself) -> Result<Response, Fault> {
    let mut snapshot = state.provider.db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let permit = require_self(tx, &myself.requester, None).await?;
    let found = linking::list(tx, &permit, &Page::first(SHOWN)).await?.rows;
    let consented = profile::consents(tx, &permit, &Page::first(SHOWN)).await?.rows;
    let mut connectable = Vec::new();
    for (organization, membership) in profile::organizations(tx, &permit).await? {
        if membership.status != MembershipStatus::Active {
            continue;
        }
        for connection in connections::enabled(tx, organization.id).await? {
            if found.iter().all(|linked| linked.connection.id != connection.id) {
                let address = format!("{}/{}", AccountPage::Connections.address(), connection.id);
                connectable.push((connection.name.to_string(), address));
            }
        }
    }
    let waiting = waiting_offer(tx, &myself).await?;
    let offer = match &waiting {
        Some(offer) => Some(OfferShown {
            reference: offer.pending.reference.to_string(),
            organization: offer.organization.display_name.to_string(),
            who: who(offer),
            standing: linking::standing(tx, offer, &myself.user).await?,
        }),
        None => None,
    };
    drop(snapshot);
    let shown = ConnectionsPage {
        page: Frame::english(),
        csrf: myself.csrf(),
        offer,
        identities: found.iter().map(IdentityLine::of).collect(),
        connectable,
        applications: consented.iter().map(ApplicationLine::of).collect(),
    };
    // Where the link leads on to an application, the form's way goes there.
    let form_action = match waiting.map(|offer| offer.pending.onward) {
        Some(Onward::Request(id)) => match Waiting::find(&state, &myself.caller, Some(id)).await {
            Ok(Some(waiting)) => FormAction::AndOnTo(waiting.destination.form_action()),
            _ => FormAction::Own,
        },
        _ => FormAction::Own,
    };
    Ok(page(&shown, &form_action))
}

/// `GET /account/connections/{connection}`: off to a provider of an organization that one belongs to. Nothing is linked by
/// it: what comes back waits for one's word.
pub async fn begin(
    State(state): State<AppState>,
    myself: Myself,
    Path(connection): Path<String>,
) -> Result<Response, Fault> {
    let connection: ConnectionId = connection.parse().map_err(|_| Fault::NotFound)?;
    let mut snapshot = state.provider.db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let permit = require_self(tx, &myself.requester, None).await?;
    let found = connections::by_id(tx, connection).await?;
    let found = found.filter(Connection::is_enabled).ok_or(Fault::NotFound)?;
    let belongs = profile::organizations(tx, &permit).await?;
    let acts = belongs.iter().any(|(organization, membership)| {
        organization.id == found.organization && membership.status == MembershipStatus::Active
    });
    drop(snapshot);
    if !acts {
        return Err(Fault::NotFound);
    }
    let purpose = UpstreamPurpose::Link(myself.user.id);
    let visitor = myself.caller.visitor(myself.caller.known_browser()?);
    let now = state.clock.now();
    let begun = state
        .upstream
        .begin(&visitor, connection, purpose, &Hint::default(), now)
        .await?;
    leave(begun, purpose)
}

/// `POST /account/connections`
pub async fn submit(State(state): State<AppState>, myself: Myself, body: Bytes) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    verify_csrf(myself.session(), form.required("csrf")?)?;
    if let Some(reference) = form.one("link")? {
        let reference: Reference = reference.parse().map_err(|_| Fault::ExpiredFlow)?;
        return link(&state, &myself, reference, form.one("join")?.is_some()).await;
    }
    if let Some(identity) = form.one("unlink")? {
        return unlink(&state, &myself, identity.parse().map_err(|_| Fault::NotFound)?).await;
    }
    let application = form
        .required("application")?
        .parse()
        .map_err(|_| Fault::NotFound)?;
    let organization = form.required("organization")?;
    let organization = organization.parse().map_err(|_| Fault::NotFound)?;
    revoke(&state, &myself, application, organization).await
}

async fn link(
    state: &AppState,
    myself: &Myself,
    reference: Reference,
    joins: bool,
) -> Result<Response, Fault> {
    let visitor = myself.caller.visitor(myself.caller.known_browser()?);
    let linked = linking::link(&state.provider.db, &visitor, &myself.requester, &reference, joins);
    match linked.await {
        Ok((opened, onward)) => Ok(hand_over(redirect(&onward.address()), &opened, state)),
        Err(LinkError::Over) => Err(Fault::ExpiredFlow),
        Err(LinkError::Directory(error)) => refused(error, AccountPage::Connections),
        Err(LinkError::Refused(failure)) => {
            let way_on = Some(AccountPage::Connections.address());
            let shown = failed::show(&failure, reference.as_str(), way_on);
            Ok((StatusCode::FORBIDDEN, shown).into_response())
        }
    }
}

async fn unlink(state: &AppState, myself: &Myself, id: IdentityId) -> Result<Response, Fault> {
    let requester = myself.requester.clone();
    let work = state.provider.db.write(Lane::User(myself.user.id), move |tx| {
        let requester = requester.clone();
        Box::pin(async move {
            let permit = require_self(tx, &requester, None).await?;
            linking::unlink(tx, &permit, &requester.keyring, id, requester.now).await
        })
    });
    done(work.await)
}

async fn revoke(
    state: &AppState,
    myself: &Myself,
    application: ApplicationId,
    organization: OrganizationId,
) -> Result<Response, Fault> {
    let requester = myself.requester.clone();
    let work = state.provider.db.write(Lane::User(myself.user.id), move |tx| {
        let requester = requester.clone();
        Box::pin(async move {
            let permit = require_self(tx, &requester, None).await?;
            let (keyring, now) = (&requester.keyring, requester.now);
            profile::revoke_consent(tx, &permit, keyring, application, organization, now).await
        })
    });
    done(work.await)
}

/// Whoever presses twice has what they wanted.
fn done(outcome: Result<(), DirectoryError>) -> Result<Response, Fault> {
    match outcome {
        Ok(()) | Err(DirectoryError::NotFound) => Ok(redirect(&AccountPage::Connections.address())),
        Err(error) => refused(error, AccountPage::Connections),
    }
}

/// What waits in this browser, if it is for whoever is signed in.
async fn waiting_offer(tx: &mut Tx<'_>, myself: &Myself) -> Result<Option<Offer>, Fault> {
    let Ok(browser) = myself.caller.known_browser() else {
        return Ok(None);
    };
    let browser = myself.caller.visitor(browser).browser;
    let offer = linking::offer(tx, &browser, myself.requester.now).await?;
    let own = |offer: &Offer| offer.pending.only_for.is_none_or(|user| user == myself.user.id);
    Ok(offer.filter(own))
}

impl IdentityLine {
    fn of(linked: &Linked) -> Self {
        let frame = Frame::english();
        let since = frame.t1(
            "account-connections-since",
            "at",
            &minute(linked.identity.created_at),
        );
        let used = linked.identity.last_used_at;
        let used = used.map(|at| frame.t1("account-connections-used", "at", &minute(at)));
        let times: Vec<_> = std::iter::once(since).chain(used).collect();
        Self {
            id: linked.identity.id.to_string(),
            name: format!(
                "{} · {}",
                linked.connection.name, linked.organization.display_name
            ),
            subject: linked.identity.subject.as_str().to_owned(),
            times: times.join(" · "),
        }
    }
}

impl ApplicationLine {
    fn of(consent: &Consent) -> Self {
        Self {
            id: consent.key.application.to_string(),
            organization: consent.key.organization.to_string(),
            name: format!("{} · {}", consent.application_name, consent.organization_name),
            scope: consent.scope.to_string().replace(' ', ", "),
            since: minute(consent.agreed_at),
        }
    }
}
