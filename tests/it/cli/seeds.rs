//! The command lines of the documents that Doorward was made from, as they stand there: `peridio` is the program.

use doorward::domain::access::{BuiltInRole, PermissionSet};
use serde_json::{Value, json};

use super::program::Program;
use super::shell::Shell;
use crate::harness::{Engine, House, Person, on_both};

const INVITE: &str = "\
peridio users invite \\
  --organization $ORG_ID \\
  --email user@example.com \\
  --role developer";

const INVITE_BY_CURL: &str = r#"curl -X POST https://api.peridio.com/v2/organizations/$ORG_ID/invitations \
  -H "Authorization: Bearer $API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "email": "user@example.com",
    "role": "developer"
  }'"#;

const UPDATE_ROLE: &str = "\
peridio users update-role \\
  --organization $ORG_ID \\
  --user $USER_ID \\
  --role manager";

const REMOVE: &str = "\
peridio users remove \\
  --organization $ORG_ID \\
  --user $USER_ID";

const SUSPEND: &str = r#"peridio users suspend \
  --user $USER_ID \
  --reason "Security policy violation""#;

const REACTIVATE: &str = "\
peridio users reactivate \\
  --user $USER_ID";

const SESSIONS: &str = "\
peridio users sessions list \\
  --user $USER_ID";

const REVOKE: &str = "\
peridio users sessions revoke \\
  --session $SESSION_ID";

const API_KEY: &str = r#"peridio api-keys create \
  --name "CI/CD Pipeline" \
  --expires-in 90d \
  --scopes read,write"#;

const AUDIT_LOGS: &str = "\
peridio audit-logs list \\
  --user $USER_ID \\
  --from 2024-01-01 \\
  --to 2024-01-31";

const CREATE: &str = r#"peridio organizations create \
  --name "My Organization" \
  --display-name "My Company IoT Division""#;

const CREATE_BY_CURL: &str = r#"curl -X POST https://api.peridio.com/v2/organizations \
  -H "Authorization: Bearer $API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "name": "my-organization",
    "display_name": "My Company IoT Division"
  }'"#;

const TRANSFER: &str = "\
peridio organizations transfer-ownership \\
  --organization $ORG_ID \\
  --new-owner $USER_EMAIL";

/// Alice's shell, with Acme as `$ORG_ID` and Bob as `$USER_ID`.
async fn alices_shell(house: &House) -> Shell {
    let (_, alice) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
    let shell = house.shell(&alice);
    let key = shell.key.clone();
    shell
        .with("ORG_ID", house.acme.id.to_string())
        .with("USER_ID", house.acme.bob.to_string())
        .with("API_KEY", key)
}

/// A document's `curl`, at this server.
fn here(script: &str, shell: &Shell) -> String {
    script.replace("https://api.peridio.com", &shell.url)
}

impl House {
    /// What the API tells Alice.
    async fn told(&self, shell: &Shell, path: &str) -> Value {
        self.bearer(&shell.key).get(path).await.found()
    }
}

on_both! {
    async fn somebody_is_invited(house) {
        for script in [INVITE, INVITE_BY_CURL] {
            let shell = alices_shell(&house).await;
            shell.sh(&here(script, &shell)).fine();
            let found = house.told(&shell, "/v2/organizations/acme/invitations?state=pending").await;
            let [invitation] = found["data"].as_array().unwrap().as_slice() else { panic!("{found}") };
            assert_eq!((&invitation["email"], &invitation["role"]), (&json!("user@example.com"), &json!("developer")));
            let place = format!("/v2/organizations/acme/invitations/{}", invitation["id"].as_str().unwrap());
            house.bearer(&shell.key).delete(&place).await.done();
        }
    }

    async fn a_members_role_changes_and_they_are_suspended_reactivated_and_removed(house) {
        let shell = alices_shell(&house).await;
        let bob = format!("/v2/organizations/acme/members/{}", house.acme.bob);
        shell.sh(UPDATE_ROLE).fine();
        assert_eq!(house.told(&shell, &bob).await["role"], "manager");
        shell.sh(SUSPEND).fine();
        let suspended = house.told(&shell, &bob).await;
        assert_eq!((&suspended["status"], &suspended["status_reason"]), (&json!("suspended"), &json!("Security policy violation")));
        shell.sh(REACTIVATE).fine();
        assert_eq!(house.told(&shell, &bob).await["status"], "active");
        let removed = shell.sh(REMOVE);
        assert_eq!(removed.fine(), "");
        assert!(removed.stderr.contains("no longer belongs to"), "{removed:?}");
        assert_eq!(house.bearer(&shell.key).get(&bob).await.problem(), "not_found");
    }

    async fn a_members_sessions_are_listed_and_one_is_revoked(house) {
        let shell = alices_shell(&house).await;
        let bob = house.in_browser(Person::Bob).await;
        bob.get("/v2/organizations/acme/products").await.found();
        house.in_browser(Person::Alice).await.get("/v2/organizations/acme/products").await.found();
        let listed = shell.sh(SESSIONS);
        let [head, session] = listed.fine().lines().collect::<Vec<_>>().try_into().unwrap();
        assert!(head.starts_with("USER ") && session.starts_with("bob@acme.example "), "{listed:?}");
        let id = session.split_whitespace().last().unwrap();
        shell.with("SESSION_ID", id).sh(REVOKE).fine();
        assert_eq!(bob.get("/v2/organizations/acme/products").await.problem(), "sign_in_again");
    }

    async fn a_key_is_made_and_alone_on_standard_output(house) {
        let shell = alices_shell(&house).await;
        let made = shell.sh(API_KEY);
        let secret = made.fine().strip_suffix('\n').unwrap();
        assert!(secret.starts_with("dw_") && secret.len() == 46 && !made.stderr.contains(secret), "{made:?}");
        assert!(made.stderr.contains("CI/CD Pipeline"), "{made:?}");
        house.bearer(secret).get("/v2/organizations/acme/products").await.found();
        let own = house.told(&shell, "/v2/users/me/api-keys").await;
        let made = own["data"].as_array().unwrap().iter().find(|key| key["name"] == "CI/CD Pipeline").unwrap();
        assert!(made["scopes"].as_array().unwrap().contains(&json!("device:write")), "{made}");
    }

    async fn the_audit_log_of_a_person_and_a_time_is_listed(house) {
        let shell = alices_shell(&house).await;
        shell.sh(UPDATE_ROLE).fine();
        let then = shell.sh(AUDIT_LOGS);
        assert_eq!((then.fine(), then.stderr.as_str()), ("", "No audit logs to list.\n"));
        let now = shell.sh(&AUDIT_LOGS.replace("2024-01-01", "2026-11-01").replace("2024-01-31", "2026-11-30"));
        let lines: Vec<_> = now.fine().lines().collect();
        let bob = house.acme.bob.to_string();
        let changed = lines.iter().filter(|line| line.contains("member.role_changed") && line.contains(&bob));
        assert_eq!((lines[0].starts_with("AT  "), changed.count()), (true, 1), "{now:?}");
    }

    async fn an_organization_is_made_with_a_slug_for_its_name(house) {
        let shell = alices_shell(&house).await;
        for script in [CREATE, CREATE_BY_CURL] {
            let shell = alices_shell(&house).await;
            let made = shell.sh(&here(script, &shell));
            assert!(made.fine().contains("my-organization"), "{made:?}");
            let found = house.told(&shell, "/v2/organizations/my-organization").await;
            assert_eq!(found["display_name"], "My Company IoT Division");
            shell.run(&["organizations", "delete", "--organization", "my-organization", "--yes"]).fine();
        }
        assert_eq!(house.bearer(&shell.key).get("/v2/organizations/my-organization").await.problem(), "not_found");
    }

    async fn an_organization_goes_to_an_admin(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let shell = alices_shell(&house).await.with("USER_EMAIL", &ana.email);
        let told = shell.sh(TRANSFER);
        assert!(told.fine().contains("ana@acme.example"), "{told:?}");
        let owner = house.told(&shell, "/v2/organizations/acme/members/ana@acme.example").await;
        assert_eq!(owner["role"], "owner");
    }
}

/// The server that `doorward setup` and `doorward serve` start, and the key that set-up gave.
#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_new_house_does_what_the_documents_say() {
    let home = super::Home::open(Engine::Sqlite).await;
    let set_up = Program::run(home.setup("Acme").args(["--output", "json"]));
    let told: Value = serde_json::from_str(set_up.fine()).unwrap();
    let server = Program::serve(&mut home.serve());
    let shell = Shell::at(&server.url(), told["api_key"].as_str().unwrap());
    let shell = shell.with("ORG_ID", told["organization"]["id"].as_str().unwrap());
    for script in [INVITE, API_KEY, CREATE] {
        shell.sh(script).fine();
    }
    let listed = shell.run(&["organizations", "list", "--output", "json"]);
    let listed: Value = serde_json::from_str(listed.fine()).unwrap();
    let names: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["acme", "my-organization"]);
}
