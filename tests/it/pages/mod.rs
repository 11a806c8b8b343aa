//! Pages, in real browsers and as HTML.

mod accessibility;
mod account_sessions;
mod authenticator;
mod claim;
mod enrolment;
mod gallery;
mod headers;
mod html;
mod invitation;
mod looks;
mod passkeys;
mod password;
mod portal;
mod portal_files;
mod portal_tries;
mod reports;
mod sample_application;
mod walk;
mod words;

pub(crate) use html::text;
pub(crate) use portal::{connection, gives, link};
