//! `/organization/{request}`: for which of several organizations a person comes.

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;

use crate::domain::id::OrganizationId;
use crate::oidc::authorize::Next;
use crate::pages::long;
use crate::storage::memberships;
use crate::web::{
    AppState, Caller, Fault, FormAction, Frame, Waiting, csrf_token, page, read_form, redirect, verify_csrf,
};

/// The page: `templates/organization/choose.html`.
#[derive(Template)]
#[template(path = "organization/choose.html")]
pub struct ChoosePage {
    /// The frame.
    pub page: Frame,
    /// Where the form goes.
    pub action: String,
    /// The form's token.
    pub csrf: String,
    /// Who asks.
    pub application: String,
    /// What there is to choose from.
    pub organizations: Vec<Choice>,
}

impl ChoosePage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let choice = |display_name: &str, name: &str, role: &str| Choice {
            id: format!("org_{name}"),
            display_name: display_name.to_owned(),
            name: name.to_owned(),
            role: role.to_owned(),
        };
        let of = |application: &str, organizations| Self {
            page: Frame::english(),
            action: "/organization/sample".to_owned(),
            csrf: "sample".to_owned(),
            application: application.to_owned(),
            organizations,
        };
        let usual = vec![
            choice("Acme", "acme", "owner"),
            choice("Umbrella", "umbrella", ""),
        ];
        let long = vec![
            choice("Acme", "acme", "operator"),
            choice(
                long::NAME,
                "donaudampfschifffahrtselektrizitaetenhauptbetriebswerk",
                "manager",
            ),
            choice("Umbrella", "umbrella", "viewer"),
        ];
        vec![
            ("usual", of("Acme Fleet", usual)),
            ("long", of(long::APPLICATION, long)),
        ]
    }
}

/// One organization to choose.
pub struct Choice {
    /// Its id.
    pub id: String,
    /// What people read.
    pub display_name: String,
    /// Its slug.
    pub name: String,
    /// The person's role there.
    pub role: String,
}

/// `GET /organization/{request}`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let waiting = Waiting::require(&state, &caller, &id).await?;
    let (Some(session), Some(signed_in)) = (&caller.session, &caller.signed_in) else {
        return Ok(redirect(&waiting.address()));
    };
    let Next::ChooseOrganization(offered) = waiting.next(&state, &caller, None).await? else {
        return Ok(redirect(&waiting.address()));
    };
    let mut snapshot = state.provider.db.snapshot().await?;
    let all = memberships::organizations_of(&mut snapshot.tx(), signed_in.user.id).await?;
    let choices = all
        .into_iter()
        .filter(|(organization, _)| offered.iter().any(|one| one.id == organization.id));
    let shown = ChoosePage {
        page: Frame::english(),
        action: format!("/organization/{}", waiting.row.id),
        csrf: csrf_token(session),
        application: waiting.application.name.to_string(),
        organizations: choices
            .map(|(organization, membership)| Choice {
                id: organization.id.to_string(),
                display_name: organization.display_name.to_string(),
                name: organization.name.to_string(),
                role: membership.role.map(|role| role.name).unwrap_or_default(),
            })
            .collect(),
    };
    Ok(page(
        &shown,
        &FormAction::AndOnTo(waiting.destination.form_action()),
    ))
}

/// `POST /organization/{request}`
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
    let Next::ChooseOrganization(offered) = waiting.next(&state, &caller, None).await? else {
        return Ok(redirect(&waiting.address()));
    };
    let asked = form.required("organization")?.parse::<OrganizationId>();
    let chosen = offered
        .iter()
        .find(|one| asked.as_ref().is_ok_and(|asked| one.id == *asked));
    let chosen = chosen
        .ok_or(Fault::BadRequest(
            "that organization is not one to choose from".into(),
        ))?
        .id;
    waiting.choose(&state, chosen).await?;
    Ok(redirect(&waiting.address()))
}
