//! `approx_percentile(x, p)`: the value below which the fraction p of the values lies (rule S12).

use super::entry::{Argument, Empty, Entry, Example};
use super::{Kind, rule};

pub(super) static APPROX_PERCENTILE: Entry = Entry {
    name: "approx_percentile",
    arguments: &[Argument::INPUT, Argument::FRACTION],
    make: |p| Kind::ApproxPercentile(p.unwrap_or(0)),
    rule: rule::number,
    empty: Empty::Null,
    may_not_fit: false,
    is_ordered: false,
    java: None,
    doc: "the value at the fraction p of all values in order",
    examples: &[
        Example { call: "approx_percentile(x, 0.5)", values: &["5", "1", "null", "3"], result: "3" },
        Example { call: "approx_percentile(x, 1)", values: &["5", "1", "3"], result: "5" },
    ],
};
