//! Reading a filter: a parser that never goes deeper than it is told to, whatever is sent (SC3).

use serde_json::Value;

use super::{BadFilter, Filter, Operator};
use crate::domain::scim::MAX_BYTES;
use crate::domain::scim::attribute::AttributePath;

/// How deep brackets may stand in each other.
const MAX_DEPTH: usize = 16;

pub(super) struct Parser<'a> {
    /// What is not read yet.
    pub(super) rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    /// Begins to read a text.
    pub(super) fn of(text: &'a str) -> Result<Self, BadFilter> {
        if text.len() > MAX_BYTES {
            return Err(BadFilter::TooLong);
        }
        Ok(Self { rest: text, depth: 0 })
    }

    fn unreadable<T>(&self) -> Result<T, BadFilter> {
        Err(BadFilter::Unreadable(self.rest.len()))
    }

    /// Reads as much as is one filter.
    pub(super) fn any(&mut self) -> Result<Filter, BadFilter> {
        let mut some = vec![self.all()?];
        while self.keyword("or") {
            some.push(self.all()?);
        }
        Ok(alone(some, Filter::Or))
    }

    fn all(&mut self) -> Result<Filter, BadFilter> {
        let mut all = vec![self.one()?];
        while self.keyword("and") {
            all.push(self.one()?);
        }
        Ok(alone(all, Filter::And))
    }

    fn one(&mut self) -> Result<Filter, BadFilter> {
        if self.keyword("not") {
            self.rest = self.rest.trim_start();
            if !self.eat('(') {
                return self.unreadable();
            }
            return Ok(Filter::Not(Box::new(self.nested(')')?)));
        }
        self.rest = self.rest.trim_start();
        if self.eat('(') {
            return self.nested(')');
        }
        let path = self.word();
        let Some(path) = AttributePath::parse(path) else {
            return self.unreadable();
        };
        if self.eat('[') {
            return Ok(Filter::Within(path, Box::new(self.nested(']')?)));
        }
        self.rest = self.rest.trim_start();
        let operator = match self.word().to_ascii_lowercase().as_str() {
            "pr" => return Ok(Filter::Present(path)),
            "eq" => Operator::Equal,
            "ne" => Operator::NotEqual,
            "co" => Operator::Contains,
            "sw" => Operator::StartsWith,
            "ew" => Operator::EndsWith,
            "gt" => Operator::Greater,
            "ge" => Operator::GreaterOrEqual,
            "lt" => Operator::Less,
            "le" => Operator::LessOrEqual,
            _ => return self.unreadable(),
        };
        Ok(Filter::Compare(path, operator, self.literal()?))
    }

    /// What stands in a bracket that was just opened.
    pub(super) fn nested(&mut self, close: char) -> Result<Filter, BadFilter> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(BadFilter::TooDeep);
        }
        let inner = self.any()?;
        self.depth -= 1;
        self.rest = self.rest.trim_start();
        if self.eat(close) {
            Ok(inner)
        } else {
            self.unreadable()
        }
    }

    fn eat(&mut self, character: char) -> bool {
        let rest = self.rest.strip_prefix(character);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn keyword(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start();
        let Some((begin, behind)) = rest.split_at_checked(word.len()) else {
            return false;
        };
        let ends = behind.starts_with(|next: char| next.is_whitespace() || next == '(');
        if !begin.eq_ignore_ascii_case(word) || !ends {
            return false;
        }
        self.rest = behind;
        true
    }

    fn word(&mut self) -> &'a str {
        let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '"');
        let (word, rest) = self
            .rest
            .split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    fn literal(&mut self) -> Result<Value, BadFilter> {
        self.rest = self.rest.trim_start();
        let length = if self.rest.starts_with('"') {
            match end_of_text(self.rest) {
                Some(end) => end,
                None => return self.unreadable(),
            }
        } else {
            let ends = |c: char| c.is_whitespace() || matches!(c, ')' | ']');
            self.rest.find(ends).unwrap_or(self.rest.len())
        };
        let (literal, rest) = self.rest.split_at(length);
        match serde_json::from_str(literal) {
            Ok(value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_))) => {
                self.rest = rest;
                Ok(value)
            }
            _ => self.unreadable(),
        }
    }
}

/// One alone is no list.
fn alone(mut filters: Vec<Filter>, many: fn(Vec<Filter>) -> Filter) -> Filter {
    match (filters.len(), filters.pop()) {
        (1, Some(one)) => one,
        (_, last) => {
            filters.extend(last);
            many(filters)
        }
    }
}

/// Where a JSON string ends that begins here, its quotes counted.
fn end_of_text(text: &str) -> Option<usize> {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map(|end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_filter_is_refused() {
        for text in [
            "",
            "userName",
            "userName eq",
            "userName is \"a\"",
            "eq \"a\"",
            "userName eq \"a",
            "userName eq a",
            "userName eq \"a\" and",
            "userName eq \"a\" \"b\"",
            "(userName pr",
            "userName pr)",
            "not userName pr",
            "emails[type eq \"work\"",
            "emails[]",
            "userName eq {}",
            "userName eq [1]",
            "a.b.c pr",
            "\u{e9} pr",
        ] {
            assert!(
                matches!(Filter::parse(text), Err(BadFilter::Unreadable(_))),
                "{text:?}"
            );
        }
    }

    #[test]
    fn sc3_a_filter_is_neither_long_nor_deep() {
        let deep = |levels: usize| format!("{}a pr{}", "(".repeat(levels), ")".repeat(levels));
        assert!(Filter::parse(&deep(16)).is_ok());
        assert_eq!(Filter::parse(&deep(17)), Err(BadFilter::TooDeep));
        assert_eq!(Filter::parse(&"(".repeat(4096)), Err(BadFilter::TooDeep));
        assert_eq!(Filter::parse(&"not(".repeat(1000)), Err(BadFilter::TooDeep));
        assert_eq!(Filter::parse(&"a[".repeat(2000)), Err(BadFilter::TooDeep));
        assert_eq!(Filter::parse(&deep(10_000)), Err(BadFilter::TooLong));
        let flat = vec!["a pr"; 500].join(" or ");
        assert!(Filter::parse(&flat).is_ok());
    }
}
