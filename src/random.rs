//! The only place that draws randomness: secrets, ids, salts.

use aws_lc_rs::rand;
use type_safe_id::{StaticType, TypeSafeId};
use uuid::Builder;

use crate::domain::secret::Secret;
use crate::domain::time::Timestamp;

/// `N` bytes from the operating system's generator.
#[expect(clippy::disallowed_methods, reason = "this is the source of randomness")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

/// Gathers randomness in the background: the first that a process draws takes aws-lc some 70 ms, as it doesn't trust
/// the operating system alone (CPU jitter), and nobody should have to wait for that.
pub fn gather() {
    std::thread::spawn(bytes::<1>);
}

/// A new id: a `UUIDv7` of this moment (RFC 9562 §5.7).
pub fn id<T: StaticType>(now: Timestamp) -> TypeSafeId<T> {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    TypeSafeId::from_uuid(Builder::from_unix_timestamp_millis(millis, &bytes()).into_uuid())
}

/// A new secret of 256 bits.
pub fn secret() -> Secret {
    Secret::from_bytes(&bytes())
}
