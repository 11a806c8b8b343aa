//! What a verified assertion says of somebody, in the house's own words.

use std::collections::BTreeMap;

use crate::domain::arrival::{Arrival, ArrivedEmail, Subject};
use crate::domain::connection::Mapping;
use crate::domain::email::Email;
use crate::domain::evidence::Sources;
use crate::saml::Refusal;
use crate::saml::assertion::Assertion;
use crate::saml::names;

/// The classes of authentication that take two factors.
const TWO_FACTORS: [&str; 6] = [
    "https://refeds.org/profile/mfa",
    "http://schemas.microsoft.com/claims/multipleauthn",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorUnregistered",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI",
];

/// What a person's name at the provider is called among the attributes.
const NAME_ID: &str = "NameID";

/// Where Microsoft says the same beside the class.
const METHODS: &str = "http://schemas.microsoft.com/claims/authnmethodsreferences";

/// What people call the attributes of X.500 and eduPerson, which some providers name by number alone.
const BY_NUMBER: [(&str, &str); 12] = [
    ("urn:oid:0.9.2342.19200300.100.1.1", "uid"),
    ("urn:oid:0.9.2342.19200300.100.1.3", "mail"),
    ("urn:oid:1.2.840.113549.1.9.1", "emailAddress"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "eduPersonPrincipalName"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.7", "eduPersonEntitlement"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.9", "eduPersonScopedAffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.5.1.1", "isMemberOf"),
    ("urn:oid:2.16.840.1.113730.3.1.241", "displayName"),
    ("urn:oid:2.5.4.3", "cn"),
    ("urn:oid:2.5.4.4", "sn"),
    ("urn:oid:2.5.4.42", "givenName"),
    ("urn:oid:2.5.4.11", "ou"),
];

const EMAIL: [&str; 5] = [
    "mail",
    "email",
    "emailAddress",
    "emailaddress",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
];
const NAME: [&str; 4] = [
    "displayName",
    "http://schemas.microsoft.com/identity/claims/displayname",
    "name",
    "cn",
];
const GIVEN_NAME: [&str; 4] = [
    "givenName",
    "given_name",
    "firstName",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
];
const FAMILY_NAME: [&str; 5] = [
    "sn",
    "family_name",
    "surname",
    "lastName",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
];

/// A value with the name of its attribute.
type Found = (String, String);

/// Reads who came, and which attributes said so.
pub(super) fn read(assertion: &Assertion, mapping: &Mapping) -> Result<(Arrival, Sources), Refusal> {
    let name_id = &assertion.subject;
    if name_id.format == names::TRANSIENT {
        return Err(Refusal::TransientSubject);
    }
    let subject = Subject::try_from(name_id.value.clone()).map_err(|_| Refusal::BadSubject)?;
    let attributes = by_name(assertion);
    let first = |named: &Option<String>, usual: &[&str]| first_of(&attributes, named.as_deref(), usual);

    let by_name_id =
        (name_id.format == names::EMAIL_ADDRESS).then(|| (NAME_ID.to_owned(), name_id.value.clone()));
    let email = first(&mapping.email, &EMAIL).or(by_name_id);
    let email = email.and_then(|(name, text)| Some((name, Email::parse(&text).ok()?)));
    let whole = first(&mapping.name, &NAME);
    let parts = [
        first(&mapping.given_name, &GIVEN_NAME),
        first(&mapping.family_name, &FAMILY_NAME),
    ];
    let parts = match &whole {
        Some(_) => [whole, None],
        None => parts,
    };
    let (named_by, parts): (Vec<_>, Vec<_>) = parts.into_iter().flatten().unzip();
    let (email_by, email) = email.unzip();
    let authentication = &assertion.authentication;
    let classes = authentication
        .class
        .iter()
        .chain(attributes.get(METHODS).into_iter().flatten());
    let second_factor = classes
        .into_iter()
        .any(|class| TWO_FACTORS.contains(&class.as_str()));
    let arrival = Arrival {
        subject,
        email: email.map(|email| ArrivedEmail {
            email,
            verified: true,
        }),
        name: (!parts.is_empty()).then(|| parts.join(" ")),
        at: authentication.at,
        second_factor,
        until: authentication.until,
        session: authentication.session.clone(),
        format: Some(name_id.format.clone()),
        sealed_id_token: None,
        attributes,
    };
    let sources = Sources {
        email: email_by,
        name: named_by,
    };
    Ok((arrival, sources))
}

/// The attributes by each of their names. What one calls itself comes before what another is also called.
fn by_name(assertion: &Assertion) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for attribute in &assertion.attributes {
        let values = found.entry(attribute.name.clone()).or_default();
        values.extend(attribute.values.iter().cloned());
    }
    let own: BTreeMap<_, _> = found.clone();
    for attribute in &assertion.attributes {
        let number = BY_NUMBER.iter().find(|(number, _)| *number == attribute.name);
        let known = number.map(|(_, name)| (*name).to_owned());
        for other in attribute.friendly_name.clone().into_iter().chain(known) {
            if let Some(values) = own.get(&attribute.name) {
                found.entry(other).or_insert_with(|| values.clone());
            }
        }
    }
    found
}

/// The first value of the attribute that the mapping names, or of the usual ones if it names none.
fn first_of(
    attributes: &BTreeMap<String, Vec<String>>,
    named: Option<&str>,
    usual: &[&str],
) -> Option<Found> {
    let value = |name: &str| {
        let first = attributes.get(name).and_then(|values| values.first());
        first.map(|value| (name.to_owned(), value.clone()))
    };
    match named {
        Some(name) => value(name),
        None => usual.iter().find_map(|name| value(name)),
    }
}
