//! The tree of a gated document: the one parser of SAML here. Reads attributes and text so strictly that there is one way to
//! understand them. Never decides what a document means.

use std::ops::Range;

use bergshamra_c14n::{C14nMode, C14nSink, canonicalize_doc_to};
use bergshamra_xml::NodeSet;
use uppsala::{Document, NodeId, NodeKind, Parser};

use super::gate::{Gated, MOST_BYTES, MOST_DEPTH};
use super::{Refusal, names};

/// The longest canonical form, in bytes: namespaces are written anew where they are used, so it can outgrow the document.
const MOST_CANONICAL: usize = MOST_BYTES;

const MOST_NAMESPACES: usize = 16;
const LONGEST_NAMESPACE: usize = 200;

/// A parsed document: nothing in it but elements and text.
pub struct Tree<'a> {
    document: Document<'a>,
    root: NodeId,
}

/// An element of a tree.
#[derive(Clone, Copy)]
pub struct Element<'t> {
    document: &'t Document<'t>,
    id: NodeId,
}

impl<'a> Tree<'a> {
    /// Parses a document.
    pub fn read(gated: Gated<'a>) -> Result<Self, Refusal> {
        let parser = Parser::new()
            .with_forbid_dtd(true)
            .with_forbid_entities(true)
            .with_max_depth(u32::try_from(MOST_DEPTH).unwrap_or(u32::MAX));
        let document = parser.parse(gated.as_str()).map_err(|_| Refusal::NotXml)?;
        let root = document.document_element().ok_or(Refusal::NotXml)?;
        let tree = Self { document, root };
        for element in tree.root().and_below() {
            element.is_plain()?;
        }
        Ok(tree)
    }

    /// The outermost element.
    pub fn root(&self) -> Element<'_> {
        Element {
            document: &self.document,
            id: self.root,
        }
    }
}

impl<'t> Element<'t> {
    /// Its local name.
    pub fn local(self) -> &'t str {
        self.data().name.local_name.as_ref()
    }

    /// Its namespace.
    pub fn namespace(self) -> Option<&'t str> {
        self.data().name.namespace_uri.as_deref()
    }

    /// Whether it is this element of this namespace.
    pub fn is(self, (namespace, local): names::Name) -> bool {
        self.namespace() == Some(namespace) && self.local() == local
    }

    /// The value of an attribute without a prefix.
    pub fn attribute(self, name: &str) -> Option<&'t str> {
        let found = |(prefixed, local, _): &(bool, &str, &str)| !prefixed && *local == name;
        self.attributes().find(found).map(|(_, _, value)| value)
    }

    /// The value of an attribute that must be there.
    pub fn required(self, name: &str) -> Result<&'t str, Refusal> {
        self.attribute(name).ok_or(Refusal::AttributeMissing)
    }

    /// Refuses attributes besides these.
    pub fn has_only_attributes(self, names: &[&str]) -> Result<(), Refusal> {
        let known = |(prefixed, local, _): (bool, &str, &str)| !prefixed && names.contains(&local);
        if self.attributes().all(known) {
            Ok(())
        } else {
            Err(Refusal::UnexpectedAttribute)
        }
    }

    /// All attributes: whether it has a prefix, local name, value.
    pub fn attributes(self) -> impl Iterator<Item = (bool, &'t str, &'t str)> {
        self.data().attributes.iter().map(|attribute| {
            (
                attribute.name.namespace_uri.is_some(),
                attribute.name.local_name.as_ref(),
                attribute.value.as_ref(),
            )
        })
    }

    /// The elements in it, with nothing but white space between them.
    pub fn children(self) -> Result<Vec<Self>, Refusal> {
        let mut elements = Vec::new();
        for id in self.document.children_iter(self.id) {
            match self.document.node_kind(id) {
                Some(NodeKind::Element(_)) => elements.push(Self { id, ..self }),
                Some(NodeKind::Text(text)) if text.trim_ascii().is_empty() => {}
                _ => return Err(Refusal::TextWithElements),
            }
        }
        Ok(elements)
    }

    /// The children of this name.
    pub fn children_named(self, name: names::Name) -> Result<Vec<Self>, Refusal> {
        let children = self.children()?;
        Ok(children.into_iter().filter(|child| child.is(name)).collect())
    }

    /// The child of this name, if there is one; there can't be two.
    pub fn child(self, name: names::Name) -> Result<Option<Self>, Refusal> {
        match self.children_named(name)?.as_slice() {
            [] => Ok(None),
            [child] => Ok(Some(*child)),
            _ => Err(Refusal::UnexpectedElement),
        }
    }

    /// The one child of this name.
    pub fn the_child(self, name: names::Name) -> Result<Self, Refusal> {
        self.child(name)?.ok_or(Refusal::ElementMissing)
    }

    /// Whether there is an element in it.
    pub fn has_elements(self) -> bool {
        let mut children = self.document.children_iter(self.id);
        children.any(|id| self.document.element(id).is_some())
    }

    /// Its whole text. An element with anything but text in it has none.
    pub fn text(self) -> Result<&'t str, Refusal> {
        let mut children = self.document.children_iter(self.id);
        let first = children.next().map(|id| self.document.node_kind(id));
        match (first, children.next()) {
            (None, _) => Ok(""),
            (Some(Some(NodeKind::Text(text))), None) => Ok(text.as_ref()),
            _ => Err(Refusal::TextWithElements),
        }
    }

    /// Its text without the white space around it.
    pub fn trimmed(self) -> Result<&'t str, Refusal> {
        Ok(self.text()?.trim_ascii())
    }

    /// The element around it, unless it is the outermost.
    pub fn parent(self) -> Option<Self> {
        let id = self.document.parent(self.id)?;
        self.document.element(id)?;
        Some(Self { id, ..self })
    }

    /// Whether it is the very same element.
    pub fn is_same(self, other: Self) -> bool {
        self.id == other.id
    }

    /// It and every element in it, in the document's order.
    pub fn and_below(self) -> impl Iterator<Item = Self> {
        let mut waiting = vec![self.id];
        std::iter::from_fn(move || {
            let id = waiting.pop()?;
            let children = self.document.children_iter(id).rev();
            waiting.extend(children.filter(|child| self.document.element(*child).is_some()));
            Some(Self { id, ..self })
        })
    }

    /// Where it stands in the document's text.
    pub fn place(self) -> Range<usize> {
        self.document
            .node_range(self.id)
            .expect("every node of a parsed document has its place")
    }

    /// Its exclusive canonical form (xml-exc-c14n) without one element in it.
    pub fn canonical(self, without: Option<Self>, prefixes: &[&str]) -> Result<String, Refusal> {
        let mut nodes = NodeSet::tree_without_comments(self.id, self.document);
        if let Some(without) = without {
            nodes = nodes.subtract(&NodeSet::tree_without_comments(without.id, self.document));
        }
        let mut sink = Bounded(Vec::new());
        canonicalize_doc_to(
            self.document,
            C14nMode::Exclusive,
            Some(&nodes),
            prefixes,
            &mut sink,
        )
        .map_err(|_| Refusal::NotXml)?;
        if sink.0.len() > MOST_CANONICAL {
            return Err(Refusal::CanonicalTooLong);
        }
        String::from_utf8(sink.0).map_err(|_| Refusal::NotUtf8)
    }

    fn data(self) -> &'t uppsala::Element<'t> {
        self.document
            .element(self.id)
            .expect("an element's id is an element's")
    }

    /// Nothing but elements and text in it, one colon in a name at most, and namespaces that every canonicalizer
    /// understands alike.
    fn is_plain(self) -> Result<(), Refusal> {
        let data = self.data();
        for id in self.document.children_iter(self.id) {
            if !matches!(
                self.document.node_kind(id),
                Some(NodeKind::Element(_) | NodeKind::Text(_))
            ) {
                return Err(Refusal::NotXml);
            }
        }
        let names = data.attributes.iter().map(|attribute| &attribute.name);
        for name in names.chain([&data.name]) {
            let prefix = name.prefix.as_deref();
            if prefix == Some("") || name.local_name.is_empty() || name.local_name.contains(':') {
                return Err(Refusal::NotXml);
            }
        }
        if data.namespace_declarations.len() > MOST_NAMESPACES {
            return Err(Refusal::TooManyNamespaces);
        }
        let mut namespaces = data.namespace_declarations.iter();
        if namespaces.all(|(_, uri)| is_absolute(uri)) {
            Ok(())
        } else {
            Err(Refusal::RelativeNamespace)
        }
    }
}

/// A URI with a scheme (RFC 3986 §3.1), in ASCII without white space.
fn is_absolute(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else {
        return false;
    };
    let good_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    good_scheme
        && !rest.is_empty()
        && uri.len() <= LONGEST_NAMESPACE
        && uri.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Bytes up to a bound and one more, to tell that there were more.
struct Bounded(Vec<u8>);

impl C14nSink for Bounded {
    fn write(&mut self, bytes: &[u8]) {
        let room = (MOST_CANONICAL + 1).saturating_sub(self.0.len());
        self.0.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(document: &str, ask: impl FnOnce(Element<'_>) -> T) -> Result<T, Refusal> {
        let tree = Tree::read(Gated::pass(document.as_bytes())?)?;
        Ok(ask(tree.root()))
    }

    #[test]
    fn an_attribute_with_a_prefix_is_another_one() {
        let document = r#"<a xmlns:p="urn:p" p:ID="evil" x="y"/>"#;
        assert_eq!(read(document, |a| a.attribute("ID").is_none()), Ok(true));
        assert_eq!(read(document, |a| a.attribute("x") == Some("y")), Ok(true));
    }

    #[test]
    fn text_is_all_there_is_or_there_is_none() {
        assert_eq!(read("<a>x&amp;y</a>", |a| a.text().unwrap() == "x&y"), Ok(true));
        assert_eq!(
            read("<a>x<b/>y</a>", |a| a.text().err()),
            Ok(Some(Refusal::TextWithElements))
        );
    }

    #[test]
    fn namespaces_are_absolute_and_names_have_one_colon() {
        for namespace in ["x", "", "a b:c", ":x", "urn:", "urn:\u{e9}"] {
            let document = format!("<p:a xmlns:p='{namespace}'/>");
            assert!(read(&document, |_| ()).is_err(), "{namespace}");
        }
        assert!(read("<a xmlns=''/>", |_| ()).is_err());
        assert!(read("<a xmlns='urn:x' xmlns:p='urn:p' p:b:c=''/>", |_| ()).is_err());
        assert!(read("<a/><b/>", |_| ()).is_err());
        assert!(read("<a/>text", |_| ()).is_err());
        assert!(read("<a>&#0;</a>", |_| ()).is_err());
    }

    #[test]
    fn the_canonical_form_leaves_out_what_it_is_told_to() {
        let canonical = read("<a xmlns='urn:a' z='1' b='2'><s>x</s><c/></a>", |a| {
            let without = a.children().unwrap()[0];
            a.canonical(Some(without), &[]).unwrap()
        });
        assert_eq!(canonical.unwrap(), r#"<a xmlns="urn:a" b="2" z="1"><c></c></a>"#);
    }
}
