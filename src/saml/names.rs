//! The names of SAML, XML signatures and XML encryption, each written once.

/// A namespace and a local name.
pub type Name = (&'static str, &'static str);

/// SAML 2.0 assertions.
pub const ASSERTION_NS: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// SAML 2.0 messages.
pub const PROTOCOL_NS: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// SAML 2.0 metadata.
pub const METADATA_NS: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// XML signatures.
pub const SIGNATURE_NS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// XML encryption.
pub const ENCRYPTION_NS: &str = "http://www.w3.org/2001/04/xmlenc#";
/// XML encryption 1.1.
pub const ENCRYPTION11_NS: &str = "http://www.w3.org/2009/xmlenc11#";

/// Exclusive canonicalization without comments; the namespace of its parameters too.
pub const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// The transform that leaves the signature itself out.
pub const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// `samlp:Response`
pub const RESPONSE: Name = (PROTOCOL_NS, "Response");
/// `samlp:AuthnRequest`
pub const AUTHN_REQUEST: Name = (PROTOCOL_NS, "AuthnRequest");
/// `samlp:LogoutRequest`
pub const LOGOUT_REQUEST: Name = (PROTOCOL_NS, "LogoutRequest");
/// `samlp:LogoutResponse`
pub const LOGOUT_RESPONSE: Name = (PROTOCOL_NS, "LogoutResponse");
/// `samlp:SessionIndex`
pub const SESSION_INDEX: Name = (PROTOCOL_NS, "SessionIndex");
/// `samlp:NameIDPolicy`
pub const NAME_ID_POLICY: Name = (PROTOCOL_NS, "NameIDPolicy");
/// `samlp:RequestedAuthnContext`
pub const REQUESTED_AUTHN_CONTEXT: Name = (PROTOCOL_NS, "RequestedAuthnContext");
/// `samlp:Status`
pub const STATUS: Name = (PROTOCOL_NS, "Status");
/// `samlp:StatusCode`
pub const STATUS_CODE: Name = (PROTOCOL_NS, "StatusCode");
/// `samlp:Extensions`
pub const EXTENSIONS: Name = (PROTOCOL_NS, "Extensions");
/// `saml:Assertion`
pub const ASSERTION: Name = (ASSERTION_NS, "Assertion");
/// `saml:EncryptedAssertion`
pub const ENCRYPTED_ASSERTION: Name = (ASSERTION_NS, "EncryptedAssertion");
/// `saml:Issuer`
pub const ISSUER: Name = (ASSERTION_NS, "Issuer");
/// `saml:Subject`
pub const SUBJECT: Name = (ASSERTION_NS, "Subject");
/// `saml:NameID`
pub const NAME_ID: Name = (ASSERTION_NS, "NameID");
/// `saml:SubjectConfirmation`
pub const SUBJECT_CONFIRMATION: Name = (ASSERTION_NS, "SubjectConfirmation");
/// `saml:SubjectConfirmationData`
pub const SUBJECT_CONFIRMATION_DATA: Name = (ASSERTION_NS, "SubjectConfirmationData");
/// `saml:Conditions`
pub const CONDITIONS: Name = (ASSERTION_NS, "Conditions");
/// `saml:AudienceRestriction`
pub const AUDIENCE_RESTRICTION: Name = (ASSERTION_NS, "AudienceRestriction");
/// `saml:Audience`
pub const AUDIENCE: Name = (ASSERTION_NS, "Audience");
/// `saml:OneTimeUse`
pub const ONE_TIME_USE: Name = (ASSERTION_NS, "OneTimeUse");
/// `saml:ProxyRestriction`
pub const PROXY_RESTRICTION: Name = (ASSERTION_NS, "ProxyRestriction");
/// `saml:AuthnStatement`
pub const AUTHN_STATEMENT: Name = (ASSERTION_NS, "AuthnStatement");
/// `saml:AuthnContext`
pub const AUTHN_CONTEXT: Name = (ASSERTION_NS, "AuthnContext");
/// `saml:AuthnContextClassRef`
pub const AUTHN_CONTEXT_CLASS: Name = (ASSERTION_NS, "AuthnContextClassRef");
/// `saml:AttributeStatement`
pub const ATTRIBUTE_STATEMENT: Name = (ASSERTION_NS, "AttributeStatement");
/// `saml:Attribute`
pub const ATTRIBUTE: Name = (ASSERTION_NS, "Attribute");
/// `saml:AttributeValue`
pub const ATTRIBUTE_VALUE: Name = (ASSERTION_NS, "AttributeValue");

/// `ds:Signature`
pub const SIGNATURE: Name = (SIGNATURE_NS, "Signature");
/// `ds:SignedInfo`
pub const SIGNED_INFO: Name = (SIGNATURE_NS, "SignedInfo");
/// `ds:SignatureValue`
pub const SIGNATURE_VALUE: Name = (SIGNATURE_NS, "SignatureValue");
/// `ds:KeyInfo`
pub const KEY_INFO: Name = (SIGNATURE_NS, "KeyInfo");
/// `ds:X509Data`
pub const X509_DATA: Name = (SIGNATURE_NS, "X509Data");
/// `ds:X509Certificate`
pub const X509_CERTIFICATE: Name = (SIGNATURE_NS, "X509Certificate");
/// `ds:CanonicalizationMethod`
pub const CANONICALIZATION_METHOD: Name = (SIGNATURE_NS, "CanonicalizationMethod");
/// `ds:SignatureMethod`
pub const SIGNATURE_METHOD: Name = (SIGNATURE_NS, "SignatureMethod");
/// `ds:Reference`
pub const REFERENCE: Name = (SIGNATURE_NS, "Reference");
/// `ds:Transforms`
pub const TRANSFORMS: Name = (SIGNATURE_NS, "Transforms");
/// `ds:Transform`
pub const TRANSFORM: Name = (SIGNATURE_NS, "Transform");
/// `ec:InclusiveNamespaces`
pub const INCLUSIVE_NAMESPACES: Name = (EXC_C14N, "InclusiveNamespaces");
/// `ds:DigestMethod`
pub const DIGEST_METHOD: Name = (SIGNATURE_NS, "DigestMethod");
/// `ds:DigestValue`
pub const DIGEST_VALUE: Name = (SIGNATURE_NS, "DigestValue");

/// `xenc:EncryptedData`
pub const ENCRYPTED_DATA: Name = (ENCRYPTION_NS, "EncryptedData");
/// `xenc:EncryptedKey`
pub const ENCRYPTED_KEY: Name = (ENCRYPTION_NS, "EncryptedKey");
/// `xenc:EncryptionMethod`
pub const ENCRYPTION_METHOD: Name = (ENCRYPTION_NS, "EncryptionMethod");
/// `xenc:CipherData`
pub const CIPHER_DATA: Name = (ENCRYPTION_NS, "CipherData");
/// `xenc:CipherValue`
pub const CIPHER_VALUE: Name = (ENCRYPTION_NS, "CipherValue");
/// `xenc11:MGF`
pub const MGF: Name = (ENCRYPTION11_NS, "MGF");

/// `md:EntityDescriptor`
pub const ENTITY_DESCRIPTOR: Name = (METADATA_NS, "EntityDescriptor");
/// `md:EntitiesDescriptor`
pub const ENTITIES_DESCRIPTOR: Name = (METADATA_NS, "EntitiesDescriptor");
/// `md:IDPSSODescriptor`
pub const IDP_DESCRIPTOR: Name = (METADATA_NS, "IDPSSODescriptor");
/// `md:SPSSODescriptor`
pub const SP_DESCRIPTOR: Name = (METADATA_NS, "SPSSODescriptor");
/// `md:AssertionConsumerService`
pub const CONSUMER_SERVICE: Name = (METADATA_NS, "AssertionConsumerService");
/// `md:NameIDFormat`
pub const NAME_ID_FORMAT: Name = (METADATA_NS, "NameIDFormat");
/// `md:KeyDescriptor`
pub const KEY_DESCRIPTOR: Name = (METADATA_NS, "KeyDescriptor");
/// `md:SingleSignOnService`
pub const SIGN_ON_SERVICE: Name = (METADATA_NS, "SingleSignOnService");
/// `md:SingleLogoutService`
pub const LOGOUT_SERVICE: Name = (METADATA_NS, "SingleLogoutService");

/// HTTP-POST (SAML 2.0 Bindings §3.5).
pub const BINDING_POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
/// HTTP-Redirect (§3.4).
pub const BINDING_REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
/// The method of confirmation of web sign-on (SAML 2.0 Profiles §3.3).
pub const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
/// The status of what went well.
pub const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
/// The beginning of every status.
pub const STATUS_PREFIX: &str = "urn:oasis:names:tc:SAML:2.0:status:";
/// A name that changes with each sign-in.
pub const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
/// A name for one service that never changes.
pub const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
/// A name that is an email address.
pub const EMAIL_ADDRESS: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
/// A name whose kind was agreed on otherwise.
pub const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
/// A password over an encrypted connection (SAML 2.0 Authentication Context §3.4.10): what applications expect of a plain
/// sign-in.
pub const PASSWORD_CLASS: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
/// Whatever it was (§3.4.25).
pub const UNSPECIFIED_CLASS: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified";
/// Two factors (REFEDS MFA profile).
pub const TWO_FACTORS_CLASS: &str = "https://refeds.org/profile/mfa";
/// An attribute's name that is a plain word.
pub const ATTRIBUTE_BASIC: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic";
/// An attribute's name that is a URI.
pub const ATTRIBUTE_URI: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri";
