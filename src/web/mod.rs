//! What endpoints and pages share: state, cookies, who is calling, forms, failures, headers. No protocol rule lives
//! here.

mod around;
pub mod assets;
mod authorization;
mod caller;
mod cookies;
mod csrf;
mod documents;
mod fault;
mod form;
mod headers;
mod internal;
mod page;
mod qr;
mod rate_limit;
mod sheet;
mod state;
mod trace;
mod trusted_proxies;
mod waiting;

pub use around::Around;
pub use authorization::{authorization, bearer};
pub use caller::{Browser, Caller, origin};
pub use cookies::{CookieKind, Cookies};
pub use csrf::{csrf_token, is_same_origin, require_same_origin, verify_csrf};
pub use documents::Documents;
pub use fault::{Fault, seconds_to_wait};
pub use form::{as_query, read_form};
pub use internal::{Internal, Running};
pub use page::{FormAction, Frame, page, page_that_goes_on, page_with_passkeys, redirect};
pub use qr::QrPicture;
pub use rate_limit::{Allowance, RateLimit};
pub use sheet::Sheet;
pub use state::{AppState, Shared};
pub use trace::{Arrival, AskedBy, TraceId};
pub use waiting::{AnswerTo, Waiting};
