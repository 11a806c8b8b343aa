//! An invitation, and its acceptance.

pub mod accept;
