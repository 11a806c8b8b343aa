//! F8: the keys that sign take turns, and nobody who holds a token notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::back_end::{BackEnd, Tokens, bob_at_desk, events};
use super::part_of;
use crate::harness::{House, on_both};
use doorward::audit::Actor;
use doorward::directory::signing_keys::{TURN, WAIT, When, rotate};

const INSTANT: Duration = Duration::from_millis(1);

async fn turns(house: &House, when: When) -> bool {
    let (instance, now) = (&house.instance, house.clock.now());
    rotate(&instance.db, &instance.keyring, when, Actor::Host, now)
        .await
        .unwrap()
}

/// The published keys of one algorithm, by id.
async fn published(house: &House, algorithm: &str) -> Vec<String> {
    let jwks = house.visitor().get("/oauth2/jwks").await.json();
    let keys = jwks["keys"].as_array().unwrap();
    let of = |key: &&Value| key["alg"] == algorithm;
    keys.iter()
        .filter(of)
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

fn kid(tokens: &Tokens) -> String {
    part_of(&tokens.access, 0)["kid"].as_str().unwrap().to_owned()
}

on_both! {
    async fn a_key_signs_for_a_month_and_its_successor_was_known_before(house) {
        assert!(!turns(&house, When::Due).await, "a new house");
        house.wait(TURN - INSTANT);
        assert!(!turns(&house, When::Due).await, "not yet");
        let (desk, bob, before) = bob_at_desk(&house).await;
        let known = published(&house, "ES256").await;
        assert_eq!(known.len(), 2, "the one that signs and the next");
        house.wait(INSTANT);
        assert!(turns(&house, When::Due).await, "a month is over");
        assert!(!turns(&house, When::Due).await, "once");
        assert_eq!(events(&house, "signing_keys.rotated").await, 1);

        let after = desk.signs_in(&bob, &[]).await;
        assert_ne!(kid(&after), kid(&before));
        assert!(known.contains(&kid(&after)), "nothing is signed by a key that was not published before");
        let all = published(&house, "ES256").await;
        assert_eq!(all.len(), 3, "previous, current and next");
        assert!(all.contains(&kid(&before)) && all.contains(&kid(&after)));
        for tokens in [&before, &after] {
            desk.is_open_to(&tokens.access, "before and after").await;
        }
        desk.refreshed(&before).await;
        house.wait(Duration::from_mins(15));
        assert_eq!(published(&house, "ES256").await.len(), 2, "its last token is dead for long");
    }

    async fn a_key_waits_until_everybody_knows_it(house) {
        house.wait(WAIT);
        assert!(turns(&house, When::Known).await);
        house.wait(WAIT - INSTANT);
        assert!(!turns(&house, When::Known).await, "ten minutes less an instant");
        house.wait(INSTANT);
        assert!(turns(&house, When::Known).await);
        assert!(turns(&house, When::AtOnce).await, "the one that signs must go, whoever does not know the next");
    }

    async fn f8_keys_that_turn_each_second_break_nothing(house) {
        let (desk, bob, first) = bob_at_desk(&house).await;
        let desk = Arc::new(desk);
        let robot = Arc::new(BackEnd::acting(&house, "", |_| {}).await);
        let done = Arc::new(AtomicBool::new(false));
        let asked = tokio::spawn({
            let (desk, robot, done, mut tokens) = (Arc::clone(&desk), Arc::clone(&robot), Arc::clone(&done), first.clone());
            async move {
                let mut answers = 0;
                while !done.load(Ordering::SeqCst) || answers < 50 {
                    tokens = desk.refreshed(&tokens).await;
                    desk.is_open_to(&tokens.access, "refreshed a moment ago").await;
                    desk.is_open_to(&first.access, "from the beginning").await;
                    let own = Tokens::of(&robot.acts(&[]).await);
                    assert_eq!(robot.introspect(&own.access).await["active"], true);
                    answers += 1;
                }
            }
        });
        for _ in 0..10 {
            house.wait(Duration::from_secs(1));
            assert!(turns(&house, When::AtOnce).await);
            assert!(published(&house, "ES256").await.len() >= 3, "previous, current and next");
            desk.signs_in(&bob, &[]).await;
        }
        done.store(true, Ordering::SeqCst);
        asked.await.unwrap();
        house.wait(Duration::from_mins(16));
        assert_eq!(published(&house, "ES256").await.len(), 2);
    }
}
