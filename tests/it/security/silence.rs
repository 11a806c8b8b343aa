//! LG1, LG2: how long an answer takes says nothing of the account.
//!
//! How noise is judged is told where times are (`harness::times`).

use std::time::{Duration, Instant};

use doorward::domain::access::BuiltInRole;
use doorward::domain::user::UserStatus;
use reqwest::StatusCode;
use tokio::sync::Mutex;

use super::Proxied;
use crate::harness::administrator::CAROL;
use crate::harness::times::Times;
use crate::harness::{Answer, Person, Visitor, on_both};

/// So many tries of each kind.
const TRIES: usize = 500;

/// So many where what is looked for would cost a whole hash, or save one.
const FEWER: usize = 60;

/// One story at a time measures.
static MEASURING: Mutex<()> = Mutex::const_new(());

/// A browser that tries, each time over another network and long after the time before.
struct Prober<'a> {
    house: &'a Proxied,
    visitor: Visitor,
    csrf: String,
}

impl<'a> Prober<'a> {
    async fn of(house: &'a Proxied) -> Self {
        let visitor = house.visitor();
        let csrf = visitor.get("/sign-in").await.field("csrf");
        Self { house, visitor, csrf }
    }

    fn post(&self, path: &str, number: usize, field: (&str, &str)) -> reqwest::RequestBuilder {
        let form = [("csrf", self.csrf.as_str()), field];
        let from = format!(
            "198.{}.{}.{}",
            18 + number / 65536,
            number / 256 % 256,
            number % 256
        );
        self.visitor
            .request("POST", path)
            .header("x-forwarded-for", from)
            .form(&form)
    }

    /// How long the password step takes for an address.
    async fn password(&self, number: usize, email: &str, expected: StatusCode) -> Duration {
        let identified = Answer::of(self.post("/sign-in", number, ("email", email))).await;
        let tried = self.post(
            &identified.location(),
            number,
            ("password", "a wrong password indeed"),
        );
        let (took, answer) = timed(tried).await;
        assert_eq!(answer.status, expected, "{email}: {answer:?}");
        took
    }

    /// How long asking for a letter takes for an address.
    async fn reset(&self, number: usize, email: &str) -> Duration {
        let (took, answer) = timed(self.post("/password/forgot", number, ("email", email))).await;
        assert_eq!(answer.location(), "/password/sent");
        took
    }

    /// Asks for both in turn, and again if they could be told apart.
    async fn silent(&self, what: &str, tries: usize, step: Step, emails: [&str; 2]) {
        let mut told = Vec::new();
        for round in 0..3 {
            let mut times = Times([Vec::new(), Vec::new()]);
            for pair in 0..tries {
                for turn in 0..2 {
                    let which = (pair + turn) % 2;
                    let number = (round * tries + pair) * 2 + turn;
                    let took = match step {
                        Step::Password => {
                            self.house.wait(Duration::from_hours(2));
                            self.password(number, emails[which], StatusCode::UNPROCESSABLE_ENTITY)
                                .await
                        }
                        Step::Throttled => {
                            self.password(number, emails[which], StatusCode::TOO_MANY_REQUESTS)
                                .await
                        }
                        Step::Reset => {
                            self.house.wait(Duration::from_hours(2));
                            self.reset(number, emails[which]).await
                        }
                    };
                    times.0[which].push(took);
                }
            }
            match times.tells_apart() {
                None => return,
                Some(leak) => told.push(leak),
            }
        }
        panic!("{what}: {told:?}");
    }
}

/// What is asked for.
#[derive(Clone, Copy)]
enum Step {
    Password,
    Throttled,
    Reset,
}

#[expect(clippy::disallowed_methods, reason = "this is what is measured")]
async fn timed(request: reqwest::RequestBuilder) -> (Duration, Answer) {
    let began = Instant::now();
    let answer = Answer::of(request).await;
    (began.elapsed(), answer)
}

const NOBODY: &str = "nobody@acme.example";

on_both! {
    async fn lg1_a_password_takes_the_same_whether_or_not_there_is_an_account(house: Proxied) {
        let _alone = MEASURING.lock().await;
        let prober = Prober::of(&house).await;
        prober.silent("known", TRIES, Step::Password, [NOBODY, Person::Bob.email()]).await;
    }

    async fn lg1_nor_does_it_say_what_became_of_the_account(house: Proxied) {
        let carol = house.welcome_carol().await;
        house.set_user(carol, UserStatus::Suspended).await;
        let dora = house.employ("dora", BuiltInRole::Viewer).await;
        let _alone = MEASURING.lock().await;
        let prober = Prober::of(&house).await;
        prober.silent("suspended", FEWER, Step::Password, [NOBODY, CAROL]).await;
        prober.silent("without a password", FEWER, Step::Password, [NOBODY, &dora.email]).await;
        // What was tried so far is forgotten.
        house.wait(Duration::from_hours(2));
        for email in [NOBODY, Person::Bob.email()] {
            for number in 0..6 {
                prober.password(100_000 + number, email, StatusCode::UNPROCESSABLE_ENTITY).await;
            }
        }
        prober.silent("throttled", TRIES, Step::Throttled, [NOBODY, Person::Bob.email()]).await;
    }

    async fn lg2_nor_does_asking_for_a_letter(house: Proxied) {
        let dora = house.employ("dora", BuiltInRole::Viewer).await;
        let _alone = MEASURING.lock().await;
        let prober = Prober::of(&house).await;
        prober.silent("known", TRIES, Step::Reset, [NOBODY, Person::Bob.email()]).await;
        prober.silent("without a password", TRIES, Step::Reset, [NOBODY, &dora.email]).await;
    }
}
