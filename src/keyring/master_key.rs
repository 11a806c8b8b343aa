//! The master key: 32 random bytes in a file that only the owner can read. Seals what the database must not know.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::sealed::{self, derive};
use crate::random;

/// The file in the keys folder.
const FILE: &str = "master.key";

/// The key that everything secret in the database is sealed with.
pub struct MasterKey {
    id: String,
    bytes: Zeroizing<[u8; 32]>,
}

/// Why a master key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The file or its folder.
    #[error("can't use the master key {0}: {1}")]
    File(PathBuf, std::io::Error),
    /// Others could read it.
    #[error("the master key {0} can be read by others (mode {1:o}); run: chmod 600 {0}")]
    TooOpen(PathBuf, u32),
    /// Not 32 bytes in base64url.
    #[error("{0} is not a master key: it must hold 43 base64url characters; restore it from your backup")]
    Damaged(PathBuf),
}

impl MasterKey {
    /// Reads the key of a folder; nothing if there is none.
    pub fn read(folder: &Path) -> Result<Option<Self>, MasterKeyError> {
        let path = folder.join(FILE);
        let failed = |error| MasterKeyError::File(path.clone(), error);
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(MasterKeyError::TooOpen(path, mode));
        }
        let text = Zeroizing::new(fs::read_to_string(&path).map_err(failed)?);
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.trim()).unwrap_or_default());
        match <[u8; 32]>::try_from(bytes.as_slice()) {
            Ok(bytes) => Ok(Some(Self::from_bytes(bytes))),
            Err(_) => Err(MasterKeyError::Damaged(path)),
        }
    }

    /// Makes a new key in a folder that has none.
    pub fn create(folder: &Path) -> Result<Self, MasterKeyError> {
        let path = folder.join(FILE);
        let failed = |error| MasterKeyError::File(path.clone(), error);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(failed)?;
        let bytes = random::bytes::<32>();
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes));
        // Written whole elsewhere first: a key file is there with all of its key, or not at all, and never replaced.
        let draft = folder.join(format!(".{FILE}.{}", std::process::id()));
        let mut file = fs::File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)
            .map_err(failed)?;
        let written = writeln!(file, "{}", text.as_str()).and_then(|()| file.sync_all());
        let placed = written.and_then(|()| fs::hard_link(&draft, &path));
        fs::remove_file(&draft).map_err(failed)?;
        placed.map_err(failed)?;
        Ok(Self::from_bytes(bytes))
    }

    fn from_bytes(bytes: [u8; 32]) -> Self {
        let bytes = Zeroizing::new(bytes);
        let name = digest::digest(
            &digest::SHA256,
            derive(bytes.as_slice(), "doorward master key id").as_slice(),
        );
        Self {
            id: URL_SAFE_NO_PAD.encode(&name.as_ref()[..9]),
            bytes,
        }
    }

    /// The name of this key: 12 characters that tell nothing about it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key that audit events are authenticated with.
    pub(super) fn audit_key(&self) -> hmac::Key {
        hmac::Key::new(
            hmac::HMAC_SHA256,
            derive(self.bytes.as_slice(), "doorward audit").as_slice(),
        )
    }

    /// The seed of the key that the audit log is sealed with.
    pub(super) fn audit_signing_seed(&self) -> Zeroizing<[u8; 32]> {
        derive(self.bytes.as_slice(), "doorward audit seals")
    }

    /// The key that short codes are hashed with.
    pub(super) fn code_key(&self) -> hmac::Key {
        hmac::Key::new(
            hmac::HMAC_SHA256,
            derive(self.bytes.as_slice(), "doorward codes").as_slice(),
        )
    }

    /// Encrypts, bound to `context`.
    pub(super) fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        sealed::seal(&self.sealing_key(), context, plain)
    }

    /// Decrypts what [`Self::seal`] made with the same context; nothing if a bit of it changed.
    pub(super) fn open(&self, context: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        sealed::open(&self.sealing_key(), context, sealed)
    }

    fn sealing_key(&self) -> Zeroizing<[u8; 32]> {
        derive(self.bytes.as_slice(), "doorward sealing")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_whole_and_in_its_place() {
        let key = MasterKey::from_bytes([1; 32]);
        let sealed = key.seal("signing key a", b"secret");
        assert_eq!(key.open("signing key a", &sealed).unwrap().as_slice(), b"secret");
        assert!(key.open("signing key b", &sealed).is_none());
        assert!(
            MasterKey::from_bytes([2; 32])
                .open("signing key a", &sealed)
                .is_none()
        );
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(key.open("signing key a", &changed).is_none());
        }
        assert!(key.open("signing key a", &sealed[..5]).is_none());
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let id = MasterKey::create(folder.path()).unwrap().id().to_owned();
        assert_eq!(MasterKey::read(folder.path()).unwrap().unwrap().id(), id);
        let file = folder.path().join(FILE);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            MasterKey::read(folder.path()),
            Err(MasterKeyError::TooOpen(_, 0o640))
        ));
    }
}
