//! `avg(x)`: the exact sum rounded once to double, divided by the count; of decimals the exact
//! quotient rounded HALF_UP to at least six digits.
#![expect(clippy::cast_precision_loss, reason = "rounding once to the nearest double is the rule (S7)")]

use super::datum::decimal_value;
use super::{ExactSum, IntegerSum};
use crate::types::{DataType, Value};

/// The mean of ints (a double) or of decimals of scale `input_scale`.
#[must_use]
pub(super) fn of_integers(total: &IntegerSum, count: u64, input_scale: u8, output: DataType) -> Value {
    match output {
        DataType::Decimal { scale, .. } => total
            .mean(u32::from(scale - input_scale), count)
            .map_or(Value::Null, |units| decimal_value(units, scale)),
        // 2^64 ints fit 128 bits; the conversion rounds to nearest, ties to even.
        _ => total.total().map_or(Value::Null, |total| Value::double(total as f64 / count as f64)),
    }
}

/// The mean of doubles.
#[must_use]
pub(super) fn of_doubles(total: &ExactSum, count: u64) -> Value {
    total.rounded().map_or(Value::Null, |total| Value::double(total / count as f64))
}
