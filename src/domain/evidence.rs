//! Evidence: what shows that a provider's answer is its own and of now, for whoever sets the provider up to look at.
//! Nothing is decided by it.

use super::time::Timestamp;

/// What an answer that was verified shows of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What of it was signed, by which key; never empty.
    pub signatures: Vec<Signature>,
    /// Whether what it says of somebody was encrypted for us.
    pub encrypted: bool,
    /// When it was made, by the provider's clock.
    pub issued: Timestamp,
    /// When it came, by ours.
    pub received: Timestamp,
    /// What was taken for what, as far as it was read.
    pub sources: Sources,
}

/// A signature that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// What was signed.
    pub of: Signed,
    /// By which key: the SHA-256 of a certificate in hex, or the `kid` of a JWK, if it has one.
    pub key: Option<String>,
    /// By which algorithm.
    pub algorithm: &'static str,
}

/// What a provider signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// A SAML response, whole.
    Response,
    /// A SAML assertion.
    Assertion,
    /// An id token.
    IdToken,
}

/// The names of the attributes that were taken for something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// For the email address.
    pub email: Option<String>,
    /// For the name: the whole one, or its parts.
    pub name: Vec<String>,
}

impl Evidence {
    /// So many seconds between the clocks are nothing to write of.
    pub const TOLERABLE: i64 = 30;

    /// How many seconds the provider's clock is ahead of ours. Behind, an answer's own way counts too.
    pub fn ahead(&self) -> i64 {
        self.issued.millis().saturating_sub(self.received.millis()) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_ahead_or_behind() {
        let now = Timestamp::from_millis(1_795_339_800_000);
        let ahead = |millis: i64| {
            let evidence = Evidence {
                signatures: Vec::new(),
                encrypted: false,
                issued: Timestamp::from_millis(now.millis() + millis),
                received: now,
                sources: Sources::default(),
            };
            evidence.ahead()
        };
        assert_eq!(
            [ahead(31_000), ahead(-90_500), ahead(999), ahead(0)],
            [31, -90, 0, 0]
        );
    }
}
