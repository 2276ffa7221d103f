//! `count()` counts rows, `count(x)` those where x is not null.

use super::entry::{Argument, Empty, Entry, Example};
use super::{Kind, rule};

pub(super) static COUNT: Entry = Entry {
    name: "count",
    arguments: &[Argument::MAYBE_INPUT],
    make: |_| Kind::Count,
    rule: rule::counted,
    empty: Empty::Zero,
    may_not_fit: false,
    is_ordered: false,
    java: "COUNT",
    doc: "how many rows there are, or with an argument how many values that are not null",
    examples: &[
        Example { call: "count()", values: &["1", "null", "1"], result: "3" },
        Example { call: "count(x)", values: &["1", "null", "1"], result: "2" },
    ],
};

/// How many values there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count(pub u64);

impl Count {
    /// The output: an int.
    #[must_use]
    pub fn value(self) -> crate::types::Value {
        crate::types::Value::Int(i64::try_from(self.0).unwrap_or(i64::MAX))
    }
}
