//! Payload bytes → event, or the word for why it is a dead letter (rules S1, S10).

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::model::{Source, WireElement, WireType};
use crate::types::{DataType, Decimal, EventTime, Row, TimeUnit, Value};

use super::Record;

/// A decoded record: its event time, its id (null if the source declares none), its fields.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) ts: i64,
    pub(super) id: Value,
    pub(super) row: Row,
}

/// All events of a source, copies once.
///
/// S10: a copy has the same event id and the same bytes; the id is part of the bytes, so equal
/// bytes say it all. Without an event id nothing is a copy.
pub(super) fn events(source: &Source, records: &[Record]) -> Vec<Event> {
    let mut seen = BTreeSet::new();
    let mut events = Vec::new();
    for record in records {
        let Ok(event) = decode(source, record) else { continue };
        if source.event_id.is_none() || seen.insert(record.payload.as_slice()) {
            events.push(event);
        }
    }
    events
}

/// One record; the error is the dead letter's reason.
pub(super) fn decode(source: &Source, record: &Record) -> Result<Event, &'static str> {
    let Ok(Json::Object(object)) = serde_json::from_slice(&record.payload) else { return Err("not_json") };
    let mut row = Row::new();
    for field in &source.fields {
        row.push(match object.get(&field.wire_name) {
            None | Some(Json::Null) if field.field.nullable => Value::Null,
            None | Some(Json::Null) => return Err("missing_field"),
            Some(json) => read(json, &field.wire_type, field.field.data_type)?,
        });
    }
    let Value::Timestamp(EventTime(ts)) = row[source.event_time] else { return Err("missing_field") };
    // S1: measured against the record's own timestamp, never against a clock.
    if i128::from(ts) > i128::from(record.timestamp_ms) + i128::from(source.ahead_ms) {
        return Err("future");
    }
    let id = source.event_id.map_or(Value::Null, |slot| row[slot].clone());
    Ok(Event { ts, id, row })
}

/// One field, strictly: no text for a number, no number for text, no digit lost.
fn read(json: &Json, wire: &WireType, data_type: DataType) -> Result<Value, &'static str> {
    match (wire, json) {
        (WireType::String, Json::String(text)) => Ok(Value::string(text.as_str())),
        (WireType::Bool, Json::Bool(value)) => Ok(Value::Bool(*value)),
        (WireType::Int, Json::Number(number)) => integer(&number.to_string()).map(Value::Int),
        (WireType::Double, Json::Number(number)) => {
            let value: f64 = number.to_string().parse().expect("a JSON number is a double's text");
            // -0.0 is 0.0 (S7).
            if value.is_finite() { Ok(super::number::double(value)) } else { Err("out_of_range") }
        }
        (WireType::Decimal, Json::Number(number)) => decimal(&number.to_string(), data_type),
        (WireType::Decimal, Json::String(text)) => decimal(text, data_type),
        (WireType::Stamp(unit), Json::Number(number)) => stamp(integer(&number.to_string())?, *unit),
        (WireType::IsoTimestamp, Json::String(text)) => {
            EventTime::from_iso(text).map(Value::Timestamp).map_err(|_| "wrong_type")
        }
        (WireType::List(element), Json::Array(elements)) => {
            let elements: Result<Vec<Value>, _> = elements.iter().map(|json| part(json, element)).collect();
            elements.map(Value::list)
        }
        (WireType::Map { key, value }, Json::Object(entries)) => {
            assert_eq!(**key, WireType::String, "the oracle reads no other keys yet");
            let entries =
                entries.iter().map(|(key, json)| Ok((Value::string(key.as_str()), part(json, value)?)));
            entries.collect::<Result<Vec<_>, _>>().map(Value::map)
        }
        _ => Err("wrong_type"),
    }
}

/// An element of a list, or a value of a map.
fn part(json: &Json, of: &WireElement) -> Result<Value, &'static str> {
    match json {
        Json::Null if of.nullable => Ok(Value::Null),
        json => read(json, &of.wire_type, of.data_type),
    }
}

/// An integer has no point and no exponent.
fn integer(text: &str) -> Result<i64, &'static str> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("wrong_type");
    }
    text.parse().map_err(|_| "out_of_range")
}

/// S1: finer stamps are floored to milliseconds.
fn stamp(stamp: i64, unit: TimeUnit) -> Result<Value, &'static str> {
    let stamp = i128::from(stamp);
    let ms = match unit {
        TimeUnit::Seconds => stamp * 1000,
        TimeUnit::Millis => stamp,
        TimeUnit::Micros => stamp.div_euclid(1000),
        TimeUnit::Nanos => stamp.div_euclid(1_000_000),
    };
    i64::try_from(ms).map(|ms| Value::Timestamp(EventTime(ms))).map_err(|_| "out_of_range")
}

/// A decimal of exactly the declared type: trailing zeros may go, other digits may not.
fn decimal(text: &str, data_type: DataType) -> Result<Value, &'static str> {
    let DataType::Decimal { precision, scale } = data_type else { return Err("wrong_type") };
    let (negative, digits, exponent) = scientific(text).ok_or("wrong_type")?;
    let digits = digits.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Ok(Value::Decimal(Decimal::new(0, scale).expect("zero fits")));
    }
    // The value is significant * 10^(exponent + dropped zeros); as units of 10^-scale:
    let zeros = exponent + i64::try_from(digits.len() - significant.len()).expect("short") + i64::from(scale);
    let zeros = usize::try_from(zeros).map_err(|_| "out_of_range")?;
    if significant.len().saturating_add(zeros) > usize::from(precision) {
        return Err("out_of_range");
    }
    let units: i128 = format!("{significant}{}", "0".repeat(zeros)).parse().expect("at most 38 digits");
    let units = if negative { -units } else { units };
    Ok(Value::Decimal(Decimal::new(units, scale).expect("at most 38 digits")))
}

/// A number's text as sign, all its digits, and the power of ten they are to be multiplied by.
pub(super) fn scientific(text: &str) -> Option<(bool, String, i64)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let negative = mantissa.starts_with('-');
    let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = format!("{whole}{fraction}");
    let valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    valid.then(|| (negative, digits, i64::from(exponent) - i64::try_from(fraction.len()).expect("short")))
}
