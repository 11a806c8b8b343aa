//! What a person does in a browser: open, fill in, press, look.

use fantoccini::Locator;
use fantoccini::elements::Element;

use crate::harness::browser::Browser;

impl Browser {
    /// Opens an address.
    pub(crate) async fn open(&self, address: &str) {
        self.goto(address)
            .await
            .unwrap_or_else(|error| panic!("{address}: {error}"));
    }

    /// Writes into a field, in place of what it held.
    pub(crate) async fn fill(&self, field: &str, text: &str) {
        let input = self.comes(Locator::Id(field)).await;
        input.clear().await.unwrap();
        input.send_keys(text).await.unwrap();
    }

    /// Presses the button or follows the link with these words.
    pub(crate) async fn press(&self, words: &str) {
        let path = format!("//*[self::button or self::a][normalize-space()='{words}']");
        let wanted = self.comes(Locator::XPath(&path)).await;
        wanted.click().await.unwrap();
    }

    /// What is on the page, or on the one that is on its way.
    async fn comes(&self, what: Locator<'_>) -> Element {
        match self.wait().for_element(what).await {
            Ok(found) => found,
            Err(error) => panic!("{what:?}: {error}, on {}", self.words("body").await),
        }
    }

    /// Waits for the page of this heading.
    pub(crate) async fn sees(&self, heading: &str) {
        let path = format!("//h1[normalize-space()='{heading}']");
        let came = self.wait().for_element(Locator::XPath(&path)).await;
        assert!(
            came.is_ok(),
            "no page \u{201c}{heading}\u{201d} came, but {}",
            self.words("body").await
        );
    }

    /// The words of a part of the page.
    pub(crate) async fn words(&self, part: &str) -> String {
        self.find(Locator::Css(part))
            .await
            .unwrap_or_else(|error| panic!("{part}: {error}"))
            .text()
            .await
            .unwrap()
    }

    /// The words of each of the parts of a page.
    pub(crate) async fn all_words(&self, part: &str) -> Vec<String> {
        let mut words = Vec::new();
        for found in self.find_all(Locator::Css(part)).await.unwrap() {
            words.push(found.text().await.unwrap());
        }
        words
    }

    /// Goes through both pages of a sign-in.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) {
        self.sees("Sign in").await;
        self.fill("email", email).await;
        self.press("Continue").await;
        self.sees("Enter your password").await;
        self.fill("password", password).await;
        self.press("Sign in").await;
    }

    /// The console is silent but for the failures that were meant: a part of each line that may be there.
    pub(crate) async fn console_says_only(&self, meant: &[&str]) {
        let mut said = self.console().await;
        said.retain(|line| meant.iter().all(|part| !line.contains(part)));
        assert!(said.is_empty(), "{said:#?}");
    }
}
