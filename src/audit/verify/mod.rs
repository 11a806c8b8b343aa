//! Proving that the log is as it was written: in a database, with the keys; or in an export, with nothing but that.

mod chain;
mod export;
mod live;
mod positions;
mod report;

pub use export::{ExportError, verify_export};
pub use live::verify;
pub use report::{Cut, Fault, Head, Report, What, name_of};
