//! `min(x)` and `max(x)`: the least and the greatest value; strings by their UTF-8 bytes.

use std::cmp::Ordering;

use super::datum::{Datum, Held};
use super::entry::{Argument, Empty, Entry, Example};
use super::{Kind, rule};

pub(super) static MIN: Entry = Entry {
    name: "min",
    arguments: &[Argument::INPUT],
    make: |_| Kind::Min,
    rule: rule::scalar,
    empty: Empty::Null,
    may_not_fit: false,
    is_ordered: false,
    java: "MIN",
    doc: "the least value",
    examples: &[Example { call: "min(x)", values: &["'b'", "'a'", "null"], result: "a" }],
};

pub(super) static MAX: Entry = Entry {
    name: "max",
    arguments: &[Argument::INPUT],
    make: |_| Kind::Max,
    rule: rule::scalar,
    empty: Empty::Null,
    may_not_fit: false,
    is_ordered: false,
    java: "MAX",
    doc: "the greatest value",
    examples: &[Example { call: "max(x)", values: &["1.50", "12.00", "null"], result: "12.00" }],
};

/// The best value so far.
#[derive(Debug, Clone, Default)]
pub struct Extreme {
    best: Held,
}

impl Extreme {
    pub fn clear(&mut self) {
        self.best.set(Datum::Null);
    }

    /// Keeps `value` if it compares to the best as `wanted`: less for min, greater for max.
    pub fn add(&mut self, value: Datum<'_>, wanted: Ordering) {
        if self.best.get().is_null() || value.compare(&self.best.get()) == wanted {
            self.best.set(value);
        }
    }

    #[must_use]
    pub fn get(&self) -> Datum<'_> {
        self.best.get()
    }
}
