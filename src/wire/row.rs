//! Record values: JSON objects in declared column order.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::types::{DataType, Decimal, EventTime, Field, Rounding, Row, Value};

use super::WireError;
use super::key::{key_text, read_key_text};

/// The row as a JSON object.
#[must_use]
pub fn encode_row(fields: &[Field], row: &[Value]) -> Vec<u8> {
    let mut out = Vec::with_capacity(fields.len() * 24);
    out.push(b'{');
    for (i, (field, value)) in fields.iter().zip(row).enumerate() {
        put_comma(&mut out, i);
        put_text(&mut out, &field.name);
        out.push(b':');
        put_value(&mut out, field.data_type, value);
    }
    out.push(b'}');
    out
}

/// A value of a column as JSON.
#[must_use]
pub fn encode_value(data_type: DataType, value: &Value) -> String {
    let mut out = Vec::new();
    put_value(&mut out, data_type, value);
    String::from_utf8_lossy(&out).into_owned()
}

/// A value as JSON. Its type gives the names of a struct's fields.
fn put_value(out: &mut Vec<u8>, data_type: DataType, value: &Value) {
    match (data_type, value) {
        (DataType::List(element), Value::List(elements)) => {
            out.push(b'[');
            for (i, value) in elements.iter().enumerate() {
                put_comma(out, i);
                put_value(out, element.data_type, value);
            }
            out.push(b']');
        }
        (DataType::Map(map), Value::Map(entries)) => {
            out.push(b'{');
            for (i, (key, value)) in entries.iter().enumerate() {
                put_comma(out, i);
                put_text(out, &key_text(key));
                out.push(b':');
                put_value(out, map.value.data_type, value);
            }
            out.push(b'}');
        }
        (DataType::Struct(of), Value::Struct(values)) => out.extend(encode_row(&of.fields, values)),
        (_, scalar) => put_scalar(out, scalar),
    }
}

/// Bytes as text: base64 with padding.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

fn put_comma(out: &mut Vec<u8>, position: usize) {
    if position > 0 {
        out.push(b',');
    }
}

pub(super) fn put_scalar(out: &mut Vec<u8>, value: &Value) {
    let written = match value {
        Value::Null => write!(out, "null"),
        Value::Bool(bool) => write!(out, "{bool}"),
        Value::Int(int) => write!(out, "{int}"),
        // The shortest text that reads back as the same double; always with a point or an exponent.
        Value::Double(double) => write!(out, "{double:?}"),
        Value::Decimal(decimal) => write!(out, "\"{decimal}\""),
        Value::String(text) => {
            put_text(out, text);
            Ok(())
        }
        Value::Timestamp(time) => write!(out, "{}", time.0),
        Value::Date(date) => write!(out, "\"{date}\""),
        Value::Bytes(bytes) => write!(out, "\"{}\"", base64(bytes)),
        Value::List(_) | Value::Map(_) | Value::Struct(_) => {
            unreachable!("a nested value has a nested type")
        }
    };
    written.expect("writing to memory does not fail");
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("text is JSON, and memory does not fail");
}

/// The row of a JSON object. Columns that are not declared are ignored, absent ones are null.
///
/// # Errors
/// When the bytes are no object or a value is not of its column's type.
pub fn decode_row(fields: &[Field], value: &[u8]) -> Result<Row, WireError> {
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(value).map_err(|error| WireError::Row(error.to_string()))?;
    read_fields(fields, &object)
}

fn read_fields(
    fields: &[Field],
    object: &serde_json::Map<String, serde_json::Value>,
) -> Result<Row, WireError> {
    let column = |field: &Field| match object.get(&field.name) {
        Some(value) => read_value(&field.name, field.data_type, value),
        None => Ok(Value::Null),
    };
    fields.iter().map(column).collect()
}

pub(super) fn read_value(
    column: &str,
    data_type: DataType,
    json: &serde_json::Value,
) -> Result<Value, WireError> {
    use serde_json::Value as Json;
    let value = match (data_type, json) {
        (_, Json::Null) => Some(Value::Null),
        (DataType::Bool, Json::Bool(bool)) => Some(Value::Bool(*bool)),
        (DataType::Int, Json::Number(number)) => number.as_str().parse().ok().map(Value::Int),
        (DataType::Timestamp, Json::Number(number)) => {
            number.as_str().parse().ok().map(|ms| Value::Timestamp(EventTime(ms)))
        }
        (DataType::Double, Json::Number(number)) => number.as_str().parse().ok().map(Value::double),
        (DataType::Decimal { scale, .. }, Json::String(text)) => {
            let decimal: Option<Decimal> = text.parse().ok();
            decimal.and_then(|decimal| decimal.rescale(scale, Rounding::Exact)).map(Value::Decimal)
        }
        (DataType::String, Json::String(text)) => Some(Value::string(text.as_str())),
        (DataType::Date, Json::String(text)) => text.parse().ok().map(Value::Date),
        (DataType::Bytes, Json::String(text)) => BASE64.decode(text).ok().map(Value::bytes),
        (DataType::List(element), Json::Array(elements)) => {
            let read = |json| read_value(column, element.data_type, json);
            Some(Value::list(elements.iter().map(read).collect::<Result<Row, _>>()?))
        }
        (DataType::Map(map), Json::Object(entries)) => {
            let read = |(key, value): (&String, _)| {
                Ok((read_key_text(column, map.key, key)?, read_value(column, map.value.data_type, value)?))
            };
            Some(Value::map(entries.iter().map(read).collect::<Result<_, WireError>>()?))
        }
        (DataType::Struct(of), Json::Object(object)) => {
            Some(Value::structure(read_fields(&of.fields, object)?))
        }
        _ => None,
    };
    value.ok_or_else(|| WireError::Column {
        column: column.to_owned(),
        expected: data_type.to_string(),
        found: json.to_string(),
    })
}
