//! `/consent/{request}`: what an application may know, in words.

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;

use crate::domain::access::Permission;
use crate::domain::oauth::Scope;
use crate::oidc::ErrorCode;
use crate::oidc::authorize::Next;
use crate::pages::{answer, long};
use crate::storage::organizations;
use crate::web::{
    AppState, Caller, Fault, FormAction, Frame, Waiting, csrf_token, page, read_form, redirect, verify_csrf,
};

/// The page: `templates/consent/form.html`.
#[derive(Template)]
#[template(path = "consent/form.html")]
pub struct ConsentPage {
    /// The frame.
    pub page: Frame,
    /// Where the form goes.
    pub action: String,
    /// The form's token.
    pub csrf: String,
    /// Who asks.
    pub application: String,
    /// Whose application it is.
    pub application_owner: String,
    /// Who is asked.
    pub user_email: String,
    /// For which organization.
    pub organization: String,
    /// The same for the form, so that "allow" means what was shown.
    pub organization_id: String,
    /// Where they will be sent.
    pub return_host: String,
    /// What is asked for.
    pub scopes: Vec<ScopeWords>,
}

impl ConsentPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let frame = Frame::english();
        let usual = Self {
            page: frame,
            action: "/consent/sample".to_owned(),
            csrf: "sample".to_owned(),
            application: "Acme Fleet".to_owned(),
            application_owner: "Acme".to_owned(),
            user_email: "alice@acme.example".to_owned(),
            organization: "Acme".to_owned(),
            organization_id: String::new(),
            return_host: "fleet.acme.example".to_owned(),
            scopes: in_words(
                frame,
                &Scope::parse("openid profile email").expect("known scopes"),
            ),
        };
        let everything = "openid profile email offline_access device:read deployment:execute";
        let long = Self {
            application: long::APPLICATION.to_owned(),
            application_owner: long::NAME.to_owned(),
            user_email: long::EMAIL.to_owned(),
            organization: long::NAME.to_owned(),
            organization_id: String::new(),
            return_host: "fleet-and-field-service.northern-harbour-authority.example".to_owned(),
            action: usual.action.clone(),
            csrf: usual.csrf.clone(),
            scopes: in_words(frame, &Scope::parse(everything).expect("known scopes")),
            page: frame,
        };
        vec![("usual", usual), ("long", long)]
    }
}

/// A scope in words.
pub struct ScopeWords {
    /// What it lets an application do.
    pub title: String,
    /// What that means.
    pub detail: String,
}

/// `GET /consent/{request}`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let waiting = Waiting::require(&state, &caller, &id).await?;
    let (Some(session), Some(signed_in)) = (&caller.session, &caller.signed_in) else {
        return Ok(redirect(&waiting.address()));
    };
    let Next::Consent(organization) = waiting.next(&state, &caller, None).await? else {
        return Ok(redirect(&waiting.address()));
    };
    let mut snapshot = state.provider.db.snapshot().await?;
    let owner = organizations::by_id(&mut snapshot.tx(), waiting.application.organization).await?;
    let frame = Frame::english();
    let shown = ConsentPage {
        page: frame,
        action: format!("/consent/{}", waiting.row.id),
        csrf: csrf_token(session),
        application: waiting.application.name.to_string(),
        application_owner: owner
            .map(|owner| owner.display_name.to_string())
            .unwrap_or_default(),
        user_email: signed_in.user.email.to_string(),
        organization: organization.display_name.to_string(),
        organization_id: organization.id.to_string(),
        return_host: waiting.destination.host().to_owned(),
        scopes: in_words(frame, &waiting.row.request.scope),
    };
    Ok(page(
        &shown,
        &FormAction::AndOnTo(waiting.destination.form_action()),
    ))
}

/// `POST /consent/{request}`
pub async fn submit(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    let waiting = Waiting::require(&state, &caller, &id).await?;
    let session = caller
        .session
        .as_ref()
        .filter(|_| caller.signed_in.is_some())
        .ok_or(Fault::ExpiredFlow)?;
    verify_csrf(session, form.required("csrf")?)?;
    match form.required("decision")? {
        "allow" => {
            let shown = form
                .required("organization")?
                .parse()
                .map_err(|_| Fault::ExpiredFlow)?;
            answer::proceed(&state, &caller, waiting, Some(shown)).await
        }
        "deny" => {
            let error = ErrorCode::AccessDenied.because("the person did not agree");
            answer::refuse(&state, &waiting, &error).await
        }
        _ => Err(Fault::BadRequest("decision must be allow or deny".into())),
    }
}

/// The order in which one asks: who it is, then how to call and reach them. What is not named here comes after.
const ASKED_FIRST: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The scopes in words; a permission is said by its own name.
fn in_words(frame: Frame, scope: &Scope) -> Vec<ScopeWords> {
    let words = |name: &str| {
        if let Ok(permission) = name.parse::<Permission>() {
            return ScopeWords {
                title: frame.t1("scope-permission-title", "permission", permission.as_str()),
                detail: frame.t("scope-permission-detail"),
            };
        }
        let key = format!("scope-{}", name.replace('_', "-"));
        ScopeWords {
            title: frame.t(&format!("{key}-title")),
            detail: frame.t(&format!("{key}-detail")),
        }
    };
    let place = |name: &&str| {
        ASKED_FIRST
            .iter()
            .position(|first| first == name)
            .unwrap_or(ASKED_FIRST.len())
    };
    let mut names: Vec<_> = scope.names().collect();
    names.sort_by_key(place);
    names.into_iter().map(words).collect()
}
