//! JSON without what parsers disagree about: doubled names, endless depth, NUL, other encodings than UTF-8.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::code::Code;
use super::problem::Problem;

/// The deepest nesting.
const MAX_DEPTH: usize = 16;

/// Reads one JSON text.
pub(in crate::endpoints) fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let refused = |why: String| Problem::new(Code::InvalidJson, why);
    let text = std::str::from_utf8(bytes).map_err(|_| refused("the body is not UTF-8".to_owned()))?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Strict { depth: 0 }.deserialize(&mut deserializer);
    let value = value.and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|error| refused(error.to_string().chars().take(200).collect()))
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom("it is nested too deep"));
        }
        Ok(Self {
            depth: self.depth + 1,
        })
    }
}

fn text<E: Error>(text: &str) -> Result<String, E> {
    if text.contains('\0') {
        return Err(E::custom("it contains the character NUL"));
    }
    Ok(text.to_owned())
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("a number is out of range"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        text(value).map(Value::String)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let name = text(&name)?;
            if object.contains_key(&name) {
                let shown: String = name.chars().take(64).collect();
                return Err(A::Error::custom(format!("the name {shown:?} stands twice")));
            }
            object.insert(name, fields.next_value_seed(inner)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_parsers_disagree_about_is_refused() {
        let deep = format!("{}1{}", "[".repeat(17), "]".repeat(17));
        let bottomless = "[".repeat(100_000);
        for bytes in [
            br#"{"a":1,"a":1}"#.as_slice(),
            br#"{"a":1,"\u0061":2}"#,
            br#""\u0000""#,
            br#"{"a\u0000":1}"#,
            b"\xff\xfe{\0}\0",
            b"\"\xc0\x80\"",
            b"{} {}",
            b"{'a':1}",
            b"NaN",
            b"1e999",
            b"",
            deep.as_bytes(),
            bottomless.as_bytes(),
        ] {
            let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]);
            assert_eq!(parse(bytes).unwrap_err().code(), Code::InvalidJson, "{shown}");
        }
    }

    #[test]
    fn what_is_json_is_read() {
        let text = r#"{"a":[1,-2,1.5,null,true,"\u00e9"],"b":{}}"#;
        assert_eq!(
            parse(text.as_bytes()).unwrap(),
            serde_json::from_str::<Value>(text).unwrap()
        );
    }
}
