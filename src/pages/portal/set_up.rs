//! `/portal/{secret}/set-up`: what to enter at the provider, and what the provider gives for it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::form::Fields;
use super::guide::Guide;
use super::{Portal, found, hash_of, in_words, is_saml, open};
use crate::audit::Origin;
use crate::config::PublicUrl;
use crate::directory::connections::{
    self, AskedMapping, AskedOidc, AskedSaml, ConnectionChange, NewConnection, Replaced, acs_url,
    callback_url, client_secret, seal_secret, signed_out_url, sp_entity_id,
};
use crate::directory::{DirectoryError, require_portal};
use crate::domain::connection::{ConnectionStatus, Provider};
use crate::domain::id::ConnectionId;
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{Lane, Tx};
use crate::web::{AppState, Caller, Fault, FormAction, Frame, csrf_token, page, redirect, verify_csrf};

/// The page: `templates/portal/set_up.html`.
#[derive(Template)]
#[template(path = "portal/set_up.html")]
pub struct SetUpPage {
    /// The frame.
    pub page: Frame,
    /// The form's token.
    pub csrf: String,
    /// The address of the link.
    pub base: String,
    /// The provider.
    pub guide: Guide,
    /// What to enter there: the key of its name, and the value.
    pub values: Vec<(&'static str, String)>,
    /// What was typed.
    pub typed: Typed,
    /// What is wrong.
    pub error: Option<String>,
}

/// What somebody typed, but for secrets.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// `iss`.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// Where the metadata is.
    pub metadata_url: String,
    /// The metadata.
    pub metadata_xml: String,
}

/// Which guide.
#[derive(Debug, Deserialize)]
pub struct Asked {
    guide: Option<String>,
}

impl SetUpPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let public_url = PublicUrl::of_localhost(8080);
        let id: ConnectionId = "con_01kaxw3vd0f1wvj1d2sahtfxyz".parse().expect("an id of ours");
        let of = |key: &str| Self {
            page: Frame::english(),
            csrf: "sample".to_owned(),
            base: "/portal/sample".to_owned(),
            guide: Guide::of(key).expect("a guide of ours"),
            values: values(key.ends_with("saml"), &public_url, id),
            typed: Typed::default(),
            error: None,
        };
        let wrong = Self {
            typed: Typed {
                metadata_url: "https://idp.acme.example/metadata".to_owned(),
                ..Typed::default()
            },
            error: Some("can't read it: the answer's status is 404".to_owned()),
            ..of("other-saml")
        };
        vec![
            ("oidc", of("entra-oidc")),
            ("saml", of("okta-saml")),
            ("simplesamlphp", of("simplesamlphp-saml")),
            ("wrong", wrong),
        ]
    }
}

fn values(saml: bool, public_url: &PublicUrl, id: ConnectionId) -> Vec<(&'static str, String)> {
    if saml {
        vec![
            ("portal-value-entity-id", sp_entity_id(public_url, id)),
            ("portal-value-acs", acs_url(public_url, id)),
        ]
    } else {
        vec![
            ("portal-value-callback", callback_url(public_url, id)),
            ("portal-value-signed-out", signed_out_url(public_url, id)),
        ]
    }
}

/// `GET /portal/{secret}/set-up`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(secret): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let portal = open(&state, &caller, &secret).await?;
    let guide = match (asked.guide.as_deref().and_then(Guide::of), &portal.found) {
        (Some(guide), _) => guide,
        (None, Some(found)) => Guide::other(is_saml(found)),
        (None, None) => return Ok(redirect(&format!("/portal/{secret}/choose"))),
    };
    Ok(render(
        &state,
        &caller,
        &secret,
        &portal,
        guide,
        typed_before(&portal),
        None,
    ))
}

/// What is known of the connection already.
fn typed_before(portal: &Portal) -> Typed {
    match portal.found.as_ref().map(|found| &found.connection.provider) {
        Some(Provider::Oidc(oidc)) => Typed {
            issuer: oidc.issuer.clone(),
            client_id: oidc.client_id.clone(),
            ..Typed::default()
        },
        Some(Provider::Saml(saml)) => Typed {
            metadata_url: saml.metadata_url.clone().unwrap_or_default(),
            ..Typed::default()
        },
        None => Typed::default(),
    }
}

fn render(
    state: &AppState,
    caller: &Caller,
    secret: &str,
    portal: &Portal,
    guide: Guide,
    typed: Typed,
    error: Option<String>,
) -> Response {
    let browser = caller.browser();
    let status = match error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let shown = SetUpPage {
        page: Frame::english(),
        csrf: csrf_token(&browser.secret),
        base: format!("/portal/{secret}"),
        guide,
        values: values(guide.saml, &state.config.public_url, portal.connection),
        typed,
        error,
    };
    let answer = (status, page(&shown, &FormAction::Own)).into_response();
    browser.remember(answer, state)
}

/// `POST /portal/{secret}/set-up`
pub async fn submit(
    State(state): State<AppState>,
    caller: Caller,
    Path(secret): Path<String>,
    form: Fields,
) -> Result<Response, Fault> {
    verify_csrf(caller.known_browser()?, form.get("csrf"))?;
    let portal = open(&state, &caller, &secret).await?;
    let guide = Guide::of(form.get("guide")).ok_or(Fault::BadRequest("there is no such guide".into()))?;
    let stored = match read(&state, &portal, guide, &form).await {
        Ok(particulars) => store(&state, &caller.origin, &portal, hash_of(&secret), particulars).await,
        Err(error) => Err(error),
    };
    match stored {
        Ok(()) => Ok(redirect(&format!("/portal/{secret}/check"))),
        Err(error) => {
            let told = in_words(error)?;
            let typed = Typed {
                issuer: form.get("issuer").to_owned(),
                client_id: form.get("client_id").to_owned(),
                metadata_url: form.get("metadata_url").to_owned(),
                metadata_xml: form.get("metadata_xml").to_owned(),
            };
            Ok(render(
                &state,
                &caller,
                &secret,
                &portal,
                guide,
                typed,
                Some(told),
            ))
        }
    }
}

/// What was given by the provider.
#[derive(Clone)]
struct Particulars {
    provider: Provider,
    /// Sealed; the one that is there if absent.
    sealed_secret: Option<Vec<u8>>,
}

async fn read(
    state: &AppState,
    portal: &Portal,
    guide: Guide,
    form: &Fields,
) -> Result<Particulars, DirectoryError> {
    if guide.saml {
        return read_saml(state, portal, form).await;
    }
    let asked = AskedOidc {
        issuer: Some(form.get("issuer").to_owned()),
        client_id: Some(form.get("client_id").to_owned()),
        ..AskedOidc::default()
    };
    let known = portal.found.as_ref().map(|found| &found.connection.provider);
    let provider = match known {
        Some(Provider::Oidc(oidc)) => asked.over(oidc.clone())?,
        _ => asked.make()?,
    };
    let secret = form.filled("client_secret").map(client_secret).transpose()?;
    let keyring = &state.provider.keyring;
    Ok(Particulars {
        provider: Provider::Oidc(provider),
        sealed_secret: secret.map(|secret| seal_secret(keyring, portal.connection, &secret)),
    })
}

async fn read_saml(state: &AppState, portal: &Portal, form: &Fields) -> Result<Particulars, DirectoryError> {
    let (url, xml) = (form.filled("metadata_url"), form.filled("metadata_xml"));
    let asked = AskedSaml {
        metadata_url: url.clone().map_or(Replaced::Gone, Replaced::By),
        ..AskedSaml::default()
    };
    let xml = match (form.file(), xml, url) {
        (Some(file), _, _) => file,
        (None, Some(xml), _) => xml.into_bytes(),
        (None, None, Some(url)) => connections::fetch_metadata(&state.outbound, &url).await?,
        (None, None, None) => {
            let one = "give the address of the provider's metadata, choose its file, or paste it";
            return Err(DirectoryError::field("/metadata_xml", one));
        }
    };
    let now = state.clock.now();
    let known = portal.found.as_ref().map(|found| &found.connection.provider);
    let provider = match known {
        Some(Provider::Saml(saml)) => connections::reimport(&asked.over(saml.clone())?, &xml, now)?,
        _ => connections::import(&xml, asked, now)?,
    };
    Ok(Particulars {
        provider: Provider::Saml(provider),
        sealed_secret: None,
    })
}

async fn store(
    state: &AppState,
    origin: &Origin,
    portal: &Portal,
    secret: SecretHash,
    particulars: Particulars,
) -> Result<(), DirectoryError> {
    let (keyring, now) = (state.provider.keyring.clone(), state.clock.now());
    let (origin, id) = (origin.clone(), portal.connection);
    let lane = Lane::Organization(portal.organization);
    let work = state.provider.db.write(lane, move |tx| {
        let (keyring, origin) = (keyring.clone(), origin.clone());
        let (secret, particulars) = (secret.clone(), particulars.clone());
        Box::pin(async move { put(tx, &keyring, &origin, &secret, id, particulars, now).await })
    });
    work.await
}

/// Makes the connection, or changes it. A draft of the other protocol gives way.
async fn put(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    origin: &Origin,
    secret: &SecretHash,
    id: ConnectionId,
    particulars: Particulars,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let portal = require_portal(tx, secret, origin, now).await?;
    let permit = portal.permit();
    let known = found(tx, &portal).await?;
    if let Some(known) = known {
        let same_protocol = known.connection.provider.kind() == particulars.provider.kind();
        if same_protocol {
            let change = ConnectionChange {
                provider: Some(particulars.provider),
                sealed_secret: particulars.sealed_secret.map_or(Replaced::Kept, Replaced::By),
                ..ConnectionChange::default()
            };
            return connections::change(tx, permit, keyring, &known, &change, now).await;
        }
        if known.connection.status != ConnectionStatus::Draft {
            let another = "people came by it: for another protocol ask for another link";
            return Err(DirectoryError::field("/kind", another));
        }
        connections::delete(tx, permit, keyring, &known, now).await?;
    }
    let new = NewConnection {
        id,
        name: connections::usual_name(&particulars.provider),
        provider: particulars.provider,
        sealed_secret: particulars.sealed_secret,
        mapping: AskedMapping::default(),
        creates_members: false,
        trusts_mfa: false,
    };
    connections::create(tx, permit, keyring, &new, now).await
}
