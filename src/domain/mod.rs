//! Pure types and rules: no I/O, no time, no randomness, nothing of ours imported.

pub mod access;
pub mod alert;
pub mod audit;
pub mod billing;
pub mod description;
pub mod email;
pub mod id;
pub mod invitation;
pub mod limit;
pub mod membership;
pub mod network;
pub mod oauth;
pub mod organization;
pub mod profile;
pub mod proof;
pub mod review;
pub mod search;
pub mod secret;
pub mod security;
pub mod session;
pub mod sign_in;
pub mod signing_key;
pub mod text;
pub mod throttle;
pub mod time;
pub mod user;
