//! Hours: grants with a schedule, by the clock on the wall in Berlin, on the two days a year that are not 24 hours long.

use std::time::Duration;

use doorward::domain::access::Permission;
use doorward::domain::oauth::GrantType;
use serde_json::{Value, json};

use super::{GRANTS, PRODUCTS};
use crate::harness::cast::SECRET;
use crate::harness::{Answer, Engine, House, Member, Person, on_both};

/// A house on the day before the clocks go forward.
struct Spring(House);

/// And before they go back.
struct Autumn(House);

impl Spring {
    async fn open(engine: Engine) -> Self {
        Self(House::open_on(engine, "2026-03-28T12:00:00Z").await)
    }
}

impl Autumn {
    async fn open(engine: Engine) -> Self {
        Self(House::open_on(engine, "2026-10-24T12:00:00Z").await)
    }
}

/// Somebody with no role, who may see products at these hours.
async fn hourly(house: &House, days: &[&str], from: &str, to: &str) -> Member {
    let nina = house.employ_at(house.acme.id, "nina", None).await;
    let alice = house.in_browser(Person::Alice).await;
    let schedule =
        json!({ "timezone": "Europe/Berlin", "windows": [{ "days": days, "from": from, "to": to }] });
    let given = json!({ "subject": nina.user.to_string(), "permissions": ["organization:read"], "schedule": schedule });
    let made = alice.post(GRANTS, &given).await.created();
    assert_eq!(made["schedule"], schedule);
    nina
}

/// Lets time pass until each moment in turn, and asks whether the grant counts.
async fn counts(house: &House, nina: &Member, moments: &[(&str, bool)]) {
    for (moment, open) in moments {
        let moment_itself = moment.parse::<doorward::domain::time::Timestamp>().unwrap();
        house.wait(moment_itself.since(house.clock.now()));
        assert_eq!(house.clock.now(), moment_itself, "time only goes on");
        let answer = nina.api.get(PRODUCTS).await;
        assert_eq!(answer.status.is_success(), *open, "{moment}: {answer:?}");
    }
}

on_both! {
    async fn office_hours_begin_an_hour_earlier_once_the_clocks_went_forward(spring: Spring) {
        let nina = hourly(&spring.0, &["mon", "sat", "sun"], "08:00", "18:00").await;
        let moments = [
            ("2026-03-28T16:59:59Z", true),
            ("2026-03-28T17:00:00Z", false),
            ("2026-03-29T05:59:59Z", false),
            ("2026-03-29T06:00:00Z", true),
            ("2026-03-29T15:59:59Z", true),
            ("2026-03-29T16:00:00Z", false),
            ("2026-03-30T06:00:00Z", true),
        ];
        counts(&spring.0, &nina, &moments).await;
    }

    async fn the_hour_that_is_left_out_in_spring_never_counts(spring: Spring) {
        let nina = hourly(&spring.0, &["sun"], "02:00", "03:00").await;
        let moments = [
            ("2026-03-29T00:59:59Z", false),
            ("2026-03-29T01:00:00Z", false),
            ("2026-03-29T01:30:00Z", false),
            ("2026-04-05T00:00:00Z", true),
            ("2026-04-05T01:00:00Z", false),
        ];
        counts(&spring.0, &nina, &moments).await;
    }

    async fn the_hour_that_comes_twice_in_autumn_counts_twice(autumn: Autumn) {
        let nina = hourly(&autumn.0, &["sun"], "02:00", "03:00").await;
        let moments = [
            ("2026-10-24T23:59:59Z", false),
            ("2026-10-25T00:00:00Z", true),
            ("2026-10-25T00:59:59Z", true),
            ("2026-10-25T01:00:00Z", true),
            ("2026-10-25T01:59:59Z", true),
            ("2026-10-25T02:00:00Z", false),
        ];
        counts(&autumn.0, &nina, &moments).await;
    }

    async fn a_night_runs_past_midnight_and_ends_by_the_clock_on_the_wall(autumn: Autumn) {
        let nina = hourly(&autumn.0, &["sat"], "22:00", "06:00").await;
        let moments = [
            ("2026-10-24T19:59:59Z", false),
            ("2026-10-24T20:00:00Z", true),
            ("2026-10-25T04:59:59Z", true),
            ("2026-10-25T05:00:00Z", false),
        ];
        counts(&autumn.0, &nina, &moments).await;
    }

    async fn no_token_outlives_the_hours_of_a_grant_it_carries(spring: Spring) {
        let house = &spring.0;
        let robot = house
            .register("Robot", |application| application.grant_types = vec![GrantType::ClientCredentials])
            .await;
        let alice = house.in_browser(Person::Alice).await;
        let schedule = json!({ "timezone": "Europe/Berlin", "windows": [{ "days": ["sat"], "from": "13:00", "to": "13:02" }] });
        let given = json!({ "subject": robot, "permissions": [Permission::DeviceRead], "schedule": schedule });
        alice.post(GRANTS, &given).await.created();
        let token = async || {
            let request = house.visitor().request("POST", "/oauth2/token").basic_auth(&robot, Some(SECRET));
            Answer::of(request.form(&[("grant_type", "client_credentials")])).await.found()
        };
        let introspected = async |token: &Value| {
            let request = house.visitor().request("POST", "/oauth2/introspect").basic_auth(&robot, Some(SECRET));
            Answer::of(request.form(&[("token", token["access_token"].as_str().unwrap())])).await.found()
        };
        // It is 13:00 in Berlin.
        let open = token().await;
        assert_eq!(open["expires_in"], 120);
        assert_eq!(introspected(&open).await["permissions"], json!({ "*": ["device:read"] }));
        house.wait(Duration::from_mins(2));
        assert_eq!(introspected(&open).await, json!({ "active": false }));
        let closed = token().await;
        assert_eq!(closed["expires_in"], 300);
        assert_eq!(introspected(&closed).await["permissions"], json!({ "*": [] }));
    }
}
