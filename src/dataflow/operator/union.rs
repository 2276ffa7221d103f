//! The rows of several sources as one: each says which source it came from, and two sources never have
//! copies of each other (rules S5, S10).

use twox_hash::XxHash64;

use crate::state::Hashes;
use crate::types::{Row, Value};

/// The row with its origin as the last of `width` columns, in place of the one a union above gave it.
pub(in crate::dataflow) fn union(row: &[Value], origin: i64, width: usize) -> Row {
    let mut wide = Row::with_capacity(width);
    wide.extend_from_slice(&row[..width - 1]);
    wide.push(Value::Int(origin));
    wide
}

/// Hashes of an event that no other source's event has; without an id none are needed.
pub(in crate::dataflow) fn union_hashes(own: Hashes, origin: i64) -> Hashes {
    if own == [0, 0] {
        return own;
    }
    let salt = XxHash64::oneshot(1, &origin.to_be_bytes());
    [own[0] ^ salt, own[1] ^ salt]
}
