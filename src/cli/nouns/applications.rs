//! `doorward applications`: downstream clients, by the names of RFC 7591.

use super::super::verb::{Column, Flag, Noun, Verb};

const ALL: &str = "/v2/organizations/{org}/applications";
const ONE: &str = "/v2/organizations/{org}/applications/{application}";

const APPLICATION: Flag = Flag::text("application", "Its client_id").of("ID").required();

const NAME: Flag = Flag::text("name", "What people read").as_field("client_name");
const REDIRECT_URI: Flag = Flag::texts("redirect-uri", "Where answers may go; may be repeated")
    .of("URL")
    .as_field("redirect_uris");
const GRANT_TYPES: Flag = Flag::words(
    "grant-types",
    "Ways to a token, by commas: authorization_code, refresh_token, client_credentials",
)
.of("TYPE");
const AUTH_METHOD: Flag = Flag::one_of(
    "auth-method",
    &["none", "client_secret_basic", "client_secret_post"],
    "How it proves itself",
)
.as_field("token_endpoint_auth_method");
const SCOPE: Flag = Flag::text(
    "scope",
    "The most it may ask for, such as \"openid profile email\"",
);
const ALGORITHM: Flag = Flag::one_of(
    "id-token-alg",
    &["RS256", "ES256", "EdDSA"],
    "How its id tokens are signed",
)
.as_field("id_token_signed_response_alg");
const LOGOUT_URI: Flag = Flag::texts(
    "post-logout-redirect-uri",
    "Where sign-out may lead; may be repeated",
)
.of("URL")
.as_field("post_logout_redirect_uris");
const RESOURCE: Flag = Flag::texts(
    "resource",
    "A resource server that it may ask tokens for; may be repeated",
)
.of("URL")
.as_field("resources");
const ADMIN_API: Flag = Flag::yes_or_no("admin-api", "Whether it may ask tokens for this API");
const ID_TOKEN_ON_REFRESH: Flag =
    Flag::yes_or_no("id-token-on-refresh", "Whether a refresh answers an id token too");
const REQUIRE_PKCE: Flag = Flag::yes_or_no("require-pkce", "Whether codes need PKCE");
const REQUIRE_NONCE: Flag = Flag::yes_or_no("require-nonce", "Whether requests need a nonce");
const FIRST_PARTY: Flag = Flag::yes_or_no("first-party", "Whether nobody is asked for consent");
const ACTIVE: Flag = Flag::yes_or_no("active", "Whether it is switched on");
const OPEN_TO: Flag = Flag::one_of(
    "open-to",
    &["own_members", "every_organization"],
    "Whose members may use it",
);

pub(super) const NOUN: Noun = Noun {
    name: "applications",
    about: "Downstream clients that people sign in to",
    verbs: &[
        Verb::list(
            ALL,
            &[
                Column::text("NAME", "client_name"),
                Column::text("SIGNS IN BY", "token_endpoint_auth_method"),
                Column::text("ACTIVE", "active"),
                Column::whole("CLIENT ID", "client_id"),
            ],
        )
        .told("List applications", "applications list"),
        Verb::show(ONE)
            .told(
                "Show an application",
                "applications show --application app_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[APPLICATION]),
        Verb::create(ALL)
            .told(
                "Register an application; its secret, if it has one, is alone on standard output",
                "applications create --name \"Acme Fleet\" --redirect-uri https://fleet.example.com/callback",
            )
            .takes(&[
                NAME.required(),
                REDIRECT_URI,
                GRANT_TYPES,
                AUTH_METHOD,
                SCOPE,
                ALGORITHM,
                LOGOUT_URI,
                RESOURCE,
                ADMIN_API,
                ID_TOKEN_ON_REFRESH,
                REQUIRE_PKCE,
                REQUIRE_NONCE,
                FIRST_PARTY,
                ACTIVE,
                OPEN_TO,
            ])
            .shows_once("client_secret"),
        Verb::update(ONE)
            .told(
                "Change an application; a list is replaced as a whole",
                "applications update --application app_01kaxw3vd0f1wvj1d2sahtfxyz --active false",
            )
            .takes(&[
                APPLICATION,
                NAME,
                REDIRECT_URI,
                GRANT_TYPES,
                AUTH_METHOD,
                SCOPE,
                ALGORITHM,
                LOGOUT_URI,
                RESOURCE,
                ADMIN_API,
                ID_TOKEN_ON_REFRESH,
                REQUIRE_PKCE,
                REQUIRE_NONCE,
                FIRST_PARTY,
                ACTIVE,
                OPEN_TO,
            ]),
        Verb::create("/v2/organizations/{org}/applications/{application}/secret")
            .named("rotate-secret")
            .told(
                "Give an application a new secret, which is alone on standard output",
                "applications rotate-secret --application app_01kaxw3vd0f1wvj1d2sahtfxyz > secret",
            )
            .takes(&[APPLICATION])
            .asks_whether("Replace the secret of {application}? It can't sign in by the old one any more.")
            .shows_once("client_secret"),
        Verb::delete(ONE, "The application {application} is gone.")
            .told(
                "Delete an application, with its tokens",
                "applications delete --application app_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[APPLICATION])
            .asks_whether("Delete the application {application}, with its tokens and what people agreed to?"),
    ],
    nouns: &[],
};
