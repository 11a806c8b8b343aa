//! The attacks of SECURITY.md on whoever believes a provider: SA1 to SA31, SA35 and SA36. Each is refused for a reason of its
//! own, and each has a twin without the attack that is believed.

mod bytes;
mod conditions;
mod cost;
mod encryption;
pub(crate) mod oracle;
mod shapes;
mod signatures;
pub(crate) mod twins;
mod wrapping;
