//! What a response and its assertion say (SAML 2.0 Core §2, §3.2). The assertion is read from [`Verified`] bytes alone; whether
//! it is for us, now and in answer to something, is the reader's to check.

use super::Refusal;
use super::names::{self, Name};
use super::signature::Verified;
use super::structure::{self, Content};
use super::tree::Element;
use crate::domain::time::Timestamp;

/// The most values of attributes, and the longest one in bytes.
const MOST_VALUES: usize = 500;
const LONGEST_VALUE: usize = 4_096;

/// What a response says besides its assertion. Unless the response itself is signed, anybody can have written this: it can
/// make us refuse, never believe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Who issued it.
    pub issuer: String,
    /// When.
    pub issued: Timestamp,
    /// For which address.
    pub destination: Option<String>,
    /// The request it answers.
    pub in_response_to: Option<String>,
    /// How it went.
    pub status: Status,
}

/// How it went: the outer code, and the inner one if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The outer code.
    pub code: String,
    /// The inner code.
    pub detail: Option<String>,
}

/// An assertion about somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Its own name: used once.
    pub id: String,
    /// Who issued it.
    pub issuer: String,
    /// When.
    pub issued: Timestamp,
    /// Whom it is about.
    pub subject: NameId,
    /// What confirms that whoever brings it is that person.
    pub confirmations: Vec<Confirmation>,
    /// When and for whom it is.
    pub conditions: Conditions,
    /// How the person was recognised.
    pub authentication: Authentication,
    /// What else it says, in its order.
    pub attributes: Vec<Attribute>,
}

/// A person's name at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameId {
    /// The name.
    pub value: String,
    /// Its kind; unspecified if it does not say.
    pub format: String,
}

/// A confirmation of the method bearer; others are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// Who may take it.
    pub recipient: Option<String>,
    /// Until when.
    pub not_on_or_after: Option<Timestamp>,
    /// From when; it can't say that.
    pub not_before: Option<Timestamp>,
    /// The request it answers.
    pub in_response_to: Option<String>,
}

/// When and for whom an assertion is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions {
    /// From when.
    pub not_before: Option<Timestamp>,
    /// Until when.
    pub not_on_or_after: Option<Timestamp>,
    /// For whom: each restriction on its own must name us.
    pub audiences: Vec<Vec<String>>,
}

/// How the person was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentication {
    /// When.
    pub at: Timestamp,
    /// What their session is called there.
    pub session: Option<String>,
    /// When that ends.
    pub until: Option<Timestamp>,
    /// In which class.
    pub class: Option<String>,
}

/// A named list of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub friendly_name: Option<String>,
    /// Its values that are text.
    pub values: Vec<String>,
}

impl Envelope {
    /// Reads it.
    pub fn read(response: &structure::Response<'_>) -> Result<Self, Refusal> {
        let code = response.status.the_child(names::STATUS_CODE)?;
        let detail = code.child(names::STATUS_CODE)?;
        Ok(Self {
            issuer: response.issuer.trimmed()?.to_owned(),
            issued: moment(response.root.required("IssueInstant")?)?,
            destination: owned(response.root.attribute("Destination")),
            in_response_to: owned(response.root.attribute("InResponseTo")),
            status: Status {
                code: code.required("Value")?.to_owned(),
                detail: owned(detail.map(|detail| detail.required("Value")).transpose()?),
            },
        })
    }
}

impl Status {
    /// Whether it went well, or why not.
    pub fn succeeded(&self) -> Result<(), Refusal> {
        if self.code == names::SUCCESS {
            return Ok(());
        }
        let word = |uri: &str| uri.strip_prefix(names::STATUS_PREFIX).map(str::to_owned);
        let detail = self.detail.as_deref().and_then(word);
        Err(match detail.or(word(&self.code)).as_deref() {
            Some("AuthnFailed") => Refusal::StatusAuthnFailed,
            Some("RequestDenied") => Refusal::StatusRequestDenied,
            Some("NoPassive") => Refusal::StatusNoPassive,
            Some("InvalidNameIDPolicy") => Refusal::StatusNameIdPolicy,
            Some("Requester") => Refusal::StatusRequester,
            _ => Refusal::StatusNotSuccess,
        })
    }
}

impl Assertion {
    /// Reads the assertion that was signed, by itself or as a part of its response.
    pub fn read(verified: &Verified) -> Result<Self, Refusal> {
        let tree = verified.tree()?;
        let root = tree.root();
        if root.is(names::ASSERTION) {
            structure::message(root, names::ASSERTION)?;
            return Self::of(root);
        }
        match structure::response(root)?.content {
            Content::Plain(assertion) => Self::of(assertion),
            Content::Nothing | Content::Encrypted(_) => Err(Refusal::NoAssertion),
        }
    }

    fn of(assertion: Element<'_>) -> Result<Self, Refusal> {
        has_only(
            assertion,
            &[
                names::ISSUER,
                names::SIGNATURE,
                names::SUBJECT,
                names::CONDITIONS,
                names::AUTHN_STATEMENT,
                names::ATTRIBUTE_STATEMENT,
                (names::ASSERTION_NS, "Advice"),
                (names::ASSERTION_NS, "AuthzDecisionStatement"),
            ],
        )?;
        let subject = assertion.child(names::SUBJECT)?.ok_or(Refusal::NoSubject)?;
        let conditions = assertion.child(names::CONDITIONS)?;
        Ok(Self {
            id: assertion.required("ID")?.to_owned(),
            issuer: assertion.the_child(names::ISSUER)?.trimmed()?.to_owned(),
            issued: moment(assertion.required("IssueInstant")?)?,
            subject: NameId::of(subject)?,
            confirmations: confirmations(subject)?,
            conditions: conditions.map(Conditions::of).transpose()?.unwrap_or_default(),
            authentication: Authentication::of(assertion)?,
            attributes: attributes(assertion)?,
        })
    }
}

impl NameId {
    fn of(subject: Element<'_>) -> Result<Self, Refusal> {
        if subject.child((names::ASSERTION_NS, "EncryptedID"))?.is_some() {
            return Err(Refusal::UnexpectedEncryption);
        }
        has_only(subject, &[names::NAME_ID, names::SUBJECT_CONFIRMATION])?;
        let name = subject.child(names::NAME_ID)?.ok_or(Refusal::NoSubject)?;
        Ok(Self {
            value: name.trimmed()?.to_owned(),
            format: name.attribute("Format").unwrap_or(names::UNSPECIFIED).to_owned(),
        })
    }
}

fn confirmations(subject: Element<'_>) -> Result<Vec<Confirmation>, Refusal> {
    let mut all = Vec::new();
    for confirmation in subject.children_named(names::SUBJECT_CONFIRMATION)? {
        if confirmation.required("Method")? != names::BEARER {
            continue;
        }
        let Some(data) = confirmation.child(names::SUBJECT_CONFIRMATION_DATA)? else {
            continue;
        };
        all.push(Confirmation {
            recipient: owned(data.attribute("Recipient")),
            not_on_or_after: optional_moment(data, "NotOnOrAfter")?,
            not_before: optional_moment(data, "NotBefore")?,
            in_response_to: owned(data.attribute("InResponseTo")),
        });
    }
    Ok(all)
}

impl Conditions {
    /// A condition that we do not know might be one that does not hold (Core §2.5.1.1).
    fn of(conditions: Element<'_>) -> Result<Self, Refusal> {
        let known = [
            names::AUDIENCE_RESTRICTION,
            names::ONE_TIME_USE,
            names::PROXY_RESTRICTION,
        ];
        has_only(conditions, &known).map_err(|_| Refusal::UnknownCondition)?;
        let mut audiences = Vec::new();
        for restriction in conditions.children_named(names::AUDIENCE_RESTRICTION)? {
            has_only(restriction, &[names::AUDIENCE])?;
            let named = restriction.children_named(names::AUDIENCE)?;
            let named = named
                .into_iter()
                .map(|audience| audience.trimmed().map(str::to_owned));
            audiences.push(named.collect::<Result<_, _>>()?);
        }
        Ok(Self {
            not_before: optional_moment(conditions, "NotBefore")?,
            not_on_or_after: optional_moment(conditions, "NotOnOrAfter")?,
            audiences,
        })
    }
}

impl Authentication {
    fn of(assertion: Element<'_>) -> Result<Self, Refusal> {
        let statement = assertion.child(names::AUTHN_STATEMENT)?;
        let statement = statement.ok_or(Refusal::NoAuthnStatement)?;
        let context = statement.child(names::AUTHN_CONTEXT)?;
        let class = match context {
            Some(context) => context.child(names::AUTHN_CONTEXT_CLASS)?,
            None => None,
        };
        Ok(Self {
            at: moment(statement.required("AuthnInstant")?)?,
            session: owned(statement.attribute("SessionIndex")),
            until: optional_moment(statement, "SessionNotOnOrAfter")?,
            class: owned(class.map(Element::trimmed).transpose()?),
        })
    }
}

fn attributes(assertion: Element<'_>) -> Result<Vec<Attribute>, Refusal> {
    let mut all = Vec::new();
    let mut values = 0;
    for statement in assertion.children_named(names::ATTRIBUTE_STATEMENT)? {
        if statement
            .child((names::ASSERTION_NS, "EncryptedAttribute"))?
            .is_some()
        {
            return Err(Refusal::UnexpectedEncryption);
        }
        has_only(statement, &[names::ATTRIBUTE])?;
        for attribute in statement.children()? {
            let read = Attribute::of(attribute)?;
            values += read.values.len();
            if values > MOST_VALUES {
                return Err(Refusal::TooManyAttributeValues);
            }
            all.push(read);
        }
    }
    Ok(all)
}

impl Attribute {
    /// A value that is made of elements is not text, and left out as a whole.
    fn of(attribute: Element<'_>) -> Result<Self, Refusal> {
        has_only(attribute, &[names::ATTRIBUTE_VALUE])?;
        let mut values = Vec::new();
        for value in attribute.children()? {
            if value.has_elements() {
                value.children()?;
                continue;
            }
            let text = value.trimmed()?;
            if text.len() > LONGEST_VALUE {
                return Err(Refusal::TooManyAttributeValues);
            }
            if !text.is_empty() {
                values.push(text.to_owned());
            }
        }
        Ok(Self {
            name: attribute.required("Name")?.to_owned(),
            friendly_name: owned(attribute.attribute("FriendlyName")),
            values,
        })
    }
}

/// Nothing but elements of these names in it.
fn has_only(element: Element<'_>, known: &[Name]) -> Result<(), Refusal> {
    let is_known = |child: &Element<'_>| known.iter().any(|name| child.is(*name));
    if element.children()?.iter().all(is_known) {
        Ok(())
    } else {
        Err(Refusal::UnexpectedElement)
    }
}

/// Times of SAML are of UTC (Core §1.3.3).
pub(super) fn moment(text: &str) -> Result<Timestamp, Refusal> {
    let utc = Some(text).filter(|text| text.ends_with('Z'));
    utc.and_then(|text| text.parse().ok()).ok_or(Refusal::BadTime)
}

pub(super) fn optional_moment(element: Element<'_>, name: &str) -> Result<Option<Timestamp>, Refusal> {
    element.attribute(name).map(moment).transpose()
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}
