//! The step: one match of what goes in to what comes out (rule R1).

use std::collections::VecDeque;

use crate::plan::{NodeId, Plan};
use crate::state::{Store, StoreError, WriteBatch, keys};
use crate::types::{EventTime, Row, bytes};

use super::broadcast::Broadcast;
use super::ledger::Counts;
use super::operator::join_buffer::{Buffer, Place};
use super::operator::join_history::History;
use super::operator::join_newest::Newest;
use super::parallel;
use super::program::Program;
use super::route::{self, Batch, Change, Left, Worked, shard_of};
use super::shard::{Context, Key, KeyRow, Shard};
use super::step::{EngineError, Input, Ledger, Options, Output, Publication, Record, Version};
use super::tables::{LookupState, TableState};
use super::tuning::Tuning;
use super::watermark::Clock;
use super::write_back::Written;

/// Keys that are loaded at once when all are looked at.
const KEYS_AT_ONCE: usize = 4096;

/// All operators of one plan with their state.
#[derive(Debug)]
pub struct Engine {
    pub(super) program: Program,
    pub(super) options: Options,
    pub(super) tuning: Tuning,
    pub(super) clock: Clock,
    pub(super) views: Views,
    pub(super) shards: Vec<Shard>,
    pub(super) joins: Vec<JoinState>,
    pub(super) tables: Vec<TableState>,
    pub(super) lookups: Vec<LookupState>,
    pub(super) counts: Counts,
    /// The last step.
    pub(super) step: u64,
    /// The last version's number within this start.
    pub(super) seq: u64,
    /// The newest as-of time of any published row.
    pub(super) as_of_max: i64,
    /// Redo records in the store: step, shards, effects.
    pub(super) redo: VecDeque<(u64, Vec<u16>, u64)>,
    /// The plan's name record, until it is written.
    pub(super) identity: Option<Vec<u8>>,
    /// Where the look at timers in the store goes on, by aggregation: before it, none is due.
    pub(super) timers_to: Vec<Vec<u8>>,
    /// Timers in the store are due that the last step had no room for.
    pub(super) has_more_due: bool,
    pub(super) broadcast: Option<Broadcast>,
}

/// Which watermark view each node goes by.
#[derive(Debug, Default)]
pub(super) struct Views {
    pub(super) sources: Vec<usize>,
    pub(super) aggregates: Vec<usize>,
    pub(super) joins: Vec<JoinViews>,
    pub(super) lookups: Vec<LookupViews>,
}

#[derive(Debug)]
pub(super) struct LookupViews {
    pub(super) input: usize,
    pub(super) table: usize,
}

#[derive(Debug)]
pub(super) struct JoinViews {
    pub(super) left: usize,
    pub(super) rights: Vec<usize>,
}

/// What a join remembers.
#[derive(Debug, Default)]
pub(super) struct JoinState {
    pub(super) buffer: Buffer,
    pub(super) history: History,
    pub(super) newest: Newest,
}

/// A row to put out: publish node, key, row or tombstone, as of.
pub(super) type Ready = (NodeId, Row, Option<Row>, i64);

/// What a step's records are on their way to.
#[derive(Debug, Default)]
struct Taken {
    /// By shard.
    batches: Vec<Vec<Batch>>,
    lefts: Vec<Left>,
    asking: Vec<Left>,
    changes: Vec<Change>,
}

impl Engine {
    /// Builds the operators and recovers their state from the store.
    ///
    /// # Errors
    /// When the store fails, or its state belongs to another plan.
    pub fn open(plan: &Plan, options: Options, store: &dyn Store) -> Result<Self, EngineError> {
        Self::open_tuned(plan, options, Tuning::default(), store)
    }

    /// One step. After an error the engine must be dropped and opened again.
    ///
    /// # Errors
    /// When the store fails.
    ///
    /// # Panics
    /// When a record's partition was never declared.
    pub fn step(&mut self, input: Input, store: &dyn Store) -> Result<Output, EngineError> {
        let mut output = Output::default();
        let before = self.begin(&mut output);
        for update in &input.partitions {
            self.clock.update(update);
        }
        let finish = input.finish && self.options.cut.is_some();
        let mut worked = self.work(input.records);
        self.call(&mut worked, &mut output)?;
        let mut taken = self.take(worked, &mut output);
        self.change_tables(std::mem::take(&mut taken.changes), store, &mut output.batch)?;
        // Judged by W as it was: what came together makes nothing of it late.
        let new = self.buffer(std::mem::take(&mut taken.lefts));
        if finish {
            self.clock.finish();
        }
        self.clock.advance(input.now_ms);
        let worked = self.look_up(std::mem::take(&mut taken.asking), store, &mut output.batch)?;
        self.book(worked, &mut taken, &mut output);
        self.merge(&taken.batches, &before, store)?;
        self.clock.advance_behind(input.now_ms, &self.oldest_waiting());
        let joined = self.enrich(store, &mut output.batch)?;
        self.remember(&new, &mut output.batch);
        self.remember_tables(store, &mut output.batch)?;
        let stored = self.due_in_store(store)?;
        let all =
            if finish { self.keys_after(None, usize::MAX, &self.resident(), store)? } else { Vec::new() };
        let rows = self.settle(&stored, &all, (finish, false), store, &mut output.batch)?;
        self.publish(rows, joined, &mut output);
        self.put_out_waited(finish, &mut output);
        output.missing = self.clock.missing(self.options.hold_for_ms, input.now_ms);
        Ok(output)
    }

    /// Sets the cut when the end of the input is known; a later one only replaces an earlier.
    ///
    /// # Errors
    /// When the cut is before what has been published.
    pub fn set_cut(&mut self, cut: EventTime) -> Result<(), EngineError> {
        self.options.cut = Some(cut);
        self.clock.set_cut(cut);
        self.check_cut()
    }

    /// Event time of the newest event read, ever.
    #[must_use]
    pub fn newest_event(&self) -> Option<EventTime> {
        self.clock.newest_event().map(EventTime)
    }

    /// V(∅) of a windowed aggregation, without its key columns.
    #[must_use]
    pub fn empty_row(&self, aggregate: NodeId) -> Option<Row> {
        let node = self.program.aggregates.iter().find(|node| node.id == aggregate)?;
        Some(node.layout.empty_row())
    }

    /// Whether keys are still to be read back after the start, or to be looked at: steps are wanted even without
    /// input.
    #[must_use]
    pub fn is_catching_up(&self) -> bool {
        self.has_more_due || self.shards.iter().any(|shard| !shard.owed.is_empty())
    }

    /// The counts so far, including those of the last step.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.counts.ledger(&self.program)
    }

    /// The next step's number, and as of when anyone may still ask as it begins, by aggregation.
    pub(super) fn begin(&mut self, output: &mut Output) -> Vec<i64> {
        self.step += 1;
        if let Some(record) = self.identity.take() {
            output.batch.put(keys::table(keys::Table::Plan), record);
        }
        self.horizons()
    }

    /// Decodes and routes, slices of the records in parallel.
    fn work(&self, records: Vec<Record>) -> Vec<Worked> {
        let of_source = |record: Record| {
            let source = self.clock.source_of(record.partition);
            (source.expect("a partition is declared, for a source of the plan, before its records"), record)
        };
        let mut rest: Vec<_> = records.into_iter().map(of_source).collect();
        let per_slice = rest.len().div_ceil(self.shards.len()).max(self.tuning.records_per_thread);
        let mut slices = Vec::new();
        while rest.len() > per_slice {
            let tail = rest.split_off(per_slice);
            slices.push(std::mem::replace(&mut rest, tail));
        }
        slices.push(rest);
        parallel::each(slices, true, |slice| route::work(&self.program, self.shards.len(), slice))
    }

    /// Books what the slices found. Returns it with each shard's events together.
    fn take(&mut self, worked: Vec<Worked>, output: &mut Output) -> Taken {
        let mut taken =
            Taken { batches: self.shards.iter().map(|_| Vec::new()).collect(), ..Taken::default() };
        for slice in worked {
            self.book(slice, &mut taken, output);
        }
        taken
    }

    fn book(&mut self, slice: Worked, taken: &mut Taken, output: &mut Output) {
        self.counts.add_sources(&slice.sources);
        self.counts.add_nodes(&slice.nodes);
        output.dead_letters.extend(slice.dead_letters);
        for (partition, ts) in slice.newest {
            self.clock.saw(partition, ts);
        }
        taken.batches.iter_mut().zip(slice.batches).for_each(|(shard, batch)| shard.push(batch));
        taken.lefts.extend(slice.lefts);
        taken.asking.extend(slice.asking);
        taken.changes.extend(slice.changes);
    }

    fn merge(
        &mut self,
        batches: &[Vec<Batch>],
        horizons: &[i64],
        store: &dyn Store,
    ) -> Result<(), StoreError> {
        let watermarks = self.watermarks();
        let (program, options, step) = (&self.program, &self.options, self.step);
        let context = context(program, options, store, (step, &watermarks, horizons, false));
        let events: usize = batches.iter().flatten().map(|batch| batch.events.len()).sum();
        let owed_max = self.tuning.debts_per_step;
        let threads =
            events > self.tuning.records_per_thread || self.shards.iter().any(|s| !s.owed.is_empty());
        let parts: Vec<_> = self.shards.iter_mut().zip(batches).collect();
        let counted = parallel::each(parts, threads, |(shard, batches)| {
            shard.settle_debts(&context, owed_max)?;
            shard.apply(&context, batches)
        });
        for ledger in counted {
            self.counts.add_nodes(&ledger?);
        }
        Ok(())
    }

    /// Keys with a timer in the store that W has passed, by aggregation; no more than a step may take: when W leaps, and
    /// at a start, that may be nearly every key. The step after this one goes on.
    fn due_in_store(&mut self, store: &dyn Store) -> Result<Vec<Vec<Vec<u8>>>, StoreError> {
        let watermarks = self.watermarks();
        let mut due = Vec::with_capacity(watermarks.len());
        self.has_more_due = false;
        for (aggregate, watermark) in watermarks.into_iter().enumerate() {
            let slot = self.program.aggregates[aggregate].slot;
            let to = keys::timers_from(slot, watermark.saturating_add(1));
            let (mut found, mut next): (Vec<Vec<u8>>, _) = (Vec::new(), None);
            store.scan(&self.timers_to[aggregate], &to, &mut |record, _| {
                if found.len() == self.tuning.woken_per_step {
                    next = Some(record.to_vec());
                    return std::ops::ControlFlow::Break(());
                }
                found.extend(keys::read_timer(record).ok().map(<[u8]>::to_vec));
                std::ops::ControlFlow::Continue(())
            })?;
            self.has_more_due |= next.is_some();
            self.timers_to[aggregate] = next.unwrap_or(to);
            due.push(found);
        }
        Ok(due)
    }

    /// Lets every shard publish and write. `stored`: keys with due timers in the store; `all`: keys
    /// to look at in any case.
    pub(super) fn settle(
        &mut self,
        stored: &[Vec<Vec<u8>>],
        all: &[(usize, Key)],
        (finish, again): (bool, bool),
        store: &dyn Store,
        batch: &mut WriteBatch,
    ) -> Result<Vec<KeyRow>, StoreError> {
        let (watermarks, horizons) = (self.watermarks(), self.horizons());
        let (through, more) = self.write_back_goal();
        let count = self.shards.len();
        let (program, options, step) = (&self.program, &self.options, self.step);
        let context = context(program, options, store, (step, &watermarks, &horizons, finish));
        let settle = |shard: &mut Shard| {
            let mut batch = WriteBatch::default();
            let index = usize::from(shard.index);
            let mine = |key: &[u8]| shard_of(key, count) == index;
            for (aggregate, keys) in stored.iter().enumerate() {
                let keys: Vec<_> = keys.iter().filter(|key| mine(key)).cloned().collect();
                shard.wake(&context, aggregate, &keys)?;
            }
            let all: Vec<_> = all.iter().filter(|(_, key)| mine(key)).collect();
            let mut rows = Vec::new();
            if finish {
                // Every key is among them: none is settled twice, and few are in memory at once.
                shard.forget_touched();
            }
            for some in all.chunks(if finish { KEYS_AT_ONCE } else { usize::MAX }) {
                for (aggregate, key) in some {
                    shard.touch(&context, *aggregate, key)?;
                }
                if finish {
                    rows.extend(shard.settle(&context, again, &mut batch)?);
                    shard.forget_clean(&context, &mut batch);
                }
            }
            rows.extend(shard.settle(&context, again, &mut batch)?);
            let written = shard.write_back(&context, through, more, &mut batch)?;
            Ok::<_, StoreError>((rows, written, batch))
        };
        let settled = parallel::each(self.shards.iter_mut().collect(), true, settle);
        let (mut rows, mut written) = (Vec::new(), Vec::new());
        for part in settled {
            let (more_rows, end, part) = part?;
            rows.extend(more_rows);
            written.push(end);
            batch.append(part);
        }
        self.end(written, batch);
        rows.sort_unstable_by(|a, b| (a.aggregate, &a.key).cmp(&(b.aggregate, &b.key)));
        Ok(rows)
    }

    /// Up to which step keys must be written back so that the redo tail stays in its bound, and how
    /// many more may be.
    fn write_back_goal(&self) -> (u64, usize) {
        let mut tail: u64 = self.redo.iter().map(|(_, _, effects)| effects).sum();
        let more =
            if tail > self.tuning.redo_effects_max / 2 { self.tuning.written_back_per_step } else { 0 };
        let mut through = 0;
        for (step, _, effects) in &self.redo {
            if tail <= self.tuning.redo_effects_max {
                break;
            }
            tail -= effects;
            through = *step;
        }
        (through, more)
    }

    /// Writes the step's own records and deletes redo records that no key needs.
    fn end(&mut self, written: Vec<Written>, batch: &mut WriteBatch) {
        let needed_from = written.iter().filter_map(|end| end.needed_from).min().unwrap_or(u64::MAX);
        let (mut shards, mut effects) = (Vec::new(), 0);
        for (shard, end) in self.shards.iter().zip(written) {
            if let Some((record, count)) = end.redo.filter(|_| needed_from <= self.step) {
                batch.put(keys::redo(self.step, shard.index), record);
                shards.push(shard.index);
                effects += count;
            }
        }
        if !shards.is_empty() {
            self.redo.push_back((self.step, shards, effects));
        }
        while self.redo.front().is_some_and(|(step, _, _)| *step < needed_from) {
            let Some((step, shards, _)) = self.redo.pop_front() else {
                break;
            };
            for shard in shards {
                batch.delete(keys::redo(step, shard));
            }
        }
    }

    /// Gives rows their versions, and books the step.
    pub(super) fn publish(
        &mut self,
        rows: Vec<KeyRow>,
        joined: Vec<(usize, Place, Row)>,
        output: &mut Output,
    ) {
        let mut ready: Vec<Ready> = Vec::with_capacity(rows.len() + joined.len());
        for row in rows {
            self.as_of_max = self.as_of_max.max(row.as_of);
            let node = &self.program.aggregates[row.aggregate];
            let mut full = keys::read_key(&row.key).expect("keys are written by this engine");
            full.extend(row.row.clone().unwrap_or_else(|| node.layout.empty_row()));
            let is_row = row.row.is_some();
            self.program.emit(&node.out, &full, &mut |id, key, full| {
                ready.push((id, key, is_row.then_some(full), row.as_of));
            });
        }
        for (join, (ts, _, _), row) in joined {
            if self.options.publish {
                self.put_out(join, ts, &row, &mut output.batch, &mut ready);
            }
        }
        self.say(ready, output);
        output.batch.put(keys::table(keys::Table::Clock), self.clock_record());
        output.batch.put(keys::table(keys::Table::Ledger), self.counts.record(&self.program));
        let watermark = |(source, view): (&super::program::Source, &usize)| {
            (source.name.clone(), EventTime(self.clock.watermark(*view)))
        };
        output.watermarks = self.program.sources.iter().zip(&self.views.sources).map(watermark).collect();
    }

    /// Gives rows the next versions.
    pub(super) fn say(&mut self, ready: Vec<Ready>, output: &mut Output) {
        let Options { lease, start, .. } = self.options;
        for (node, key, row, as_of) in ready {
            self.seq += 1;
            let version = Version { lease, start, seq: self.seq };
            output.publications.push(Publication { node, key, row, as_of: EventTime(as_of), version });
        }
    }

    fn clock_record(&self) -> Vec<u8> {
        let mut out = Vec::new();
        bytes::put_u64(&mut out, self.step);
        bytes::put_i64(&mut out, self.as_of_max);
        self.clock.write(&mut out);
        out
    }

    /// W by aggregation.
    pub(super) fn watermarks(&self) -> Vec<i64> {
        self.views.aggregates.iter().map(|view| self.clock.watermark(*view)).collect()
    }

    /// As of no earlier time will anyone ask: W, and for joins the oldest left row that waits or may
    /// still be accepted. A right's W may run ahead of a left source that lags.
    pub(super) fn horizons(&self) -> Vec<i64> {
        let horizon = |(at, node): (usize, &super::program::Aggregate)| {
            let own = self.clock.watermark(self.views.aggregates[at]);
            node.readers.iter().fold(own, |horizon, join| {
                let left = self.clock.watermark(self.views.joins[*join].left);
                let acceptable = left.saturating_sub(self.program.joins[*join].left_late_ms);
                let waiting = self.joins[*join].buffer.oldest().unwrap_or(i64::MAX);
                horizon.min(acceptable).min(waiting)
            })
        };
        self.program.aggregates.iter().enumerate().map(horizon).collect()
    }
}

pub(super) fn context<'a>(
    program: &'a Program,
    options: &Options,
    store: &'a dyn Store,
    (step, watermarks, horizons, finish): (u64, &'a [i64], &'a [i64], bool),
) -> Context<'a> {
    Context {
        program,
        store,
        step,
        watermarks,
        horizons,
        cut: options.cut.map(EventTime::millis),
        finish,
        publish: options.publish,
    }
}
