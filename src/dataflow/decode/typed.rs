//! A JSON value as a value of its declared type, at every depth. Nothing is coerced: a number in
//! quotes is no int, `1.0` is no int either.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value as Json;

use crate::plan::{WireElement, WireField, WireType};
use crate::types::{DataType, EventTime, Row, TimeUnit, Value};

use super::number;

/// Why a value was not read: a stable word, where it stands below its field, and what was found.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) reason: &'static str,
    /// Outermost last: it is built on the way out.
    path: Vec<String>,
    pub(super) detail: String,
}

impl Wrong {
    pub(super) fn new(reason: &'static str, detail: impl Into<String>) -> Self {
        Self { reason, path: Vec::new(), detail: detail.into() }
    }

    pub(super) fn below(mut self, step: impl FnOnce() -> String) -> Self {
        self.path.push(step());
        self
    }

    /// The way from the field to the value, like `.items[2].price`.
    pub(super) fn path(&self) -> String {
        self.path.iter().rev().map(String::as_str).collect()
    }
}

/// A value that may be null or absent, if it is `nullable`.
pub(super) fn optional(
    cell: Option<Json>,
    nullable: bool,
    wire_type: &WireType,
    data_type: DataType,
) -> Result<Value, Wrong> {
    match cell {
        None | Some(Json::Null) if nullable => Ok(Value::Null),
        None => Err(Wrong::new("missing_field", "required, and absent")),
        Some(Json::Null) => Err(Wrong::new("missing_field", "null in a required field")),
        Some(cell) => typed(wire_type, data_type, cell),
    }
}

fn typed(wire_type: &WireType, data_type: DataType, cell: Json) -> Result<Value, Wrong> {
    let found = kind(&cell);
    let outside = |detail: &str| Wrong::new("out_of_range", detail);
    match (wire_type, cell) {
        (WireType::String, Json::String(text)) => Ok(Value::string(text)),
        (WireType::Bool, Json::Bool(bool)) => Ok(Value::Bool(bool)),
        (WireType::Int, Json::Number(number)) if number::is_integer(number.as_str()) => {
            number.as_str().parse().map(Value::Int).map_err(|_| outside("beyond 64 bits"))
        }
        (WireType::Double, Json::Number(number)) => {
            let value = number.as_str().parse().map_or(Value::Null, Value::double);
            if value.is_null() { Err(outside("beyond the largest double")) } else { Ok(value) }
        }
        (WireType::Decimal, Json::Number(number)) => decimal(data_type, number.as_str()),
        (WireType::Decimal, Json::String(text)) => decimal(data_type, &text),
        (WireType::Stamp(unit), Json::Number(number)) if number::is_integer(number.as_str()) => {
            stamp(number.as_str(), *unit).ok_or_else(|| outside("beyond 64 bits of milliseconds"))
        }
        (WireType::IsoTimestamp, Json::String(text)) => EventTime::from_iso(&text)
            .map(Value::Timestamp)
            .map_err(|error| Wrong::new("wrong_type", error.to_string())),
        (WireType::Date, Json::String(text)) => {
            text.parse().map(Value::Date).map_err(|error| Wrong::new("wrong_type", format!("{error}")))
        }
        (WireType::Bytes, Json::String(text)) => BASE64
            .decode(&text)
            .map(Value::bytes)
            .map_err(|error| Wrong::new("wrong_type", format!("the text is not base64: {error}"))),
        (WireType::List(element), Json::Array(cells)) => list(element, cells),
        (WireType::Map { key, value }, Json::Object(cells)) => map(key, value, data_type, cells),
        (WireType::Struct(fields), Json::Object(cells)) => structure(fields, cells),
        _ => Err(Wrong::new("wrong_type", format!("expected {}, found {found}", expected(wire_type)))),
    }
}

fn list(element: &WireElement, cells: Vec<Json>) -> Result<Value, Wrong> {
    let mut elements = Row::with_capacity(cells.len());
    for (position, cell) in cells.into_iter().enumerate() {
        let value = optional(Some(cell), element.nullable, &element.wire_type, element.data_type);
        // Counted from 1, as expressions do.
        elements.push(value.map_err(|wrong| wrong.below(|| format!("[{}]", position + 1)))?);
    }
    Ok(Value::list(elements))
}

fn map(
    key: &WireType,
    element: &WireElement,
    data_type: DataType,
    cells: serde_json::Map<String, Json>,
) -> Result<Value, Wrong> {
    let DataType::Map(map) = data_type else { return Err(Wrong::new("wrong_type", "the field is no map")) };
    let mut entries = Vec::with_capacity(cells.len());
    for (text, cell) in cells {
        let at = || format!("['{text}']");
        let of_key = map_key(key, map.key, &text).map_err(|wrong| wrong.below(at))?;
        let value = optional(Some(cell), element.nullable, &element.wire_type, element.data_type)
            .map_err(|wrong| wrong.below(at))?;
        entries.push((of_key, value));
    }
    Ok(Value::map(entries))
}

/// A key stands as text: of what is no text in JSON, the text of that.
pub(super) fn map_key(wire_type: &WireType, data_type: DataType, text: &str) -> Result<Value, Wrong> {
    let cell = match wire_type {
        WireType::Int | WireType::Double | WireType::Bool | WireType::Stamp(_) if text.trim() == text => {
            serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_owned()))
        }
        _ => Json::String(text.to_owned()),
    };
    typed(wire_type, data_type, cell)
        .map_err(|wrong| Wrong { detail: format!("the key: {}", wrong.detail), ..wrong })
}

fn structure(fields: &[WireField], mut cells: serde_json::Map<String, Json>) -> Result<Value, Wrong> {
    let mut values = Row::with_capacity(fields.len());
    for of in fields {
        let cell = cells.get_mut(&of.wire_name).map(Json::take);
        let value = optional(cell, of.field.nullable, &of.wire_type, of.field.data_type);
        values.push(value.map_err(|wrong| wrong.below(|| format!(".{}", of.wire_name)))?);
    }
    Ok(Value::structure(values))
}

fn stamp(text: &str, unit: TimeUnit) -> Option<Value> {
    EventTime::from_stamp(text.parse().ok()?, unit).map(Value::Timestamp)
}

fn decimal(data_type: DataType, text: &str) -> Result<Value, Wrong> {
    let DataType::Decimal { precision, scale } = data_type else {
        return Err(Wrong::new("wrong_type", "the field is not a decimal"));
    };
    if !number::is_decimal(text) {
        return Err(Wrong::new("wrong_type", "the text is no decimal number"));
    }
    number::exact_decimal(text, precision, scale)
        .map(Value::Decimal)
        .ok_or_else(|| Wrong::new("out_of_range", format!("does not fit {data_type} exactly")))
}

const fn expected(wire_type: &WireType) -> &'static str {
    match wire_type {
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

const fn kind(cell: &Json) -> &'static str {
    match cell {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}
