//! Pages of lists: a stretch of rows in the order of their ids.

/// Which stretch.
#[derive(Debug, Clone)]
pub struct Page {
    /// Rows whose id is greater; empty for the first page.
    pub after: String,
    /// At most so many.
    pub limit: i64,
}

impl Page {
    /// The first so many.
    pub fn first(limit: i64) -> Self {
        Self {
            after: String::new(),
            limit,
        }
    }
}

/// The pattern of `LIKE … ESCAPE '\'` for texts that begin with this one.
pub(super) fn prefix(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 1);
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::prefix;

    #[test]
    fn a_prefix_is_never_a_pattern() {
        assert_eq!(prefix("al"), "al%");
        assert_eq!(prefix("%_\\"), "\\%\\_\\\\%");
    }
}
