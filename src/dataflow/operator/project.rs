//! Computes the output columns from the input row.

use crate::functions::{Expr, eval};
use crate::types::{Row, Value};

pub(in crate::dataflow) fn project(columns: &[Expr], row: &[Value]) -> Row {
    columns.iter().map(|column| eval(column, row)).collect()
}
