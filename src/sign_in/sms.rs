//! Codes by text message, as a second factor: counted before they are sent, and bound to one person, one purpose and one
//! number. What is sent costs money, so nothing goes out before a first factor.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::constant_time;

use super::Visitor;
use super::session::in_log_of;
use crate::audit::{self, Actor, Event};
use crate::delivery::Messenger;
use crate::domain::id::{CredentialId, LetterId, SignInId, UserId};
use crate::domain::network::Network;
use crate::domain::phone::PhoneNumber;
use crate::domain::secret::SecretHash;
use crate::domain::sign_in::Step;
use crate::domain::sms::{
    BETWEEN, DAY, PER_NETWORK, PER_NUMBER, PER_RANGE, PER_USER, SmsCode, SmsPurpose, SmsRules,
};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::random;
use crate::storage::sms_codes::{self, Sent};
use crate::storage::{
    Db, Lane, StorageError, Tx, managed_users, phones, profiles, sign_ins, sms_sends, users,
};

/// A code that was drawn. Cheap to copy.
#[derive(Clone)]
pub struct NewCode(Arc<Drawn>);

struct Drawn {
    code: SmsCode,
    message: LetterId,
}

/// Why no message goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// The person got one just now, or as many as they may in a day: not before so long.
    TooSoon(Duration),
    /// There were as many today as there may be, to this number, from this network, or at all.
    TooMany,
    /// No messages go to such numbers.
    Country,
}

/// What became of a request for a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It was sent.
    Sent,
    /// It was not.
    Withheld(Withheld),
    /// The gateway did not take it. The other second factors are as good as ever.
    NotDelivered,
    /// The sign-in is over, asks for something else, or its person has no phone.
    Over,
}

impl NewCode {
    /// Draws one.
    pub fn draw(now: Timestamp) -> Self {
        Self(Arc::new(Drawn {
            code: SmsCode::from_bytes(random::bytes()),
            message: random::id(now),
        }))
    }

    /// The code, for the message it is sent in.
    pub fn code(&self) -> &SmsCode {
        &self.0.code
    }
}

/// Makes a code good in place of the one before, and counts the message it is to be sent in; or says why there is to be
/// none. The message itself goes out after the commit.
pub async fn prepare(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    rules: &SmsRules,
    (user, purpose, number): (UserId, SmsPurpose, &PhoneNumber),
    network: Network,
    new: &NewCode,
    now: Timestamp,
) -> Result<Result<(), Withheld>, StorageError> {
    let Some(country) = rules.country_of(number) else {
        return Ok(Err(Withheld::Country));
    };
    let organization = match managed_users::manager(tx, user).await? {
        Some(organization) => Some(organization),
        None => users::by_id(tx, user)
            .await?
            .and_then(|user| user.default_organization),
    };
    let mut counts = vec![
        ("number", number.as_str().to_owned(), PER_NUMBER),
        ("range", number.range().to_owned(), PER_RANGE),
        ("network", network.to_string(), PER_NETWORK),
        ("country", country.as_str().to_owned(), rules.country_daily_limit),
        ("instance", String::new(), rules.daily_limit),
    ];
    if let Some(organization) = organization {
        counts.push((
            "organization",
            organization.to_string(),
            rules.organization_daily_limit,
        ));
    }
    let subject = |kind: &str, whose: &str| keyring.code_hash("messages to", &format!("{kind} {whose}"));
    let own = subject("user", &user.to_string());
    let day = now.minus(DAY);
    let sent = sms_sends::since(tx, &own, day).await?;
    let next = match (sent.last, sent.first) {
        (_, Some(first)) if sent.count >= PER_USER => first.plus(DAY),
        (Some(last), _) => last.plus(BETWEEN),
        _ => now,
    };
    // A clock that was ahead keeps nobody waiting longer than a day.
    if next > now {
        return Ok(Err(Withheld::TooSoon(next.since(now).min(DAY))));
    }
    let mut counted = vec![own];
    for (kind, whose, most) in counts {
        let subject = subject(kind, &whose);
        if sms_sends::since(tx, &subject, day).await?.count >= most {
            return Ok(Err(Withheld::TooMany));
        }
        counted.push(subject);
    }
    for subject in &counted {
        sms_sends::note(tx, subject, new.0.message, now).await?;
    }
    let sent = Sent {
        user,
        purpose,
        number: number.clone(),
        hash: hash(keyring, user, purpose, number, new.code()),
    };
    sms_codes::put(tx, &sent, now).await?;
    Ok(Ok(()))
}

/// Sends the person of a sign-in a code, if a second factor is what is asked of them.
pub async fn ask(
    db: &Db,
    keyring: &Keyring,
    messenger: &Messenger,
    visitor: &Visitor,
    id: SignInId,
    now: Timestamp,
) -> Result<Asked, StorageError> {
    let new = NewCode::draw(now);
    let rules = messenger.rules().clone();
    let (held, drawn) = ((keyring.clone(), visitor.clone()), new.clone());
    let work = db.write(Lane::Instance, move |tx| {
        let ((keyring, visitor), rules, new) = (held.clone(), rules.clone(), drawn.clone());
        Box::pin(async move {
            let Some(sign_in) = sign_ins::find(tx, id, &visitor.browser, now).await? else {
                return Ok(Err(Asked::Over));
            };
            let Step::SecondFactor { user, .. } = sign_in.step else {
                return Ok(Err(Asked::Over));
            };
            let Some(phone) = phones::of_user(tx, user).await? else {
                return Ok(Err(Asked::Over));
            };
            let wanted = (user, SmsPurpose::SignIn(id), &phone.number);
            if let Err(why) = prepare(tx, &keyring, &rules, wanted, visitor.network(), &new, now).await? {
                return Ok(Err(Asked::Withheld(why)));
            }
            let event = Event::of("phone.code_sent", Actor::User(user)).on(user);
            let event = in_log_of(tx, user, event.from(&visitor.origin)).await?;
            audit::record(tx, &keyring, &event, now).await?;
            let profile = profiles::find(tx, user).await?.map(|whole| whole.profile);
            let language = profile.and_then(|profile| profile.language);
            Ok(Ok((phone.number, language)))
        })
    });
    let prepared: Result<Result<_, Asked>, StorageError> = work.await;
    let (number, language) = match prepared? {
        Ok(prepared) => prepared,
        Err(asked) => return Ok(asked),
    };
    let language = language
        .map(|language| language.as_str().to_owned())
        .unwrap_or_default();
    match messenger.send_code(&number, new.code(), &language).await {
        Ok(()) => Ok(Asked::Sent),
        Err(error) => {
            tracing::error!(%error, "a text message could not be sent");
            Ok(Asked::NotDelivered)
        }
    }
}

/// Spends a code as somebody typed it, and names the phone it went to; nothing if it is not the one that was sent last, for
/// this very sign-in and to this very number. Counts the try.
pub async fn spend(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    user: UserId,
    sign_in: SignInId,
    code: &str,
    now: Timestamp,
) -> Result<Option<CredentialId>, StorageError> {
    let Some(phone) = phones::of_user(tx, user).await? else {
        return Ok(None);
    };
    let number = spend_for(tx, keyring, user, SmsPurpose::SignIn(sign_in), code, now).await?;
    if number.is_none_or(|number| number != phone.number) {
        return Ok(None);
    }
    phones::used(tx, phone.id, now).await?;
    Ok(Some(phone.id))
}

/// Spends a code for one purpose, and answers which number it went to. Counts the try.
pub async fn spend_for(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    user: UserId,
    purpose: SmsPurpose,
    code: &str,
    now: Timestamp,
) -> Result<Option<PhoneNumber>, StorageError> {
    let Some(code) = SmsCode::parse(code) else {
        return Ok(None);
    };
    let Some((expected, number)) = sms_codes::count_try(tx, user, purpose, now).await? else {
        return Ok(None);
    };
    let shown = hash(keyring, user, purpose, &number, &code);
    if constant_time::verify_slices_are_equal(shown.as_bytes(), expected.as_bytes()).is_err() {
        return Ok(None);
    }
    let spent = sms_codes::spend(tx, user, purpose, &expected).await?;
    Ok(spent.then_some(number))
}

/// What is stored of a code: it is worth nothing to anybody else, for anything else, or from another number.
fn hash(
    keyring: &Keyring,
    user: UserId,
    purpose: SmsPurpose,
    number: &PhoneNumber,
    code: &SmsCode,
) -> SecretHash {
    let (kind, sign_in, number) = (purpose.name(), purpose.sign_in(), number.as_str());
    keyring.code_hash(
        &format!("sms code for {kind} {sign_in} of {user} at {number}"),
        code.expose(),
    )
}
