//! `approx_unique_count(x)`: about how many different values there are, from the smallest of their hashes
//! (rule S12).
//!
//! Exact below [`HASHES_MAX`] different values. From there on the estimate is that many, less one, over the part
//! of the range of hashes that they fill; its standard error is `1 / sqrt(HASHES_MAX - 2)`, 2.2 %. The kept
//! hashes are a function of the set of values: any order and any merge gives the same estimate.

use std::collections::BTreeSet;

use twox_hash::XxHash64;

use crate::types::Value;
use crate::types::bytes::{self, Malformed, Reader};

use super::entry::{Argument, Empty, Entry, Example};
use super::{Datum, Kind, rule};

pub(super) static APPROX_UNIQUE_COUNT: Entry = Entry {
    name: "approx_unique_count",
    arguments: &[Argument::INPUT],
    make: |_| Kind::ApproxUniqueCount,
    rule: rule::counted,
    empty: Empty::Zero,
    may_not_fit: false,
    is_ordered: false,
    java: "APPROX_UNIQUE_COUNT",
    doc: "about how many different values there are: exact below 2048, from there on with a standard error of 2.2 %",
    examples: &[Example {
        call: "approx_unique_count(x)",
        values: &["'a'", "'b'", "'a'", "null"],
        result: "2",
    }],
};

/// How many hashes are kept.
pub const HASHES_MAX: usize = 2_048;

const SEED: u64 = 0;

/// The smallest hashes so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Hashes(BTreeSet<u64>);

impl Hashes {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add(&mut self, value: Datum<'_>) {
        self.add_hash(hash(value));
    }

    fn add_hash(&mut self, hash: u64) {
        if self.0.len() < HASHES_MAX {
            self.0.insert(hash);
        } else if self.0.last().is_some_and(|last| hash < *last) && self.0.insert(hash) {
            self.0.pop_last();
        }
    }

    /// Eight bytes each: hashes do not get shorter.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        bytes::put_u64(out, self.0.len() as u64);
        self.0.iter().for_each(|hash| bytes::put_fixed(out, *hash));
    }

    pub(super) fn merge_bytes(&mut self, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        for _ in 0..reader.len()? {
            self.add_hash(reader.fixed()?);
        }
        Ok(())
    }

    pub(super) fn value(&self) -> Value {
        let kept = self.0.len();
        let estimate = match self.0.last() {
            // In whole numbers, so that every engine gives the same.
            Some(last) if kept == HASHES_MAX => ((kept as u128 - 1) << 64) / (u128::from(*last) + 1),
            Some(_) | None => kept as u128,
        };
        Value::Int(i64::try_from(estimate).unwrap_or(i64::MAX))
    }
}

/// XXH64 of the value's own bytes: text and bytes as they are, ints and times as eight bytes, decimals as
/// sixteen bytes of units, the least first.
fn hash(value: Datum<'_>) -> u64 {
    match value {
        Datum::Null => XxHash64::oneshot(SEED, &[]),
        Datum::Bool(bool) => XxHash64::oneshot(SEED, &[u8::from(bool)]),
        Datum::Int(int) => XxHash64::oneshot(SEED, &int.to_le_bytes()),
        Datum::Double(double) => XxHash64::oneshot(SEED, &double.to_bits().to_le_bytes()),
        Datum::Decimal(units) => XxHash64::oneshot(SEED, &units.to_le_bytes()),
        Datum::String(text) => XxHash64::oneshot(SEED, text.as_bytes()),
        Datum::Bytes(bytes) => XxHash64::oneshot(SEED, bytes),
    }
}
