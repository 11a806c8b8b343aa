//! Why a SAML document is refused: each reason once, with a name that programs can rely on and a sentence for whoever sets
//! the connection up. Holds nothing of the document.

use crate::domain::upstream::Stage;

/// Declares the reasons with their names and sentences, under how far a message came that was refused for them.
macro_rules! refusals {
    ($($stage:ident { $($name:ident = $code:literal: $why:literal,)* })*) => {
        /// Why a document is refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
        pub enum Refusal {
            $($(
                #[doc = concat!("`", $code, "`")]
                #[error($why)]
                $name,
            )*)*
        }

        impl Refusal {
            /// Every reason.
            pub const ALL: &[Self] = &[$($(Self::$name,)*)*];

            /// The name of the reason in the SSO log and to programs.
            pub const fn code(self) -> &'static str {
                match self {
                    $($(Self::$name => $code,)*)*
                }
            }

            /// How far a message came that was refused for it.
            pub const fn stage(self) -> Stage {
                match self {
                    $($(Self::$name => Stage::$stage,)*)*
                }
            }
        }
    };
}

refusals! {
    Response {
        // The message's envelope.
        BadBase64 = "bad_base64": "the message is not base64",
        BadDeflate = "bad_deflate": "the message can't be inflated",
        InflatesTooFar = "inflates_too_far": "the message inflates beyond 256 KiB",
        ParameterMissing = "parameter_missing": "a parameter of the binding is missing",
        ParameterTwice = "parameter_twice": "a parameter of the binding is there twice",
        ParameterDisguised = "parameter_disguised": "a parameter of the binding is written with percent signs in its name",
        RelayStateTooLong = "relay_state_too_long": "RelayState has more than 1,024 bytes",
        // Bytes.
        TooLong = "too_long": "the document has more than 256 KiB",
        NotUtf8 = "not_utf8": "the document is not UTF-8",
        ByteOrderMark = "byte_order_mark": "the document begins with a byte order mark",
        Nul = "nul": "the document contains a NUL byte",
        Declaration = "markup_declaration": "the document contains <!: a comment, a CDATA section or a document type",
        ProcessingInstruction = "processing_instruction": "the document contains a processing instruction, or an XML declaration other than version 1.0 in UTF-8",
        Entity = "entity": "the document refers to an entity that XML itself does not define",
        TooDeep = "too_deep": "elements are nested deeper than 32",
        TooManyElements = "too_many_elements": "the document has more than 4,000 elements",
        TooManyAttributes = "too_many_attributes": "an element has more than 32 attributes, or the document more than 5,000",
        AttributeWhiteSpace = "attribute_white_space": "an attribute contains a tab or a line break",
        NotXml = "not_xml": "the document is no well-formed XML with namespaces",
        RelativeNamespace = "relative_namespace": "a namespace is no absolute URI of at most 200 bytes",
        TooManyNamespaces = "too_many_namespaces": "an element declares more than 16 namespaces",
        // Structure.
        UnexpectedRoot = "unexpected_root": "the document is another message than the one expected",
        UnexpectedElement = "unexpected_element": "an element stands where it has no place, or twice",
        ElementMissing = "element_missing": "an element that must be there is missing",
        AttributeMissing = "attribute_missing": "an attribute that must be there is missing",
        UnexpectedAttribute = "unexpected_attribute": "an element has an attribute that it can't have",
        TextWithElements = "text_with_elements": "text stands beside elements, or elements in text",
        BadId = "bad_id": "an ID is no name of at most 256 characters",
        DuplicateId = "duplicate_id": "two elements have the same ID",
        DisguisedId = "disguised_id": "an ID has a prefix or another spelling",
        UnsupportedVersion = "unsupported_version": "the message is not of SAML 2.0",
        NestedMessage = "nested_message": "a message contains another message",
        NoAssertion = "no_assertion": "the response contains no assertion",
        SeveralAssertions = "several_assertions": "the document contains more than one assertion",
        AssertionElsewhere = "assertion_elsewhere": "an assertion stands elsewhere than directly in the response",
        SignatureElsewhere = "signature_elsewhere": "a signature stands elsewhere than right after the issuer of the message or the assertion",
        SeveralSignatures = "several_signatures": "an element has more than one signature",
    }
    Signature {
        // Signatures.
        NoKeys = "no_keys": "the connection has no certificate to verify with",
        BadCertificate = "bad_certificate": "a certificate can't be read",
        WeakKey = "weak_key": "a certificate's key is neither RSA of 2048 to 8192 bits nor ECDSA on P-256 or P-384",
        Unsigned = "unsigned": "neither the response nor the assertion is signed",
        SignatureShape = "signature_shape": "the signature has other parts than SAML's profile allows",
        SignatureParameters = "signature_parameters": "an algorithm of the signature has parameters",
        CanonicalizationMethod = "canonicalization_method": "the signature is canonicalized otherwise than by exclusive canonicalization without comments",
        SignatureMethod = "signature_method": "the signature's algorithm is none of RSA-SHA256, RSA-SHA384, RSA-SHA512, ECDSA-SHA256, ECDSA-SHA384",
        References = "references": "the signature does not have exactly one reference",
        ReferenceElsewhere = "reference_elsewhere": "the signature is about another element than the one it stands in",
        Transforms = "transforms": "the signature's transforms are others than enveloped signature and exclusive canonicalization",
        PrefixList = "prefix_list": "the signature's list of prefixes has more than 256 bytes or 16 prefixes",
        DigestMethod = "digest_method": "the digest's algorithm is none of SHA-256, SHA-384, SHA-512",
        OtherKind = "key_of_another_kind": "none of the connection's certificates is of the kind that the signature's algorithm needs",
        SignatureInvalid = "signature_invalid": "the signature was not made by any of the connection's certificates",
        DigestInvalid = "digest_invalid": "what is signed was changed afterwards",
        CanonicalTooLong = "canonical_too_long": "the canonical form has more than 256 KiB",
        // Encryption.
        UnexpectedEncryption = "unexpected_encryption": "something else than the assertion is encrypted",
        EncryptionShape = "encryption_shape": "the encrypted assertion has other parts than one EncryptedData and one EncryptedKey",
        EncryptedWithCbc = "encrypted_with_cbc": "the assertion is encrypted with AES-CBC, which can be read by whoever may try often enough; set AES-GCM (http://www.w3.org/2009/xmlenc11#aes256-gcm) at the provider",
        EncryptedWithTripleDes = "encrypted_with_triple_des": "the assertion is encrypted with Triple DES; set AES-GCM (http://www.w3.org/2009/xmlenc11#aes256-gcm) at the provider",
        EncryptionMethod = "encryption_method": "the assertion is encrypted with another algorithm than AES-GCM",
        KeyTransportRsa15 = "key_transport_rsa_1_5": "the key is encrypted with RSA-1_5, which can be read by whoever may try often enough; set RSA-OAEP at the provider",
        KeyTransport = "key_transport": "the key is encrypted otherwise than with RSA-OAEP and SHA-1 or SHA-256",
        Undecipherable = "undecipherable": "the assertion can't be decrypted with our key",
    }
    Conditions {
        // What it says.
        BadTime = "bad_time": "a time is no date and time of UTC",
        ResponseIssuer = "response_issuer": "the response's issuer is not the connection's provider",
        AssertionIssuer = "assertion_issuer": "the assertion's issuer is not the connection's provider",
        Destination = "destination": "the message's destination is not our address",
        StatusAuthnFailed = "status_authn_failed": "the provider could not recognise the person (AuthnFailed)",
        StatusRequestDenied = "status_request_denied": "the provider denied the request (RequestDenied)",
        StatusNoPassive = "status_no_passive": "the provider would have had to ask the person (NoPassive)",
        StatusNameIdPolicy = "status_name_id_policy": "the provider has no name of the kind we asked for (InvalidNameIDPolicy)",
        StatusRequester = "status_requester": "the provider says that our request was wrong (Requester)",
        StatusNotSuccess = "status_not_success": "the provider's status is not Success",
        Unsolicited = "unsolicited": "nobody asked for this response, and the connection does not let the provider begin",
        InResponseTo = "in_response_to": "the response answers another request than this browser's",
        UnexpectedInResponseTo = "unexpected_in_response_to": "the provider began, yet the response says what it answers",
        IssuedAhead = "issued_ahead": "the message was issued in the future: compare the clocks",
        IssuedLongAgo = "issued_long_ago": "the message was issued too long ago: compare the clocks",
        NoBearer = "no_bearer": "the assertion has no confirmation of the method bearer",
        Recipient = "recipient": "the assertion's recipient is not our address",
        BearerNotBefore = "bearer_not_before": "a bearer confirmation can't have NotBefore",
        BearerExpired = "bearer_expired": "the assertion's confirmation is over: compare the clocks",
        NoExpiry = "no_expiry": "the assertion's confirmation does not say until when it is good",
        NoWindow = "no_window": "the assertion's conditions do not say from when until when it is good",
        NotYetValid = "not_yet_valid": "the assertion is not valid yet: compare the clocks",
        Expired = "expired": "the assertion is not valid any more: compare the clocks",
        UnknownCondition = "unknown_condition": "the assertion has a condition that we do not know",
        NoAudience = "no_audience": "the assertion does not say for whom it is",
        Audience = "audience": "the assertion is for somebody else",
        NoSubject = "no_subject": "the assertion names nobody",
        TransientSubject = "transient_subject": "the assertion names the person by a name that changes each time (transient); set a persistent NameID at the provider",
        BadSubject = "bad_subject": "the person's name is empty, too long, or has control characters",
        NoAuthnStatement = "no_authn_statement": "the assertion does not say when and how the person was recognised",
        SessionOver = "session_over": "the person's session at the provider is over",
        TooManyAttributeValues = "too_many_attribute_values": "the assertion has more than 500 values of attributes, or a longer one than 4,096 bytes",
        Replayed = "replayed": "this assertion was used before",
        // What an application asks of us.
        MessageUnsigned = "message_unsigned": "the message must be signed, and is not",
        NoCertificate = "no_certificate": "the message is signed, and no certificate is registered to verify it with",
        MessageIssuer = "message_issuer": "the message's issuer is not the entity id that is registered",
        Consumer = "assertion_consumer": "the request names an assertion consumer service that is not registered",
        ConsumerTwice = "assertion_consumer_twice": "the request names its assertion consumer service by address and by index",
        ProtocolBinding = "protocol_binding": "the request wants its answer by another binding than HTTP-POST",
        BadBoolean = "bad_boolean": "a yes or no is neither true nor false",
        MessageExpired = "message_expired": "the message is over: compare the clocks",
        UnknownSession = "unknown_session": "the message is about a session that is not there",
    }
    Provider {
        // Metadata.
        SeveralProviders = "several_providers": "the metadata describes several entities; take the one provider's own",
        NoProvider = "no_provider": "the metadata does not describe a SAML 2.0 identity provider",
        BadEntityId = "bad_entity_id": "the entity id is empty or has more than 1,024 characters",
        NoSigningCertificate = "no_signing_certificate": "the metadata has no certificate to verify signatures with",
        TooManyCertificates = "too_many_certificates": "the metadata has more than 8 certificates",
        NoServiceProvider = "no_service_provider": "the metadata does not describe a SAML 2.0 service provider",
        NoConsumer = "no_assertion_consumer": "the metadata has no AssertionConsumerService of HTTP-POST",
        TooManyConsumers = "too_many_consumers": "the metadata has more than 20 assertion consumer services",
        WeakEncryptionKey = "weak_encryption_key": "the certificate to encrypt to has no RSA key of 2048 to 8192 bits",
        NoSignOnService = "no_sign_on_service": "the metadata has no SingleSignOnService of HTTP-Redirect or HTTP-POST",
        BadAddress = "bad_address": "an address is no https URL",
        MetadataExpired = "metadata_expired": "the metadata is not valid any more",
        MetadataUnsigned = "metadata_unsigned": "a certificate is pinned for the metadata, and the metadata is not signed",
        MetadataSigner = "metadata_signer": "the metadata is signed by another certificate than the pinned one",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_its_own_name() {
        let codes: BTreeSet<_> = Refusal::ALL.iter().map(|refusal| refusal.code()).collect();
        assert_eq!(codes.len(), Refusal::ALL.len());
    }
}
