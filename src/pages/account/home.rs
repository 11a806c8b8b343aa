//! `/`: who I am here.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::storage::memberships;
use crate::web::{AppState, Caller, Fault, FormAction, Frame, csrf_token, page, redirect};

/// The page: `templates/account/home.html`.
#[derive(Template)]
#[template(path = "account/home.html")]
pub struct HomePage {
    /// The frame.
    pub page: Frame,
    /// Where the sign-out button goes.
    pub action: String,
    /// The form's token.
    pub csrf: String,
    /// What the person is called.
    pub user_name: String,
    /// What they sign in with.
    pub user_email: String,
    /// Where they belong.
    pub organizations: Vec<MembershipLine>,
}

/// One organization of a person.
pub struct MembershipLine {
    /// What people read.
    pub display_name: String,
    /// Its slug.
    pub name: String,
    /// The person's role there.
    pub role: String,
}

/// `GET /`
pub async fn show(State(state): State<AppState>, caller: Caller) -> Result<Response, Fault> {
    let (Some(session), Some(signed_in)) = (&caller.session, &caller.signed_in) else {
        return Ok(redirect("/sign-in"));
    };
    let mut snapshot = state.provider.db.snapshot().await?;
    let organizations = memberships::organizations_of(&mut snapshot.tx(), signed_in.user.id).await?;
    let shown = HomePage {
        page: Frame::english(),
        action: "/sign-out".to_owned(),
        csrf: csrf_token(session),
        user_name: signed_in.user.name.to_string(),
        user_email: signed_in.user.email.to_string(),
        organizations: organizations
            .into_iter()
            .map(|(organization, membership)| MembershipLine {
                display_name: organization.display_name.to_string(),
                name: organization.name.to_string(),
                role: membership.role.map(|role| role.name).unwrap_or_default(),
            })
            .collect(),
    };
    Ok(page(&shown, &FormAction::Own))
}
