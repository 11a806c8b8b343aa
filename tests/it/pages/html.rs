//! Reading the HTML that our own templates write: tags with their attributes, and the text that people see.

/// A start tag, or an end tag whose name begins with `/`.
#[derive(Debug)]
pub(super) struct Tag {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    /// An attribute's value, `""` for one that has none.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Every attribute.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn parse(inside: &str) -> Self {
        let (name, mut rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
        let mut attributes = Vec::new();
        while let Some(start) = rest.find(|c: char| !c.is_whitespace() && c != '/') {
            rest = &rest[start..];
            let end = rest
                .find(|c: char| c.is_whitespace() || c == '=')
                .unwrap_or(rest.len());
            let name = rest[..end].to_owned();
            rest = &rest[end..];
            let Some(quoted) = rest.strip_prefix("=\"") else {
                assert!(!rest.starts_with('='), "a value without quotes in <{inside}>");
                attributes.push((name, String::new()));
                continue;
            };
            let (value, after) = quoted
                .split_once('"')
                .unwrap_or_else(|| panic!("no end quote in <{inside}>"));
            attributes.push((name, value.to_owned()));
            rest = after;
        }
        Self {
            name: name.trim_end_matches('/').to_owned(),
            attributes,
        }
    }
}

/// All tags, in order.
pub(super) fn tags(html: &str) -> Vec<Tag> {
    let inside = |part: &'_ str| part.split_once('>').map(|(inside, _)| Tag::parse(inside));
    html.split('<').skip(1).filter_map(inside).collect()
}

/// What people read, with one space between any two words.
pub(crate) fn text(html: &str) -> String {
    let pieces = html
        .split('<')
        .map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let words: Vec<_> = pieces.flat_map(str::split_whitespace).collect();
    words.join(" ")
}

#[test]
fn tags_and_text_are_read() {
    let html = r#"<p class="lead" hidden>Two <b>words</b></p><input name="a b" required><br/>"#;
    assert_eq!(text(html), "Two words");
    let tags = tags(html);
    let names: Vec<_> = tags.iter().map(|tag| tag.name.as_str()).collect();
    assert_eq!(names, ["p", "b", "/b", "/p", "input", "br"]);
    assert_eq!(
        (tags[0].get("class"), tags[0].get("hidden")),
        (Some("lead"), Some(""))
    );
    assert_eq!((tags[4].get("name"), tags[4].get("value")), (Some("a b"), None));
}
