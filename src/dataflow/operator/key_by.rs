//! Rows with a null key part belong to no key: they are counted `null_key` (rule S6).

use crate::types::Value;

pub(in crate::dataflow) fn has_null(keys: &[usize], row: &[Value]) -> bool {
    keys.iter().any(|slot| row[*slot].is_null())
}
