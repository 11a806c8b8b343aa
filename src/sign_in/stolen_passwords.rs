//! A list of stolen passwords, as such lists can be had: SHA-1 in hexadecimal, sorted, `HASH` or `HASH:COUNT` a line. It is
//! looked up in its file, whose size doesn't matter, and never read into memory.

use std::cmp::Ordering;
use std::fmt::Write;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Mutex;

use aws_lc_rs::digest;

/// The digits of a SHA-1.
const DIGITS: usize = 40;

/// No line is longer, with its end.
const LONGEST_LINE: u64 = 80;

/// A list in its file.
pub struct StolenPasswords {
    file: Mutex<File>,
    length: u64,
}

/// A line and where it stands.
struct Line {
    start: u64,
    end: u64,
    hash: String,
}

impl StolenPasswords {
    /// Opens a list. Its first and last line show whether it is one.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let list = Self {
            length: file.metadata()?.len(),
            file: Mutex::new(file),
        };
        let end = list.line_at(list.length.saturating_sub(1))?;
        if list.line_at(0)?.hash > end.hash {
            return Err(malformed());
        }
        Ok(list)
    }

    /// Whether a password is on it.
    pub(super) fn has(&self, password: &str) -> io::Result<bool> {
        let hash = hash_of(password);
        let (mut low, mut high) = (0, self.length);
        while low < high {
            let line = self.line_at(low + (high - low) / 2)?;
            match line.hash.cmp(&hash) {
                Ordering::Equal => return Ok(true),
                Ordering::Less => low = line.end,
                Ordering::Greater => high = line.start,
            }
        }
        Ok(false)
    }

    /// The line that a byte stands in.
    fn line_at(&self, place: u64) -> io::Result<Line> {
        let before = place.saturating_sub(LONGEST_LINE);
        let mut around = Vec::new();
        {
            let mut file = self.file.lock().map_err(|_| malformed())?;
            file.seek(SeekFrom::Start(before))?;
            (&mut *file).take(2 * LONGEST_LINE).read_to_end(&mut around)?;
        }
        let at = usize::try_from(place - before).map_err(|_| malformed())?;
        let (head, tail) = around.split_at_checked(at).ok_or_else(malformed)?;
        let start = head
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        if start == 0 && before > 0 {
            return Err(malformed());
        }
        let end = tail.iter().position(|byte| *byte == b'\n');
        let end = end.map_or(around.len(), |end| at + end + 1);
        let hash = around.get(start..start + DIGITS).ok_or_else(malformed)?;
        let ends = matches!(around.get(start + DIGITS), None | Some(b':' | b'\r' | b'\n'));
        if !ends || !hash.iter().all(u8::is_ascii_hexdigit) {
            return Err(malformed());
        }
        let offset = |index: usize| before + u64::try_from(index).unwrap_or(0);
        Ok(Line {
            start: offset(start),
            end: offset(end),
            hash: String::from_utf8_lossy(hash).to_ascii_uppercase(),
        })
    }
}

fn malformed() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "it is no sorted list of SHA-1 hashes in hexadecimal, one a line",
    )
}

/// SHA-1 in capital hex digits, as such lists have it.
fn hash_of(password: &str) -> String {
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    let mut text = String::with_capacity(2 * hash.as_ref().len());
    for byte in hash.as_ref() {
        let _infallible = write!(text, "{byte:02X}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn list_of(lines: &[String], end: &str) -> io::Result<StolenPasswords> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        let text = lines.join(end) + if lines.is_empty() { "" } else { end };
        fs::write(&path, text).unwrap();
        StolenPasswords::open(&path)
    }

    #[test]
    fn every_password_of_a_list_is_found_and_no_other() {
        let mut bare: Vec<String> = (0..1000)
            .map(|number| hash_of(&format!("stolen {number}")))
            .collect();
        bare.sort_unstable();
        let counted: Vec<String> = bare
            .iter()
            .enumerate()
            .map(|(number, hash)| format!("{hash}:{}", number * 7919))
            .collect();
        let lower: Vec<String> = bare.iter().map(|hash| hash.to_lowercase()).collect();
        for (lines, end) in [(&bare, "\n"), (&counted, "\r\n"), (&lower, "\n")] {
            let list = list_of(lines, end).unwrap();
            for number in 0..1000 {
                assert!(list.has(&format!("stolen {number}")).unwrap());
                assert!(!list.has(&format!("my own {number}")).unwrap());
            }
        }
        let one = list_of(&[hash_of("alone")], "").unwrap();
        assert!(one.has("alone").unwrap() && !one.has("together").unwrap());
    }

    #[test]
    fn what_is_no_such_list_is_refused_when_it_is_opened() {
        let mut wrong_way = vec![hash_of("one"), hash_of("another")];
        wrong_way.sort_unstable();
        wrong_way.reverse();
        for lines in [
            vec![],
            vec!["password".to_owned()],
            wrong_way,
            vec![format!("{}0", hash_of("a"))],
        ] {
            assert!(list_of(&lines, "\n").is_err(), "{lines:?}");
        }
    }
}
