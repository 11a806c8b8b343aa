//! One's own account.

pub mod home;
