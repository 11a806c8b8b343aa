//! `/claim/{secret}`: the first owner takes the keys.

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use zeroize::Zeroizing;

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
use crate::pages::password::bad_password;
use crate::pages::sign_in::hand_over;
use crate::random;
use crate::sign_in::{NewPassword, NotTaken, PasswordRules};
use crate::storage::password_policies::PasswordPolicy;
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
    let now = state.clock.now();
    let read = match Fields::read(&form) {
        Ok(fields) => fields.first_owner(&state, now).await?,
        Err(errors) => Err(errors),
    };
    let owner = match read {
        Ok(owner) => owner,
        Err(errors) => {
            let shown = typed(&secret, csrf_token(browser), &form, errors);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown, &FormAction::Own)).into_response());
        }
    };
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
    password: Zeroizing<String>,
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
        let password = text("password");
        let length = NewPassword::parse(password);
        if let Err(bad) = &length {
            wrong("password", bad_password(&frame, *bad));
        }
        match (name, email, organization, slug, length) {
            (Ok(name), Ok(email), Ok(organization), Some(organization_name), Ok(_)) => Ok(Self {
                name,
                email,
                organization,
                organization_name,
                password: Zeroizing::new(password.to_owned()),
            }),
            _ => Err(errors),
        }
    }

    /// Hashes the password, if it is good, and draws the ids.
    async fn first_owner(
        self,
        state: &AppState,
        now: Timestamp,
    ) -> Result<Result<FirstOwner, Vec<FieldError>>, Fault> {
        let own = [
            self.email.as_str(),
            self.name.as_str(),
            self.organization.as_str(),
        ];
        let rules = PasswordRules::of_newcomer(&PasswordPolicy::default(), &own);
        let hash = match state.prover.hasher.take(&self.password, &rules).await {
            Ok(hash) => hash,
            Err(NotTaken::Bad(bad)) => {
                return Ok(Err(vec![FieldError {
                    field: "password",
                    message: bad_password(&Frame::english(), bad),
                }]));
            }
            Err(NotTaken::Busy(_)) => return Err(Fault::Busy),
        };
        Ok(Ok(FirstOwner {
            organization: NewOrganization {
                id: random::id(now),
                name: self.organization_name,
                display_name: self.organization,
            },
            user: NewUser::draw(self.email, self.name, hash, true, now),
            key: None,
        }))
    }
}
