//! Where an address is, approximately: by a file in `MaxMind`'s format, if the operator named one. Nobody is asked.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use maxminddb::{MaxMindDbError, PathElement, Reader};

use crate::domain::text::misleads;

/// Where addresses are; nowhere if there is no file. Cheap to copy.
#[derive(Clone, Default)]
pub struct Places(Option<Arc<Reader<Vec<u8>>>>);

/// A file of places is long.
impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Places(…)" } else { "Places" })
    }
}

/// The longest name of a city that is shown, in characters.
const MAX_NAME: usize = 80;

impl Places {
    /// Reads the file into memory.
    pub fn open(file: &Path) -> Result<Self, MaxMindDbError> {
        Ok(Self(Some(Arc::new(Reader::open_readfile(file)?))))
    }

    /// Where an address is: `Berlin, DE`, or `DE` if the file knows no cities.
    pub fn of(&self, address: IpAddr) -> Option<String> {
        let found = self.0.as_ref()?.lookup(address.to_canonical()).ok()?;
        // What most files have, and what flat ones have instead.
        let named = |nested: &[&'static str], flat: &'static str| {
            let path: Vec<_> = nested.iter().map(|key| PathElement::Key(key)).collect();
            let nested = found.decode_path::<String>(&path).ok().flatten();
            let flat = || {
                found
                    .decode_path::<String>(&[PathElement::Key(flat)])
                    .ok()
                    .flatten()
            };
            let name: String = nested
                .or_else(flat)?
                .chars()
                .filter(|c| !misleads(*c))
                .take(MAX_NAME)
                .collect();
            Some(name).filter(|name| !name.trim().is_empty())
        };
        let city = named(&["city", "names", "en"], "city");
        let country = named(&["country", "iso_code"], "country_code");
        match (city, country) {
            (Some(city), Some(country)) => Some(format!("{city}, {country}")),
            (city, country) => city.or(country),
        }
    }

    /// The same of an address as text.
    pub fn of_text(&self, address: &str) -> Option<String> {
        self.of(address.parse().ok()?)
    }
}
