//! `histogram(x)`: how often each value occurs.

use crate::types::DataType;

use super::Kind;
use super::entry::{Argument, Empty, Entry, Example, TypeError};

pub(super) static HISTOGRAM: Entry = Entry {
    name: "histogram",
    arguments: &[Argument::INPUT],
    make: |_| Kind::Histogram,
    rule: output,
    empty: Empty::Null,
    may_not_fit: false,
    is_ordered: false,
    java: None,
    doc: "how often each value occurs, as a map",
    examples: &[Example {
        call: "histogram(x)",
        values: &["'a'", "'b'", "'a'", "null"],
        result: "{a: 2, b: 1}",
    }],
};

fn output(input: DataType) -> Result<DataType, TypeError> {
    if input.is_map_key() {
        return Ok(DataType::map(input, DataType::Int, false));
    }
    Err(TypeError::Input { expected: "texts, ints, decimals, booleans or times", found: input })
}
