//! What an answer shows of itself, as people are told: who signed what of it, whether it was encrypted, and how its clock
//! goes.

use crate::domain::evidence::{Evidence, Signature, Signed};
use crate::web::Frame;

/// What an answer showed of itself, in words.
pub struct Shown {
    /// What was signed and how, and the key's own name.
    pub signatures: Vec<(String, Option<String>)>,
    /// Whether it was encrypted, where that could be.
    pub encryption: Option<String>,
    /// How the provider's clock goes.
    pub clock: String,
    /// Whether it is so far off that somebody should look at it.
    pub clock_is_off: bool,
}

impl Shown {
    /// Of an answer.
    pub fn of(evidence: &Evidence) -> Self {
        let page = Frame::english();
        let told = |signature: &Signature, key| {
            let told = page.t1(key, "algorithm", signature.algorithm);
            (told, signature.key.clone())
        };
        let signatures = match evidence.signatures.as_slice() {
            [one, other] if one.key == other.key && one.algorithm == other.algorithm => {
                vec![told(one, "upstream-evidence-both")]
            }
            all => all.iter().map(|one| told(one, in_words(one.of))).collect(),
        };
        let is_saml = evidence.signatures.iter().any(|one| one.of != Signed::IdToken);
        let encryption = if evidence.encrypted {
            "upstream-evidence-encrypted"
        } else {
            "upstream-evidence-plain"
        };
        let ahead = evidence.ahead();
        Self {
            signatures,
            encryption: is_saml.then(|| page.t(encryption)),
            clock: clock(page, ahead),
            clock_is_off: ahead.abs() > Evidence::TOLERABLE,
        }
    }
}

fn in_words(signed: Signed) -> &'static str {
    match signed {
        Signed::Response => "upstream-evidence-response",
        Signed::Assertion => "upstream-evidence-assertion",
        Signed::IdToken => "upstream-evidence-id-token",
    }
}

fn clock(page: Frame, ahead: i64) -> String {
    let key = match ahead {
        _ if ahead.abs() <= Evidence::TOLERABLE => return page.t("upstream-evidence-clock-good"),
        1.. => "upstream-evidence-clock-ahead",
        _ => "upstream-evidence-clock-behind",
    };
    page.count(key, u32::try_from(ahead.unsigned_abs()).unwrap_or(u32::MAX))
}
