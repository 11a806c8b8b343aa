//! What the application remembers of each browser, in memory, under a random id that the browser holds in a cookie.
//!
//! An entry is a sign-in under way or somebody signed in, never both. At most [`MAX`] are kept; the oldest goes first.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use openidconnect::{CsrfToken, Nonce, PkceCodeVerifier};

use super::pages::TokensPage;

const MAX: usize = 1000;
const COOKIE_NAME: &str = "sample";
/// 256 bits.
const ID_BYTES: u32 = 32;

/// A sign-in that was sent to the provider and has not come back.
pub(super) struct PendingSignIn {
    /// Comes back in the answer: it belongs to this browser.
    pub(super) state: CsrfToken,
    /// Comes back in the id token: it was made for this sign-in.
    pub(super) nonce: Nonce,
    /// Shown with the code: the one who asked redeems it (RFC 7636).
    pub(super) pkce_verifier: PkceCodeVerifier,
}

enum Session {
    Pending(PendingSignIn),
    SignedIn(Arc<TokensPage>),
}

/// All sessions, oldest first.
#[derive(Default)]
pub(super) struct Sessions(Mutex<VecDeque<(String, Session)>>);

impl Sessions {
    /// Remembers a sign-in that begins; returns the cookie to set.
    pub(super) fn begin(&self, sign_in: PendingSignIn) -> String {
        self.add(Session::Pending(sign_in))
    }

    /// Hands out the browser's sign-in under way, once. Somebody signed in stays so.
    pub(super) fn take_pending(&self, headers: &HeaderMap) -> Option<PendingSignIn> {
        let id = session_id(headers)?;
        let mut sessions = self.lock();
        let at = sessions
            .iter()
            .position(|(own, session)| own == id && matches!(session, Session::Pending(_)))?;
        match sessions.remove(at)?.1 {
            Session::Pending(sign_in) => Some(sign_in),
            Session::SignedIn(_) => None,
        }
    }

    /// Remembers somebody signed in, under a new id; returns the cookie to set.
    pub(super) fn sign_in(&self, person: TokensPage) -> String {
        self.add(Session::SignedIn(Arc::new(person)))
    }

    /// Who is signed in with this browser.
    pub(super) fn signed_in(&self, headers: &HeaderMap) -> Option<Arc<TokensPage>> {
        let id = session_id(headers)?;
        self.lock().iter().find_map(|(own, session)| match session {
            Session::SignedIn(person) if own == id => Some(person.clone()),
            _ => None,
        })
    }

    /// Forgets the browser, whatever was known of it; returns the cookie that makes it forget too.
    pub(super) fn forget(&self, headers: &HeaderMap) -> String {
        if let Some(id) = session_id(headers) {
            self.lock().retain(|(own, _)| own != id);
        }
        cookie("", "; Max-Age=0")
    }

    fn add(&self, session: Session) -> String {
        let id = CsrfToken::new_random_len(ID_BYTES).into_secret();
        let cookie = cookie(&id, "");
        let mut sessions = self.lock();
        if sessions.len() == MAX {
            sessions.pop_front();
        }
        sessions.push_back((id, session));
        cookie
    }

    /// A panic elsewhere leaves the list whole: every change to it is a single step.
    fn lock(&self) -> MutexGuard<'_, VecDeque<(String, Session)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lax, because the browser comes back from the provider's site. Not `Secure`, because the demo is plain HTTP on
/// loopback; anywhere else it would be.
fn cookie(value: &str, attributes: &str) -> String {
    format!("{COOKIE_NAME}={value}; Path=/; HttpOnly; SameSite=Lax{attributes}")
}

fn session_id(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::demo::sample::claims::{CheckedToken, Claims};

    fn pending() -> PendingSignIn {
        let pkce_verifier = PkceCodeVerifier::new("v".repeat(43));
        PendingSignIn {
            state: CsrfToken::new_random(),
            nonce: Nonce::new_random(),
            pkce_verifier,
        }
    }

    fn person() -> TokensPage {
        let nothing = || CheckedToken {
            claims: Claims::new(),
            checks: Vec::new(),
        };
        TokensPage::of(nothing(), nothing())
    }

    /// What the browser sends after it was given `cookie`, among another application's cookies.
    fn browser(cookie: &str) -> HeaderMap {
        let pair = cookie.split(';').next().unwrap();
        let line = HeaderValue::try_from(format!("other=1; sampler=2; {pair}; last=3")).unwrap();
        HeaderMap::from_iter([(COOKIE, line)])
    }

    #[test]
    fn a_sign_in_under_way_is_handed_out_once_and_only_to_its_browser() {
        let sessions = Sessions::default();
        let (alice, bob) = (sessions.begin(pending()), sessions.begin(pending()));
        assert!(sessions.take_pending(&HeaderMap::new()).is_none());
        assert!(sessions.take_pending(&browser("sample=guess")).is_none());
        assert!(sessions.take_pending(&browser(&alice)).is_some());
        assert!(sessions.take_pending(&browser(&alice)).is_none());
        assert!(sessions.take_pending(&browser(&bob)).is_some());
    }

    #[test]
    fn an_answer_out_of_nowhere_signs_nobody_out() {
        let sessions = Sessions::default();
        let alice = browser(&sessions.sign_in(person()));
        assert!(sessions.take_pending(&alice).is_none());
        assert!(sessions.signed_in(&alice).is_some());
    }

    #[test]
    fn forgetting_is_for_one_browser() {
        let sessions = Sessions::default();
        let (alice, bob) = (
            browser(&sessions.sign_in(person())),
            browser(&sessions.sign_in(person())),
        );
        assert_eq!(
            sessions.forget(&alice),
            "sample=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
        assert!(sessions.signed_in(&alice).is_none());
        assert!(sessions.signed_in(&bob).is_some());
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let sessions = Sessions::default();
        let first = browser(&sessions.sign_in(person()));
        let second = browser(&sessions.sign_in(person()));
        for _ in 2..=MAX {
            sessions.begin(pending());
        }
        assert_eq!(sessions.lock().len(), MAX);
        assert!(sessions.signed_in(&first).is_none());
        assert!(sessions.signed_in(&second).is_some());
    }
}
