//! The named functions, by family, written plainly and slowly. No argument is null here, but for
//! the few functions that say themselves what null means.

mod calendar;
mod digest;
mod hash;
mod json;
mod list;
mod math;
mod text;
mod time;
mod url;

use crate::types::Value;

pub(super) use hash::hash;
pub(super) use json::json;
pub(super) use list::list;
pub(super) use math::math;
pub(super) use text::{joined, text};
pub(super) use time::time;

fn string(value: &Value) -> &str {
    match value {
        Value::String(text) => text,
        other => panic!("`{other:?}` is not a string"),
    }
}

fn int(value: &Value) -> i64 {
    match value {
        Value::Int(value) => *value,
        other => panic!("`{other:?}` is not an int"),
    }
}

fn double(value: &Value) -> f64 {
    match value {
        Value::Double(value) => *value,
        other => panic!("`{other:?}` is not a double"),
    }
}

fn elements(value: &Value) -> &[Value] {
    match value {
        Value::List(elements) => elements,
        other => panic!("`{other:?}` is not a list"),
    }
}

/// A count as a value.
fn count(count: usize) -> Value {
    Value::Int(i64::try_from(count).expect("a length has 63 bits"))
}

fn or_null(value: Option<Value>) -> Value {
    value.unwrap_or(Value::Null)
}
