//! What is asked of a person's new password: by the house, and by the organizations they belong to, which only ask more.

use crate::domain::user::User;
use crate::storage::password_policies::{self, PasswordPolicy};
use crate::storage::{StorageError, Tx, password_history, passwords, second_factors};

use super::NewPassword;

/// So many of a person's own words are looked for in a password.
const MOST_OWN_WORDS: usize = 100;

/// The most earlier passwords that a new one is held against, whatever was stored.
const MOST_EARLIER: i64 = 24;

/// What is asked of one person's new password.
#[derive(Clone)]
pub struct PasswordRules {
    /// The fewest characters.
    least: usize,
    /// What others know of the person, in lower case.
    own_words: Vec<String>,
    /// Hashes that it may not have: of the present one, and of as many before as an organization asks.
    earlier: Vec<String>,
    /// How many earlier ones are kept from now on.
    remembered: i64,
}

impl PasswordRules {
    /// For somebody who has no account yet: their name, address, and where they go.
    pub fn of_newcomer(policy: &PasswordPolicy, own: &[&str]) -> Self {
        let names = policy.names.iter().map(String::as_str);
        Self {
            least: least(policy, NewPassword::MIN_CHARS),
            own_words: words(own.iter().copied().chain(names)),
            earlier: Vec::new(),
            remembered: remembered(policy),
        }
    }

    /// For somebody who has one. A password alone is longer than one of two factors.
    pub async fn of(tx: &mut Tx<'_>, user: &User) -> Result<Self, StorageError> {
        let policy = password_policies::of_user(tx, user.id).await?;
        let two_factors = second_factors::of_user(tx, user.id).await?.any();
        let alone = if two_factors {
            NewPassword::MIN_CHARS_OF_TWO
        } else {
            NewPassword::MIN_CHARS
        };
        let remembered = remembered(&policy);
        let present = passwords::of_user(tx, user.id).await?;
        let mut earlier: Vec<_> = present.into_iter().map(|password| password.hash).collect();
        // One is kept beyond those where the account was locked: the one that was known to others.
        earlier.extend(password_history::newest(tx, user.id, remembered.max(1)).await?);
        let own = [user.email.as_str(), user.name.as_str()];
        Ok(Self {
            least: least(&policy, alone),
            own_words: words(own.into_iter().chain(policy.names.iter().map(String::as_str))),
            earlier,
            remembered,
        })
    }

    /// The fewest characters.
    pub fn least(&self) -> usize {
        self.least
    }

    pub(super) fn own_words(&self) -> &[String] {
        &self.own_words
    }

    pub(super) fn earlier(&self) -> &[String] {
        &self.earlier
    }

    pub(super) fn remembered(&self) -> i64 {
        self.remembered
    }
}

fn least(policy: &PasswordPolicy, of_the_house: usize) -> usize {
    let asked = usize::try_from(policy.min_length).unwrap_or(0);
    asked.clamp(of_the_house, NewPassword::MAX_CHARS)
}

/// The present password is the first of those that a new one differs from.
fn remembered(policy: &PasswordPolicy) -> i64 {
    (policy.history.min(MOST_EARLIER) - 1).max(0)
}

/// What is known of somebody, whole and word by word.
fn words<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for text in texts.map(str::to_lowercase) {
        words.extend(text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
        words.push(text);
    }
    words.retain(|word| word.chars().count() > 2);
    words.sort_unstable();
    words.dedup();
    words.truncate(MOST_OWN_WORDS);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organizations_only_ask_more() {
        let least = |min_length| {
            let policy = PasswordPolicy {
                min_length,
                ..PasswordPolicy::default()
            };
            PasswordRules::of_newcomer(&policy, &[]).least()
        };
        assert_eq!([least(0), least(8), least(20), least(9000)], [15, 15, 20, 128]);
    }

    #[test]
    fn a_person_is_known_by_each_of_their_words() {
        let policy = PasswordPolicy {
            names: vec!["acme".to_owned(), "Acme & Sons".to_owned()],
            ..PasswordPolicy::default()
        };
        let rules = PasswordRules::of_newcomer(&policy, &["Zo\u{eb} B", "zoe@acme.example"]);
        let known = [
            "acme",
            "acme & sons",
            "example",
            "sons",
            "zoe",
            "zoe@acme.example",
            "zo\u{eb}",
            "zo\u{eb} b",
        ];
        assert_eq!(rules.own_words(), known);
    }
}
