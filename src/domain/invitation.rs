//! Invitations: an offer of membership by mail, and what can become of it.

use std::time::Duration;

use unicode_normalization::UnicodeNormalization;

use super::access::Role;
use super::email::Email;
use super::id::{InvitationId, OrganizationId, UserId};
use super::text::misleads;
use super::throttle::Failures;
use super::time::Timestamp;

/// An invitation link is good for so long.
pub const LIFETIME: Duration = Duration::from_hours(7 * 24);

/// Whoever has not come after so long is reminded, once.
pub const REMIND_AFTER: Duration = Duration::from_hours(3 * 24);

/// An offer of membership.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Never changes.
    pub id: InvitationId,
    /// Where to.
    pub organization: OrganizationId,
    /// For whom, and for nobody else.
    pub email: Email,
    /// The role that is offered; with none, only the groups give permissions.
    pub role: Option<Role>,
    /// What the inviter adds.
    pub message: Message,
    /// Who invites, as the audit log names them.
    pub invited_by: String,
    /// When it was first sent.
    pub created_at: Timestamp,
    /// When its link was sent.
    pub sent_at: Timestamp,
    /// When they were reminded.
    pub reminded_at: Option<Timestamp>,
    /// What became of it.
    pub state: State,
}

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It can be accepted until then.
    Pending {
        /// The first moment when it can't.
        expires_at: Timestamp,
    },
    /// It was.
    Accepted {
        /// By this account.
        by: UserId,
        /// When.
        at: Timestamp,
    },
    /// Somebody took it back.
    Cancelled {
        /// When.
        at: Timestamp,
    },
    /// Nobody came.
    Expired {
        /// When it was over.
        at: Timestamp,
    },
}

impl State {
    /// The state as it is at a moment: an invitation ends when its time is up, whether or not anybody noted it.
    #[must_use]
    pub fn seen_at(self, now: Timestamp) -> Self {
        match self {
            Self::Pending { expires_at } if expires_at <= now => Self::Expired { at: expires_at },
            other => other,
        }
    }

    /// The name that databases and APIs know it by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending { .. } => "pending",
            Self::Accepted { .. } => "accepted",
            Self::Cancelled { .. } => "cancelled",
            Self::Expired { .. } => "expired",
        }
    }
}

/// The invitation was accepted, cancelled or has expired, so nothing becomes of it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the invitation is over: {}", .0.as_str())]
pub struct Over(pub State);

impl Invitation {
    /// Somebody accepts it.
    pub fn accept(self, by: UserId, now: Timestamp) -> Result<Self, Over> {
        self.end(State::Accepted { by, at: now }, now)
    }

    /// Somebody takes it back. One that has expired can be taken back too.
    pub fn cancel(self, now: Timestamp) -> Result<Self, Over> {
        match self.state {
            State::Pending { .. } | State::Expired { .. } => Ok(Self {
                state: State::Cancelled { at: now },
                ..self
            }),
            over => Err(Over(over)),
        }
    }

    /// Somebody sends it anew: they answer for it from now on, and it is good for its whole time again.
    pub fn renew(self, invited_by: String, now: Timestamp) -> Result<Self, Over> {
        match self.state {
            State::Pending { .. } | State::Expired { .. } => Ok(Self {
                invited_by,
                sent_at: now,
                reminded_at: None,
                state: State::Pending {
                    expires_at: now.plus(LIFETIME),
                },
                ..self
            }),
            over => Err(Over(over)),
        }
    }

    fn end(self, state: State, now: Timestamp) -> Result<Self, Over> {
        match self.state.seen_at(now) {
            State::Pending { .. } => Ok(Self { state, ..self }),
            over => Err(Over(over)),
        }
    }
}

/// What an inviter adds, at most 1,000 characters in lines, NFC, trimmed, without other control or bidi-control
/// characters. May be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message(String);

/// The text is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message has at most 1000 characters, and no control characters but line breaks")]
pub struct BadMessage;

impl Message {
    /// The longest message, in characters.
    pub const MAX_CHARS: usize = 1000;

    /// Reads a message as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, BadMessage> {
        let text: String = text.replace("\r\n", "\n").trim().nfc().collect();
        let stray = |c: char| c != '\n' && misleads(c);
        if text.chars().count() > Self::MAX_CHARS || text.contains(stray) {
            return Err(BadMessage);
        }
        Ok(Self(text))
    }

    /// The message.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// So many letters about an invitation go from one organization to one address without a pause.
const LETTERS: i64 = 6;

/// After that, one more each time this passes: six a day.
const ONE_MORE_IN: Duration = Duration::from_hours(4);

/// One more letter to an address, or nothing if there were too many: no mailbox is buried under invitations.
pub fn one_more_letter(before: Option<Failures>, now: Timestamp) -> Option<Failures> {
    let fresh = Failures {
        count: 0,
        blocked_until: now,
        reckoned_at: now,
    };
    let before = before.unwrap_or(fresh);
    let passed = now.since(before.reckoned_at).as_millis() / ONE_MORE_IN.as_millis();
    let forgotten = i64::try_from(passed).unwrap_or(i64::MAX).min(before.count);
    let count = before.count - forgotten;
    let reckoned_at = if count == 0 {
        now
    } else {
        before
            .reckoned_at
            .plus(ONE_MORE_IN * u32::try_from(forgotten).unwrap_or(u32::MAX))
    };
    (count < LETTERS).then_some(Failures {
        count: count + 1,
        blocked_until: now,
        reckoned_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn it_can_be_accepted_until_the_last_moment_and_once() {
        let by = crate::random::id(at(0));
        let pending = Invitation {
            id: crate::random::id(at(0)),
            organization: crate::random::id(at(0)),
            email: Email::parse("carol@cook.example").unwrap(),
            role: None,
            message: Message::default(),
            invited_by: "host".to_owned(),
            created_at: at(0),
            sent_at: at(0),
            reminded_at: None,
            state: State::Pending { expires_at: at(10) },
        };
        let accepted = pending.clone().accept(by, at(9)).unwrap();
        assert_eq!(accepted.state, State::Accepted { by, at: at(9) });
        assert!(accepted.clone().accept(by, at(9)).is_err());
        assert!(accepted.clone().cancel(at(9)).is_err());
        assert!(accepted.renew("host".to_owned(), at(9)).is_err());
        let late = pending.clone().accept(by, at(10)).unwrap_err();
        assert_eq!(late, Over(State::Expired { at: at(10) }));
        let again = pending.renew("host".to_owned(), at(11)).unwrap();
        assert!(again.clone().accept(by, at(10).plus(LIFETIME)).is_ok());
        let cancelled = again.cancel(at(12)).unwrap();
        assert!(cancelled.clone().accept(by, at(12)).is_err() && cancelled.cancel(at(12)).is_err());
    }

    #[test]
    fn a_message_has_lines_and_nothing_that_hides() {
        assert_eq!(Message::parse(" a\r\n\nb \n").unwrap().as_str(), "a\n\nb");
        assert_eq!(Message::parse("").unwrap(), Message::default());
        for text in ["a\rb", "a\u{202e}b", "a\u{0}b", "\u{1b}[31m", &"x".repeat(1001)] {
            assert_eq!(Message::parse(text), Err(BadMessage), "{text:?}");
        }
    }

    #[test]
    fn no_mailbox_gets_more_than_six_letters_and_one_each_four_hours() {
        let mut known = None;
        for _ in 0..6 {
            known = one_more_letter(known, at(0));
            assert!(known.is_some());
        }
        let hour = 3_600_000;
        assert_eq!(one_more_letter(known, at(4 * hour - 1)), None);
        let seventh = one_more_letter(known, at(4 * hour));
        assert!(seventh.is_some());
        assert_eq!(one_more_letter(seventh, at(8 * hour - 1)), None);
        assert!(one_more_letter(seventh, at(8 * hour)).is_some());
        let day = (0..10).fold((seventh, 0), |(known, sent), _| {
            match one_more_letter(known, at(240 * hour)) {
                Some(more) => (Some(more), sent + 1),
                None => (known, sent),
            }
        });
        assert_eq!(day.1, 6);
    }
}
