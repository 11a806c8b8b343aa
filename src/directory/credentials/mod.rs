//! What people prove themselves with: changed by themselves, behind a fresh proof.

pub mod enrolment;
pub mod passkeys;
pub mod password;
pub mod password_reset;
pub mod phone;
pub mod recovery;
pub mod recovery_codes;
pub mod second_factors;
mod tell;
pub mod totp;
