//! `doorward organizations`: the tenants.

use serde_json::json;

use super::super::failure::Failure;
use super::super::request::Request;
use super::super::verb::{Column, Flag, Noun, Verb};
use crate::domain::organization::OrganizationName;
use crate::domain::text::DisplayName;

const ALL: &str = "/v2/organizations";
const ONE: &str = "/v2/organizations/{org}";

const DISPLAY_NAME: Flag = Flag::text("display-name", "What people read").of("NAME");
const DESCRIPTION: Flag = Flag::text("description", "What it is there for").of("TEXT");
const CONTACT_EMAIL: Flag = Flag::text("contact-email", "Whom to write to about it").of("EMAIL");

pub(super) const NOUN: Noun = Noun {
    name: "organizations",
    about: "The tenants: make them, hand them on, delete them",
    verbs: &[
        Verb::list(
            ALL,
            &[
                Column::whole("NAME", "name"),
                Column::text("DISPLAY NAME", "display_name"),
                Column::when("CREATED", "created_at"),
                Column::whole("ID", "id"),
            ],
        )
        .told("List organizations", "organizations list --query acme")
        .takes(&[Flag::text("query", "Those whose name begins so").of("TEXT")]),
        Verb::show(ONE).told("Show an organization", "organizations show --organization acme"),
        Verb::create(ALL)
            .told(
                "Make an organization; for superusers",
                "organizations create --name \"My Organization\" --display-name \"My Company IoT Division\"",
            )
            .takes(&[
                Flag::text(
                    "name",
                    "Its unique name, for good; made of a-z, 0-9 and hyphens, whatever is typed",
                )
                .required(),
                DISPLAY_NAME,
                DESCRIPTION,
                CONTACT_EMAIL,
                Flag::text("owner", "Who owns it: an id or an email address [default: you]").of("USER"),
            ])
            .completed_by(with_a_slug),
        Verb::update(ONE)
            .told(
                "Change an organization",
                "organizations update --organization acme --contact-email it@acme.example",
            )
            .takes(&[DISPLAY_NAME, DESCRIPTION, CONTACT_EMAIL.nullable()]),
        Verb::create("/v2/organizations/{org}/transfer")
            .named("transfer-ownership")
            .told(
                "Hand an organization to one of its admins",
                "organizations transfer-ownership --organization acme --new-owner bob@acme.example",
            )
            .takes(&[
                Flag::text("new-owner", "An active admin: an id or an email address")
                    .of("USER")
                    .required(),
            ]),
        Verb::delete(ONE, "The organization {org} is gone.")
            .told(
                "Delete an organization with all that is in it",
                "organizations delete --organization acme",
            )
            .asks_for(
                "name",
                "This deletes the organization {org} with everything in it, for good.",
            ),
    ],
    nouns: &[],
};

/// The name that people type is made the unique one; what they typed is then what people read, unless they say more.
fn with_a_slug(request: &mut Request) -> Result<(), Failure> {
    let typed = request.said("name").unwrap_or_default().to_owned();
    if OrganizationName::parse(&typed).is_ok() {
        return Ok(());
    }
    let bad = |error: &dyn std::fmt::Display| Failure::Usage(format!("--name: {error}"));
    let display_name = DisplayName::parse(&typed).map_err(|error| bad(&error))?;
    let name = OrganizationName::from_display_name(&display_name).map_err(|error| bad(&error))?;
    request.say("name", json!(name.as_str()));
    if request.said("display_name").is_none() {
        request.say("display_name", json!(display_name.as_str()));
    }
    Ok(())
}
