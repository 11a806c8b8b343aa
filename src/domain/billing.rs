//! Billing: what the billing system needs to know of an organization. No card number, only a provider's reference.

use std::fmt;
use std::str::FromStr;

use super::email::Email;
use super::limit::Resource;
use super::text::misleads;

/// What an organization tells of how it pays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Billing {
    /// Where bills and alerts go.
    pub email: Option<Email>,
    /// How it pays.
    pub payment_method: Option<PaymentMethod>,
    /// What the payment provider calls it.
    pub payment_reference: Option<PaymentReference>,
    /// What it wants to be told of.
    pub usage_alerts: Vec<UsageAlert>,
    /// What it owes, in the smallest unit of the currency; never negative.
    pub outstanding_charges: i64,
}

/// How an organization pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentMethod {
    /// By a card that the payment provider knows.
    Card,
    /// By invoice.
    Invoice,
}

/// A payment provider's name for a means of payment: 1 to 200 visible ASCII characters that are no card number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentReference(String);

/// Why a text is no payment reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaymentReferenceError {
    /// Empty, too long, or with characters that a reference has not.
    #[error("a payment reference has 1 to 200 printable ASCII characters")]
    NoReference,
    /// It looks like a card number, which is nobody's business here (PCI DSS 3.2).
    #[error("this looks like a card number; only a payment provider's reference is kept here")]
    CardNumber,
}

/// A part of a limit that an organization wants to be told of when it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageAlert {
    /// Of what.
    pub resource: Resource,
    /// How much of the limit, 1 to 100 percent.
    pub threshold_percent: u8,
}

impl PaymentReference {
    /// Reads a reference; trims it.
    pub fn parse(text: &str) -> Result<Self, PaymentReferenceError> {
        let text = text.trim();
        let printable = |c: char| c.is_ascii_graphic() || c == ' ';
        if !(1..=200).contains(&text.len()) || !text.chars().all(printable) || text.chars().any(misleads) {
            return Err(PaymentReferenceError::NoReference);
        }
        if holds_card_number(text) {
            return Err(PaymentReferenceError::CardNumber);
        }
        Ok(Self(text.to_owned()))
    }

    /// The reference.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether groups of digits that follow each other, 12 to 19 digits together, pass the check of card numbers (ISO/IEC
/// 7812-1), whatever separates them and stands around them.
fn holds_card_number(text: &str) -> bool {
    let separates = |c: char| matches!(c, ' ' | '-' | '.' | '_' | '/');
    let stretches = text.split(|c: char| !c.is_ascii_digit() && !separates(c));
    stretches.into_iter().any(|stretch| {
        let groups: Vec<&str> = stretch
            .split(separates)
            .filter(|group| !group.is_empty())
            .collect();
        (0..groups.len()).any(|first| {
            let mut digits = String::new();
            groups[first..].iter().any(|group| {
                digits.push_str(group);
                (12..=19).contains(&digits.len()) && passes_luhn(&digits)
            })
        })
    })
}

fn passes_luhn(digits: &str) -> bool {
    let values = digits.bytes().rev().map(|digit| u32::from(digit - b'0'));
    let sum: u32 = values
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => digit,
            (_, doubled) => doubled / 10 + doubled % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

impl PaymentMethod {
    /// The name to programs, and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Invoice => "invoice",
        }
    }
}

impl FromStr for PaymentMethod {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Card, Self::Invoice]
            .into_iter()
            .find(|method| method.as_str() == text)
            .ok_or(())
    }
}

impl FromStr for PaymentReference {
    type Err = PaymentReferenceError;

    fn from_str(text: &str) -> Result<Self, PaymentReferenceError> {
        Self::parse(text)
    }
}

impl UsageAlert {
    /// Whether use that grows from `before` to `after` comes to the threshold just now.
    pub fn is_crossed(self, before: i64, after: i64, limit: i64) -> bool {
        let reaches = |used: i64| {
            i128::from(used) * 100 >= i128::from(limit) * i128::from(self.threshold_percent) && limit > 0
        };
        !reaches(before) && reaches(after)
    }
}

/// As in the database: `devices:80`.
impl fmt::Display for UsageAlert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.resource.as_str(), self.threshold_percent)
    }
}

impl FromStr for UsageAlert {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (resource, percent) = text.split_once(':').ok_or(())?;
        Ok(Self {
            resource: resource.parse()?,
            threshold_percent: percent.parse().map_err(|_| ())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_is_no_reference_however_it_is_written() {
        for text in [
            "4242424242424242",
            "4242 4242 4242 4242",
            "4242-4242-4242-4242",
            "card 5555.5555.5555.4444 exp 12/30",
            " 378282246310005 ",
            "4222222222222",
            "2026/4242-4242-4242-4242/4242",
        ] {
            assert_eq!(
                PaymentReference::parse(text),
                Err(PaymentReferenceError::CardNumber),
                "{text}"
            );
        }
        for text in [
            "pm_1NqX2eKZ",
            "4242424242424241",
            "INV-2026-000123",
            "cus_9s6XKzkNRiz8i3",
        ] {
            assert_eq!(PaymentReference::parse(text).unwrap().as_str(), text);
        }
        for text in ["", "  ", "a\nb", "a\u{e9}", &"x".repeat(201)] {
            assert_eq!(
                PaymentReference::parse(text),
                Err(PaymentReferenceError::NoReference),
                "{text}"
            );
        }
    }

    #[test]
    fn a_threshold_is_crossed_upward_and_once() {
        let alert = UsageAlert {
            resource: Resource::Devices,
            threshold_percent: 80,
        };
        for (before, after, crossed) in [
            (0, 79, false),
            (79, 80, true),
            (0, 200, true),
            (80, 81, false),
            (90, 20, false),
        ] {
            assert_eq!(alert.is_crossed(before, after, 100), crossed, "{before} {after}");
        }
        assert!(!alert.is_crossed(0, 5, 0), "of nothing there is no part");
        assert!(!alert.is_crossed(0, 2, 3) && alert.is_crossed(2, 3, 3));
    }
}
