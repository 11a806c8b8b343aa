//! Codes by text message: SM1 to SM5, F11, F12.

use std::time::Duration;

use doorward::domain::access::BuiltInRole;
use doorward::domain::sms;
use reqwest::StatusCode;
use tokio::task::JoinSet;

use crate::harness::gateway::Gateway;
use crate::harness::{Answer, Engine, House, Person, Visitor, on_both};

const NUMBER: &str = "+49 151 12345642";

/// A house that sends messages, and what takes them.
struct Texting {
    house: House,
    gateway: Gateway,
}

impl Texting {
    async fn open(engine: Engine) -> Self {
        let gateway = Gateway::start().await;
        let house = House::open_with(engine, gateway.settings()).await;
        Self { house, gateway }
    }

    /// Asks for a code to a number on one's own page.
    async fn send(&self, visitor: &Visitor, number: &str) -> Answer {
        let csrf = visitor.get("/account/phone").await.field("csrf");
        visitor
            .post(
                "/account/phone",
                &[("csrf", &csrf), ("do", "send"), ("number", number)],
            )
            .await
    }

    async fn confirm(&self, visitor: &Visitor, code: &str) -> Answer {
        let csrf = visitor.get("/account/phone").await.field("csrf");
        visitor
            .post(
                "/account/phone",
                &[("csrf", &csrf), ("do", "confirm"), ("code", code)],
            )
            .await
    }

    /// Bob, whose phone is set up.
    async fn bob(&self) -> Visitor {
        let bob = self.house.signed_in(Person::Bob).await;
        assert_eq!(self.send(&bob, NUMBER).await.location(), "/account/phone");
        let shown = self.confirm(&bob, &self.gateway.code()).await;
        assert_eq!(shown.recovery_codes().len(), 10, "{shown:?}");
        self.house.wait(sms::BETWEEN);
        bob
    }

    /// A browser at Bob's second factor, and the page it is on.
    async fn at_the_second_factor(&self) -> (Visitor, Answer) {
        let visitor = self.house.visitor();
        let answer = visitor.sign_in(Person::Bob).await;
        let page = visitor.get(&answer.location()).await;
        assert!(page.action().contains("with=sms"), "{page:?}");
        (visitor, page)
    }

    /// Presses "send me a code".
    async fn asks(&self, visitor: &Visitor, page: &Answer) -> Answer {
        visitor
            .post(&page.action(), &[("csrf", &page.field("csrf")), ("send", "1")])
            .await
    }

    async fn shows(&self, visitor: &Visitor, page: &Answer, code: &str) -> Answer {
        visitor
            .post(&page.action(), &[("csrf", &page.field("csrf")), ("code", code)])
            .await
    }
}

/// A code that is not that one.
fn another(code: &str) -> &'static str {
    if code == "000000" { "111111" } else { "000000" }
}

on_both! {
    async fn a_phone_is_believed_by_its_code_and_opens_with_the_next(texting: Texting) {
        let bob = texting.bob().await;
        let message = texting.gateway.messages().remove(0);
        assert_eq!((message.to().as_str(), message.path.as_str()), ("+4915112345642", "/send"));
        assert_eq!(message.headers["x-token"], "sesame");
        assert!(message.text().contains("5 minutes"), "{message:?}");
        let page = bob.get("/account/phone").await;
        assert!(page.body.contains("+49 ••• ••42") && !page.body.contains("12345642"), "{page:?}");

        let (visitor, page) = texting.at_the_second_factor().await;
        assert!(!page.body.contains("12345642"), "{page:?}");
        let sent = texting.asks(&visitor, &page).await;
        let page = visitor.follow(sent).await;
        assert!(page.body.contains("+49 ••• ••42"), "{page:?}");
        assert_eq!(texting.shows(&visitor, &page, &texting.gateway.code()).await.location(), "/");
    }

    async fn sm1_a_code_is_tried_five_times_and_no_more(texting: Texting) {
        texting.bob().await;
        let (visitor, page) = texting.at_the_second_factor().await;
        texting.asks(&visitor, &page).await;
        let code = texting.gateway.code();
        for _ in 0..5 {
            assert_eq!(texting.shows(&visitor, &page, another(&code)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert_ne!(texting.shows(&visitor, &page, &code).await.location(), "/", "the sixth, though right");
    }

    async fn sm1_a_person_gets_ten_messages_in_a_day(texting: Texting) {
        let bob = texting.house.signed_in(Person::Bob).await;
        for _ in 0..sms::PER_USER {
            assert_eq!(texting.send(&bob, NUMBER).await.location(), "/account/phone");
            let at_once = texting.send(&bob, NUMBER).await;
            assert_eq!(at_once.status, StatusCode::TOO_MANY_REQUESTS, "within half a minute");
            texting.house.wait(sms::BETWEEN);
        }
        assert_eq!(texting.send(&bob, NUMBER).await.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(texting.send(&bob, "+49 151 99999999").await.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(texting.gateway.messages().len(), 10);
    }

    async fn sm2_toll_fraud_meets_a_cap_wherever_it_turns(texting: Texting) {
        let abroad = texting.house.signed_in(Person::Alice).await;
        let answer = texting.send(&abroad, "+1 900 555 0100").await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(answer.body.contains("that country"), "{answer:?}");
        // Many accounts, one after the other, all to the thousand numbers that somebody is paid for.
        let mut sent = 0;
        for number in 0..40 {
            let member = texting.house.employ(&format!("m{number}"), BuiltInRole::Viewer).await;
            texting.house.give_password(member.user).await;
            let thief = texting.house.in_browser_as(&member.email).await;
            let answer = texting.send(thief.browser(), &format!("+49 151 123456{number:02}")).await;
            sent += i64::from(answer.location() == "/account/phone");
        }
        assert_eq!(sent, sms::PER_RANGE);
        assert_eq!(texting.gateway.messages().len(), usize::try_from(sms::PER_RANGE).unwrap());
    }

    async fn sm2_nothing_is_sent_before_the_password(texting: Texting) {
        texting.bob().await;
        let before = texting.gateway.messages().len();
        let visitor = texting.house.visitor();
        let page = visitor.get("/sign-in").await;
        let identified = visitor.submit(&page, &[("email", Person::Bob.email())]).await;
        let password = visitor.get(&identified.location()).await;
        let second = format!("{}/second-factor?with=sms", password.action());
        let early = visitor.post(&second, &[("csrf", &password.field("csrf")), ("send", "1")]).await;
        assert_eq!(early.status, StatusCode::GONE, "{early:?}");
        assert_eq!(texting.gateway.messages().len(), before);
    }

    async fn sm3_a_code_is_good_for_its_own_sign_in_and_the_newest_alone(texting: Texting) {
        texting.bob().await;
        let (first, first_page) = texting.at_the_second_factor().await;
        texting.asks(&first, &first_page).await;
        let old = texting.gateway.code();
        let (second, second_page) = texting.at_the_second_factor().await;
        assert_ne!(texting.shows(&second, &second_page, &old).await.location(), "/", "another sign-in's");
        texting.house.wait(sms::BETWEEN);
        texting.asks(&first, &first_page).await;
        let new = texting.gateway.code();
        if old != new {
            assert_ne!(texting.shows(&first, &first_page, &old).await.location(), "/", "a new one was sent");
        }
        texting.house.wait(Duration::from_mins(5));
        assert_ne!(texting.shows(&first, &first_page, &new).await.location(), "/", "too late");
    }

    async fn sm3_a_code_for_one_purpose_is_good_for_no_other(texting: Texting) {
        let bob = texting.bob().await;
        texting.send(&bob, "+49 151 77777777").await;
        let enrolment = texting.gateway.code();
        let (visitor, page) = texting.at_the_second_factor().await;
        assert_ne!(texting.shows(&visitor, &page, &enrolment).await.location(), "/");
    }

    async fn sm4_a_new_number_takes_a_fresh_proof_and_the_old_one_is_told(texting: Texting) {
        let bob = texting.bob().await;
        texting.house.wait(Duration::from_mins(16));
        let asked = texting.send(&bob, "+49 151 77777777").await;
        assert!(asked.location().starts_with("/sign-in?"), "{asked:?}");
        let page = bob.get(&asked.location()).await;
        let page = bob.sign_in_on(&page, Person::Bob.email(), Person::Bob.password()).await;
        let page = bob.get(&page.location()).await;
        texting.asks(&bob, &page).await;
        assert_eq!(texting.shows(&bob, &page, &texting.gateway.code()).await.location(), "/account/phone");
        texting.house.wait(sms::BETWEEN);
        assert_eq!(texting.send(&bob, "+49 151 77777777").await.location(), "/account/phone");
        let changed = texting.confirm(&bob, &texting.gateway.code()).await;
        assert_eq!(changed.location(), "/account/phone", "{changed:?}");
        let told = texting.gateway.messages().pop().unwrap();
        assert_eq!(told.to(), "+4915112345642");
        assert!(told.text().contains("taken off an account"), "{told:?}");
        assert!(bob.get("/account/phone").await.body.contains("••77"));
    }

    async fn sm5_without_its_gateway_nobody_gets_in_by_less(texting: Texting) {
        texting.bob().await;
        for broken in ["refuses", "is gone"] {
            match broken {
                "refuses" => texting.gateway.answer(StatusCode::SERVICE_UNAVAILABLE),
                _ => texting.gateway.stop(),
            }
            let (visitor, page) = texting.at_the_second_factor().await;
            let answer = texting.asks(&visitor, &page).await;
            assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{broken}");
            assert!(answer.body.contains("could not be sent") && answer.body.contains("Recovery code"), "{answer:?}");
            assert_ne!(texting.shows(&visitor, &page, "000000").await.location(), "/");
            assert!(visitor.get("/").await.location().starts_with("/sign-in"), "still outside");
            texting.house.wait(sms::BETWEEN);
        }
    }

    async fn f12_of_twenty_who_show_one_code_at_once_one_is_in(texting: Texting) {
        texting.bob().await;
        let (visitor, page) = texting.at_the_second_factor().await;
        texting.asks(&visitor, &page).await;
        let code = texting.gateway.code();
        let mut tries = JoinSet::new();
        for _ in 0..20 {
            let fields = [("csrf", page.field("csrf")), ("code", code.clone())];
            tries.spawn(Answer::of(visitor.request("POST", &page.action()).form(&fields)));
        }
        let opened = tries.join_all().await.into_iter().filter(|answer| answer.location() == "/");
        assert_eq!(opened.count(), 1);
    }

    async fn twenty_who_ask_at_once_for_one_person_get_one_message(texting: Texting) {
        texting.bob().await;
        let before = texting.gateway.messages().len();
        let mut tries = JoinSet::new();
        for _ in 0..20 {
            let (visitor, page) = texting.at_the_second_factor().await;
            let fields = [("csrf", page.field("csrf")), ("send", "1".to_owned())];
            tries.spawn(Answer::of(visitor.request("POST", &page.action()).form(&fields)));
        }
        tries.join_all().await;
        assert_eq!(texting.gateway.messages().len(), before + 1);
    }
}
