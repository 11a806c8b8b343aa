//! Somebody with a browser that keeps cookies, follows nothing by itself and runs no script; and an application that
//! sends them here.

use reqwest::header::{LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder, StatusCode, redirect};
use serde_json::Value;
use url::Url;

use super::Person;
use super::cast::{CALLBACK, SECRET};

/// The verifier and challenge of RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Somebody with a browser of their own.
pub(crate) struct Visitor {
    url: String,
    client: Client,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Visitor {
    pub(crate) fn new(url: &str) -> Self {
        let builder = Client::builder()
            .cookie_store(true)
            .redirect(redirect::Policy::none());
        Self {
            url: url.to_owned(),
            client: builder.build().unwrap(),
        }
    }

    /// The same browser at another address of the same house, which moved.
    pub(crate) fn at(&self, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            client: self.client.clone(),
        }
    }

    /// The same browser once more.
    pub(crate) fn again(&self) -> Self {
        self.at(&self.url)
    }

    /// Somebody else, with a browser of their own.
    pub(crate) fn newcomer(&self) -> Self {
        Self::new(&self.url)
    }

    /// A request that the caller finishes.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.url)
        };
        self.client.request(method.parse().unwrap(), url)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request("GET", path)).await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        Answer::of(self.request("POST", path).form(fields)).await
    }

    /// Goes wherever it is sent within the house, until a page or another house.
    pub(crate) async fn follow(&self, mut answer: Answer) -> Answer {
        while answer.status.is_redirection() && answer.location().starts_with('/') {
            answer = self.get(&answer.location()).await;
        }
        answer
    }

    /// Fills in a page's form and presses its first button.
    pub(crate) async fn submit(&self, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let hidden = page.hidden_fields();
        let mut all: Vec<_> = hidden
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        all.extend_from_slice(fields);
        self.post(&page.action(), &all).await
    }

    /// Walks the sign-in from its first page to whatever follows the password.
    pub(crate) async fn sign_in(&self, person: Person) -> Answer {
        let page = self.get("/sign-in").await;
        self.sign_in_on(&page, person.email(), person.password()).await
    }

    /// The same from a first page that is there already.
    pub(crate) async fn sign_in_on(&self, page: &Answer, email: &str, password: &str) -> Answer {
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        let identified = self.submit(page, &[("email", email)]).await;
        assert_eq!(identified.status, StatusCode::SEE_OTHER, "{identified:?}");
        let step = identified.location();
        // By another way, where the address leads to a company's provider.
        let page = self.get(step.strip_suffix("/connection").unwrap_or(&step)).await;
        self.submit(&page, &[("password", password)]).await
    }

    /// Is sent here by an application, and goes on until a page or the way back.
    pub(crate) async fn arrives(&self, authorize: &str) -> Answer {
        let answer = self.get(authorize).await;
        self.follow(answer).await
    }

    /// The same, and agrees if asked to.
    pub(crate) async fn agrees(&self, authorize: &str) -> Answer {
        let answer = self.arrives(authorize).await;
        if answer.status.is_redirection() {
            answer
        } else {
            self.submit(&answer, &[("decision", "allow")]).await
        }
    }

    /// A code for an application that asks for no consent, for somebody who is signed in.
    pub(crate) async fn code(&self, client_id: &str) -> String {
        let answer = self.arrives(&authorize(client_id, &[])).await;
        answer.code()
    }

    /// Redeems a code as a confidential application does.
    pub(crate) async fn redeem(&self, client_id: &str, code: &str) -> Answer {
        self.token(client_id, &[("code", code)]).await
    }

    /// A token request of a confidential application; given fields replace the usual ones, and an empty value leaves
    /// one out.
    pub(crate) async fn token(&self, client_id: &str, changed: &[(&str, &str)]) -> Answer {
        let usual = [
            ("grant_type", "authorization_code"),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let fields = replaced(&usual, changed);
        Answer::of(
            self.request("POST", "/oauth2/token")
                .basic_auth(client_id, Some(SECRET))
                .form(&fields),
        )
        .await
    }
}

/// The address of a good authorization request; given fields replace the usual ones, and an empty value leaves one out.
pub(crate) fn authorize(client_id: &str, changed: &[(&str, &str)]) -> String {
    let usual = [
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile email"),
        ("state", "the state"),
        ("nonce", "the nonce"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(replaced(&usual, changed))
        .finish();
    format!("/oauth2/authorize?{query}")
}

fn replaced<'a>(usual: &[(&'a str, &'a str)], changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<_> = usual
        .iter()
        .filter(|(name, _)| changed.iter().all(|(other, _)| other != name))
        .copied()
        .collect();
    fields.extend(changed.iter().filter(|(_, value)| !value.is_empty()).copied());
    fields
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Self {
            status,
            headers,
            body: response.text().await.unwrap(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    pub(crate) fn location(&self) -> String {
        self.header(LOCATION.as_str()).to_owned()
    }

    pub(crate) fn cookies(&self) -> Vec<String> {
        self.headers
            .get_all(SET_COOKIE)
            .iter()
            .map(|value| value.to_str().unwrap().to_owned())
            .collect()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// One parameter of where the browser is sent.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let url = Url::parse(&self.location()).unwrap_or_else(|_| panic!("sent nowhere: {self:?}"));
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The code that the application gets.
    pub(crate) fn code(&self) -> String {
        self.parameter("code")
            .unwrap_or_else(|| panic!("no code: {self:?}"))
    }

    /// The `error` of a JSON answer, or of where the browser is sent.
    pub(crate) fn error(&self) -> String {
        if self.status.is_redirection() {
            return self.parameter("error").unwrap_or_default();
        }
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    /// The value of a page's hidden field.
    pub(crate) fn field(&self, name: &str) -> String {
        self.between(&format!("name=\"{name}\" value=\""), "\"")
    }

    /// Every hidden field of a page's first form.
    fn hidden_fields(&self) -> Vec<(String, String)> {
        let form = self.between("<form", "</form>");
        let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
        let field = |input: &str| {
            let (name, rest) = input.split_once("\" value=\"").unwrap();
            (name.to_owned(), rest.split_once('"').unwrap().0.to_owned())
        };
        inputs.map(field).collect()
    }

    /// Where a page's first form goes.
    pub(crate) fn action(&self) -> String {
        self.between("action=\"", "\"")
            .replace("&amp;", "&")
            .replace("&#38;", "&")
    }

    /// The page's heading.
    pub(crate) fn heading(&self) -> String {
        self.between("<h1>", "</h1>")
    }

    fn between(&self, before: &str, after: &str) -> String {
        let rest = self
            .body
            .split_once(before)
            .unwrap_or_else(|| panic!("no {before} in {self:?}"))
            .1;
        rest.split_once(after).unwrap().0.to_owned()
    }
}
