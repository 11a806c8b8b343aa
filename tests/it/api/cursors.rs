//! Lists, page by page.

use serde_json::{Value, json};

use super::{PRODUCTS, product};
use crate::harness::{Person, on_both};

fn names(list: &Value) -> Vec<String> {
    let data = list["data"].as_array().unwrap();
    data.iter()
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect()
}

on_both! {
    async fn a_list_is_read_page_by_page_and_told_how_long_it_is(house) {
        let alice = house.in_browser(Person::Alice).await;
        for name in ["p1", "p2", "p3", "p4", "p5"] {
            product(&alice, name).await;
        }
        let mut seen = Vec::new();
        let mut path = format!("{PRODUCTS}?limit=2&total=true");
        loop {
            let page = alice.get(&path).await.found();
            assert_eq!(page["total"], 5);
            seen.extend(names(&page));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            assert_eq!(page["data"].as_array().unwrap().len(), 2);
            path = format!("{PRODUCTS}?limit=2&total=true&cursor={cursor}");
        }
        seen.sort_unstable();
        assert_eq!(seen, ["p1", "p2", "p3", "p4", "p5"]);
        let whole = alice.get(PRODUCTS).await.found();
        assert_eq!((names(&whole).len(), &whole["next_cursor"]), (5, &Value::Null));
        assert!(whole.get("total").is_none());
        for bad in ["0", "201", "-1", "x", "+5", "5&limit=5", ""] {
            assert_eq!(alice.get(&format!("{PRODUCTS}?limit={bad}")).await.problem(), "invalid_request", "{bad}");
        }
    }

    async fn se13_a_cursor_is_good_for_the_list_that_gave_it(house) {
        let alice = house.in_browser(Person::Alice).await;
        for name in ["p1", "p2"] {
            product(&alice, name).await;
            alice.post("/v2/organizations/umbrella/products", &json!({ "name": name })).await.created();
        }
        let cursor = |list: Value| list["next_cursor"].as_str().unwrap().to_owned();
        let acmes = cursor(alice.get(&format!("{PRODUCTS}?limit=1")).await.found());
        let umbrellas = cursor(alice.get("/v2/organizations/umbrella/products?limit=1").await.found());
        alice.get(&format!("{PRODUCTS}?cursor={acmes}")).await.found();
        let other = if acmes.starts_with('A') { "B" } else { "A" };
        let flipped = format!("{other}{}", &acmes[1..]);
        let long = "A".repeat(600);
        for forged in [umbrellas.as_str(), &flipped, "", "x", "cHJkXzAx", "' OR 1=1 --", &long] {
            let answer = alice.get(&format!("{PRODUCTS}?cursor={forged}")).await;
            assert_eq!(answer.status.as_u16(), 400, "{forged}");
            assert!(answer.problem().starts_with("invalid_"));
        }
    }
}
