//! `sum(x)`: exact; null where nothing was summed or the total does not fit its type.

use super::datum::decimal_value;
use super::entry::{Argument, Empty, Entry, Example, TypeError};
use super::{ExactSum, IntegerSum, Kind, rule};
use crate::types::{DataType, Value};

pub(super) static SUM: Entry = Entry {
    name: "sum",
    arguments: &[Argument::INPUT],
    make: |_| Kind::Sum,
    rule: output,
    empty: Empty::Null,
    may_not_fit: true,
    is_ordered: false,
    java: "SUM",
    doc: "the exact sum; of doubles it is rounded once; null if it does not fit",
    examples: &[
        Example { call: "sum(x)", values: &["1", "null", "2"], result: "3" },
        Example { call: "sum(x)", values: &["0.10", "0.20"], result: "0.30" },
        Example { call: "sum(x)", values: &["1e16", "1e0", "-1e16"], result: "1.0" },
        Example { call: "sum(x)", values: &["null"], result: "null" },
    ],
};

fn output(input: DataType) -> Result<DataType, TypeError> {
    Ok(match rule::number(input)? {
        DataType::Decimal { scale, .. } => DataType::wide_decimal(scale),
        same => same,
    })
}

/// The total of ints or decimals, in the output type.
#[must_use]
pub(super) fn of_integers(total: &IntegerSum, output: DataType) -> Value {
    match (total.total(), output) {
        (Some(total), DataType::Decimal { scale, .. }) => decimal_value(total, scale),
        (Some(total), _) => i64::try_from(total).map_or(Value::Null, Value::Int),
        (None, _) => Value::Null,
    }
}

/// The total of doubles, rounded once.
#[must_use]
pub(super) fn of_doubles(total: &ExactSum) -> Value {
    total.rounded().map_or(Value::Null, Value::double)
}
