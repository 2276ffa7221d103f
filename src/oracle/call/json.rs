//! Values out of JSON texts.

use serde_json::Value as Json;

use crate::functions::FunctionId;
use crate::oracle::number;
use crate::types::Value;

use super::{count, or_null, string};

/// `None`: of another family.
pub(in crate::oracle) fn json(function: FunctionId, arguments: &[Value]) -> Option<Value> {
    let read: fn(&Json) -> Option<Value> = match function {
        FunctionId::JsonValue => |found| match found {
            Json::Null => None,
            Json::String(text) => Some(Value::string(text.as_str())),
            other => Some(Value::string(serde_json::to_string(other).expect("JSON has a text"))),
        },
        FunctionId::JsonInt => |found| match found {
            Json::Number(digits) => digits.to_string().parse().ok().map(Value::Int),
            _ => None,
        },
        FunctionId::JsonDouble => |found| match found {
            Json::Number(digits) => digits.to_string().parse().ok().map(number::double),
            _ => None,
        },
        FunctionId::JsonBool => |found| match found {
            Json::Bool(value) => Some(Value::Bool(*value)),
            _ => None,
        },
        FunctionId::JsonLength => |found| match found {
            Json::Array(elements) => Some(count(elements.len())),
            _ => None,
        },
        _ => return None,
    };
    let json = serde_json::from_str(string(&arguments[0])).ok();
    Some(or_null(json.and_then(|json| find(&json, string(&arguments[1])).and_then(read))))
}

/// Follows a path that has been checked, letter by letter.
fn find<'j>(json: &'j Json, path: &str) -> Option<&'j Json> {
    let mut found = json;
    let mut letters = path.chars().skip(1).peekable();
    while let Some(opening) = letters.next() {
        let mut word = String::new();
        let is_quoted = opening == '[' && letters.next_if_eq(&'\'').is_some();
        let is_end = |letter: char| match (opening, is_quoted) {
            ('[', true) => letter == '\'',
            ('[', false) => letter == ']',
            _ => letter == '.' || letter == '[',
        };
        while let Some(letter) = letters.next_if(|letter| !is_end(*letter)) {
            word.push(letter);
        }
        for closing in ['\'', ']'] {
            if opening == '[' && (closing == ']' || is_quoted) {
                letters.next_if_eq(&closing);
            }
        }
        found = match found {
            Json::Object(fields) if opening == '.' || is_quoted => fields.get(&word)?,
            Json::Array(elements) if opening == '[' && !is_quoted => {
                elements.get(word.parse::<usize>().ok()?)?
            }
            _ => return None,
        };
    }
    Some(found)
}
