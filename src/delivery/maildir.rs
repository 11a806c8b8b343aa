//! A maildir: one file a letter, whole or absent, for whoever reads mail on this machine or has no relay yet.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::domain::id::LetterId;
use crate::domain::time::Timestamp;

/// A folder with `tmp`, `new` and `cur` in it, which only its owner can look into.
#[derive(Debug, Clone)]
pub(super) struct Maildir(PathBuf);

impl Maildir {
    /// Opens the folder, and makes it if it is not there.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        for part in ["tmp", "new", "cur"] {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder.join(part))?;
        }
        Ok(Self(folder.to_owned()))
    }

    /// Puts a message into `new`, durably. The same letter once more takes the place of the first.
    pub(super) fn put(
        &self,
        id: LetterId,
        posted_at: Timestamp,
        host: &str,
        message: &[u8],
    ) -> io::Result<()> {
        let host: String = host
            .chars()
            .map(|c| if "/:[]".contains(c) { '_' } else { c })
            .collect();
        let name = format!("{}.{id}.{host}", posted_at.seconds());
        let (written, ready) = (self.0.join("tmp").join(&name), self.0.join("new").join(&name));
        let mut file = File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&written)?;
        file.write_all(&with_plain_line_ends(message))?;
        file.sync_all()?;
        fs::rename(&written, &ready)?;
        File::open(self.0.join("new"))?.sync_all()
    }
}

/// What stands on a disk ends its lines with LF alone.
fn with_plain_line_ends(message: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(message.len());
    for (at, byte) in message.iter().enumerate() {
        if *byte != b'\r' || message.get(at + 1) != Some(&b'\n') {
            plain.push(*byte);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::random;

    #[test]
    fn a_letter_is_there_whole_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("data/mail");
        let maildir = Maildir::open(&place).unwrap();
        let (id, at) = (
            random::id(Timestamp::from_millis(1_795_339_800_123)),
            Timestamp::from_millis(1_795_339_800_123),
        );
        for _ in 0..2 {
            maildir.put(id, at, "[::1]", b"A: b\r\n\r\nc\r\n").unwrap();
        }
        let found: Vec<_> = fs::read_dir(place.join("new"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        assert_eq!(found, [place.join("new").join(format!("1795339800.{id}.___1_"))]);
        assert_eq!(fs::read(&found[0]).unwrap(), b"A: b\n\nc\n");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode(&found[0]), mode(&place), mode(&place.join("new"))),
            (0o600, 0o700, 0o700)
        );
        assert_eq!(fs::read_dir(place.join("tmp")).unwrap().count(), 0);
    }
}
