//! `doorward domains`: which email domains are an organization's own.

use super::super::flag::Flag;
use super::super::verb::{Column, Noun, Verb};

const ALL: &str = "/v2/organizations/{org}/domains";
const ONE: &str = "/v2/organizations/{org}/domains/{domain}";

const CHALLENGE: &str = "/v2/organizations/{org}/domains/{domain}/challenge";
const VERIFY: &str = "/v2/organizations/{org}/domains/{domain}/verify";

const DOMAIN: Flag = Flag::text("domain", "The domain, such as acme.example").required();

pub(super) const NOUN: Noun = Noun {
    name: "domains",
    about: "Which email domains are an organization's own",
    verbs: &[
        Verb::list(
            ALL,
            &[
                Column::whole("DOMAIN", "domain"),
                Column::text("BY", "by"),
                Column::when("VERIFIED", "verified_at"),
            ],
        )
        .told("List domains", "domains list"),
        Verb::show(ONE)
            .told("Show a domain", "domains show --domain acme.example")
            .takes(&[DOMAIN]),
        Verb::put("add", ONE)
            .told(
                "Note a domain as the organization's; for superusers",
                "domains add --domain acme.example",
            )
            .takes(&[DOMAIN]),
        Verb::create(CHALLENGE)
            .named("challenge")
            .told(
                "Ask for the TXT record that shows a domain to be the organization's",
                "domains challenge --domain acme.example",
            )
            .takes(&[DOMAIN]),
        Verb::create(VERIFY)
            .named("verify")
            .told(
                "Look into the domain's DNS for that record",
                "domains verify --domain acme.example",
            )
            .takes(&[DOMAIN]),
        Verb::delete(ONE, "{domain} is nobody's now.")
            .named("remove")
            .told(
                "Take a domain from the organization; what a superuser added, for superusers",
                "domains remove --domain acme.example",
            )
            .takes(&[DOMAIN])
            .asks_whether("Take {domain} from {org}? Whoever it manages by that domain is managed no more."),
    ],
    nouns: &[],
};
