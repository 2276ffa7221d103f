//! The declared fields of a JSON object, unread.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::plan::Decode;

use super::Refused;

/// With exact numbers serde_json passes a number as an object with this one key. The same object in
/// a record would be taken for a number, so a record that holds the words is refused.
const NUMBER_TOKEN: &str = "$serde_json::private::Number";

/// The values of the declared fields, in declared order; `None`: absent.
pub(super) fn fields(spec: &Decode, payload: &[u8]) -> Result<Vec<Option<serde_json::Value>>, Refused> {
    let text = std::str::from_utf8(payload).map_err(|error| Refused::new("not_json", error.to_string()))?;
    if text.contains(NUMBER_TOKEN) {
        return Err(Refused::new("not_json", "a reserved field name"));
    }
    if !text.trim_start().starts_with('{') {
        return Err(Refused::new("not_json", "expected a JSON object"));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    // Skipping neither looks into strings (half a surrogate pair would pass) nor bounds the depth.
    let opened = text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count();
    let skips = opened < DEPTH_MAX && !text.contains("\\u");
    Fields { spec, skips }
        .deserialize(&mut json)
        .and_then(|cells| json.end().map(|()| cells))
        .map_err(|error| Refused::new("not_json", error.to_string()))
}

/// serde_json's own bound on depth when it reads values.
const DEPTH_MAX: usize = 127;

struct Fields<'a> {
    spec: &'a Decode,
    /// Whether fields that are not declared may be skipped unread.
    skips: bool,
}

impl<'de> DeserializeSeed<'de> for Fields<'_> {
    type Value = Vec<Option<serde_json::Value>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = Vec<Option<serde_json::Value>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut cells = vec![None; self.spec.fields.len()];
        while let Some(name) = map.next_key_seed(Name(self.spec))? {
            match name {
                // Of two with one name the last counts, as in most readers of JSON.
                Some(i) => cells[i] = Some(map.next_value::<serde_json::Value>()?),
                None if self.skips => drop(map.next_value::<IgnoredAny>()?),
                None => drop(map.next_value::<serde_json::Value>()?),
            }
        }
        Ok(cells)
    }
}

/// A field name, looked up without a copy.
struct Name<'a>(&'a Decode);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.fields.iter().position(|field| field.wire_name == name))
    }
}
