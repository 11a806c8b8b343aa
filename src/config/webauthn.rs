//! Which passkeys and security keys may be enrolled: any, or those whose makers vouch for them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use uuid::Uuid;
use webauthn_rs::prelude::{AttestationCaList, AttestationCaListBuilder};

use super::{ConfigError, Setting, Sources};

/// Which passkeys and security keys may be enrolled.
#[derive(Debug, Clone, Default)]
pub struct WebauthnConfig {
    /// By whose certificates the maker has to vouch for each, and for which models. Nobody is asked to by default: what
    /// vouches can tell people apart.
    pub attested_by: Option<AttestationCaList>,
}

impl WebauthnConfig {
    pub(super) fn read(sources: &Sources) -> Result<Self, ConfigError> {
        let bad = |setting: Setting, expected| ConfigError::Bad {
            key: setting.key(),
            value: sources.get(setting).unwrap_or_default().to_owned(),
            expected,
        };
        let roots = sources.get(Setting::WebauthnAttestationRoots);
        let models = sources.get(Setting::WebauthnAllowedAaguids);
        match sources.get(Setting::WebauthnAttestation) {
            Some("direct") => {}
            None | Some("none") if roots.is_none() && models.is_none() => return Ok(Self::default()),
            None | Some("none") => {
                let expected = "direct, as webauthn.attestation_roots or webauthn.allowed_aaguids is set";
                return Err(bad(Setting::WebauthnAttestation, expected));
            }
            Some(_) => return Err(bad(Setting::WebauthnAttestation, "none or direct")),
        }
        let file = "a file with the makers' certificates (PEM), as webauthn.attestation is direct";
        let Some(path) = roots.map(PathBuf::from) else {
            return Err(bad(Setting::WebauthnAttestationRoots, file));
        };
        let pem = fs::read_to_string(&path).map_err(|error| ConfigError::Unreadable(path, error))?;
        let mut aaguids = Vec::new();
        for text in models.unwrap_or_default().split(',').map(str::trim) {
            if !text.is_empty() {
                let form = "AAGUIDs such as cb69481e-8ff7-4039-93ec-0a2729a154a8, separated by commas";
                let aaguid = Uuid::parse_str(text).map_err(|_| bad(Setting::WebauthnAllowedAaguids, form))?;
                aaguids.push(aaguid);
            }
        }
        let attested_by =
            trusted(&pem, &aaguids).ok_or_else(|| bad(Setting::WebauthnAttestationRoots, file))?;
        Ok(Self {
            attested_by: Some(attested_by),
        })
    }
}

/// The certificates of a file, each for these models, or for all if there are none; nothing if one can't be read, or if
/// there is none at all.
fn trusted(pem: &str, aaguids: &[Uuid]) -> Option<AttestationCaList> {
    const END: &str = "-----END CERTIFICATE-----";
    let mut all = AttestationCaList::default();
    let mut for_models = AttestationCaListBuilder::new();
    for certificate in pem.split_inclusive(END).filter(|part| part.contains(END)) {
        let certificate = certificate.trim_start().as_bytes();
        let one = AttestationCaList::try_from(certificate).ok()?;
        if aaguids.is_empty() {
            all.union(&one);
        }
        for aaguid in aaguids {
            for_models
                .insert_device_pem(certificate, *aaguid, aaguid.to_string(), BTreeMap::new())
                .ok()?;
        }
    }
    all.union(&for_models.build());
    (!all.is_empty()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(Setting, &str)]) -> Result<WebauthnConfig, ConfigError> {
        let mut sources = Sources::default();
        for (setting, value) in settings {
            sources.set(*setting, *value);
        }
        WebauthnConfig::read(&sources)
    }

    #[test]
    fn nobody_vouches_unless_it_is_asked() {
        assert!(read(&[]).unwrap().attested_by.is_none());
        assert!(
            read(&[(Setting::WebauthnAttestation, "none")])
                .unwrap()
                .attested_by
                .is_none()
        );
    }

    #[test]
    fn wa7_vouching_that_nobody_could_check_is_no_setting() {
        use Setting::{WebauthnAllowedAaguids, WebauthnAttestation, WebauthnAttestationRoots};
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("roots.pem");
        fs::write(&empty, "no certificates").unwrap();
        let empty = empty.to_str().unwrap();
        for settings in [
            [(WebauthnAttestation, "direct")].as_slice(),
            &[(WebauthnAttestation, "some")],
            &[(WebauthnAttestationRoots, empty)],
            &[(WebauthnAllowedAaguids, "cb69481e-8ff7-4039-93ec-0a2729a154a8")],
            &[(WebauthnAttestation, "direct"), (WebauthnAttestationRoots, empty)],
        ] {
            assert!(read(settings).is_err(), "{settings:?}");
        }
    }
}
