//! Reports to read and to print. M10.

use doorward::domain::access::BuiltInRole;
use doorward::domain::text::DisplayName;
use doorward::storage::users;
use reqwest::StatusCode;

use super::html::text;
use crate::harness::{Person, on_both};

const PAGES: [&str; 2] = ["access", "sign-ins"];

on_both! {
    async fn m10_an_owner_reads_the_organizations_reports_and_everybody_their_own(house) {
        let (alice, bob) = (house.signed_in(Person::Alice).await, house.signed_in(Person::Bob).await);
        let mallory = house.signed_in(Person::Mallory).await;
        for report in PAGES {
            let whole = format!("/console/acme/reports/{report}");
            let page = alice.get(&whole).await;
            assert_eq!(page.status, StatusCode::OK, "{page:?}");
            assert!(text(&page.body).contains("Alice Archer alice@acme.example"), "{}", text(&page.body));
            assert_eq!(alice.get(&format!("/console/{}/reports/{report}", house.acme.id)).await.status, StatusCode::OK);
            assert_eq!(bob.get(&whole).await.status, StatusCode::FORBIDDEN);
            for nowhere in [mallory.get(&whole).await, alice.get(&whole.replace("acme", "nowhere")).await] {
                assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
                assert!(!nowhere.body.contains("Acme"));
            }
            for path in [whole, format!("/account/reports/{report}")] {
                assert_eq!(house.visitor().get(&path).await.location(), "/sign-in");
            }
            let own = bob.get(&format!("/account/reports/{report}")).await;
            assert_eq!(own.status, StatusCode::OK);
            assert!(!own.body.contains("Alice"));
        }
        let own = text(&bob.get("/account/reports/access").await.body);
        assert!(own.contains("What you may do") && own.contains("operator"), "{own}");
        let own = text(&bob.get("/account/reports/sign-ins").await.body);
        assert!(own.contains("Sign-ins 1 Failed 0") && own.contains("2026-11-22 1 0 Password"), "{own}");
        let home = bob.get("/").await;
        assert!(PAGES.iter().all(|report| home.body.contains(&format!("/account/reports/{report}"))));
    }

    async fn se12_what_people_are_called_is_text_in_a_report(house) {
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        house.write(move |tx| {
            let name = DisplayName::parse("<script>alert(1)</script>").unwrap();
            Box::pin(async move { users::rename(tx, vera.user, &name).await })
        })
        .await;
        let page = house.signed_in(Person::Alice).await.get("/console/acme/reports/access").await;
        assert!(page.body.contains("&#60;script&#62;alert(1)") && !page.body.contains("<script>"), "{}", page.body);
    }
}
