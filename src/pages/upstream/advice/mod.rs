//! What to do at the provider when a try failed: a sentence for each refusal that one can do something about.

/// The key of the advice, if there is any for this refusal.
pub fn for_refusal(refusal: &str) -> Option<&'static str> {
    Some(match refusal {
        "audience" | "no_audience" | "wrong_audience" => "upstream-advice-audience",
        "signature_invalid" | "key_of_another_kind" | "no_keys" => "upstream-advice-certificate",
        "weak_key" | "bad_certificate" => "upstream-advice-weak-key",
        "unsigned" => "upstream-advice-unsigned",
        "digest_invalid" => "upstream-advice-changed",
        "signature_method" | "digest_method" | "canonicalization_method" => "upstream-advice-algorithm",
        "issued_ahead" | "issued_long_ago" | "not_yet_valid" | "expired" | "bearer_expired" => {
            "upstream-advice-clock"
        }
        "encrypted_with_cbc" | "encrypted_with_triple_des" | "encryption_method" => {
            "upstream-advice-encryption"
        }
        "key_transport" | "key_transport_rsa_1_5" => "upstream-advice-key-transport",
        "undecipherable" => "upstream-advice-our-key",
        "unexpected_encryption" => "upstream-advice-encrypted-parts",
        "destination" | "recipient" => "upstream-advice-address",
        "response_issuer" | "assertion_issuer" | "wrong_issuer" => "upstream-advice-issuer",
        "in_response_to" | "wrong_nonce" | "replayed" => "upstream-advice-again",
        "unsolicited" | "unexpected_in_response_to" => "upstream-advice-begin-here",
        "transient_subject" | "bad_subject" | "no_subject" | "status_name_id_policy" => {
            "upstream-advice-subject"
        }
        "status_authn_failed" | "status_request_denied" | "denied_upstream" => "upstream-advice-assign",
        "status_requester" | "status_not_success" | "refused_upstream" => "upstream-advice-request",
        "status_no_passive" => "upstream-advice-sign-in-there",
        "no_window" | "no_expiry" | "no_bearer" | "bearer_not_before" | "no_authn_statement" => {
            "upstream-advice-profile"
        }
        "session_over" | "not_fresh" => "upstream-advice-fresh",
        "code_refused" | "no_client_secret" => "upstream-advice-secret",
        "bad_id_token" => "upstream-advice-id-token",
        "wrong_at_hash" | "wrong_subject" | "bad_userinfo" | "bad_token_response" => {
            "upstream-advice-endpoints"
        }
        "provider_silent" | "bad_discovery" | "bad_keys" => "upstream-advice-silent",
        "no_assertion_algorithm" => "upstream-advice-client-assertion",
        _ => return None,
    })
}

/// What a log says in a clause, as a sentence.
pub fn sentence(clause: &str) -> String {
    let mut characters = clause.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string());
    let end = if clause.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    [&first.unwrap_or_default(), characters.as_str(), end].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::upstream::Stage;
    use crate::saml::Refusal;
    use crate::web::Frame;

    #[test]
    fn there_is_advice_for_whatever_a_provider_can_set_right() {
        let page = Frame::english();
        let settable = [Stage::Signature, Stage::Conditions];
        // What no setting of a provider makes: a document that somebody meddled with, or broken software.
        let broken = [
            "signature_shape",
            "signature_parameters",
            "references",
            "reference_elsewhere",
            "transforms",
            "prefix_list",
            "canonical_too_long",
            "encryption_shape",
            "bad_time",
            "unknown_condition",
            "too_many_attribute_values",
            // Of what applications ask of us.
            "message_unsigned",
            "no_certificate",
            "message_issuer",
            "assertion_consumer",
            "assertion_consumer_twice",
            "protocol_binding",
            "bad_boolean",
            "message_expired",
            "unknown_session",
        ];
        for refusal in Refusal::ALL.iter().filter(|one| settable.contains(&one.stage())) {
            let advice = for_refusal(refusal.code());
            let is_broken = broken.contains(&refusal.code());
            assert_eq!(advice.is_none(), is_broken, "{}", refusal.code());
            assert!(advice.is_none_or(|key| page.t(key) != key), "{}", refusal.code());
        }
    }

    #[test]
    fn a_clause_becomes_a_sentence() {
        assert_eq!(sentence("the audience is another"), "The audience is another.");
        assert_eq!(sentence("It was a try."), "It was a try.");
        assert_eq!(sentence("état"), "État.");
    }
}
