//! X2: signing out here signs out at the `OpenID` provider that Bob came by (RP-Initiated Logout 1.0).

use serde_json::json;

use crate::harness::provider::Provider;
use crate::harness::{House, Visitor, on_both};

/// Bob's neighbour Nora, in by Acme's provider.
async fn nora_is_in(house: &House, provider: &Provider) -> (Visitor, doorward::domain::id::ConnectionId) {
    house.verified_domain(house.acme.id, "acme.example").await;
    let connection = house.connection(house.acme.id, provider, |_| {}).await;
    let nora = house.visitor();
    let claims =
        json!({ "sub": "nora-1", "email": "nora@acme.example", "email_verified": true, "name": "Nora" });
    let back = nora.comes(house, provider, connection, &claims).await;
    assert!(back.status.is_redirection(), "{back:?}");
    (nora, connection)
}

on_both! {
    async fn x2_the_browser_goes_by_the_providers_end_session_and_comes_back(house) {
        let provider = Provider::start().await;
        let place = format!("{}/end-session", provider.issuer);
        provider.script().discovery = json!({ "end_session_endpoint": place });
        let (nora, connection) = nora_is_in(&house, &provider).await;
        let home = nora.get("/").await;
        assert!(home.header("content-security-policy").contains(&provider.issuer), "{home:?}");
        let left = nora.submit(&home, &[]).await;
        assert_eq!(nora.get("/").await.location(), "/sign-in");
        let away = nora.get(&left.location()).await;
        assert!(away.location().starts_with(&format!("{place}?")), "{away:?}");
        assert_eq!(away.parameter("client_id").as_deref(), Some("doorward"));
        let hint = away.parameter("id_token_hint").unwrap();
        assert_eq!(hint.split('.').count(), 3, "{hint}");
        let back = away.parameter("post_logout_redirect_uri").unwrap();
        assert!(back.ends_with(&format!("/upstream/{connection}/signed-out")), "{back}");
        let back = format!("{back}?state={}", away.parameter("state").unwrap());
        assert_eq!(house.visitor().get(&back).await.status, 410, "in another browser");
        let returned = nora.get(&back).await;
        assert_eq!(nora.get(&returned.location()).await.location(), "/signed-out");
    }

    async fn a_provider_without_one_is_not_asked(house) {
        let provider = Provider::start().await;
        let (nora, _) = nora_is_in(&house, &provider).await;
        let left = nora.submit(&nora.get("/").await, &[]).await;
        assert_eq!(nora.follow(left).await.status, 200);
        assert_eq!(nora.get("/").await.location(), "/sign-in");
    }
}
