//! Lists as tables: one line a thing, as wide as the terminal at most.

use unicode_width::UnicodeWidthStr;

use super::{Paper, words};
use crate::cli::json::Json;
use crate::cli::verb::{Column, Looks};
use crate::domain::time::Timestamp;

/// The narrowest that a column is cut to.
const NARROWEST: usize = 8;

/// What is between two columns.
const GAP: &str = "  ";

/// A table with its head.
pub(super) fn drawn(items: &[Json], columns: &[Column], now: Timestamp, paper: Paper) -> String {
    let row = |item: &Json| {
        columns
            .iter()
            .map(|column| cell(item, column, now))
            .collect::<Vec<_>>()
    };
    let rows: Vec<_> = items.iter().map(row).collect();
    let mut widths: Vec<_> = columns
        .iter()
        .enumerate()
        .map(|(place, column)| {
            let cells = rows.iter().map(|row| row[place].width());
            cells.chain([column.title.width()]).max().unwrap_or(0)
        })
        .collect();
    if let Some(most) = paper.width {
        fit(&mut widths, columns, most);
    }
    let titles: Vec<_> = columns.iter().map(|column| column.title.to_owned()).collect();
    let mut text = paper.strong(&line(&titles, &widths));
    text.push('\n');
    for row in &rows {
        text.push_str(&line(row, &widths));
        text.push('\n');
    }
    text
}

fn cell(item: &Json, column: &Column, now: Timestamp) -> String {
    let value = item.at(column.path);
    match column.looks {
        Looks::Text | Looks::Whole => words::value(value),
        Looks::When => words::when(value, now),
    }
}

/// Takes from the widest columns that may be cut, as long as the table is too wide.
fn fit(widths: &mut [usize], columns: &[Column], most: usize) {
    let gaps = GAP.len() * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > most {
        let may_be_cut = |(place, width): &(usize, &mut usize)| {
            columns[*place].looks == Looks::Text && **width > NARROWEST
        };
        let widest = widths
            .iter_mut()
            .enumerate()
            .filter(may_be_cut)
            .max_by_key(|(_, width)| **width);
        let Some((_, width)) = widest else { return };
        *width -= 1;
    }
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let padded = cells.iter().zip(widths).map(|(cell, width)| {
        let cell = cut(cell, *width);
        let space = " ".repeat(width.saturating_sub(cell.width()));
        cell + &space
    });
    padded.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
}

fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for character in text.chars() {
        let mut longer = kept.clone();
        longer.push(character);
        if longer.width() >= width {
            break;
        }
        kept = longer;
    }
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[
        Column::text("EMAIL", "user.email"),
        Column::text("NAME", "user.name"),
        Column::whole("ID", "id"),
    ];

    fn drawn_at(width: Option<usize>) -> String {
        let rows = r#"[{"user":{"email":"a-very-long-address@acme.example","name":"李 明"},"id":"usr_1"},
            {"user":{"email":"bob@acme.example","name":null},"id":"usr_22"}]"#;
        let items: Vec<Json> = serde_json::from_str(rows).unwrap();
        let paper = Paper {
            width,
            colored: false,
        };
        drawn(&items, COLUMNS, Timestamp::from_millis(0), paper)
    }

    #[test]
    fn columns_stand_below_each_other_whatever_is_in_them() {
        let expected = "EMAIL                             NAME   ID\n\
                        a-very-long-address@acme.example  李 明  usr_1\n\
                        bob@acme.example                  –      usr_22\n";
        assert_eq!(drawn_at(None), expected);
    }

    #[test]
    fn a_terminal_is_never_overrun_and_ids_are_never_cut() {
        let expected = "EMAIL               NAME   ID\n\
                        a-very-long-addre…  李 明  usr_1\n\
                        bob@acme.example    –      usr_22\n";
        assert_eq!(drawn_at(Some(33)), expected);
    }
}
