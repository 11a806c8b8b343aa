//! What a verb takes, flag by flag: its kind of value, and what the API calls it.

/// What a verb takes.
#[derive(Clone, Copy)]
pub(super) struct Flag {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) takes: Takes,
    pub(super) value_name: Option<&'static str>,
    /// What the API calls it, if not alike.
    pub(super) field: Option<&'static str>,
    pub(super) is_required: bool,
    /// Whether an empty value takes away what there is.
    pub(super) is_nullable: bool,
}

/// What kind of value a flag takes.
#[derive(Clone, Copy)]
pub(super) enum Takes {
    Text,
    Number,
    /// `true` or `false`.
    YesOrNo,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Many, by commas or by repeating the flag.
    Words,
    /// Many, by repeating the flag.
    Texts,
    /// A value with a form of its own, once.
    Read(fn(&str) -> Result<serde_json::Value, String>),
    /// Many of such values, by repeating the flag.
    ReadMany(fn(&str) -> Result<serde_json::Value, String>),
    /// A file that holds a JSON array: the items of a batch.
    Items,
    /// A picture's file: it is the body.
    Picture,
}

impl Flag {
    pub(super) const fn new(name: &'static str, takes: Takes, about: &'static str) -> Self {
        Self {
            name,
            about,
            takes,
            value_name: None,
            field: None,
            is_required: false,
            is_nullable: false,
        }
    }

    pub(super) const fn text(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Takes::Text, about)
    }

    pub(super) const fn number(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Takes::Number, about)
    }

    pub(super) const fn yes_or_no(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Takes::YesOrNo, about)
    }

    pub(super) const fn one_of(
        name: &'static str,
        words: &'static [&'static str],
        about: &'static str,
    ) -> Self {
        Self::new(name, Takes::OneOf(words), about)
    }

    pub(super) const fn words(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Takes::Words, about)
    }

    pub(super) const fn texts(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Takes::Texts, about)
    }

    pub(super) const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// An empty value takes away what there is.
    pub(super) const fn nullable(mut self) -> Self {
        self.is_nullable = true;
        self
    }

    /// What the API calls it.
    pub(super) const fn as_field(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    pub(super) const fn of(mut self, value_name: &'static str) -> Self {
        self.value_name = Some(value_name);
        self
    }

    /// What the API calls it.
    pub(super) fn field(&self) -> String {
        self.field
            .map_or_else(|| self.name.replace('-', "_"), str::to_owned)
    }
}
