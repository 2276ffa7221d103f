//! `first(x)` and `last(x)`: the value of the oldest and the newest event that has one. Ties are broken by
//! the event id, then by the value (rule S5): never by arrival.

use std::cmp::Ordering;

use super::datum::{Datum, Held};
use super::entry::{Argument, Empty, Entry, Example};
use super::given::Given;
use super::{Kind, rule};

pub(super) static FIRST: Entry = Entry {
    name: "first",
    arguments: &[Argument::INPUT],
    make: |_| Kind::First,
    rule: rule::scalar,
    empty: Empty::Null,
    may_not_fit: false,
    is_ordered: true,
    java: "FIRST",
    doc: "the value of the oldest event that has one",
    examples: &[Example { call: "first(x)", values: &["null", "'b'", "'a'"], result: "b" }],
};

pub(super) static LAST: Entry = Entry {
    name: "last",
    arguments: &[Argument::INPUT],
    make: |_| Kind::Last,
    rule: rule::scalar,
    empty: Empty::Null,
    may_not_fit: false,
    is_ordered: true,
    java: "LAST",
    doc: "the value of the newest event that has one",
    examples: &[Example { call: "last(x)", values: &["'b'", "'a'", "null"], result: "a" }],
};

/// The newest or the oldest value so far, and what it is ordered by.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    /// How a better event compares to the one that is kept: `Greater` for `last`.
    wanted: Ordering,
    ts: i64,
    origin: i64,
    id: Held,
    value: Held,
}

impl Edge {
    pub(super) const fn new(wanted: Ordering) -> Self {
        Self { wanted, ts: 0, origin: 0, id: Held::Null, value: Held::Null }
    }

    pub(super) fn clear(&mut self) {
        self.value.set(Datum::Null);
    }

    pub(super) fn add(&mut self, given: &Given<'_>) {
        if self.value.get().is_null() || given.compare(&self.get()) == self.wanted {
            (self.ts, self.origin) = (given.ts, given.origin);
            self.id.set(given.id);
            self.value.set(given.value);
        }
    }

    /// What is kept; a null value before anything was seen.
    pub(super) fn get(&self) -> Given<'_> {
        let (id, value) = (self.id.get(), self.value.get());
        Given { ts: self.ts, origin: self.origin, id, value, ..Given::default() }
    }
}
