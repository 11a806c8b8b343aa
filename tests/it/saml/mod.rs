//! SAML: what other people's providers send, and what attackers would.

mod applications;
mod arrivals;
mod attacks;
mod binding;
mod documents;
mod judge;
mod metadata;
mod mutations;
mod providers;
mod real;
mod service_providers;
mod sign_in;
mod sign_out;
mod tries;
mod whole_chain;
mod written;
