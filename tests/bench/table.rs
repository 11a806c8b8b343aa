//! The table that is printed at the end.

use std::time::Duration;

use crate::bench::Held;
use crate::load::Measured;

/// One row.
pub(crate) struct Row {
    pub(crate) work: &'static str,
    pub(crate) engine: &'static str,
    pub(crate) connections: usize,
    pub(crate) outcome: Outcome,
    pub(crate) held: Held,
}

/// What was measured.
pub(crate) enum Outcome {
    /// Work that was done again and again.
    Load(Measured),
    /// One number.
    Value(String),
}

/// Prints rows as Markdown.
pub(crate) fn print(rows: &[Row]) {
    let mut lines = vec![
        [
            "work",
            "engine",
            "connections",
            "rate",
            "p50",
            "p99",
            "CPU",
            "ratio",
            "to reach",
            "met",
        ]
        .map(str::to_owned),
    ];
    lines.extend(rows.iter().map(Row::cells));
    let widths: Vec<usize> = (0..lines[0].len())
        .map(|column| {
            let cells = lines.iter().map(|line| line[column].chars().count());
            cells.max().unwrap_or_default()
        })
        .collect();
    for (number, line) in lines.iter().enumerate() {
        let cells = line
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        println!("| {} |", cells.collect::<Vec<_>>().join(" | "));
        if number == 0 {
            let rules: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
            println!("| {} |", rules.join(" | "));
        }
    }
}

impl Row {
    fn cells(&self) -> [String; 10] {
        let nothing = || "–".to_owned();
        let (rate, p50, p99, cpu) = match &self.outcome {
            Outcome::Load(measured) => (
                format!("{}/s", thousands(measured.rate)),
                millis(measured.p50),
                millis(measured.p99),
                format!("{:.0}%", measured.cpu * 100.0),
            ),
            Outcome::Value(value) => (value.clone(), nothing(), nothing(), nothing()),
        };
        let connections = match self.connections {
            0 => nothing(),
            some => some.to_string(),
        };
        [
            self.work.to_owned(),
            self.engine.to_owned(),
            connections,
            rate,
            p50,
            p99,
            cpu,
            self.held
                .ratio
                .map_or_else(nothing, |ratio| format!("{:.0}%", ratio * 100.0)),
            self.held.figure.clone(),
            match self.held.met {
                Some(true) => "yes".to_owned(),
                Some(false) => "NO".to_owned(),
                None => nothing(),
            },
        ]
    }
}

pub(crate) fn millis(took: Duration) -> String {
    let millis = took.as_secs_f64() * 1000.0;
    if millis < 10.0 {
        format!("{millis:.2} ms")
    } else {
        format!("{millis:.0} ms")
    }
}

/// `1,234,567`, and small numbers with a decimal.
fn thousands(number: f64) -> String {
    if number < 1000.0 {
        return format!("{number:.1}");
    }
    let digits = format!("{number:.0}");
    let groups: Vec<_> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| String::from_utf8_lossy(group).into_owned())
        .collect();
    groups.join(",")
}
