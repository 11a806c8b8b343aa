//! From a letter's words to a message (RFC 5322): text and HTML side by side, made so that nothing in a letter can
//! become a header.

use std::time::{Duration, UNIX_EPOCH};

use askama::Template;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

use super::{Addressed, Content};
use crate::config::{self, PublicUrl};
use crate::domain::id::LetterId;
use crate::domain::time::Timestamp;
use crate::places::Places;
use crate::words::Words;

/// Writes messages: from whom, and on which host.
#[derive(Clone)]
pub struct Composer {
    from: Mailbox,
    public_url: PublicUrl,
    places: Places,
}

/// A letter as it is read.
pub struct Written {
    /// Its subject.
    pub subject: String,
    /// For those who read text.
    pub text: String,
    /// For those who read HTML.
    pub html: String,
}

/// `templates/mail/letter.html`
#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    content: &'a Content,
    words: &'a Words,
    host: &'a str,
}

/// `templates/mail/letter.txt`
#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct Text<'a> {
    content: &'a Content,
    words: &'a Words,
    host: &'a str,
}

/// The address can't be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address is none that mail can be sent to")]
pub struct Unaddressable;

impl Composer {
    /// Writes as this mailbox, at this Doorward, which knows these places; nothing if the mailbox is none that mail can be
    /// from.
    pub fn of(from: &config::Mailbox, public_url: &PublicUrl, places: &Places) -> Option<Self> {
        let address: Address = from.email.as_str().parse().ok()?;
        let name = from.name.as_ref().map(ToString::to_string);
        Some(Self {
            from: Mailbox::new(name, address),
            public_url: public_url.clone(),
            places: places.clone(),
        })
    }

    /// A letter as it is read.
    pub fn write(&self, addressed: &Addressed) -> Written {
        let words = Words::in_language(&addressed.language);
        let content = Content::of(addressed, words, &self.public_url, &self.places);
        let (host, content) = (self.public_url.host(), &content);
        let (html, text) = (Html { content, words, host }, Text { content, words, host });
        let rendered = "a letter needs nothing but its own words";
        Written {
            subject: content.subject.clone(),
            html: html.render().expect(rendered),
            text: text.render().expect(rendered),
        }
    }

    /// A letter as it is sent. Made twice it has the same `Message-ID`, by which a double is known.
    pub fn compose(
        &self,
        id: LetterId,
        addressed: &Addressed,
        posted_at: Timestamp,
    ) -> Result<Message, Unaddressable> {
        let to: Address = addressed.to.as_str().parse().map_err(|_| Unaddressable)?;
        let written = self.write(addressed);
        let millis = u64::try_from(posted_at.millis()).unwrap_or(0);
        let parts = MultiPart::alternative()
            .boundary(format!("=_{id}"))
            .singlepart(SinglePart::plain(written.text))
            .singlepart(SinglePart::html(written.html));
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(written.subject)
            .date(UNIX_EPOCH + Duration::from_millis(millis))
            .message_id(Some(format!("<{id}@{}>", self.public_url.host())))
            // RFC 3834 §5: no out-of-office note in answer to this.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .multipart(parts)
            .map_err(|_| Unaddressable)
    }
}

impl Text<'_> {
    /// A line under a heading, as wide.
    fn rule(&self) -> String {
        "=".repeat(self.content.heading.chars().count().min(72))
    }
}

/// A paragraph in lines of at most 72 characters, where it can break.
fn wrapped(paragraph: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in paragraph.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= 72 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}
