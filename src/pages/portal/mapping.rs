//! `/portal/{secret}/mapping`: which attribute is what, with the names that came with the last try to choose from.
//!
//! What the values of groups give is shown and not changed here: rules hand out rights of this organization, to whomever a
//! provider names. Who follows a link has no account, and whoever made it would answer for a gift that they never saw.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::form::Fields;
use super::{Portal, found, hash_of, in_words, open, over};
use crate::audit::Origin;
use crate::directory::connections::{self, AskedMapping, ConnectionChange, Gift, gifts};
use crate::directory::{DirectoryError, require_portal};
use crate::domain::connection::Mapping;
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;
use crate::domain::upstream::attributes_tried;
use crate::keyring::Keyring;
use crate::storage::{Lane, Page, Tx, sso_log};
use crate::web::{AppState, Caller, Fault, FormAction, Frame, csrf_token, page, redirect, verify_csrf};

/// Among so many of the last attempts the last try is looked for.
const LOOKED_AT: i64 = 20;

/// The page: `templates/portal/mapping.html`.
#[derive(Template)]
#[template(path = "portal/mapping.html")]
pub struct MappingPage {
    /// The frame.
    pub page: Frame,
    /// The form's token.
    pub csrf: String,
    /// The address of the link.
    pub base: String,
    /// Whose connection it is.
    pub organization: String,
    /// The fields: the name of each, the key of its label, and the attribute's name.
    pub fields: Vec<(&'static str, &'static str, String)>,
    /// The attributes that came with the last try.
    pub came: Vec<String>,
    /// What values give.
    pub rules: Vec<Gift>,
    /// What is wrong.
    pub error: Option<String>,
}

/// What a mapping names, and the labels of that.
const FIELDS: [(&str, &str); 5] = [
    ("email", "portal-mapping-email"),
    ("name", "portal-mapping-name"),
    ("given_name", "portal-mapping-given-name"),
    ("family_name", "portal-mapping-family-name"),
    ("groups", "portal-mapping-groups"),
];

impl MappingPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let of = |mapping: &Mapping, came: &[&str]| Self {
            page: Frame::english(),
            csrf: "sample".to_owned(),
            base: "/portal/sample".to_owned(),
            organization: "Acme".to_owned(),
            fields: fields(mapping),
            came: came.iter().map(|name| (*name).to_owned()).collect(),
            rules: Vec::new(),
            error: None,
        };
        let claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";
        let came = ["department", "memberOf", claims];
        let mapping = Mapping {
            email: Some(claims.to_owned()),
            groups: Some("memberOf".to_owned()),
            ..Mapping::default()
        };
        let rule = |value: &str, name: &str, is_role| Gift {
            value: value.to_owned(),
            name: name.to_owned(),
            is_role,
        };
        let with_rules = Self {
            rules: vec![
                rule("fleet-admins", "manager", true),
                rule("fleet", "Fleet", false),
            ],
            ..of(&mapping, &came)
        };
        let wrong = Self {
            error: Some("say which attribute has the values that the rules are about".to_owned()),
            ..of(&Mapping::default(), &came)
        };
        vec![
            ("untried", of(&Mapping::default(), &[])),
            ("tried", of(&Mapping::default(), &came)),
            ("rules", with_rules),
            ("wrong", wrong),
        ]
    }
}

fn fields(mapping: &Mapping) -> Vec<(&'static str, &'static str, String)> {
    let known = [
        &mapping.email,
        &mapping.name,
        &mapping.given_name,
        &mapping.family_name,
        &mapping.groups,
    ];
    let filled = FIELDS.into_iter().zip(known);
    filled
        .map(|((name, label), known)| (name, label, known.clone().unwrap_or_default()))
        .collect()
}

/// `GET /portal/{secret}/mapping`
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
    refused: Option<(AskedMapping, String)>,
) -> Result<Response, Fault> {
    let Some(found) = &portal.found else {
        return Ok(redirect(&format!("/portal/{secret}/choose")));
    };
    let (came, rules) = stored(state, caller, secret).await?;
    let browser = caller.browser();
    let status = match refused {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let (mapping, error) = match refused {
        Some((asked, error)) => (typed(asked), Some(error)),
        None => (found.connection.mapping.clone(), None),
    };
    let shown = MappingPage {
        page: Frame::english(),
        csrf: csrf_token(&browser.secret),
        base: format!("/portal/{secret}"),
        fields: fields(&mapping),
        came,
        rules,
        organization: portal.organization_name,
        error,
    };
    let answer = (status, page(&shown, &FormAction::Own)).into_response();
    Ok(browser.remember(answer, state))
}

/// What was typed, to be shown again.
fn typed(asked: AskedMapping) -> Mapping {
    Mapping {
        email: asked.email,
        name: asked.name,
        given_name: asked.given_name,
        family_name: asked.family_name,
        groups: asked.groups,
        rules: Vec::new(),
    }
}

/// The attributes that came with the last try that went well, and what the rules give.
async fn stored(state: &AppState, caller: &Caller, secret: &str) -> Result<(Vec<String>, Vec<Gift>), Fault> {
    let mut snapshot = state.provider.db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let portal = require_portal(tx, &hash_of(secret), &caller.origin, state.clock.now()).await;
    let portal = portal.map_err(over)?;
    let found = found(tx, &portal).await.map_err(over)?.ok_or(Fault::PortalOver)?;
    let rules = gifts(tx, portal.permit(), &found).await.map_err(over)?;
    let page = Page::first(LOOKED_AT);
    let lines = sso_log::list(tx, portal.link().organization, found.connection.id, &page).await?;
    let last = lines.iter().find(|line| line.test && line.refusal.is_none());
    let came = last.map(|line| attributes_tried(&line.detail));
    Ok((came.unwrap_or_default(), rules))
}

/// `POST /portal/{secret}/mapping`
pub async fn submit(
    State(state): State<AppState>,
    caller: Caller,
    Path(secret): Path<String>,
    form: Fields,
) -> Result<Response, Fault> {
    verify_csrf(caller.known_browser()?, form.get("csrf"))?;
    let portal = open(&state, &caller, &secret).await?;
    let asked = AskedMapping {
        email: form.filled("email"),
        name: form.filled("name"),
        given_name: form.filled("given_name"),
        family_name: form.filled("family_name"),
        groups: form.filled("groups"),
        rules: None,
    };
    let (keyring, origin, hash) = (
        state.provider.keyring.clone(),
        caller.origin.clone(),
        hash_of(&secret),
    );
    let (now, wanted) = (state.clock.now(), asked.clone());
    let lane = Lane::Organization(portal.organization);
    let work = state.provider.db.write(lane, move |tx| {
        let (keyring, origin, hash) = (keyring.clone(), origin.clone(), hash.clone());
        let wanted = wanted.clone();
        Box::pin(async move { put(tx, &keyring, &origin, &hash, wanted, now).await })
    });
    let put: Result<(), DirectoryError> = work.await;
    match put {
        Ok(()) => Ok(redirect(&format!("/portal/{secret}/check"))),
        Err(error) => {
            let told = in_words(error)?;
            render(&state, &caller, &secret, portal, Some((asked, told))).await
        }
    }
}

async fn put(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    origin: &Origin,
    secret: &SecretHash,
    mapping: AskedMapping,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let portal = require_portal(tx, secret, origin, now).await?;
    let known = found(tx, &portal).await?.ok_or(DirectoryError::NotFound)?;
    let change = ConnectionChange {
        mapping: Some(mapping),
        ..ConnectionChange::default()
    };
    connections::change(tx, portal.permit(), keyring, &known, &change, now).await
}
