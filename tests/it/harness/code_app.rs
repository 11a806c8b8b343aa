//! An authenticator app that nobody here wrote: `oathtool`, of Debian's package of that name.

use std::process::Command;

use doorward::domain::time::Timestamp;

use super::{Answer, House, Visitor};

/// An app that was shown a secret.
#[derive(Debug, Clone)]
pub(crate) struct Authenticator {
    secret: String,
}

impl Authenticator {
    /// The app of a secret in base32.
    pub(crate) fn of(secret: &str) -> Self {
        let secret = secret.split_whitespace().collect();
        Self { secret }
    }

    /// What it shows at a moment.
    pub(crate) fn code(&self, at: Timestamp) -> String {
        let now = at.to_string().replace('T', " ").replace('Z', " UTC");
        let shown = Command::new("oathtool")
            .args(["--totp", "--base32", "--now", &now, &self.secret])
            .output()
            .expect("oathtool is not installed: run tests/requirements.sh test");
        assert!(shown.status.success(), "{shown:?}");
        String::from_utf8(shown.stdout).unwrap().trim().to_owned()
    }

    /// A code that it does not show around a moment.
    pub(crate) fn wrong_code(&self, at: Timestamp) -> String {
        let step = std::time::Duration::from_secs(30);
        let shown = [self.code(at.minus(step)), self.code(at), self.code(at.plus(step))];
        let wrong = (0..4).map(|digit: u8| digit.to_string().repeat(6));
        let mut wrong = wrong.filter(|code| !shown.contains(code));
        wrong.next().unwrap()
    }
}

impl House {
    /// Sets up an app for whoever is signed in here, and answers it with the recovery codes that came along.
    pub(crate) async fn set_up_app(&self, visitor: &Visitor) -> (Authenticator, Vec<String>) {
        let page = visitor.get("/account/authenticator").await;
        let begun = visitor.submit(&page, &[]).await;
        assert_eq!(begun.location(), "/account/authenticator", "{begun:?}");
        let page = visitor.get("/account/authenticator").await;
        let app = Authenticator::of(&page.key());
        let shown = visitor
            .submit(&page, &[("code", &app.code(self.clock.now()))])
            .await;
        (app, shown.recovery_codes())
    }
}

impl Answer {
    /// The key that a page shows, to be typed into an app.
    pub(crate) fn key(&self) -> String {
        let key = self.body.split_once("<p class=\"key\"><code>");
        let key = key.unwrap_or_else(|| panic!("no key in {self:?}")).1;
        key.split_once('<').unwrap().0.to_owned()
    }

    /// Whether it says that something is enrolled: by the list of them, or by the recovery codes that came along.
    pub(crate) fn is_enrolled(&self) -> bool {
        self.location() == "/account/passkeys" || self.recovery_codes().len() == 10
    }

    /// The recovery codes that a page shows.
    pub(crate) fn recovery_codes(&self) -> Vec<String> {
        let codes = self.body.split("<li><code>").skip(1);
        codes
            .map(|code| code.split_once('<').unwrap().0.to_owned())
            .collect()
    }
}
