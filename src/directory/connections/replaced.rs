//! What is asked of a part of a connection that may be there or not.

/// What is asked of such a part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Replaced<T> {
    /// Nothing: it stays as it is.
    #[default]
    Kept,
    /// That it goes.
    Gone,
    /// That it is this now.
    By(T),
}

impl<T> Replaced<T> {
    /// What it is now, having been `old`.
    pub fn over(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Kept => old,
            Self::Gone => None,
            Self::By(new) => Some(new),
        }
    }
}
