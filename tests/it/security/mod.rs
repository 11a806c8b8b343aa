//! Attacks, by the ids of the corpus they come from: each is refused.
