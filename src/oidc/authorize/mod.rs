//! The authorization endpoint: what is asked, what is next, and the answer.

mod checks;
mod code;
mod destination;
mod grant;
mod next;

pub use checks::{Checked, Refusal, check};
pub use code::issue;
pub use destination::{Destination, RedirectTo};
pub use grant::{Granted, Grounds, NotGranted, grant};
pub use next::{Chosen, Enrolment, Next, Ready, SignInReason, next};
