//! One accumulator per bucket: what `by` and map inputs keep.

use std::collections::BTreeMap;

use crate::types::bytes::{self, Malformed, Reader};
use crate::types::{DataType, Value};

use super::given::Given;
use super::{Accumulator, Datum, Kind, Shape};

/// Buckets by their bytes: equal values of one type have equal bytes.
#[derive(Debug, Clone)]
pub(super) struct Buckets {
    /// Of each bucket.
    shape: Shape,
    by_value: BTreeMap<Box<[u8]>, Accumulator>,
    scratch: Vec<u8>,
}

impl Buckets {
    pub(super) const fn new(shape: Shape) -> Self {
        Self { shape, by_value: BTreeMap::new(), scratch: Vec::new() }
    }

    pub(super) fn clear(&mut self) {
        self.by_value.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_value.is_empty()
    }

    fn bucket(&mut self, bucket: Datum<'_>) -> &mut Accumulator {
        self.scratch.clear();
        bucket.write(&mut self.scratch);
        if !self.by_value.contains_key(self.scratch.as_slice()) {
            self.by_value.insert(self.scratch.as_slice().into(), Accumulator::new(self.shape));
        }
        self.by_value.get_mut(self.scratch.as_slice()).expect("it was put there")
    }

    /// A value without a bucket is in none.
    pub(super) fn add(&mut self, given: &Given<'_>) {
        if given.bucket.is_null() || self.shape.skips(given) {
            return;
        }
        self.bucket(given.bucket).add(given);
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        bytes::put_u64(out, self.by_value.len() as u64);
        let mut scratch = Vec::new();
        for (bucket, accumulator) in &self.by_value {
            out.extend_from_slice(bucket);
            scratch.clear();
            accumulator.write(&mut scratch);
            bytes::put_bytes(out, &scratch);
        }
    }

    pub(super) fn merge_bytes(
        &mut self,
        bucket: Option<DataType>,
        reader: &mut Reader<'_>,
    ) -> Result<(), Malformed> {
        for _ in 0..reader.len()? {
            let bucket = Datum::read(reader, bucket.ok_or(Malformed)?)?;
            let part = reader.bytes()?;
            self.bucket(bucket).merge_bytes(&mut Reader::new(part))?;
        }
        Ok(())
    }

    /// A map from each bucket to the aggregate of what is in it.
    pub(super) fn value(&self, kind: Kind, output: DataType) -> Value {
        let DataType::Map(map) = output else { return Value::Null };
        if self.by_value.is_empty() {
            return Value::Null;
        }
        let entries = self.by_value.iter().map(|(bytes, accumulator)| {
            let bucket = Datum::read(&mut Reader::new(bytes), map.key).unwrap_or_default();
            (bucket.to_value(map.key), accumulator.value(kind, map.value.data_type))
        });
        Value::map(entries.collect())
    }
}
