//! `/upstream/link`: somebody came whose account their company's provider alone can't say. Whoever has one signs in to it
//! first, by a credential of their own; nobody is told whether there is one.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::domain::secret::Purpose;
use crate::domain::sign_in::{AccountPage, Onward};
use crate::pages::long;
use crate::pages::sign_in::identify;
use crate::upstream::linking;
use crate::web::{AppState, Caller, Fault, FormAction, Frame, page, redirect};

/// The page: `templates/upstream/link.html`.
#[derive(Template)]
#[template(path = "upstream/link.html")]
pub struct LinkPage {
    /// The frame.
    pub page: Frame,
    /// Whose provider it is.
    pub organization: String,
    /// Who came, as the provider tells.
    pub who: String,
    /// Where one signs in to one's own account.
    pub own: String,
    /// Where one goes on without.
    pub otherwise: String,
}

impl LinkPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let of = |organization: &str, who: &str| Self {
            page: Frame::english(),
            organization: organization.to_owned(),
            who: who.to_owned(),
            own: identify::address(Onward::Account(AccountPage::Connections)),
            otherwise: identify::address(Onward::Home),
        };
        vec![
            ("usual", of("Acme", "bob@acme.example")),
            ("long", of(long::NAME, long::EMAIL)),
        ]
    }
}

/// `GET /upstream/link`
pub async fn show(State(state): State<AppState>, caller: Caller) -> Result<Response, Fault> {
    let browser = caller.known_browser()?.hash(Purpose::Browser);
    let mut snapshot = state.provider.db.snapshot().await?;
    let offer = linking::offer(&mut snapshot.tx(), &browser, state.clock.now()).await?;
    drop(snapshot);
    let offer = offer.ok_or(Fault::ExpiredFlow)?;
    if caller.signed_in.is_some() {
        return Ok(redirect(&AccountPage::Connections.address()));
    }
    let shown = LinkPage {
        page: Frame::english(),
        organization: offer.organization.display_name.to_string(),
        who: who(&offer),
        own: identify::address(Onward::Account(AccountPage::Connections)),
        otherwise: identify::address(offer.pending.onward),
    };
    Ok(page(&shown, &FormAction::Own))
}

/// Who came, as their provider tells: by address, or else by its own name for them.
pub fn who(offer: &linking::Offer) -> String {
    let arrival = &offer.pending.arrival;
    match &arrival.email {
        Some(arrived) => arrived.email.to_string(),
        None => arrival.subject.as_str().to_owned(),
    }
}
