//! The authorization endpoint: what is asked, what is next, and the code.

mod checks;
mod code;
mod destination;
mod next;

pub use checks::{Checked, Refusal, check};
pub use code::{Grounds, Issued, issue};
pub use destination::{Destination, RedirectTo};
pub use next::{Chosen, Enrolment, Next, Ready, SignInReason, next};
