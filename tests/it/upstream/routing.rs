//! How people find their company's provider.

use doorward::domain::connection::ConnectionStatus;
use doorward::domain::text::DisplayName;
use reqwest::StatusCode;

use crate::harness::provider::Provider;
use crate::harness::{Answer, Person, on_both};

on_both! {
    async fn c9_a_wrong_slug_and_one_without_a_provider_are_the_same_to_strangers(house) {
        let provider = Provider::start().await;
        let connection = house.connection(house.acme.id, &provider, |connection| connection.status = ConnectionStatus::Draft).await;
        let told = |answer: Answer| {
            let csrf = answer.field("csrf");
            (answer.status, answer.body.replace(&csrf, ""))
        };
        let visitor = house.visitor();
        let acme = told(visitor.get("/o/acme/login").await);
        assert_eq!(acme.0, StatusCode::OK);
        assert!(acme.1.contains("Check it with your administrator"), "{acme:?}");
        for other in ["/o/nowhere/login", "/o/umbrella/login", "/o/A%20B/login", "/o/x/login", &format!("/o/acme/login/{connection}"), "/o/acme/login/x"] {
            assert_eq!(told(visitor.get(other).await), acme, "{other}");
        }
        // And one signs in from there as ever.
        let page = visitor.get("/o/nowhere/login").await;
        let answer = visitor.sign_in_on(&page, Person::Bob.email(), Person::Bob.password()).await;
        assert_eq!(answer.location(), "/");
    }

    async fn x4_several_connections_are_chosen_from(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let first = house.connection(house.acme.id, &provider, |_| {}).await;
        let second = house.connection(house.acme.id, &provider, |connection| connection.name = DisplayName::parse("Acme Okta").unwrap()).await;
        let off = house.connection(house.acme.id, &provider, |connection| connection.status = ConnectionStatus::Disabled).await;
        let theirs = house.connection(house.acme.umbrella, &provider, |_| {}).await;
        let visitor = house.visitor();
        let page = visitor.get("/o/acme/login").await;
        assert_eq!(page.heading(), "Sign in to Acme");
        for connection in [first, second] {
            let link = format!("/o/acme/login/{connection}");
            assert!(page.body.contains(&link));
            assert!(visitor.get(&link).await.location().starts_with(&provider.issuer));
        }
        for connection in [off, theirs] {
            assert!(visitor.get(&format!("/o/acme/login/{connection}")).await.body.contains("No organization signs in"));
        }
        let asked = visitor.get("/sign-in").await;
        let identified = visitor.submit(&asked, &[("email", "whoever@acme.example")]).await;
        let page = visitor.get(&identified.location()).await;
        assert!(page.body.contains("Acme Okta") && page.body.contains("Acme Entra"), "{page:?}");
        for connection in [off, theirs] {
            let link = format!("{}/{connection}", identified.location());
            assert_eq!(visitor.get(&link).await.status, StatusCode::NOT_FOUND);
        }
    }

    async fn lg1_where_an_address_leads_is_of_its_domain_alone(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        house.connection(house.acme.id, &provider, |_| {}).await;
        let visitor = house.visitor();
        let mut pages = Vec::new();
        for email in ["bob@acme.example", "nobody@acme.example", "Bob@ACME.example"] {
            let page = visitor.get("/sign-in").await;
            let identified = visitor.submit(&page, &[("email", email)]).await;
            let step = identified.location();
            assert!(step.ends_with("/connection"), "{email}: {step}");
            let shown = visitor.get(&step).await;
            let id = step.split('/').nth(2).unwrap().to_owned();
            let shown = shown.body.replace(&id, "").replace("ACME", "acme");
            pages.push(shown.to_lowercase().replace(&email.to_lowercase(), ""));
            // The other way goes on to the password, whoever that is.
            let other = visitor.get(&format!("/sign-in/{id}")).await;
            assert_eq!(other.heading(), "Enter your password");
        }
        assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");
        let page = visitor.get("/sign-in").await;
        let elsewhere = visitor.submit(&page, &[("email", "bob@sub.acme.example")]).await;
        assert!(!elsewhere.location().ends_with("/connection"), "another domain");
        let page = visitor.get("/sign-in?to=connections").await;
        let to_link = visitor.submit(&page, &[("email", "bob@acme.example")]).await;
        assert!(!to_link.location().ends_with("/connection"), "by a credential of one's own");
    }

    async fn se4_no_other_site_sends_anybody_away_unseen(house) {
        let provider = Provider::start().await;
        house.connection(house.acme.id, &provider, |_| {}).await;
        let visitor = house.visitor();
        for kind in ["image", "iframe", "empty"] {
            let request = visitor.request("GET", "/o/acme/login").header("sec-fetch-dest", kind);
            assert_eq!(Answer::of(request).await.status, StatusCode::FORBIDDEN, "{kind}");
        }
    }

    async fn what_a_provider_is_sent_is_bound_to_this_sign_in(house) {
        let provider = Provider::start().await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let visitor = house.visitor();
        let away = visitor.sent_by("acme", connection).await;
        let one = |name: &str| away.parameter(name).unwrap_or_default();
        assert_eq!((one("response_type"), one("client_id"), one("code_challenge_method")), ("code".to_owned(), "doorward".to_owned(), "S256".to_owned()));
        assert_eq!(one("scope"), "openid email profile");
        assert_eq!(one("redirect_uri"), format!("{}/upstream/{connection}/callback", house.url));
        let again = visitor.sent_by("acme", connection).await;
        for drawn in ["state", "nonce", "code_challenge"] {
            assert_eq!(one(drawn).len(), 43, "{drawn}");
            assert_ne!(away.parameter(drawn), again.parameter(drawn), "{drawn}");
        }
        assert_eq!(away.parameter("max_age"), None);
    }
}
