//! Doorward: a self-hosted SSO identity provider and OIDC gateway in one binary.
//!
//! This page is the map of the house. Imports only ever go down the list of rooms, so whatever a room does can be
//! understood from the rooms below it.
//!
//! # Rooms
//!
//! | room | owns | never |
//! |---|---|---|
//! | [`cli`] | commands on the host, and `NOUN VERB` over `/v2`: one description a verb, in `nouns` | decides |
//! | [`app`] | wiring: what the server and the commands share | more than that |
//! | [`demo`] | what `--demo` adds: people to sign in as, and a sample application | runs on more than loopback |
//! | [`http`] | every route: the API's in one file, all others in another, and the internal port's; running until told to stop | knows what a route means |
//! | [`endpoints`] | what programs call: from HTTP to a use case and back | renders pages |
//! | [`pages`] | what people see: one folder a room, one file a page, templates beside them | decides |
//! | [`web`] | what both share: state, cookies, who is calling, CSRF, faults, words, and the request that waits | decides |
//! | [`jobs`] | what runs by itself | answers anybody |
//! | [`single_logout`] | who hears that a session is over: applications by SAML, and the provider that its person came by | keeps a session for somebody who doesn't answer |
//! | [`upstream`] | people who come by their company's own provider: sent there, back, and who they are here | believes an address that it didn't verify |
//! | [`downstream`] | applications that speak SAML: what they ask, and what they are told of people | sends an assertion where none was registered to go |
//! | [`directory`] | use cases on organizations and what is in them, each behind a permit | knows HTTP |
//! | [`oidc`] | the provider: `authorize`, `token`, and each kind of token in one file | knows HTTP |
//! | [`sign_in`] | identify, then the ladder: first factor, second factor, new password, session; delays; password hashing | tells whether an account exists |
//! | [`webauthn`] | ceremonies with passkeys and security keys | tells why an answer was refused |
//! | [`saml`] | SAML 2.0: documents gated, verified, and read from the verified bytes alone | knows who anybody is |
//! | [`delivery`] | letters: put into the outbox with what they tell of, and taken out | talks to anybody in a transaction |
//! | [`audit`] | one event for each change and sign-in, in its transaction; sealed into chains, and proved | holds a secret |
//! | [`keyring`] | master key, signing keys, JWS | prints a key |
//! | [`storage`] | the only SQL: one handle, one transaction, one file per aggregate | decides, draws time or randomness |
//! | [`config`] [`clock`] [`random`] | settings, time, entropy: each has one source | |
//! | [`outbound`] | asking servers that organizations name | reaches a network of ours, follows a redirect |
//! | [`devices`] [`places`] | what a user agent says it is; where an address is, by the operator's file | believes either |
//! | [`dns`] | what a domain's owner wrote into its DNS | remembers it |
//! | [`words`] | every visible string, from `templates/locales` | |
//! | [`metrics`] | what is counted, for Prometheus to read | takes a lock to count; a label that a caller chose |
//! | [`domain`] | pure types and rules: ids, email, access, sessions, OAuth's nouns | does I/O, imports the rest |
//!
//! # One request, from socket to row
//!
//! An application's back end redeems a code: `POST /oauth2/token`.
//!
//! 1. `http::router` names the request and hands it to `endpoints::oidc::token`, which reads the header and a bounded
//!    body and asks the clock.
//! 2. `oidc::token::respond` is all phases on one screen: parameters (each once), the client, the grant type, signing.
//! 3. `oidc::client` finds the application, from `oidc::memory` if nothing of it changed, and compares its secret's hash.
//! 4. `oidc::token::authorization_code` holds the client's word against the stored code, and in one transaction
//!    consumes it, reads afresh that person, membership, session and application are alive, starts the family, and
//!    writes the audit event. A code that comes back ends the family instead.
//! 5. After the commit `oidc::token::sign` makes the claims from what `domain::access` says the person may do, and
//!    signs.
//!
//! # And one of the API
//!
//! A program changes a product: `PATCH /v2/organizations/acme/products/prd_…` with a key.
//!
//! 1. `endpoints::api::rate_limit` counts it; `call` reads the key's hash out of the header, and decides nothing.
//! 2. `body` reads strict JSON into what the route takes; `etag` keeps what the sender knows of the thing.
//! 3. In one transaction `directory::require_on` reads afresh whom the key stands for, what they may do there and what
//!    the key's scopes leave of it, and mints a permit; the product is read, held against `If-Match`, and changed by
//!    `directory::products`, which takes the permit and writes the audit event.
//! 4. Whatever went wrong is an `endpoints::api::Problem`, told and logged in one place. To a stranger, what is another
//!    organization's is as if it were not.
//!
//! # Invariants
//!
//! `tests/tidy.rs` runs these; where the compiler can see to one, it does.
//!
//! 1. SQL stands only in `storage`, HTTP only in `http`, `endpoints`, `pages`, `web` and `demo`; time comes only from
//!    `clock`, randomness only from `random`.
//! 2. `domain` does no I/O. One pure function, `domain::access::decide`, decides access; token claims come from the
//!    same sources.
//! 3. A use case that changes something in an organization takes a `directory::Permit<'tx>`, which only the access
//!    check mints, from rows read in that very transaction.
//! 4. A change or a sign-in commits together with its audit event, or not at all. What changes nothing is observed
//!    (`audit::Observations`): it is in the log within a second, and when it finds no room there is no answer.
//! 5. Secrets ([`domain::secret`]) are shown once and stored as hashes, two types that nothing can print.
//! 6. An answer is redirected only through `oidc::authorize::Destination`, and posted only to a `downstream::Recipient`;
//!    both exist only for a registered address.
//! 7. Each kind of token is signed and read in one file, behind its own `typ`; nothing else touches JWS.
//! 8. Every page is rendered in a test; every migration comes for both databases.
//! 9. A state is an enum with that state's data; what is next for a request is decided afresh from the facts at every
//!    step, so that none can be skipped.
//! 10. What changes a row that is read often tells the change feed (`storage::Topic`); what was kept of it is not
//!     believed by the very next request.
//! 11. Whoever gives something, by whatever way, holds it for good: `directory::holdings` asks, and
//!     `domain::access::Holdings` decides.
//! 12. What a person is told by mail is put into the outbox in the transaction of what it tells of.
//! 13. A dry run is the change itself, done by its use case and undone. What was asked as one is never done in earnest:
//!     where there is none, it is refused (`endpoints::api::call`).
//! 14. The log is only added to. What goes from it, with a person or with age, goes under a signed note that
//!     `audit::verify` asks for; whatever else is missing, changed or new was tampered with.
//!
//! 15. To an account that exists, the ladder (`sign_in::climb`) alone opens a session, by what was shown in that very
//!     sign-in; a second factor by itself makes the same person's open session surer, and nothing else.
//! 16. What changes how somebody proves themselves takes a fresh proof of all that they have (`SelfPermit::is_fresh`), and
//!     they are told of it in the same transaction.
//!
//! 17. Of a SAML message only the bytes that a pinned key signed are read (`saml::Verified`, which one file makes).
//! 18. What an upstream provider says of somebody counts in the organization that owns the connection, and nowhere else;
//!     whom it means, `upstream::arrive` alone decides, and by itself it links nobody whom that organization doesn't manage.
//! 19. A directory provisions over SCIM behind a permit, minted from its token's row in that very transaction; it changes
//!     nobody who may do more than the token.
//! 20. A session here ends before anybody else hears of it, and only a word that its sender signed, once, ends it for them.
//!
//! The design this follows calls a pending authorization's choice of organization and consent steps of the sign-in.
//! Here they belong to the request (`oidc::authorize::next`): a person who is signed in already meets them too.

pub mod app;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod delivery;
pub mod demo;
pub mod devices;
pub mod directory;
pub mod dns;
pub mod domain;
pub mod downstream;
pub mod endpoints;
pub mod http;
pub mod jobs;
pub mod keyring;
pub mod metrics;
pub mod oidc;
pub mod outbound;
pub mod pages;
pub mod places;
pub mod random;
pub mod saml;
pub mod sign_in;
pub mod single_logout;
pub mod storage;
pub mod upstream;
pub mod web;
pub mod webauthn;
pub mod words;
