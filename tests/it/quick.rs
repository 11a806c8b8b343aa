#![allow(dead_code, clippy::unwrap_used)]
mod saml;
mod harness {
    #[path = "dice.rs"]
    mod dice;
    pub(crate) use dice::Dice;
}
