//! Identity providers that nobody here wrote, gone with the test process: Debian's `simplesamlphp`, and one of a few lines
//! around `PyPI`'s `pysaml2`.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use super::documents::Shape;
use super::judge::PROVIDER;
use crate::harness::Lifeline;

const SIMPLESAMLPHP: &str = "/usr/share/simplesamlphp/www";

/// Starts PHP's own server, says so once it answers, and ends it when nobody holds the line any more.
const KEEPER: &str = r#"
php -S "127.0.0.1:$1" -t "$2" >/dev/null 2>&1 &
server=$!
until php -r 'exit(@fsockopen("127.0.0.1", (int) $argv[1]) ? 0 : 1);' "$1"; do
    kill -0 "$server" 2>/dev/null || { echo "php ended"; exit 1; }
    sleep 0.1
done
echo "ready http://127.0.0.1:$1"
cat >/dev/null
kill "$server"
"#;

/// A running provider. It stops when dropped.
pub(crate) struct RealProvider {
    pub(crate) url: String,
    folder: TempDir,
    _lifeline: Lifeline,
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(PROVIDER.private_file(), folder.path().join("key.pem")).unwrap();
    fs::copy(PROVIDER.certificate_file(), folder.path().join("certificate.pem")).unwrap();
    folder
}

impl RealProvider {
    /// `simplesamlphp`, with a form for Bob's password.
    pub(crate) fn simplesamlphp() -> Self {
        assert!(
            Path::new(SIMPLESAMLPHP).exists(),
            "simplesamlphp is not installed: see tests/requirements.sh"
        );
        let folder = folder();
        let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/simplesamlphp");
        for place in ["config", "metadata", "cert", "data", "log", "tmp", "sessions"] {
            fs::create_dir(folder.path().join(place)).unwrap();
        }
        for (file, place) in [
            ("config.php", "config"),
            ("authsources.php", "config"),
            ("saml20-idp-hosted.php", "metadata"),
            ("saml20-sp-remote.php", "metadata"),
        ] {
            fs::copy(files.join(file), folder.path().join(place).join(file)).unwrap();
        }
        for file in ["key.pem", "certificate.pem"] {
            fs::copy(folder.path().join(file), folder.path().join("cert").join(file)).unwrap();
        }
        let free = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut keeper = Command::new("sh");
        keeper
            .args(["-c", KEEPER, "keeper", &port.to_string(), SIMPLESAMLPHP])
            .env("SIMPLESAMLPHP_CONFIG_DIR", folder.path().join("config"))
            .env("DOORWARD_FOLDER", folder.path())
            .env("DOORWARD_URL", format!("http://127.0.0.1:{port}"));
        let (lifeline, url) =
            Lifeline::start(&mut keeper).unwrap_or_else(|said| panic!("no simplesamlphp: {said}"));
        let provider = Self {
            url,
            folder,
            _lifeline: lifeline,
        };
        provider.knows("", "", "", true);
        provider
    }

    /// `pysaml2`, for which everybody is Bob; what it signs and encrypts, and with what.
    pub(crate) fn pysaml2(shape: Shape, gcm: bool) -> Self {
        let folder = folder();
        let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/python");
        let options = json!({
            "sign_response": shape.signs_response(), "sign_assertion": shape.signs_assertion(),
            "encrypt": shape.encrypts(), "gcm": gcm,
        });
        let mut command = Command::new(clients.join(".venv/bin/python"));
        command
            .arg(clients.join("saml_idp.py"))
            .arg(folder.path())
            .arg(options.to_string());
        let (lifeline, url) =
            Lifeline::start(&mut command).unwrap_or_else(|said| panic!("no pysaml2: {said}"));
        Self {
            url,
            folder,
            _lifeline: lifeline,
        }
    }

    /// Tells `simplesamlphp` of its service provider.
    pub(crate) fn knows(&self, entity_id: &str, acs: &str, certificate: &str, gcm: bool) {
        let told = json!({ "entity_id": entity_id, "acs": acs, "certificate": certificate, "gcm": gcm });
        fs::write(self.folder.path().join("sp.json"), told.to_string()).unwrap();
    }

    /// Gives `pysaml2` its service provider's metadata.
    pub(crate) fn reads(&self, metadata: &str) {
        fs::write(self.folder.path().join("sp.xml"), metadata).unwrap();
    }
}
