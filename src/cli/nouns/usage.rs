//! `doorward usage` and `doorward usage reservations`: what products use and are about to use.

use super::super::verb::{Column, Flag, Noun, Verb};

const ALL: &str = "/v2/organizations/{org}/usage";
const RESERVATIONS: &str = "/v2/organizations/{org}/usage/reservations";
const RESERVATION: &str = "/v2/organizations/{org}/usage/reservations/{reservation}";

const ID: Flag = Flag::text("reservation", "Its id").of("ID").required();
const PRODUCT: Flag = Flag::text("product", "Which product; absent for all together").of("ID");

pub(super) const NOUN: Noun = Noun {
    name: "usage",
    about: "What products use and are about to use",
    verbs: &[
        Verb::list(
            ALL,
            &[
                Column::text("PRODUCT", "product"),
                Column::text("DEVICES", "devices"),
                Column::text("DEPLOYMENTS", "active_deployments"),
                Column::when("REPORTED", "reported_at"),
            ],
        )
        .told("List what is reported, by product", "usage list"),
        Verb::put("report", ALL)
            .told(
                "Report what a product uses, in absolute numbers",
                "usage report --devices 42 --active-deployments 3",
            )
            .takes(&[
                PRODUCT,
                Flag::number("devices", "How many devices there are"),
                Flag::number("active-deployments", "How many deployments are active"),
            ]),
    ],
    nouns: &[Noun {
        name: "reservations",
        about: "Devices that are about to be, and count as if they were",
        verbs: &[
            Verb::create(RESERVATIONS)
                .told(
                    "Reserve devices for some minutes",
                    "usage reservations create --amount 10 --expires-in 300",
                )
                .takes(&[
                    Flag::number("amount", "How many").required(),
                    PRODUCT,
                    Flag::number("expires-in", "For how many seconds, 1 to 3600 [default: 300]")
                        .of("SECONDS"),
                ])
                .says(&[("resource", "devices")]),
            Verb::show(RESERVATION)
                .told(
                    "Show a reservation",
                    "usage reservations show --reservation rsv_01kaxw3vd0f1wvj1d2sahtfxyz",
                )
                .takes(&[ID]),
            Verb::delete(RESERVATION, "The reservation counts no longer.")
                .named("release")
                .told(
                    "Release a reservation",
                    "usage reservations release --reservation rsv_01kaxw3vd0f1wvj1d2sahtfxyz",
                )
                .takes(&[ID]),
        ],
        nouns: &[],
    }],
};
