//! Passkeys and security keys that lie, and answers that are not what was asked for: WA1 to WA11, LG2.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward::domain::passkey::Ceremony;
use doorward::domain::user::UserStatus;
use doorward::storage::security;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::api::audited;
use crate::harness::authenticator::{Authenticator, BE, BS, NamedHouse, UP, UV, answer_to};
use crate::harness::visitor::authorize;
use crate::harness::{Answer, Person, on_both};

/// What is said of every passkey that is refused.
const REFUSED: &str = "That passkey didn\u{2019}t let you in.";

/// Somebody's new passkey, in a browser that is signed out now.
async fn passkey_of(house: &NamedHouse, person: Person) -> Authenticator {
    let mut authenticator = house.authenticator();
    enrolled(house, person, &mut authenticator, "passkey").await;
    authenticator
}

/// Somebody's new security key, which is touched and asks nobody who they are.
async fn security_key_of(house: &NamedHouse, person: Person) -> Authenticator {
    let mut authenticator = house.authenticator();
    authenticator.flags = UP;
    enrolled(house, person, &mut authenticator, "security-key").await;
    authenticator
}

async fn enrolled(house: &NamedHouse, person: Person, authenticator: &mut Authenticator, kind: &str) {
    let browser = house.signed_in(person).await;
    let added = browser.enrol(authenticator, kind, "Key ring").await;
    assert!(added.is_enrolled(), "{added:?}");
    house.wait(Duration::from_millis(1));
}

fn is_refused(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer:?}");
    assert!(
        answer.body.contains(REFUSED) && answer.cookies().is_empty(),
        "{answer:?}"
    );
}

fn is_not_added(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer:?}");
}

/// Why what was tried last was refused, as the log has it.
async fn why(house: &NamedHouse, action: &str) -> Value {
    let told = audited(house, action).await;
    // What comes next is later.
    house.wait(Duration::from_millis(1));
    told.last()
        .map(|(_, detail)| detail["reason"].clone())
        .unwrap_or_default()
}

on_both! {
    async fn wa4_an_organization_counts_a_touched_key_only_if_it_made_sure_who_touched_it(house: NamedHouse) {
        let mut key = security_key_of(&house, Person::Bob).await;
        let (acme, now) = (house.acme.id, house.clock.now());
        house
            .write(move |tx| {
                Box::pin(async move {
                    let mut settings = security::of(tx, acme).await?.unwrap();
                    settings.policy.require_mfa = true;
                    settings.require_user_verification = true;
                    security::set(tx, acme, &settings, now).await
                })
            })
            .await;
        let acmes = authorize(&house.acme.desk.to_string(), &[]);
        let touched = house.visitor();
        let page = touched.second_factor_of(Person::Bob).await;
        assert_eq!(page.question()["options"]["userVerification"], "preferred");
        assert_eq!(touched.touch(&page, &key).await.location(), "/", "they are who they are");
        let page = touched.arrives(&acmes).await;
        assert_eq!((page.status, page.location().as_str()), (StatusCode::OK, ""), "but do not enter Acme: {page:?}");

        key.flags = UP | UV;
        let verified = house.visitor();
        assert_eq!(verified.sign_in_and_touch(Person::Bob, &key).await.location(), "/");
        let back = verified.arrives(&acmes).await;
        assert!(back.parameter("code").is_some(), "{back:?}");
    }

    async fn wa1_a_question_is_answered_once_and_by_the_browser_it_was_put_to(house: NamedHouse) {
        let bobs = passkey_of(&house, Person::Bob).await;
        let (bob, mallory) = (house.visitor(), house.visitor());
        let (question, csrf) = bob.asked_for_a_passkey().await;
        let answer = answer_to(&question, &bobs.get(&question["options"]));
        let (_, mallorys) = mallory.asked_for_a_passkey().await;
        is_refused(&mallory.show_passkey(&mallorys, &answer).await);
        let signed_in = bob.show_passkey(&csrf, &answer).await;
        assert_eq!((signed_in.status, signed_in.location().as_str()), (StatusCode::SEE_OTHER, "/"));
        is_refused(&bob.newcomer().sign_in_with(&house.authenticator()).await);
        is_refused(&bob.show_passkey(&csrf, &answer).await);
    }

    async fn wa1_only_a_challenge_of_ours_counts_and_not_for_long(house: NamedHouse) {
        let bobs = passkey_of(&house, Person::Bob).await;
        let bob = house.visitor();
        let (question, csrf) = bob.asked_for_a_passkey().await;
        let own = json!({ "challenge": URL_SAFE_NO_PAD.encode([7; 32]) });
        is_refused(&bob.show_passkey(&csrf, &answer_to(&question, &bobs.get(&own))).await);
        assert_eq!(why(&house, "user.sign_in_failed").await, "challenge");
        let (question, csrf) = bob.asked_for_a_passkey().await;
        let made_up = json!({ "ceremony": URL_SAFE_NO_PAD.encode([7; 32]) });
        is_refused(&bob.show_passkey(&csrf, &answer_to(&made_up, &bobs.get(&question["options"]))).await);
        let answer = answer_to(&question, &bobs.get(&question["options"]));
        house.wait(Ceremony::LIFETIME);
        is_refused(&bob.show_passkey(&csrf, &answer).await);
        assert_eq!(bob.sign_in_with(&bobs).await.location(), "/");
    }

    async fn wa1_a_question_for_one_thing_is_no_question_for_another(house: NamedHouse) {
        let bobs = passkey_of(&house, Person::Bob).await;
        let second = house.visitor();
        let page = second.second_factor_of(Person::Bob).await;
        let question = page.question();
        let csrf = second.get("/sign-in").await.field("csrf");
        is_refused(&second.show_passkey(&csrf, &answer_to(&question, &bobs.get(&question["options"]))).await);
        let (asked, _) = second.asked_for_a_passkey().await;
        let answer = answer_to(&asked, &bobs.get(&asked["options"]));
        let fields = [("csrf", page.field("csrf")), ("answer", answer)];
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let elsewhere = second.post(&page.action(), &fields).await;
        assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY, "{elsewhere:?}");
        // A security key's question makes no passkey.
        let mallory = house.signed_in(Person::Mallory).await;
        let (as_key, as_passkey) = (mallory.new_key("security-key").await, mallory.new_key("passkey").await);
        let mut own = house.authenticator();
        let question = as_key.question();
        let answer = answer_to(&question, &own.create(&question["options"]));
        is_not_added(&mallory.add(&as_passkey, "Swapped", &answer).await);
    }

    async fn wa1_of_twenty_who_bring_the_same_answer_one_gets_in(house: NamedHouse) {
        let bobs = passkey_of(&house, Person::Bob).await;
        let bob = house.visitor();
        let (question, csrf) = bob.asked_for_a_passkey().await;
        let answer = answer_to(&question, &bobs.get(&question["options"]));
        let mut tries = JoinSet::new();
        for _ in 0..20 {
            let (bob, csrf, answer) = (bob.again(), csrf.clone(), answer.clone());
            tries.spawn(async move { bob.show_passkey(&csrf, &answer).await.status });
        }
        let mut told = tries.join_all().await;
        told.sort_unstable();
        assert_eq!(told.remove(0), StatusCode::SEE_OTHER);
        assert_eq!(told, [StatusCode::UNPROCESSABLE_ENTITY; 19]);
    }

    async fn wa2_only_our_own_page_counts(house: NamedHouse) {
        let mut bobs = passkey_of(&house, Person::Bob).await;
        let ours = bobs.origin.clone();
        let port = ours.rsplit(':').next().unwrap().to_owned();
        for elsewhere in [
            format!("http://evil-localhost:{port}"), format!("http://evil.localhost:{port}"),
            format!("https://localhost:{port}"), "http://localhost:1".to_owned(), "null".to_owned(),
            format!("{ours}.evil.example"), format!("http://localhost@evil.example:{port}"), String::new(),
        ] {
            bobs.origin.clone_from(&elsewhere);
            is_refused(&house.visitor().sign_in_with(&bobs).await);
            let bob = house.signed_in(Person::Mallory).await;
            let mut own = house.authenticator();
            own.origin.clone_from(&elsewhere);
            is_not_added(&bob.enrol(&mut own, "passkey", "Elsewhere").await);
        }
        bobs.origin = ours;
        bobs.cross_origin = true;
        house.wait(Duration::from_millis(1));
        is_refused(&house.visitor().sign_in_with(&bobs).await);
        assert_eq!(why(&house, "user.sign_in_failed").await, "origin");
        bobs.cross_origin = false;
        assert_eq!(house.visitor().sign_in_with(&bobs).await.location(), "/");
    }

    async fn wa3_a_passkey_for_another_house_opens_nothing(house: NamedHouse) {
        let mut bobs = passkey_of(&house, Person::Bob).await;
        "evil.example".clone_into(&mut bobs.rp_id);
        is_refused(&house.visitor().sign_in_with(&bobs).await);
        assert_eq!(why(&house, "user.sign_in_failed").await, "relying_party");
        let mut own = house.authenticator();
        "evil.example".clone_into(&mut own.rp_id);
        is_not_added(&house.signed_in(Person::Mallory).await.enrol(&mut own, "passkey", "Elsewhere").await);
        assert_eq!(why(&house, "passkey.refused").await, "relying_party");
    }

    async fn wa4_nobody_signs_in_with_a_passkey_that_asked_nobody(house: NamedHouse) {
        let mut bobs = passkey_of(&house, Person::Bob).await;
        for (flags, reason) in [(UP, "user_verification"), (UV, "user_presence"), (0, "user_presence")] {
            bobs.flags = flags;
            is_refused(&house.visitor().sign_in_with(&bobs).await);
            assert_eq!(why(&house, "user.sign_in_failed").await, reason);
        }
        bobs.flags = UP;
        let touched = house.visitor().sign_in_and_touch(Person::Bob, &bobs).await;
        assert_eq!(touched.status, StatusCode::UNPROCESSABLE_ENTITY, "a passkey always asks, as second factor too");
        let mallory = house.signed_in(Person::Mallory).await;
        for (kind, flags) in [("passkey", UP), ("passkey", UV), ("security-key", UV)] {
            let mut own = house.authenticator();
            own.flags = flags;
            is_not_added(&mallory.enrol(&mut own, kind, "Silent").await);
        }
    }

    async fn wa4_a_security_key_signs_nobody_in_by_itself(house: NamedHouse) {
        let mut bobs = security_key_of(&house, Person::Bob).await;
        assert_eq!(house.visitor().sign_in_and_touch(Person::Bob, &bobs).await.location(), "/");
        bobs.flags = UP | UV;
        is_refused(&house.visitor().sign_in_with(&bobs).await);
    }

    async fn wa5_a_counter_that_goes_back_is_refused_and_its_person_told(house: NamedHouse) {
        let mut bobs = house.authenticator();
        bobs.counter = 7;
        enrolled(&house, Person::Bob, &mut bobs, "passkey").await;
        bobs.counter = 9;
        let browser = house.visitor();
        assert_eq!(browser.sign_in_with(&bobs).await.location(), "/");
        for counter in [9, 8, 0] {
            bobs.counter = counter;
            is_refused(&house.visitor().sign_in_with(&bobs).await);
            assert_eq!(why(&house, "user.sign_in_failed").await, "counter");
        }
        assert!(browser.get("/account/passkeys").await.body.contains("There may be a copy of this key."));
        bobs.counter = 10;
        assert_eq!(house.visitor().sign_in_with(&bobs).await.location(), "/", "the genuine one goes on");
    }

    async fn wa5_a_question_that_is_older_than_the_counter_does_not_let_it_go_back(house: NamedHouse) {
        let mut bobs = house.authenticator();
        (bobs.flags, bobs.counter) = (UP, 1);
        enrolled(&house, Person::Bob, &mut bobs, "security-key").await;
        let (one, other) = (house.visitor(), house.visitor());
        let (first, second) = (one.second_factor_of(Person::Bob).await, other.second_factor_of(Person::Bob).await);
        bobs.counter = 2;
        assert_eq!(one.touch(&first, &bobs).await.location(), "/");
        let copy = other.touch(&second, &bobs).await;
        assert_eq!(copy.status, StatusCode::UNPROCESSABLE_ENTITY, "{copy:?}");
    }

    async fn wa5_an_authenticator_that_does_not_count_is_taken_at_its_word(house: NamedHouse) {
        let bobs = passkey_of(&house, Person::Bob).await;
        for _ in 0..3 {
            assert_eq!(house.visitor().sign_in_with(&bobs).await.location(), "/");
        }
    }

    async fn wa6_what_is_anothers_proves_nobody(house: NamedHouse) {
        let mallorys = security_key_of(&house, Person::Mallory).await;
        security_key_of(&house, Person::Bob).await;
        let browser = house.visitor();
        let swapped = browser.sign_in_and_touch(Person::Bob, &mallorys).await;
        assert_eq!(swapped.status, StatusCode::UNPROCESSABLE_ENTITY, "{swapped:?}");
        assert_eq!(browser.get("/").await.location(), "/sign-in");
    }

    async fn wa6_a_passkey_says_whose_it_is_and_says_it_rightly(house: NamedHouse) {
        let mut bobs = passkey_of(&house, Person::Bob).await;
        let own = bobs.user_handle.clone();
        for handle in [Some(house.acme.alice.uuid().as_bytes().to_vec()), Some(b"bob".to_vec()), None] {
            bobs.user_handle = handle;
            is_refused(&house.visitor().sign_in_with(&bobs).await);
            assert_eq!(why(&house, "user.sign_in_failed").await, "user_handle");
        }
        bobs.user_handle = own;
        assert_eq!(house.visitor().sign_in_with(&bobs).await.location(), "/");
    }

    async fn wa6_an_id_that_somebody_has_is_nobody_elses(house: NamedHouse) {
        let bobs = passkey_of(&house, Person::Bob).await;
        let mut own = house.authenticator();
        own.id.clone_from(&bobs.id);
        let mallory = house.signed_in(Person::Mallory).await;
        is_not_added(&mallory.enrol(&mut own, "passkey", "Mine").await);
        assert_eq!(why(&house, "passkey.refused").await, "known");
        assert!(mallory.get("/account/passkeys").await.body.contains("You have none yet."));
        assert_eq!(house.visitor().sign_in_with(&bobs).await.location(), "/");
    }

    async fn wa7_an_algorithm_that_was_not_offered_is_refused(house: NamedHouse) {
        let point = [0xD7, 0x5A, 0x98, 0x01, 0x82, 0xB1, 0x0A, 0xB7, 0xD5, 0x4B, 0xFE, 0xD3, 0xC9, 0x64, 0x07, 0x3A,
            0x0E, 0xE1, 0x72, 0xF3, 0xDA, 0xA6, 0x23, 0x25, 0xAF, 0x02, 0x1A, 0x68, 0xF7, 0x07, 0x51, 0x1A];
        // EdDSA over Ed25519, with RFC 8032's first key: {1: 1, 3: -8, -1: 6, -2: 32 bytes}.
        let edwards = [&[0xA4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20], point.as_slice()].concat();
        let bob = house.signed_in(Person::Bob).await;
        for kind in ["passkey", "security-key"] {
            let mut own = house.authenticator();
            own.shows_key = Some(edwards.clone());
            is_not_added(&bob.enrol(&mut own, kind, "Edwards").await);
        }
    }

    async fn wa8_what_was_bound_to_one_device_stays_there(house: NamedHouse) {
        let mut bound = passkey_of(&house, Person::Bob).await;
        for flags in [UP | UV | BE, UP | UV | BE | BS, UP | UV | BS] {
            bound.flags = flags;
            is_refused(&house.visitor().sign_in_with(&bound).await);
            assert_eq!(why(&house, "user.sign_in_failed").await, "backup");
        }
        let mut synced = house.authenticator();
        synced.flags = UP | UV | BE;
        enrolled(&house, Person::Mallory, &mut synced, "passkey").await;
        synced.flags = UP | UV | BE | BS;
        assert_eq!(house.visitor().sign_in_with(&synced).await.location(), "/", "being backed up may come and go");
        synced.flags = UP | UV;
        is_refused(&house.visitor().sign_in_with(&synced).await);
        let mut odd = house.authenticator();
        odd.flags = UP | UV | BS;
        let alice = house.signed_in(Person::Alice).await;
        is_not_added(&alice.enrol(&mut odd, "passkey", "Odd").await);
    }

    async fn wa9_what_is_no_credential_is_refused_and_breaks_nothing(house: NamedHouse) {
        let mut bobs = passkey_of(&house, Person::Bob).await;
        bobs.trailing = vec![0; 16];
        is_refused(&house.visitor().sign_in_with(&bobs).await);
        bobs.trailing.clear();
        let deep = [[0x9F; 2_000].as_slice(), &[0xBF; 2_000]].concat();
        let huge = [0x5B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        for noise in [&deep[..], &huge, &[0xA3, 0x63], &[], &[0xFF; 100]] {
            let noise = URL_SAFE_NO_PAD.encode(noise);
            let bob = house.visitor();
            for part in ["authenticatorData", "clientDataJSON", "signature", "userHandle"] {
                let (question, csrf) = bob.asked_for_a_passkey().await;
                let mut credential = bobs.get(&question["options"]);
                credential["response"][part] = json!(noise);
                is_refused(&bob.show_passkey(&csrf, &answer_to(&question, &credential)).await);
            }
            let mallory = house.signed_in(Person::Mallory).await;
            for part in ["attestationObject", "clientDataJSON"] {
                let page = mallory.new_key("passkey").await;
                let question = page.question();
                let mut credential = house.authenticator().create(&question["options"]);
                credential["response"][part] = json!(noise);
                is_not_added(&mallory.add(&page, "Noise", &answer_to(&question, &credential)).await);
            }
        }
        let mallory = house.signed_in(Person::Mallory).await;
        for trailing in [vec![0; 1], vec![0xA1; 40], deep.clone()] {
            let mut own = house.authenticator();
            own.trailing = trailing;
            is_not_added(&mallory.enrol(&mut own, "passkey", "Tail").await);
        }
        let bob = house.visitor();
        let csrf = bob.get("/sign-in").await.field("csrf");
        for text in ["", "{}", "[]", "null", "{\"ceremony\":1}", &format!("{{\"ceremony\":\"x\",\"credential\":{}}}", "[".repeat(5_000))] {
            is_refused(&bob.show_passkey(&csrf, text).await);
        }
        assert_eq!(house.visitor().sign_in_with(&bobs).await.location(), "/");
    }

    async fn wa10_a_question_about_ones_own_account_is_nobody_elses_to_answer(house: NamedHouse) {
        let (bob, mallory) = (house.signed_in(Person::Bob).await, house.signed_in(Person::Mallory).await);
        let bobs = bob.new_key("passkey").await.question();
        let own = mallory.new_key("passkey").await;
        let mut key = house.authenticator();
        let credential = key.create(&bobs["options"]);
        is_not_added(&mallory.add(&own, "Ours", &answer_to(&bobs, &credential)).await);
        for browser in [&bob, &mallory] {
            assert!(browser.get("/account/passkeys").await.body.contains("You have none yet."));
        }
    }

    async fn wa11_lg2_nobody_is_told_whose_it_is_or_what_is_wrong(house: NamedHouse) {
        let (mut bobs, unknown) = (passkey_of(&house, Person::Bob).await, house.authenticator());
        let mallorys = passkey_of(&house, Person::Mallory).await;
        house.set_user(house.acme.bob, UserStatus::Suspended).await;
        let without_tokens = |answer: &Answer| answer.body.replace(&answer.field("csrf"), "…");
        let mut seen = Vec::new();
        let suspended = house.visitor().sign_in_with(&bobs).await;
        bobs.flags = UP;
        let mut forged = house.authenticator();
        (forged.id, forged.user_handle) = (mallorys.id.clone(), mallorys.user_handle.clone());
        house.wait(Duration::from_millis(1));
        let forged = house.visitor().sign_in_with(&forged).await;
        assert_eq!(why(&house, "user.sign_in_failed").await, "signature");
        for answer in [suspended, house.visitor().sign_in_with(&unknown).await, house.visitor().sign_in_with(&bobs).await, forged] {
            is_refused(&answer);
            let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
            names.sort();
            seen.push((answer.status, names, without_tokens(&answer)));
        }
        seen.dedup();
        assert_eq!(seen.len(), 1, "{seen:#?}");
    }

    async fn lg2_everybody_is_asked_the_same_and_not_without_end(house: NamedHouse) {
        passkey_of(&house, Person::Bob).await;
        let (known, stranger) = (house.signed_in(Person::Mallory).await, house.visitor());
        let csrf = stranger.get("/sign-in").await.field("csrf");
        let begin = async |csrf: &str| stranger.post("/sign-in/passkey/begin", &[("csrf", csrf)]).await;
        let mut asked = begin(&csrf).await.json();
        assert_eq!(asked["options"]["allowCredentials"], json!([]));
        assert_eq!(asked["options"]["userVerification"], "required");
        assert_eq!(begin("made up").await.status, StatusCode::FORBIDDEN);
        let again = begin(&csrf).await.json();
        assert_ne!(asked["options"]["challenge"], again["options"]["challenge"]);
        for question in [&mut asked, &mut again.clone()] {
            question["options"]["challenge"] = Value::Null;
        }
        drop(known);
        for _ in 0..Ceremony::MOST_PER_NETWORK {
            if begin(&csrf).await.status == StatusCode::TOO_MANY_REQUESTS {
                house.wait(Ceremony::LIFETIME + Duration::from_millis(1));
                assert_eq!(begin(&csrf).await.status, StatusCode::OK);
                return;
            }
        }
        panic!("asked without end");
    }

    async fn se2_a_passkey_gives_the_session_a_new_cookie(house: NamedHouse) {
        let bobs = passkey_of(&house, Person::Bob).await;
        let browser = house.visitor();
        let first = browser.sign_in_with(&bobs).await;
        let old = cookie(&first);
        let again = browser.get("/sign-in?to=passkeys&reason=again").await;
        assert_eq!(again.status, StatusCode::OK);
        let second = browser.sign_in_for(&bobs, "?to=passkeys").await;
        assert_eq!(second.location(), "/account/passkeys");
        assert_ne!(cookie(&second), old);
        let stale = house.visitor().request("GET", "/").header("cookie", old);
        assert_eq!(Answer::of(stale).await.location(), "/sign-in");
    }
}

/// The session's cookie, as it is sent back.
fn cookie(answer: &Answer) -> String {
    let cookies = answer.cookies();
    let session = cookies
        .iter()
        .find(|cookie| cookie.starts_with("doorward_session="));
    let session = session.unwrap_or_else(|| panic!("no session: {answer:?}"));
    session.split(';').next().unwrap().to_owned()
}
