//! Literals: their text, their value and their type.

use crate::types::{DataType, Decimal, Value};

/// A number literal that no type can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LiteralError {
    #[error("an int ends at 9223372036854775807")]
    Int,
    #[error("a decimal has at most 38 digits")]
    Decimal,
    #[error("a double ends at 1.7976931348623157e308")]
    Double,
}

/// The int of digits, with a sign or not.
///
/// # Errors
/// When it does not fit 64 bits.
pub fn int(digits: &str) -> Result<Value, LiteralError> {
    digits.parse().map(Value::Int).map_err(|_| LiteralError::Int)
}

/// The decimal of digits with a point, and its type: as many digits as are written, at least one of
/// them before the point, as Flink types `0.5`.
///
/// # Errors
/// When there are more than 38.
pub fn decimal(digits: &str) -> Result<(Value, DataType), LiteralError> {
    let value: Decimal = digits.parse().map_err(|_| LiteralError::Decimal)?;
    let written = value.units().unsigned_abs().checked_ilog10().map_or(1, |log| log + 1);
    let precision = u8::try_from(written).unwrap_or(38).max((value.scale() + 1).min(38));
    Ok((Value::Decimal(value), DataType::Decimal { precision, scale: value.scale() }))
}

/// The double of digits with an exponent.
///
/// # Errors
/// When it is not finite.
pub fn double(digits: &str) -> Result<Value, LiteralError> {
    match digits.parse().map(Value::double) {
        Ok(value @ Value::Double(_)) => Ok(value),
        _ => Err(LiteralError::Double),
    }
}

/// The SQL text of a value, as `windrow` reads it.
#[must_use]
pub fn sql(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Double(value) => format!("{value:e}"),
        Value::Decimal(value) => value.to_string(),
        Value::String(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Timestamp(time) => format!("timestamp '{time}'"),
        Value::Date(date) => format!("date '{date}'"),
        Value::Bytes(_) => format!("x'{value}'"),
        Value::List(elements) => format!("[{}]", parts(elements)),
        Value::Struct(fields) => format!("({})", parts(fields)),
        Value::Map(entries) => {
            let entry = |(key, value): &(Value, Value)| format!("{}: {}", sql(key), sql(value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

fn parts(values: &[Value]) -> String {
    values.iter().map(sql).collect::<Vec<_>>().join(", ")
}
