//! Letters: how they read, and how they get out of the house.

mod letters;
mod relay;

use doorward::config::{Mailbox, PublicUrl};
use doorward::delivery::{Addressed, Composer, Letter};
use doorward::domain::email::Email;
use doorward::places::Places;

/// Writes as the house of the examples would.
fn composer() -> Composer {
    let from = Mailbox::parse("Doorward <doorward@id.example.com>").unwrap();
    Composer::of(
        &from,
        &PublicUrl::parse("https://id.example.com").unwrap(),
        &Places::default(),
    )
    .unwrap()
}

/// A letter to Carol.
fn to_carol(letter: Letter) -> Addressed {
    Addressed {
        to: Email::parse("carol@cook.example").unwrap(),
        language: "en".to_owned(),
        letter,
    }
}
