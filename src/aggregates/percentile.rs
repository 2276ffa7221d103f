//! `approx_percentile(x, p)`: the value below which the fraction p of the values lies (rule S12).
//!
//! Up to [`EXACT_MAX`] values they are all kept and the answer is one of them: `sorted[min(floor(p n), n - 1)]`.
//! Beyond, they are counted in buckets of equal ratio, 64 to each power of two, and the answer is the middle of
//! the bucket that holds that value: at most 1/128 (0.8 %) from it; doubles nearer to zero than 2^-1022 count as
//! 0. Both are functions of the multiset: any order and any merge gives the same bits.

use std::collections::BTreeMap;

use crate::types::bytes::{self, Malformed, Reader};
use crate::types::{DataType, Value};

use super::datum::decimal_value;
use super::entry::{Argument, BILLION, Empty, Entry, Example};
use super::{Kind, rule};

pub(super) static APPROX_PERCENTILE: Entry = Entry {
    name: "approx_percentile",
    arguments: &[Argument::INPUT, Argument::FRACTION],
    make: |p| Kind::ApproxPercentile(p.unwrap_or(0)),
    rule: rule::number,
    empty: Empty::Null,
    may_not_fit: false,
    is_ordered: false,
    java: "APPROX_PERCENTILE",
    doc: "the value at the fraction p of all values in order: exact up to 1024 values, from there on within 0.8 %",
    examples: &[
        Example { call: "approx_percentile(x, 0.5)", values: &["5", "1", "null", "3"], result: "3" },
        Example { call: "approx_percentile(x, 1)", values: &["5", "1", "3"], result: "5" },
    ],
};

/// How many values are kept one by one.
pub const EXACT_MAX: usize = 1_024;

/// Buckets to each power of two, as bits.
const BUCKET_BITS: u32 = 6;
/// Bits of a double that do not matter to its bucket.
const DOUBLE_SHIFT: u32 = 52 - BUCKET_BITS;

/// Values as whole numbers of their order: ints, decimal units, or [`ordinal`]s of doubles.
#[derive(Debug, Clone)]
pub(super) enum Percentile {
    Exact(Vec<i128>),
    Buckets(BTreeMap<i32, u64>),
}

impl Default for Percentile {
    fn default() -> Self {
        Self::Exact(Vec::new())
    }
}

impl Percentile {
    pub(super) fn clear(&mut self) {
        match self {
            Self::Exact(values) => values.clear(),
            Self::Buckets(_) => *self = Self::default(),
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        match self {
            Self::Exact(values) => values.is_empty(),
            // There are buckets only of many values.
            Self::Buckets(_) => false,
        }
    }

    pub(super) fn add(&mut self, ordinal: i128, of_doubles: bool) {
        match self {
            Self::Exact(values) => {
                values.push(ordinal);
                if values.len() > EXACT_MAX {
                    let values = std::mem::take(values);
                    let mut buckets = BTreeMap::new();
                    for value in values {
                        *buckets.entry(bucket(value, of_doubles)).or_insert(0) += 1;
                    }
                    *self = Self::Buckets(buckets);
                }
            }
            Self::Buckets(buckets) => *buckets.entry(bucket(ordinal, of_doubles)).or_insert(0) += 1,
        }
    }

    /// The values as differences, in order; or a zero and the buckets.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Exact(values) => {
                bytes::put_u64(out, values.len() as u64 + 1);
                let mut sorted = values.clone();
                sorted.sort_unstable();
                let mut before = 0_i128;
                for value in sorted {
                    bytes::put_i128(out, value.wrapping_sub(before));
                    before = value;
                }
            }
            Self::Buckets(buckets) => {
                bytes::put_u64(out, 0);
                bytes::put_u64(out, buckets.len() as u64);
                let mut before = 0;
                for (bucket, count) in buckets {
                    bytes::put_i64(out, i64::from(*bucket) - before);
                    bytes::put_u64(out, *count);
                    before = i64::from(*bucket);
                }
            }
        }
    }

    pub(super) fn merge_bytes(&mut self, of_doubles: bool, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        let count = reader.u64()?;
        if count == 0 {
            return self.merge_buckets(of_doubles, reader);
        }
        let mut value = 0_i128;
        for _ in 1..count {
            value = value.wrapping_add(reader.i128()?);
            self.add(value, of_doubles);
        }
        Ok(())
    }

    fn merge_buckets(&mut self, of_doubles: bool, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        let mut buckets = match std::mem::take(self) {
            Self::Buckets(buckets) => buckets,
            Self::Exact(values) => {
                let mut buckets = BTreeMap::new();
                for value in values {
                    *buckets.entry(bucket(value, of_doubles)).or_insert(0) += 1;
                }
                buckets
            }
        };
        let mut number = 0_i64;
        for _ in 0..reader.len()? {
            number = number.wrapping_add(reader.i64()?);
            let count = reader.u64()?;
            *buckets.entry(i32::try_from(number).map_err(|_| Malformed)?).or_insert(0) += count;
        }
        *self = Self::Buckets(buckets);
        Ok(())
    }

    /// The value at the fraction of `p` billionths.
    pub(super) fn value(&self, p: u32, output: DataType) -> Value {
        let of_doubles = output == DataType::Double;
        let found = match self {
            Self::Exact(values) => {
                let mut sorted = values.clone();
                let Some(place) = place(values.len() as u64, p) else { return Value::Null };
                let place = usize::try_from(place).unwrap_or(usize::MAX);
                *sorted.select_nth_unstable(place).1
            }
            Self::Buckets(buckets) => {
                let Some(mut place) = place(buckets.values().sum(), p) else { return Value::Null };
                let mut holds = |(_, count): &(&i32, &u64)| {
                    let here = place < **count;
                    place = place.saturating_sub(**count);
                    here
                };
                let bucket = buckets.iter().find(&mut holds).map_or(0, |(bucket, _)| *bucket);
                middle(bucket, of_doubles)
            }
        };
        value_of(found, output)
    }
}

/// `min(floor(p n), n - 1)`; `None` of nothing.
fn place(count: u64, p: u32) -> Option<u64> {
    let last = count.checked_sub(1)?;
    let place = u128::from(count) * u128::from(p) / u128::from(BILLION);
    Some(u64::try_from(place).map_or(last, |place| place.min(last)))
}

/// The number of a double in the order of doubles: 0 for 0, the negative ones below.
pub(super) fn ordinal(double: f64) -> i128 {
    let size = i128::from(double.abs().to_bits());
    if double < 0.0 { -size } else { size }
}

fn bucket(ordinal: i128, of_doubles: bool) -> i32 {
    let size = ordinal.unsigned_abs();
    let number = if of_doubles {
        let number = size >> DOUBLE_SHIFT;
        // Subnormal doubles have no leading bit that buckets could be cut by.
        if number >> BUCKET_BITS == 0 { 0 } else { number }
    } else {
        let octave = (128 - size.leading_zeros()).saturating_sub(BUCKET_BITS + 1);
        (u128::from(octave) << BUCKET_BITS) + (size >> octave)
    };
    let number = i32::try_from(number).expect("some thousand buckets");
    if ordinal < 0 { -number } else { number }
}

/// The ordinal in the middle of a bucket.
fn middle(bucket: i32, of_doubles: bool) -> i128 {
    let number = i128::from(bucket.unsigned_abs());
    let size = if of_doubles {
        if number == 0 { 0 } else { number << DOUBLE_SHIFT | 1 << (DOUBLE_SHIFT - 1) }
    } else {
        // Below 2^7 a bucket is one number; above, the octave's numbers begin at 2^6.
        let octave = ((number >> BUCKET_BITS) - 1).max(0);
        let leading = number - (octave << BUCKET_BITS);
        (leading << octave) + ((1 << octave) >> 1)
    };
    if bucket < 0 { -size } else { size }
}

fn value_of(ordinal: i128, output: DataType) -> Value {
    match output {
        DataType::Double => {
            let size = f64::from_bits(u64::try_from(ordinal.unsigned_abs()).unwrap_or(0));
            Value::double(if ordinal < 0 { -size } else { size })
        }
        DataType::Decimal { precision, scale } => {
            let most = 10_i128.pow(u32::from(precision)) - 1;
            decimal_value(ordinal.clamp(-most, most), scale)
        }
        _ => Value::Int(i64::try_from(ordinal).unwrap_or(if ordinal < 0 { i64::MIN } else { i64::MAX })),
    }
}
