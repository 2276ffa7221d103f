//! Aggregates by brute force: over the list of everything in the window, each time anew.

use std::cmp::Ordering;

use crate::aggregates::Kind;
use crate::types::{DataType, Value};

use super::big::Big;
use super::number::{self, order};
use super::table::nulls_first;
use super::{approximate, spread};

/// What one event gives to one aggregate: a value that is not null, and what ties are broken by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) ts: i64,
    pub(super) origin: i64,
    pub(super) id: &'a Value,
    pub(super) value: &'a Value,
    /// Of `top_k` and `bottom_k`; the value itself where nothing else is asked for.
    pub(super) order: &'a Value,
}

/// The aggregate of everything given. S6: of nothing, counts are 0 and all others are null.
pub(super) fn aggregate(kind: Kind, given: &[Given<'_>], output: DataType) -> Value {
    let values: Vec<_> = given.iter().map(|one| one.value).collect();
    match kind {
        Kind::Count => number::int(number::count(values.len())),
        Kind::UniqueCount => number::int(number::count(distinct(&values).len())),
        Kind::ApproxUniqueCount => approximate::unique_count(&values),
        _ if values.is_empty() => Value::Null,
        Kind::Min => values.into_iter().min_by(|a, b| order(a, b)).cloned().unwrap_or(Value::Null),
        Kind::Max => values.into_iter().max_by(|a, b| order(a, b)).cloned().unwrap_or(Value::Null),
        Kind::First => in_order(given, by_time)[0].clone(),
        Kind::Last => in_order(given, |a, b| by_time(b, a))[0].clone(),
        Kind::FirstK(k) => first(k, in_order(given, by_time)),
        Kind::LastK(k) => first(k, in_order(given, |a, b| by_time(b, a))),
        Kind::TopK(k) => first(k, in_order(given, |a, b| by_order(b, a))),
        Kind::BottomK(k) => first(k, in_order(given, by_order)),
        Kind::Sum => sum(&values, output),
        Kind::Avg => average(&values, output),
        Kind::Variance => spread::variance(&values),
        Kind::Stddev => spread::deviation(&values),
        Kind::ApproxPercentile(p) => approximate::percentile(&values, p, output),
        Kind::Histogram => histogram(&values),
    }
}

/// S5: event time, source, event id, value.
fn by_time(a: &Given<'_>, b: &Given<'_>) -> Ordering {
    (a.ts, a.origin)
        .cmp(&(b.ts, b.origin))
        .then_with(|| nulls_first(a.id, b.id))
        .then_with(|| order(a.value, b.value))
}

/// S5: what is asked for, then as above.
fn by_order(a: &Given<'_>, b: &Given<'_>) -> Ordering {
    order(a.order, b.order).then_with(|| by_time(a, b))
}

fn in_order<'a>(given: &[Given<'a>], by: impl Fn(&Given<'_>, &Given<'_>) -> Ordering) -> Vec<&'a Value> {
    let mut sorted = given.to_vec();
    sorted.sort_by(|a, b| by(a, b));
    sorted.into_iter().map(|one| one.value).collect()
}

fn first(k: u32, values: Vec<&Value>) -> Value {
    Value::list(values.into_iter().take(k as usize).cloned().collect::<Vec<_>>())
}

fn distinct(values: &[&Value]) -> Vec<Value> {
    let mut sorted: Vec<Value> = values.iter().map(|value| (*value).clone()).collect();
    sorted.sort_by(order);
    sorted.dedup_by(|a, b| order(a, b).is_eq());
    sorted
}

fn histogram(values: &[&Value]) -> Value {
    let times = |one: &Value| values.iter().filter(|value| order(value, one).is_eq()).count();
    let counted = distinct(values).into_iter().map(|one| {
        let times = number::int(number::count(times(&one)));
        (one, times)
    });
    Value::map(counted.collect())
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
