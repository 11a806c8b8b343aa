//! `doorward products`: what permissions can be limited to.

use super::super::verb::{Column, Flag, Noun, Verb};

const ALL: &str = "/v2/organizations/{org}/products";
const ONE: &str = "/v2/organizations/{org}/products/{product}";

const PRODUCT: Flag = Flag::text("product", "Its id").of("ID").required();

pub(super) const NOUN: Noun = Noun {
    name: "products",
    about: "What permissions can be limited to",
    verbs: &[
        Verb::list(
            ALL,
            &[
                Column::text("NAME", "name"),
                Column::text("DISPLAY NAME", "display_name"),
                Column::when("CREATED", "created_at"),
                Column::whole("ID", "id"),
            ],
        )
        .told("List products", "products list"),
        Verb::show(ONE)
            .told(
                "Show a product",
                "products show --product prd_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[PRODUCT]),
        Verb::create(ALL)
            .told(
                "Make a product",
                "products create --name rover --display-name \"Mars Rover\"",
            )
            .takes(&[
                Flag::text("name", "Its unique name").required(),
                Flag::text("display-name", "What people read").of("NAME"),
            ]),
        Verb::update(ONE)
            .told(
                "Change a product",
                "products update --product prd_01kaxw3vd0f1wvj1d2sahtfxyz --display-name Rover",
            )
            .takes(&[PRODUCT, Flag::text("display-name", "What people read").of("NAME")]),
        Verb::delete(ONE, "The product {product} is gone.")
            .told(
                "Delete a product",
                "products delete --product prd_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[PRODUCT])
            .asks_whether("Delete the product {product}, with what is granted on it?"),
    ],
    nouns: &[],
};
