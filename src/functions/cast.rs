//! Casts. A cast never fails on a row: what does not fit, or cannot be read, is null.
//!
//! | from \ to | int | double | decimal | string | bool | timestamp |
//! |---|---|---|---|---|---|---|
//! | int | – | nearest | exact, null if too large | digits | | |
//! | double | toward zero, null out of range | – | half up from the shortest decimal text | | | |
//! | decimal | toward zero, null out of range | nearest | half up, null if too large | digits with its scale | | |
//! | string | `try_cast` | `try_cast` | `try_cast` | – | `try_cast` | `try_cast` |
//! | bool | | | | `true`, `false` | – | |
//! | timestamp | | | | | | – |
//!
//! Empty: not available. Reading a string may fail for reasons in the data, so it must be asked for
//! by `try_cast`. A double has no text that all engines share, so it has none here.

use crate::types::{DataType, Decimal, EventTime, Rounding, Value};

/// What the language says to a cast between two types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CastRule {
    /// `nullable`: a value that is not null may become null.
    Allowed {
        nullable: bool,
    },
    /// Only as `try_cast`.
    OnlyLenient,
    Refused,
}

/// The rule for a cast.
#[must_use]
pub fn cast_rule(from: DataType, to: DataType) -> CastRule {
    use DataType::{Bool, Bytes, Date, Decimal, Double, Int, List, Map, String, Struct, Timestamp};
    match (from, to) {
        _ if from == to => CastRule::Allowed { nullable: false },
        (String, Int | Double | Decimal { .. } | Bool | Timestamp) => CastRule::OnlyLenient,
        (String | Int | Bool | Decimal { .. }, String)
        | (Int, Int | Double)
        | (Double | Decimal { .. }, Double)
        | (Bool, Bool)
        | (Timestamp, Timestamp) => CastRule::Allowed { nullable: false },
        (Int, Decimal { precision, scale }) => CastRule::Allowed { nullable: precision - scale < 19 },
        (Decimal { precision, scale }, Int) => CastRule::Allowed { nullable: precision - scale > 18 },
        (Decimal { precision: p1, scale: s1 }, Decimal { precision: p2, scale: s2 }) => {
            // Rounding away digits may carry into one more.
            let digits = p1 - s1 + u8::from(s2 < s1);
            CastRule::Allowed { nullable: digits > p2 - s2 }
        }
        (Double, Int | Decimal { .. }) => CastRule::Allowed { nullable: true },
        (Double, String | Bool | Timestamp)
        | (Int | Decimal { .. }, Bool | Timestamp)
        | (Bool, Int | Double | Decimal { .. } | Timestamp)
        | (Timestamp, String | Int | Double | Decimal { .. } | Bool)
        | (Bytes | Date | List(_) | Map(_) | Struct(_), _)
        | (_, Bytes | Date | List(_) | Map(_) | Struct(_)) => CastRule::Refused,
    }
}

/// The value in another type. `from` is the static type: a decimal's text has its scale.
#[must_use]
pub fn cast(value: &Value, from: DataType, to: DataType) -> Value {
    match to {
        _ if value.is_null() || from == to => value.clone(),
        DataType::Int => to_int(value),
        DataType::Double => to_double(value),
        DataType::Decimal { precision, scale } => to_decimal(value, precision, scale),
        DataType::String => to_text(value, from),
        DataType::Bool => to_bool(value),
        DataType::Timestamp => to_timestamp(value),
        DataType::Bytes | DataType::Date | DataType::List(_) | DataType::Map(_) | DataType::Struct(_) => {
            Value::Null
        }
    }
}

fn to_int(value: &Value) -> Value {
    match value {
        Value::Int(value) => Some(*value),
        Value::Double(value) => truncated(*value),
        Value::Decimal(value) => i64::try_from(value.units() / 10_i128.pow(u32::from(value.scale()))).ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
    .map_or(Value::Null, Value::Int)
}

/// Toward zero; `None` outside i64. 2^63 itself is a double, and outside.
fn truncated(value: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "cutting the fraction is the point; the range is checked"
    )]
    (-LIMIT..LIMIT).contains(&value).then_some(value as i64)
}

fn to_double(value: &Value) -> Value {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "the nearest double is what the cast means")]
        Value::Int(value) => Value::double(*value as f64),
        Value::Double(value) => Value::double(*value),
        Value::Decimal(value) => Value::double(value.to_f64()),
        Value::String(text) if is_number(text) => text.parse().map_or(Value::Null, Value::double),
        _ => Value::Null,
    }
}

/// Plain or exponent notation; Rust would also read `inf` and `nan`.
fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
}

fn to_decimal(value: &Value, precision: u8, scale: u8) -> Value {
    match value {
        Value::Int(value) => Some(Decimal::from_int(*value)),
        // The shortest text that reads back as the same double.
        Value::Double(value) => Decimal::read(&format!("{value:e}"), scale, Rounding::HalfUp),
        Value::Decimal(value) => Some(*value),
        Value::String(text) => Decimal::read(text, scale, Rounding::HalfUp),
        _ => None,
    }
    .and_then(|decimal| decimal.fit(precision, scale))
    .map_or(Value::Null, Value::Decimal)
}

fn to_text(value: &Value, from: DataType) -> Value {
    match (value, from) {
        (Value::String(_), _) => value.clone(),
        (Value::Decimal(decimal), DataType::Decimal { scale, .. }) => decimal
            .rescale(scale, Rounding::HalfUp)
            .map_or(Value::Null, |decimal| Value::string(decimal.to_string())),
        (Value::Int(_) | Value::Bool(_), _) => Value::string(value.to_string()),
        _ => Value::Null,
    }
}

fn to_bool(value: &Value) -> Value {
    match value {
        Value::Bool(_) => value.clone(),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Value::Bool(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Value::Bool(false),
        _ => Value::Null,
    }
}

fn to_timestamp(value: &Value) -> Value {
    match value {
        Value::Timestamp(_) => value.clone(),
        Value::String(text) => EventTime::from_iso(text).map_or(Value::Null, Value::Timestamp),
        _ => Value::Null,
    }
}
