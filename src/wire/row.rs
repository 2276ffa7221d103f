//! Record values: JSON objects in declared column order.

use std::io::Write as _;

use crate::types::{DataType, Decimal, EventTime, Field, Rounding, Row, Value};

use super::WireError;

/// The row as a JSON object.
#[must_use]
pub fn encode_row(fields: &[Field], row: &[Value]) -> Vec<u8> {
    let mut out = Vec::with_capacity(fields.len() * 24);
    out.push(b'{');
    for (i, (field, value)) in fields.iter().zip(row).enumerate() {
        if i > 0 {
            out.push(b',');
        }
        put_text(&mut out, &field.name);
        out.push(b':');
        put_value(&mut out, value);
    }
    out.push(b'}');
    out
}

pub(super) fn put_value(out: &mut Vec<u8>, value: &Value) {
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
        _ => None,
    };
    value.ok_or_else(|| WireError::Column {
        column: column.to_owned(),
        expected: data_type.to_string(),
        found: json.to_string(),
    })
}
