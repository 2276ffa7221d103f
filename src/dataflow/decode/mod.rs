//! Bytes → typed row, or a dead letter. Every declared field is checked, whatever the plan needs of
//! it; fields that are not declared are ignored. Nothing is coerced: a number in quotes is no int,
//! `1.0` is no int either.

mod json;
mod number;

use twox_hash::XxHash64;

use crate::plan::{Decode, DecodeField, WireType};
use crate::state::Hashes;
use crate::types::{DataType, EventTime, Row, TimeUnit, Value};

/// Hashes are kept: the seed never changes.
const HASH_SEED: u64 = 0;

/// A record that was read.
#[derive(Debug)]
pub struct Decoded {
    pub ts: i64,
    /// Event id and value bytes; zero if the source declares no id.
    pub hashes: Hashes,
    /// The materialised fields.
    pub row: Row,
}

/// Why a record was not read: a stable word, and the field and what was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    pub reason: &'static str,
    pub detail: String,
}

impl Refused {
    fn new(reason: &'static str, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }

    fn field(reason: &'static str, field: &DecodeField, detail: &str) -> Self {
        Self::new(reason, format!("field `{}`: {detail}", field.wire_name))
    }
}

/// Reads one record.
///
/// # Errors
/// With the dead letter's reason.
pub fn decode(spec: &Decode, slots: usize, payload: &[u8], timestamp_ms: i64) -> Result<Decoded, Refused> {
    let cells = json::fields(spec, payload)?;
    let mut row = vec![Value::Null; slots];
    let (mut ts, mut id_hash) = (None, 0);
    for (i, (field, cell)) in spec.fields.iter().zip(cells).enumerate() {
        let value = check(field, cell)?;
        if Some(i) == spec.event_time {
            ts = event_time(&value);
        }
        if spec.event_id == Some(i) {
            id_hash = XxHash64::oneshot(HASH_SEED, value.to_string().as_bytes());
        }
        if let Some(slot) = field.slot {
            row[slot] = value;
        }
    }
    let hashes =
        if spec.event_id.is_some() { [id_hash, XxHash64::oneshot(HASH_SEED, payload)] } else { [0, 0] };
    let Some(index) = spec.event_time else {
        // A static table: its rows hold at all times.
        return Ok(Decoded { ts: i64::MIN, hashes, row });
    };
    let Some(ts) = ts else {
        return Err(Refused::field("missing_field", &spec.fields[index], "the event time is null"));
    };
    if ts > timestamp_ms.saturating_add(spec.ahead_ms) {
        let detail = format!(
            "event time {} leads the record's own {} by more than {} ms",
            EventTime(ts),
            EventTime(timestamp_ms),
            spec.ahead_ms
        );
        return Err(Refused::new("future", detail));
    }
    Ok(Decoded { ts, hashes, row })
}

fn event_time(value: &Value) -> Option<i64> {
    match value {
        Value::Timestamp(time) => Some(time.0),
        _ => None,
    }
}

/// One field's JSON value as its declared type.
fn check(field: &DecodeField, cell: Option<serde_json::Value>) -> Result<Value, Refused> {
    let absent = |what| if field.field.nullable { Ok(Value::Null) } else { Err(what) };
    match cell {
        None => absent(Refused::field("missing_field", field, "required, and absent")),
        Some(serde_json::Value::Null) => {
            absent(Refused::field("missing_field", field, "null in a required field"))
        }
        Some(cell) => typed(field, cell),
    }
}

fn typed(field: &DecodeField, cell: serde_json::Value) -> Result<Value, Refused> {
    use serde_json::Value as Json;
    let found = kind(&cell);
    let outside = |detail: &str| Refused::field("out_of_range", field, detail);
    match (&field.wire_type, cell) {
        (WireType::String, Json::String(text)) => Ok(Value::string(text)),
        (WireType::Bool, Json::Bool(bool)) => Ok(Value::Bool(bool)),
        (WireType::Int, Json::Number(number)) if number::is_integer(number.as_str()) => {
            number.as_str().parse().map(Value::Int).map_err(|_| outside("beyond 64 bits"))
        }
        (WireType::Double, Json::Number(number)) => {
            let value = number.as_str().parse().map_or(Value::Null, Value::double);
            if value.is_null() { Err(outside("beyond the largest double")) } else { Ok(value) }
        }
        (WireType::Decimal, Json::Number(number)) => decimal(field, number.as_str()),
        (WireType::Decimal, Json::String(text)) => decimal(field, &text),
        (WireType::Stamp(unit), Json::Number(number)) if number::is_integer(number.as_str()) => {
            stamp(number.as_str(), *unit).ok_or_else(|| outside("beyond 64 bits of milliseconds"))
        }
        (WireType::IsoTimestamp, Json::String(text)) => EventTime::from_iso(&text)
            .map(Value::Timestamp)
            .map_err(|error| Refused::field("wrong_type", field, &error.to_string())),
        _ => {
            Err(Refused::field("wrong_type", field, &format!("expected {}, found {found}", expected(field))))
        }
    }
}

fn stamp(text: &str, unit: TimeUnit) -> Option<Value> {
    EventTime::from_stamp(text.parse().ok()?, unit).map(Value::Timestamp)
}

fn decimal(field: &DecodeField, text: &str) -> Result<Value, Refused> {
    let DataType::Decimal { precision, scale } = field.field.data_type else {
        return Err(Refused::field("wrong_type", field, "the field is not a decimal"));
    };
    if !number::is_decimal(text) {
        return Err(Refused::field("wrong_type", field, "the text is no decimal number"));
    }
    number::exact_decimal(text, precision, scale).map(Value::Decimal).ok_or_else(|| {
        Refused::field("out_of_range", field, &format!("does not fit {} exactly", field.field.data_type))
    })
}

fn expected(field: &DecodeField) -> &'static str {
    match &field.wire_type {
        WireType::String => "a string",
        WireType::Int => "an integer",
        WireType::Double => "a number",
        WireType::Bool => "a boolean",
        WireType::Decimal => "a number or a string of digits",
        WireType::Stamp(_) => "an integer stamp",
        WireType::IsoTimestamp => "ISO 8601 text",
        WireType::Date => "a date as text",
        WireType::Bytes => "base64 text",
        WireType::List(_) => "an array",
        WireType::Map { .. } | WireType::Struct(_) => "an object",
    }
}

const fn kind(cell: &serde_json::Value) -> &'static str {
    match cell {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "a boolean",
        serde_json::Value::Number(_) => "a number",
        serde_json::Value::String(_) => "a string",
        serde_json::Value::Array(_) => "an array",
        serde_json::Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests;
