//! Every page has samples (invariant 8), and each is sound HTML: one heading, labelled fields, forms that can't be forged,
//! nothing inline and nothing from elsewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use doorward::pages::{Sample, gallery};

use super::html::{Tag, tags, text};

/// The pages of a folder: `sign_in/password` for `sign_in/password.html`.
fn pages_in(folder: &str, ending: &str) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let page = |file: PathBuf| {
        let path = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        path.strip_suffix(ending).map(str::to_owned)
    };
    files(&root).into_iter().filter_map(page).collect()
}

/// Every file under a folder.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let nested = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    entries.flat_map(nested).collect()
}

fn check_each(check: impl Fn(&Sample, &[Tag])) {
    for sample in gallery() {
        check(&sample, &tags(&sample.html));
    }
}

fn name(sample: &Sample) -> String {
    format!("{} {}", sample.page, sample.state)
}

#[test]
fn every_template_is_a_page_with_samples() {
    let mut templates = pages_in("templates", ".html");
    // Not pages, letters, and the sample application's, which `sample_application.rs` walks through.
    let elsewhere = ["partials/", "mail/", "demo/"];
    templates.retain(|path| path != "base" && !elsewhere.iter().any(|folder| path.starts_with(folder)));
    let mut sources = pages_in("src/pages", ".rs");
    sources.retain(|path| path != "mod" && !path.ends_with("/mod"));
    let sampled: BTreeSet<_> = gallery().iter().map(|sample| sample.page.to_owned()).collect();
    assert_eq!(sampled, templates);
    assert_eq!(sources, templates);
}

#[test]
fn every_state_has_a_name_of_its_own() {
    let samples = gallery();
    let names: BTreeSet<_> = samples.iter().map(name).collect();
    assert_eq!(names.len(), samples.len());
}

#[test]
fn a_page_has_a_language_a_title_and_one_heading() {
    check_each(|sample, tags| {
        let count = |name: &str| tags.iter().filter(|tag| tag.name == name).count();
        assert_eq!(
            tags.iter().find(|tag| tag.name == "html").unwrap().get("lang"),
            Some("en")
        );
        assert_eq!(
            (count("h1"), count("main"), count("title")),
            (1, 1, 1),
            "{}",
            name(sample)
        );
        let title = text(
            sample
                .html
                .split_once("<title>")
                .unwrap()
                .1
                .split_once("</title>")
                .unwrap()
                .0,
        );
        assert!(
            title.ends_with(" \u{b7} Doorward") && !title.starts_with('\u{b7}'),
            "{title}"
        );
    });
}

#[test]
fn every_field_has_a_label_or_is_hidden() {
    check_each(|sample, tags| {
        let labelled: BTreeSet<_> = tags.iter().filter_map(|tag| tag.get("for")).collect();
        for input in tags
            .iter()
            .filter(|tag| ["input", "select", "textarea"].contains(&tag.name.as_str()))
        {
            let hidden = input.get("type") == Some("hidden") || input.get("aria-hidden") == Some("true");
            let labelled = input.get("id").is_some_and(|id| labelled.contains(id));
            assert!(hidden || labelled, "{}: {input:?}", name(sample));
        }
    });
}

#[test]
fn what_a_field_is_described_by_is_there_once() {
    check_each(|sample, tags| {
        let ids: Vec<_> = tags.iter().filter_map(|tag| tag.get("id")).collect();
        assert_eq!(
            ids.iter().collect::<BTreeSet<_>>().len(),
            ids.len(),
            "{}",
            name(sample)
        );
        let links = tags.iter().filter_map(|tag| tag.get("href")?.strip_prefix('#'));
        let described = tags.iter().filter_map(|tag| tag.get("aria-describedby"));
        for id in described.flat_map(str::split_whitespace).chain(links) {
            assert!(ids.contains(&id), "{}: {id}", name(sample));
        }
    });
}

/// The one form that leads elsewhere: what an upstream provider is to be told goes there as a form (SAML 2.0 Bindings §3.5).
const LEAD_AWAY: [&str; 2] = ["answer/post", "upstream/post"];

#[test]
fn two_forms_lead_away_and_carries_no_token_of_ours() {
    let away: Vec<_> = gallery()
        .into_iter()
        .filter(|sample| LEAD_AWAY.contains(&sample.page))
        .collect();
    assert!(!away.is_empty());
    for sample in away {
        let tags = tags(&sample.html);
        let forms: Vec<_> = tags.iter().filter(|tag| tag.name == "form").collect();
        assert_eq!(forms.len(), 1);
        assert!(forms[0].get("action").unwrap().starts_with("https://"));
        assert!(tags.iter().all(|tag| tag.get("name") != Some("csrf")));
    }
}

#[test]
fn every_form_is_posted_with_its_token() {
    check_each(|sample, tags| {
        if LEAD_AWAY.contains(&sample.page) {
            return;
        }
        for (at, form) in tags.iter().enumerate().filter(|(_, tag)| tag.name == "form") {
            assert_eq!(form.get("method"), Some("post"), "{}", name(sample));
            assert!(
                form.get("action").is_some_and(|action| action.starts_with('/')),
                "{}",
                name(sample)
            );
            let inside: Vec<_> = tags[at..].iter().take_while(|tag| tag.name != "/form").collect();
            assert!(
                inside.iter().any(|tag| tag.get("name") == Some("csrf")),
                "{}",
                name(sample)
            );
            assert!(inside.iter().any(|tag| tag.name == "button"), "{}", name(sample));
        }
    });
}

#[test]
fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
    check_each(|sample, tags| {
        for tag in tags {
            assert!(
                !["style", "iframe", "object", "base"].contains(&tag.name.as_str()),
                "{tag:?}"
            );
            let module = tag.get("type") == Some("module") && tag.get("src").is_some();
            assert!(tag.name != "script" || module, "{tag:?}");
            for (attribute, value) in tag.attributes() {
                let inline = attribute == "style" || attribute.starts_with("on");
                assert!(!inline, "{}: {tag:?}", name(sample));
                let leads = ["href", "src", "action", "formaction", "srcset"].contains(&attribute);
                // The app on this very device that makes codes is nowhere else.
                let app = attribute == "href" && value.starts_with("otpauth://totp/");
                let away = LEAD_AWAY.contains(&sample.page)
                    && attribute == "action"
                    && value.starts_with("https://");
                let ours = away
                    || app
                    || value.starts_with('#')
                    || value.starts_with('/') && !value.starts_with("//");
                assert!(!leads || ours, "{}: {tag:?}", name(sample));
            }
        }
    });
}

#[test]
fn se12_what_people_named_themselves_is_text() {
    let hostile = r#"<img src=x onerror="alert(1)">'"#;
    let page = doorward::pages::signed_out::confirm::ConfirmPage {
        page: doorward::web::Frame::english(),
        action: "/sign-out".to_owned(),
        csrf: "sample".to_owned(),
        user_email: hostile.to_owned(),
        application: None,
        fields: Vec::new(),
    };
    let html = page.to_string();
    assert!(
        !html.contains("<img src=x") && html.contains("&#60;img src=x onerror=&#34;alert(1)"),
        "{html}"
    );
}
