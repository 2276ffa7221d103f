//! `unique_count(x)`: how many different values there are, exactly.

use super::entry::{Argument, Empty, Entry, Example};
use super::{Kind, rule};

pub(super) static UNIQUE_COUNT: Entry = Entry {
    name: "unique_count",
    arguments: &[Argument::INPUT],
    make: |_| Kind::UniqueCount,
    rule: rule::counted,
    empty: Empty::Zero,
    may_not_fit: false,
    is_ordered: false,
    java: None,
    doc: "how many different values there are; it keeps them all",
    examples: &[
        Example { call: "unique_count(x)", values: &["'a'", "'b'", "'a'", "null"], result: "2" },
        Example { call: "unique_count(x)", values: &["null"], result: "0" },
    ],
};
