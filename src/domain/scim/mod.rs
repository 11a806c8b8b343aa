//! SCIM 2.0 (RFC 7643, RFC 7644) as far as it is rules on values: attribute paths, filters, patches, and what of a
//! resource is shown. Knows nothing of users and groups, and does no I/O.

mod attribute;
mod external_id;
mod filter;
mod patch;
mod projection;

pub use attribute::AttributePath;
pub use external_id::{ExternalId, NotAnExternalId};
pub use filter::{BadFilter, Filter};
pub use patch::{Attribute, Kind, Operation, PatchError, Shape, apply, operations};
pub use projection::Projection;

/// What a filter, a path or a list of attributes may have, in bytes.
pub const MAX_BYTES: usize = 4 * 1024;
