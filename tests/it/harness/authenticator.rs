//! An authenticator in software, as honest or as crooked as a story wants; and a house that it can be used in.

use std::ops::Deref;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward::config::{Config, PublicUrl};
use serde_json::{Value, json};

use super::{Answer, Engine, House, Person, Visitor};

/// A house with a name, so that there are passkeys: `http://localhost:…`.
pub(crate) struct NamedHouse(House);

impl Deref for NamedHouse {
    type Target = House;

    fn deref(&self) -> &House {
        &self.0
    }
}

impl NamedHouse {
    pub(crate) async fn open(engine: Engine) -> Self {
        Self::open_with(engine, |_| {}).await
    }

    /// A house with other settings.
    pub(crate) async fn open_with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let named = |config: &mut Config| {
            let url = format!("http://localhost:{}", config.listen.port());
            config.public_url = PublicUrl::parse(&url).unwrap();
            change(config);
        };
        let mut house = House::open_with(engine, named).await;
        house.url = house.url.replace("127.0.0.1", "localhost");
        Self(house)
    }

    /// An authenticator of this house's people, with nothing on it yet.
    pub(crate) fn authenticator(&self) -> Authenticator {
        Authenticator::new(&self.url)
    }
}

/// User present.
pub(crate) const UP: u8 = 0x01;
/// User verified.
pub(crate) const UV: u8 = 0x04;
/// Backup eligible: can be synced.
pub(crate) const BE: u8 = 0x08;
/// Backed up.
pub(crate) const BS: u8 = 0x10;
/// Attested credential data follow.
const AT: u8 = 0x40;

/// What an authenticator and its browser say, each thing as a story wants it.
pub(crate) struct Authenticator {
    key: EcdsaKeyPair,
    /// The credential's id.
    pub(crate) id: Vec<u8>,
    /// Whom it belongs to, as the house said at enrolment.
    pub(crate) user_handle: Option<Vec<u8>>,
    /// How often it was used, or zero for ever.
    pub(crate) counter: u32,
    /// Present, verified, synced.
    pub(crate) flags: u8,
    /// What the browser says where it is.
    pub(crate) origin: String,
    /// Whether it says that it is within somebody else's page.
    pub(crate) cross_origin: bool,
    /// What the authenticator was asked by.
    pub(crate) rp_id: String,
    /// What is added to what it says of itself.
    pub(crate) trailing: Vec<u8>,
    /// The COSE key that it shows, if not its own.
    pub(crate) shows_key: Option<Vec<u8>>,
    /// Its model.
    pub(crate) aaguid: [u8; 16],
    /// Its attestation, if not `none`.
    pub(crate) attestation: Option<Attest>,
}

/// Makes format and statement, as CBOR, for authenticator data and the hash of client data.
pub(crate) type Attest = Box<dyn Fn(&Authenticator, &[u8]) -> Vec<u8> + Send + Sync>;

impl Authenticator {
    fn new(origin: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let id = digest(&SHA256, key.public_key().as_ref()).as_ref().to_vec();
        Self {
            key,
            id,
            user_handle: None,
            counter: 0,
            flags: UP | UV,
            origin: origin.to_owned(),
            cross_origin: false,
            rp_id: "localhost".to_owned(),
            trailing: Vec::new(),
            shows_key: None,
            aaguid: [0; 16],
            attestation: None,
        }
    }

    /// Signs as the credential does.
    #[expect(clippy::disallowed_methods, reason = "signing takes randomness")]
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature = self.key.sign(&SystemRandom::new(), message).unwrap();
        signature.as_ref().to_vec()
    }

    /// Answers a question for a new credential.
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        let handle = options["user"]["id"].as_str().unwrap();
        self.user_handle = Some(URL_SAFE_NO_PAD.decode(handle).unwrap());
        let client_data = self.client_data("webauthn.create", options);
        let mut data = self.data(AT);
        data.extend(self.aaguid);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        data.extend(self.shows_key.clone().unwrap_or_else(|| self.cose_key()));
        data.extend(&self.trailing);
        let signed = [data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
        let none = || [text("fmt"), text("none"), text("attStmt"), vec![0xA0]].concat();
        let statement = self
            .attestation
            .as_ref()
            .map_or_else(none, |attest| attest(self, &signed));
        let object = [vec![0xA3], statement, text("authData"), bytes(&data)].concat();
        json!({
            "id": URL_SAFE_NO_PAD.encode(&self.id), "rawId": URL_SAFE_NO_PAD.encode(&self.id), "type": "public-key",
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
                "attestationObject": URL_SAFE_NO_PAD.encode(object),
                "transports": ["usb"],
            },
        })
    }

    /// Answers a question for this credential, and counts if it counts.
    pub(crate) fn get(&self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", options);
        let mut data = self.data(0);
        data.extend(&self.trailing);
        let signature = self.sign(&[data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat());
        json!({
            "id": URL_SAFE_NO_PAD.encode(&self.id), "rawId": URL_SAFE_NO_PAD.encode(&self.id), "type": "public-key",
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
                "authenticatorData": URL_SAFE_NO_PAD.encode(data),
                "signature": URL_SAFE_NO_PAD.encode(signature),
                "userHandle": self.user_handle.as_ref().map(|handle| URL_SAFE_NO_PAD.encode(handle)),
            },
        })
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": self.cross_origin,
        });
        data.to_string().into_bytes()
    }

    fn data(&self, more: u8) -> Vec<u8> {
        let mut data = digest(&SHA256, self.rp_id.as_bytes()).as_ref().to_vec();
        data.push(self.flags | more);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// An ES256 key (RFC 9053 §7.1.1).
    fn cose_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let head = [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21];
        [
            &head,
            bytes(&point[1..33]).as_slice(),
            &[0x22],
            &bytes(&point[33..]),
        ]
        .concat()
    }
}

/// A text of CBOR, shorter than 24 bytes.
pub(crate) fn text(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    [&[0x60 + length], text.as_bytes()].concat()
}

/// Bytes of CBOR.
pub(crate) fn bytes(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
    [&[0x59], length.as_slice(), bytes].concat()
}

/// What a page's script sends for a question.
pub(crate) fn answer_to(question: &Value, credential: &Value) -> String {
    json!({ "ceremony": question["ceremony"], "credential": credential }).to_string()
}

impl Answer {
    /// What the page's script is to ask the browser for.
    pub(crate) fn question(&self) -> Value {
        let attribute = self.body.split("data-question=\"").nth(1);
        let attribute = attribute.unwrap_or_else(|| panic!("asks for nothing: {self:?}"));
        let text = attribute.split('"').next().unwrap().replace("&#34;", "\"");
        serde_json::from_str(&text).unwrap()
    }
}

impl Visitor {
    /// Asks for a new passkey (`passkey`) or security key (`security-key`): the page.
    pub(crate) async fn new_key(&self, kind: &str) -> Answer {
        self.get(&format!("/account/passkeys/new?as={kind}")).await
    }

    /// Adds a credential of an authenticator.
    pub(crate) async fn enrol(&self, authenticator: &mut Authenticator, kind: &str, name: &str) -> Answer {
        let page = self.new_key(kind).await;
        let question = page.question();
        let credential = authenticator.create(&question["options"]);
        self.add(&page, name, &answer_to(&question, &credential)).await
    }

    /// Sends what a page for a new key wants.
    pub(crate) async fn add(&self, page: &Answer, name: &str, answer: &str) -> Answer {
        let fields = [
            ("csrf", page.field("csrf")),
            ("name", name.to_owned()),
            ("answer", answer.to_owned()),
        ];
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        self.post(&page.action(), &fields).await
    }

    /// What the script of the sign-in page is told, with the page's token.
    pub(crate) async fn asked_for_a_passkey(&self) -> (Value, String) {
        let csrf = self.get("/sign-in?to=security").await.field("csrf");
        let asked = self.post("/sign-in/passkey/begin", &[("csrf", &csrf)]).await;
        (asked.json(), csrf)
    }

    /// Shows a passkey to the sign-in page.
    pub(crate) async fn sign_in_with(&self, authenticator: &Authenticator) -> Answer {
        self.sign_in_for(authenticator, "").await
    }

    /// Shows a passkey, and goes on to where the page's address says.
    pub(crate) async fn sign_in_for(&self, authenticator: &Authenticator, query: &str) -> Answer {
        let (question, csrf) = self.asked_for_a_passkey().await;
        let answer = answer_to(&question, &authenticator.get(&question["options"]));
        let address = format!("/sign-in/passkey{query}");
        self.post(&address, &[("csrf", &csrf), ("answer", &answer)]).await
    }

    /// Sends what the sign-in page wants of a passkey.
    pub(crate) async fn show_passkey(&self, csrf: &str, answer: &str) -> Answer {
        self.post("/sign-in/passkey", &[("csrf", csrf), ("answer", answer)])
            .await
    }

    /// Signs in by password, and shows a security key as second factor.
    pub(crate) async fn sign_in_and_touch(&self, person: Person, authenticator: &Authenticator) -> Answer {
        let page = self.second_factor_of(person).await;
        self.touch(&page, authenticator).await
    }

    /// Signs in by password, up to the page that asks for a security key.
    pub(crate) async fn second_factor_of(&self, person: Person) -> Answer {
        let answer = self.sign_in(person).await;
        assert!(answer.location().ends_with("/second-factor"), "{answer:?}");
        self.get(&answer.location()).await
    }

    /// Answers the page that asks for a security key.
    pub(crate) async fn touch(&self, page: &Answer, authenticator: &Authenticator) -> Answer {
        let question = page.question();
        let credential = authenticator.get(&question["options"]);
        let answer = answer_to(&question, &credential);
        let csrf = page.field("csrf");
        self.post(&page.action(), &[("csrf", &csrf), ("answer", &answer)])
            .await
    }
}
