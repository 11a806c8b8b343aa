//! The id token of a provider: for us alone, from it alone, in answer to this very request, and of now (OpenID Connect
//! Core §3.1.3.7). Its signature is the keyring's to verify.

use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::domain::arrival::Subject;
use crate::domain::time::Timestamp;
use crate::domain::upstream::Stage;
use crate::upstream::Failure;

/// How far a provider's clock may be off ours.
const SKEW: Duration = Duration::from_mins(1);

/// What an id token says. Doubled names are refused, and times that are no whole numbers.
#[derive(Deserialize)]
pub(super) struct Claims {
    iss: String,
    /// Who.
    pub(super) sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub(super) rest: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// What an id token has to be.
pub(super) struct Expected<'e> {
    /// The connection's issuer.
    pub(super) issuer: &'e str,
    /// What we are called there.
    pub(super) client_id: &'e str,
    /// What was sent.
    pub(super) nonce: &'e str,
    /// How long ago, in seconds, the person may have proved themselves, if that was asked.
    pub(super) max_age: Option<u32>,
}

/// Who came, and when they had proved themselves.
pub(super) struct Checked {
    /// Who.
    pub(super) subject: Subject,
    /// When.
    pub(super) at: Timestamp,
}

impl Claims {
    /// Refuses a token that is not the one that was asked for.
    pub(super) fn check(&self, expected: &Expected<'_>, now: Timestamp) -> Result<Checked, Failure> {
        let refused = |refusal, told: String| Err(Failure::at(Stage::Conditions, refusal, told));
        if self.iss != expected.issuer {
            return refused(
                "wrong_issuer",
                format!("the id token is of the issuer {:?}", self.iss),
            );
        }
        let for_us = match &self.aud {
            Audience::One(one) => one == expected.client_id,
            Audience::Several(all) => all.len() == 1 && all[0] == expected.client_id,
        };
        if !for_us || self.azp.as_ref().is_some_and(|azp| azp != expected.client_id) {
            let told = format!("the id token is not for {:?} alone", expected.client_id);
            return refused("wrong_audience", told);
        }
        if self.nonce.as_deref() != Some(expected.nonce) {
            let told = "the id token does not answer this sign-in: its nonce is another".to_owned();
            return refused("wrong_nonce", told);
        }
        let (early, late) = (now.minus(SKEW).seconds(), now.plus(SKEW).seconds());
        if self.exp <= early {
            return refused("expired", off(now, "the id token was good until", self.exp));
        }
        if self.iat > late || self.nbf.is_some_and(|nbf| nbf > late) {
            let told = off(now, "the id token is good from", self.nbf.unwrap_or(self.iat));
            return refused("not_yet_valid", told);
        }
        let subject = Subject::try_from(self.sub.clone());
        let subject =
            subject.map_err(|error| Failure::at(Stage::Attributes, "bad_subject", error.to_string()))?;
        let at = self.authenticated_at(expected.max_age, now)?;
        Ok(Checked { subject, at })
    }

    /// When it was made, by the provider's clock.
    pub(super) fn issued(&self) -> Timestamp {
        Timestamp::from_millis(self.iat.saturating_mul(1000))
    }

    /// Refuses an access token that another id token came with, where this one says which (OpenID Connect Core §3.1.3.6):
    /// `algorithm` is what this one was signed with.
    pub(super) fn goes_with(&self, access_token: Option<&str>, algorithm: &str) -> Result<(), Failure> {
        let (Some(told), Some(access_token)) = (self.rest.get("at_hash"), access_token) else {
            return Ok(());
        };
        // Ed25519 is of SHA-512, and the others end in 256.
        let hash = if algorithm == "EdDSA" {
            &digest::SHA512
        } else {
            &digest::SHA256
        };
        let hash = digest::digest(hash, access_token.as_bytes());
        let (half, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
        if told.as_str() == Some(URL_SAFE_NO_PAD.encode(half).as_str()) {
            return Ok(());
        }
        let told = "the access token is not the one that the id token came with: its at_hash is another";
        Err(Failure::at(Stage::Conditions, "wrong_at_hash", told))
    }

    /// When the person proved themselves there, if the provider says so, and else when it says that they had. Where it was
    /// asked how long ago that may be, it has to say.
    fn authenticated_at(&self, max_age: Option<u32>, now: Timestamp) -> Result<Timestamp, Failure> {
        let told = self.rest.get("auth_time").and_then(Value::as_i64);
        if let Some(max_age) = max_age {
            let longest = SKEW.saturating_add(Duration::from_secs(max_age.into()));
            if told.is_none_or(|told| told < now.minus(longest).seconds()) {
                let told =
                    "the person was to prove themselves anew, and auth_time does not say that they did";
                return Err(Failure::at(Stage::Conditions, "not_fresh", told));
            }
            // Since they were sent there, whatever the provider's clock says of the second.
            if max_age == 0 {
                return Ok(now);
            }
        }
        let seconds = told.unwrap_or(self.iat).clamp(0, now.seconds());
        Ok(Timestamp::from_millis(seconds.saturating_mul(1000)))
    }
}

fn off(now: Timestamp, what: &str, seconds: i64) -> String {
    let then = Timestamp::from_millis(seconds.saturating_mul(1000));
    format!("{what} {then}, and it is {now} here")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// 2026-11-22T09:30:00Z.
    const NOW: Timestamp = Timestamp::from_millis(1_795_339_800_000);

    fn good() -> Value {
        let now = NOW.seconds();
        json!({
            "iss": "https://login.acme.example", "sub": "00u1", "aud": "doorward", "exp": now + 300, "iat": now,
            "nonce": "the nonce", "email": "bob@acme.example",
        })
    }

    fn verdict(claims: &Value, max_age: Option<u32>) -> Result<Timestamp, &'static str> {
        let claims: Claims = serde_json::from_value(claims.clone()).map_err(|_| "unreadable")?;
        let expected = Expected {
            issuer: "https://login.acme.example",
            client_id: "doorward",
            nonce: "the nonce",
            max_age,
        };
        let checked = claims.check(&expected, NOW);
        checked
            .map(|checked| checked.at)
            .map_err(|failure| failure.refusal)
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = good();
        claims[name] = value;
        claims
    }

    #[test]
    fn a_token_for_us_from_it_of_now_is_taken() {
        assert_eq!(verdict(&good(), None), Ok(NOW));
        assert_eq!(verdict(&with("aud", json!(["doorward"])), None), Ok(NOW));
        assert_eq!(verdict(&with("azp", json!("doorward")), None), Ok(NOW));
    }

    #[test]
    fn jw8_up7_whatever_is_for_or_from_others_is_refused() {
        let name = "https://login.acme.example";
        for (claim, value, refusal) in [
            ("iss", json!(format!("{name}/")), "wrong_issuer"),
            ("iss", json!("https://login.acme.example.evil"), "wrong_issuer"),
            ("iss", json!(["https://login.acme.example"]), "unreadable"),
            ("iss", Value::Null, "unreadable"),
            ("aud", json!("doorward2"), "wrong_audience"),
            ("aud", json!([]), "wrong_audience"),
            ("aud", json!(["doorward", "another"]), "wrong_audience"),
            ("aud", json!(["doorward", "doorward"]), "wrong_audience"),
            ("aud", json!(7), "unreadable"),
            ("aud", json!({ "doorward": true }), "unreadable"),
            ("azp", json!("another"), "wrong_audience"),
            ("nonce", json!("another"), "wrong_nonce"),
            ("nonce", json!(""), "wrong_nonce"),
            ("nonce", Value::Null, "wrong_nonce"),
            ("sub", json!(""), "bad_subject"),
            ("sub", json!("x".repeat(256)), "bad_subject"),
            ("sub", json!("a\u{0}b"), "bad_subject"),
            ("sub", json!(7), "unreadable"),
        ] {
            assert_eq!(
                verdict(&with(claim, value.clone()), None),
                Err(refusal),
                "{claim} {value}"
            );
        }
    }

    #[test]
    fn jw7_clocks_may_differ_by_a_minute_and_times_are_whole_numbers() {
        let now = NOW.seconds();
        for (claim, value, verdict_of_it) in [
            ("exp", json!(now - 59), Ok(NOW)),
            ("exp", json!(now - 60), Err("expired")),
            ("exp", json!(-1), Err("expired")),
            ("exp", json!(i64::MIN), Err("expired")),
            ("exp", json!("1795340100"), Err("unreadable")),
            ("exp", json!(1_795_340_100.5), Err("unreadable")),
            ("exp", Value::Null, Err("unreadable")),
            ("iat", json!(now + 60), Ok(NOW)),
            ("iat", json!(now + 61), Err("not_yet_valid")),
            ("iat", json!(i64::MAX), Err("not_yet_valid")),
            ("nbf", json!(now + 61), Err("not_yet_valid")),
            ("nbf", json!("soon"), Err("unreadable")),
        ] {
            assert_eq!(
                verdict(&with(claim, value.clone()), None),
                verdict_of_it,
                "{claim} {value}"
            );
        }
    }

    #[test]
    fn an_access_token_is_the_one_that_the_id_token_came_with() {
        let verdict = |at_hash: Value, token: Option<&str>, algorithm: &str| {
            let claims: Claims = serde_json::from_value(with("at_hash", at_hash)).unwrap();
            claims
                .goes_with(token, algorithm)
                .map_err(|failure| failure.refusal)
        };
        // The example of OpenID Connect Core, appendix A.3.
        let token = Some("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
        assert_eq!(verdict(json!("77QmUPtjPfzWtF2AnpK9RQ"), token, "RS256"), Ok(()));
        assert_eq!(verdict(json!("77QmUPtjPfzWtF2AnpK9RQ"), None, "RS256"), Ok(()));
        for (at_hash, token, algorithm) in [
            (json!("77QmUPtjPfzWtF2AnpK9RQ"), Some("another"), "RS256"),
            (json!("77QmUPtjPfzWtF2AnpK9RQ"), token, "EdDSA"),
            (json!("77QmUPtjPfzWtF2AnpK9RQ="), token, "ES256"),
            (json!(""), token, "RS256"),
            (json!(["77QmUPtjPfzWtF2AnpK9RQ"]), token, "RS256"),
            (Value::Null, token, "RS256"),
        ] {
            let found = verdict(at_hash.clone(), token, algorithm);
            assert_eq!(found, Err("wrong_at_hash"), "{at_hash} {algorithm}");
        }
    }

    #[test]
    fn whoever_was_to_prove_themselves_anew_did_so() {
        let now = NOW.seconds();
        let earlier = with("auth_time", json!(now - 3_600));
        assert_eq!(verdict(&earlier, None), Ok(NOW.minus(Duration::from_hours(1))));
        assert_eq!(
            verdict(&earlier, Some(3_600)),
            Ok(NOW.minus(Duration::from_hours(1)))
        );
        assert_eq!(verdict(&earlier, Some(0)), Err("not_fresh"));
        assert_eq!(verdict(&good(), Some(0)), Err("not_fresh"), "it says nothing");
        assert_eq!(
            verdict(&with("auth_time", json!("now")), Some(0)),
            Err("not_fresh")
        );
        assert_eq!(verdict(&with("auth_time", json!(now - 60)), Some(0)), Ok(NOW));
        assert_eq!(
            verdict(&with("auth_time", json!(now + 9_999)), Some(0)),
            Ok(NOW),
            "not in the future"
        );
    }
}
