//! Prometheus' text format, version 0.0.4, read strictly: what this takes, Prometheus takes.

use std::collections::{BTreeMap, BTreeSet};

/// A page of metrics.
pub(super) struct Page {
    samples: BTreeMap<(String, Labels), f64>,
}

/// Names and values, in the order of names.
pub(super) type Labels = BTreeMap<String, String>;

impl Page {
    /// Reads a page.
    ///
    /// # Panics
    ///
    /// On anything that the format does not allow: a family that is not declared once and before its samples, a name or
    /// a number that is none, a sample that comes twice, buckets that don't grow.
    pub(super) fn read(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line is not whole");
        let mut kinds: BTreeMap<&str, &str> = BTreeMap::new();
        let mut helped = BTreeSet::new();
        let mut family = "";
        let mut samples = BTreeMap::new();
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                family = help.split_once(' ').expect("a help has words").0;
                assert!(is_name(family), "{line}");
                assert!(helped.insert(family), "helped twice: {line}");
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').expect("a type has a kind");
                assert_eq!(name, family, "a type without its help: {line}");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert!(kinds.insert(name, kind).is_none(), "typed twice: {line}");
            } else {
                let (name, labels, value) = sample(line);
                let kind = kinds.get(family).expect("a sample without a family");
                assert!(belongs(&name, family, kind), "{line} is not of {family}");
                assert!(*kind == "gauge" || value >= 0.0, "{line}");
                assert!(samples.insert((name, labels), value).is_none(), "twice: {line}");
            }
        }
        let page = Self { samples };
        for (name, _) in kinds.iter().filter(|(_, kind)| **kind == "histogram") {
            page.has_whole_buckets(name);
        }
        page
    }

    /// The value of one sample; nothing if it is not there.
    pub(super) fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels = labels
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        self.samples.get(&(name.to_owned(), labels)).copied()
    }

    /// Every sample there is.
    pub(super) fn samples(&self) -> impl Iterator<Item = (&str, &Labels, f64)> {
        self.samples
            .iter()
            .map(|((name, labels), value)| (name.as_str(), labels, *value))
    }

    /// Every series of a histogram ends in `+Inf` with its count, and its buckets grow.
    fn has_whole_buckets(&self, family: &str) {
        let mut series: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
        for (name, labels, value) in self.samples() {
            if name == format!("{family}_bucket") {
                let mut labels = labels.clone();
                let bound = number(&labels.remove("le").expect("a bucket has a bound"));
                series.entry(labels).or_default().push((bound, value));
            }
        }
        for (labels, mut buckets) in series {
            buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
            assert!(
                buckets.is_sorted_by(|a, b| a.1 <= b.1),
                "{family} {labels:?} shrinks"
            );
            let (bound, all) = buckets.pop().expect("a series has buckets");
            assert!(bound.is_infinite(), "{family} {labels:?} ends at {bound}");
            let counted = self.samples.get(&(format!("{family}_count"), labels.clone()));
            assert_eq!(counted, Some(&all), "{family} {labels:?}");
            assert!(
                self.samples.contains_key(&(format!("{family}_sum"), labels)),
                "{family} has no sum"
            );
        }
    }
}

fn belongs(name: &str, family: &str, kind: &str) -> bool {
    let rest = name.strip_prefix(family);
    match kind {
        "histogram" => rest.is_some_and(|rest| ["_bucket", "_sum", "_count"].contains(&rest)),
        "counter" => name == family && name.ends_with("_total"),
        _ => name == family,
    }
}

/// `name{label="value",…} number`
fn sample(line: &str) -> (String, Labels, f64) {
    let Some((name, rest)) = line.split_once('{') else {
        let (name, value) = line.split_once(' ').expect("a sample has a value");
        assert!(is_name(name), "{line}");
        return (name.to_owned(), Labels::new(), number(value));
    };
    assert!(is_name(name), "{line}");
    let (mut labels, mut rest) = (Labels::new(), rest);
    loop {
        let (label, after) = rest.split_once("=\"").expect("a label has a value");
        assert!(is_name(label) && !label.contains(':'), "{line}");
        let (value, after) = quoted(after);
        assert!(
            labels.insert(label.to_owned(), value).is_none(),
            "twice in {line}"
        );
        let Some(more) = after.strip_prefix(',') else {
            let value = after.strip_prefix("} ").expect("labels end in a brace");
            return (name.to_owned(), labels, number(value));
        };
        rest = more;
    }
}

/// Up to the closing quote, and what follows it.
fn quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &text[at + 1..]),
            '\\' => match characters.next().expect("an escape is two characters").1 {
                'n' => value.push('\n'),
                escaped @ ('\\' | '"') => value.push(escaped),
                other => panic!("no such escape: {other}"),
            },
            other => value.push(other),
        }
    }
    panic!("no end of {text}");
}

fn number(text: &str) -> f64 {
    match text {
        "+Inf" => f64::INFINITY,
        text => text
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite())
            .unwrap_or_else(|| panic!("no number: {text}")),
    }
}

fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    let letter = |character: char| character.is_ascii_alphabetic() || "_:".contains(character);
    characters.next().is_some_and(letter)
        && characters.all(|character| letter(character) || character.is_ascii_digit())
}

#[test]
fn what_is_not_the_format_is_not_taken() {
    let head = "# HELP a_total Words.\n# TYPE a_total counter\n";
    Page::read(&format!("{head}a_total{{b=\"\\\"\\\\\\n\",c=\"\"}} 1\n"));
    for wrong in [
        "a_total 1".to_owned(),
        "a_total 1\n".to_owned(),
        format!("{head}a_total one\n"),
        format!("{head}a_total NaN\n"),
        format!("{head}a_total -1\n"),
        format!("{head}b_total 1\n"),
        format!("{head}a_total 1\na_total 1\n"),
        format!("{head}{head}a_total 1\n"),
        format!("{head}a_total{{b=c}} 1\n"),
        format!("{head}a_total{{b=\"c}} 1\n"),
        format!("{head}a_total{{2=\"c\"}} 1\n"),
        format!("{head}a_total{{b=\"c\",b=\"d\"}} 1\n"),
        "# HELP a Words.\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n".to_owned(),
        "# HELP a Words.\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n"
            .to_owned(),
    ] {
        let taken = std::panic::catch_unwind(|| Page::read(&wrong)).is_ok();
        assert!(!taken, "{wrong}");
    }
}
