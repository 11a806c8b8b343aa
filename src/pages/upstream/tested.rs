//! What came when somebody tried a connection, what shows that it is the provider's, and what a sign-in would make of it:
//! shown to them, and nothing of it kept but the names of the attributes. Nobody is signed in by it.

use askama::Template;
use axum::response::Response;

use super::evidence::Shown;
use crate::directory::connections::Gift;
use crate::domain::evidence::{Evidence, Signature, Signed, Sources};
use crate::domain::time::Timestamp;
use crate::pages::long;
use crate::upstream::{Outlook, Prospect, Tested};
use crate::web::{FormAction, Frame, page};

/// The page: `templates/upstream/tested.html`.
#[derive(Template)]
#[template(path = "upstream/tested.html")]
pub struct TestedPage {
    /// The frame.
    pub page: Frame,
    /// Whether they would come in.
    pub comes_in: bool,
    /// What would become of them: the key of a sentence.
    pub prospect: &'static str,
    /// Who came, by the provider's name for them.
    pub subject: String,
    /// Where they are written to.
    pub email: Option<String>,
    /// Whether the provider says that it verified that.
    pub verified: bool,
    /// Which attribute said so.
    pub email_by: Option<String>,
    /// What they are called.
    pub name: Option<String>,
    /// Which attributes said so.
    pub name_by: String,
    /// Whether they showed a second factor there.
    pub second_factor: bool,
    /// The attribute whose values rules are about.
    pub groups: String,
    /// What the rules give.
    pub gives: Vec<Gift>,
    /// Values that no rule names.
    pub unnamed: String,
    /// What shows that it is the provider's.
    pub evidence: Shown,
    /// All attributes, name and values.
    pub attributes: Vec<(String, String)>,
}

impl TestedPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let saml = evidence(&[Signed::Response, Signed::Assertion], true, 2);
        let oidc = evidence(&[Signed::IdToken], false, -1);
        let of = |subject: &str, email: Option<&str>, verified, prospect, evidence: &Evidence| Self {
            page: Frame::english(),
            comes_in: comes_in(prospect),
            prospect: in_words(prospect),
            subject: subject.to_owned(),
            email: email.map(str::to_owned),
            verified,
            email_by: email.map(|_| "email".to_owned()),
            name: email.map(|_| "Bob Becker".to_owned()),
            name_by: "givenName, sn".to_owned(),
            second_factor: verified,
            groups: "groups".to_owned(),
            gives: Vec::new(),
            unnamed: String::new(),
            evidence: Shown::of(evidence),
            attributes: vec![
                ("email".to_owned(), email.unwrap_or_default().to_owned()),
                ("groups".to_owned(), "fleet-admins, everybody".to_owned()),
            ],
        };
        let bob = Some("bob@acme.example");
        let gives = || {
            let gift = |name: &str, is_role| Gift {
                value: "fleet-admins".to_owned(),
                name: name.to_owned(),
                is_role,
            };
            vec![gift("manager", true), gift("Fleet", false)]
        };
        let verified = Self {
            gives: gives(),
            unnamed: "everybody".to_owned(),
            ..of("00u1", bob, true, Prospect::Joins, &saml)
        };
        let off = evidence(&[Signed::Assertion], false, 95);
        let late = Self {
            unnamed: "fleet-admins, everybody".to_owned(),
            ..of("00u1", bob, true, Prospect::MakesNobody, &off)
        };
        let long = Self {
            gives: gives(),
            unnamed: [long::NAME; 3].join(", "),
            ..of(long::NAME, Some(long::EMAIL), true, Prospect::Managed, &saml)
        };
        vec![
            ("verified", verified),
            ("linked", of("00u1", bob, true, Prospect::Linked, &oidc)),
            ("unverified", of("00u1", bob, false, Prospect::Unverified, &oidc)),
            ("foreign", of("00u1", bob, true, Prospect::ForeignDomain, &oidc)),
            ("bare", of("00u1", None, false, Prospect::NoEmail, &oidc)),
            ("kept_out", of("00u1", bob, true, Prospect::KeptOut, &oidc)),
            ("no_room", of("00u1", bob, true, Prospect::NoRoom, &oidc)),
            ("clock_off", late),
            ("long", long),
        ]
    }
}

/// The page.
pub fn show(tested: &Tested) -> Response {
    let (arrival, evidence) = (&tested.said.arrival, &tested.said.evidence);
    let Outlook {
        prospect,
        groups,
        gives,
        unnamed,
    } = &tested.outlook;
    let attributes = arrival.attributes.iter();
    let shown = TestedPage {
        page: Frame::english(),
        comes_in: comes_in(*prospect),
        prospect: in_words(*prospect),
        subject: arrival.subject.as_str().to_owned(),
        email: arrival.email.as_ref().map(|arrived| arrived.email.to_string()),
        verified: arrival.email.as_ref().is_some_and(|arrived| arrived.verified),
        email_by: evidence.sources.email.clone(),
        name: arrival.name.clone(),
        name_by: evidence.sources.name.join(", "),
        second_factor: arrival.second_factor,
        groups: groups.clone(),
        gives: gives.clone(),
        unnamed: unnamed.join(", "),
        evidence: Shown::of(evidence),
        attributes: attributes
            .map(|(name, values)| (name.clone(), values.join(", ")))
            .collect(),
    };
    page(&shown, &FormAction::Own)
}

fn comes_in(prospect: Prospect) -> bool {
    matches!(prospect, Prospect::Linked | Prospect::Managed | Prospect::Joins)
}

fn in_words(prospect: Prospect) -> &'static str {
    match prospect {
        Prospect::Linked => "upstream-tested-linked",
        Prospect::KeptOut => "upstream-tested-kept-out",
        Prospect::Managed => "upstream-tested-managed",
        Prospect::Joins => "upstream-tested-joins",
        Prospect::NoRoom => "upstream-tested-no-room",
        Prospect::MakesNobody => "upstream-tested-makes-nobody",
        Prospect::NoEmail => "upstream-tested-bare",
        Prospect::Unverified => "upstream-tested-unvouched",
        Prospect::ForeignDomain => "upstream-tested-foreign-domain",
    }
}

/// When samples were tried.
const SAMPLED_AT: Timestamp = Timestamp::from_millis(1_795_339_800_000);

/// Evidence of samples, by a clock that is so many seconds ahead.
pub(super) fn evidence(signed: &[Signed], encrypted: bool, ahead: i64) -> Evidence {
    let signature = |of: &Signed| match of {
        Signed::IdToken => Signature {
            of: *of,
            key: Some("2026-11".to_owned()),
            algorithm: "RS256",
        },
        _ => Signature {
            of: *of,
            key: Some("5f2b8c1d9e3a47065f2b8c1d9e3a47065f2b8c1d9e3a47065f2b8c1d9e3a4706".to_owned()),
            algorithm: "RSA-SHA256",
        },
    };
    Evidence {
        signatures: signed.iter().map(signature).collect(),
        encrypted,
        issued: Timestamp::from_millis(SAMPLED_AT.millis() + ahead * 1000),
        received: SAMPLED_AT,
        sources: Sources::default(),
    }
}
