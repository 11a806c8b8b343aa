//! What a token, a filter or a patch must not open. SECURITY.md SC1 to SC4, OR3, OR4.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Directory, GROUPS, TOKENS, USER, USERS, id, member, refused};
use crate::harness::{Answer, Person, on_both};

on_both! {
    async fn sc1_no_other_credential_opens_it(house) {
        let directory = Directory::of(&house).await;
        let (_, key) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let browser = house.in_browser(Person::Alice).await;
        for (who, api) in [
            ("nobody", &house.nobody()),
            ("a key", &key),
            ("a browser", &browser),
            ("a made-up token", &house.bearer(&format!("dws_{}", "a".repeat(43)))),
            ("a token's beginning", &house.bearer("dws_")),
        ] {
            let answer = api.get(USERS).await;
            assert_eq!(answer.failure(), refused(401, ""), "{who}");
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"Doorward SCIM\"");
        }
        let token = directory.0.token().to_owned();
        for request in [
            house.nobody().request("GET", &format!("{USERS}?access_token={token}")),
            house.nobody().request("GET", USERS).basic_auth("scim", Some(&token)),
            directory.0.request("GET", USERS).header("authorization", format!("Bearer {token}")),
        ] {
            assert_eq!(Answer::of(request).await.status, StatusCode::UNAUTHORIZED);
        }
        // And it opens nothing else.
        for path in ["/v2/organizations/acme", "/v2/users/me", TOKENS, "/oauth2/userinfo"] {
            assert_eq!(directory.get(path).await.status, StatusCode::UNAUTHORIZED, "{path}");
        }
    }

    async fn sc1_another_tenants_token_reaches_nobody_here(house) {
        let directory = Directory::of(&house).await;
        let dana = directory.hires("dana").await;
        let mallory = house.in_browser(Person::Mallory).await;
        let made = mallory.post("/v2/organizations/umbrella/scim-tokens", &json!({ "name": "x" })).await.created();
        let umbrellas = Directory::with(&house, &made);
        assert_eq!(umbrellas.get(USERS).await.listed().0, 1, "Mallory alone");
        let step = json!([{ "op": "replace", "path": "active", "value": false }]);
        let whole = json!({ "schemas": [USER], "userName": "dana@acme.example", "active": false });
        let nobody = format!("{USERS}/usr_01kaxw3vd0f1wvj1d2sahtfxyz");
        let told = umbrellas.get(&nobody).await.body;
        for answer in [
            umbrellas.get(&dana).await, umbrellas.put(&dana, &whole).await, umbrellas.patch(&dana, step).await,
            umbrellas.delete(&dana).await,
        ] {
            assert_eq!((answer.status, &answer.body), (StatusCode::NOT_FOUND, &told), "as if there were nobody");
        }
        assert_eq!(umbrellas.filtered(USERS, r#"userName eq "dana@acme.example""#).await.listed(), (0, vec![]));
        assert_eq!(umbrellas.post(USERS, &whole).await.failure(), refused(400, "invalidValue"), "not its domain");
        assert_eq!(directory.get(&dana).await.found()["active"], true);
    }

    async fn sc1_a_token_that_ended_opens_nothing(house) {
        let alice = house.in_browser(Person::Alice).await;
        let made = alice.post(TOKENS, &json!({ "name": "Okta", "expires_in": "30d" })).await;
        let directory = Directory::with(&house, &made.created());
        directory.get(USERS).await.found();
        house.wait(Duration::from_hours(30 * 24));
        assert_eq!(directory.get(USERS).await.failure(), refused(401, ""));
        let alice = house.in_browser(Person::Alice).await;
        let made = alice.post(TOKENS, &json!({ "name": "Okta" })).await;
        let directory = Directory::with(&house, &made.created());
        directory.get(USERS).await.found();
        alice.delete(&made.location()).await.done();
        assert_eq!(directory.get(USERS).await.failure(), refused(401, ""));
    }

    async fn sc1_a_token_of_an_organization_that_is_gone_is_nothing(house) {
        let mallory = house.in_browser(Person::Mallory).await;
        let made = mallory.post("/v2/organizations/umbrella/scim-tokens", &json!({ "name": "x" })).await.created();
        let umbrellas = Directory::with(&house, &made);
        umbrellas.founds("Engineering", &[]).await;
        let applications = mallory.get("/v2/organizations/umbrella/applications").await.found();
        for application in applications["data"].as_array().unwrap() {
            let there = format!("/v2/organizations/umbrella/applications/{}", application["client_id"].as_str().unwrap());
            mallory.delete(&there).await.done();
        }
        let gone = mallory.delete("/v2/organizations/umbrella?confirm=umbrella").await;
        assert!(gone.status.is_success(), "{gone:?}");
        assert_eq!(umbrellas.get(USERS).await.failure(), refused(401, ""));
    }

    async fn sc2_an_external_id_is_no_id_of_ours(house) {
        let directory = Directory::of(&house).await;
        let (dana, erin) = (directory.hires("dana").await, directory.hires("erin").await);
        let call = |there: String, external_id: String| {
            let (directory, step) = (&directory, json!([{ "op": "replace", "path": "externalId", "value": external_id }]));
            async move { directory.patch(&there, step).await }
        };
        let alices = house.acme.alice.to_string();
        call(dana.clone(), alices.clone()).await.found();
        call(erin.clone(), "1".to_owned()).await.found();
        let found = |filter: String| {
            let directory = &directory;
            async move { directory.filtered(USERS, &filter).await.listed().1 }
        };
        assert_eq!(found(format!("externalId eq \"{alices}\"")).await, [id(&dana)]);
        assert_eq!(found(format!("id eq \"{alices}\"")).await, [alices.as_str()]);
        assert_eq!(found("externalId eq \"1\"".to_owned()).await, [id(&erin)]);
        assert_eq!(found(format!("externalId eq \"{}\"", id(&dana))).await, [""; 0]);
        assert_eq!(call(erin.clone(), alices.clone()).await.failure(), refused(409, "uniqueness"));
        for other in ["1", "0", "bob@acme.example", "usr_", "../Users", "%2e%2e", id(&dana).trim_start_matches("usr_")] {
            let answer = directory.get(&format!("{USERS}/{}", other.replace('/', "%2f"))).await;
            assert_eq!(answer.failure(), refused(404, ""), "{other}");
        }
        // One organization's names say nothing in another.
        let mallory = house.in_browser(Person::Mallory).await;
        let made = mallory.post("/v2/organizations/umbrella/scim-tokens", &json!({ "name": "x" })).await.created();
        let umbrellas = Directory::with(&house, &made);
        assert_eq!(umbrellas.filtered(USERS, "externalId eq \"1\"").await.listed(), (0, vec![]));
    }

    async fn sc3_nesting_is_refused_and_nothing_falls_over(house) {
        let directory = Directory::of(&house).await;
        let deep = |open: &str, close: &str, levels| format!("{}a pr{}", open.repeat(levels), close.repeat(levels));
        for filter in [deep("(", ")", 17), deep("not (", ")", 400), "a[".repeat(1000), "(".repeat(4000), deep("(", ")", 10_000)] {
            assert_eq!(directory.filtered(USERS, &filter).await.failure(), refused(400, "invalidFilter"));
            let body = json!({ "filter": filter });
            assert_eq!(directory.post("/scim/v2/Groups/.search", &body).await.failure(), refused(400, "invalidFilter"));
            let step = json!([{ "op": "remove", "path": format!("members[{filter}]") }]);
            let team = directory.filtered(GROUPS, "displayName eq \"Engineering\"").await.listed().1;
            let team = match team.first() {
                Some(team) => format!("{GROUPS}/{team}"),
                None => directory.founds("Engineering", &[]).await,
            };
            assert_eq!(directory.patch(&team, step).await.failure(), refused(400, "invalidFilter"));
        }
        let bottomless = format!("{{\"a\":{}1{}}}", "[".repeat(50_000), "]".repeat(50_000));
        let request = directory.request("POST", USERS, &Value::Null).body(bottomless);
        assert_eq!(Answer::of(request).await.failure(), refused(400, "invalidSyntax"));
        directory.get(USERS).await.found();
    }

    async fn sc4_a_patch_reaches_only_what_a_directory_may_change(house) {
        let directory = Directory::of(&house).await;
        let dana = directory.hires("dana").await;
        let before = directory.get(&dana).await.found();
        let steps = json!([
            { "op": "add", "path": "roles", "value": [{ "value": "owner" }] },
            { "op": "add", "path": "entitlements", "value": [{ "value": "organization:delete" }] },
            { "op": "add", "value": { "superuser": true, "is_admin": true, "role": "owner", "managed_by": null, "email_verified": true,
                "organization": "umbrella", "password": "secret secret secret", "groups": [{ "value": "grp_x" }], "id": "usr_x" } },
            { "op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:Group:displayName", "value": "x" },
        ]);
        assert_eq!(directory.patch(&dana, steps).await.found(), before);
        for path in ["__proto__", "userName.value.x", "name/givenName", "userName; DROP", "..", "$", "userName[\"x\"]"] {
            let step = json!([{ "op": "replace", "path": path, "value": "x" }]);
            assert_eq!(directory.patch(&dana, step).await.failure().0, StatusCode::BAD_REQUEST, "{path}");
        }
        for path in ["id", "ID", "meta.version", "groups", "schemas", "urn:ietf:params:scim:schemas:core:2.0:User:id"] {
            let step = json!([{ "op": "replace", "path": path, "value": "x" }]);
            assert_eq!(directory.patch(&dana, step).await.failure(), refused(400, "mutability"), "{path}");
        }
        // Not to an owner's address, however it is written.
        for address in ["alice@acme.example", "ALICE@Acme.Example", " alice@acme.example "] {
            let step = json!([{ "op": "replace", "path": "userName", "value": address }]);
            assert_eq!(directory.patch(&dana, step).await.failure(), refused(409, "uniqueness"), "{address}");
        }
        // And not the owner's own.
        let olga = house.invited("olga", BuiltInRole::Owner).await;
        let step = json!([{ "op": "replace", "path": "userName", "value": "olga2@acme.example" }]);
        assert_eq!(directory.patch(&format!("{USERS}/{}", olga.user), step).await.failure(), refused(403, ""));
        let step = json!([{ "op": "replace", "path": "displayName", "value": "Oh" }]);
        assert_eq!(directory.patch(&format!("{USERS}/{}", olga.user), step).await.failure(), refused(403, ""));
    }

    async fn or4_sc4_no_owner_and_no_superuser_is_a_directorys_to_end(house) {
        let directory = Directory::of(&house).await;
        let off = json!([{ "op": "replace", "path": "active", "value": false }]);
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let there = format!("{USERS}/{}", olga.user);
        assert_eq!(directory.patch(&there, off.clone()).await.failure(), refused(403, ""));
        assert_eq!(directory.delete(&there).await.failure(), refused(403, ""));
        // Alice stands above organizations, as what she is not only here.
        let alice = format!("{USERS}/{}", house.acme.alice);
        let browser = house.in_browser(Person::Alice).await;
        browser.patch(&member(&house.acme.alice.to_string()), &json!({ "role": "viewer" })).await.found();
        assert_eq!(directory.patch(&alice, off.clone()).await.failure(), refused(400, "mutability"));
        assert_eq!(directory.delete(&alice).await.failure(), refused(400, "mutability"));
        // The last owner.
        let mallory = house.in_browser(Person::Mallory).await;
        let made = mallory.post("/v2/organizations/umbrella/scim-tokens", &json!({ "name": "x" })).await.created();
        let umbrellas = Directory::with(&house, &made);
        let there = format!("{USERS}/{}", umbrellas.get(USERS).await.listed().1[0]);
        for answer in [umbrellas.patch(&there, off).await, umbrellas.delete(&there).await] {
            assert_eq!(answer.failure(), refused(409, ""));
            assert!(answer.json()["detail"].as_str().unwrap().contains("at least one active owner"));
        }
        mallory.get("/v2/organizations/umbrella").await.found();
    }

    async fn or3_a_token_never_reaches_further_than_its_maker_could(house) {
        let mona = house.employ("mona", BuiltInRole::Manager).await;
        house.grant(mona.user, PermissionSet::of(&[Permission::ConnectionWrite]), None).await;
        let wide = mona.api.post(TOKENS, &json!({ "name": "x" })).await;
        assert_eq!((wide.status, wide.problem()), (StatusCode::FORBIDDEN, "exceeds_own_permissions".to_owned()));
        house.lend_everything(mona.user, house.clock.now().plus(Duration::from_hours(1))).await;
        let lent = mona.api.post(TOKENS, &json!({ "name": "x" })).await;
        assert_eq!(lent.problem(), "exceeds_own_permissions", "what is lent is not handed on");
        house.grant(mona.user, PermissionSet::of(&[Permission::MemberWrite, Permission::GroupWrite]), None).await;
        let directory = Directory::with(&house, &mona.api.post(TOKENS, &json!({ "name": "x" })).await.created());
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let off = json!([{ "op": "replace", "path": "active", "value": false }]);
        assert_eq!(directory.patch(&format!("{USERS}/{}", ana.user), off.clone()).await.failure(), refused(403, ""));
        directory.patch(&format!("{USERS}/{}", house.acme.bob), off).await.found();
    }
}
