//! A row that the domain does not admit is answered by its table and column, and by nothing made up.

use doorward::domain::access::{BuiltInRole, Gives, Grant};
use doorward::domain::organization::OrganizationName;
use doorward::domain::secret::Purpose;
use doorward::domain::session::{Proof, ProofSource};
use doorward::domain::signing_key::{SigningAlgorithm, SigningKeyState};
use doorward::random;
use doorward::storage::consents::{self, ConsentKey};
use doorward::storage::grants::{self, GrantSubject};
use doorward::storage::passwords::{self, StoredPassword};
use doorward::storage::signing_keys::{self, StoredSigningKey};
use doorward::storage::{
    StorageError, activations, applications, authorization_codes, authorization_requests, families,
    group_members, groups, memberships, organizations, passkeys, refresh_tokens, roles, sessions, sign_ins,
    users,
};

use super::{NOW, Store, commit, samples};
use crate::harness::{Engine, on_both};

impl Store {
    /// Damages each column in turn, and expects the reader to name it. Each value is SQL.
    async fn names_the_damage(
        &self,
        table: &str,
        damages: &[(&str, &str)],
        read: impl AsyncFn() -> Result<(), StorageError>,
    ) {
        let mut raw = self.raw().await;
        read().await.unwrap();
        for (column, value) in damages {
            let value = match (self.engine, value.strip_prefix("X'")) {
                (Engine::Postgres, Some(bytes)) => format!("'\\x{bytes}"),
                _ => (*value).to_owned(),
            };
            let (column, checked) = column.split_once(" as ").unwrap_or((column, column));
            raw.run(&format!(
                "CREATE TABLE kept AS SELECT * FROM {table}; UPDATE {table} SET {column} = {value}"
            ))
            .await;
            match read().await {
                Err(StorageError::Corrupt {
                    table: found, column, ..
                }) => {
                    assert_eq!((found, column), (table, checked), "{value}");
                }
                other => panic!("{table}.{column} = {value} was read as {other:?}"),
            }
            raw.run(&format!(
                "DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept"
            ))
            .await;
        }
        read().await.unwrap();
    }
}

on_both! {
    async fn in_users(store: Store) {
        let damages = [
            ("email", "'nobody'"),
            ("name", "''"),
            ("status", "'ACTIVE'"),
            ("default_organization_id", "'usr_01h455vb4pex5vsknk084sn02q'"),
        ];
        let alice = "alice@acme.example".parse().unwrap();
        store.names_the_damage("users", &damages, async || {
            users::by_email(&mut store.snapshot().await.tx(), &alice).await.map(drop)
        })
        .await;
        store.names_the_damage("users", &[("id", "'alice'")], async || {
            users::by_email(&mut store.snapshot().await.tx(), &alice).await.map(drop)
        })
        .await;
    }

    async fn in_organizations(store: Store) {
        let damages = [
            ("id", "'acme'"),
            ("display_name", "''"),
            ("ip_allowlist", "'192.0.2.0/24 everywhere'"),
            ("session_idle_seconds", "-1"),
            ("session_max_seconds", "-1"),
        ];
        // Ids and names are unique: one organization is enough here.
        store.raw().await.run("DELETE FROM organizations WHERE name <> 'acme'").await;
        let acme = OrganizationName::parse("acme").unwrap();
        store.names_the_damage("organizations", &damages, async || {
            organizations::by_name(&mut store.snapshot().await.tx(), &acme).await.map(drop)
        })
        .await;
        store.names_the_damage("organizations", &[("name", "'Acme GmbH'")], async || {
            organizations::by_id(&mut store.snapshot().await.tx(), store.acme).await.map(drop)
        })
        .await;
    }

    async fn in_memberships_and_roles(store: Store) {
        let damages = [("id", "'mbr_'"), ("organization_id", "'acme'"), ("status", "'gone'")];
        store.raw().await.run("DELETE FROM roles WHERE name <> 'owner'").await;
        let organization_is_read_by_it = &damages[..1];
        store.names_the_damage("memberships", organization_is_read_by_it, async || {
            memberships::member(&mut store.snapshot().await.tx(), store.alice, store.acme).await.map(drop)
        })
        .await;
        store.names_the_damage("memberships", &damages[2..], async || {
            memberships::organizations_of(&mut store.snapshot().await.tx(), store.alice).await.map(drop)
        })
        .await;
        store.names_the_damage("roles", &[("permissions", "'device:eat'"), ("id", "'owner'")], async || {
            roles::built_in(&mut store.snapshot().await.tx(), BuiltInRole::Owner).await.map(drop)
        })
        .await;
    }

    async fn in_groups_and_grants(store: Store) {
        let (acme, member) = (store.acme, store.membership);
        let role = roles::built_in(&mut store.snapshot().await.tx(), BuiltInRole::Viewer).await.unwrap();
        let direct = Grant { gives: Gives::Role(role), ..samples::grant() };
        let group = samples::group("Night watch");
        commit!(store, |tx, direct, group| {
            groups::insert(tx, acme, &group).await?;
            group_members::put(tx, acme, group.id, member, false).await?;
            grants::insert(tx, acme, GrantSubject::Member(member), &direct, NOW).await
        })
        .unwrap();
        let damages = [
            ("id", "'grt'"),
            ("product_id", "'rover'"),
            ("schedule", "'{\"timezone\":\"Middle-earth\"}'"),
            ("role_id", "'rol_01h455vb4pex5vsknk084sn02q'"),
            ("role_id = NULL, permissions as permissions", "'device:eat'"),
        ];
        store.names_the_damage("grants", &damages, async || {
            grants::of_membership(&mut store.snapshot().await.tx(), member).await.map(drop)
        })
        .await;
        let of_group = samples::grant();
        commit!(store, |tx, of_group, group| {
            grants::insert(tx, acme, GrantSubject::Group(group.id), &of_group, NOW).await
        })
        .unwrap();
        store.raw().await.run("UPDATE groups SET id = 'night'; UPDATE group_members SET group_id = 'night'").await;
        let found = groups::of_membership(&mut store.snapshot().await.tx(), member).await;
        assert!(matches!(found, Err(StorageError::Corrupt { table: "groups", column: "id", .. })), "{found:?}");
        store.raw().await.run("UPDATE grants SET group_id = 'night' WHERE group_id IS NOT NULL").await;
        let found = grants::of_membership(&mut store.snapshot().await.tx(), member).await;
        assert!(matches!(found, Err(StorageError::Corrupt { table: "grants", column: "group_id", .. })), "{found:?}");
    }

    async fn in_applications_and_consents(store: Store) {
        let key = ConsentKey { user: store.alice, application: store.fleet, organization: store.acme };
        let scope = samples::scope("openid");
        commit!(store, |tx, scope| { consents::put(tx, key, &scope, NOW).await }).unwrap();
        let damages = [
            ("organization_id", "'acme'"),
            ("name", "''"),
            ("authentication", "'private_key_jwt'"),
            ("authentication", "'client_secret_basic'"),
            ("secret_hash", "X'0102'"),
            ("redirect_uris", "'https://fleet.acme.example/callback javascript:alert(1)'"),
            ("post_logout_redirect_uris", "'http://evil.example/'"),
            ("scope", "'open\"id'"),
            ("grant_types", "'password'"),
            ("id_token_algorithm", "'none'"),
        ];
        store.names_the_damage("applications", &damages, async || {
            applications::active(&mut store.snapshot().await.tx(), store.fleet).await.map(drop)
        })
        .await;
        store.names_the_damage("consents", &[("scope", "'a\"b'")], async || {
            consents::scope_of(&mut store.snapshot().await.tx(), key).await.map(drop)
        })
        .await;
    }

    async fn in_passkeys(store: Store) {
        let key = crate::storage::passkeys::key_ring(&store, b"one");
        commit!(store, |tx, key| { passkeys::insert(tx, &key).await.map(drop) }).unwrap();
        let damages = [("id", "'crd'"), ("kind", "'a_stone'"), ("name", "''")];
        store.names_the_damage("passkeys", &damages, async || {
            passkeys::by_webauthn_id(&mut store.snapshot().await.tx(), b"one").await.map(drop)
        })
        .await;
    }

    async fn in_sessions_proofs_and_passwords(store: Store) {
        let (alice, acme) = (store.alice, store.acme);
        let password = StoredPassword { id: random::id(NOW), hash: "$argon2id$".to_owned() };
        commit!(store, |tx, password| { passwords::insert(tx, alice, &password, NOW).await }).unwrap();
        let read = async || sessions::by_id(&mut store.snapshot().await.tx(), store.session).await.map(drop);
        store.names_the_damage("sessions", &[("user_id", "'alice'")], read).await;
        let damages = [
            ("method", "'guess'"),
            ("credential_id", "'a password'"),
            ("credential_id", "NULL"),
            ("connection_id = 'con_x', connection_organization_id as credential_id", "'org_x'"),
        ];
        store.names_the_damage("session_proofs", &damages, read).await;

        let source = ProofSource::Connection { id: random::id(NOW), organization: acme, until: Some(NOW) };
        let other = samples::session(alice);
        let other = doorward::domain::session::Session { proofs: vec![Proof { source, ..samples::proof() }], ..other };
        let (id, hash) = (other.id, samples::hash("other", Purpose::Session));
        commit!(store, |tx, other, hash| { sessions::insert(tx, &other, &hash, &samples::origin()).await }).unwrap();
        let read = async || sessions::by_id(&mut store.snapshot().await.tx(), id).await.map(drop);
        let damages = [("connection_id", "'google'"), ("connection_organization_id", "'acme'")];
        store.names_the_damage("session_proofs", &damages, read).await;

        store.names_the_damage("password_credentials", &[("id", "'a password'")], async || {
            passwords::of_user(&mut store.snapshot().await.tx(), alice).await.map(drop)
        })
        .await;
        let cookie = samples::hash("alice's cookie", Purpose::Session);
        store.raw().await.run("DELETE FROM session_proofs").await;
        commit!(store, |tx| { sessions::end(tx, id, NOW).await.map(drop) }).unwrap();
        store.raw().await.run("DELETE FROM sessions WHERE ended_at IS NOT NULL").await;
        store.names_the_damage("sessions", &[("id", "'hers'")], async || {
            sessions::by_secret(&mut store.snapshot().await.tx(), &cookie).await.map(drop)
        })
        .await;
    }

    async fn in_activations_and_families(store: Store) {
        let read = async || {
            activations::latest(&mut store.snapshot().await.tx(), store.session, store.acme).await.map(drop)
        };
        store.names_the_damage("activations", &[("id", "'act'")], read).await;
        let damages = [("session_id", "'ses'"), ("organization_id", "'acme'")];
        store.names_the_damage("activations", &damages, async || {
            activations::by_id(&mut store.snapshot().await.tx(), store.activation).await.map(drop)
        })
        .await;
        let family = samples::family(&store);
        let id = family.id;
        commit!(store, |tx, family| { families::insert(tx, &family, NOW).await }).unwrap();
        let damages = [
            ("application_id", "'fleet'"),
            ("user_id", "'alice'"),
            ("organization_id", "'acme'"),
            ("activation_id", "'act'"),
            ("scope", "'a\"b'"),
        ];
        let hash = samples::hash("refresh", Purpose::RefreshToken);
        let token = hash.clone();
        commit!(store, |tx, hash| { refresh_tokens::insert(tx, &hash, id, NOW, NOW).await }).unwrap();
        store.names_the_damage("refresh_tokens", &[("spent_at as successor_hash", "1")], async || {
            refresh_tokens::find(&mut store.snapshot().await.tx(), &token).await.map(drop)
        })
        .await;
        store.names_the_damage("families", &damages, async || {
            families::by_id(&mut store.snapshot().await.tx(), id).await.map(drop)
        })
        .await;
    }

    async fn in_codes_and_what_waits(store: Store) {
        let (code, hash) = (samples::code(&store), samples::hash("code", Purpose::AuthorizationCode));
        let (sign_in, here) = (samples::sign_in(), samples::network("192.0.2.1"));
        let (waiting, browser) = (samples::waiting(store.fleet), sign_in.browser.clone());
        commit!(store, |tx, code, hash, sign_in, waiting, browser| {
            authorization_codes::insert(tx, &hash, &code).await?;
            sign_ins::insert(tx, &sign_in, here, NOW).await?;
            authorization_requests::insert(tx, &waiting, &browser, here).await
        })
        .unwrap();
        let damages = [
            ("family_id", "'fam'"),
            ("application_id", "'fleet'"),
            ("user_id", "'alice'"),
            ("organization_id", "'acme'"),
            ("activation_id", "'act'"),
            ("scope", "'a\"b'"),
            ("code_challenge", "'short'"),
        ];
        store.names_the_damage("authorization_codes", &damages, async || {
            authorization_codes::find(&mut store.snapshot().await.tx(), &hash).await.map(drop)
        })
        .await;
        let damages = [("step", "'{\"step\":\"handshake\"}'"), ("authorization_request_id", "'req'")];
        store.names_the_damage("sign_ins", &damages, async || {
            sign_ins::find(&mut store.snapshot().await.tx(), sign_in.id, &browser, NOW).await.map(drop)
        })
        .await;
        let damages =
            [("application_id", "'fleet'"), ("request", "'{}'"), ("chosen_organization_id", "'acme'")];
        store.names_the_damage("authorization_requests", &damages, async || {
            authorization_requests::find(&mut store.snapshot().await.tx(), waiting.id, &browser, NOW).await.map(drop)
        })
        .await;
    }

    async fn in_signing_keys(store: Store) {
        let key = StoredSigningKey {
            id: "a thumbprint".to_owned(),
            algorithm: SigningAlgorithm::Es256,
            state: SigningKeyState::Signing,
            sealed_private: vec![1],
            public_jwk: "{}".to_owned(),
            created_at: NOW,
            signing_from: None,
            retired_at: None,
        };
        commit!(store, |tx, key| { signing_keys::insert(tx, &key).await }).unwrap();
        let damages = [("algorithm", "'HS256'"), ("state", "'lost'")];
        store.names_the_damage("signing_keys", &damages, async || {
            signing_keys::all(&mut store.snapshot().await.tx()).await.map(drop)
        })
        .await;
    }
}
