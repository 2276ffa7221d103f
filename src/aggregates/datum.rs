//! One aggregated value, borrowed from wherever its event is kept.

use std::cmp::Ordering;

use crate::types::bytes::{self, Malformed, Reader};
use crate::types::{DataType, Date, Decimal, EventTime, Value};

/// A value of a known [`DataType`]: timestamps are ints of milliseconds, decimals their units.
///
/// A list or map is the bytes of its elements, see [`Datum::write_value`].
#[derive(Debug, Clone, Copy, Default)]
pub enum Datum<'a> {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Decimal(i128),
    String(&'a str),
    Bytes(&'a [u8]),
}

impl<'a> Datum<'a> {
    /// The datum of a value of `data_type`. A decimal is expected at the type's scale.
    #[must_use]
    pub fn of(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(bool) => Self::Bool(*bool),
            Value::Int(int) => Self::Int(*int),
            Value::Double(double) => Self::Double(*double),
            Value::Decimal(decimal) => Self::Decimal(decimal.units()),
            Value::String(text) => Self::String(text),
            Value::Timestamp(time) => Self::Int(time.0),
            Value::Date(date) => Self::Int(date.days().into()),
            Value::Bytes(bytes) => Self::Bytes(bytes),
            Value::List(_) | Value::Map(_) | Value::Struct(_) => {
                unreachable!("lists and maps are written by `write_value`, and no aggregate takes a struct")
            }
        }
    }

    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value again. A decimal beyond 38 digits is null.
    #[must_use]
    pub fn to_value(self, data_type: DataType) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(bool),
            Self::Int(int) if data_type == DataType::Timestamp => Value::Timestamp(EventTime(int)),
            Self::Int(days) if data_type == DataType::Date => {
                Date::from_days(days).map_or(Value::Null, Value::Date)
            }
            Self::Int(int) => Value::Int(int),
            Self::Double(double) => Value::double(double),
            Self::Decimal(units) => match data_type {
                DataType::Decimal { scale, .. } => decimal_value(units, scale),
                _ => Value::Null,
            },
            Self::String(text) => Value::string(text),
            Self::Bytes(bytes) => Value::bytes(bytes),
        }
    }

    /// The order of [`Value::total_cmp`]; both are of one type.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Double(a), Self::Double(b)) => a.total_cmp(b),
            (Self::Decimal(a), Self::Decimal(b)) => a.cmp(b),
            (Self::String(a), Self::String(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            _ => (!self.is_null()).cmp(&!other.is_null()),
        }
    }

    /// Writes the value without its type; null as a leading zero.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.push(0),
            Self::Bool(bool) => out.push(1 + u8::from(*bool)),
            Self::Int(int) => {
                out.push(1);
                bytes::put_i64(out, *int);
            }
            Self::Double(double) => {
                out.push(1);
                bytes::put_f64(out, *double);
            }
            Self::Decimal(units) => {
                out.push(1);
                bytes::put_i128(out, *units);
            }
            Self::String(text) => {
                out.push(1);
                bytes::put_bytes(out, text.as_bytes());
            }
            Self::Bytes(value) => {
                out.push(1);
                bytes::put_bytes(out, value);
            }
        }
    }

    /// Writes a value; of a list or map what is in it, nulls left out.
    pub fn write_value(value: &Value, out: &mut Vec<u8>) {
        let mut parts = Vec::new();
        match value {
            Value::List(elements) => {
                elements.iter().filter(|element| !element.is_null()).for_each(|element| {
                    Datum::of(element).write(&mut parts);
                });
            }
            Value::Map(entries) => {
                for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
                    Datum::of(key).write(&mut parts);
                    Datum::of(value).write(&mut parts);
                }
            }
            scalar => return Datum::of(scalar).write(out),
        }
        Datum::Bytes(&parts).write(out);
    }

    /// Reads a value of `data_type`.
    pub fn read(reader: &mut Reader<'a>, data_type: DataType) -> Result<Self, Malformed> {
        let tag = reader.u8()?;
        if tag == 0 {
            return Ok(Self::Null);
        }
        Ok(match data_type {
            DataType::Bool => Self::Bool(tag == 2),
            DataType::Int | DataType::Timestamp | DataType::Date => Self::Int(reader.i64()?),
            DataType::Double => Self::Double(reader.f64()?),
            DataType::Decimal { .. } => Self::Decimal(reader.i128()?),
            DataType::String => Self::String(reader.text()?),
            DataType::Bytes | DataType::List(_) | DataType::Map(_) => Self::Bytes(reader.bytes()?),
            DataType::Struct(_) => return Err(Malformed),
        })
    }
}

/// A decimal of that many units, or null beyond 38 digits.
#[must_use]
pub(super) fn decimal_value(units: i128, scale: u8) -> Value {
    Decimal::new(units, scale).map_or(Value::Null, Value::Decimal)
}

/// A datum that owns its text.
#[derive(Debug, Clone, Default)]
pub(super) enum Held {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Decimal(i128),
    String(String),
    Bytes(Vec<u8>),
}

impl Held {
    /// Takes the value over; a text's buffer is used again.
    pub(super) fn set(&mut self, datum: Datum<'_>) {
        *self = match (std::mem::take(self), datum) {
            (_, Datum::Null) => Self::Null,
            (_, Datum::Bool(bool)) => Self::Bool(bool),
            (_, Datum::Int(int)) => Self::Int(int),
            (_, Datum::Double(double)) => Self::Double(double),
            (_, Datum::Decimal(units)) => Self::Decimal(units),
            (Self::String(mut buffer), Datum::String(text)) => {
                buffer.clear();
                buffer.push_str(text);
                Self::String(buffer)
            }
            (_, Datum::String(text)) => Self::String(text.to_owned()),
            (_, Datum::Bytes(bytes)) => Self::Bytes(bytes.to_vec()),
        };
    }

    pub(super) fn get(&self) -> Datum<'_> {
        match self {
            Self::Null => Datum::Null,
            Self::Bool(bool) => Datum::Bool(*bool),
            Self::Int(int) => Datum::Int(*int),
            Self::Double(double) => Datum::Double(*double),
            Self::Decimal(units) => Datum::Decimal(*units),
            Self::String(text) => Datum::String(text),
            Self::Bytes(bytes) => Datum::Bytes(bytes),
        }
    }
}
