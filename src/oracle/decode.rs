//! Payload bytes → event, or the word for why it is a dead letter (rules S1, S10).

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::model::{Format, Source, SourceField, Table, WireElement, WireField, WireType};
use crate::types::{DataType, Decimal, EventTime, Row, TimeUnit, Value};

use super::{Record, avro};

/// A decoded record: its event time, its id (null if the source declares none), its fields.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) ts: i64,
    pub(super) id: Value,
    pub(super) row: Row,
    /// The place of its record among those of its source.
    pub(super) record: usize,
}

/// What is declared of the records of a source or table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declared<'m> {
    format: &'m Format,
    fields: &'m [SourceField],
    event_time: Option<usize>,
    event_id: Option<usize>,
    ahead_ms: i64,
    /// Of a table: the slots of its key.
    keys: &'m [usize],
}

impl<'m> Declared<'m> {
    pub(super) fn source(source: &'m Source) -> Self {
        let Source { format, fields, event_time, event_id, ahead_ms, .. } = source;
        let (event_id, ahead_ms) = (*event_id, *ahead_ms);
        Self { format, fields, event_time: Some(*event_time), event_id, ahead_ms, keys: &[] }
    }

    pub(super) fn table(table: &'m Table) -> Self {
        let Table { format, fields, event_time, event_id, ahead_ms, keys, .. } = table;
        let (event_time, event_id, ahead_ms) = (*event_time, *event_id, *ahead_ms);
        Self { format, fields, event_time, event_id, ahead_ms, keys }
    }
}

/// All events of a source, copies once.
///
/// S10: a copy has the same event id and the same bytes; the id is part of the bytes, so equal
/// bytes say it all. Without an event id nothing is a copy.
pub(super) fn events(source: &Source, records: &[Record]) -> Vec<Event> {
    let mut seen = BTreeSet::new();
    let mut events = Vec::new();
    for (place, record) in records.iter().enumerate() {
        let Ok(event) = decode(&Declared::source(source), record) else { continue };
        if source.event_id.is_none() || seen.insert(record.payload.as_slice()) {
            events.push(Event { record: place, ..event });
        }
    }
    events
}

/// One record; the error is the dead letter's reason.
pub(super) fn decode(declared: &Declared<'_>, record: &Record) -> Result<Event, &'static str> {
    let row = match declared.format {
        Format::Json => json_fields(declared.fields, &record.payload)?,
        Format::Avro { schema, .. } => avro::fields(schema, declared.fields, &record.payload)?,
    };
    let id = declared.event_id.map_or(Value::Null, |slot| row[slot].clone());
    let Some(event_time) = declared.event_time else {
        // The rows of a static table hold at all times.
        return Ok(Event { ts: i64::MIN, id, row, record: 0 });
    };
    let Value::Timestamp(EventTime(ts)) = row[event_time] else { return Err("missing_field") };
    // S1: measured against the record's own timestamp, never against a clock.
    if i128::from(ts) > i128::from(record.timestamp_ms) + i128::from(declared.ahead_ms) {
        return Err("future");
    }
    Ok(Event { ts, id, row, record: 0 })
}

/// The key that a record without value deletes: the text of its one column, or a JSON array of several.
pub(super) fn deleted_key(declared: &Declared<'_>, key: &[u8]) -> Result<Row, &'static str> {
    let text = std::str::from_utf8(key).map_err(|_| "bad_key")?;
    let types: Vec<DataType> =
        declared.keys.iter().map(|slot| declared.fields[*slot].field.data_type).collect();
    let parts = match types.as_slice() {
        [one] if is_text_in_json(*one) => vec![Json::String(text.to_owned())],
        [_] => vec![serde_json::from_str(text).map_err(|_| "bad_key")?],
        _ => serde_json::from_str::<Vec<Json>>(text).map_err(|_| "bad_key")?,
    };
    if parts.len() != types.len() {
        return Err("bad_key");
    }
    let part = |(json, data_type): (&Json, &DataType)| {
        let wire = match data_type {
            DataType::String => WireType::String,
            DataType::Int => WireType::Int,
            DataType::Bool => WireType::Bool,
            DataType::Decimal { .. } => WireType::Decimal,
            DataType::Date => WireType::Date,
            DataType::Timestamp => WireType::Stamp(TimeUnit::Millis),
            other => panic!("{other} is no key"),
        };
        read(json, &wire, *data_type).map_err(|_| "bad_key")
    };
    parts.iter().zip(&types).map(part).collect()
}

const fn is_text_in_json(data_type: DataType) -> bool {
    matches!(data_type, DataType::String | DataType::Decimal { .. } | DataType::Date)
}

fn json_fields(declared: &[SourceField], payload: &[u8]) -> Result<Row, &'static str> {
    let Ok(Json::Object(object)) = serde_json::from_slice(payload) else { return Err("not_json") };
    let field = |of: &SourceField| {
        optional(object.get(&of.wire_name), of.field.nullable, &of.wire_type, of.field.data_type)
    };
    declared.iter().map(field).collect()
}

/// What a model returned: the fields of a JSON object, read as those of a record are.
pub(super) fn answer(returns: &[WireField], json: &Json) -> Option<Row> {
    let Json::Object(object) = json else { return None };
    let field = |of: &WireField| {
        let WireField { field, wire_name, wire_type } = of;
        optional(object.get(wire_name), field.nullable, wire_type, field.data_type)
    };
    returns.iter().map(field).collect::<Result<_, _>>().ok()
}

/// What may be null or absent, or must not.
fn optional(
    json: Option<&Json>,
    nullable: bool,
    wire: &WireType,
    data_type: DataType,
) -> Result<Value, &'static str> {
    match json {
        None | Some(Json::Null) if nullable => Ok(Value::Null),
        None | Some(Json::Null) => Err("missing_field"),
        Some(json) => read(json, wire, data_type),
    }
}

/// One field, strictly: no text for a number, no number for text, no digit lost.
pub(super) fn read(json: &Json, wire: &WireType, data_type: DataType) -> Result<Value, &'static str> {
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
        (WireType::Date, Json::String(text)) => text.parse().map(Value::Date).map_err(|_| "wrong_type"),
        (WireType::Bytes, Json::String(text)) => base64(text).map(Value::bytes).ok_or("wrong_type"),
        (WireType::List(of), Json::Array(list)) => {
            let values: Result<Row, _> = list.iter().map(|json| element(json, of)).collect();
            values.map(Value::list)
        }
        (WireType::Map { key, value }, Json::Object(object)) => {
            let DataType::Map(map) = data_type else { return Err("wrong_type") };
            let entry =
                |(text, json): (&String, &Json)| Ok((map_key(text, key, map.key)?, element(json, value)?));
            object.iter().map(entry).collect::<Result<_, _>>().map(Value::map)
        }
        (WireType::Struct(fields), Json::Object(object)) => {
            let field = |field: &WireField| {
                let json = object.get(&field.wire_name);
                optional(json, field.field.nullable, &field.wire_type, field.field.data_type)
            };
            fields.iter().map(field).collect::<Result<Row, _>>().map(Value::structure)
        }
        _ => Err("wrong_type"),
    }
}

/// What is no text in JSON stands as the text of its JSON.
pub(super) fn map_key(text: &str, wire: &WireType, data_type: DataType) -> Result<Value, &'static str> {
    let is_text =
        matches!(wire, WireType::String | WireType::Decimal | WireType::IsoTimestamp | WireType::Date);
    let as_json = if is_text || text.trim() != text { None } else { serde_json::from_str(text).ok() };
    read(&as_json.unwrap_or_else(|| Json::String(text.to_owned())), wire, data_type)
}

fn element(json: &Json, of: &WireElement) -> Result<Value, &'static str> {
    optional(Some(json), of.nullable, &of.wire_type, of.data_type)
}

/// Groups of four digits, padded with `=` at the end, and no bit that means nothing.
fn base64(text: &str) -> Option<Vec<u8>> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let digits = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    let six = |digit| Some(format!("{:06b}", DIGITS.find(digit)?));
    let bits = digits.chars().map(six).collect::<Option<Vec<String>>>()?.concat();
    let whole = bits.len() / 8 * 8;
    if bits[whole..].contains('1') {
        return None;
    }
    let byte = |at: usize| u8::from_str_radix(&bits[at..at + 8], 2).ok();
    (0..whole).step_by(8).map(byte).collect()
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
pub(super) fn stamp(stamp: i64, unit: TimeUnit) -> Result<Value, &'static str> {
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
