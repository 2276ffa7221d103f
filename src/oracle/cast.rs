//! The cast table (grammar/SEMANTICS.md, S7): null where the value does not fit or cannot be read.

use crate::types::{DataType, Decimal, EventTime, Value};

use super::big::Big;
use super::decode::scientific;
use super::number::{self, units};

/// `cast(value as to)`.
pub(super) fn cast(value: &Value, to: DataType) -> Value {
    match (value, to) {
        (Value::Null, _) => Value::Null,
        (Value::String(text), _) => read(text, to),
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
        DataType::Bytes | DataType::Date | DataType::List(_) | DataType::Map(_) | DataType::Struct(_) => {
            panic!("no cast from text to {to}: the model refuses it")
        }
    }
}

fn read_decimal(text: &str, to: DataType) -> Value {
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
