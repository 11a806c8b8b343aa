//! Connections: set up, enabled, changed and ended by those who may.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward::domain::access::{BuiltInRole, PermissionSet};
use doorward::domain::arrival::{Identity, Subject};
use doorward::domain::id::ConnectionId;
use doorward::domain::session::{Method, Proof, ProofSource, Session};
use doorward::domain::upstream::{Attempt, Reference, Stage};
use doorward::random;
use doorward::storage::sessions::SessionOrigin;
use doorward::storage::{identities, sessions, sso_log};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::audited;
use crate::harness::{House, Member, Person, on_both};

pub(crate) const CONNECTIONS: &str = "/v2/organizations/acme/connections";
const SECURITY: &str = "/v2/organizations/acme/security";

fn entra() -> Value {
    json!({
        "kind": "oidc", "name": "Acme Entra", "issuer": "https://login.acme.example",
        "client_id": "doorward", "client_secret": "sesame-0123456789",
    })
}

/// A certificate in base64, and the metadata of a provider that signs with these.
pub(crate) fn certificate() -> String {
    let made = rcgen::generate_simple_self_signed(vec!["idp.acme.example".to_owned()]).unwrap();
    STANDARD.encode(made.cert.der())
}

pub(crate) fn metadata(entity_id: &str, certificates: &[&str], valid_until: Option<&str>) -> String {
    let until = valid_until.map_or(String::new(), |until| format!(" validUntil=\"{until}\""));
    let mut keys = String::new();
    for one in certificates {
        keys += "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\
                 <ds:X509Data><ds:X509Certificate>";
        keys += one;
        keys += "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>";
    }
    format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{entity_id}\"{until}>\
         <md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{keys}\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"https://idp.acme.example/sso\"/></md:IDPSSODescriptor></md:EntityDescriptor>"
    )
}

fn adfs(certificates: &[&str]) -> Value {
    json!({ "kind": "saml", "metadata_xml": metadata("https://idp.acme.example", certificates, None) })
}

/// Somebody's connection, by path and id.
pub(crate) async fn made(member: &Member, body: &Value) -> (String, ConnectionId) {
    let made = member.api.post(CONNECTIONS, body).await.created();
    let id = made["id"].as_str().unwrap().to_owned();
    (format!("{CONNECTIONS}/{id}"), id.parse().unwrap())
}

impl House {
    /// Somebody is signed in by a connection's word alone.
    async fn comes_by(&self, member: &Member, connection: ConnectionId) -> doorward::domain::id::SessionId {
        let (user, acme, now) = (member.user, self.acme.id, self.clock.now());
        let (id, secret) = (random::id(now), random::secret());
        self.write(move |tx| {
            let hash = secret.hash(doorward::domain::secret::Purpose::Session);
            Box::pin(async move {
                let subject = Subject::try_from(user.to_string()).unwrap();
                let identity = Identity {
                    id: random::id(now),
                    user,
                    connection,
                    subject,
                    created_at: now,
                    last_used_at: None,
                };
                identities::insert(tx, &identity).await?;
                let proof = Proof {
                    method: Method::Federated,
                    source: ProofSource::Connection {
                        id: connection,
                        organization: acme,
                        until: None,
                    },
                    at: now,
                    remembered: false,
                };
                let origin = SessionOrigin {
                    address: "192.0.2.7".to_owned(),
                    user_agent: String::new(),
                };
                let session = Session {
                    id,
                    user,
                    created_at: now,
                    last_seen_at: now,
                    expires_at: now.plus(Duration::from_hours(8)),
                    proofs: vec![proof],
                };
                sessions::insert(tx, &session, &hash, &origin).await
            })
        })
        .await;
        id
    }
}

on_both! {
    async fn an_openid_provider_is_set_up_and_enabled(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let draft = olga.api.post(CONNECTIONS, &entra()).await.created();
        let id = draft["id"].as_str().unwrap();
        assert_eq!(
            (&draft["kind"], &draft["status"], &draft["issuer"], &draft["has_client_secret"]),
            (&json!("oidc"), &json!("draft"), &json!("https://login.acme.example"), &json!(true))
        );
        assert_eq!(draft["callback_url"], format!("{}/upstream/{id}/callback", house.url));
        assert_eq!((&draft["lacks"], &draft["scopes"]), (&json!([]), &json!(["email", "profile"])));
        assert!(!draft.to_string().contains("sesame"));
        let path = format!("{CONNECTIONS}/{id}");
        assert_eq!(olga.api.get(&path).await.found(), draft);
        assert_eq!(olga.api.get(CONNECTIONS).await.found()["data"], json!([draft]));
        let enabled = olga.api.patch(&path, &json!({ "status": "enabled" })).await.found();
        assert_eq!(enabled["status"], "enabled");
        let disabled = olga.api.patch(&path, &json!({ "status": "disabled", "name": "Old Entra" })).await.found();
        assert_eq!((&disabled["status"], &disabled["name"]), (&json!("disabled"), &json!("Old Entra")));
        olga.api.delete(&path).await.done();
        assert_eq!(olga.api.get(&path).await.problem(), "not_found");
        for action in ["connection.created", "connection.enabled", "connection.disabled", "connection.deleted"] {
            let told = audited(&house, action).await;
            assert_eq!(told.len(), 1, "{action}");
            assert!(!told[0].1.to_string().contains("sesame"), "{action}");
        }
    }

    async fn a_provider_without_a_name_is_called_by_its_host(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let body = json!({ "kind": "oidc", "issuer": "https://login.acme.example/tenant", "client_id": "x" });
        let draft = olga.api.post(CONNECTIONS, &body).await.created();
        assert_eq!(draft["name"], "login.acme.example");
        assert_eq!(draft["lacks"][0]["code"], "no_client_secret");
        let path = format!("{CONNECTIONS}/{}", draft["id"].as_str().unwrap());
        let refused = olga.api.patch(&path, &json!({ "status": "enabled" })).await;
        assert_eq!((refused.status, refused.problem()), (StatusCode::CONFLICT, "unmet_preconditions".to_owned()));
        assert_eq!(refused.json()["errors"][0]["code"], "no_client_secret");
        let by_key = json!({ "authentication": "private_key_jwt", "status": "enabled" });
        assert_eq!(olga.api.patch(&path, &by_key).await.found()["status"], "enabled");
    }

    async fn a_saml_provider_is_set_up_from_its_metadata(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let (one, other) = (certificate(), certificate());
        let draft = olga.api.post(CONNECTIONS, &adfs(&[&one])).await.created();
        let id = draft["id"].as_str().unwrap();
        assert_eq!(
            (&draft["entity_id"], &draft["sso_url"], &draft["name"]),
            (&json!("https://idp.acme.example"), &json!("https://idp.acme.example/sso"), &json!("idp.acme.example"))
        );
        assert_eq!(draft["acs_url"], format!("{}/saml/sp/{id}/acs", house.url));
        assert_eq!(draft["sp_entity_id"], format!("{}/saml/sp/{id}/metadata", house.url));
        assert_eq!(draft["certificates"][0]["sha256"].as_str().unwrap().len(), 64);
        let path = format!("{CONNECTIONS}/{id}");
        olga.api.patch(&path, &json!({ "status": "enabled" })).await.found();
        let two = metadata("https://idp.acme.example", &[&one, &other], None);
        let rolled = olga.api.patch(&path, &json!({ "metadata_xml": two })).await.found();
        assert_eq!(rolled["certificates"].as_array().unwrap().len(), 2);
    }

    async fn s11_newer_metadata_weakens_nothing_that_was_asked_here(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let one = certificate();
        let (path, _) = made(&olga, &adfs(&[&one])).await;
        let strict = json!({ "signs_requests": true, "status": "enabled" });
        olga.api.patch(&path, &strict).await.found();
        for (why, xml) in [
            ("no key", metadata("https://idp.acme.example", &[], None)),
            ("expired", metadata("https://idp.acme.example", &[&one], Some("2026-11-22T09:29:59Z"))),
            ("another's name", metadata("https://idp.umbrella.example", &[&one], None)),
            ("an entity", "<!DOCTYPE x><x/>".to_owned()),
            ("no metadata", "hello".to_owned()),
        ] {
            let refused = olga.api.patch(&path, &json!({ "metadata_xml": xml })).await;
            assert_eq!((refused.status, refused.pointer()), (StatusCode::BAD_REQUEST, "/metadata_xml".to_owned()), "{why}");
        }
        let again = metadata("https://idp.acme.example", &[&one], Some("2026-11-23T09:30:00Z"));
        let kept = olga.api.patch(&path, &json!({ "metadata_xml": again })).await.found();
        assert_eq!((&kept["signs_requests"], &kept["idp_initiated"], &kept["status"]), (&json!(true), &json!(false), &json!("enabled")));
        assert_eq!(kept["valid_until"], "2026-11-23T09:30:00Z");
        olga.api.patch(&path, &json!({ "status": "disabled" })).await.found();
        house.wait(Duration::from_hours(25));
        let late = olga.api.patch(&path, &json!({ "status": "enabled" })).await;
        assert_eq!(late.json()["errors"][0]["code"], "metadata_expired", "{late:?}");
    }

    async fn metadata_that_has_to_be_signed_by_somebody_is_not_taken_from_anybody(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let mut body = adfs(&[&certificate()]);
        body["metadata_fingerprint"] = json!("ab".repeat(32));
        assert_eq!(olga.api.post(CONNECTIONS, &body).await.pointer(), "/metadata_xml", "it is not signed");
        body["metadata_fingerprint"] = json!("abc");
        assert_eq!(olga.api.post(CONNECTIONS, &body).await.pointer(), "/metadata_fingerprint");
    }

    async fn ss1_metadata_is_not_fetched_from_where_nobody_should_look(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        for url in ["https://169.254.169.254/metadata", "https://10.0.0.1/", "https://[fd00::1]/", "http://idp.example/", "file:///etc/passwd"] {
            let refused = olga.api.post(CONNECTIONS, &json!({ "kind": "saml", "metadata_url": url })).await;
            assert_eq!((refused.status, refused.pointer()), (StatusCode::BAD_REQUEST, "/metadata_url".to_owned()), "{url}");
        }
        let neither = olga.api.post(CONNECTIONS, &json!({ "kind": "saml" })).await;
        assert_eq!(neither.pointer(), "/metadata_xml");
    }

    async fn what_makes_no_sense_is_told_by_its_pointer(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        for (change, pointer) in [
            (json!({ "issuer": "http://login.acme.example" }), "/issuer"),
            (json!({ "issuer": "https://login.acme.example/?tenant=acme" }), "/issuer"),
            (json!({ "client_id": "" }), "/client_id"),
            (json!({ "client_secret": "line\nbreak" }), "/client_secret"),
            (json!({ "scopes": ["two words"] }), "/scopes/0"),
            (json!({ "name": " " }), "/name"),
            (json!({ "metadata_url": "https://idp.acme.example" }), "/metadata_url"),
            (json!({ "kind": "ldap" }), "/kind"),
            (json!({ "mapping": { "email": "" } }), "/mapping/email"),
            (json!({ "mapping": { "groups": "groups", "rules": [{ "value": "x" }] } }), "/mapping/rules/0"),
            (json!({ "mapping": { "groups": "groups", "rules": [{ "value": "x", "role": "emperor" }] } }), "/mapping/rules/0/role"),
            (json!({ "mapping": { "groups": "groups", "rules": [{ "value": "x", "group": "nowhere" }] } }), "/mapping/rules/0/group"),
            (json!({ "mapping": { "rules": [{ "value": "x", "role": "viewer" }] } }), "/mapping/groups"),
        ] {
            let mut body = entra();
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let refused = olga.api.post(CONNECTIONS, &body).await;
            assert_eq!((refused.status, refused.pointer()), (StatusCode::BAD_REQUEST, pointer.to_owned()), "{change}");
        }
    }

    async fn up3_who_is_behind_a_connection_stays_who_they_are(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let (path, _) = made(&olga, &entra()).await;
        let other = json!({ "issuer": "https://login.umbrella.example" });
        assert_eq!(olga.api.patch(&path, &other).await.found()["issuer"], other["issuer"], "nobody came by it yet");
        olga.api.patch(&path, &json!({ "status": "enabled" })).await.found();
        for status in ["enabled", "disabled"] {
            olga.api.patch(&path, &json!({ "status": status })).await.found();
            let back = json!({ "issuer": "https://login.acme.example" });
            assert_eq!(olga.api.patch(&path, &back).await.pointer(), "/issuer");
            assert_eq!(olga.api.patch(&path, &json!({ "client_id": "another" })).await.pointer(), "/client_id");
        }
    }

    async fn an_admin_sets_up_what_an_owner_enables(house) {
        let (ana, olga) = (house.employ("ana", BuiltInRole::Admin).await, house.employ("olga", BuiltInRole::Owner).await);
        let (path, _) = made(&ana, &entra()).await;
        let switch = json!({ "status": "enabled" });
        let refused = ana.api.patch(&path, &switch).await;
        assert_eq!((refused.status, refused.problem()), (StatusCode::FORBIDDEN, "exceeds_own_permissions".to_owned()));
        olga.api.patch(&path, &switch).await.found();
        for change in [json!({ "client_secret": "mine" }), json!({ "trusts_mfa": true }), json!({ "status": "disabled" })] {
            let refused = ana.api.patch(&path, &change).await;
            assert_eq!(refused.problem(), "exceeds_own_permissions", "{change}");
        }
        assert_eq!(ana.api.delete(&path).await.problem(), "exceeds_own_permissions");
        assert_eq!(ana.api.patch(&path, &json!({ "name": "Entra" })).await.found()["name"], "Entra");
    }

    async fn or3_nobody_writes_a_rule_that_gives_more_than_they_hold(house) {
        let (ana, olga) = (house.employ("ana", BuiltInRole::Admin).await, house.employ("olga", BuiltInRole::Owner).await);
        let of = |role: &str| json!({ "mapping": { "groups": "groups", "rules": [{ "value": "all", "role": role }] } });
        let mut body = entra();
        body["mapping"] = of("owner")["mapping"].clone();
        assert_eq!(ana.api.post(CONNECTIONS, &body).await.problem(), "exceeds_own_permissions");
        let (path, _) = made(&ana, &entra()).await;
        assert_eq!(ana.api.patch(&path, &of("owner")).await.problem(), "exceeds_own_permissions");
        assert_eq!(ana.api.patch(&path, &of("admin")).await.found()["mapping"]["rules"][0]["role"], "admin");
        olga.api.patch(&path, &of("owner")).await.found();
        let elsewhere = json!({ "mapping": { "groups": "everybody" } });
        assert_eq!(ana.api.patch(&path, &elsewhere).await.problem(), "exceeds_own_permissions", "what it gives is not theirs");
        let groups = "/v2/organizations/acme/groups";
        let group = olga.api.post(groups, &json!({ "name": "Keepers" })).await.created();
        let grant = json!({ "subject": group["id"], "role": "owner" });
        olga.api.post("/v2/organizations/acme/grants", &grant).await.created();
        let (path, _) = made(&ana, &entra()).await;
        let into = json!({ "mapping": { "groups": "groups", "rules": [{ "value": "all", "group": group["id"] }] } });
        assert_eq!(ana.api.patch(&path, &into).await.problem(), "exceeds_own_permissions");
        assert_eq!(olga.api.patch(&path, &into).await.found()["mapping"]["rules"][0]["group"], group["id"]);
    }

    async fn a_mapping_is_changed_part_by_part(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let (path, _) = made(&olga, &entra()).await;
        let rules = json!([{ "value": "eng", "role": "developer" }, { "value": "ops", "role": "operator" }]);
        let first = json!({ "mapping": { "groups": "groups", "rules": rules, "email": "mail" } });
        olga.api.patch(&path, &first).await.found();
        let second = olga.api.patch(&path, &json!({ "mapping": { "email": null, "name": "cn" } })).await.found();
        assert_eq!(second["mapping"], json!({
            "email": null, "name": "cn", "given_name": null, "family_name": null, "groups": "groups", "rules": rules,
        }));
        let none = olga.api.patch(&path, &json!({ "mapping": { "rules": [] } })).await.found();
        assert_eq!(none["mapping"]["rules"], json!([]));
    }

    async fn up8_what_stood_on_a_connection_ends_with_it(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        for end in ["disable", "delete"] {
            let (path, id) = made(&olga, &entra()).await;
            olga.api.patch(&path, &json!({ "status": "enabled" })).await.found();
            let session = house.comes_by(&vera, id).await;
            let proofs = async || sessions::by_id(&mut house.snapshot().await.tx(), session).await.unwrap().unwrap().proofs;
            assert_eq!(proofs().await.len(), 1);
            if end == "disable" {
                olga.api.patch(&path, &json!({ "status": "disabled" })).await.found();
            } else {
                olga.api.delete(&path).await.done();
            }
            assert!(proofs().await.is_empty(), "{end}");
        }
    }

    async fn what_members_have_to_come_by_is_enabled_and_stays(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let (path, id) = made(&olga, &entra()).await;
        let required = json!({ "required_connection": id.to_string() });
        assert_eq!(olga.api.patch(SECURITY, &required).await.pointer(), "/required_connection", "it is a draft");
        olga.api.patch(&path, &json!({ "status": "enabled" })).await.found();
        let mallory = house.employ_at(house.acme.umbrella, "mal", Some(BuiltInRole::Owner)).await;
        let theirs = mallory.api.patch("/v2/organizations/umbrella/security", &required).await;
        assert_eq!(theirs.pointer(), "/required_connection", "it is another's");
        assert_eq!(olga.api.patch(SECURITY, &required).await.found()["required_connection"], id.to_string());
        assert_eq!(olga.api.patch(&path, &json!({ "status": "disabled" })).await.problem(), "in_use");
        assert_eq!(olga.api.delete(&path).await.problem(), "in_use");
        olga.api.patch(SECURITY, &json!({ "required_connection": null })).await.found();
        olga.api.delete(&path).await.done();
    }

    async fn a_grave_change_takes_a_fresh_proof(house) {
        let alice = house.in_browser(Person::Alice).await;
        let draft = alice.post(CONNECTIONS, &entra()).await.created();
        let path = format!("{CONNECTIONS}/{}", draft["id"].as_str().unwrap());
        house.wait(Duration::from_mins(16));
        let stale = "insufficient_user_authentication";
        assert_eq!(alice.get(&path).await.found(), draft);
        assert_eq!(alice.post(CONNECTIONS, &entra()).await.problem(), stale);
        assert_eq!(alice.patch(&path, &json!({ "status": "enabled" })).await.problem(), stale);
        assert_eq!(alice.delete(&path).await.problem(), stale);
    }

    async fn an_organization_has_at_most_twenty(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        for _ in 0..20 {
            olga.api.post(CONNECTIONS, &entra()).await.created();
        }
        assert_eq!(olga.api.post(CONNECTIONS, &entra()).await.problem(), "limit_reached");
    }

    async fn the_same_request_makes_one_connection_and_a_stale_tag_changes_none(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let post = async || {
            let request = olga.api.request("POST", CONNECTIONS).header("idempotency-key", "once").json(&entra());
            crate::harness::Answer::of(request).await.created()
        };
        let first = post().await;
        assert_eq!(post().await, first);
        let path = format!("{CONNECTIONS}/{}", first["id"].as_str().unwrap());
        let tag = olga.api.get(&path).await.header("etag").to_owned();
        olga.api.patch(&path, &json!({ "name": "Other" })).await.found();
        let request = olga.api.request("PATCH", &path).header("if-match", tag);
        let late = request.header("content-type", "application/merge-patch+json").body(json!({ "name": "Late" }).to_string());
        let late = crate::harness::Answer::of(late).await;
        assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
    }

    async fn the_sso_log_is_read_newest_first_by_who_may(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let (path, connection) = made(&olga, &entra()).await;
        let organization = house.acme.id;
        for n in 0..5_u8 {
            house.wait(Duration::from_secs(1));
            let at = house.clock.now();
            house.write(move |tx| {
                let attempt = Attempt {
                    id: random::id(at),
                    organization,
                    connection,
                    at,
                    reference: Reference::from_bytes([n; 8]),
                    stage: Stage::Conditions,
                    refusal: Some("wrong_audience"),
                    detail: format!("number {n}"),
                    subject: None,
                    user: None,
                    test: false,
                    address: "192.0.2.7".parse().unwrap(),
                };
                Box::pin(async move { sso_log::insert(tx, &attempt).await })
            })
            .await;
        }
        let log = format!("{path}/attempts");
        let first = olga.api.get(&format!("{log}?limit=3&total=true")).await.found();
        let told = |page: &Value| page["data"].as_array().unwrap().iter().map(|one| one["detail"].clone()).collect::<Vec<_>>();
        assert_eq!((told(&first), &first["total"]), (vec![json!("number 4"), json!("number 3"), json!("number 2")], &json!(5)));
        assert_eq!((&first["data"][0]["refusal"], &first["data"][0]["stage"]), (&json!("wrong_audience"), &json!("conditions")));
        let cursor = first["next_cursor"].as_str().unwrap();
        let second = olga.api.get(&format!("{log}?limit=3&cursor={cursor}")).await.found();
        assert_eq!((told(&second), &second["next_cursor"]), (vec![json!("number 1"), json!("number 0")], &Value::Null));
        house.wait(Duration::from_hours(91 * 24));
        doorward::jobs::forget_the_expired(house.db(), house.clock.now()).await.unwrap();
        let (_, key) = house.key(Some(olga.user), PermissionSet::ALL).await;
        assert_eq!(key.get(&log).await.found()["data"], json!([]));
    }
}
