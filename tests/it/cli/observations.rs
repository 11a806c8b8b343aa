//! What was observed before a stop is in the log after it.

use reqwest::StatusCode;
use serde_json::Value;

use super::{Home, Program};
use crate::harness::on_both;

on_both! {
    async fn a_server_that_is_stopped_writes_what_it_observed(home: Home) {
        let server = Program::serve(&mut home.serve());
        let token = format!("{}/oauth2/token", server.url());
        let client = reqwest::Client::new();
        for _ in 0..7 {
            let request = client.post(&token).basic_auth("app_nobody", Some("guess"));
            let answer = request.form(&[("grant_type", "authorization_code")]).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        }
        server.stop().fine();
        let details = "SELECT detail FROM audit_events WHERE action = 'application.authentication_failed' \
                       AND organization_id IS NULL AND personal LIKE '%\"127.0.0.1\"%' AND result = 'refused'";
        let counts = home.raw().await.texts(details).await.into_iter().map(|detail| {
            let detail: Value = serde_json::from_str(&detail).unwrap();
            detail["count"].as_u64().unwrap()
        });
        // Two, if a minute ended meanwhile.
        let counts: Vec<_> = counts.collect();
        assert!(counts.len() <= 2 && counts.iter().sum::<u64>() == 7, "{counts:?}");
    }
}
