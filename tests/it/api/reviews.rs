//! Access reviews, from the snapshot to what comes of it. U17, C10.

use std::time::Duration;

use doorward::directory::reviews::keep_time;
use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{audited, grant, group, role, seat};
use crate::harness::{Answer, Api, House, Member, Person, on_both};

const REVIEWS: &str = "/v2/organizations/acme/access-reviews";

const MEMBERS: &str = "/v2/organizations/acme/members";

const DAY: Duration = Duration::from_hours(24);

/// Starts a review that is due in 30 days; answers where it is.
async fn started(api: &Api, more: Value) -> String {
    let mut asked = json!({ "name": "Autumn review", "due_at": "2026-12-22T09:30:00Z" });
    asked
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let made = api.post(REVIEWS, &asked).await;
    made.created();
    made.location()
}

/// Somebody in a review.
async fn item(api: &Api, review: &str, user: impl std::fmt::Display) -> Value {
    let items = api.get(&format!("{review}/items?limit=200")).await.found();
    let found = items["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["user"]["id"] == user.to_string());
    found.unwrap().clone()
}

/// Where somebody is in a review.
async fn place(api: &Api, review: &str, user: impl std::fmt::Display) -> String {
    format!(
        "{review}/items/{}",
        item(api, review, user).await["id"].as_str().unwrap()
    )
}

/// Decides about somebody.
async fn decide(api: &Api, review: &str, user: impl std::fmt::Display, verdict: &str) -> Answer {
    let place = place(api, review, user).await;
    api.patch(&place, &json!({ "verdict": verdict })).await
}

async fn complete(api: &Api, review: &str) -> Answer {
    Answer::of(api.request("POST", &format!("{review}/complete"))).await
}

async fn owner(house: &House) -> Member {
    house.employ("olga", BuiltInRole::Owner).await
}

impl House {
    /// What the job does.
    async fn keep_reviews(&self) {
        keep_time(self.db(), &self.instance.keyring, self.clock.now())
            .await
            .unwrap();
    }
}

on_both! {
    async fn u17_bob_is_revoked_in_a_review_and_cant_come_back_in(house) {
        let alice = house.in_browser(Person::Alice).await;
        let bob = house.in_browser(Person::Bob).await;
        bob.get(MEMBERS).await.found();
        let crew = group(&alice, "Rover crew").await;
        grant(&alice, &crew, &["firmware:write"]).await;
        alice.put(&seat(&crew, house.acme.bob), &json!({})).await.found();
        let made = alice.post(REVIEWS, &json!({ "name": " Autumn review ", "due_at": "2026-12-22T10:30:00+01:00" })).await;
        let review = made.created();
        assert_eq!(review, json!({
            "id": review["id"], "name": "Autumn review", "group": null, "role": null,
            "reviewer": house.acme.alice.to_string(), "started_by": house.acme.alice.to_string(),
            "undecided": "keep", "on_revoke": "remove", "due_at": "2026-12-22T09:30:00Z", "overdue": false,
            "recurrence": null, "next_at": null, "state": "open", "created_at": "2026-11-22T09:30:00Z",
            "ended_at": null, "ended_by": null,
            "progress": { "people": 2, "undecided": 2, "kept": 0, "revoked": 0, "done": 0, "refused": 0 },
        }));
        let place = made.location();
        assert_eq!(alice.get(&place).await.found(), review);
        assert_eq!(alice.get(REVIEWS).await.found()["data"], json!([review]));

        let seen = item(&alice, &place, house.acme.bob).await;
        assert_eq!((&seen["held"]["role"], &seen["held"]["groups"]), (&json!("operator"), &json!(["Rover crew"])));
        assert_eq!(seen["held"]["grants"][0]["group"], "Rover crew");
        assert!(seen["held"]["permissions"]["*"].as_array().unwrap().contains(&json!("firmware:write")));
        assert_eq!((&seen["changed"], &seen["gone"], &seen["verdict"]), (&json!(false), &json!(false), &Value::Null));
        let bobs = format!("{place}/items/{}", seen["id"].as_str().unwrap());
        let decided = alice.patch(&bobs, &json!({ "verdict": "revoke", "note": "Left the crew" })).await.found();
        assert_eq!((&decided["verdict"], &decided["note"]), (&json!("revoke"), &json!("Left the crew")));
        assert_eq!(decided["decided_by"], house.acme.alice.to_string());
        bob.get(MEMBERS).await.found();

        let completed = complete(&alice, &place).await.found();
        assert_eq!((&completed["state"], &completed["ended_by"]), (&json!("completed"), &json!(house.acme.alice.to_string())));
        let progress = json!({ "people": 2, "undecided": 0, "kept": 1, "revoked": 1, "done": 1, "refused": 0 });
        assert_eq!(completed["progress"], progress);
        assert_eq!(bob.get(MEMBERS).await.problem(), "not_found", "his browser opens nothing here any more");
        let again = house.in_browser(Person::Bob).await;
        assert_eq!(again.get(MEMBERS).await.problem(), "not_found", "nor does another");
        let gone = item(&alice, &place, house.acme.bob).await;
        assert_eq!((&gone["outcome"], &gone["gone"], &gone["changed"]), (&json!("removed"), &json!(true), &json!(true)));
        assert_eq!(item(&alice, &place, house.acme.alice).await["outcome"], "kept");

        for action in ["access_review.created", "access_review.decided", "access_review.completed", "access_review.revoked", "member.removed"] {
            assert_eq!(audited(&house, action).await.len(), 1, "{action}");
        }
        assert_eq!(complete(&alice, &place).await.found()["progress"], progress, "completed again, it stays as it is");
        assert_eq!(alice.patch(&bobs, &json!({ "verdict": "keep" })).await.problem(), "unmet_preconditions");
        assert_eq!(alice.delete(&place).await.problem(), "unmet_preconditions");
        assert_eq!(audited(&house, "access_review.revoked").await.len(), 1);
    }

    async fn nothing_is_revoked_before_the_review_is_completed_nor_when_it_is_cancelled(house) {
        let olga = owner(&house).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let review = started(&olga.api, json!({ "undecided": "revoke" })).await;
        decide(&olga.api, &review, vera.user, "revoke").await.found();
        vera.api.get(MEMBERS).await.found();
        olga.api.delete(&review).await.done();
        vera.api.get(MEMBERS).await.found();
        assert_eq!(complete(&olga.api, &review).await.problem(), "unmet_preconditions");
        assert_eq!(decide(&olga.api, &review, vera.user, "keep").await.problem(), "unmet_preconditions");
        assert_eq!(olga.api.get(&format!("{REVIEWS}?state=cancelled")).await.found()["data"].as_array().unwrap().len(), 1);
        assert_eq!(olga.api.get(&format!("{REVIEWS}?state=open")).await.found()["data"], json!([]));
        assert_eq!(audited(&house, "access_review.cancelled").await.len(), 1);
    }

    async fn or4_the_last_owner_stays_whatever_a_review_says(house) {
        let olga = owner(&house).await;
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let review = started(&olga.api, json!({})).await;
        let everything = house.key(None, PermissionSet::ALL).await.1;
        for owner in [olga.user, house.acme.alice] {
            decide(&everything, &review, owner, "revoke").await.found();
        }
        decide(&olga.api, &review, ana.user, "revoke").await.found();
        let completed = complete(&everything, &review).await.found();
        assert_eq!((&completed["progress"]["done"], &completed["progress"]["refused"]), (&json!(2), &json!(1)));
        let refused = everything.get(&format!("{review}/items?outcome=refused")).await.found();
        let [stays] = refused["data"].as_array().unwrap().as_slice() else { panic!("{refused}") };
        assert_eq!(stays["refusal"]["code"], "last_owner");
        assert_eq!(stays["gone"], false);
        let told = audited(&house, "access_review.revoked").await;
        assert!(told.iter().any(|(_, detail)| detail["because"] == "last_owner"), "{told:?}");

        // Once there is another owner, completing tries again.
        house.employ("oscar", BuiltInRole::Owner).await;
        let progress = complete(&everything, &review).await.found()["progress"].clone();
        assert_eq!((&progress["done"], &progress["refused"]), (&json!(3), &json!(0)));
    }

    async fn or3_nobody_revokes_whoever_holds_more_nor_themselves(house) {
        let olga = owner(&house).await;
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let review = started(&ana.api, json!({})).await;
        let refused = decide(&ana.api, &review, olga.user, "revoke").await;
        assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::FORBIDDEN, "exceeds_own_permissions"));
        decide(&ana.api, &review, olga.user, "keep").await.found();
        for verdict in ["keep", "revoke"] {
            let own = decide(&ana.api, &review, ana.user, verdict).await;
            assert_eq!((own.status, own.problem().as_str()), (StatusCode::CONFLICT, "unmet_preconditions"));
            assert_eq!(own.json()["errors"][0]["code"], "own_membership");
        }
        // What an owner decided, an admin who completes the review can't do in their place.
        decide(&olga.api, &review, ana.user, "revoke").await.found();
        decide(&olga.api, &review, vera.user, "revoke").await.found();
        decide(&olga.api, &review, house.acme.alice, "revoke").await.found();
        let done = complete(&ana.api, &review).await.found();
        assert_eq!((&done["progress"]["done"], &done["progress"]["refused"]), (&json!(1), &json!(2)));
        assert_eq!(item(&ana.api, &review, ana.user).await["refusal"]["code"], "own_membership");
        assert_eq!(item(&ana.api, &review, house.acme.alice).await["refusal"]["code"], "exceeds_own_permissions");
        assert_eq!(complete(&olga.api, &review).await.found()["progress"]["done"], 3, "but the owner can");
        assert_eq!(ana.api.get(MEMBERS).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn or1_mallory_sees_and_decides_nothing(house) {
        let alice = house.in_browser(Person::Alice).await;
        let mallory = house.in_browser(Person::Mallory).await;
        let review = started(&alice, json!({})).await;
        let bobs = place(&alice, &review, house.acme.bob).await;
        let own = mallory.post("/v2/organizations/umbrella/access-reviews", &json!({ "name": "Mine", "due_at": "2026-12-22T09:30:00Z" })).await;
        own.created();
        let (id, item) = (review.rsplit('/').next().unwrap(), bobs.rsplit('/').next().unwrap());
        let through_hers = [
            format!("/v2/organizations/umbrella/access-reviews/{id}"),
            format!("/v2/organizations/umbrella/access-reviews/{id}/items/{item}"),
            format!("{}/items/{item}", own.location()),
        ];
        for path in [&review, &bobs].into_iter().chain(&through_hers) {
            assert_eq!(mallory.get(path).await.problem(), "not_found", "{path}");
            assert_eq!(mallory.patch(path, &json!({})).await.problem(), "not_found", "{path}");
        }
        assert_eq!(complete(&mallory, &through_hers[0]).await.problem(), "not_found");
        let told = mallory.post("/v2/organizations/umbrella/access-reviews", &json!({
            "name": "Hers", "due_at": "2026-12-22T09:30:00Z", "reviewer": Person::Alice.email(),
        })).await;
        assert_eq!(told.pointer(), "/reviewer", "nobody of another organization is told of hers");
        assert_eq!(people_in(&mallory, &own.location()).await, 1);
    }

    async fn what_changed_since_the_snapshot_is_shown(house) {
        let olga = owner(&house).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let dana = house.employ("dana", BuiltInRole::Developer).await;
        let review = started(&olga.api, json!({})).await;
        let granted = grant(&olga.api, vera.user, &["device:write"]).await;
        olga.api.delete(&format!("{MEMBERS}/{}", dana.user)).await.done();
        assert_eq!(item(&olga.api, &review, vera.user).await["changed"], true);
        let gone = item(&olga.api, &review, dana.user).await;
        assert_eq!((&gone["gone"], &gone["changed"], &gone["held"]["role"]), (&json!(true), &json!(true), &json!("developer")));
        olga.api.delete(&granted).await.done();
        assert_eq!(item(&olga.api, &review, vera.user).await["changed"], false);
        decide(&olga.api, &review, dana.user, "revoke").await.found();
        complete(&olga.api, &review).await.found();
        assert_eq!(item(&olga.api, &review, dana.user).await["outcome"], "already");
    }

    async fn a_review_looks_at_a_group_or_a_role_and_may_suspend(house) {
        let olga = owner(&house).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let victor = house.employ("victor", BuiltInRole::Viewer).await;
        let crew = group(&olga.api, "Crew").await;
        olga.api.put(&seat(&crew, vera.user), &json!({})).await.found();
        let of_crew = started(&olga.api, json!({ "group": "Crew" })).await;
        assert_eq!(people_in(&olga.api, &of_crew).await, 1);
        let shown = olga.api.get(&of_crew).await.found();
        assert_eq!(shown["group"], json!({ "id": crew, "name": "Crew" }));
        let review = started(&olga.api, json!({ "role": "viewer", "on_revoke": "suspend", "undecided": "revoke" })).await;
        assert_eq!(people_in(&olga.api, &review).await, 2);
        decide(&olga.api, &review, vera.user, "keep").await.found();
        complete(&olga.api, &review).await.found();
        let victors = item(&olga.api, &review, victor.user).await;
        assert_eq!((&victors["verdict"], &victors["decided_by"], &victors["outcome"]), (&json!("revoke"), &Value::Null, &json!("suspended")));
        let member = olga.api.get(&format!("{MEMBERS}/{}", victor.user)).await.found();
        assert_eq!((&member["status"], &member["status_reason"]), (&json!("suspended"), &json!("Access review: Autumn review")));
        assert_eq!(victor.api.get(MEMBERS).await.status, StatusCode::UNAUTHORIZED);
        vera.api.get(MEMBERS).await.found();
        let quiet = role(&olga.api, "quiet", &["device:read"]).await;
        let quiet = quiet.rsplit('/').next().unwrap();
        for (asked, pointer) in [
            (json!({ "group": "Nobody's" }), "/group"),
            (json!({ "role": "king" }), "/role"),
            (json!({ "role": quiet }), "/role"),
            (json!({ "group": "Crew", "role": "viewer" }), "/role"),
            (json!({ "reviewer": vera.email }), "/reviewer"),
            (json!({ "reviewer": "nobody@acme.example" }), "/reviewer"),
            (json!({ "due_at": "2026-11-22T09:30:00Z" }), "/due_at"),
            (json!({ "due_at": "2028-11-22T09:30:00Z" }), "/due_at"),
            (json!({ "due_at": "tomorrow" }), "/due_at"),
            (json!({ "name": "" }), "/name"),
            (json!({ "name": "a\u{202e}b" }), "/name"),
            (json!({ "recurrence": { "every": 0, "unit": "days" } }), "/recurrence/every"),
            (json!({ "recurrence": { "every": 25, "unit": "months" } }), "/recurrence/every"),
            (json!({ "recurrence": { "every": 1, "unit": "years" } }), "/recurrence/unit"),
            (json!({ "undecided": "delete" }), "/undecided"),
            (json!({ "organization": "umbrella" }), "/organization"),
        ] {
            let mut whole = json!({ "name": "x", "due_at": "2026-12-22T09:30:00Z" });
            whole.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
            let answer = olga.api.post(REVIEWS, &whole).await;
            assert_eq!((answer.status, answer.pointer().as_str()), (StatusCode::BAD_REQUEST, pointer), "{asked}");
        }
        let (_, robot) = house.key(None, PermissionSet::of(&[Permission::MemberWrite])).await;
        let asked = json!({ "name": "x", "due_at": "2026-12-22T09:30:00Z" });
        assert_eq!(robot.post(REVIEWS, &asked).await.pointer(), "/reviewer", "a robot is no reviewer");
    }

    async fn the_reviewer_is_told_and_reminded_once(house) {
        let olga = owner(&house).await;
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let review = started(&olga.api, json!({ "reviewer": ana.email })).await;
        let told = house.letter_to(&ana.email).await;
        assert_eq!(told.header("Subject"), "Acme: Autumn review is yours to decide");
        let text = told.text.replace('\n', " ");
        assert!(text.contains("holds 4 memberships") && text.contains("22 December 2026 at 09:30 UTC"), "{text}");
        let ivan = house.employ("ivan", BuiltInRole::Admin).await;
        let changed = olga.api.patch(&review, &json!({ "reviewer": ivan.user.to_string(), "name": "Late autumn" })).await.found();
        assert_eq!((&changed["reviewer"], &changed["name"]), (&json!(ivan.user.to_string()), &json!("Late autumn")));
        assert_eq!(house.letter_to(&ivan.email).await.header("Subject"), "Acme: Late autumn is yours to decide");
        house.wait(Duration::from_millis(27 * 24 * 3_600_000 - 1));
        house.keep_reviews().await;
        assert_eq!(house.letters().await.len(), 2);
        house.wait(Duration::from_millis(1));
        for _ in 0..2 {
            house.keep_reviews().await;
        }
        let letters = house.letters().await;
        assert_eq!(letters.len(), 3);
        let reminder = house.letter_to(&ivan.email).await;
        assert_eq!(reminder.header("Subject"), "Acme: Late autumn is due soon");
        assert_eq!(audited(&house, "access_review.reminded").await.len(), 1);
        house.wait(DAY * 3);
        assert_eq!(olga.api.get(&review).await.found()["overdue"], true);
        olga.api.patch(&review, &json!({ "due_at": "2027-01-22T09:30:00Z" })).await.found();
        house.wait(DAY * 30);
        house.keep_reviews().await;
        assert_eq!(house.letters().await.len(), 4, "with more time comes another reminder");
    }

    async fn a_review_recurs_by_itself_once_and_from_its_start(house) {
        let olga = owner(&house).await;
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let first = started(&olga.api, json!({ "reviewer": ana.email, "recurrence": { "every": 3, "unit": "months" } })).await;
        let shown = olga.api.get(&first).await.found();
        assert_eq!((&shown["recurrence"]["every"], &shown["next_at"]), (&json!(3), &json!("2027-02-22T09:30:00Z")));
        complete(&olga.api, &first).await.found();
        house.employ("nora", BuiltInRole::Viewer).await;
        house.wait(Duration::from_millis(92 * 24 * 3_600_000 - 1));
        house.keep_reviews().await;
        let (_, olga_later) = house.key(Some(olga.user), PermissionSet::ALL).await;
        assert_eq!(reviews_there_are(&olga_later).await, 1);
        house.wait(Duration::from_secs(40));
        let (db, keyring, now) = (house.db().clone(), house.instance.keyring.clone(), house.clock.now());
        let mut nodes = JoinSet::new();
        for _ in 0..8 {
            let (db, keyring) = (db.clone(), keyring.clone());
            nodes.spawn(async move { keep_time(&db, &keyring, now).await });
        }
        nodes.join_all().await.into_iter().collect::<Result<Vec<()>, _>>().unwrap();
        let open = olga_later.get(&format!("{REVIEWS}?state=open")).await.found();
        let [next] = open["data"].as_array().unwrap().as_slice() else { panic!("{open}") };
        assert_eq!((&next["started_by"], &next["reviewer"]), (&json!("host"), &json!(ana.user.to_string())));
        assert_eq!((&next["name"], &next["next_at"]), (&json!("Autumn review"), &json!("2027-05-22T09:30:00Z")));
        assert_eq!(next["progress"]["people"], 5, "and looks at who is there now");
        assert_eq!(olga_later.get(&first).await.found()["recurrence"], Value::Null, "which recurs in its place");

        // A reviewer who may no longer decide is an owner then.
        let next = format!("{REVIEWS}/{}", next["id"].as_str().unwrap());
        olga_later.patch(&format!("{MEMBERS}/{}", ana.user), &json!({ "role": "viewer" })).await.found();
        house.wait(DAY * 92);
        house.keep_reviews().await;
        let (_, olgas) = house.key(Some(olga.user), PermissionSet::ALL).await;
        let open = olgas.get(&format!("{REVIEWS}?state=open")).await.found();
        let third = open["data"].as_array().unwrap().last().unwrap().clone();
        let owners = [house.acme.alice.to_string(), olga.user.to_string()];
        assert!(owners.contains(&third["reviewer"].as_str().unwrap().to_owned()), "{third}");
        assert_ne!(third["id"], olgas.get(&next).await.found()["id"]);
        let third = format!("{REVIEWS}/{}", third["id"].as_str().unwrap());
        let stopped = olgas.patch(&third, &json!({ "recurrence": null })).await.found();
        assert_eq!((&stopped["recurrence"], &stopped["next_at"]), (&Value::Null, &Value::Null));
        house.wait(DAY * 200);
        house.keep_reviews().await;
        let (_, olgas) = house.key(Some(olga.user), PermissionSet::ALL).await;
        assert_eq!(reviews_there_are(&olgas).await, 3, "and then no more");
    }

    async fn a_recurring_review_of_nobody_waits_for_the_next_time(house) {
        let olga = owner(&house).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let crew = group(&olga.api, "Crew").await;
        olga.api.put(&seat(&crew, vera.user), &json!({})).await.found();
        let first = started(&olga.api, json!({ "group": crew, "recurrence": { "every": 30, "unit": "days" } })).await;
        complete(&olga.api, &first).await.found();
        olga.api.delete(&seat(&crew, vera.user)).await.done();
        house.wait(DAY * 30);
        house.keep_reviews().await;
        assert_eq!(reviews_there_are(&olga.api).await, 1);
        assert_eq!(olga.api.get(&first).await.found()["next_at"], "2027-01-21T09:30:00Z");
        assert_eq!(audited(&house, "access_review.skipped").await.len(), 1);
        let changed = olga.api.patch(&first, &json!({ "recurrence": { "every": 60, "unit": "days" } })).await.found();
        assert_eq!(changed["next_at"], "2027-01-21T09:30:00Z", "every 60 days from its start");
        assert_eq!(olga.api.patch(&first, &json!({ "name": "x" })).await.problem(), "unmet_preconditions");
        olga.api.patch(&first, &json!({ "recurrence": null })).await.found();
        let again = olga.api.patch(&first, &json!({ "recurrence": { "every": 60, "unit": "days" } })).await;
        assert_eq!(again.problem(), "unmet_preconditions", "one that is over does not begin to recur");
    }

    async fn of_twenty_who_decide_at_once_each_decision_is_counted_once(house) {
        let olga = owner(&house).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let review = started(&olga.api, json!({})).await;
        let veras = place(&olga.api, &review, vera.user).await;
        let mut tries = JoinSet::new();
        for number in 0..20 {
            let verdict = if number % 2 == 0 { "keep" } else { "revoke" };
            let request = olga.api.request("PATCH", &veras).json(&json!({ "verdict": verdict, "note": format!("{number}") }));
            tries.spawn(Answer::of(request));
        }
        for answer in tries.join_all().await {
            answer.found();
        }
        let decided = item(&olga.api, &review, vera.user).await;
        let progress = olga.api.get(&review).await.found()["progress"].clone();
        let is = |verdict| i64::from(decided["verdict"] == verdict);
        assert_eq!((&progress["kept"], &progress["revoked"]), (&json!(is("keep")), &json!(is("revoke"))));
        assert_eq!(audited(&house, "access_review.decided").await.len(), 20);

        let tag = olga.api.get(&veras).await.header("etag").to_owned();
        let mut tries = JoinSet::new();
        for number in 20..40 {
            let request = olga.api.request("PATCH", &veras).header("if-match", &tag);
            tries.spawn(Answer::of(request.json(&json!({ "note": format!("{number}") }))));
        }
        let answers = tries.join_all().await;
        let won = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
        assert_eq!(won, 1, "of twenty who saw the same, one");
    }

    async fn a_verdict_is_changed_taken_back_and_noted(house) {
        let olga = owner(&house).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let review = started(&olga.api, json!({})).await;
        let veras = place(&olga.api, &review, vera.user).await;
        assert_eq!(olga.api.patch(&veras, &json!({ "note": "why" })).await.pointer(), "/note");
        for (asked, kept, revoked, undecided) in [
            (json!({ "verdict": "revoke", "note": "why" }), 0, 1, 3),
            (json!({ "verdict": "keep" }), 1, 0, 3),
            (json!({ "verdict": "keep" }), 1, 0, 3),
            (json!({ "verdict": null }), 0, 0, 4),
            (json!({}), 0, 0, 4),
        ] {
            olga.api.patch(&veras, &asked).await.found();
            let progress = olga.api.get(&review).await.found()["progress"].clone();
            let counts = (&progress["kept"], &progress["revoked"], &progress["undecided"]);
            assert_eq!(counts, (&json!(kept), &json!(revoked), &json!(undecided)), "{asked}");
        }
        assert_eq!(audited(&house, "access_review.decided").await.len(), 3, "what changes nothing is not told");
        for (asked, pointer) in [
            (json!({ "verdict": "maybe" }), "/verdict"),
            (json!({ "verdict": "keep", "note": "x".repeat(501) }), "/note"),
            (json!({ "verdict": "keep", "note": "a\nb" }), "/note"),
            (json!({ "outcome": "removed" }), "/outcome"),
        ] {
            assert_eq!(olga.api.patch(&veras, &asked).await.pointer(), pointer, "{asked}");
        }
    }

    async fn a_batch_decides_about_many_each_for_itself(house) {
        let olga = owner(&house).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let review = started(&olga.api, json!({})).await;
        let id = async |user| item(&olga.api, &review, user).await["id"].clone();
        let batch = json!({ "items": [
            { "id": id(vera.user).await, "verdict": "revoke" }, { "id": id(olga.user).await, "verdict": "keep" },
            { "id": "itm_01kaxw3vd0f1wvj1d2sahtfxyz", "verdict": "keep" }, { "id": id(house.acme.bob).await, "verdict": "keep", "note": "a\nb" },
            { "id": id(house.acme.bob).await, "verdict": "keep" },
        ] });
        let answer = olga.api.post(&format!("{review}/items/batch"), &batch).await.found();
        let results = answer["results"].as_array().unwrap();
        let statuses: Vec<_> = results.iter().map(|one| one["status"].as_u64().unwrap()).collect();
        assert_eq!(statuses, [200, 409, 404, 400, 200]);
        assert_eq!(results[0]["value"]["verdict"], "revoke");
        let undecided = olga.api.get(&format!("{review}/items?verdict=undecided&total=true")).await.found();
        assert_eq!(undecided["total"], 2);
        let pages = olga.api.get(&format!("{review}/items?limit=3")).await.found();
        let rest = olga.api.get(&format!("{review}/items?limit=3&cursor={}", pages["next_cursor"].as_str().unwrap())).await.found();
        assert_eq!((pages["data"].as_array().unwrap().len(), rest["data"].as_array().unwrap().len()), (3, 1));
        for wrong in ["verdict=maybe", "outcome=x", "state=open"] {
            assert_eq!(olga.api.get(&format!("{review}/items?{wrong}")).await.problem(), "invalid_request");
        }
        let asked = json!({ "name": "x", "due_at": "2026-12-22T09:30:00Z" });
        let once = || olga.api.request("POST", REVIEWS).header("idempotency-key", "once").json(&asked);
        let (made, again) = (Answer::of(once()).await.created(), Answer::of(once()).await.created());
        assert_eq!(made["id"], again["id"]);
        assert_eq!(reviews_there_are(&olga.api).await, 2);
    }
}

/// How many people are in a review.
async fn people_in(api: &Api, review: &str) -> i64 {
    api.get(review).await.found()["progress"]["people"]
        .as_i64()
        .unwrap()
}

/// How many reviews there are.
async fn reviews_there_are(api: &Api) -> i64 {
    api.get(&format!("{REVIEWS}?total=true")).await.found()["total"]
        .as_i64()
        .unwrap()
}
