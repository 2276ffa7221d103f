//! Values out of JSON texts, by a literal path. Absent, of another kind, or malformed: null.

use serde_json::Value as Json;

use crate::types::{DataType, Value};

use super::FunctionId;
use super::entry::{Entry, Evaluator, Example, Flink, Notation, Rule};
use super::parameter::{LiteralText, Takes, required};

const PATH: Takes = Takes::LiteralText(&LiteralText {
    what: "a JSON path",
    check: |text| {
        steps(text).map(|_| ()).ok_or_else(|| {
            format!("`{text}` is no path: expected `$`, then `.name`, `['name']` or `[0]` as often as needed")
        })
    },
});
const OTHER: &str = "its paths and its texts of numbers are not windrow's";

pub(super) static JSON_VALUE: Entry = Entry {
    id: FunctionId::JsonValue,
    name: "json_value",
    notation: Notation::Call,
    parameters: &[required("json", Takes::Text), required("path", PATH)],
    rule: Rule::Partial(DataType::String),
    evaluator: Evaluator::Binary(|text, path, _| {
        at(text, path, |found| match found {
            Json::String(text) => Value::string(text.as_str()),
            Json::Null => Value::Null,
            other => Value::string(other.to_string()),
        })
    }),
    flink: Flink::Refused(OTHER),
    doc: "What stands there as text: a string its content, all else its JSON without spaces.",
    examples: &[
        Example::new(&["'{\"a\": {\"b\": [1, \"x\"]}}'", "'$.a.b[1]'"], "'x'"),
        Example::new(&["'{\"a\": [1, 2.50]}'", "'$.a'"], "'[1,2.50]'"),
        Example::new(&["'{\"a\": null}'", "'$.a'"], "null"),
        Example::new(&["'{\"a\"'", "'$.a'"], "null"),
        Example::new(&["'{\"a b\": true}'", "'$[''a b'']'"], "'true'"),
    ],
};

pub(super) static JSON_INT: Entry = Entry {
    id: FunctionId::JsonInt,
    name: "json_int",
    notation: Notation::Call,
    parameters: &[required("json", Takes::Text), required("path", PATH)],
    rule: Rule::Partial(DataType::Int),
    evaluator: Evaluator::Binary(|text, path, _| {
        at(text, path, |found| found.as_i64().map_or(Value::Null, Value::Int))
    }),
    flink: Flink::Refused(OTHER),
    doc: "The int that stands there; null if it has a point or an exponent.",
    examples: &[
        Example::new(&["'{\"a\": 42}'", "'$.a'"], "42"),
        Example::new(&["'{\"a\": \"42\"}'", "'$.a'"], "null"),
        Example::new(&["'{\"a\": 4.0}'", "'$.a'"], "null"),
    ],
};

pub(super) static JSON_DOUBLE: Entry = Entry {
    id: FunctionId::JsonDouble,
    name: "json_double",
    notation: Notation::Call,
    parameters: &[required("json", Takes::Text), required("path", PATH)],
    rule: Rule::Partial(DataType::Double),
    evaluator: Evaluator::Binary(|text, path, _| {
        at(text, path, |found| found.as_f64().map_or(Value::Null, Value::double))
    }),
    flink: Flink::Refused(OTHER),
    doc: "The number that stands there, as a double.",
    examples: &[
        Example::new(&["'{\"a\": 1.5}'", "'$.a'"], "1.5e0"),
        Example::new(&["'[7]'", "'$[0]'"], "7e0"),
        Example::new(&["'[1e999]'", "'$[0]'"], "null"),
    ],
};

pub(super) static JSON_BOOL: Entry = Entry {
    id: FunctionId::JsonBool,
    name: "json_bool",
    notation: Notation::Call,
    parameters: &[required("json", Takes::Text), required("path", PATH)],
    rule: Rule::Partial(DataType::Bool),
    evaluator: Evaluator::Binary(|text, path, _| {
        at(text, path, |found| found.as_bool().map_or(Value::Null, Value::Bool))
    }),
    flink: Flink::Refused(OTHER),
    doc: "The true or false that stands there.",
    examples: &[
        Example::new(&["'{\"a\": true}'", "'$.a'"], "true"),
        Example::new(&["'{\"a\": \"true\"}'", "'$.a'"], "null"),
    ],
};

pub(super) static JSON_LENGTH: Entry = Entry {
    id: FunctionId::JsonLength,
    name: "json_length",
    notation: Notation::Call,
    parameters: &[required("json", Takes::Text), required("path", PATH)],
    rule: Rule::Partial(DataType::Int),
    evaluator: Evaluator::Binary(|text, path, _| {
        at(text, path, |found| match found {
            Json::Array(elements) => i64::try_from(elements.len()).map_or(Value::Null, Value::Int),
            _ => Value::Null,
        })
    }),
    flink: Flink::Refused(OTHER),
    doc: "The number of elements of the array that stands there.",
    examples: &[
        Example::new(&["'{\"a\": [1, [2, 3]]}'", "'$.a'"], "2"),
        Example::new(&["'{\"a\": {}}'", "'$.a'"], "null"),
    ],
};

enum Step {
    Name(String),
    Index(usize),
}

/// `None` if the text is no path.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let step;
        (step, rest) = if let Some(after) = rest.strip_prefix("['") {
            let (name, after) = after.split_once("']")?;
            (Step::Name(name.into()), after)
        } else if let Some(after) = rest.strip_prefix('[') {
            let (index, after) = after.split_once(']')?;
            let is_index = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
            (Step::Index(is_index.then(|| index.parse().ok())??), after)
        } else {
            let after = rest.strip_prefix('.')?;
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let is_name =
                end > 0 && after[..end].chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
            (Step::Name(is_name.then(|| after[..end].to_owned())?), &after[end..])
        };
        steps.push(step);
    }
    Some(steps)
}

fn at(text: &Value, path: &Value, read: fn(&Json) -> Value) -> Value {
    let (Value::String(text), Value::String(path)) = (text, path) else { return Value::Null };
    let Ok(json) = serde_json::from_str::<Json>(text) else { return Value::Null };
    let found = steps(path).and_then(|steps| {
        steps.iter().try_fold(&json, |json, step| match step {
            Step::Name(name) => json.as_object()?.get(name),
            Step::Index(index) => json.as_array()?.get(*index),
        })
    });
    found.map_or(Value::Null, read)
}
