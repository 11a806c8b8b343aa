//! Answers of a provider as the stories have them: genuine unless told otherwise, signed and encrypted by `xmlsec1`.

use std::sync::LazyLock;

use doorward::domain::arrival::Arrival;
use doorward::domain::connection::{Mapping, SamlBinding, SamlEndpoint, SamlProvider};
use doorward::domain::time::Timestamp;
use doorward::saml::Refusal;
use doorward::saml::sp::{Awaited, Expected, Received, ServiceProvider, read_response};

use super::judge::{self, OURS, PROVIDER, Pair, without_declaration};

pub(crate) const ENTITY_ID: &str = "https://idp.example.com/metadata";
pub(crate) const REQUEST_ID: &str = "_request-1";
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_339_800_000);

pub(crate) const RESPONSE_SIGNATURE: &str = "/*[local-name()='Response']/*[local-name()='Signature']";
pub(crate) const ASSERTION_SIGNATURE: &str = "//*[local-name()='Assertion']/*[local-name()='Signature']";

/// The genuine document of each shape, made once.
static GENUINE: LazyLock<[(Shape, String); 5]> =
    LazyLock::new(|| Shape::ALL.map(|shape| (shape, Answer::genuine().sent(shape))));

/// What is signed, and what is encrypted. Every attack is tried on each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Response,
    Assertion,
    Both,
    /// The assertion is signed, then encrypted.
    Encrypted,
    /// The assertion is encrypted, then the response signed.
    EncryptedInSigned,
}

impl Shape {
    pub(crate) const ALL: [Self; 5] = [
        Self::Response,
        Self::Assertion,
        Self::Both,
        Self::Encrypted,
        Self::EncryptedInSigned,
    ];
    /// Those whose assertion can be seen, and so be moved about.
    pub(crate) const PLAIN: [Self; 3] = [Self::Response, Self::Assertion, Self::Both];

    pub(crate) fn signs_response(self) -> bool {
        matches!(self, Self::Response | Self::Both | Self::EncryptedInSigned)
    }

    pub(crate) fn signs_assertion(self) -> bool {
        matches!(self, Self::Assertion | Self::Both | Self::Encrypted)
    }

    pub(crate) fn encrypts(self) -> bool {
        matches!(self, Self::Encrypted | Self::EncryptedInSigned)
    }
}

/// The answer of Acme's provider about Alice, in parts that a story can replace.
#[derive(Clone)]
pub(crate) struct Answer {
    /// The response's attributes besides its namespaces.
    pub(crate) response: String,
    pub(crate) response_issuer: String,
    pub(crate) status: String,
    /// The assertion's attributes besides its namespaces.
    pub(crate) assertion: String,
    pub(crate) assertion_issuer: String,
    pub(crate) subject: String,
    pub(crate) conditions: String,
    pub(crate) authentication: String,
    pub(crate) attributes: String,
    /// The templates that `xmlsec1` fills in.
    pub(crate) response_signature: String,
    pub(crate) assertion_signature: String,
    pub(crate) encryption: String,
    pub(crate) session_key: &'static str,
}

pub(crate) fn us() -> ServiceProvider {
    let id = "con_01kb5h2x3yfjh8q0v5m6n7p8q9".parse().unwrap();
    ServiceProvider::of("https://id.example.com", id)
}

pub(crate) fn provider() -> SamlProvider {
    SamlProvider {
        entity_id: ENTITY_ID.to_owned(),
        sso: SamlEndpoint {
            binding: SamlBinding::Redirect,
            url: "https://idp.example.com/sso".to_owned(),
        },
        slo: None,
        certificates: vec![PROVIDER.key.certificate().to_owned()],
        metadata_url: None,
        metadata_fingerprint: None,
        valid_until: None,
        signs_requests: true,
        idp_initiated: false,
    }
}

/// An empty signature about an element, for `xmlsec1` to fill in.
pub(crate) fn signature_template(id: &str) -> String {
    format!(
        concat!(
            r#"<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>"#,
            r#"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#,
            r#"<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>"#,
            r##"<ds:Reference URI="#{}"><ds:Transforms>"##,
            r#"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>"#,
            r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>"#,
            r#"<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>"#,
            r#"<ds:DigestValue></ds:DigestValue></ds:Reference></ds:SignedInfo>"#,
            r#"<ds:SignatureValue></ds:SignatureValue></ds:Signature>"#,
        ),
        id
    )
}

/// An empty ciphertext.
pub(crate) fn encryption_template(cipher: &str, transport: &str) -> String {
    format!(
        concat!(
            r#"<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" "#,
            r#"Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="{}"/>"#,
            r#"<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey>"#,
            r#"<xenc:EncryptionMethod Algorithm="{}"/><xenc:CipherData><xenc:CipherValue/></xenc:CipherData>"#,
            r#"</xenc:EncryptedKey></ds:KeyInfo>"#,
            r#"<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>"#,
        ),
        cipher, transport
    )
}

pub(crate) const AES256_GCM: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
pub(crate) const RSA_OAEP: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";

impl Answer {
    /// What the provider would send.
    pub(crate) fn genuine() -> Self {
        let acs = us().acs;
        Self {
            response: format!(
                r#"ID="_response-1" Version="2.0" IssueInstant="2026-11-22T09:30:00Z" Destination="{acs}" InResponseTo="{REQUEST_ID}""#
            ),
            response_issuer: format!("<saml:Issuer>{ENTITY_ID}</saml:Issuer>"),
            status: r#"<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>"#.to_owned(),
            assertion: r#"ID="_assertion-1" Version="2.0" IssueInstant="2026-11-22T09:30:00Z""#.to_owned(),
            assertion_issuer: format!("<saml:Issuer>{ENTITY_ID}</saml:Issuer>"),
            subject: subject("alice-1", &confirmation(&acs, "2026-11-22T09:35:00Z", REQUEST_ID)),
            conditions: conditions("2026-11-22T09:29:00Z", "2026-11-22T09:35:00Z", &audience(&us().entity_id)),
            authentication: concat!(
                r#"<saml:AuthnStatement AuthnInstant="2026-11-22T09:29:30Z" SessionIndex="s1" SessionNotOnOrAfter="2026-11-22T17:30:00Z">"#,
                r#"<saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext>"#,
                r#"</saml:AuthnStatement>"#
            ).to_owned(),
            attributes: attributes(&[("urn:oid:0.9.2342.19200300.100.1.3", "alice@acme.example"), ("displayName", "Alice &amp; Co")]),
            response_signature: signature_template("_response-1"),
            assertion_signature: signature_template("_assertion-1"),
            encryption: encryption_template(AES256_GCM, RSA_OAEP),
            session_key: "aes-256",
        }
    }

    /// The same to somebody else, in answer to another request.
    pub(crate) fn to(us_there: &ServiceProvider, request: &str) -> Self {
        let ours = us();
        let mut answer = Self::genuine();
        for part in [&mut answer.response, &mut answer.subject, &mut answer.conditions] {
            *part = part
                .replace(&ours.acs, &us_there.acs)
                .replace(&ours.entity_id, &us_there.entity_id)
                .replace(REQUEST_ID, request);
        }
        answer
    }

    /// The document, signed by the provider.
    pub(crate) fn sent(&self, shape: Shape) -> String {
        self.signed_by(shape, &PROVIDER)
    }

    /// The document, signed by whomever.
    pub(crate) fn signed_by(&self, shape: Shape, pair: &Pair) -> String {
        self.signed_with(shape, &pair.private_file())
    }

    /// The document, signed by the key in a file.
    pub(crate) fn signed_with(&self, shape: Shape, private_file: &str) -> String {
        let mut assertion = self.assertion_xml(shape.signs_assertion());
        if shape.signs_assertion() {
            assertion = judge::sign_with(&assertion, ASSERTION_SIGNATURE, private_file);
            assertion = without_declaration(&assertion).to_owned();
        }
        if shape.encrypts() {
            let data = judge::encrypt(&assertion, &self.encryption, self.session_key, &OURS);
            assertion = format!("<saml:EncryptedAssertion>{data}</saml:EncryptedAssertion>");
        }
        let response = self.response_xml(shape.signs_response(), &assertion);
        if shape.signs_response() {
            return judge::sign_with(&response, RESPONSE_SIGNATURE, private_file);
        }
        response
    }

    pub(crate) fn assertion_xml(&self, signature: bool) -> String {
        format!(
            r#"<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" {}>{}{}{}{}{}{}</saml:Assertion>"#,
            self.assertion,
            self.assertion_issuer,
            if signature {
                self.assertion_signature.as_str()
            } else {
                ""
            },
            self.subject,
            self.conditions,
            self.authentication,
            self.attributes,
        )
    }

    pub(crate) fn response_xml(&self, signature: bool, assertion: &str) -> String {
        format!(
            concat!(
                r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" "#,
                r#"xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" {}>{}{}{}{}</samlp:Response>"#,
            ),
            self.response,
            self.response_issuer,
            if signature {
                self.response_signature.as_str()
            } else {
                ""
            },
            self.status,
            assertion,
        )
    }
}

pub(crate) fn subject(name: &str, confirmations: &str) -> String {
    format!(
        r#"<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{name}</saml:NameID>{confirmations}</saml:Subject>"#
    )
}

pub(crate) fn confirmation(recipient: &str, until: &str, in_response_to: &str) -> String {
    format!(
        concat!(
            r#"<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">"#,
            r#"<saml:SubjectConfirmationData Recipient="{}" NotOnOrAfter="{}" InResponseTo="{}"/></saml:SubjectConfirmation>"#,
        ),
        recipient, until, in_response_to
    )
}

pub(crate) fn audience(name: &str) -> String {
    format!("<saml:AudienceRestriction><saml:Audience>{name}</saml:Audience></saml:AudienceRestriction>")
}

pub(crate) fn conditions(from: &str, until: &str, restrictions: &str) -> String {
    format!(r#"<saml:Conditions NotBefore="{from}" NotOnOrAfter="{until}">{restrictions}</saml:Conditions>"#)
}

pub(crate) fn attributes(values: &[(&str, &str)]) -> String {
    let all: Vec<_> = values
        .iter()
        .map(|(name, value)| {
            format!(r#"<saml:Attribute Name="{name}"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>"#)
        })
        .collect();
    format!(
        "<saml:AttributeStatement>{}</saml:AttributeStatement>",
        all.concat()
    )
}

/// What we make of a document in answer to this browser's one request.
pub(crate) fn read(document: impl AsRef<[u8]>) -> Result<Arrival, Refusal> {
    received(document.as_ref(), &provider(), Awaited::Request(REQUEST_ID), NOW)
        .map(|received| received.arrival)
}

pub(crate) fn received(
    document: &[u8],
    provider: &SamlProvider,
    awaited: Awaited<'_>,
    now: Timestamp,
) -> Result<Received, Refusal> {
    let us = us();
    let expected = Expected {
        us: &us,
        provider,
        mapping: &Mapping::default(),
        awaited,
        now,
    };
    read_response(document, &expected, &OURS.key).map_err(|refused| refused.why)
}

/// What the provider would send.
pub(crate) fn genuine(shape: Shape) -> &'static str {
    let (_, document) = GENUINE.iter().find(|(other, _)| *other == shape).unwrap();
    document
}

/// The genuine document is believed; the same with the attack in it is refused for this very reason.
#[track_caller]
pub(crate) fn refused(shapes: &[Shape], why: Refusal, attack: impl Fn(&str, Shape) -> String) {
    for shape in shapes {
        let genuine = genuine(*shape);
        assert_eq!(
            read(genuine).map(|arrival| arrival.subject.as_str().to_owned()),
            Ok("alice-1".to_owned()),
            "{shape:?}"
        );
        let attacked = attack(genuine, *shape);
        assert_ne!(attacked, genuine, "the attack does nothing to {shape:?}");
        assert_eq!(read(&attacked).err(), Some(why), "{shape:?}: {attacked}");
    }
}

/// The same for an answer that the provider signed as it is: what it says is wrong, not who says it.
#[track_caller]
pub(crate) fn signed_and_refused(why: Refusal, change: impl Fn(&mut Answer)) {
    for shape in Shape::ALL {
        assert!(read(genuine(shape)).is_ok(), "{shape:?}");
        let mut answer = Answer::genuine();
        change(&mut answer);
        assert_eq!(read(answer.sent(shape)).err(), Some(why), "{shape:?}");
    }
}
