//! `approx_unique_count(x)`: about how many different values there are, from the smallest of their hashes
//! (rule S12).

use super::entry::{Argument, Empty, Entry, Example};
use super::{Kind, rule};

pub(super) static APPROX_UNIQUE_COUNT: Entry = Entry {
    name: "approx_unique_count",
    arguments: &[Argument::INPUT],
    make: |_| Kind::ApproxUniqueCount,
    rule: rule::counted,
    empty: Empty::Zero,
    may_not_fit: false,
    is_ordered: false,
    java: None,
    doc: "about how many different values there are, in little memory",
    examples: &[Example {
        call: "approx_unique_count(x)",
        values: &["'a'", "'b'", "'a'", "null"],
        result: "2",
    }],
};
