//! The OpenID provider, as applications and their people see it.

mod authorize_by_post;
mod authorize_parameters;
mod client_authentication;
mod clients;
mod code;
mod code_race;
mod redirect;
mod refusal;
mod sign_in_to_an_application;
