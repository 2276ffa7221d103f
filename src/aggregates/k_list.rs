//! `first_k`, `last_k`, `top_k`, `bottom_k`: the k oldest, newest, greatest or least values, as a list.
//! Duplicates are kept, nulls skipped (rule S5).

use std::cmp::Ordering;

use crate::types::bytes::{self, Malformed, Reader};
use crate::types::{DataType, Value};

use super::datum::Held;
use super::entry::{Argument, Empty, Entry, Example};
use super::given::{Given, Inputs};
use super::{Datum, Kind, rule};

pub(super) static FIRST_K: Entry = Entry {
    name: "first_k",
    arguments: &[Argument::INPUT, Argument::LENGTH],
    make: |k| Kind::FirstK(k.unwrap_or(1)),
    rule: rule::list,
    empty: Empty::Null,
    may_not_fit: false,
    is_ordered: true,
    java: "FIRST_K",
    doc: "the values of the k oldest events that have one, oldest first",
    examples: &[Example { call: "first_k(x, 2)", values: &["'a'", "null", "'b'", "'c'"], result: "[a, b]" }],
};

pub(super) static LAST_K: Entry = Entry {
    name: "last_k",
    arguments: &[Argument::INPUT, Argument::LENGTH],
    make: |k| Kind::LastK(k.unwrap_or(1)),
    rule: rule::list,
    empty: Empty::Null,
    may_not_fit: false,
    is_ordered: true,
    java: "LAST_K",
    doc: "the values of the k newest events that have one, newest first",
    examples: &[
        Example { call: "last_k(x, 2)", values: &["'a'", "'b'", "'b'", "null"], result: "[b, b]" },
        Example { call: "last_k(x, 2)", values: &["null"], result: "null" },
    ],
};

pub(super) static TOP_K: Entry = Entry {
    name: "top_k",
    arguments: &[Argument::INPUT, Argument::LENGTH, Argument::ORDER],
    make: |k| Kind::TopK(k.unwrap_or(1)),
    rule: rule::list,
    empty: Empty::Null,
    may_not_fit: false,
    is_ordered: true,
    java: "TOP_K",
    doc: "the k greatest values, or those with the greatest `order`, greatest first",
    examples: &[
        Example { call: "top_k(x, 2)", values: &["3", "1", "3", "2"], result: "[3, 3]" },
        Example {
            call: "top_k(x, 2, order)",
            values: &["'a': 1", "'b': 9", "'c': null", "'d': 5"],
            result: "[b, d]",
        },
    ],
};

pub(super) static BOTTOM_K: Entry = Entry {
    name: "bottom_k",
    arguments: &[Argument::INPUT, Argument::LENGTH, Argument::ORDER],
    make: |k| Kind::BottomK(k.unwrap_or(1)),
    rule: rule::list,
    empty: Empty::Null,
    may_not_fit: false,
    is_ordered: true,
    java: "BOTTOM_K",
    doc: "the k least values, or those with the least `order`, least first",
    examples: &[
        Example { call: "bottom_k(x, 2)", values: &["3", "1", "null", "2"], result: "[1, 2]" },
        Example { call: "bottom_k(x, 2, order)", values: &["'a': 1", "'b': 9", "'c': 1"], result: "[a, c]" },
    ],
};

/// What a list is ordered by, first to last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum By {
    /// Event time, source, event id, value.
    Time,
    /// The value alone: equal values are one and the same.
    Value,
    /// The order value, then as `Time`.
    Order,
}

/// The best k so far, best first.
#[derive(Debug, Clone)]
pub(super) struct KList {
    by: By,
    /// How a better item compares to a worse one.
    wanted: Ordering,
    k: usize,
    items: Vec<Item>,
}

#[derive(Debug, Clone, Default)]
struct Item {
    order: Held,
    ts: i64,
    origin: i64,
    id: Held,
    value: Held,
}

impl Item {
    fn given(&self) -> Given<'_> {
        let (id, order, value) = (self.id.get(), self.order.get(), self.value.get());
        Given { ts: self.ts, origin: self.origin, id, order, value, bucket: Datum::Null }
    }
}

impl By {
    fn compare(self, a: &Given<'_>, b: &Given<'_>) -> Ordering {
        match self {
            Self::Time => a.compare(b),
            Self::Value => a.value.compare(&b.value),
            Self::Order => a.order.compare(&b.order).then_with(|| a.compare(b)),
        }
    }
}

impl KList {
    pub(super) const fn new(by: By, wanted: Ordering, k: u32) -> Self {
        Self { by, wanted, k: k as usize, items: Vec::new() }
    }

    pub(super) fn clear(&mut self) {
        self.items.clear();
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(super) fn add(&mut self, given: &Given<'_>) {
        if self.by == By::Order && given.order.is_null() {
            return;
        }
        let is_worse = |item: &Item| self.by.compare(given, &item.given()) == self.wanted;
        let full = self.items.len() == self.k;
        if full && !self.items.last().is_some_and(is_worse) {
            return;
        }
        let at = self.items.partition_point(|item| !is_worse(item));
        let mut item = if full { self.items.pop().unwrap_or_default() } else { Item::default() };
        item.value.set(given.value);
        if self.by != By::Value {
            (item.ts, item.origin) = (given.ts, given.origin);
            item.order.set(given.order);
            item.id.set(given.id);
        }
        self.items.insert(at, item);
    }

    /// Number of items; of each what it is ordered by, and its value.
    pub(super) fn write(&self, inputs: Inputs, out: &mut Vec<u8>) {
        bytes::put_u64(out, self.items.len() as u64);
        for item in &self.items {
            item.value.get().write(out);
            if self.by == By::Order {
                item.order.get().write(out);
            }
            if self.by != By::Value {
                put_ties(&item.given(), inputs, out);
            }
        }
    }

    pub(super) fn merge_bytes(&mut self, inputs: Inputs, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        for _ in 0..reader.len()? {
            let value = Datum::read(reader, inputs.value.ok_or(Malformed)?)?;
            let order = match self.by {
                By::Order => Datum::read(reader, inputs.order.ok_or(Malformed)?)?,
                By::Time | By::Value => Datum::Null,
            };
            let ties = if self.by == By::Value { Given::default() } else { read_ties(inputs, reader)? };
            self.add(&Given { order, value, ..ties });
        }
        Ok(())
    }

    pub(super) fn value(&self, output: DataType) -> Value {
        let DataType::List(element) = output else { return Value::Null };
        if self.items.is_empty() {
            return Value::Null;
        }
        let values: Vec<Value> =
            self.items.iter().map(|item| item.value.get().to_value(element.data_type)).collect();
        Value::list(values)
    }
}

/// Writes what breaks ties, as far as there is such.
pub(super) fn put_ties(given: &Given<'_>, inputs: Inputs, out: &mut Vec<u8>) {
    bytes::put_i64(out, given.ts);
    if inputs.origin {
        bytes::put_i64(out, given.origin);
    }
    given.id.write(out);
}

/// Reads what [`put_ties`] has written.
pub(super) fn read_ties<'a>(inputs: Inputs, reader: &mut Reader<'a>) -> Result<Given<'a>, Malformed> {
    let ts = reader.i64()?;
    let origin = if inputs.origin { reader.i64()? } else { 0 };
    // Without a declared id there is only the null that was put there.
    let id = Datum::read(reader, inputs.id.unwrap_or(DataType::Bool))?;
    Ok(Given { ts, origin, id, ..Given::default() })
}
