//! The cast table (grammar/SEMANTICS.md, S7): null where the value does not fit or cannot be read.

use crate::types::{DataType, Date, Decimal, EventTime, Value};

use super::big::Big;
use super::decode::scientific;
use super::number::{self, units};

const DAY_MS: i64 = 86_400_000;

/// `cast(value as to)` of a value of type `from`.
pub(super) fn cast(value: &Value, from: DataType, to: DataType) -> Value {
    match (value, to) {
        (Value::Null, _) => Value::Null,
        (_, DataType::List(_) | DataType::Map(_) | DataType::Struct(_)) => {
            parts(value, from, to).unwrap_or(Value::Null)
        }
        (Value::String(text), _) => read(text, to),
        (Value::Timestamp(time), DataType::String) => time_text(*time),
        (Value::Timestamp(time), DataType::Date) => {
            Date::from_days(time.0.div_euclid(DAY_MS)).map_or(Value::Null, Value::Date)
        }
        (Value::Date(day), DataType::Timestamp) => {
            Value::Timestamp(EventTime(i64::from(day.days()) * DAY_MS))
        }
        (_, DataType::String) => Value::string(value.to_string()),
        (Value::Int(_) | Value::Decimal(_), DataType::Double) => number::as_double(value),
        (Value::Int(value), DataType::Decimal { .. }) => {
            number::decimal(&Big::from_i128(i128::from(*value)), 0, to)
        }
        (Value::Double(value), DataType::Int) => number::int(whole_double(*value)),
        // Through its shortest text.
        (Value::Double(value), DataType::Decimal { .. }) => read_decimal(&format!("{value:e}"), to),
        (Value::Decimal(value), DataType::Int) => number::int(whole_decimal(*value)),
        (Value::Decimal(value), DataType::Decimal { .. }) => {
            let (units, scale) = units(*value);
            number::decimal(&units, scale, to)
        }
        (Value::Int(_), DataType::Int)
        | (Value::Double(_), DataType::Double)
        | (Value::Bool(_), DataType::Bool)
        | (Value::Date(_), DataType::Date)
        | (Value::Bytes(_), DataType::Bytes)
        | (Value::Timestamp(_), DataType::Timestamp) => value.clone(),
        (value, to) => panic!("no cast from `{value:?}` to {to}: the model refuses it"),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "towards zero is the rule; far outside i64 it saturates")]
fn whole_double(value: f64) -> i128 {
    value as i128
}

/// Towards zero.
fn whole_decimal(value: Decimal) -> i128 {
    value.units() / 10_i128.pow(u32::from(value.scale()))
}

/// Text to a value.
fn read(text: &str, to: DataType) -> Value {
    match to {
        DataType::String => Value::string(text),
        DataType::Int => text.parse().map_or(Value::Null, Value::Int),
        DataType::Double => text.parse().map_or(Value::Null, number::double),
        DataType::Bool => match text.to_ascii_lowercase().as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::Null,
        },
        DataType::Decimal { .. } => read_decimal(text, to),
        DataType::Timestamp => EventTime::from_iso(text).map_or(Value::Null, Value::Timestamp),
        DataType::Date => text.parse().map_or(Value::Null, Value::Date),
        DataType::Bytes | DataType::List(_) | DataType::Map(_) | DataType::Struct(_) => {
            panic!("no cast from text to {to}: the model refuses it")
        }
    }
}

/// ISO 8601 in UTC to the millisecond; years before 0 with a sign and six digits.
fn time_text(EventTime(ms): EventTime) -> Value {
    let day =
        Date::from_days(ms.div_euclid(DAY_MS)).filter(|_| jiff::Timestamp::from_millisecond(ms).is_ok());
    let Some((year, month, day)) = day.map(Date::ymd) else { return Value::Null };
    let clock = ms.rem_euclid(DAY_MS);
    let (h, m, s, ms) = (clock / 3_600_000, clock / 60_000 % 60, clock / 1000 % 60, clock % 1000);
    let year = if year < 0 { format!("-{:06}", -year) } else { format!("{year:04}") };
    Value::string(format!("{year}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{ms:03}Z"))
}

/// Part by part, structs by the names of their fields; nothing where a part is null and may not be.
fn parts(value: &Value, from: DataType, to: DataType) -> Option<Value> {
    let part = |value: &Value, from: DataType, to: DataType, nullable: bool| match cast(value, from, to) {
        Value::Null if !nullable => None,
        part => Some(part),
    };
    Some(match (value, from, to) {
        (Value::List(elements), DataType::List(from), DataType::List(to)) => {
            let part = |value| part(value, from.data_type, to.data_type, to.nullable);
            Value::list(elements.iter().map(part).collect::<Option<Vec<_>>>()?)
        }
        (Value::Map(entries), DataType::Map(from), DataType::Map(to)) => {
            let mut whole: Vec<(Value, Value)> = Vec::new();
            for (key, value) in entries.iter() {
                let key = part(key, from.key, to.key, false)?;
                let value = part(value, from.value.data_type, to.value.data_type, to.value.nullable)?;
                // Of keys that have become one the last one counts.
                whole.retain(|(known, _)| !number::order(known, &key).is_eq());
                whole.push((key, value));
            }
            Value::map(whole)
        }
        (Value::Struct(values), DataType::Struct(from), DataType::Struct(to)) => {
            let mut whole = Vec::new();
            for field in &to.fields {
                let at = from.fields.iter().position(|old| old.name == field.name).expect("both have it");
                whole.push(part(&values[at], from.fields[at].data_type, field.data_type, field.nullable)?);
            }
            Value::structure(whole)
        }
        (value, from, to) => panic!("no cast of `{value:?}` from {from} to {to}: the model refuses it"),
    })
}

pub(super) fn read_decimal(text: &str, to: DataType) -> Value {
    let Some((negative, digits, exponent)) = scientific(text) else { return Value::Null };
    let mut units = digits.bytes().fold(Big::default(), |units, digit| {
        units.times(&Big::from_i128(10)).plus(&Big::from_i128(i128::from(digit - b'0')))
    });
    if negative {
        units = units.negated();
    }
    // Beyond any decimal: too large for 38 digits, or nothing left after rounding.
    let exponent = i32::try_from(exponent.clamp(-10_000, 10_000)).expect("clamped");
    let power = exponent.unsigned_abs();
    if exponent >= 0 {
        number::decimal(&units.times(&Big::pow10(power)), 0, to)
    } else {
        number::decimal(&units, power, to)
    }
}
