//! Somebody's `OpenID` provider on this machine: real HTTP, a key of its own, and as honest as a story wants it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward::directory::connections::seal_secret;
use doorward::domain::connection::{
    ClientAuthentication, Connection, ConnectionStatus, Mapping, OidcProvider, Provider as Behind,
};
use doorward::domain::email::EmailDomain;
use doorward::domain::id::{ConnectionId, OrganizationId};
use doorward::domain::text::DisplayName;
use doorward::random;
use doorward::storage::{Page, connections, domains, sso_log};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use super::{Answer, House, Visitor};

/// The secret of every connection to one.
pub(crate) const SECRET: &str = "an upstream secret, with: a colon";

/// A running provider. It stops when dropped.
pub(crate) struct Provider {
    /// `iss`.
    pub(crate) issuer: String,
    script: Arc<Mutex<Script>>,
    server: tokio::task::JoinHandle<()>,
}

/// What it does, and what it was asked.
pub(crate) struct Script {
    key: EcdsaKeyPair,
    /// The name of its key.
    pub(crate) kid: String,
    /// In the header of its tokens instead.
    pub(crate) header: Option<Value>,
    /// What it answers at a path instead: status and body.
    pub(crate) answers: BTreeMap<&'static str, (u16, Vec<u8>)>,
    /// Over its discovery document.
    pub(crate) discovery: Value,
    /// What codes give.
    codes: BTreeMap<String, Value>,
    /// What userinfo says.
    pub(crate) userinfo: Value,
    /// Paths it was asked for, in their order.
    pub(crate) asked: Vec<String>,
    /// The last request to its token endpoint.
    pub(crate) redeemed: Option<(HeaderMap, String)>,
}

/// A browser that was sent away: what it took along.
pub(crate) struct Away {
    pub(crate) connection: ConnectionId,
    pub(crate) address: Url,
}

impl Provider {
    /// Starts one on a free port.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(Script {
            key: new_key(),
            kid: "one".to_owned(),
            header: None,
            answers: BTreeMap::new(),
            discovery: json!({}),
            codes: BTreeMap::new(),
            userinfo: json!({}),
            asked: Vec::new(),
            redeemed: None,
        }));
        let state = (issuer.clone(), Arc::clone(&script));
        let router = Router::new().fallback(answer).with_state(state);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            issuer,
            script,
            server,
        }
    }

    /// What it does, to be changed.
    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// How often it was asked for a path.
    pub(crate) fn asked_for(&self, path: &str) -> usize {
        self.script().asked.iter().filter(|asked| *asked == path).count()
    }

    /// Signs with another key from now on, of another name.
    pub(crate) fn rotate(&self, kid: &str) {
        let mut script = self.script();
        script.key = new_key();
        kid.clone_into(&mut script.kid);
    }

    /// Is gone from now on.
    pub(crate) fn stop(&self) {
        self.server.abort();
    }

    /// A code for somebody, by these claims over the usual ones; `null` leaves one out.
    pub(crate) fn code(&self, house: &House, away: &Away, claims: &Value) -> String {
        let now = house.clock.now().seconds();
        let mut all = json!({
            "iss": self.issuer, "aud": "doorward", "iat": now, "exp": now + 300, "nonce": away.parameter("nonce"),
        });
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        all.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let code = random::secret().expose().to_owned();
        self.script().codes.insert(code.clone(), all);
        code
    }

    /// How this provider is found by a house.
    fn behind(&self) -> Behind {
        Behind::Oidc(OidcProvider {
            issuer: self.issuer.clone(),
            client_id: "doorward".to_owned(),
            authentication: ClientAuthentication::ClientSecretBasic,
            scopes: vec!["email".to_owned(), "profile".to_owned()],
        })
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Script {
    /// A token as it makes them.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "kid": self.kid, "typ": "JWT" });
        let header = self.header.as_ref().unwrap_or(&header);
        let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", text(header), text(claims));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(self.signature(&signed)))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a signature takes randomness of its own"
    )]
    fn signature(&self, text: &str) -> Vec<u8> {
        let signature = self.key.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
        signature.as_ref().to_vec()
    }

    fn jwks(&self) -> Value {
        let (x, y) = self.key.public_key().as_ref()[1..].split_at(32);
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let key = json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid, "x": text(x), "y": text(y),
        });
        json!({ "keys": [key] })
    }
}

fn new_key() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

type Served = (String, Arc<Mutex<Script>>);

async fn answer(
    State((issuer, script)): State<Served>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut script = script.lock().unwrap();
    script.asked.push(uri.path().to_owned());
    let instead = script.answers.iter().find(|(path, _)| **path == uri.path());
    if let Some((_, (status, body))) = instead {
        let mut answer = (StatusCode::from_u16(*status).unwrap(), body.clone()).into_response();
        let elsewhere = HeaderValue::from_static("http://169.254.169.254/");
        answer.headers_mut().insert("location", elsewhere);
        return answer;
    }
    let shown = match uri.path() {
        "/.well-known/openid-configuration" => {
            let mut document = json!({
                "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/jwks"),
                "userinfo_endpoint": format!("{issuer}/userinfo"),
                "authorization_response_iss_parameter_supported": true,
            });
            for (name, value) in script.discovery.as_object().unwrap() {
                document[name] = value.clone();
            }
            document
        }
        "/jwks" => script.jwks(),
        "/userinfo" => script.userinfo.clone(),
        "/token" => {
            let form = String::from_utf8(body.to_vec()).unwrap();
            let code = url::form_urlencoded::parse(form.as_bytes()).find(|(name, _)| name == "code");
            let claims = code.and_then(|(_, code)| script.codes.remove(code.as_ref()));
            script.redeemed = Some((headers, form));
            match claims {
                Some(claims) => {
                    json!({ "access_token": "an access token", "token_type": "Bearer", "id_token": script.sign(&claims) })
                }
                None => return (StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant"}"#).into_response(),
            }
        }
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    shown.to_string().into_response()
}

impl Away {
    /// Where somebody was sent, by an answer that sends them there.
    pub(crate) fn of(connection: ConnectionId, sent: &Answer) -> Self {
        let address = sent.location().parse();
        let address = address.unwrap_or_else(|_| panic!("sent nowhere: {sent:?}"));
        Self { connection, address }
    }

    /// What was sent along.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let found = self.address.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    }

    /// The way back with these parameters over the usual ones; an empty value leaves one out.
    pub(crate) fn back(&self, changed: &[(&str, &str)]) -> String {
        let issuer = self.address.origin().ascii_serialization();
        let state = self.parameter("state").unwrap_or_default();
        let usual = [("state", state.as_str()), ("iss", issuer.as_str())];
        let kept = usual
            .iter()
            .filter(|(name, _)| changed.iter().all(|(other, _)| other != name));
        let given = changed.iter().filter(|(_, value)| !value.is_empty());
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept.chain(given))
            .finish();
        format!("/upstream/{}/callback?{query}", self.connection)
    }
}

impl House {
    /// An enabled connection of an organization to a provider.
    pub(crate) async fn connection(
        &self,
        organization: OrganizationId,
        provider: &Provider,
        change: impl FnOnce(&mut Connection),
    ) -> ConnectionId {
        let now = self.clock.now();
        let mut connection = Connection {
            id: random::id(now),
            organization,
            name: DisplayName::parse("Acme Entra").unwrap(),
            status: ConnectionStatus::Enabled,
            provider: provider.behind(),
            mapping: Mapping::default(),
            creates_members: true,
            trusts_mfa: false,
            created_at: now,
            updated_at: now,
        };
        change(&mut connection);
        let (id, sealed) = (
            connection.id,
            seal_secret(&self.instance.keyring, connection.id, SECRET),
        );
        self.write(move |tx| {
            let (connection, sealed) = (connection.clone(), sealed.clone());
            Box::pin(async move {
                connections::insert(tx, &connection).await?;
                connections::set_secret(tx, connection.id, Some(&sealed)).await
            })
        })
        .await;
        id
    }

    /// Changes a connection behind everybody's back.
    pub(crate) async fn change_connection(&self, id: ConnectionId, change: impl FnOnce(&mut Connection)) {
        let mut snapshot = self.snapshot().await;
        let mut connection = connections::by_id(&mut snapshot.tx(), id).await.unwrap().unwrap();
        drop(snapshot);
        change(&mut connection);
        self.write(move |tx| {
            let connection = connection.clone();
            Box::pin(async move { connections::update(tx, &connection).await })
        })
        .await;
    }

    /// A domain is known to be an organization's.
    pub(crate) async fn verified_domain(&self, organization: OrganizationId, domain: &str) {
        let (domain, now) = (domain.parse::<EmailDomain>().unwrap(), self.clock.now());
        self.write(move |tx| {
            let domain = domain.clone();
            Box::pin(async move { domains::insert(tx, organization, &domain, now).await.map(drop) })
        })
        .await;
    }

    /// The last line of a connection's SSO log: how far it came, and why not further.
    pub(crate) async fn last_attempt(&self, connection: ConnectionId) -> sso_log::Line {
        let mut snapshot = self.snapshot().await;
        let tx = &mut snapshot.tx();
        let found = connections::by_id(tx, connection).await.unwrap().unwrap();
        let page = Page::first(1);
        let lines = sso_log::list(tx, found.organization, connection, &page)
            .await
            .unwrap();
        lines.into_iter().next().expect("there was an attempt")
    }
}

impl Visitor {
    /// Is sent away by an organization's own way in, which has one connection.
    pub(crate) async fn sent_by(&self, organization: &str, connection: ConnectionId) -> Away {
        Away::of(connection, &self.get(&format!("/o/{organization}/login")).await)
    }

    /// Comes by Acme's connection as whoever these claims say.
    pub(crate) async fn comes(
        &self,
        house: &House,
        provider: &Provider,
        connection: ConnectionId,
        claims: &Value,
    ) -> Answer {
        let away = self.sent_by("acme", connection).await;
        self.returns(house, provider, &away, claims).await
    }

    /// Comes back from where they were sent.
    pub(crate) async fn returns(
        &self,
        house: &House,
        provider: &Provider,
        away: &Away,
        claims: &Value,
    ) -> Answer {
        house.wait(Duration::from_millis(1));
        let code = provider.code(house, away, claims);
        self.get(&away.back(&[("code", &code)])).await
    }
}
