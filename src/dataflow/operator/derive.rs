//! Appends derived columns, each of which may use those before it, and picks the output order.

use crate::functions::{Expr, eval};
use crate::types::{Row, Value};

pub(in crate::dataflow) fn derive(columns: &[Expr], order: &[usize], row: &[Value]) -> Row {
    let mut wide = row.to_vec();
    for column in columns {
        let value = eval(column, &wide);
        wide.push(value);
    }
    select(order, &wide)
}

/// The values at `slots`.
pub(in crate::dataflow) fn select(slots: &[usize], row: &[Value]) -> Row {
    slots.iter().map(|slot| row[*slot].clone()).collect()
}
