//! Record keys.

use crate::types::{DataType, Row, Value};

use super::WireError;
use super::row::{base64, put_scalar, read_value};

/// The text of the one key column, or a JSON array of several. No columns: no bytes. Different keys of columns
/// of given types have different bytes; but for a null alone, which has none, as the empty text has. No row has
/// such a key (rule S6).
#[must_use]
pub fn encode_key(values: &[Value]) -> Vec<u8> {
    match values {
        [] => Vec::new(),
        [value] => key_text(value).into_bytes(),
        several => {
            let mut out = vec![b'['];
            for (i, value) in several.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                put_scalar(&mut out, value);
            }
            out.push(b']');
            out
        }
    }
}

/// A scalar as text: what a key of one column is, and what names an entry of a map.
pub(super) fn key_text(value: &Value) -> String {
    match value {
        Value::Timestamp(time) => time.0.to_string(),
        Value::Bytes(bytes) => base64(bytes),
        _ => value.to_string(),
    }
}

/// The scalar of that text.
pub(super) fn read_key_text(column: &str, data_type: DataType, text: &str) -> Result<Value, WireError> {
    let json = match data_type {
        DataType::String | DataType::Decimal { .. } | DataType::Date | DataType::Bytes => {
            serde_json::Value::String(text.to_owned())
        }
        DataType::Int | DataType::Double | DataType::Bool | DataType::Timestamp => {
            serde_json::from_str(text).map_err(|error| WireError::Key(error.to_string()))?
        }
        DataType::List(_) | DataType::Map(_) | DataType::Struct(_) => {
            return Err(WireError::Key(format!("a {data_type} is no key")));
        }
    };
    read_value(column, data_type, &json)
}

/// The values of a key whose columns have these types.
///
/// # Errors
/// When the bytes are no such key.
pub fn decode_key(types: &[DataType], key: &[u8]) -> Result<Row, WireError> {
    let wrong = |why: &str| WireError::Key(why.to_owned());
    let text = std::str::from_utf8(key).map_err(|error| wrong(&error.to_string()))?;
    match types {
        [] if key.is_empty() => Ok(Row::new()),
        [] => Err(wrong("expected no key")),
        [data_type] => Ok(vec![read_key_text("key", *data_type, text)?]),
        several => {
            let json: Vec<serde_json::Value> =
                serde_json::from_str(text).map_err(|error| wrong(&error.to_string()))?;
            if json.len() != several.len() {
                return Err(wrong("another number of columns"));
            }
            several.iter().zip(&json).map(|(data_type, value)| read_value("key", *data_type, value)).collect()
        }
    }
}
