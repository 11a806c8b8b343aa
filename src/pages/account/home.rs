//! `/`: who I am here.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::pages::long;
use crate::pages::signed_out::form_action;
use crate::storage::memberships;
use crate::web::{AppState, Caller, Fault, Frame, csrf_token, page, redirect};

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

impl HomePage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let line = |display_name: &str, name: &str, role: &str| MembershipLine {
            display_name: display_name.to_owned(),
            name: name.to_owned(),
            role: role.to_owned(),
        };
        let of = |name: &str, email: &str, organizations| Self {
            page: Frame::english(),
            action: "/sign-out".to_owned(),
            csrf: "sample".to_owned(),
            user_name: name.to_owned(),
            user_email: email.to_owned(),
            organizations,
        };
        let usual = vec![
            line("Acme", "acme", "owner"),
            line("Umbrella", "umbrella", "viewer"),
        ];
        let long = vec![
            line(long::NAME, "donaudampf", "manager"),
            line("Acme", "acme", ""),
        ];
        vec![
            ("member", of("Alice Archer", "alice@acme.example", usual)),
            (
                "alone",
                of("Mallory Marsh", "mallory@umbrella.example", Vec::new()),
            ),
            ("long", of(long::NAME, long::EMAIL, long)),
        ]
    }
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
    Ok(page(&shown, &form_action(&state, signed_in, None).await?))
}
