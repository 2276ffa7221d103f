//! S12: summaries that are functions of the multiset, from their definitions.

use twox_hash::XxHash64;

use crate::types::{DataType, Decimal, Value};

use super::number::{self, order};

/// Hashes that are kept; below, the count is exact.
const HASHES: usize = 2_048;
/// Values that are kept one by one; beyond, they are rounded to the middles of buckets.
const VALUES: usize = 1_024;
/// A bucket's numbers begin with the same seven bits.
const LEADING: u128 = 128;

/// How many different values there are, by their smallest hashes.
pub(super) fn unique_count(values: &[&Value]) -> Value {
    let mut hashes: Vec<u64> = values.iter().map(|value| XxHash64::oneshot(0, &bytes(value))).collect();
    hashes.sort_unstable();
    hashes.dedup();
    let Some(last) = hashes.get(HASHES - 1) else { return number::int(number::count(hashes.len())) };
    // The part of all hashes that lies below the largest one that is kept holds all others.
    let range = u128::from(u64::MAX) + 1;
    let others = u128::try_from(HASHES - 1).expect("it is small");
    number::int(i128::try_from(others * range / (u128::from(*last) + 1)).expect("64 bits"))
}

fn bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::Bool(value) => vec![u8::from(*value)],
        Value::Int(value) => value.to_le_bytes().to_vec(),
        Value::Timestamp(value) => value.0.to_le_bytes().to_vec(),
        Value::Date(value) => i64::from(value.days()).to_le_bytes().to_vec(),
        Value::Double(value) => value.to_le_bytes().to_vec(),
        Value::Decimal(value) => value.units().to_le_bytes().to_vec(),
        Value::String(value) => value.as_bytes().to_vec(),
        Value::Bytes(value) => value.to_vec(),
        other => panic!("no count of different {other:?}"),
    }
}

/// `sorted[min(floor(p n), n - 1)]`, of many values rounded to the middle of its bucket.
pub(super) fn percentile(values: &[&Value], billionths: u32, output: DataType) -> Value {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| order(a, b));
    let place = sorted.len() as u128 * u128::from(billionths) / 1_000_000_000;
    let value = sorted[usize::try_from(place).expect("an index").min(sorted.len() - 1)];
    if sorted.len() <= VALUES {
        return value.clone();
    }
    match value {
        Value::Double(value) => number::double(middle_of_double(*value)),
        Value::Int(value) => {
            let middle = middle(i128::from(*value)).clamp(i128::from(i64::MIN), i128::from(i64::MAX));
            number::int(middle)
        }
        Value::Decimal(value) => {
            let DataType::Decimal { precision, scale } = output else { panic!("{output} is no decimal") };
            let most = 10_i128.pow(u32::from(precision)) - 1;
            let units = middle(value.units()).clamp(-most, most);
            Value::Decimal(Decimal::new(units, scale).expect("at most 38 digits"))
        }
        other => panic!("no percentile of {other:?}"),
    }
}

/// The middle of all whole numbers that begin with the same seven bits and are as long.
fn middle(value: i128) -> i128 {
    let mut leading = value.unsigned_abs();
    let mut unit = 1;
    while leading >= LEADING {
        leading /= 2;
        unit *= 2;
    }
    let size = i128::try_from(leading * unit + unit / 2).expect("half a bucket more");
    if value < 0 { -size } else { size }
}

/// The same of doubles: what lies below the least normal one is 0.
fn middle_of_double(value: f64) -> f64 {
    if value.abs() < f64::MIN_POSITIVE {
        return 0.0;
    }
    let mut leading = value.abs();
    let mut unit = 1.0;
    while leading >= 128.0 {
        leading /= 2.0;
        unit *= 2.0;
    }
    while leading < 64.0 {
        leading *= 2.0;
        unit /= 2.0;
    }
    let size = (leading.floor() + 0.5) * unit;
    if value < 0.0 { -size } else { size }
}
