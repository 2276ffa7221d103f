//! How the events of one windowed aggregation are kept: which inputs are materialised, which
//! accumulators ("cells") its columns share, which windows there are.

use crate::aggregates::{Accumulator, Datum, Kind, Shape};
use crate::plan::Window;
use crate::types::{DataType, Row, Value};

use super::NEVER;

/// The form of an event's data: a mask of filter results, then the inputs in order.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Types of the materialised inputs.
    pub inputs: Vec<DataType>,
    /// Which input is the event id, where an ordered aggregate needs it.
    pub id: Option<usize>,
    /// Which input is the source within a union, where an ordered aggregate needs it.
    pub origin: Option<usize>,
    /// Number of distinct aggregate filters.
    pub filters: usize,
    pub cells: Vec<Cell>,
    pub columns: Vec<Column>,
    /// `None`: all time.
    pub windows: Vec<Option<Window>>,
    /// How long a key without events keeps its lifetime columns; `None`: forever.
    pub ttl_ms: Option<i64>,
    /// Whether events carry the two hashes that make copies count once.
    pub hashed: bool,
}

/// One accumulator: what it keeps, of which input, behind which filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    pub shape: Shape,
    /// `None`: rows are counted. A list's elements and a map's values are added one by one.
    pub input: Option<usize>,
    pub order: Option<usize>,
    pub bucket: Option<usize>,
    pub filter: Option<usize>,
}

/// One output column: a cell over a window.
#[derive(Debug, Clone)]
pub struct Column {
    pub cell: usize,
    pub window: usize,
    pub kind: Kind,
    /// What stands where nothing was aggregated.
    pub default: Option<Value>,
    pub output: DataType,
}

impl Column {
    /// The value of what has been seen.
    #[must_use]
    pub fn value(&self, seen: &Accumulator) -> Value {
        match &self.default {
            Some(default) if seen.is_empty() => default.clone(),
            Some(_) | None => seen.value(self.kind, self.output),
        }
    }
}

impl Layout {
    /// Appends an event's data: filter results and inputs.
    pub fn put_event(&self, out: &mut Vec<u8>, filters: &[bool], inputs: &[Value]) {
        for group in filters.chunks(8) {
            out.push(group.iter().enumerate().fold(0, |mask, (bit, on)| mask | u8::from(*on) << bit));
        }
        for input in inputs {
            Datum::write_value(input, out);
        }
    }

    /// Whether some column is of all time.
    #[must_use]
    pub fn is_lifetime(&self) -> bool {
        self.windows.contains(&None)
    }

    /// The first instant from which on no window has an event of `ts` in it that columns of all time have
    /// not taken over.
    #[must_use]
    pub fn leaves_last(&self, ts: i64) -> i64 {
        let leaves = |window: &Option<Window>| {
            window.as_ref().map_or(ts.saturating_add(1), |window| window.leaves_at(ts))
        };
        self.windows.iter().map(leaves).max().unwrap_or(ts)
    }

    /// When columns of all time forget a key whose newest event is of `ts`.
    #[must_use]
    pub fn forgets_at(&self, ts: i64) -> i64 {
        self.ttl_ms.map_or(NEVER, |ttl_ms| ts.saturating_add(ttl_ms).saturating_add(1))
    }

    /// When nothing is left of a key whose newest event is of `ts`.
    #[must_use]
    pub fn ends_at(&self, ts: i64) -> i64 {
        let leaves = self.leaves_last(ts);
        if self.is_lifetime() { leaves.max(self.forgets_at(ts)) } else { leaves }
    }

    /// The row of a key without events: V(∅).
    #[must_use]
    pub fn empty_row(&self) -> Row {
        let empty = |column: &Column| column.value(&Accumulator::new(self.cells[column.cell].shape));
        self.columns.iter().map(empty).collect()
    }
}
