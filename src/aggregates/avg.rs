//! `avg(x)`: the exact sum rounded once to double, divided by the count; of decimals the exact
//! quotient rounded HALF_UP to at least six digits.
#![expect(clippy::cast_precision_loss, reason = "rounding once to the nearest double is the rule (S7)")]

use super::datum::decimal_value;
use super::entry::{Argument, Empty, Entry, Example, TypeError};
use super::{ExactSum, IntegerSum, Kind, rule};
use crate::types::{DataType, Value};

pub(super) static AVG: Entry = Entry {
    name: "avg",
    arguments: &[Argument::INPUT],
    make: |_| Kind::Avg,
    rule: output,
    empty: Empty::Null,
    may_not_fit: true,
    is_ordered: false,
    java: "AVG",
    doc: "the mean: of decimals a decimal, else a double",
    examples: &[
        Example { call: "avg(x)", values: &["1", "null", "2"], result: "1.5" },
        Example { call: "avg(x)", values: &["0.01", "0.00", "0.00"], result: "0.003333" },
    ],
};

fn output(input: DataType) -> Result<DataType, TypeError> {
    Ok(match rule::number(input)? {
        DataType::Decimal { scale, .. } => DataType::wide_decimal(scale.max(6)),
        _ => DataType::Double,
    })
}

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
