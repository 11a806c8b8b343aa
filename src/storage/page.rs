//! Pages of lists: a stretch of rows in the order of their ids.

/// Which stretch.
#[derive(Debug, Clone)]
pub struct Page {
    /// Rows whose id is greater; empty for the first page.
    pub after: String,
    /// At most so many.
    pub limit: i64,
    /// Whether it is asked how many there are on all pages.
    pub counted: bool,
}

/// A stretch of a list.
#[derive(Debug)]
pub struct Listed<R> {
    /// Its rows, one more than asked for if there are more.
    pub rows: Vec<R>,
    /// How many there are on all pages, if that was asked.
    pub total: Option<i64>,
}

impl Page {
    /// The first so many.
    pub fn first(limit: i64) -> Self {
        Self {
            after: String::new(),
            limit,
            counted: false,
        }
    }

    /// The rows together with how many there are, which is counted only if it was asked.
    pub async fn of<R, E>(
        &self,
        rows: Vec<R>,
        count: impl Future<Output = Result<i64, E>>,
    ) -> Result<Listed<R>, E> {
        let total = if self.counted { Some(count.await?) } else { None };
        Ok(Listed { rows, total })
    }
}
