//! Every visible string comes from `templates/locales/en`: each that is used is there, and each that is there is used.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use doorward::domain::alert::{AlertKind, OwnFactor};
use doorward::pages::gallery;
use doorward::web::Frame;
use doorward::words::Words;

use super::gallery::files;
use super::html::text;

/// The words that are put together from a part that is known only at run time, with the names that it takes.
fn composed() -> Vec<String> {
    let samples = gallery();
    let faults = samples.iter().filter(|sample| sample.page == "error/problem");
    let faults = faults.map(|sample| format!("error-{}", sample.state));
    let scopes = ["openid", "profile", "email", "offline-access"].map(|scope| format!("scope-{scope}"));
    let both = |key: String| [format!("{key}-title"), format!("{key}-detail")];
    let letters = [
        (
            "invitation",
            "subject subject-reminder heading heading-reminder lead lead-reminder quote action why",
        ),
        ("confirm-email", "subject heading lead why"),
        ("reset-asked", "subject heading lead why"),
        ("reset-sent", "subject heading lead why"),
        ("reset-of-suspended", "subject heading lead why"),
        ("reset-of-no-password", "subject heading lead why"),
        ("ownership-transferred", "subject heading lead why"),
        ("usage-alert", "subject heading lead why"),
        ("review", "subject heading lead why"),
        ("review-reminder", "subject heading lead why"),
    ];
    let letters = letters
        .into_iter()
        .flat_map(|(kind, parts)| parts.split(' ').map(move |part| format!("mail-{kind}-{part}")));
    let months = (1..=12).map(|month| format!("mail-base-month-{month}"));
    let rest = letters.chain(months).chain(alerts());
    faults.chain(scopes).flat_map(both).chain(rest).collect()
}

/// What alerts are told in.
fn alerts() -> impl Iterator<Item = String> {
    let dashed = |name: &str| name.replace('_', "-");
    let kinds = AlertKind::NAMES.map(dashed).into_iter();
    let kinds = kinds.flat_map(|kind| ["title", "detail"].map(|part| format!("alerts-{kind}-{part}")));
    let factors = OwnFactor::ALL.map(|factor| format!("alerts-factor-{}", dashed(factor.as_str())));
    let given = ["role", "permissions", "group", "superuser"].map(|given| format!("alerts-given-{given}"));
    let facts = ["when", "device", "place", "address"].map(|fact| format!("mail-alert-fact-{fact}"));
    kinds.chain(factors).chain(given).chain(facts)
}

/// Everything that can ask for words, in one text.
fn askers() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["src", "templates"]
        .into_iter()
        .flat_map(|folder| files(&root.join(folder)));
    let asks = |path: &Path| {
        path.extension()
            .is_some_and(|ending| ending == "rs" || ending == "html")
    };
    let read = |path: std::path::PathBuf| fs::read_to_string(path).unwrap();
    files.filter(|path| asks(path)).map(read).collect()
}

/// The keys of all messages.
fn messages() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/locales/en");
    let mut keys = BTreeSet::new();
    for file in files(&root) {
        for line in fs::read_to_string(&file).unwrap().lines() {
            let Some((key, _)) = line
                .split_once(" =")
                .filter(|_| line.starts_with(char::is_alphabetic))
            else {
                continue;
            };
            assert!(
                Words::english().knows(key),
                "{key} of {} is not among the words",
                file.display()
            );
            keys.insert(key.to_owned());
        }
    }
    keys
}

#[test]
fn every_message_that_is_asked_for_is_there() {
    let askers = askers();
    let calls = [".t(\"", ".t1(\""]
        .into_iter()
        .flat_map(|call| askers.split(call).skip(1));
    let mut asked: Vec<_> = calls
        .map(|rest| rest.split_once('"').unwrap().0.to_owned())
        .collect();
    assert!(asked.len() > 40, "is this how words are asked for? {asked:?}");
    asked.extend(composed());
    asked.retain(|key| !Words::english().knows(key));
    assert!(asked.is_empty(), "{asked:?}");
}

#[test]
fn every_message_that_is_there_is_asked_for() {
    let (askers, composed) = (askers(), composed());
    let mut idle = messages();
    idle.retain(|key| !askers.contains(&format!("\"{key}\"")) && !composed.contains(key));
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn no_page_shows_a_key_or_a_variable_in_place_of_words() {
    let messages = messages();
    for sample in gallery() {
        let (page, state, shown) = (sample.page, sample.state, text(&sample.html));
        assert!(
            !shown.contains("{$") && !shown.contains("{ $"),
            "{page} {state}: {shown}"
        );
        let key = shown.split_whitespace().find(|word| messages.contains(*word));
        assert_eq!(key, None, "{page} {state}");
    }
}

#[test]
fn a_wait_is_told_in_seconds_or_minutes_never_too_short() {
    let told = |millis| Frame::english().wait(Duration::from_millis(millis));
    assert_eq!(
        [told(1), told(1_000), told(1_001), told(119_000)],
        ["1 second", "1 second", "2 seconds", "119 seconds"]
    );
    assert_eq!(
        [told(120_000), told(121_000), told(600_000)],
        ["2 minutes", "3 minutes", "10 minutes"]
    );
}
