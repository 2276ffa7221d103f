//! The second level of partials: one of many whole chunks, so that a hot key's row does not cost as many
//! merges as it has chunks. In memory only: they are made again from the chunks' own.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use crate::types::bytes::Malformed;

use super::chunk::Chunk;
use super::{Cells, Layout};

/// Chunks in a run. A row merges the partials of about `chunks / RUN` runs, and of up to `RUN` chunks on
/// either side of each window's edge.
const RUN: usize = 32;

/// Partials of runs of chunks, by their number. Chunks are counted from the first one the key ever had,
/// so that runs stay what they are when old chunks go.
#[derive(Debug, Clone, Default)]
pub(super) struct Runs {
    /// How many chunks have gone.
    gone: usize,
    /// `None`: a partial would not be much smaller than those it is made of.
    partials: BTreeMap<usize, Option<Box<[u8]>>>,
}

impl Runs {
    /// What they take beside themselves, about, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        let cells: usize = self.partials.values().flatten().map(|cells| cells.len()).sum();
        cells + self.partials.len() * size_of::<(usize, Option<Box<[u8]>>)>()
    }

    /// The chunk at `index` has changed; `moved`: those behind it stand elsewhere now.
    pub(super) fn changed(&mut self, index: usize, moved: bool) {
        let run = (self.gone + index) / RUN;
        self.partials.remove(&run);
        if moved {
            drop(self.partials.split_off(&run));
        }
    }

    /// The first chunk has gone.
    pub(super) fn dropped_front(&mut self) {
        self.partials.remove(&(self.gone / RUN));
        self.gone += 1;
    }

    /// The end of the run that begins with the chunk at `at`, if all of it is inside [from, to).
    pub(super) fn whole(&self, chunks: &VecDeque<Chunk>, at: usize, from: i64, to: i64) -> Option<usize> {
        let begins = (self.gone + at).is_multiple_of(RUN) && chunks[at].first() >= from;
        let last = chunks.get(at + RUN - 1).filter(|last| begins && last.last() < to);
        last.map(|_| at + RUN)
    }

    /// Adds a whole run to the cells that some window from `from` on still needs.
    pub(super) fn add_to(
        &mut self,
        layout: &Layout,
        cells: &mut Cells,
        chunks: &mut VecDeque<Chunk>,
        run: Range<usize>,
        from: i64,
    ) -> Result<(), Malformed> {
        let number = (self.gone + run.start) / RUN;
        let known = match self.partials.entry(number) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(partial(layout, chunks, run.clone())?),
        };
        if let Some(partial) = known {
            return cells.add_partial(partial, from);
        }
        chunks.range_mut(run).try_for_each(|chunk| chunk.add_to(layout, cells, from))
    }
}

/// The partial of a run, if it is at most half as large as those of its chunks.
fn partial(
    layout: &Layout,
    chunks: &mut VecDeque<Chunk>,
    run: Range<usize>,
) -> Result<Option<Box<[u8]>>, Malformed> {
    let mut cells = Cells::new(layout);
    let mut parts = 0;
    for chunk in chunks.range_mut(run) {
        let Some(part) = chunk.partial(layout)? else { return Ok(None) };
        parts += part.len();
        cells.add_partial(part, i64::MIN)?;
    }
    let partial = cells.partial();
    Ok((partial.len() * 2 <= parts).then_some(partial))
}
