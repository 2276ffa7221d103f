//! One shard of the key space: its keys in memory, their timers, and which of them the store has not
//! caught up with. Knows nothing of the other shards.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;

use crate::state::redo::{Delta, RedoWriter};
use crate::state::{Cells, Event, Inserted, KeyState, NEVER, Store, StoreError, WriteBatch, corrupt, keys};
use crate::types::Row;

use super::operator::{self, publish};
use super::owed::Owed;
use super::program::{Aggregate, Program};
use super::resident::Resident;
use super::route::{self, Batch};
use super::step::NodeLedger;

/// An encoded key.
pub(super) type Key = Arc<[u8]>;

/// How long a key that could be dropped waits for joins that lag behind before it is asked again.
const DROP_RETRY_MS: i64 = 60_000;

/// What a shard needs to know of a step.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) program: &'a Program,
    pub(super) store: &'a dyn Store,
    pub(super) step: u64,
    /// W by aggregation.
    pub(super) watermarks: &'a [i64],
    /// By aggregation: as of no earlier time will anyone ask.
    pub(super) horizons: &'a [i64],
    pub(super) cut: Option<i64>,
    /// Rows are as of the cut, whatever W.
    pub(super) finish: bool,
    /// Whether rows are put out.
    pub(super) publish: bool,
}

impl Context<'_> {
    pub(super) fn within_cut(&self, as_of: i64) -> i64 {
        match self.cut {
            Some(cut) if self.finish => cut,
            Some(cut) => as_of.min(cut),
            None => as_of,
        }
    }
}

/// A question of a join: V(key, q).
#[derive(Debug)]
pub(super) struct Query {
    pub(super) aggregate: usize,
    /// Whose answer it is, if it is final.
    pub(super) reader: Option<usize>,
    pub(super) key: Vec<u8>,
    pub(super) q: i64,
    /// Where the answer goes: the left row's number and the right's.
    pub(super) place: (usize, usize),
}

/// A row of a key to put out; no row: a tombstone.
#[derive(Debug)]
pub(super) struct KeyRow {
    pub(super) aggregate: usize,
    pub(super) key: Key,
    pub(super) as_of: i64,
    pub(super) row: Option<Row>,
}

/// A shard's keys.
#[derive(Debug)]
pub(super) struct Shard {
    pub(super) index: u16,
    pub(super) tables: Vec<HashMap<Key, KeyState>>,
    pub(super) cells: Vec<Cells>,
    pub(super) timers: Vec<BinaryHeap<Reverse<(i64, Key)>>>,
    /// Keys that the store is behind with, by the step since which, oldest first.
    pub(super) dirty: VecDeque<(u64, usize, Key)>,
    /// Keys in memory, and what they take there.
    pub(super) resident: Resident,
    /// What they may take there: this shard's part of what all may.
    pub(super) share_bytes_max: usize,
    /// Keys that have become dirty in this step.
    pub(super) dirtied: usize,
    /// Keys to look at when the step's watermarks are known.
    touched: Vec<(usize, Key)>,
    pub(super) redo: RedoWriter,
    /// What keys that are not in memory lack of the redo tail.
    pub(super) owed: Owed,
}

impl Shard {
    pub(super) fn new(index: usize, program: &Program, share_bytes_max: usize) -> Self {
        let aggregates = &program.aggregates;
        Self {
            index: u16::try_from(index).expect("fewer than 65536 shards"),
            tables: aggregates.iter().map(|_| HashMap::new()).collect(),
            cells: aggregates.iter().map(|node| Cells::new(&node.layout)).collect(),
            timers: aggregates.iter().map(|_| BinaryHeap::new()).collect(),
            dirty: VecDeque::new(),
            resident: Resident::default(),
            share_bytes_max,
            dirtied: 0,
            touched: Vec::new(),
            redo: RedoWriter::default(),
            owed: Owed::default(),
        }
    }

    /// Makes sure a key is in memory. Its timer counts from now on.
    pub(super) fn load(
        &mut self,
        context: &Context<'_>,
        aggregate: usize,
        key: &[u8],
    ) -> Result<Key, StoreError> {
        if let Some((key, _)) = self.tables[aggregate].get_key_value(key) {
            return Ok(key.clone());
        }
        let slot = context.program.aggregates[aggregate].slot;
        let mut state = KeyState::load(context.store, slot, key)?;
        self.pay(context, aggregate, key, &mut state)?;
        let key: Key = key.into();
        if state.timer != NEVER {
            self.timers[aggregate].push(Reverse((state.timer, key.clone())));
        }
        self.resident.admit(aggregate, &key, &mut state);
        self.tables[aggregate].insert(key.clone(), state);
        Ok(key)
    }

    pub(super) fn state(&mut self, aggregate: usize, key: &Key) -> &mut KeyState {
        self.tables[aggregate].get_mut(key).expect("the key was loaded")
    }

    pub(super) fn mark_dirty(&mut self, step: u64, aggregate: usize, key: &Key) {
        let state = self.state(aggregate, key);
        if state.dirty_since.is_none() {
            state.dirty_since = Some(step);
            self.dirtied += 1;
            self.dirty.push_back((step, aggregate, key.clone()));
        }
    }

    /// Merges a step's events, each key's in order of time. Counts by slot.
    pub(super) fn apply(
        &mut self,
        context: &Context<'_>,
        batches: &[Batch],
    ) -> Result<Vec<NodeLedger>, StoreError> {
        let mut ledger = vec![NodeLedger::default(); context.program.keyed.len()];
        let mut order: Vec<_> = batches.iter().flat_map(|b| b.events.iter().map(move |e| (b, e))).collect();
        order.sort_unstable_by(|(a_batch, a), (b_batch, b)| {
            (a.aggregate, &a_batch.bytes[a.key.clone()], a.ts, a.hashes).cmp(&(
                b.aggregate,
                &b_batch.bytes[b.key.clone()],
                b.ts,
                b.hashes,
            ))
        });
        let same_key = |(a_batch, a): &(&Batch, &route::Routed), (b_batch, b): &(&Batch, &route::Routed)| {
            a.aggregate == b.aggregate && a_batch.bytes[a.key.clone()] == b_batch.bytes[b.key.clone()]
        };
        for run in order.chunk_by(same_key) {
            let (batch, first) = run[0];
            let events = run.iter().map(|(batch, event)| Event {
                ts: event.ts,
                hashes: event.hashes,
                data: &batch.bytes[event.data.clone()],
            });
            self.apply_key(context, first.aggregate, &batch.bytes[first.key.clone()], events, &mut ledger)?;
        }
        Ok(ledger)
    }

    fn apply_key<'a>(
        &mut self,
        context: &Context<'_>,
        aggregate: usize,
        key: &[u8],
        events: impl Iterator<Item = Event<'a>>,
        ledger: &mut [NodeLedger],
    ) -> Result<(), StoreError> {
        let node = &context.program.aggregates[aggregate];
        let horizon = context.horizons[aggregate];
        let mut loaded = None;
        for event in events {
            if !node.layout.is_lifetime() && node.layout.leaves_last(event.ts) <= horizon {
                ledger[usize::from(node.slot)].expired += 1;
                continue;
            }
            if loaded.is_none() {
                loaded = Some(self.load(context, aggregate, key)?);
            }
            let key = loaded.as_ref().expect("loaded above");
            let state = self.tables[aggregate].get_mut(key).expect("the key was loaded");
            let inserted = state.ring.insert(&node.layout, &event);
            count(inserted, &mut ledger[usize::from(node.slot)]);
            if inserted != Inserted::Duplicate {
                count_missed(context.program, node, state, event.ts, ledger);
                self.redo.push(&Delta::Event(event));
            }
        }
        if let Some(key) = loaded
            && self.redo.end_key(node.slot, &key)
        {
            self.mark_dirty(context.step, aggregate, &key);
            self.touched.push((aggregate, key));
        }
        Ok(())
    }

    /// Answers joins. That final rows were made is remembered.
    pub(super) fn answer(
        &mut self,
        context: &Context<'_>,
        queries: &[Query],
    ) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::with_capacity(queries.len());
        for query in queries {
            let node = &context.program.aggregates[query.aggregate];
            let key = self.load(context, query.aggregate, &query.key)?;
            let state = self.tables[query.aggregate].get_mut(&key).expect("the key was loaded");
            let row = self.cells[query.aggregate].row(&node.layout, &mut state.ring, query.q);
            rows.push(row.map_err(|_| corrupt(&keys::head(node.slot, &key)))?);
            if let Some(reader) = query.reader
                && state.finals.get(reader).is_none_or(|newest| *newest < query.q)
            {
                state.note_final(reader, query.q);
                if state.timer == NEVER {
                    self.touched.push((query.aggregate, key.clone()));
                }
                self.redo.push(&Delta::Final { join: reader, q: query.q });
                self.redo.end_key(node.slot, &key);
                self.mark_dirty(context.step, query.aggregate, &key);
            }
        }
        Ok(rows)
    }

    /// Adds the keys whose timers W has passed. `stored`: keys with a timer in the store, which may
    /// not be in memory.
    pub(super) fn wake(
        &mut self,
        context: &Context<'_>,
        aggregate: usize,
        stored: &[Vec<u8>],
    ) -> Result<(), StoreError> {
        let watermark = context.watermarks[aggregate];
        for key in stored {
            if !self.tables[aggregate].contains_key(key.as_slice()) {
                self.load(context, aggregate, key)?;
            }
        }
        while let Some(Reverse((due, _))) = self.timers[aggregate].peek() {
            if *due > watermark {
                break;
            }
            let Some(Reverse((due, key))) = self.timers[aggregate].pop() else {
                break;
            };
            // An entry that is not the key's timer any more is left over.
            if self.tables[aggregate].get(&key).is_some_and(|state| state.timer == due) {
                self.touched.push((aggregate, key));
            }
        }
        Ok(())
    }

    /// Adds a key that must be looked at in any case.
    pub(super) fn touch(
        &mut self,
        context: &Context<'_>,
        aggregate: usize,
        key: &[u8],
    ) -> Result<(), StoreError> {
        let key = self.load(context, aggregate, key)?;
        self.touched.push((aggregate, key));
        Ok(())
    }

    /// Takes back which keys are to be looked at: all will be touched again.
    pub(super) fn forget_touched(&mut self) {
        self.touched.clear();
    }

    /// Looks at every touched key: publishes what changed, forgets what no window can reach, sets the
    /// next timer. `again`: rows are put out whether they changed or not.
    pub(super) fn settle(
        &mut self,
        context: &Context<'_>,
        again: bool,
        batch: &mut WriteBatch,
    ) -> Result<Vec<KeyRow>, StoreError> {
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        let mut rows = Vec::new();
        for (aggregate, key) in touched {
            let held_to = self.held_to(context, aggregate, &key, again);
            let row = match held_to {
                Some(_) => None,
                None => self.publish(context, aggregate, &key, again)?,
            };
            let published = row.is_some();
            rows.extend(row);
            rows.extend(self.schedule(context, aggregate, &key, (published, held_to), batch)?);
        }
        Ok(rows)
    }

    fn as_of(&mut self, context: &Context<'_>, aggregate: usize, key: &Key) -> i64 {
        let state = self.state(aggregate, key);
        let newest = state.ring.newest().map_or(i64::MIN, |ts| ts.saturating_add(1));
        context.within_cut(state.as_of.max(newest).max(context.watermarks[aggregate]))
    }

    /// The earliest a key's next row may hold as of: rows are `every` apart in this.
    fn next_as_of(&mut self, context: &Context<'_>, aggregate: usize, key: &Key) -> i64 {
        let every_ms = context.program.aggregates[aggregate].every_ms;
        let state = self.state(aggregate, key);
        match state.published {
            Some(_) if every_ms > 0 => state.as_of.saturating_add(every_ms),
            Some(_) | None => i64::MIN,
        }
    }

    /// As of when the key's next row may be put out, if that is still to come (`every`).
    fn held_to(&mut self, context: &Context<'_>, aggregate: usize, key: &Key, again: bool) -> Option<i64> {
        if again || context.finish {
            return None;
        }
        let ahead_ms = context.program.aggregates[aggregate].ahead_of_watermark_ms;
        let newest = context.watermarks[aggregate].saturating_add(ahead_ms);
        let as_of = self.as_of(context, aggregate, key);
        let next = self.next_as_of(context, aggregate, key);
        (as_of.max(newest) < next).then_some(next)
    }

    /// The key's row, if it is to be put out.
    fn publish(
        &mut self,
        context: &Context<'_>,
        aggregate: usize,
        key: &Key,
        again: bool,
    ) -> Result<Option<KeyRow>, StoreError> {
        let node = &context.program.aggregates[aggregate];
        if !context.publish || !node.published {
            return Ok(None);
        }
        let next = context.within_cut(self.next_as_of(context, aggregate, key));
        let as_of = self.as_of(context, aggregate, key).max(next);
        let state = self.tables[aggregate].get_mut(key).expect("the key was loaded");
        let row = self.cells[aggregate].row(&node.layout, &mut state.ring, as_of);
        let row = row.map_err(|_| corrupt(&keys::head(node.slot, key)))?;
        let hash = publish::row_hash(&row);
        let changed = hash != state.published.unwrap_or(node.empty);
        if !changed && (!again || state.published.is_none()) {
            return Ok(None);
        }
        (state.as_of, state.published) = (as_of, Some(hash));
        self.redo.push(&Delta::Published { as_of, hash: Some(hash) });
        self.redo.end_key(node.slot, key);
        self.mark_dirty(context.step, aggregate, key);
        Ok(Some(KeyRow { aggregate, key: key.clone(), as_of, row: Some(row) }))
    }

    /// Trims the key and sets its timer, or drops it when nothing is left; then a tombstone follows
    /// whatever was published of it.
    fn schedule(
        &mut self,
        context: &Context<'_>,
        aggregate: usize,
        key: &Key,
        (published, held_to): (bool, Option<i64>),
        batch: &mut WriteBatch,
    ) -> Result<Option<KeyRow>, StoreError> {
        let node = &context.program.aggregates[aggregate];
        let held_to = held_to.map(|as_of| as_of.saturating_sub(node.ahead_of_watermark_ms));
        let (watermark, horizon) = (context.watermarks[aggregate], context.horizons[aggregate]);
        let as_of = self.as_of(context, aggregate, key);
        let state = self.state(aggregate, key);
        state.ring.trim(&node.layout, horizon).map_err(|_| corrupt(&keys::head(node.slot, key)))?;
        let asked = state.finals.iter().max().map_or(i64::MIN, |q| last_use(node, q.saturating_sub(1)));
        let before = state.timer;
        state.timer = match state.ring.newest() {
            Some(newest) => {
                let due = operator::next_due(&node.layout, &state.ring, as_of, route::key_hash(key));
                let gone = last_use(node, newest).max(asked).max(watermark.saturating_add(DROP_RETRY_MS));
                due.min(gone).min(held_to.unwrap_or(NEVER))
            }
            None if held_to.is_some() => held_to.unwrap_or(NEVER),
            None if asked > horizon => asked.max(watermark.saturating_add(DROP_RETRY_MS)),
            // While history is replayed nothing may be said, so what was shown must be remembered.
            None if state.published.is_some() && !context.publish => watermark.saturating_add(DROP_RETRY_MS),
            // Its empty row went out in this step; the tombstone is the next thing to say.
            None if published => watermark.saturating_add(1),
            None => return Ok(self.drop_key(context, aggregate, key, as_of, batch)),
        };
        let timer = state.timer;
        if timer != before && timer != NEVER {
            self.timers[aggregate].push(Reverse((timer, key.clone())));
        }
        Ok(None)
    }

    fn drop_key(
        &mut self,
        context: &Context<'_>,
        aggregate: usize,
        key: &Key,
        as_of: i64,
        batch: &mut WriteBatch,
    ) -> Option<KeyRow> {
        let node = &context.program.aggregates[aggregate];
        let mut state = self.tables[aggregate].remove(key).expect("the key was loaded");
        self.resident.gone(&state);
        state.erase(batch, node.slot, key);
        self.redo.push(&Delta::Dropped);
        self.redo.end_key(node.slot, key);
        state.published.is_some().then(|| KeyRow { aggregate, key: key.clone(), as_of, row: None })
    }
}

/// When no window can reach an event of `ts` any more, joins with late left rows included.
pub(super) fn last_use(node: &Aggregate, ts: i64) -> i64 {
    node.layout.ends_at(ts).saturating_add(node.kept_ms)
}

fn count(inserted: Inserted, ledger: &mut NodeLedger) {
    match inserted {
        Inserted::New => ledger.applied += 1,
        Inserted::Duplicate => ledger.duplicate += 1,
        Inserted::IdConflict => {
            ledger.applied += 1;
            ledger.id_conflict += 1;
        }
    }
}

/// Counts the event at each join that has already made a final row of this key after it.
fn count_missed(program: &Program, node: &Aggregate, state: &KeyState, ts: i64, ledger: &mut [NodeLedger]) {
    for (newest, join) in state.finals.iter().zip(&node.readers) {
        if *newest > ts {
            ledger[usize::from(program.joins[*join].slot)].missed += 1;
        }
    }
}
