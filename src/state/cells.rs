//! The running accumulators of a layout, and how events and partials are added to them.

use crate::aggregates::{Accumulator, Datum, Given};
use crate::types::bytes::{self, Malformed, Reader};
use crate::types::{DataType, Row, Value};

use super::base::Life;
use super::{Layout, Ring};

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
        let life = if layout.is_lifetime() { ring.life(layout.ttl_ms, q) } else { Life::NONE };
        self.plan_windows(layout, q, life);
        let mut row = vec![Value::Null; layout.columns.len()];
        let mut to = q;
        for i in 0..self.order.len() {
            let (from, window) = self.order[i];
            if from < to {
                ring.aggregate(layout, self, from, to)?;
                to = from;
            }
            // What was folded is older than all windows: columns of all time come last.
            if layout.windows[window].is_none() && life.with_base {
                self.add_partial(ring.base(), i64::MIN)?;
            }
            for (value, column) in row.iter_mut().zip(&layout.columns) {
                if column.window == window {
                    *value = column.value(&self.accumulators[column.cell]);
                }
            }
        }
        Ok(row)
    }

    fn plan_windows(&mut self, layout: &Layout, q: i64, life: Life) {
        let start = |i: usize| {
            let window = layout.windows[i].as_ref();
            window.map_or(if life.with_base { i64::MIN } else { life.start }, |window| window.start(q))
        };
        self.order.clear();
        self.order.extend((0..layout.windows.len()).map(|i| (start(i), i)));
        self.order.sort_unstable_by(|a, b| b.cmp(a));
        self.needed_from.fill(i64::MAX);
        for column in &layout.columns {
            let needed = &mut self.needed_from[column.cell];
            *needed = start(column.window).min(*needed);
        }
        // Events before its life began do not count, though they may still be here.
        for (from, window) in &mut self.order {
            if layout.windows[*window].is_none() {
                *from = life.start;
            }
        }
    }

    /// From now on every cell of a column of all time takes everything, and no other takes anything.
    pub(super) fn begin_base(&mut self, layout: &Layout) {
        self.clear();
        self.needed_from.fill(i64::MAX);
        for column in layout.columns.iter().filter(|column| layout.windows[column.window].is_none()) {
            self.needed_from[column.cell] = i64::MIN;
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
        let at = |input: Option<usize>| input.map_or(Datum::Null, |input| inputs[input]);
        let origin = if let Datum::Int(origin) = at(layout.origin) { origin } else { 0 };
        let event = Given { ts, origin, id: at(layout.id), ..Given::default() };
        for (i, cell) in layout.cells.iter().enumerate() {
            let passes = cell.filter.is_none_or(|filter| mask[filter / 8] >> (filter % 8) & 1 == 1);
            // `count()` has no input and counts the row.
            let value = cell.input.map_or(Datum::Bool(true), |input| inputs[input]);
            if passes && !value.is_null() && self.needed_from[i] <= from {
                let given = Given { order: at(cell.order), bucket: at(cell.bucket), value, ..event };
                add(&mut self.accumulators[i], &given, cell.input.map(|input| layout.inputs[input]))?;
            }
        }
        Ok(())
    }

    /// Adds a chunk's partial to the cells that some window from `from` on still needs.
    pub(super) fn add_partial(&mut self, partial: &[u8], from: i64) -> Result<(), Malformed> {
        let mut reader = Reader::new(partial);
        for (accumulator, needed_from) in self.accumulators.iter_mut().zip(&self.needed_from) {
            let cell = reader.bytes()?;
            // A key's base has nothing of cells that are not of all time.
            if *needed_from <= from && !cell.is_empty() {
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

    /// As [`Self::partial`], of the cells of columns of all time only: see [`Self::begin_base`].
    pub(super) fn base(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        for (accumulator, needed_from) in self.accumulators.iter().zip(&self.needed_from) {
            self.scratch.clear();
            if *needed_from == i64::MIN {
                accumulator.write(&mut self.scratch);
            }
            bytes::put_bytes(&mut out, &self.scratch);
        }
        out
    }
}

/// Adds what an event gives to a cell: a list's elements and a map's values one by one.
fn add(accumulator: &mut Accumulator, given: &Given<'_>, input: Option<DataType>) -> Result<(), Malformed> {
    match (input, given.value) {
        (Some(DataType::List(element)), Datum::Bytes(parts)) => {
            let mut reader = Reader::new(parts);
            while !reader.is_empty() {
                let value = Datum::read(&mut reader, element.data_type)?;
                accumulator.add(&Given { value, ..*given });
            }
        }
        (Some(DataType::Map(map)), Datum::Bytes(parts)) => {
            let mut reader = Reader::new(parts);
            while !reader.is_empty() {
                let bucket = Datum::read(&mut reader, map.key)?;
                let value = Datum::read(&mut reader, map.value.data_type)?;
                accumulator.add(&Given { bucket, value, ..*given });
            }
        }
        (_, _) => accumulator.add(given),
    }
    Ok(())
}
