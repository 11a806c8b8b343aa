//! The OpenID provider, as applications and their people see it.

mod code;
mod code_race;
mod redirect;
mod refusal;
mod sign_in_to_an_application;
