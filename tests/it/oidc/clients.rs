//! Two client libraries that nobody here wrote sign Bob in, and validate his tokens as applications and services would.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use crate::harness::cast::{CALLBACK, SECRET};
use crate::harness::{Engine, House, Person};
use doorward::domain::access::Permission;
use doorward::domain::oauth::{GrantType, RedirectUri};

/// A script in `tests/clients` with what runs it.
#[derive(Clone, Copy)]
struct Library {
    program: &'static str,
    script: &'static str,
    /// What `make clients` brings.
    installed: &'static str,
}

const OPENID_CLIENT: Library = Library {
    program: "node",
    script: "node/openid_client.mjs",
    installed: "node/node_modules/openid-client",
};

const AUTHLIB: Library = Library {
    program: "tests/clients/python/.venv/bin/python",
    script: "python/authlib_client.py",
    installed: "python/.venv/installed",
};

impl Library {
    /// Signs in, and returns what the script printed.
    async fn sign_in(self, settings: &Value) -> Value {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let clients = root.join("tests/clients");
        let installed = clients.join(self.installed).exists();
        assert!(
            installed,
            "{} is not installed: run `make clients`",
            self.installed
        );
        let program = if self.program.contains('/') {
            root.join(self.program)
        } else {
            self.program.into()
        };
        let mut command = Command::new(program);
        command
            .arg(clients.join(self.script))
            .arg(settings.to_string())
            .stdin(Stdio::null());
        let run = spawn_blocking(move || command.output()).await.unwrap();
        let run = run.unwrap_or_else(|error| panic!("{} does not run: {error}", self.program));
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{}: {said}", self.script);
        serde_json::from_slice(&run.stdout).unwrap()
    }
}

/// What every script needs to know to sign Bob in.
fn settings(house: &House, client_id: &str, secret: Option<&str>, redirect_uri: &str) -> Value {
    json!({
        "issuer": house.url,
        "client_id": client_id,
        "client_secret": secret,
        "redirect_uri": redirect_uri,
        "scope": "openid profile email",
        "email": Person::Bob.email(),
        "password": Person::Bob.password(),
    })
}

/// An application that asks Bob for his consent and has a secret.
async fn fleet_signs_in(engine: Engine, library: Library) {
    let house = House::open_today(engine).await;
    let client_id = house.acme.fleet.to_string();
    let told = library
        .sign_in(&settings(&house, &client_id, Some(SECRET), CALLBACK))
        .await;
    it_is_bob(&house, &client_id, &told);
    let id_token = &told["id_token_claims"];
    assert_eq!(id_token["name"], "Bob Becker");
    assert_eq!(id_token["email"], Person::Bob.email());
    assert!(
        id_token["nonce"].is_string() && id_token["at_hash"].is_string(),
        "{id_token}"
    );
}

/// An application on Bob's own machine that can keep no secret.
async fn pocket_signs_in(engine: Engine, library: Library) {
    let house = House::open_today(engine).await;
    let client_id = house.acme.pocket.to_string();
    let told = library
        .sign_in(&settings(&house, &client_id, None, "http://127.0.0.1:9/done"))
        .await;
    it_is_bob(&house, &client_id, &told);
}

/// An application that uses all there is, from the first token to the last.
async fn robot_lives(engine: Engine, library: Library) {
    const BYE: &str = "https://fleet.acme.example/bye";
    let house = House::open_today(engine).await;
    let client_id = house
        .register("Acme Rover", |application| {
            let all = [
                GrantType::AuthorizationCode,
                GrantType::RefreshToken,
                GrantType::ClientCredentials,
            ];
            application.grant_types = all.to_vec();
            application.first_party = false;
            application.id_token_on_refresh = true;
            application.post_logout_redirect_uris = vec![RedirectUri::register(BYE).unwrap()];
        })
        .await;
    house
        .grant_to(client_id.parse().unwrap(), &[Permission::DeviceRead], None, None)
        .await;
    let mut settings = settings(&house, &client_id, Some(SECRET), CALLBACK);
    settings["post_logout_redirect_uri"] = json!(BYE);
    let told = library.sign_in(&settings).await;
    it_is_bob(&house, &client_id, &told);
    let (bob, life, dead) = (
        house.acme.bob.to_string(),
        &told["life"],
        json!({ "active": false }),
    );

    let userinfo =
        json!({ "sub": bob, "name": "Bob Becker", "email": Person::Bob.email(), "email_verified": true });
    assert_eq!(life["userinfo"], userinfo);
    for token in [
        "refreshed_access_token_claims",
        "refreshed_id_token_claims",
        "introspection",
    ] {
        assert_eq!(life[token]["sub"], bob, "{token}");
        assert_eq!(life[token]["sid"], told["id_token_claims"]["sid"], "{token}");
    }
    assert_eq!(life["is_rotated"], true);
    assert_eq!(life["introspection"]["active"], true);
    assert_eq!(life["refresh_token_introspection"]["active"], true);
    let own = &life["own_access_token_claims"];
    assert_eq!(
        (&own["sub"], &own["permissions"]),
        (&json!(client_id), &json!({ "*": ["device:read"] }))
    );
    for after in [
        "own_after_revocation",
        "family_after_revocation",
        "after_sign_out",
    ] {
        assert_eq!(life[after], dead, "{after}");
    }
    for after in ["refresh_after_revocation", "refresh_after_sign_out"] {
        assert_eq!(life[after], "invalid_grant", "{after}");
    }
    assert_eq!(life["signed_out_at"], format!("{BYE}?state=good+bye"));
    assert_eq!(life["userinfo_after_sign_out"], 401);
}

fn it_is_bob(house: &House, client_id: &str, told: &Value) {
    let (id_token, access_token) = (&told["id_token_claims"], &told["access_token_claims"]);
    for token in [id_token, access_token] {
        assert_eq!(token["iss"], house.url);
        assert_eq!(token["aud"], client_id);
        assert_eq!(token["sub"], house.acme.bob.to_string());
        assert_eq!(token["org"]["name"], "acme");
    }
    assert_eq!(access_token["client_id"], client_id);
    assert_eq!(access_token["roles"], json!(["operator"]));
    let everywhere = access_token["permissions"]["*"].as_array().unwrap();
    assert!(everywhere.contains(&json!("device:write")), "{everywhere:?}");
    let keys = told["token_response_keys"].as_array().unwrap();
    for key in ["access_token", "token_type", "expires_in", "scope", "id_token"] {
        assert!(keys.contains(&json!(key)), "no {key} in {keys:?}");
    }
}

macro_rules! with_both_libraries {
    ($($name:ident: $story:ident on $engine:ident with $library:ident;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            $story(Engine::$engine, $library).await;
        }
    )*};
}

with_both_libraries! {
    openid_client_signs_in_on_sqlite: fleet_signs_in on Sqlite with OPENID_CLIENT;
    openid_client_signs_in_on_postgres: fleet_signs_in on Postgres with OPENID_CLIENT;
    openid_client_signs_in_without_a_secret: pocket_signs_in on Sqlite with OPENID_CLIENT;
    authlib_signs_in_on_sqlite: fleet_signs_in on Sqlite with AUTHLIB;
    authlib_signs_in_on_postgres: fleet_signs_in on Postgres with AUTHLIB;
    authlib_signs_in_without_a_secret: pocket_signs_in on Sqlite with AUTHLIB;
    openid_client_lives_on_sqlite: robot_lives on Sqlite with OPENID_CLIENT;
    openid_client_lives_on_postgres: robot_lives on Postgres with OPENID_CLIENT;
    authlib_lives_on_sqlite: robot_lives on Sqlite with AUTHLIB;
    authlib_lives_on_postgres: robot_lives on Postgres with AUTHLIB;
}
