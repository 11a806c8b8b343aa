//! `/claim/{secret}`: the first owner takes the keys.

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::directory::claim;
use crate::directory::organizations::NewOrganization;
use crate::directory::setup::FirstOwner;
use crate::directory::users::NewUser;
use crate::domain::email::Email;
use crate::domain::organization::OrganizationName;
use crate::domain::secret::{Purpose, Secret};
use crate::domain::text::{DisplayName, DisplayNameError};
use crate::domain::time::Timestamp;
use crate::oidc::Parameters;
use crate::pages::long;
use crate::pages::sign_in::hand_over;
use crate::random;
use crate::sign_in::{BadPassword, NewPassword};
use crate::web::{
    AppState, Caller, Fault, FormAction, Frame, csrf_token, page, read_form, redirect, verify_csrf,
};

/// The page: `templates/claim/form.html`.
#[derive(Template)]
#[template(path = "claim/form.html")]
pub struct ClaimPage {
    /// The frame.
    pub page: Frame,
    /// Where the form goes.
    pub action: String,
    /// The form's token.
    pub csrf: String,
    /// What was typed.
    pub name: String,
    /// What was typed.
    pub email: String,
    /// What was typed.
    pub organization: String,
    /// The fewest characters of a password.
    pub min_password: usize,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

/// What is wrong with a field.
pub struct FieldError {
    /// Its name; `form` for the whole.
    pub field: &'static str,
    /// What to do about it.
    pub message: String,
}

impl ClaimPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let state = |name: &str, email: &str, organization: &str, password: &str| {
            let fields = [
                ("name", name),
                ("email", email),
                ("organization", organization),
                ("password", password),
            ];
            let form = Parameters::parse(
                &url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(fields)
                    .finish(),
            );
            let form = form.expect("each field once");
            match Fields::read(&form) {
                Ok(_) => blank("sample", "sample".to_owned()),
                Err(errors) => typed("sample", "sample".to_owned(), &form, errors),
            }
        };
        let (alice, password) = ("alice@acme.example", "alice keeps the keys");
        let long = "n".repeat(NewPassword::MAX_CHARS + 1);
        vec![
            ("blank", blank("sample", "sample".to_owned())),
            ("empty", state("", "", "", "")),
            ("short", state("Alice Archer", alice, "Acme", "keys")),
            (
                "long",
                state(long::NAME, long::EMAIL, &long::NAME.repeat(2), &long),
            ),
            (
                "address",
                state("Alice Archer", "alice at acme", "Acme", password),
            ),
        ]
    }

    fn error(&self, field: &str) -> Option<&str> {
        self.errors
            .iter()
            .find(|error| error.field == field)
            .map(|error| error.message.as_str())
    }
}

/// `GET /claim/{secret}`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Response, Fault> {
    require_open(&state, &secret).await?;
    let browser = caller.browser();
    let shown = blank(&secret, csrf_token(&browser.secret));
    Ok(browser.remember(page(&shown, &FormAction::Own), &state))
}

/// `POST /claim/{secret}`
pub async fn submit(
    State(state): State<AppState>,
    caller: Caller,
    Path(secret): Path<String>,
    body: Bytes,
) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    let browser = caller.known_browser()?;
    verify_csrf(browser, form.required("csrf")?)?;
    require_open(&state, &secret).await?;
    let read = Fields::read(&form);
    let fields = match read {
        Ok(fields) => fields,
        Err(errors) => {
            let shown = typed(&secret, csrf_token(browser), &form, errors);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown, &FormAction::Own)).into_response());
        }
    };
    let now = state.clock.now();
    let owner = fields.first_owner(&state, now).await?;
    let visitor = caller.visitor(browser);
    let (db, keyring) = (&state.provider.db, &state.provider.keyring);
    let opened = claim::take(db, keyring, &Secret::received(secret), &owner, &visitor, now).await?;
    claim::forget_file(&state.config.storage.data_dir);
    Ok(hand_over(redirect("/"), &opened, &state))
}

fn blank(secret: &str, csrf: String) -> ClaimPage {
    ClaimPage {
        page: Frame::english(),
        action: format!("/claim/{secret}"),
        csrf,
        name: String::new(),
        email: String::new(),
        organization: String::new(),
        min_password: NewPassword::MIN_CHARS,
        errors: Vec::new(),
    }
}

/// The page again, with what was typed but for the password, and what is wrong with it.
fn typed(secret: &str, csrf: String, form: &Parameters, errors: Vec<FieldError>) -> ClaimPage {
    let typed = |name| form.one(name).ok().flatten().unwrap_or_default().to_owned();
    ClaimPage {
        name: typed("name"),
        email: typed("email"),
        organization: typed("organization"),
        errors,
        ..blank(secret, csrf)
    }
}

async fn require_open(state: &AppState, secret: &str) -> Result<(), Fault> {
    let hash = Secret::received(secret).hash(Purpose::Claim);
    let open = claim::is_open(&state.provider.db, &hash, state.clock.now()).await?;
    if open { Ok(()) } else { Err(Fault::ClaimUsed) }
}

/// The form, parsed.
struct Fields {
    name: DisplayName,
    email: Email,
    organization: DisplayName,
    organization_name: OrganizationName,
    password: NewPassword,
}

impl Fields {
    /// Reads every field and names all that is wrong at once.
    fn read(form: &Parameters) -> Result<Self, Vec<FieldError>> {
        let frame = Frame::english();
        let mut errors = Vec::new();
        let mut wrong = |field, message| errors.push(FieldError { field, message });
        let text = |name| form.one(name).ok().flatten().unwrap_or_default();
        let name = DisplayName::parse(text("name"));
        if name.is_err() {
            wrong("name", frame.t("claim-error-name"));
        }
        let email = Email::parse(text("email"));
        if email.is_err() {
            wrong("email", frame.t("claim-error-email"));
        }
        let organization = DisplayName::parse(text("organization"));
        let slug = organization
            .as_ref()
            .ok()
            .and_then(|name| OrganizationName::from_display_name(name).ok());
        match (&organization, &slug) {
            (Ok(_), Some(_)) => {}
            (Err(DisplayNameError::TooLong), _) => {
                wrong("organization", frame.t("claim-error-organization-long"));
            }
            _ => wrong("organization", frame.t("claim-error-organization")),
        }
        let password = NewPassword::parse(text("password"));
        match password {
            Ok(_) => {}
            Err(BadPassword::TooShort) => {
                let min = NewPassword::MIN_CHARS.to_string();
                wrong("password", frame.t1("claim-error-password-short", "min", &min));
            }
            Err(BadPassword::TooLong) => {
                let max = NewPassword::MAX_CHARS.to_string();
                wrong("password", frame.t1("claim-error-password-long", "max", &max));
            }
        }
        match (name, email, organization, slug, password) {
            (Ok(name), Ok(email), Ok(organization), Some(organization_name), Ok(password)) => Ok(Self {
                name,
                email,
                organization,
                organization_name,
                password,
            }),
            _ => Err(errors),
        }
    }

    /// Hashes the password and draws the ids.
    async fn first_owner(self, state: &AppState, now: Timestamp) -> Result<FirstOwner, Fault> {
        let hash = state
            .prover
            .hasher
            .hash(self.password)
            .await
            .map_err(|_| Fault::Busy)?;
        Ok(FirstOwner {
            organization: NewOrganization {
                id: random::id(now),
                name: self.organization_name,
                display_name: self.organization,
            },
            user: NewUser::draw(self.email, self.name, hash, true, now),
            key: None,
        })
    }
}
