//! Letters: what is told to people outside of any page.
//!
//! A letter is put into the outbox in the transaction of what it tells of, and taken out by a job. It is stored sealed,
//! as what it says and not yet in words: it may hold a link that is nobody else's business.

mod letter;
mod outbox;

pub use letter::Letter;
pub use outbox::{Addressed, post};
