//! The whole story in a real browser, with the program that people run: the sample application sends somebody here, and
//! shows what it was told.

use crate::harness::browser::{Browser, Scripts, browser_with};
use crate::harness::{Answer, Program, Visitor};

const BOB: &str = "bob@acme.example";

/// Bob at the sample application, not yet signed in.
struct Walk {
    demo: Program,
    browser: Browser,
    sample: String,
    doorward: String,
}

impl Walk {
    async fn begin(scripts: Scripts) -> Self {
        let demo = Program::demo();
        let browser = browser_with(scripts).await;
        let told = demo.told();
        let address = |name: &str| told[name].as_str().unwrap().to_owned();
        let (sample, doorward) = (address("sample"), address("doorward"));
        browser.open(&sample).await;
        browser.sees("Every device, in one place.").await;
        Self {
            demo,
            browser,
            sample,
            doorward,
        }
    }

    /// From the sample application's button to the question whether it may know.
    async fn sign_in(&self) {
        self.browser.press("Sign in").await;
        self.browser.sign_in(BOB, &self.demo.password(BOB)).await;
        self.browser.sees("Give Acme Fleet access?").await;
    }

    /// All the way to the tokens.
    async fn arrive(&self) {
        self.sign_in().await;
        self.browser.press("Allow").await;
        self.browser.sees("Hello, Bob Becker.").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bob_signs_in_and_sees_his_validated_tokens() {
    let walk = Walk::begin(Scripts::Run).await;
    let browser = &walk.browser;
    assert_eq!(browser.looks("sample-home").await, Vec::<String>::new());
    walk.sign_in().await;
    assert!(
        browser
            .current_url()
            .await
            .unwrap()
            .as_str()
            .starts_with(&walk.doorward)
    );
    let asked = browser.all_words(".scopes strong").await;
    assert_eq!(
        asked,
        ["Know that it is you", "See your name", "See your email address"]
    );

    browser.press("Allow").await;
    browser.sees("Hello, Bob Becker.").await;
    assert_eq!(
        browser.current_url().await.unwrap().as_str(),
        format!("{}/tokens", walk.sample)
    );
    let lead = browser.words(".lead").await;
    assert!(
        lead.starts_with("You signed in as bob@acme.example, for acme."),
        "{lead}"
    );
    assert_eq!(browser.all_words(".tag").await, ["operator"]);
    let permissions = browser.all_words(".permissions dd").await;
    let [everywhere, on_rover] = permissions.as_slice() else {
        panic!("not everywhere and on Rover: {permissions:?}")
    };
    assert!(
        everywhere.contains("device:write") && !everywhere.contains("firmware:write"),
        "{everywhere}"
    );
    assert!(on_rover.contains("firmware:write"), "{on_rover}");
    every_check_is_ticked(browser, &walk.doorward).await;
    assert_eq!(browser.looks("sample-tokens").await, Vec::<String>::new());
    browser.console_says_only(&[]).await;
}

async fn every_check_is_ticked(browser: &Browser, issuer: &str) {
    let checks = browser.all_words(".checks li").await;
    let by_doorward = format!("issued by {issuer}");
    for expected in [
        "signed with RS256",
        "answers the one-time question (nonce)",
        "made together with the access token (at_hash)",
        "of the type at+jwt",
        "signed with ES256",
        "about the person of the ID token",
    ] {
        assert!(
            checks.iter().any(|check| check.starts_with(expected)),
            "{expected}: {checks:#?}"
        );
    }
    assert_eq!(
        checks.iter().filter(|check| **check == by_doorward).count(),
        2,
        "{checks:#?}"
    );
    let tick = "return getComputedStyle(document.querySelector('.checks li'), '::before').content";
    let tick = browser.execute(tick, Vec::new()).await.unwrap();
    assert!(tick.as_str().unwrap().contains('\u{2713}'), "{tick}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_walk_works_without_scripts() {
    let walk = Walk::begin(Scripts::Blocked).await;
    walk.browser
        .open("data:text/html,<h1>Blocked</h1><script>document.querySelector('h1').remove()</script>")
        .await;
    walk.browser.sees("Blocked").await;
    walk.browser.open(&walk.sample).await;
    walk.arrive().await;
    assert_eq!(walk.browser.all_words(".tag").await, ["operator"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_and_the_next_one_gets_in() {
    let walk = Walk::begin(Scripts::Run).await;
    let browser = &walk.browser;
    browser.press("Sign in").await;
    browser.sign_in(BOB, "bob guesses at length").await;
    browser
        .wait()
        .for_element(fantoccini::Locator::Id("password-mistake"))
        .await
        .unwrap();
    let mistake = browser.words("#password-mistake").await;
    assert_eq!(
        mistake,
        "That password doesn\u{2019}t match this email. Check both and try again."
    );
    assert!(browser.words(".who").await.ends_with(BOB));
    assert!(browser.title().await.unwrap().starts_with("To correct:"));

    browser.fill("password", &walk.demo.password(BOB)).await;
    browser.press("Sign in").await;
    browser.sees("Give Acme Fleet access?").await;
    browser.press("Allow").await;
    browser.sees("Hello, Bob Becker.").await;
    browser.console_says_only(&["422 (Unprocessable"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_email_can_be_given_instead() {
    let walk = Walk::begin(Scripts::Run).await;
    let browser = &walk.browser;
    browser.press("Sign in").await;
    browser.sees("Sign in").await;
    browser.fill("email", "alice@acme.example").await;
    browser.press("Continue").await;
    browser.sees("Enter your password").await;
    browser.press("Not you? Use another email").await;
    browser.sign_in(BOB, &walk.demo.password(BOB)).await;
    browser.sees("Give Acme Fleet access?").await;
    browser.console_says_only(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_agree_is_not_signed_in_there() {
    let walk = Walk::begin(Scripts::Run).await;
    let browser = &walk.browser;
    walk.sign_in().await;
    browser.press("Don\u{2019}t allow").await;
    browser.sees("You were not signed in.").await;
    assert!(
        browser
            .words(".lead")
            .await
            .starts_with("Doorward, or you, said no.")
    );
    assert!(
        browser
            .current_url()
            .await
            .unwrap()
            .as_str()
            .starts_with(&walk.sample)
    );
    assert_eq!(browser.looks("sample-refused").await, Vec::<String>::new());
    browser.console_says_only(&["400 (Bad Request)"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_in_once_one_is_not_asked_again_until_one_signs_out() {
    let walk = Walk::begin(Scripts::Run).await;
    let browser = &walk.browser;
    walk.arrive().await;
    browser.press("Sign out of Acme Fleet").await;
    browser.sees("Every device, in one place.").await;
    browser.press("Sign in").await;
    browser.sees("Hello, Bob Becker.").await;

    browser.open(&walk.doorward).await;
    browser.sees("Hello, Bob Becker").await;
    assert!(
        browser
            .words(".memberships")
            .await
            .contains("acme \u{b7} operator")
    );
    browser.press("Sign out").await;
    browser.sees("You are signed out").await;
    browser.press("Sign in again").await;
    browser.sees("Sign in").await;

    browser.open(&walk.sample).await;
    browser.press("Sign out of Acme Fleet").await;
    browser.sees("Every device, in one place.").await;
    browser.press("Sign in").await;
    browser.sign_in(BOB, &walk.demo.password(BOB)).await;
    browser.sees("Hello, Bob Becker.").await;
    browser.console_says_only(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_out_of_nowhere_signs_nobody_in() {
    let walk = Walk::begin(Scripts::Run).await;
    let forged = format!("{}/callback?code=guess&state=guess", walk.sample);
    walk.browser.open(&forged).await;
    walk.browser.sees("This sign-in is not known here.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_found_in_the_outbox_and_leads_in() {
    let walk = Walk::begin(Scripts::Run).await;
    let (browser, api) = (&walk.browser, Visitor::new(&walk.doorward));
    let alice = walk.demo.told()["users"][0]["email"].as_str().unwrap().to_owned();
    let page = api.get("/sign-in").await;
    api.sign_in_on(&page, &alice, &walk.demo.password(&alice)).await;
    let csrf = api.get("/").await.field("csrf");
    let invite = api
        .request("POST", "/v2/organizations/acme/invitations")
        .header("x-csrf-token", csrf);
    let invite = invite.json(&serde_json::json!({ "email": "carol@acme.example", "role": "viewer" }));
    Answer::of(invite).await.created();

    browser.press("outbox").await;
    browser.sees("Doorward\u{2019}s outbox").await;
    for _ in 0..200 {
        if browser.words("main").await.contains("carol@acme.example") {
            break;
        }
        browser.open(&format!("{}/outbox", walk.sample)).await;
    }
    assert_eq!(browser.looks("sample-outbox").await, Vec::<String>::new());
    let inviter = browser.words(".letters dt").await;
    assert!(inviter.ends_with("invites you to Acme"), "{inviter}");
    browser.press(&inviter).await;
    browser.sees("Come in to Acme").await;
    browser.press("Accept the invitation").await;
    browser.sees("Come in to Acme").await;
    browser.fill("name", "Carol Cook").await;
    browser.fill("password", "carol cooks the books").await;
    browser.press("Make my account").await;
    browser.sees("Hello, Carol Cook").await;
    browser.console_says_only(&[]).await;

    let stranger = Visitor::new(&walk.sample)
        .request("GET", "/outbox")
        .header("host", "evil.example");
    assert_eq!(Answer::of(stranger).await.status, 404, "no other name leads here");
}
