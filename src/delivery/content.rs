//! What a letter says, in the words of its reader's language: the same for its text and its HTML.

use super::{Addressed, AlertInWords, Letter, device_in_words};
use crate::config::PublicUrl;
use crate::domain::alert::{AlertKind, Given, OwnFactor};
use crate::domain::text::misleads;
use crate::domain::time::Timestamp;
use crate::places::Places;
use crate::words::Words;

/// A letter in words. Nothing in it hides or reorders what is around it; only a quote has more than one line.
#[derive(Debug, Clone)]
pub struct Content {
    /// Its subject.
    pub subject: String,
    /// Its heading.
    pub heading: String,
    /// What it is about.
    pub lead: String,
    /// What somebody adds.
    pub quote: Option<Quote>,
    /// When and from where, each with its name.
    pub facts: Vec<Fact>,
    /// How much of something is used, 0 to 100.
    pub meter: Option<u8>,
    /// What the reader can do.
    pub action: Option<Action>,
    /// Why they got it, and what to do if it was not expected.
    pub why: String,
}

/// Somebody's own words.
#[derive(Debug, Clone)]
pub struct Quote {
    /// Whose.
    pub whose: String,
    /// Line by line.
    pub lines: Vec<String>,
}

/// Something that is known, and what it is.
#[derive(Debug, Clone)]
pub struct Fact {
    /// Such as `When`.
    pub label: String,
    /// Such as `29 November 2026 at 09:30 UTC`.
    pub value: String,
}

/// A link.
#[derive(Debug, Clone)]
pub struct Action {
    /// What following it does.
    pub label: String,
    /// Where it leads.
    pub link: String,
    /// How long it is good.
    pub until: String,
}

impl Content {
    /// Puts a letter into words, at the Doorward of this address, which knows these places.
    #[expect(clippy::too_many_lines, reason = "one arm for each letter")]
    pub fn of(addressed: &Addressed, words: &Words, public_url: &PublicUrl, places: &Places) -> Self {
        let to = one_line(addressed.to.as_str());
        match &addressed.letter {
            Letter::Invitation {
                organization,
                inviter,
                message,
                link,
                expires_at,
                reminder,
            } => {
                let (organization, inviter) = (one_line(organization), one_line(inviter));
                let own = [
                    ("organization", organization.as_str()),
                    ("inviter", inviter.as_str()),
                    ("email", to.as_str()),
                ];
                let say = |key: &str| words.say(&format!("mail-invitation-{key}"), &own);
                let kind = if *reminder { "-reminder" } else { "" };
                let lines = lines(message);
                Self {
                    subject: say(&format!("subject{kind}")),
                    heading: say(&format!("heading{kind}")),
                    lead: say(&format!("lead{kind}")),
                    quote: (!lines.is_empty()).then(|| Quote {
                        whose: say("quote"),
                        lines,
                    }),
                    facts: Vec::new(),
                    meter: None,
                    action: Some(Action::of(say("action"), link, *expires_at, words)),
                    why: say("why"),
                }
            }
            Letter::ConfirmEmail {
                name,
                link,
                expires_at,
            } => {
                let own = [("name", one_line(name)), ("email", to)];
                let mut content = Self::plain("confirm-email", &own, words);
                let label = words.say("mail-confirm-email-action", &[]);
                content.action = Some(Action::of(label, link, *expires_at, words));
                content
            }
            Letter::ResetPassword {
                name,
                organization,
                link,
                expires_at,
            } => {
                let (kind, organization) = match organization {
                    Some(organization) => ("reset-sent", one_line(organization)),
                    None => ("reset-asked", String::new()),
                };
                let own = [("name", one_line(name)), ("organization", organization)];
                let mut content = Self::plain(kind, &own, words);
                let label = words.say("mail-reset-action", &[]);
                content.action = Some(Action::of(label, link, *expires_at, words));
                content
            }
            Letter::ResetOfSuspended { name } => {
                Self::plain("reset-of-suspended", &[("name", one_line(name))], words)
            }
            Letter::ResetOfNoPassword { name } => {
                Self::plain("reset-of-no-password", &[("name", one_line(name))], words)
            }
            Letter::OwnershipTransferred {
                organization,
                from,
                to,
            } => {
                let own = [
                    ("organization", one_line(organization)),
                    ("from", one_line(from)),
                    ("to", one_line(to)),
                ];
                Self::plain("ownership-transferred", &own, words)
            }
            Letter::UsageAlert {
                organization,
                resource,
                used,
                limit,
            } => {
                let percent = percent(*used, *limit);
                let own = [
                    ("organization", one_line(organization)),
                    ("resource", one_line(resource)),
                    ("used", used.to_string()),
                    ("limit", limit.to_string()),
                    ("percent", percent.to_string()),
                ];
                let mut content = Self::plain("usage-alert", &own, words);
                content.meter = Some(u8::try_from(percent.clamp(0, 100)).unwrap_or(100));
                content
            }
            Letter::Review {
                organization,
                review,
                people,
                due_at,
                reminder,
            } => {
                let own = [
                    ("organization", one_line(organization)),
                    ("review", one_line(review)),
                    ("people", people.to_string()),
                    ("due", moment(*due_at, words)),
                ];
                let kind = if *reminder { "review-reminder" } else { "review" };
                Self::plain(kind, &own, words)
            }
            Letter::Alert {
                name,
                what,
                organization,
                at,
                address,
                user_agent,
                link,
                expires_at,
            } => {
                let told = AlertInWords::of(what, organization.as_deref(), words, |at| moment(at, words));
                let heading = one_line(&told.title);
                let own = [("name", one_line(name)), ("detail", one_line(&told.detail))];
                let own: Vec<_> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
                let why = if link.is_some() {
                    "mail-alert-why-link"
                } else {
                    "mail-alert-why"
                };
                let action = |link: &String| {
                    let label = words.say("mail-alert-action", &[]);
                    Action::of(label, &public_url.at(link), *expires_at, words)
                };
                Self {
                    subject: heading.clone(),
                    heading,
                    lead: words.say("mail-alert-lead", &own),
                    quote: None,
                    facts: facts(*at, address.as_deref(), user_agent, places, words),
                    meter: None,
                    action: link.as_ref().map(action),
                    why: words.say(why, &[]),
                }
            }
        }
    }

    /// A letter that only tells something.
    fn plain(kind: &str, own: &[(&str, String)], words: &Words) -> Self {
        let own: Vec<_> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let say = |key: &str| words.say(&format!("mail-{kind}-{key}"), &own);
        Self {
            subject: say("subject"),
            heading: say("heading"),
            lead: say("lead"),
            quote: None,
            facts: Vec::new(),
            meter: None,
            action: None,
            why: say("why"),
        }
    }
}

impl Action {
    fn of(label: String, link: &str, until: Timestamp, words: &Words) -> Self {
        Self {
            label,
            link: one_line(link),
            until: words.say("mail-base-once", &[("until", &moment(until, words))]),
        }
    }
}

/// A letter of each kind, and of those that can look different another: what tests render, and what one looks at while
/// changing the style.
pub fn samples() -> Vec<(&'static str, Letter)> {
    let (acme, alice) = ("Acme".to_owned(), "Alice Archer".to_owned());
    let link = "https://id.example.com/invitation/8xVvRV3hJ0Jm1Z0XqkqJ5m0yQm9c2oG3b1b6sB2Q4nA".to_owned();
    let expires_at = Timestamp::from_millis(1_795_944_600_000);
    let invitation = |message: &str, reminder| Letter::Invitation {
        organization: acme.clone(),
        inviter: alice.clone(),
        message: message.to_owned(),
        link: link.clone(),
        expires_at,
        reminder,
    };
    let review = |reminder| Letter::Review {
        organization: acme.clone(),
        review: "Autumn review".to_owned(),
        people: 24,
        due_at: expires_at,
        reminder,
    };
    let carol = || "Carol Cook".to_owned();
    let reset = |organization| Letter::ResetPassword {
        name: carol(),
        organization,
        link: link.replace("/invitation/", "/password/reset/"),
        expires_at,
    };
    let welcome = "Hello Carol,\n\nwelcome on board! You will find the rover’s telemetry under “Fleet”.\nSee you on Monday.";
    let long =
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH".to_owned();
    vec![
        ("invitation", invitation(welcome, false)),
        ("invitation-bare", invitation("", false)),
        ("invitation-reminder", invitation(welcome, true)),
        (
            "invitation-long",
            Letter::Invitation {
                organization: long.clone(),
                inviter: long.clone(),
                message: format!("{long}\nhttps://{}.example/", "long".repeat(40)),
                link: link.clone(),
                expires_at,
                reminder: false,
            },
        ),
        (
            "confirm-email",
            Letter::ConfirmEmail {
                name: "Carol Cook".to_owned(),
                link: link.replace("/invitation/", "/email/"),
                expires_at,
            },
        ),
        ("reset-asked", reset(None)),
        ("reset-sent", reset(Some(acme.clone()))),
        ("reset-of-suspended", Letter::ResetOfSuspended { name: carol() }),
        (
            "reset-of-no-password",
            Letter::ResetOfNoPassword { name: carol() },
        ),
        (
            "ownership-transferred",
            Letter::OwnershipTransferred {
                organization: acme.clone(),
                from: alice.clone(),
                to: "Bob Becker".to_owned(),
            },
        ),
        (
            "usage-alert",
            Letter::UsageAlert {
                organization: acme.clone(),
                resource: "API keys".to_owned(),
                used: 90,
                limit: 100,
            },
        ),
        ("review", review(false)),
        ("review-reminder", review(true)),
    ]
    .into_iter()
    .chain(alert_samples())
    .collect()
}

#[expect(clippy::too_many_lines, reason = "one for each kind")]
fn alert_samples() -> Vec<(&'static str, Letter)> {
    let provider = || "Acme Entra".to_owned();
    let at = Timestamp::from_millis(1_795_339_800_000);
    let of = |what: AlertKind, organization: Option<&str>| Letter::Alert {
        name: "Carol Cook".to_owned(),
        organization: organization.map(ToOwned::to_owned),
        at,
        address: organization.is_none().then(|| "192.0.2.7".to_owned()),
        user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0"
            .to_owned(),
        link: what
            .may_be_disowned()
            .then(|| "/account/not-me/8xVvRV3hJ0Jm1Z0XqkqJ5m0yQm9c2oG3b1b6sB2Q4nA".to_owned()),
        expires_at: Timestamp::from_millis(1_795_944_600_000),
        what,
    };
    let (named, is) = ("CI".to_owned(), "carol.cook@acme.example".to_owned());
    let passkey = OwnFactor::Passkey;
    let key_ring = Some("Key ring".to_owned());
    vec![
        ("alert-new-device", of(AlertKind::NewDevice, None)),
        ("alert-many-failures", of(AlertKind::ManyFailures, None)),
        (
            "alert-second-factor-failures",
            of(AlertKind::SecondFactorFailures, None),
        ),
        (
            "alert-guessing-everywhere",
            of(AlertKind::GuessingEverywhere { failures: 200 }, None),
        ),
        ("alert-password-changed", of(AlertKind::PasswordChanged, None)),
        (
            "alert-factor-added",
            of(
                AlertKind::FactorAdded {
                    factor: passkey,
                    name: key_ring.clone(),
                },
                None,
            ),
        ),
        (
            "alert-factor-removed",
            of(
                AlertKind::FactorRemoved {
                    factor: OwnFactor::Totp,
                    name: None,
                },
                None,
            ),
        ),
        (
            "alert-recovery-code-used",
            of(AlertKind::RecoveryCodeUsed { left: 9 }, None),
        ),
        (
            "alert-passkey-copied",
            of(
                AlertKind::PasskeyCopied {
                    name: "Key ring".to_owned(),
                },
                None,
            ),
        ),
        (
            "alert-key-created",
            of(AlertKind::KeyCreated { name: named.clone() }, Some("Acme")),
        ),
        (
            "alert-role-raised",
            of(
                AlertKind::RoleRaised {
                    given: Given::Role,
                    to: "admin".to_owned(),
                },
                Some("Acme"),
            ),
        ),
        (
            "alert-email-changed",
            of(
                AlertKind::EmailChanged {
                    was: "carol@cook.example".to_owned(),
                    is,
                },
                None,
            ),
        ),
        (
            "alert-key-expires",
            of(AlertKind::KeyExpires { name: named, at }, Some("Acme")),
        ),
        (
            "alert-scim-token-expires",
            of(
                AlertKind::ScimTokenExpires {
                    name: "Okta".to_owned(),
                    at,
                },
                Some("Acme"),
            ),
        ),
        (
            "alert-domain-missing",
            of(
                AlertKind::DomainMissing {
                    domain: "acme.example".to_owned(),
                },
                Some("Acme"),
            ),
        ),
        (
            "alert-certificate-ends",
            of(AlertKind::CertificateEnds { name: provider(), at }, Some("Acme")),
        ),
        (
            "alert-certificate-added",
            of(
                AlertKind::CertificateAdded {
                    name: provider(),
                    fingerprint: "0f1e2d3c".repeat(8),
                },
                Some("Acme"),
            ),
        ),
        (
            "alert-metadata-unread",
            of(
                AlertKind::MetadataUnread {
                    name: provider(),
                    why: "no whole answer came within 5 seconds".to_owned(),
                },
                Some("Acme"),
            ),
        ),
        (
            "alert-disowned",
            of(
                AlertKind::Disowned {
                    what: "new_device".to_owned(),
                },
                None,
            ),
        ),
    ]
}

/// When something happened, and from where if that is known.
fn facts(
    at: Timestamp,
    address: Option<&str>,
    user_agent: &str,
    places: &Places,
    words: &Words,
) -> Vec<Fact> {
    let device = address.and_then(|_| device_in_words(user_agent, words));
    let place = address.and_then(|address| places.of_text(address));
    let known = [
        ("when", Some(moment(at, words))),
        ("device", device),
        ("place", place),
        ("address", address.map(one_line)),
    ];
    known
        .into_iter()
        .filter_map(|(name, value)| {
            Some(Fact {
                label: words.say(&format!("mail-alert-fact-{name}"), &[]),
                value: value?,
            })
        })
        .collect()
}

/// A text as one line in which nothing hides or reorders what follows.
fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if misleads(c) { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text line by line; nothing if there is nothing in it.
fn lines(text: &str) -> Vec<String> {
    text.trim().lines().map(one_line).collect()
}

/// How much of a hundred, rounded down: not all, as long as there is one left.
fn percent(used: i64, limit: i64) -> i64 {
    if limit <= 0 {
        return 100;
    }
    used.saturating_mul(100) / limit
}

/// `29 November 2026 at 09:30 UTC`
fn moment(at: Timestamp, words: &Words) -> String {
    let Ok(moment) = jiff::Timestamp::from_millisecond(at.millis()) else {
        return at.to_string();
    };
    let date = moment.to_zoned(jiff::tz::TimeZone::UTC);
    let month = words.say(&format!("mail-base-month-{}", date.month()), &[]);
    let told = [
        ("day", date.day().to_string()),
        ("month", month),
        ("year", date.year().to_string()),
        ("time", format!("{:02}:{:02}", date.hour(), date.minute())),
    ];
    let told: Vec<_> = told.iter().map(|(name, value)| (*name, value.as_str())).collect();
    words.say("mail-base-moment", &told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_out() {
        let at = Timestamp::from_millis(1_795_944_600_000);
        assert_eq!(moment(at, Words::english()), "29 November 2026 at 09:30 UTC");
    }

    #[test]
    fn a_hundred_percent_is_all() {
        assert_eq!(
            [
                percent(999, 1000),
                percent(1000, 1000),
                percent(3, 2),
                percent(0, 0)
            ],
            [99, 100, 150, 100]
        );
        assert_eq!(percent(i64::MAX, 3), i64::MAX / 3);
    }
}
