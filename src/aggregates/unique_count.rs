//! `unique_count(x)`: how many different values there are, exactly.

use std::collections::BTreeSet;

use crate::types::bytes::{self, Malformed, Reader};
use crate::types::{DataType, Value};

use super::entry::{Argument, Empty, Entry, Example};
use super::{Datum, Kind, rule};

pub(super) static UNIQUE_COUNT: Entry = Entry {
    name: "unique_count",
    arguments: &[Argument::INPUT],
    make: |_| Kind::UniqueCount,
    rule: rule::counted,
    empty: Empty::Zero,
    may_not_fit: false,
    is_ordered: false,
    java: "UNIQUE_COUNT",
    doc: "how many different values there are; it keeps them all",
    examples: &[
        Example { call: "unique_count(x)", values: &["'a'", "'b'", "'a'", "null"], result: "2" },
        Example { call: "unique_count(x)", values: &["null"], result: "0" },
    ],
};

/// All values so far, as bytes: equal values of one type have equal bytes.
#[derive(Debug, Clone, Default)]
pub(super) struct Distinct {
    values: BTreeSet<Box<[u8]>>,
    scratch: Vec<u8>,
}

impl Distinct {
    pub(super) fn clear(&mut self) {
        self.values.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(super) fn add(&mut self, value: Datum<'_>) {
        self.scratch.clear();
        value.write(&mut self.scratch);
        if !self.values.contains(self.scratch.as_slice()) {
            self.values.insert(self.scratch.as_slice().into());
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        bytes::put_u64(out, self.values.len() as u64);
        self.values.iter().for_each(|value| out.extend_from_slice(value));
    }

    pub(super) fn merge_bytes(
        &mut self,
        input: Option<DataType>,
        reader: &mut Reader<'_>,
    ) -> Result<(), Malformed> {
        for _ in 0..reader.len()? {
            self.add(Datum::read(reader, input.ok_or(Malformed)?)?);
        }
        Ok(())
    }

    pub(super) fn value(&self) -> Value {
        Value::Int(i64::try_from(self.values.len()).unwrap_or(i64::MAX))
    }
}
