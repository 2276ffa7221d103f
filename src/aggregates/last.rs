//! `first(x)` and `last(x)`: the value of the oldest and the newest event that has one. Ties are broken by
//! the event id, then by the value (rule S5): never by arrival.

use super::datum::{Datum, Held};
use super::entry::{Argument, Empty, Entry, Example};
use super::{Kind, rule};

pub(super) static FIRST: Entry = Entry {
    name: "first",
    arguments: &[Argument::INPUT],
    make: |_| Kind::First,
    rule: rule::scalar,
    empty: Empty::Null,
    may_not_fit: false,
    is_ordered: true,
    java: None,
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
    java: Some("LAST"),
    doc: "the value of the newest event that has one",
    examples: &[Example { call: "last(x)", values: &["'b'", "'a'", "null"], result: "a" }],
};

/// The newest value so far and what it is ordered by.
#[derive(Debug, Clone, Default)]
pub struct Last {
    ts: i64,
    id: Held,
    value: Held,
}

impl Last {
    pub fn clear(&mut self) {
        self.value.set(Datum::Null);
    }

    pub fn add(&mut self, ts: i64, id: Datum<'_>, value: Datum<'_>) {
        let order = ts
            .cmp(&self.ts)
            .then_with(|| id.compare(&self.id.get()))
            .then_with(|| value.compare(&self.value.get()));
        if self.value.get().is_null() || order.is_gt() {
            self.ts = ts;
            self.id.set(id);
            self.value.set(value);
        }
    }

    #[must_use]
    pub fn get(&self) -> (i64, Datum<'_>, Datum<'_>) {
        (self.ts, self.id.get(), self.value.get())
    }
}
