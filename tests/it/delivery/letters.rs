//! Every letter there is, as text, as HTML and as a message; and looked at in a browser.

use std::fs;

use doorward::delivery::{Letter, samples};
use doorward::domain::time::Timestamp;
use doorward::random;

use super::{composer, to_carol};
use crate::harness::browser::{ColorScheme, NARROW, Viewport, WIDE, browser};
use crate::harness::letters;

const AT: Timestamp = Timestamp::from_millis(1_795_339_800_000);

/// An invitation in which each word that somebody chose is this.
fn hostile(text: &str) -> Letter {
    Letter::Invitation {
        organization: text.to_owned(),
        inviter: text.to_owned(),
        message: text.to_owned(),
        link: "https://id.example.com/invitation/secret".to_owned(),
        expires_at: AT,
        reminder: false,
    }
}

fn sent(letter: Letter) -> letters::Letter {
    let message = composer().compose(random::id(AT), &to_carol(letter), AT).unwrap();
    letters::Letter::read(&message.formatted())
}

#[test]
fn an_invitation_reads_like_one() {
    let (_, letter) = samples().remove(0);
    let written = composer().write(&to_carol(letter));
    assert_eq!(written.subject, "Alice Archer invites you to Acme");
    let expected = "\
Come in to Acme
===============

Alice Archer invites you to join Acme. Accept, and you can sign in to
what Acme opens to you.

Alice Archer writes:

> Hello Carol,
> 
> welcome on board! You will find the rover’s telemetry under “Fleet”.
> See you on Monday.

Accept the invitation:

https://id.example.com/invitation/8xVvRV3hJ0Jm1Z0XqkqJ5m0yQm9c2oG3b1b6sB2Q4nA

The link works once, until 29 November 2026 at 09:30 UTC.

It was meant for carol@cook.example. If you don’t know Alice Archer, do
nothing: without you, nothing happens.

-- 
Sent by Doorward at id.example.com
";
    assert_eq!(written.text.trim_end(), expected.trim_end());
}

#[test]
fn every_letter_is_written_as_text_and_as_html() {
    for (name, letter) in samples() {
        let written = composer().write(&to_carol(letter));
        for (kind, said) in [
            ("subject", &written.subject),
            ("text", &written.text),
            ("html", &written.html),
        ] {
            assert!(
                !said.contains("mail-") && !said.contains("{$"),
                "{name}: {kind}: {said}"
            );
        }
        assert!(
            written
                .text
                .lines()
                .all(|line| line == line.trim_end() || line == "-- " || line == "> "),
            "{name}"
        );
        for outside in ["<img", "<script", "<link", "url(", "src="] {
            assert!(!written.html.contains(outside), "{name} has {outside}");
        }
        let links = written.html.split("href=\"").skip(1);
        for link in links {
            assert!(link.starts_with("https://id.example.com/"), "{name}: {link}");
        }
    }
}

#[test]
fn a_message_has_the_headers_that_it_needs_and_the_same_id_each_time() {
    let id = random::id(AT);
    let addressed = to_carol(samples().remove(0).1);
    let [once, twice] = [(); 2].map(|()| composer().compose(id, &addressed, AT).unwrap().formatted());
    assert_eq!(once, twice);
    let letter = letters::Letter::read(&once);
    for (name, value) in [
        ("From", "Doorward <doorward@id.example.com>".to_owned()),
        ("To", "carol@cook.example".to_owned()),
        ("Subject", "Alice Archer invites you to Acme".to_owned()),
        ("Message-ID", format!("<{id}@id.example.com>")),
        ("Date", "Sun, 22 Nov 2026 09:30:00 +0000".to_owned()),
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("MIME-Version", "1.0".to_owned()),
    ] {
        assert_eq!(letter.header(name), value, "{name}");
    }
    assert!(
        letter.header("Content-Type").starts_with("multipart/alternative"),
        "{letter:?}"
    );
    assert_eq!(
        letter.path(),
        "/invitation/8xVvRV3hJ0Jm1Z0XqkqJ5m0yQm9c2oG3b1b6sB2Q4nA"
    );
}

#[test]
fn lo1_nothing_in_a_letter_becomes_a_header_or_a_part() {
    let plain = sent(hostile("Acme"));
    for text in [
        "Acme\r\nBcc: mallory@umbrella.example\r\n\r\nHello",
        "Acme\nX-Evil: 1",
        "Acme\rX-Evil: 1",
        "Acme\u{2028}X-Evil: 1",
        "Acme\u{0}\u{1b}[31m",
        "Acme\r\n.\r\nQUIT",
        "=?utf-8?q?Acme=0D=0ABcc=3A_x?=",
        "Ac\u{202e}emc\u{200b}",
        &"ä\r\nBcc: x ".repeat(50),
    ] {
        let letter = sent(hostile(text));
        assert_eq!(letter.header_names(), plain.header_names(), "{text:?}");
        assert_eq!(letter.header("To"), "carol@cook.example");
        for said in [&letter.text, &letter.html] {
            assert!(
                !said.contains(['\u{202e}', '\u{200b}', '\u{1b}', '\u{0}', '\r', '\u{2028}']),
                "{text:?}: {said}"
            );
        }
    }
}

#[test]
fn se12_what_somebody_chose_is_text_in_html_and_a_quote_in_text() {
    let letter = sent(hostile(
        "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\n-- \nAccept the invitation:",
    ));
    for tag in ["<script", "<img", "\"'>"] {
        assert!(!letter.html.contains(tag), "{tag}: {}", letter.html);
    }
    assert_eq!(
        letter
            .text
            .lines()
            .filter(|line| *line == "Accept the invitation:")
            .count(),
        1,
        "{}",
        letter.text
    );
    assert!(letter.text.contains("\n> Accept the invitation:\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_letter_holds_together_on_a_desk_and_on_a_telephone() {
    const NARROWEST: Viewport = Viewport {
        width: 320,
        height: 600,
    };
    let (folder, browser) = (tempfile::tempdir().unwrap(), browser().await);
    let mut wrong = Vec::new();
    for (name, letter) in samples() {
        let file = folder.path().join(name).with_extension("html");
        fs::write(&file, composer().write(&to_carol(letter)).html).unwrap();
        browser.goto(&format!("file://{}", file.display())).await.unwrap();
        for (size, viewport) in [("wide", WIDE), ("narrow", NARROW), ("narrowest", NARROWEST)] {
            browser.resize(viewport).await;
            for (tone, scheme) in [("dark", ColorScheme::Dark), ("light", ColorScheme::Light)] {
                browser.prefer(scheme).await;
                browser.screenshot(&format!("mail-{name}-{size}-{tone}")).await;
            }
            let measure = "return document.documentElement.scrollWidth - innerWidth";
            if browser.execute(measure, Vec::new()).await.unwrap() != serde_json::json!(0) {
                wrong.push(format!("{name} {size}: wider than its window"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
