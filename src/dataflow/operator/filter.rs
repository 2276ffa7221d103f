//! Keeps rows whose predicate is true; unknown is not true.

use crate::functions::{Expr, is_true};
use crate::types::Value;

pub(in crate::dataflow) fn filter(predicate: &Expr, row: &[Value]) -> bool {
    is_true(predicate, row)
}
