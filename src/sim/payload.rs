//! Typed values as the record a producer would have written.

use serde_json::Value as Json;

use crate::plan::{Decode, WireField, WireType};
use crate::types::{TimeUnit, Value};
use crate::wire;

/// The JSON record of `values`, which are positions of the decoder's fields and what they hold.
#[must_use]
pub fn payload(spec: &Decode, values: &[(usize, Value)]) -> Vec<u8> {
    let field = |(index, value): &(usize, Value)| {
        let field = &spec.fields[*index];
        (field.wire_name.clone(), json(&field.wire_type, value))
    };
    Json::Object(values.iter().map(field).collect()).to_string().into_bytes()
}

fn json(wire_type: &WireType, value: &Value) -> Json {
    match (wire_type, value) {
        (WireType::Stamp(unit), Value::Timestamp(time)) => stamp(time.millis(), *unit),
        (WireType::List(of), Value::List(elements)) => {
            Json::Array(elements.iter().map(|element| json(&of.wire_type, element)).collect())
        }
        (WireType::Map { key: of_key, value: of }, Value::Map(entries)) => {
            let name = |key: &Value| match json(of_key, key) {
                Json::String(text) => text,
                // What is no text in JSON stands as the text of its JSON.
                other => other.to_string(),
            };
            let entry = |(key, value): &(Value, Value)| (name(key), json(&of.wire_type, value));
            Json::Object(entries.iter().map(entry).collect())
        }
        (WireType::Struct(fields), Value::Struct(values)) => {
            let field = |(field, value): (&WireField, &Value)| {
                (field.wire_name.clone(), json(&field.wire_type, value))
            };
            Json::Object(fields.iter().zip(values.iter()).map(field).collect())
        }
        (_, Value::Int(int)) => (*int).into(),
        (_, Value::Double(double)) => serde_json::Number::from_f64(*double).map_or(Json::Null, Json::Number),
        (_, Value::Bool(bool)) => (*bool).into(),
        (_, Value::Null) => Json::Null,
        (_, Value::Bytes(bytes)) => wire::base64(bytes).into(),
        (_, text) => text.to_string().into(),
    }
}

/// An integer of the unit; what has more than 64 bits is not written.
fn stamp(ms: i64, unit: TimeUnit) -> Json {
    let stamp = match unit {
        TimeUnit::Seconds => Some(ms.div_euclid(1_000)),
        TimeUnit::Millis => Some(ms),
        TimeUnit::Micros => ms.checked_mul(1_000),
        TimeUnit::Nanos => ms.checked_mul(1_000_000),
    };
    stamp.map_or(Json::Null, Json::from)
}
