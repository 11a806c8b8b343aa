//! What people prove themselves with: changed by themselves, behind a fresh proof.

pub mod password;
pub mod password_reset;
