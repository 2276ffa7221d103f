//! `histogram(x)`: how often each value occurs.

use std::collections::BTreeMap;

use crate::types::bytes::{self, Malformed, Reader};
use crate::types::{DataType, Value};

use super::entry::{Argument, Empty, Entry, Example, TypeError};
use super::{Datum, Kind};

pub(super) static HISTOGRAM: Entry = Entry {
    name: "histogram",
    arguments: &[Argument::INPUT],
    make: |_| Kind::Histogram,
    rule: output,
    empty: Empty::Null,
    may_not_fit: false,
    is_ordered: false,
    java: "HISTOGRAM",
    doc: "how often each value occurs, as a map",
    examples: &[Example {
        call: "histogram(x)",
        values: &["'a'", "'b'", "'a'", "null"],
        result: "{a: 2, b: 1}",
    }],
};

fn output(input: DataType) -> Result<DataType, TypeError> {
    if input.is_map_key() {
        return Ok(DataType::map(input, DataType::Int, false));
    }
    Err(TypeError::Input { expected: "texts, ints, decimals, booleans or times", found: input })
}

/// How often each value was seen, by its bytes: equal values of one type have equal bytes.
#[derive(Debug, Clone, Default)]
pub(super) struct Histogram {
    counts: BTreeMap<Box<[u8]>, u64>,
    scratch: Vec<u8>,
}

impl Histogram {
    pub(super) fn clear(&mut self) {
        self.counts.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    pub(super) fn add(&mut self, value: Datum<'_>, times: u64) {
        self.scratch.clear();
        value.write(&mut self.scratch);
        if let Some(count) = self.counts.get_mut(self.scratch.as_slice()) {
            *count += times;
        } else {
            self.counts.insert(self.scratch.as_slice().into(), times);
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        bytes::put_u64(out, self.counts.len() as u64);
        for (value, count) in &self.counts {
            out.extend_from_slice(value);
            bytes::put_u64(out, *count);
        }
    }

    pub(super) fn merge_bytes(
        &mut self,
        input: Option<DataType>,
        reader: &mut Reader<'_>,
    ) -> Result<(), Malformed> {
        for _ in 0..reader.len()? {
            let value = Datum::read(reader, input.ok_or(Malformed)?)?;
            let times = reader.u64()?;
            self.add(value, times);
        }
        Ok(())
    }

    pub(super) fn value(&self, output: DataType) -> Value {
        let DataType::Map(map) = output else { return Value::Null };
        if self.counts.is_empty() {
            return Value::Null;
        }
        let entries = self.counts.iter().map(|(bytes, count)| {
            let key = Datum::read(&mut Reader::new(bytes), map.key).unwrap_or_default().to_value(map.key);
            (key, Value::Int(i64::try_from(*count).unwrap_or(i64::MAX)))
        });
        Value::map(entries.collect())
    }
}
