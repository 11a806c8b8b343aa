//! `/invitation/{secret}`: who invites whom where to, and the way in. Looking changes nothing: what scans letters for
//! their links uses none of them up.

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use zeroize::Zeroizing;

use crate::directory::invitations::{self, Accepted, Offer};
use crate::directory::users::NewUser;
use crate::domain::email::Email;
use crate::domain::invitation::Message;
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::sign_in::{Onward, SignIn};
use crate::domain::text::DisplayName;
use crate::oidc::Parameters;
use crate::pages::claim::form::FieldError;
use crate::pages::long;
use crate::pages::password::bad_password;
use crate::pages::sign_in::Invitation;
use crate::pages::sign_in::hand_over;
use crate::sign_in::{Identified, NewPassword, NotTaken, PasswordHasher, PasswordRules, identify};
use crate::storage::password_policies::PasswordPolicy;
use crate::web::{
    AppState, Caller, Fault, FormAction, Frame, csrf_token, page, read_form, redirect, verify_csrf,
};

/// The page: `templates/invitation/accept.html`.
#[derive(Template)]
#[template(path = "invitation/accept.html")]
pub struct AcceptPage {
    /// The frame.
    pub page: Frame,
    /// Where the form goes.
    pub action: String,
    /// The form's token.
    pub csrf: String,
    /// What people call the organization.
    pub organization: String,
    /// Who invites.
    pub inviter: String,
    /// What they add, line by line.
    pub message: Vec<String>,
    /// For whom.
    pub email: String,
    /// The role that is offered.
    pub role: Option<String>,
    /// The groups that it leads into.
    pub groups: String,
    /// Who reads it.
    pub reader: Reader,
    /// What was typed.
    pub name: String,
    /// The fewest characters of a password.
    pub min_password: usize,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

/// Who reads an invitation.
pub enum Reader {
    /// Whoever has the mailbox, which no account has.
    Newcomer,
    /// Whoever has the mailbox, and could sign in.
    SignedOut,
    /// Whom it is for.
    Member {
        /// Nobody manages their account any more, once they accept.
        sets_free: bool,
    },
    /// Another account.
    SomebodyElse {
        /// Which.
        signed_in_as: String,
    },
}

impl AcceptPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let offer = |account, sets_free| Offer {
            organization: "Acme".to_owned(),
            inviter: "Alice Archer".to_owned(),
            role: Some("developer".to_owned()),
            groups: vec!["Rover crew".to_owned(), "Night shift".to_owned()],
            message: Message::parse("Hello Carol,\n\nwelcome on board!\nSee you on Monday.")
                .unwrap_or_default(),
            email: Email::parse("carol@cook.example").expect("an address of ours"),
            account,
            password_policy: PasswordPolicy::default(),
            sets_free,
        };
        let of = |offer: &Offer, reader| Self::of(offer, reader, "sample", "sample".to_owned());
        let plain = offer(None, false);
        let bare = Offer {
            role: None,
            groups: Vec::new(),
            message: Message::default(),
            ..plain.clone()
        };
        let far = Offer {
            organization: long::NAME.to_owned(),
            inviter: long::NAME.to_owned(),
            role: Some(long::NAME.to_owned()),
            groups: vec![long::NAME.to_owned(), long::APPLICATION.to_owned()],
            message: Message::parse(&long::NAME.repeat(9)).unwrap_or_default(),
            email: Email::parse(long::EMAIL).expect("an address of ours"),
            ..plain.clone()
        };
        let form = Parameters::parse("name=&password=keys").expect("each field once");
        let mut wrong = of(&plain, Reader::Newcomer);
        wrong.errors = Fields::read(&form, wrong.min_password).err().unwrap_or_default();
        let signed_in_as = "mallory@umbrella.example".to_owned();
        vec![
            ("newcomer", of(&plain, Reader::Newcomer)),
            ("wrong", wrong),
            ("bare", of(&bare, Reader::Newcomer)),
            ("long", of(&far, Reader::Newcomer)),
            ("signed-out", of(&plain, Reader::SignedOut)),
            ("member", of(&plain, Reader::Member { sets_free: false })),
            ("free", of(&plain, Reader::Member { sets_free: true })),
            ("other", of(&plain, Reader::SomebodyElse { signed_in_as })),
        ]
    }

    fn of(offer: &Offer, reader: Reader, secret: &str, csrf: String) -> Self {
        Self {
            page: Frame::english(),
            action: format!("/invitation/{secret}"),
            csrf,
            organization: offer.organization.clone(),
            inviter: offer.inviter.clone(),
            message: offer.message.as_str().lines().map(str::to_owned).collect(),
            email: offer.email.to_string(),
            role: offer.role.clone(),
            groups: offer.groups.join(", "),
            reader,
            name: String::new(),
            min_password: Self::min_password(offer),
            errors: Vec::new(),
        }
    }

    fn min_password(offer: &Offer) -> usize {
        PasswordRules::of_newcomer(&offer.password_policy, &[]).least()
    }

    fn error(&self, field: &str) -> Option<&str> {
        self.errors
            .iter()
            .find(|error| error.field == field)
            .map(|error| error.message.as_str())
    }
}

impl Reader {
    fn of(caller: &Caller, offer: &Offer) -> Self {
        match (&caller.signed_in, offer.account) {
            (Some(signed_in), Some(account)) if signed_in.user.id == account => Self::Member {
                sets_free: offer.sets_free,
            },
            (Some(signed_in), _) => Self::SomebodyElse {
                signed_in_as: signed_in.user.email.to_string(),
            },
            (None, Some(_)) => Self::SignedOut,
            (None, None) => Self::Newcomer,
        }
    }
}

/// `GET /invitation/{secret}`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Response, Fault> {
    let offer = look_at(&state, &hash_of(&secret)).await?;
    let browser = caller.browser();
    let reader = Reader::of(&caller, &offer);
    let status = match reader {
        Reader::SomebodyElse { .. } => StatusCode::FORBIDDEN,
        _ => StatusCode::OK,
    };
    let shown = AcceptPage::of(&offer, reader, &secret, csrf_token(&browser.secret));
    Ok((status, browser.remember(page(&shown, &FormAction::Own), &state)).into_response())
}

/// `POST /invitation/{secret}`
pub async fn submit(
    State(state): State<AppState>,
    caller: Caller,
    Path(secret): Path<String>,
    body: Bytes,
) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    let browser = caller.known_browser()?;
    verify_csrf(browser, form.required("csrf")?)?;
    let link = hash_of(&secret);
    let offer = look_at(&state, &link).await?;
    let again = format!("/invitation/{secret}");
    let now = state.clock.now();
    let (db, keyring) = (&state.provider.db, &state.provider.keyring);
    match Reader::of(&caller, &offer) {
        Reader::SomebodyElse { .. } => Ok(redirect(&again)),
        Reader::SignedOut => {
            let visitor = caller.visitor(browser);
            match identify(db, &visitor, offer.email, Onward::Home, now).await? {
                Identified::Next(sign_in) => {
                    let back = Invitation::of(&secret);
                    Ok(redirect(&format!("/sign-in/{sign_in}{}", back.query())))
                }
                Identified::TooMany => Err(Fault::TooManyTries(SignIn::LIFETIME)),
            }
        }
        Reader::Member { .. } => {
            let session = caller.session.as_ref().ok_or(Fault::ExpiredFlow)?;
            let session = session.hash(Purpose::Session);
            let accepted = invitations::accept_as(db, keyring, &link, &session, &caller.origin, now).await?;
            match accepted {
                Accepted::Joined => Ok(redirect("/")),
                Accepted::SomebodyElse | Accepted::HasAccount => Ok(redirect(&again)),
                Accepted::Over => Err(Fault::InvitationOver),
            }
        }
        Reader::Newcomer => {
            let read = match Fields::read(&form, AcceptPage::min_password(&offer)) {
                Ok(fields) => fields.hash(&state.prover.hasher, &offer).await?,
                Err(errors) => Err(errors),
            };
            let (name, hash) = match read {
                Ok(read) => read,
                Err(errors) => {
                    let csrf = csrf_token(browser);
                    let shown = AcceptPage {
                        name: form.one("name").ok().flatten().unwrap_or_default().to_owned(),
                        errors,
                        ..AcceptPage::of(&offer, Reader::Newcomer, &secret, csrf)
                    };
                    let shown = page(&shown, &FormAction::Own);
                    return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response());
                }
            };
            let newcomer = NewUser::draw(offer.email, name, hash, false, now);
            let visitor = caller.visitor(browser);
            let (accepted, opened) =
                invitations::accept_as_newcomer(db, keyring, &link, &newcomer, &visitor, now).await?;
            match accepted {
                Accepted::Joined => Ok(hand_over(redirect("/"), &opened, &state)),
                Accepted::SomebodyElse | Accepted::HasAccount => Ok(redirect(&again)),
                Accepted::Over => Err(Fault::InvitationOver),
            }
        }
    }
}

/// One answer for every link that leads nowhere, whatever became of it (LG2).
async fn look_at(state: &AppState, link: &SecretHash) -> Result<Offer, Fault> {
    let offer = invitations::look_at(&state.provider.db, link, state.clock.now()).await?;
    offer.ok_or(Fault::InvitationOver)
}

fn hash_of(secret: &str) -> SecretHash {
    Secret::received(secret).hash(Purpose::Invitation)
}

/// What a newcomer fills in. The address is the invitation's, whatever else is sent.
struct Fields {
    name: DisplayName,
    password: Zeroizing<String>,
}

impl Fields {
    fn read(form: &Parameters, min_password: usize) -> Result<Self, Vec<FieldError>> {
        let frame = Frame::english();
        let mut errors = Vec::new();
        let mut wrong = |field, message| errors.push(FieldError { field, message });
        let text = |name| form.one(name).ok().flatten().unwrap_or_default();
        let name = DisplayName::parse(text("name"));
        if name.is_err() {
            wrong("name", frame.t("invitation-error-name"));
        }
        let password = text("password");
        let length = NewPassword::of_length(password, min_password);
        if let Err(bad) = &length {
            wrong("password", bad_password(&frame, *bad));
        }
        match (name, length) {
            (Ok(name), Ok(_)) => Ok(Self {
                name,
                password: Zeroizing::new(password.to_owned()),
            }),
            _ => Err(errors),
        }
    }

    /// The name and the password's hash, if the password is good.
    async fn hash(
        self,
        hasher: &PasswordHasher,
        offer: &Offer,
    ) -> Result<Result<(DisplayName, String), Vec<FieldError>>, Fault> {
        let own = [offer.email.as_str(), self.name.as_str()];
        let rules = PasswordRules::of_newcomer(&offer.password_policy, &own);
        match hasher.take(&self.password, &rules).await {
            Ok(hash) => Ok(Ok((self.name, hash))),
            Err(NotTaken::Bad(bad)) => Ok(Err(vec![FieldError {
                field: "password",
                message: bad_password(&Frame::english(), bad),
            }])),
            Err(NotTaken::Busy(_)) => Err(Fault::Busy),
        }
    }
}
