//! V(key, q) the plain way: all events, one after the other, per column.

use std::collections::BTreeSet;

use super::rig::{Event, columns};
use crate::aggregates::Kind;
use crate::types::{DataType, Decimal, Row, Value};

fn input(event: &Event, slot: usize) -> Value {
    match slot {
        3 => event.n.map_or(Value::Null, Value::Int),
        4 => Value::double(event.x),
        5 => Value::Decimal(Decimal::new(i128::from(event.cents), 2).expect("small")),
        6 => Value::string(event.text),
        _ => unreachable!("no aggregate reads slot {slot}"),
    }
}

/// V(key, q) over the events, copies once.
pub(super) fn row(events: &[Event], key: &str, q: i64) -> Row {
    let mut seen = BTreeSet::new();
    let of_key = |event: &&Event| event.key == Some(key) && event.ts < q;
    let events: Vec<&Event> =
        events.iter().filter(of_key).filter(|event| seen.insert(event.payload())).collect();
    columns()
        .into_iter()
        .map(|column| {
            let mut slots = Vec::new();
            if let Some(input) = &column.input {
                input.collect_columns(&mut slots);
            }
            let slot = slots.first().copied();
            let inside = |event: &&&Event| {
                event.ts >= column.window.map_or(i64::MIN, |window| window.start(q))
                    && (column.filter.is_none() || event.n > Some(0))
            };
            let mut values: Vec<(i64, u32, Value)> = Vec::new();
            for event in events.iter().filter(inside) {
                let value = slot.map_or(Value::Bool(true), |slot| input(event, slot));
                if !value.is_null() {
                    values.push((event.ts, event.id, value));
                }
            }
            aggregate(column.kind, column.output, &values)
        })
        .collect()
}

/// The row of no events.
pub(super) fn empty() -> Row {
    row(&[], "", 0)
}

#[expect(clippy::cast_precision_loss, reason = "small whole numbers")]
fn aggregate(kind: Kind, output: DataType, values: &[(i64, u32, Value)]) -> Value {
    let plain = || values.iter().map(|(_, _, value)| value.clone());
    match (kind, output) {
        (Kind::Count, _) => Value::Int(i64::try_from(values.len()).expect("few")),
        _ if values.is_empty() => Value::Null,
        (Kind::Min, _) => plain().min_by(Value::total_cmp).expect("some"),
        (Kind::Max, _) => plain().max_by(Value::total_cmp).expect("some"),
        (Kind::Last, _) => {
            let newest = values.iter().max_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
            newest.expect("some").2.clone()
        }
        (Kind::Sum, DataType::Decimal { scale, .. }) => {
            Value::Decimal(Decimal::new(plain().map(|value| units(&value)).sum(), scale).expect("small"))
        }
        (Kind::Avg, DataType::Decimal { scale, .. }) => {
            let total = Decimal::new(plain().map(|value| units(&value)).sum(), 2).expect("small");
            let count = Decimal::from_int(i64::try_from(values.len()).expect("few"));
            Value::Decimal(total.checked_div(count, scale).expect("small"))
        }
        (Kind::Sum, DataType::Int) => {
            let total: i128 = plain().map(|value| units(&value)).sum();
            i64::try_from(total).map_or(Value::Null, Value::Int)
        }
        (Kind::Sum, _) => Value::double(quarters(plain()) as f64 / 4.0),
        (Kind::Avg, _) => match &values[0].2 {
            Value::Int(_) => {
                Value::double(plain().map(|v| units(&v)).sum::<i128>() as f64 / values.len() as f64)
            }
            _ => Value::double(quarters(plain()) as f64 / 4.0 / values.len() as f64),
        },
        (other, _) => unreachable!("no column of the test plan is {other}"),
    }
}

fn units(value: &Value) -> i128 {
    match value {
        Value::Int(int) => i128::from(*int),
        Value::Decimal(decimal) => decimal.units(),
        _ => unreachable!("a number"),
    }
}

/// The tests' doubles are quarters below 2^62: their sum is exact in i128.
#[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2^64")]
fn quarters(values: impl Iterator<Item = Value>) -> i128 {
    let quarter = |value| match value {
        Value::Double(double) => (double * 4.0) as i128,
        _ => unreachable!("a double"),
    };
    values.map(quarter).sum()
}
