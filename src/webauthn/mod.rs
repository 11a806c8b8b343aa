//! Ceremonies with passkeys and security keys (WebAuthn Level 3): what a browser is asked to sign, and what its answer
//! proves. The cryptography is webauthn-rs's; that an answer counts once, for whom and for what it was asked, is ours.
//!
//! What was asked is kept in the database, and taken out of it in the transaction that lets the answer count. Nobody is
//! told why an answer was refused, and nothing of what the library says of it goes anywhere.

mod assertion;
mod attestation;
mod ceremony;
mod enrolment;
mod form;
mod refused;
mod relying_party;

pub use assertion::{begin_second_factor, begin_sign_in, finish_second_factor, finish_sign_in};
pub use ceremony::{Answer, Question, script};
pub use enrolment::{Enrolled, begin_enrolment, finish_enrolment};
pub use refused::Refused;
pub use relying_party::RelyingParty;
