//! Sheets: tables as CSV (RFC 4180), to be opened in a spreadsheet.
//!
//! Owns that no cell is taken for a formula, whatever people called themselves. Never decides what is in a table.

use std::borrow::Cow;

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName};

/// What a spreadsheet reads a formula from, at the beginning of a cell; the wide forms too, which some read alike.
const BEGINS_A_FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A table on its way into a file.
pub struct Sheet(csv::Writer<Vec<u8>>);

impl Sheet {
    /// A table with these columns, and no row yet.
    pub fn of(columns: &[&str]) -> Self {
        let mut sheet = Self::headless();
        sheet.row(columns);
        sheet
    }

    /// More rows of a table whose beginning is gone out already.
    pub fn headless() -> Self {
        let terminator = csv::Terminator::CRLF;
        Self(
            csv::WriterBuilder::new()
                .terminator(terminator)
                .from_writer(Vec::new()),
        )
    }

    /// One more row, with a cell for each column.
    pub fn row<T: AsRef<str>>(&mut self, cells: &[T]) {
        let cells = cells.iter().map(|cell| text(cell.as_ref()));
        let row = cells.collect::<Vec<_>>();
        self.0
            .write_record(row.iter().map(|cell| cell.as_bytes()))
            .expect("rows of one length go into memory");
    }

    /// What the file holds.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_inner().expect("memory takes every row")
    }

    /// The headers of a file that is saved under a name of ours, such as `access.csv`.
    pub fn headers(name: &'static str) -> [(HeaderName, String); 2] {
        [
            (CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
            (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        ]
    }
}

/// A cell as text, never as a formula: an apostrophe before it says so, as people type it themselves (OWASP, CSV injection).
fn text(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(BEGINS_A_FORMULA) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rows: &[[&str; 2]]) -> String {
        let mut sheet = Sheet::of(&["name", "email"]);
        for row in rows {
            sheet.row(row);
        }
        String::from_utf8(sheet.into_bytes()).unwrap()
    }

    #[test]
    fn what_would_end_a_cell_is_quoted() {
        let file = written(&[["Archer, Alice", "a \"quote\""], ["two\nlines", ""]]);
        assert_eq!(
            file,
            "name,email\r\n\"Archer, Alice\",\"a \"\"quote\"\"\"\r\n\"two\nlines\",\r\n"
        );
    }

    #[test]
    fn cs1_no_cell_is_a_formula() {
        for begin in BEGINS_A_FORMULA {
            let cell = format!("{begin}HYPERLINK(1)");
            let file = written(&[[&cell, "x"]]);
            let read = csv::Reader::from_reader(file.as_bytes()).into_records().next();
            assert_eq!(&read.unwrap().unwrap()[0], format!("'{cell}"));
        }
        assert_eq!(
            written(&[["a=b", "b@acme.example"]]),
            "name,email\r\na=b,b@acme.example\r\n"
        );
    }

    #[test]
    fn a_table_goes_on_without_its_columns() {
        let mut more = Sheet::headless();
        more.row(&["Bob", "b"]);
        assert_eq!(more.into_bytes(), b"Bob,b\r\n");
    }
}
