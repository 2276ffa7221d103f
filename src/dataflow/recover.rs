//! From the store's records back to an engine: single records, joins, then the redo tail over the key
//! records, which are read later.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use crate::plan::Plan;
use crate::state::{Store, StoreError, corrupt, keys};
use crate::types::EventTime;

use super::engine::{Engine, JoinState, JoinViews, LookupViews, Views};
use super::identity;
use super::ledger::Counts;
use super::owed::TailRecord;
use super::parallel;
use super::program::{Above, Program, Right, RightRows};
use super::shard::Shard;
use super::step::{EngineError, Options};
use super::tables::{LookupState, TableState};
use super::tuning::Tuning;
use super::watermark::{Clock, ClockSource};

impl Engine {
    /// As [`Engine::open`], within other bounds.
    ///
    /// # Errors
    /// As there.
    pub fn open_tuned(
        plan: &Plan,
        options: Options,
        tuning: Tuning,
        store: &dyn Store,
    ) -> Result<Self, EngineError> {
        let (slots, new) = identity::slots(plan, store)?;
        let program = Program::new(plan, &slots);
        let shards = options.shards.max(1);
        let share_bytes_max = tuning.memory_bytes_max / shards;
        let mut engine = Self {
            clock: Clock::new(clock_sources(&program), options.cut),
            views: Views::default(),
            shards: (0..shards).map(|index| Shard::new(index, &program, share_bytes_max)).collect(),
            joins: Vec::new(),
            tables: Vec::new(),
            lookups: Vec::new(),
            counts: Counts::new(&program),
            step: 0,
            seq: 0,
            as_of_max: i64::MIN,
            redo: VecDeque::new(),
            identity: new.then(|| identity::record(plan)),
            timers_to: program.aggregates.iter().map(|n| keys::timers_from(n.slot, i64::MIN)).collect(),
            has_more_due: false,
            broadcast: None,
            program,
            options,
            tuning,
        };
        engine.read_records(store)?;
        engine.set_views();
        engine.check_cut()?;
        engine.replay(store)?;
        Ok(engine)
    }

    fn read_records(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        let clock = &mut self.clock;
        let read = identity::single(store, keys::Table::Clock, |reader| {
            let (step, as_of) = (reader.u64()?, reader.i64()?);
            clock.read(reader)?;
            Ok((step, as_of))
        })?;
        (self.step, self.as_of_max) = read.unwrap_or((0, i64::MIN));
        let (counts, program) = (&mut self.counts, &self.program);
        identity::single(store, keys::Table::Ledger, |reader| counts.read(program, reader))?;
        for join in &self.program.joins {
            let mut state = JoinState::default();
            state.buffer.load(join.slot, store)?;
            state.history.load(join.slot, store)?;
            state.newest.load(&join.every_ms, join.slot, store)?;
            self.joins.push(state);
        }
        for table in 0..self.program.tables.len() {
            self.tables.push(TableState::open(&self.program, table, store)?);
        }
        for lookup in &self.program.lookups {
            let mut state = LookupState::default();
            state.waiting.load(lookup.slot, store)?;
            self.lookups.push(state);
        }
        Ok(())
    }

    fn set_views(&mut self) {
        let (clock, program, hold) = (&mut self.clock, &self.program, self.options.hold_for_ms);
        let sources = 0..program.sources.len();
        self.views.sources = sources.map(|source| clock.view(&Above::of(source), hold)).collect();
        let aggregates = program.aggregates.iter();
        self.views.aggregates = aggregates.map(|node| clock.view(&node.above, hold)).collect();
        for join in &program.joins {
            let left = clock.view(&join.above, join.hold_for_ms);
            let above = |right: &Right| match right.rows {
                RightRows::Aggregate(at) => program.aggregates[at].above.clone(),
                RightRows::Table(at) => Above::of(program.tables[at].source),
            };
            let rights =
                join.rights.iter().map(|right| clock.view(&above(right), join.hold_for_ms)).collect();
            self.views.joins.push(JoinViews { left, rights });
        }
        for lookup in &program.lookups {
            let table = Above::of(program.tables[lookup.table].source);
            let (input, table) = (clock.view(&lookup.above, hold), clock.view(&table, lookup.hold_for_ms));
            self.views.lookups.push(LookupViews { input, table });
        }
    }

    /// A cut before what has been published, or before W, cannot be computed any more.
    pub(super) fn check_cut(&self) -> Result<(), EngineError> {
        let reached = self.as_of_max.max(self.clock.newest().saturating_add(1));
        match self.options.cut {
            Some(cut) if cut.0 < reached && reached > i64::MIN + 1 => {
                Err(EngineError::CutInThePast { cut, as_of: EventTime(reached) })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Gives the redo tail to the shards. Keys are read when they are wanted, or a few with each step: a start
    /// must not wait for as many as the tail may touch.
    fn replay(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        let tail = tail(store)?;
        let (program, shards) = (&self.program, self.shards.len());
        // Each picks its own keys out of all records: most of the work is what it does with those.
        let owe = |shard: &mut Shard| shard.owe(program, shards, &tail);
        let mut counted = Vec::new();
        for effects in parallel::each(self.shards.iter_mut().collect(), true, owe) {
            counted = effects?;
        }
        for (TailRecord { step, shard, .. }, effects) in tail.iter().zip(counted) {
            match self.redo.back_mut() {
                Some((last, of_shards, total)) if *last == *step => {
                    of_shards.push(*shard);
                    *total += effects;
                }
                Some(_) | None => self.redo.push_back((*step, vec![*shard], effects)),
            }
        }
        Ok(())
    }
}

/// The redo records of the store, in the order of their steps.
fn tail(store: &dyn Store) -> Result<Vec<TailRecord>, StoreError> {
    let prefix = keys::table(keys::Table::Redo);
    let (mut tail, mut outcome) = (Vec::new(), Ok(()));
    store.scan(&prefix, &keys::after_prefix(&prefix), &mut |key, record| {
        let Ok((step, shard)) = keys::read_redo(key) else {
            outcome = Err(corrupt(key));
            return ControlFlow::Break(());
        };
        tail.push(TailRecord { step, shard, record: record.into() });
        ControlFlow::Continue(())
    })?;
    outcome.map(|()| tail)
}

fn clock_sources(program: &Program) -> Vec<ClockSource> {
    let source = |source: &super::program::Source| ClockSource {
        name: source.name.clone(),
        disorder_ms: source.disorder_ms,
        is_static: source.is_static,
        is_table: source.is_table,
    };
    program.sources.iter().map(source).collect()
}
