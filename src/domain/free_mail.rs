//! Mail domains in which anybody gets an address: what is written there is one person's, and never an organization's.

use super::email::EmailDomain;

/// The best known ones, in order. A list like this is never whole: what stands here is what somebody would think of first.
const KNOWN: [&str; 56] = [
    "126.com",
    "163.com",
    "aim.com",
    "aol.com",
    "att.net",
    "bluewin.ch",
    "btinternet.com",
    "comcast.net",
    "duck.com",
    "fastmail.com",
    "foxmail.com",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.fr",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "naver.com",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "outlook.fr",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rediffmail.com",
    "rocketmail.com",
    "t-online.de",
    "tutanota.com",
    "verizon.net",
    "web.de",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yandex.ru",
    "ymail.com",
];

/// Whether anybody gets an address in a domain.
pub fn is_free_mail(domain: &EmailDomain) -> bool {
    KNOWN.binary_search(&domain.as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anybody_gets_is_nobodys() {
        assert!(KNOWN.is_sorted(), "it is searched by halves");
        let is = |text: &str| is_free_mail(&text.parse().unwrap());
        assert!(KNOWN.iter().all(|domain| is(domain)));
        assert!(is("GMail.com ") && is("Outlook.COM"));
        assert!(!is("acme.example") && !is("notgmail.com") && !is("mail.gmail.com"));
    }
}
