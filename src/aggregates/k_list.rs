//! `first_k`, `last_k`, `top_k`, `bottom_k`: the k oldest, newest, greatest or least values, as a list.
//! Duplicates are kept, nulls skipped (rule S5).

use super::entry::{Argument, Empty, Entry, Example};
use super::{Kind, rule};

pub(super) static FIRST_K: Entry = Entry {
    name: "first_k",
    arguments: &[Argument::INPUT, Argument::LENGTH],
    make: |k| Kind::FirstK(k.unwrap_or(1)),
    rule: rule::list,
    empty: Empty::Null,
    may_not_fit: false,
    is_ordered: true,
    java: None,
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
    java: None,
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
    java: None,
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
    java: None,
    doc: "the k least values, or those with the least `order`, least first",
    examples: &[
        Example { call: "bottom_k(x, 2)", values: &["3", "1", "null", "2"], result: "[1, 2]" },
        Example { call: "bottom_k(x, 2, order)", values: &["'a': 1", "'b': 9", "'c': 1"], result: "[a, c]" },
    ],
};
