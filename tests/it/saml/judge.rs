//! `xmlsec1`, which nobody here wrote: it makes the signatures and ciphertexts of the stories, and is the other judge of them.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward::domain::time::Timestamp;
use doorward::saml::keys::{NewKey, OwnKey};
use tempfile::TempDir;

/// What XML signatures call an ID, for each element that has one.
const IDS: [&str; 5] = [
    "urn:oasis:names:tc:SAML:2.0:protocol:Response",
    "urn:oasis:names:tc:SAML:2.0:protocol:AuthnRequest",
    "urn:oasis:names:tc:SAML:2.0:assertion:Assertion",
    "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor",
    "urn:oasis:names:tc:SAML:2.0:protocol:LogoutRequest",
];

/// A key with its certificate, as files too.
pub(crate) struct Pair {
    pub(crate) key: OwnKey,
    folder: TempDir,
}

/// The provider's, ours, and one that Mallory made.
pub(crate) static PROVIDER: LazyLock<Pair> = LazyLock::new(|| Pair::new("provider"));
pub(crate) static OURS: LazyLock<Pair> = LazyLock::new(|| Pair::new("doorward"));
pub(crate) static MALLORYS: LazyLock<Pair> = LazyLock::new(|| Pair::new("provider"));

impl Pair {
    fn new(name: &str) -> Self {
        let NewKey { private, certificate } =
            OwnKey::generate(name, Timestamp::from_millis(1_795_339_800_000));
        let folder = tempfile::tempdir().unwrap();
        let write = |file: &str, label: &str, text: &str| {
            let lines: Vec<_> = text
                .as_bytes()
                .chunks(64)
                .map(|line| str::from_utf8(line).unwrap())
                .collect();
            let pem = format!(
                "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
                lines.join("\n")
            );
            std::fs::write(folder.path().join(file), pem).unwrap();
        };
        write("key.pem", "PRIVATE KEY", &STANDARD.encode(&private));
        write("certificate.pem", "CERTIFICATE", &certificate);
        Self {
            key: OwnKey::read(&private, &certificate).unwrap(),
            folder,
        }
    }

    pub(crate) fn private_file(&self) -> String {
        self.file("key.pem")
    }

    pub(crate) fn certificate_file(&self) -> String {
        self.file("certificate.pem")
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }
}

/// Fills in the empty signature at this `XPath`.
pub(crate) fn sign(document: &str, signature: &str, pair: &Pair) -> String {
    sign_with(document, signature, &pair.private_file())
}

/// The same by the key in a file.
pub(crate) fn sign_with(document: &str, signature: &str, private_file: &str) -> String {
    let arguments = ["--sign", "--privkey-pem", private_file, "--node-xpath", signature];
    let output = run(document, &with_ids(&arguments));
    assert!(output.status.success(), "{}\n{document}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Whether the signature at this `XPath` was made by this key; nothing that the document brings along counts as one.
pub(crate) fn verifies(document: &str, signature: &str, pair: &Pair) -> bool {
    let arguments = [
        "--verify",
        "--enabled-key-data",
        "key-name",
        "--pubkey-cert-pem",
        &pair.certificate_file(),
        "--node-xpath",
        signature,
    ];
    run(document, &with_ids(&arguments)).status.success()
}

/// Encrypts an element for somebody, after a template.
pub(crate) fn encrypt(element: &str, template: &str, session_key: &str, to: &Pair) -> String {
    encrypt_for(element, template, session_key, &to.certificate_file())
}

/// The same for the key of a certificate in a file.
pub(crate) fn encrypt_for(
    element: &str,
    template: &str,
    session_key: &str,
    certificate_file: &str,
) -> String {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data.xml");
    std::fs::write(&data, element).unwrap();
    let arguments = [
        "--encrypt",
        "--pubkey-cert-pem",
        certificate_file,
        "--session-key",
        session_key,
        "--xml-data",
        data.to_str().unwrap(),
    ];
    let output = run(template, &arguments.map(str::to_owned));
    assert!(output.status.success(), "{}", said(&output));
    let encrypted = String::from_utf8(output.stdout).unwrap();
    without_declaration(&encrypted).to_owned()
}

/// The document without what `xmlsec1` puts before it.
pub(crate) fn without_declaration(document: &str) -> &str {
    let document = match document.split_once("?>") {
        Some((declaration, rest)) if declaration.starts_with("<?xml") => rest,
        _ => document,
    };
    document.trim()
}

fn with_ids(arguments: &[&str]) -> Vec<String> {
    let ids = IDS.iter().flat_map(|id| ["--id-attr:ID", id]);
    arguments.iter().copied().chain(ids).map(str::to_owned).collect()
}

fn run(document: &str, arguments: &[String]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("document.xml");
    std::fs::write(&file, document).unwrap();
    run_on(&file, arguments)
}

fn run_on(file: &Path, arguments: &[String]) -> Output {
    Command::new("xmlsec1")
        .args(arguments)
        .arg(file)
        .output()
        .expect("xmlsec1 is installed: see tests/requirements.sh")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
