//! `doorward admin recover`: for the administrator who lost their phone.

use serde_json::Value;

use super::home::EMAIL;
use super::{Home, Program};
use crate::harness::code_app::Authenticator;
use crate::harness::{Visitor, on_both};

const PASSWORD: &str = "seven lanterns by the harbour";

/// Alice, locked in: her app is set up.
async fn sets_up_an_app(server: &Program) {
    let visitor = Visitor::new(&server.url());
    let page = visitor.get("/sign-in").await;
    let home = visitor.sign_in_on(&page, EMAIL, super::home::PASSWORD).await;
    assert_eq!(home.location(), "/", "{home:?}");
    let page = visitor.get("/account/authenticator").await;
    visitor.submit(&page, &[]).await;
    let page = visitor.get("/account/authenticator").await;
    let app = Authenticator::of(&page.key());
    let now = doorward::clock::Clock::system().now();
    let shown = visitor.submit(&page, &[("code", &app.code(now))]).await;
    assert_eq!(shown.recovery_codes().len(), 10, "{shown:?}");
}

impl Home {
    fn recovers(&self, more: &[&str]) -> std::process::Command {
        let mut command = self.command(&["admin", "recover", "--email", EMAIL]);
        command.args(more);
        command
    }
}

on_both! {
    async fn whoever_is_locked_out_gets_back_in_by_a_link_that_is_good_once(home: Home) {
        Program::run(&mut home.setup("Acme")).fine();
        let server = Program::start(&mut home.serve());
        sets_up_an_app(&server).await;
        server.stop();
        let told = Program::run(&mut home.recovers(&["--output", "json"]));
        let told: Value = serde_json::from_str(told.fine()).unwrap();
        assert_eq!(told["removed_factors"], serde_json::json!(["totp", "recovery_codes"]));
        assert_eq!(told["user"]["email"], EMAIL);
        let link = told["link"].as_str().unwrap();
        let path = link.split_once("/password/").unwrap().1;

        let server = Program::start(&mut home.serve());
        let visitor = Visitor::new(&server.url());
        let page = visitor.get(&format!("/password/{path}")).await;
        let set = visitor.submit(&page, &[("password", PASSWORD)]).await;
        assert!(set.status.is_redirection(), "{set:?}");
        let again = visitor.get(&format!("/password/{path}")).await;
        assert!(again.status.is_client_error(), "{again:?}");
        let page = visitor.get("/sign-in").await;
        let home_page = visitor.sign_in_on(&page, EMAIL, PASSWORD).await;
        assert_eq!(home_page.location(), "/", "{home_page:?}");
        server.stop();
        let log = home.raw().await.texts("SELECT action FROM audit_events WHERE actor = 'host'").await;
        assert!(log.contains(&"user.recovered".to_owned()), "{log:?}");
    }

    async fn what_was_not_lost_can_be_kept_and_nobody_is_made_up(home: Home) {
        Program::run(&mut home.setup("Acme")).fine();
        let told = Program::run(&mut home.recovers(&["--keep-second-factors"]));
        assert!(told.fine().contains("removed factors  none"), "{told:?}");
        let mut stranger = home.command(&["admin", "recover", "--email", "nobody@acme.example"]);
        Program::run(&mut stranger).refused(1, &["nobody signs in with nobody@acme.example"]);
        let mut nonsense = home.command(&["admin", "recover", "--email", "nobody"]);
        Program::run(&mut nonsense).refused(2, &["email"]);
    }
}
