//! Codes of an authenticator app (TOTP, RFC 6238): SHA-1, six digits, a new one every 30 seconds, as all apps make them.

use std::fmt;

use aws_lc_rs::constant_time;
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

use super::time::Timestamp;

/// What an app and Doorward share: 160 random bits.
pub struct TotpSecret(Zeroizing<[u8; Self::BYTES]>);

/// Six digits, as somebody typed them.
pub struct TotpCode(Zeroizing<String>);

/// Thirty seconds, counted since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(i64);

impl TotpSecret {
    /// As many as RFC 4226 §4 recommends.
    pub const BYTES: usize = 20;

    /// The secret of these random bytes.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The same from where they were kept; nothing if they are too few or too many.
    pub fn from_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_bytes)
    }

    /// The bytes, to be sealed.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// In base32, as people type it into an app.
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(self.totp().secret().to_base32())
    }

    /// The address that an app reads from a QR code: whose codes these are, and for whom.
    pub fn address(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let (issuer, account) = (encoded(issuer), encoded(account));
        let secret = self.to_base32();
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
            secret.as_str()
        ))
    }

    /// The step that a code is of: this one, the one before or the one after (RFC 6238 §5.2). The latest of them if it
    /// is of more than one: what is spent then is spent for good.
    pub fn step_of(&self, code: &TotpCode, now: Timestamp) -> Option<Step> {
        let totp = self.totp();
        let present = now.seconds().div_euclid(Step::SECONDS);
        let mut found = None;
        for step in present.saturating_sub(1)..=present.saturating_add(1) {
            // A clock that stands before 1970 has no codes.
            let Some(expected) = code_of(&totp, Step(step)) else {
                continue;
            };
            if constant_time::verify_slices_are_equal(expected.as_bytes(), code.0.as_bytes()).is_ok() {
                found = Some(Step(step));
            }
        }
        found
    }

    fn totp(&self) -> Totp {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_secret(*self.0)
            .build_noncompliant()
    }
}

impl TotpCode {
    /// Reads what somebody typed: six digits, with spaces between them or not.
    pub fn parse(text: &str) -> Option<Self> {
        digits(text).map(Self)
    }
}

impl Step {
    const SECONDS: i64 = 30;

    /// As it is stored.
    pub fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

impl fmt::Debug for TotpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpCode(…)")
    }
}

/// Six digits out of what somebody typed; nothing if there is anything else but spaces.
pub(super) fn digits(text: &str) -> Option<Zeroizing<String>> {
    if text.len() > 64 {
        return None;
    }
    let digits: Zeroizing<String> = Zeroizing::new(text.chars().filter(|c| !c.is_whitespace()).collect());
    let right = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
    right.then_some(digits)
}

/// The code of a step; none before 1970.
fn code_of(totp: &Totp, step: Step) -> Option<Zeroizing<String>> {
    let seconds = u64::try_from(step.0.checked_mul(Step::SECONDS)?).ok()?;
    Some(Zeroizing::new(totp.generate(seconds).to_string()))
}

/// Percent-encoded, all but what no address gives a meaning (RFC 3986 §2.3).
fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238 appendix B.
    fn secret() -> TotpSecret {
        TotpSecret::from_bytes(*b"12345678901234567890")
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn step_of(code: &str, seconds: i64) -> Option<i64> {
        let code = TotpCode::parse(code)?;
        secret().step_of(&code, at(seconds)).map(Step::number)
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B has eight digits; the last six are the code of six.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(step_of(code, seconds), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn mf5_a_code_is_good_one_step_early_and_one_late_and_no_longer() {
        let step = 1_234_567_890 / 30;
        for (drift, good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let found = step_of("005924", (step + drift) * 30);
            assert_eq!(found.is_some(), good, "{drift} steps off");
            assert!(found.is_none_or(|found| found == step));
        }
    }

    #[test]
    fn mf5_a_clock_at_the_epoch_or_before_it_is_no_panic() {
        // Step 0 of the appendix's secret, by RFC 4226 appendix D.
        assert_eq!(step_of("755224", 0), Some(0));
        for seconds in [-1, -31, i64::MIN / 1000, i64::MAX / 1000] {
            assert_eq!(step_of("000000", seconds), None, "{seconds}");
        }
        assert_eq!(step_of("755224", -1), Some(0), "one step early");
    }

    #[test]
    fn mf2_a_code_of_two_steps_counts_as_the_later() {
        // Found by trying two million: the step before and the one after have the same code.
        let before = 41_649_332;
        assert_eq!(step_of("660218", (before - 1) * 30), Some(before));
        assert_eq!(step_of("660218", (before + 1) * 30), Some(before + 2));
    }

    #[test]
    fn what_is_typed_may_have_spaces_and_nothing_else() {
        assert!(TotpCode::parse(" 123 456\t").is_some());
        for text in [
            "",
            "12345",
            "1234567",
            "12345a",
            "+12345",
            "１２３４５６",
            "123-456",
        ] {
            assert!(TotpCode::parse(text).is_none(), "{text}");
        }
        assert!(TotpCode::parse(&" ".repeat(1_000)).is_none());
    }

    #[test]
    fn an_app_reads_the_address_whatever_is_in_it() {
        assert_eq!(
            secret()
                .address("id.example.com:8080", "a&b=c d@é.example")
                .as_str(),
            "otpauth://totp/id.example.com%3A8080:a%26b%3Dc%20d%40%C3%A9.example\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=id.example.com%3A8080&algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn nothing_prints_a_secret_or_a_code() {
        let printed = format!("{:?} {:?}", secret(), TotpCode::parse("123456").unwrap());
        assert_eq!(printed, "TotpSecret(…) TotpCode(…)");
    }
}
