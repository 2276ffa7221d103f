//! Casts. A cast never fails on a row: what does not fit, or cannot be read, is null.
//!
//! | from \ to | int | double | decimal | string | bool | timestamp | date |
//! |---|---|---|---|---|---|---|---|
//! | int | – | nearest | exact, null if too large | digits | | | |
//! | double | toward zero, null out of range | – | half up from the shortest decimal text | | | | |
//! | decimal | toward zero, null out of range | nearest | half up, null if too large | digits with its scale | | | |
//! | string | `try_cast` | `try_cast` | `try_cast` | – | `try_cast` | `try_cast` | `try_cast` |
//! | bool | | | | `true`, `false` | – | | |
//! | timestamp | | | | ISO 8601 in UTC, null outside the calendar | | – | the day in UTC |
//! | date | | | | `YYYY-MM-DD` | | its midnight in UTC | – |
//!
//! Lists, maps and structs (by the names of their fields) are cast part by part; a part that becomes
//! null where none is allowed makes the whole null. Bytes are cast to nothing: `to_hex`, `to_base64`.
//!
//! Empty: not available. Reading a string may fail for reasons in the data, so it must be asked for
//! by `try_cast`. A double has no text that all engines share, so it has none here.

use crate::types::{DataType, Date, Decimal, Element, EventTime, Field, Rounding, StructType, Value};

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
        (String, Int | Double | Decimal { .. } | Bool | Timestamp | Date) => CastRule::OnlyLenient,
        (String | Int | Bool | Decimal { .. } | Date, String)
        | (Int, Int | Double)
        | (Double | Decimal { .. }, Double)
        | (Bool, Bool)
        | (Date, Date | Timestamp)
        | (Timestamp, Timestamp)
        | (Bytes, Bytes) => CastRule::Allowed { nullable: false },
        (Int, Decimal { precision, scale }) => CastRule::Allowed { nullable: precision - scale < 19 },
        (Decimal { precision, scale }, Int) => CastRule::Allowed { nullable: precision - scale > 18 },
        (Decimal { precision: p1, scale: s1 }, Decimal { precision: p2, scale: s2 }) => {
            // Rounding away digits may carry into one more.
            let digits = p1 - s1 + u8::from(s2 < s1);
            CastRule::Allowed { nullable: digits > p2 - s2 }
        }
        (Double, Int | Decimal { .. }) | (Timestamp, String | Date) => CastRule::Allowed { nullable: true },
        (List(from), List(to)) => part(*from, *to),
        (Map(from), Map(to)) => {
            let key = |data_type| Element { data_type, nullable: false };
            both(part(key(from.key), key(to.key)), part(from.value, to.value))
        }
        (Struct(from), Struct(to)) => fields(&from, &to),
        (Double, String | Bool | Timestamp)
        | (Int | Decimal { .. }, Bool | Timestamp)
        | (Bool, Int | Double | Decimal { .. } | Timestamp)
        | (Timestamp, Int | Double | Decimal { .. } | Bool)
        | (Date, Int | Double | Decimal { .. } | Bool)
        | (Int | Double | Decimal { .. } | Bool, Date)
        | (Bytes | List(_) | Map(_) | Struct(_), _)
        | (_, Bytes | List(_) | Map(_) | Struct(_)) => CastRule::Refused,
    }
}

/// The whole is null where a part becomes null and may not be.
fn part(from: Element, to: Element) -> CastRule {
    match cast_rule(from.data_type, to.data_type) {
        CastRule::Allowed { nullable } => {
            CastRule::Allowed { nullable: (nullable || from.nullable) && !to.nullable }
        }
        other => other,
    }
}

fn both(a: CastRule, b: CastRule) -> CastRule {
    match (a, b) {
        (CastRule::Refused, _) | (_, CastRule::Refused) => CastRule::Refused,
        (CastRule::OnlyLenient, _) | (_, CastRule::OnlyLenient) => CastRule::OnlyLenient,
        (CastRule::Allowed { nullable: a }, CastRule::Allowed { nullable: b }) => {
            CastRule::Allowed { nullable: a || b }
        }
    }
}

/// By name; both have the same fields.
fn fields(from: &StructType, to: &StructType) -> CastRule {
    if from.fields.len() != to.fields.len() {
        return CastRule::Refused;
    }
    let element = |field: &Field| Element { data_type: field.data_type, nullable: field.nullable };
    let field = |to: &Field| match from.field(&to.name) {
        Some((_, from)) => part(element(from), element(to)),
        None => CastRule::Refused,
    };
    to.fields.iter().map(field).fold(CastRule::Allowed { nullable: false }, both)
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
        DataType::Date => to_date(value),
        DataType::List(_) | DataType::Map(_) | DataType::Struct(_) => {
            parts(value, from, to).unwrap_or(Value::Null)
        }
        DataType::Bytes => Value::Null,
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
        (Value::Int(_) | Value::Bool(_) | Value::Date(_), _) => Value::string(value.to_string()),
        // Outside the calendar there is no text but that of the number.
        (Value::Timestamp(_), _) => {
            let text = value.to_string();
            if text.ends_with('Z') { Value::string(text) } else { Value::Null }
        }
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
        Value::Date(day) => Value::Timestamp(day.midnight()),
        _ => Value::Null,
    }
}

fn to_date(value: &Value) -> Value {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Timestamp(time) => Date::of(*time),
        _ => None,
    }
    .map_or(Value::Null, Value::Date)
}

/// Part by part; `None` where a part is null and may not be.
fn parts(value: &Value, from: DataType, to: DataType) -> Option<Value> {
    match (value, from, to) {
        (Value::List(elements), DataType::List(from), DataType::List(to)) => {
            let cast = elements.iter().map(|element| allowed(element, from.data_type, *to));
            Some(Value::list(cast.collect::<Option<Vec<_>>>()?))
        }
        (Value::Map(entries), DataType::Map(from), DataType::Map(to)) => {
            let key = Element { data_type: to.key, nullable: false };
            let cast = entries.iter().map(|(known, value)| {
                Some((allowed(known, from.key, key)?, allowed(value, from.value.data_type, to.value)?))
            });
            Some(Value::map(cast.collect::<Option<Vec<_>>>()?))
        }
        (Value::Struct(values), DataType::Struct(from), DataType::Struct(to)) => {
            let cast = to.fields.iter().map(|field| {
                let (position, old) = from.field(&field.name)?;
                let element = Element { data_type: field.data_type, nullable: field.nullable };
                allowed(&values[position], old.data_type, element)
            });
            Some(Value::structure(cast.collect::<Option<Vec<_>>>()?))
        }
        _ => None,
    }
}

fn allowed(value: &Value, from: DataType, to: Element) -> Option<Value> {
    Some(cast(value, from, to.data_type)).filter(|value| to.nullable || !value.is_null())
}
