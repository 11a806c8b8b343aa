//! Attacks, by the ids of the corpus they come from: each is refused.

mod attestation;
mod codes;
mod cookies;
mod cross_site;
mod guessing;
mod impersonation;
mod passkeys;
mod sessions;
mod step_skipping;
mod text_messages;
