//! The shapes that values have.

use serde_json::{Map, Value, json};

const NAME: &str = r#"^("[A-Za-z_][A-Za-z0-9_]{0,127}"|[A-Za-z_][A-Za-z0-9_]{0,127})$"#;
const LABEL: &str = "^[A-Za-z0-9._-]{1,128}$";
const DURATION: &str = r"^\s*[0-9]+(ms|s|m|h|d)\s*(#.*)?$";

/// Any single value: YAML reads some texts as numbers or booleans, windrow reads them all as texts.
pub(super) fn text() -> Value {
    json!({"type": ["string", "number", "boolean"]})
}

pub(super) fn duration() -> Value {
    json!({"type": "string", "pattern": DURATION, "examples": ["500ms", "10s", "5m", "1h", "7d"]})
}

/// `true` or `false`, also as text.
pub(super) fn flag() -> Value {
    json!({"enum": [true, false, "true", "false"]})
}

/// A whole number, also as text.
pub(super) fn count() -> Value {
    json!({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]+$"}]})
}

pub(super) fn one_of(words: &[&str]) -> Value {
    json!({"enum": words})
}

/// One of these numbers, as a text or not.
pub(super) fn number_of(words: &[&str]) -> Value {
    let plain = words.iter().filter_map(|word| word.parse().ok()).map(|number: f64| json!(number));
    json!({"enum": words.iter().map(|word| json!(word)).chain(plain).collect::<Vec<_>>()})
}

pub(super) fn list(of: &Value) -> Value {
    json!({"type": "array", "items": of})
}

/// A text with commas, or a list of texts.
pub(super) fn texts() -> Value {
    either(vec![text(), list(&text())])
}

pub(super) fn either(forms: Vec<Value>) -> Value {
    let mut schema = Map::new();
    schema.insert("anyOf".into(), Value::Array(forms));
    Value::Object(schema)
}

/// A map of names to this.
pub(super) fn named(of: &Value) -> Value {
    json!({"type": "object", "propertyNames": {"pattern": NAME}, "additionalProperties": of})
}

/// A map of names and expressions.
pub(super) fn bindings() -> Value {
    named(&text())
}

/// A map of names of the outside world to this.
pub(super) fn labelled(of: &Value) -> Value {
    json!({"type": "object", "propertyNames": {"pattern": LABEL}, "additionalProperties": of})
}

/// A name of the outside world: of a region, a group, an owner.
pub(super) fn label() -> Value {
    json!({"type": ["string", "number", "boolean"], "pattern": LABEL})
}

/// A definition's name as a value.
pub(super) fn name() -> Value {
    json!({"type": ["string", "boolean"], "pattern": NAME})
}

/// A map with these keys and no others.
pub(super) fn closed<'k>(keys: impl Iterator<Item = (&'k str, Value)>, required: &[&str]) -> Value {
    let keys: Map<String, Value> = keys.map(|(key, schema)| (key.to_owned(), schema)).collect();
    let mut schema = json!({"type": "object", "properties": keys, "additionalProperties": false});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// A schema that others refer to.
pub(super) fn shared(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}
