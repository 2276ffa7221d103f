//! Change detection: a row is put out only if it differs from the last one (rule S4).

use twox_hash::XxHash3_128;

use crate::types::{Value, bytes};

/// What a row is compared by.
pub(in crate::dataflow) fn row_hash(row: &[Value]) -> u128 {
    let mut out = Vec::with_capacity(row.len() * 10);
    bytes::put_row(&mut out, row);
    XxHash3_128::oneshot(&out)
}
