//! What one event gives to an accumulator.

use std::cmp::Ordering;

use crate::types::DataType;

use super::Datum;

/// A value and all that may break ties between it and another.
#[derive(Debug, Clone, Copy, Default)]
pub struct Given<'a> {
    pub ts: i64,
    /// Position of the source in a union, else 0.
    pub origin: i64,
    /// Null where the source declares none.
    pub id: Datum<'a>,
    /// What `top_k` and `bottom_k` order by, where that is not the value.
    pub order: Datum<'a>,
    /// The bucket of `by`, or the key of a map; null where there is neither.
    pub bucket: Datum<'a>,
    /// Never null.
    pub value: Datum<'a>,
}

/// The types of what is given: what an accumulator's bytes are read by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Inputs {
    /// `None`: rows are counted.
    pub value: Option<DataType>,
    pub order: Option<DataType>,
    pub bucket: Option<DataType>,
    /// Whether there is an origin.
    pub origin: bool,
    pub id: Option<DataType>,
}

impl Given<'_> {
    /// Rule S5: event time, source, event id, value.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        self.ts
            .cmp(&other.ts)
            .then_with(|| self.origin.cmp(&other.origin))
            .then_with(|| self.id.compare(&other.id))
            .then_with(|| self.value.compare(&other.value))
    }
}
