//! Letters: what is told to people outside of any page.
//!
//! A letter is put into the outbox in the transaction of what it tells of, and taken out by a job. It is stored sealed,
//! as what it says and not yet in words: it may hold a link that is nobody else's business. The post office opens it,
//! puts it into words and hands it to a carrier: an SMTP relay, or a folder. A letter goes out at least once: when a node
//! dies between sending and noting it, the same letter, by the same `Message-ID`, comes twice.

pub mod alerts;
mod carrier;
mod content;
mod letter;
mod maildir;
mod message;
mod outbox;
mod post_office;
mod shelf;
mod sms;
mod told;

pub use carrier::{Carrier, CarrierError};
pub use content::{Content, samples};
pub use letter::Letter;
pub use message::{Composer, Written};
pub use outbox::{Addressed, post};
pub use post_office::PostOffice;
pub use shelf::{Kept, Shelf};
pub use sms::{Messenger, NotDelivered};
pub use told::{AlertInWords, device_in_words};
