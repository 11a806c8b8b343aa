//! Pages that people see. One folder a room, one file a page: what it shows, what its form does, and samples of it.
//!
//! A page's template has the same path under `templates/`. Nothing is decided here; pages ask `sign_in`, `oidc` and
//! `directory`, and show what they answer.

pub mod account;
pub mod answer;
pub mod claim;
pub mod consent;
pub mod docs;
pub mod email;
pub mod enrolment;
pub mod error;
pub mod invitation;
pub mod organization;
pub mod password;
pub mod portal;
pub mod reports;
pub mod sign_in;
pub mod signed_out;
pub mod upstream;

use askama::Template;

/// A page in one of the states that it can be in, with nothing behind it.
pub struct Sample {
    /// Its path, here and under `templates/`: `sign_in/password`.
    pub page: &'static str,
    /// Which state: `wrong`.
    pub state: &'static str,
    /// What is shown.
    pub html: String,
}

/// Every page in every state: what tests render, and what one looks at while changing the style. A template that is
/// not here fails a test.
pub fn gallery() -> Vec<Sample> {
    [
        samples(
            "account/authenticator",
            account::authenticator::AuthenticatorPage::samples(),
        ),
        samples("account/alerts", account::alerts::AlertsPage::samples()),
        samples("account/api_keys", account::api_keys::ApiKeysPage::samples()),
        samples("account/sessions", account::sessions::SessionsPage::samples()),
        samples(
            "account/connections",
            account::connections::ConnectionsPage::samples(),
        ),
        samples("account/home", account::home::HomePage::samples()),
        samples("account/password", account::password::PasswordPage::samples()),
        samples("account/phone", account::phone::PhonePage::samples()),
        samples(
            "account/recovery_codes",
            account::recovery_codes::RecoveryCodesPage::samples(),
        ),
        samples(
            "account/passkeys/list",
            account::passkeys::list::ListPage::samples(),
        ),
        samples("account/passkeys/new", account::passkeys::new::NewPage::samples()),
        samples("account/security", account::security::SecurityPage::samples()),
        samples("account/locked", account::locked::LockedPage::samples()),
        samples("account/not_me", account::not_me::NotMePage::samples()),
        samples("account/not_me_over", account::not_me_over::OverPage::samples()),
        samples("answer/post", answer::post::PostPage::samples()),
        samples("claim/form", claim::form::ClaimPage::samples()),
        samples("consent/form", consent::form::ConsentPage::samples()),
        samples("docs/api", docs::api::ApiPage::samples()),
        samples("email/changed", email::changed::ChangedPage::samples()),
        samples("email/confirm", email::confirm::ConfirmPage::samples()),
        samples("email/over", email::over::OverPage::samples()),
        samples("enrolment/choose", enrolment::choose::ChoosePage::samples()),
        samples("error/problem", error::problem::ProblemPage::samples()),
        samples("invitation/accept", invitation::accept::AcceptPage::samples()),
        samples("organization/choose", organization::choose::ChoosePage::samples()),
        samples("organization/login", organization::login::LoginPage::samples()),
        samples("password/changed", password::changed::ChangedPage::samples()),
        samples("password/forgot", password::forgot::ForgotPage::samples()),
        samples("password/over", password::over::OverPage::samples()),
        samples("password/reset", password::reset::ResetPage::samples()),
        samples("password/sent", password::sent::SentPage::samples()),
        samples("portal/check", portal::check::CheckPage::samples()),
        samples("portal/choose", portal::choose::ChoosePage::samples()),
        samples("portal/mapping", portal::mapping::MappingPage::samples()),
        samples("portal/set_up", portal::set_up::SetUpPage::samples()),
        samples("reports/access", reports::access::AccessPage::samples()),
        samples("reports/sign_ins", reports::sign_ins::SignInsPage::samples()),
        samples(
            "sign_in/connection",
            sign_in::connection::ConnectionPage::samples(),
        ),
        samples("sign_in/identify", sign_in::identify::IdentifyPage::samples()),
        samples(
            "sign_in/new_password",
            sign_in::new_password::NewPasswordPage::samples(),
        ),
        samples(
            "sign_in/second_factor",
            sign_in::second_factor::SecondFactorPage::samples(),
        ),
        samples("sign_in/password", sign_in::password::PasswordPage::samples()),
        samples("signed_out/confirm", signed_out::confirm::ConfirmPage::samples()),
        samples("signed_out/done", signed_out::done::DonePage::samples()),
        samples("upstream/failed", upstream::failed::FailedPage::samples()),
        samples("upstream/link", upstream::link::LinkPage::samples()),
        samples("upstream/post", upstream::post::PostPage::samples()),
        samples("upstream/tested", upstream::tested::TestedPage::samples()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn samples<P: Template>(page: &'static str, states: Vec<(&'static str, P)>) -> Vec<Sample> {
    let render = |(state, shown): (&'static str, P)| Sample {
        page,
        state,
        html: shown.render().expect("a page needs nothing but its own fields"),
    };
    states.into_iter().map(render).collect()
}

/// Names as long as they may be, and where no line can break: no page may fall apart over one.
mod long {
    /// Of a person or an organization.
    pub(super) const NAME: &str =
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH";
    /// Of an application.
    pub(super) const APPLICATION: &str =
        "Fleet, Firmware & Field Service Portal of the Northern Harbour Authority";
    /// Of a person, to sign in with.
    pub(super) const EMAIL: &str =
        "maximiliane-josephine.von-und-zu-hohenlohe.schillingsfuerst@northern-harbour-authority.example";
}
