//! Aggregates by brute force: over the list of everything in the window, each time anew.

use crate::aggregates::Kind;
use crate::types::{DataType, Value};

use super::big::Big;
use super::number::{self, order};
use super::table::nulls_first;

/// What one event gives to one aggregate: its value, and what breaks ties of `last`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) ts: i64,
    pub(super) id: &'a Value,
    pub(super) value: &'a Value,
}

/// The aggregate of everything given. S6: nulls are ignored; of nothing, `count` is 0 and all
/// others are null.
pub(super) fn aggregate(kind: Kind, given: &[Given<'_>], output: DataType) -> Value {
    let given: Vec<_> = given.iter().copied().filter(|one| !one.value.is_null()).collect();
    let values: Vec<_> = given.iter().map(|one| one.value).collect();
    match kind {
        Kind::Count => number::int(number::count(values.len())),
        _ if values.is_empty() => Value::Null,
        Kind::Min => values.into_iter().min_by(|a, b| order(a, b)).cloned().unwrap_or(Value::Null),
        Kind::Max => values.into_iter().max_by(|a, b| order(a, b)).cloned().unwrap_or(Value::Null),
        Kind::Last => last(&given),
        Kind::Sum => sum(&values, output),
        Kind::Avg => average(&values, output),
        Kind::Variance
        | Kind::Stddev
        | Kind::First
        | Kind::FirstK(_)
        | Kind::LastK(_)
        | Kind::TopK(_)
        | Kind::BottomK(_)
        | Kind::UniqueCount
        | Kind::ApproxUniqueCount
        | Kind::ApproxPercentile(_)
        | Kind::Histogram => panic!("the oracle does not know {kind} yet"),
    }
}

/// S5: the newest; ties by event id, then by the value itself.
fn last(given: &[Given<'_>]) -> Value {
    let newest = given.iter().max_by(|a, b| {
        a.ts.cmp(&b.ts).then_with(|| nulls_first(a.id, b.id)).then_with(|| order(a.value, b.value))
    });
    newest.map_or(Value::Null, |newest| newest.value.clone())
}

/// S7: the exact sum, rounded once where the output is a double, null where it does not fit.
fn sum(values: &[&Value], output: DataType) -> Value {
    match output {
        DataType::Int => number::int(int_sum(values)),
        DataType::Double => number::double(double_sum(values)),
        DataType::Decimal { .. } => {
            let (units, scale) = decimal_sum(values);
            number::decimal(&units, scale, output)
        }
        _ => panic!("no sum of {output}"),
    }
}

/// S7: of ints and doubles the exact sum, rounded once to a double, over the count as a double; of
/// decimals the exact quotient, `HALF_UP` at the output's scale.
fn average(values: &[&Value], output: DataType) -> Value {
    let count = number::count(values.len());
    match values[0] {
        Value::Int(_) => number::double(number::double_of(int_sum(values)) / number::double_of(count)),
        Value::Double(_) => number::double(double_sum(values) / number::double_of(count)),
        _ => {
            let (units, scale) = decimal_sum(values);
            number::quotient(&units, &Big::from_i128(count), scale, output)
        }
    }
}

fn int_sum(values: &[&Value]) -> i128 {
    let of = |value: &Value| if let Value::Int(value) = value { i128::from(*value) } else { panic!("ints") };
    values.iter().map(|value| of(value)).sum()
}

fn double_sum(values: &[&Value]) -> f64 {
    let of = |value: &Value| if let Value::Double(value) = value { *value } else { panic!("doubles") };
    let units = values.iter().fold(Big::default(), |sum, value| sum.plus(&number::double_units(of(value))));
    number::nearest_double(&units)
}

fn decimal_sum(values: &[&Value]) -> (Big, u32) {
    let of = |value: &Value| if let Value::Decimal(value) = value { *value } else { panic!("decimals") };
    let scale = u32::from(of(values[0]).scale());
    let sum = values.iter().fold(Big::default(), |sum, value| {
        let (units, its_scale) = number::units(of(value));
        assert_eq!(its_scale, scale, "all values of a column have its scale");
        sum.plus(&units)
    });
    (sum, scale)
}
