//! What a person proves themselves with: enrolled, changed and removed by themselves.

pub mod passkeys;
