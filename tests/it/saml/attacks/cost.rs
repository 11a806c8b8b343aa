//! SA36: what the worst documents cost that get past the gate.

use std::process::Command;
use std::time::Duration;

use doorward::saml::Refusal;

use super::super::documents::{Shape, genuine, read};

/// The processor time that this thread has had.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds = stat.split_ascii_whitespace().next().unwrap();
    Duration::from_nanos(nanoseconds.parse().unwrap())
}

/// The least of some tries: a busy machine makes it more, never less.
fn cost_of(document: &str) -> Duration {
    let tries = (0..5).map(|_| {
        let before = processor_time();
        let _ = read(document);
        processor_time().saturating_sub(before)
    });
    tries.min().unwrap()
}

/// A document around something that is as large as the gate allows.
fn around(attributes: &str, content: &str) -> String {
    let sent = genuine(Shape::Response);
    let document = super::super::judge::without_declaration(sent);
    document
        .replacen("<samlp:Response ", &format!("<samlp:Response {attributes} "), 1)
        .replacen(
            "<samlp:Status>",
            &format!("<samlp:Extensions>{content}</samlp:Extensions><samlp:Status>"),
            1,
        )
}

/// Something for each number below a bound.
fn repeated(bound: usize, one: impl Fn(usize) -> String) -> String {
    (0..bound).map(one).collect::<Vec<_>>().concat()
}

fn worst() -> Vec<(&'static str, String)> {
    let uri = format!("urn:{}", "x".repeat(190));
    let namespaces = repeated(13, |n| format!(" xmlns:p{n}='{uri}{n}'"));
    let used = repeated(13, |n| format!(" p{n}:a=''"));
    let wide = repeated(31, |n| format!(" a{n}=''"));
    let deep = format!("{}{}", "<a>".repeat(28), "</a>".repeat(28));
    vec![
        ("many elements", around("", &"<a/>".repeat(3_900))),
        ("many attributes", around("", &format!("<a{wide}/>").repeat(160))),
        (
            "many namespaces",
            around(&namespaces, &format!("<a{used}/>").repeat(370)),
        ),
        (
            "namespaces declared anew",
            around("", &format!("<p:a xmlns:p='{uri}'/>").repeat(1_150)),
        ),
        ("deep ones", around("", &deep.repeat(139))),
        ("one long text", around("", &"x".repeat(250_000))),
        ("many references", around("", &"&amp;".repeat(50_000))),
        ("no end", around("", &"<a>".repeat(20))),
        ("nothing but tags", "<".repeat(260_000)),
        ("nothing but ampersands", "&".repeat(260_000)),
        ("a query of quotes", format!("<a {}>", "b=\"".repeat(80_000))),
    ]
}

#[test]
fn sa36_the_worst_document_costs_less_than_50_ms() {
    for (name, document) in worst() {
        assert!(
            document.len() <= doorward::saml::gate::MOST_BYTES,
            "{name}: {}",
            document.len()
        );
        assert!(read(&document).is_err());
        let cost = cost_of(&document);
        assert!(cost < Duration::from_millis(50), "{name}: {cost:?}");
    }
}

/// The tests' own program reads one of them by itself, and says how much memory it took at most.
#[test]
fn sa36_the_worst_document_takes_less_than_16_mib() {
    if let Ok(name) = std::env::var("DOORWARD_WORST_DOCUMENT") {
        let (_, document) = worst().into_iter().find(|(other, _)| *other == name).unwrap();
        let before = peak();
        let _ = read(&document);
        println!("took {}", peak() - before);
        return;
    }
    for (name, _) in worst() {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([
                "saml::attacks::cost::sa36_the_worst_document_takes_less_than_16_mib",
                "--exact",
                "--nocapture",
            ])
            .env("DOORWARD_WORST_DOCUMENT", name)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let took = said
            .lines()
            .find_map(|line| line.strip_prefix("took "))
            .unwrap_or_else(|| panic!("{said}"));
        let took: u64 = took.parse().unwrap();
        assert!(took < 16 * 1024, "{name}: {took} KiB");
    }
}

/// The most memory that this process has had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

#[test]
fn sa36_more_than_that_is_refused() {
    let many = |count: usize| around("", &"<a/>".repeat(count));
    assert_eq!(read(many(4_000)).err(), Some(Refusal::TooManyElements));
    let document = around("", &"x".repeat(300_000));
    assert_eq!(read(document).err(), Some(Refusal::TooLong));
    let attributes = repeated(10_000, |n| format!(" a{n}=''"));
    assert_eq!(
        read(around("", &format!("<a{attributes}/>"))).err(),
        Some(Refusal::TooManyAttributes)
    );
}
