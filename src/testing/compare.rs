//! Expected rows against those that came out.

use crate::diag::Span;
use crate::model::tested::Cell;
use crate::types::{Field, Row, Value};

use super::verdict::{CellDifference, Failure};

/// Rows that came out, and what stands for a key without one.
pub(super) struct Found<'a> {
    pub(super) fields: &'a [Field],
    pub(super) rows: Vec<&'a Row>,
    /// How many columns are the key; none: any row that has the cells will do.
    pub(super) keys: usize,
    /// V(∅), without the key.
    pub(super) empty: Option<&'a Row>,
}

impl Found<'_> {
    /// `None`: the expected row is there.
    pub(super) fn row(&self, cells: &[Cell], span: Span) -> Option<Failure> {
        let found = self.nearest(cells);
        let differences = match &found {
            Some(row) => self.differences(cells, row),
            None => return Some(Failure::new(span, "there is no row at all")),
        };
        if differences.iter().all(|cell| cell.is_equal) {
            return None;
        }
        let wrong = differences.iter().filter(|cell| !cell.is_equal).count();
        let message = match (self.keys, wrong) {
            (0, _) => "no row has these cells; this one comes nearest".to_owned(),
            (_, 1) => "a cell differs".to_owned(),
            (_, wrong) => format!("{wrong} cells differ"),
        };
        Some(Failure { cells: differences, ..Failure::new(span, message) })
    }

    /// `None`: no row has these cells, beyond what a key without events shows.
    pub(super) fn no_row(&self, cells: &[Cell], span: Span) -> Option<Failure> {
        let has_all = |row: &&&Row| cells.iter().all(|cell| row[cell.column] == cell.value);
        let row = self.rows.iter().find(has_all)?;
        let cells = self.fields.iter().zip(row.iter()).map(|(field, value)| CellDifference {
            column: field.name.clone(),
            expected: String::new(),
            found: shown(value),
            is_equal: false,
        });
        Some(Failure { cells: cells.collect(), ..Failure::new(span, "there is such a row") })
    }

    /// The row of the key; else, without a key, the one with the most equal cells.
    fn nearest(&self, cells: &[Cell]) -> Option<Row> {
        if self.keys == 0 {
            let equal = |row: &&&Row| cells.iter().filter(|cell| row[cell.column] == cell.value).count();
            return self.rows.iter().max_by_key(equal).map(|row| (*row).clone());
        }
        let of_key = |row: &&&Row| {
            cells.iter().filter(|cell| cell.column < self.keys).all(|cell| row[cell.column] == cell.value)
        };
        if let Some(row) = self.rows.iter().find(of_key) {
            return Some((*row).clone());
        }
        let mut key = vec![Value::Null; self.keys];
        for cell in cells.iter().filter(|cell| cell.column < self.keys) {
            key[cell.column] = cell.value.clone();
        }
        key.extend(self.empty?.iter().cloned());
        Some(key)
    }

    fn differences(&self, cells: &[Cell], row: &Row) -> Vec<CellDifference> {
        let difference = |cell: &Cell| CellDifference {
            column: self.fields[cell.column].name.clone(),
            expected: shown(&cell.value),
            found: shown(&row[cell.column]),
            is_equal: row[cell.column] == cell.value,
        };
        cells.iter().map(difference).collect()
    }
}

/// As people read it; null is said.
fn shown(value: &Value) -> String {
    if value.is_null() { "null".to_owned() } else { value.to_string() }
}
