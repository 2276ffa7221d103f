//! `sum(x)`: exact; null where nothing was summed or the total does not fit its type.

use super::datum::decimal_value;
use super::{ExactSum, IntegerSum};
use crate::types::{DataType, Value};

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
