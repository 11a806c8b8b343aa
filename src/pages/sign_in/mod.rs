//! Signing in, one page a step.

pub mod identify;
pub mod password;
