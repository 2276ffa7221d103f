//! `variance(x)` and `stddev(x)` of a whole population, from the exact Σx and Σx² (rule S7).

use crate::types::DataType;

use super::entry::{Argument, Empty, Entry, Example, TypeError};
use super::{Kind, rule};

pub(super) static VARIANCE: Entry = Entry {
    name: "variance",
    arguments: &[Argument::INPUT],
    make: |_| Kind::Variance,
    rule: output,
    empty: Empty::Null,
    may_not_fit: true,
    is_ordered: false,
    java: None,
    doc: "the population variance, exact and rounded once",
    examples: &[
        Example { call: "variance(x)", values: &["1", "2", "3", "4"], result: "1.25" },
        Example { call: "variance(x)", values: &["0.10", "0.10", "null"], result: "0.0" },
    ],
};

pub(super) static STDDEV: Entry = Entry {
    name: "stddev",
    arguments: &[Argument::INPUT],
    make: |_| Kind::Stddev,
    rule: output,
    empty: Empty::Null,
    may_not_fit: true,
    is_ordered: false,
    java: None,
    doc: "the population standard deviation, exact and rounded once",
    examples: &[
        Example { call: "stddev(x)", values: &["2", "4", "4", "4", "5", "5", "7", "9"], result: "2.0" },
        Example { call: "stddev(x)", values: &["1e0"], result: "0.0" },
    ],
};

fn output(input: DataType) -> Result<DataType, TypeError> {
    rule::number(input).map(|_| DataType::Double)
}
