//! Two tables held against each other, cell by cell, bit by bit (rule S0).

use std::collections::BTreeSet;
use std::fmt;

use crate::types::{Row, Value};

use super::{Key, Table};

/// How many differences are shown in full.
const SHOWN_MAX: usize = 20;

/// The outcome: how many cells were compared, and those that differ.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    pub cells: usize,
    pub differing: Vec<Difference>,
}

/// One cell that differs. `None` stands for a row that is not there.
#[derive(Debug, Clone)]
pub struct Difference {
    pub key: Row,
    pub column: String,
    pub expected: Option<Value>,
    pub actual: Option<Value>,
}

/// Every cell of every key that either table has.
#[must_use]
pub fn compare(expected: &Table, actual: &Table) -> Comparison {
    let mut result = Comparison::default();
    let keys: BTreeSet<&Key> = expected.rows.keys().chain(actual.rows.keys()).collect();
    for key in keys {
        for (expected_row, actual_row) in pairs(expected, actual, key) {
            result.cells += expected.columns.len();
            result.differing.extend(differences(&expected.columns, key, expected_row, actual_row));
        }
    }
    result
}

/// The rows of a key side by side: equal ones first, what is left in order, at last with nothing.
fn pairs<'t>(expected: &'t Table, actual: &'t Table, key: &Key) -> Vec<(Option<&'t Row>, Option<&'t Row>)> {
    let (mut expected_rows, mut actual_rows) = (rows(expected, key), rows(actual, key));
    let mut pairs = Vec::new();
    expected_rows.retain(|expected| {
        let twin = actual_rows.iter().position(|actual| is_identical_row(expected, actual));
        pairs.extend(twin.map(|at| (Some(*expected), Some(actual_rows.remove(at)))));
        twin.is_none()
    });
    for at in 0..expected_rows.len().max(actual_rows.len()) {
        let or_absent = |rows: &[&'t Row], table: &'t Table| rows.get(at).copied().or(table.absent.as_ref());
        pairs.push((or_absent(&expected_rows, expected), or_absent(&actual_rows, actual)));
    }
    pairs
}

fn rows<'t>(table: &'t Table, key: &Key) -> Vec<&'t Row> {
    table.rows.get(key).map_or(Vec::new(), |rows| rows.iter().collect())
}

fn differences(
    columns: &[String],
    key: &Key,
    expected: Option<&Row>,
    actual: Option<&Row>,
) -> Vec<Difference> {
    let cell = |row: Option<&Row>, at: usize| row.and_then(|row| row.get(at)).cloned();
    let mut differing = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let (expected, actual) = (cell(expected, at), cell(actual, at));
        let is_same = match (&expected, &actual) {
            (Some(a), Some(b)) => is_identical(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        if !is_same {
            differing.push(Difference { key: key.0.clone(), column: column.clone(), expected, actual });
        }
    }
    differing
}

fn is_identical_row(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_identical(a, b))
}

/// Bit by bit: doubles by their bits, decimals by units and scale, nothing by a tolerance.
pub(super) fn is_identical(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Double(a), Value::Double(b)) => a.to_bits() == b.to_bits(),
        (Value::Decimal(a), Value::Decimal(b)) => (a.units(), a.scale()) == (b.units(), b.scale()),
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Timestamp(a), Value::Timestamp(b)) => a == b,
        (Value::Date(a), Value::Date(b)) => a == b,
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::List(a), Value::List(b)) | (Value::Struct(a), Value::Struct(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| is_identical(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            let entry = |(a, b): (&(Value, Value), &(Value, Value))| {
                is_identical(&a.0, &b.0) && is_identical(&a.1, &b.1)
            };
            a.len() == b.len() && a.iter().zip(b.iter()).all(entry)
        }
        _ => false,
    }
}

impl Comparison {
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.differing.is_empty()
    }

    /// Both outcomes as one.
    pub fn extend(&mut self, other: Self) {
        self.cells += other.cells;
        self.differing.extend(other.differing);
    }
}

impl fmt::Display for Comparison {
    /// A line of counts, then the first differences as a table.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cells compared, {} differ", self.cells, self.differing.len())?;
        if self.differing.is_empty() {
            return Ok(());
        }
        let mut lines = vec![["key", "column", "expected", "actual"].map(str::to_owned)];
        lines.extend(self.differing.iter().take(SHOWN_MAX).map(Difference::cells));
        let width = |at: usize| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or(0);
        let widths = [width(0), width(1), width(2)];
        for [key, column, expected, actual] in &lines {
            let [w0, w1, w2] = widths;
            write!(f, "\n  {key:w0$}  {column:w1$}  {expected:w2$}  {actual}")?;
        }
        if self.differing.len() > SHOWN_MAX {
            write!(f, "\n  … and {} more", self.differing.len() - SHOWN_MAX)?;
        }
        Ok(())
    }
}

impl Difference {
    fn cells(&self) -> [String; 4] {
        let key: Vec<_> = self.key.iter().map(|part| shown(Some(part))).collect();
        [key.join(", "), self.column.clone(), shown(self.expected.as_ref()), shown(self.actual.as_ref())]
    }
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None => "no row".to_owned(),
        Some(Value::Null) => "null".to_owned(),
        Some(Value::String(text)) => format!("{text:?}"),
        Some(value) => value.to_string(),
    }
}
