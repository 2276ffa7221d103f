//! A value of a typed file, on its way to the JSON that a producer would have written for it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Number, Value as Json};

use crate::plan::{WireElement, WireField, WireType};
use crate::types::{Date, Decimal, EventTime, TimeUnit};

/// What files hold, whatever the library that reads them calls it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    Bool(bool),
    Int(i128),
    Double(f64),
    /// Units and scale, however wide.
    Decimal(Vec<u8>, u8),
    Text(String),
    Bytes(Vec<u8>),
    /// Days since 1970-01-01.
    Date(i32),
    Stamp(i64, TimeUnit),
    List(Vec<Cell>),
    /// Keys of any type, in the file's order.
    Map(Vec<(Cell, Cell)>),
    Struct(Vec<(String, Cell)>),
}

impl Cell {
    /// As the declared type is written in JSON. What does not fit stays what it is, for the decoder to
    /// refuse.
    pub(super) fn json(self, wire_type: &WireType) -> Json {
        match (self, wire_type) {
            (Self::Null, _) => Json::Null,
            (Self::Stamp(stamp, unit), WireType::Stamp(wanted)) => {
                convert(stamp, unit, *wanted).map_or(Json::Null, Json::from)
            }
            (Self::Bytes(bytes), WireType::String) => {
                String::from_utf8(bytes).map_or_else(|error| base64(error.as_bytes()), Json::String)
            }
            (Self::List(cells), WireType::List(element)) => {
                cells.into_iter().map(|cell| cell.json(&element.wire_type)).collect()
            }
            (Self::Map(entries), WireType::Map { value, .. }) => map(entries, value),
            (Self::Struct(cells), WireType::Struct(fields)) => object(cells, fields),
            (cell, _) => cell.plain(),
        }
    }

    /// As it is, whatever is declared.
    fn plain(self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(value),
            Self::Int(value) => value.to_string().parse::<Number>().map_or(Json::Null, Json::Number),
            Self::Double(value) => {
                Number::from_f64(value).map_or_else(|| Json::String(value.to_string()), Json::Number)
            }
            Self::Decimal(bytes, scale) => decimal(&bytes, scale)
                .map_or_else(|| base64(&bytes), |decimal| Json::String(decimal.to_string())),
            Self::Text(text) => Json::String(text),
            Self::Bytes(bytes) => base64(&bytes),
            Self::Date(days) => Date::from_days(days.into())
                .map_or_else(|| Json::from(days), |date| Json::String(date.to_string())),
            Self::Stamp(stamp, unit) => EventTime::from_stamp(stamp, unit)
                .map_or_else(|| Json::from(stamp), |time| Json::String(time.to_string())),
            Self::List(cells) => cells.into_iter().map(Self::plain).collect(),
            Self::Map(entries) => {
                entries.into_iter().map(|(key, value)| (key.text(), value.plain())).collect()
            }
            Self::Struct(cells) => cells.into_iter().map(|(name, cell)| (name, cell.plain())).collect(),
        }
    }

    /// As the text of a map's key, or of a time.
    pub(super) fn text(self) -> String {
        match self {
            Self::Stamp(stamp, unit) => EventTime::from_stamp(stamp, unit)
                .map_or_else(|| stamp.to_string(), |time| time.0.to_string()),
            other => match other.plain() {
                Json::String(text) => text,
                json => json.to_string(),
            },
        }
    }
}

fn base64(bytes: &[u8]) -> Json {
    Json::String(BASE64.encode(bytes))
}

fn map(entries: Vec<(Cell, Cell)>, value: &WireElement) -> Json {
    entries.into_iter().map(|(key, cell)| (key.text(), cell.json(&value.wire_type))).collect()
}

fn object(cells: Vec<(String, Cell)>, fields: &[WireField]) -> Json {
    let field = |name: &str| fields.iter().find(|field| field.wire_name == name);
    let json = |(name, cell): (String, Cell)| match field(&name) {
        Some(field) => (name, cell.json(&field.wire_type)),
        None => (name, cell.plain()),
    };
    Json::Object(cells.into_iter().map(json).collect())
}

/// The declared fields of a row as a JSON object.
pub(super) fn payload(cells: impl Iterator<Item = (String, Json)>) -> Vec<u8> {
    serde_json::to_vec(&cells.collect::<Map<String, Json>>()).expect("an object of values is JSON")
}

/// Big-endian two's complement; `None` beyond what a decimal holds.
fn decimal(bytes: &[u8], scale: u8) -> Option<Decimal> {
    let fill = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { 0xff } else { 0 };
    let extra = bytes.len().saturating_sub(16);
    if bytes[..extra].iter().any(|byte| *byte != fill) {
        return None;
    }
    let mut units = [fill; 16];
    units[16 - (bytes.len() - extra)..].copy_from_slice(&bytes[extra..]);
    Decimal::new(i128::from_be_bytes(units), scale)
}

/// The same instant in another unit; what is finer is cut off towards the past.
fn convert(stamp: i64, from: TimeUnit, to: TimeUnit) -> Option<i64> {
    const fn per_second(unit: TimeUnit) -> i128 {
        match unit {
            TimeUnit::Seconds => 1,
            TimeUnit::Millis => 1_000,
            TimeUnit::Micros => 1_000_000,
            TimeUnit::Nanos => 1_000_000_000,
        }
    }
    let converted = (i128::from(stamp) * per_second(to)).div_euclid(per_second(from));
    i64::try_from(converted).ok()
}
