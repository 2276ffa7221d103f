//! How the events of one windowed aggregation are kept: which inputs are materialised, which
//! accumulators ("cells") its columns share, which windows there are.

use crate::aggregates::{Accumulator, Datum, Kind, Shape};
use crate::plan::Window;
use crate::types::bytes::{self, Malformed, Reader};
use crate::types::{DataType, Row, Value};

use super::Ring;

/// The form of an event's data: a mask of filter results, then the inputs in order.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Types of the materialised inputs.
    pub inputs: Vec<DataType>,
    /// Which input is the event id, where an ordered aggregate needs it.
    pub id: Option<usize>,
    /// Number of distinct aggregate filters.
    pub filters: usize,
    pub cells: Vec<Cell>,
    pub columns: Vec<Column>,
    pub windows: Vec<Window>,
    /// Whether events carry the two hashes that make copies count once.
    pub hashed: bool,
}

/// One accumulator: what it keeps, of which input, behind which filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    pub shape: Shape,
    /// `None`: rows are counted.
    pub input: Option<usize>,
    pub filter: Option<usize>,
}

/// One output column: a cell over a window.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub cell: usize,
    pub window: usize,
    pub kind: Kind,
    pub output: DataType,
}

impl Layout {
    /// Appends an event's data: filter results and inputs.
    pub fn put_event(&self, out: &mut Vec<u8>, filters: &[bool], inputs: &[Value]) {
        for group in filters.chunks(8) {
            out.push(group.iter().enumerate().fold(0, |mask, (bit, on)| mask | u8::from(*on) << bit));
        }
        for input in inputs {
            Datum::of(input).write(out);
        }
    }

    /// The longest time an event stays in some window.
    #[must_use]
    pub fn leaves_last(&self, ts: i64) -> i64 {
        self.windows.iter().map(|window| window.leaves_at(ts)).max().unwrap_or(ts)
    }

    /// The row of a key without events: V(∅).
    #[must_use]
    pub fn empty_row(&self) -> Row {
        let empty = |column: &Column| {
            Accumulator::new(self.cells[column.cell].shape).value(column.kind, column.output)
        };
        self.columns.iter().map(empty).collect()
    }
}

/// Running accumulators of a layout; reused for every key.
#[derive(Debug)]
pub struct Cells {
    accumulators: Vec<Accumulator>,
    /// Start of the longest window each cell serves in the current evaluation.
    needed_from: Vec<i64>,
    /// Windows of the current evaluation by their start, latest first.
    order: Vec<(i64, usize)>,
    scratch: Vec<u8>,
}

impl Cells {
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self {
            accumulators: layout.cells.iter().map(|cell| Accumulator::new(cell.shape)).collect(),
            needed_from: vec![i64::MIN; layout.cells.len()],
            order: Vec::new(),
            scratch: Vec::new(),
        }
    }

    fn clear(&mut self) {
        self.accumulators.iter_mut().for_each(Accumulator::clear);
    }

    /// V(key, q): the value of every column over its window, in one pass from the newest event back.
    pub fn row(&mut self, layout: &Layout, ring: &mut Ring, q: i64) -> Result<Row, Malformed> {
        self.clear();
        self.plan_windows(layout, q);
        let mut row = vec![Value::Null; layout.columns.len()];
        let mut to = q;
        for i in 0..self.order.len() {
            let (from, window) = self.order[i];
            if from < to {
                ring.aggregate(layout, self, from, to)?;
                to = from;
            }
            for (value, column) in row.iter_mut().zip(&layout.columns) {
                if column.window == window {
                    *value = self.accumulators[column.cell].value(column.kind, column.output);
                }
            }
        }
        Ok(row)
    }

    fn plan_windows(&mut self, layout: &Layout, q: i64) {
        self.order.clear();
        self.order.extend(layout.windows.iter().enumerate().map(|(i, window)| (window.start(q), i)));
        self.order.sort_unstable_by(|a, b| b.cmp(a));
        self.needed_from.fill(i64::MAX);
        for column in &layout.columns {
            let needed = &mut self.needed_from[column.cell];
            *needed = layout.windows[column.window].start(q).min(*needed);
        }
    }

    /// Adds one event to the cells that some window from `from` on still needs.
    pub(super) fn add_event(
        &mut self,
        layout: &Layout,
        ts: i64,
        data: &[u8],
        from: i64,
    ) -> Result<(), Malformed> {
        const INPUTS_ON_STACK: usize = 16;
        let mut reader = Reader::new(data);
        let mask = reader.take(layout.filters.div_ceil(8))?;
        let mut stack = [Datum::Null; INPUTS_ON_STACK];
        let mut heap = Vec::new();
        let inputs = if layout.inputs.len() <= INPUTS_ON_STACK {
            &mut stack[..layout.inputs.len()]
        } else {
            heap.resize(layout.inputs.len(), Datum::Null);
            &mut heap[..]
        };
        for (input, data_type) in inputs.iter_mut().zip(&layout.inputs) {
            *input = Datum::read(&mut reader, *data_type)?;
        }
        let id = layout.id.map_or(Datum::Null, |id| inputs[id]);
        for (i, cell) in layout.cells.iter().enumerate() {
            let passes = cell.filter.is_none_or(|filter| mask[filter / 8] >> (filter % 8) & 1 == 1);
            // `count()` has no input and counts the row.
            let value = cell.input.map_or(Datum::Bool(true), |input| inputs[input]);
            if passes && !value.is_null() && self.needed_from[i] <= from {
                self.accumulators[i].add(ts, id, value);
            }
        }
        Ok(())
    }

    /// Adds a chunk's partial to the cells that some window from `from` on still needs.
    pub(super) fn add_partial(&mut self, partial: &[u8], from: i64) -> Result<(), Malformed> {
        let mut reader = Reader::new(partial);
        for (accumulator, needed_from) in self.accumulators.iter_mut().zip(&self.needed_from) {
            let cell = reader.bytes()?;
            if *needed_from <= from {
                accumulator.merge_bytes(&mut Reader::new(cell))?;
            }
        }
        Ok(())
    }

    /// The bytes of the current accumulators, one length-prefixed run per cell.
    pub(super) fn partial(&mut self) -> Box<[u8]> {
        let mut out = Vec::new();
        for accumulator in &self.accumulators {
            self.scratch.clear();
            accumulator.write(&mut self.scratch);
            bytes::put_bytes(&mut out, &self.scratch);
        }
        out.into_boxed_slice()
    }
}
