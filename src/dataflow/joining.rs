//! A step's share of the joins: left rows are taken in, wait, and are enriched when every right is
//! complete for them (rule S9).

use crate::state::{Inserted, Store, StoreError, WriteBatch};
use crate::types::{Row, Value};

use super::engine::{Engine, JoinViews, Ready, context};
use super::operator::join_newest::{Pace, Rank, Waited};
use super::operator::{self, join_buffer::Place};
use super::parallel;
use super::program::{Join, Right, RightRows};
use super::route::{Left, key_of, shard_of};
use super::shard::Query;
use super::step::Output;

/// A left row that is released, with the answers it gets.
struct Released {
    place: Place,
    row: Row,
    answers: Vec<Row>,
}

impl Engine {
    /// Takes left rows in. Returns those that are new, by join.
    pub(super) fn buffer(&mut self, lefts: Vec<Left>) -> Vec<Vec<(i64, [u64; 2])>> {
        let mut new: Vec<Vec<_>> = self.joins.iter().map(|_| Vec::new()).collect();
        for left in lefts {
            let join = &self.program.joins[left.to];
            let counts = &mut self.counts.nodes[usize::from(join.slot)];
            if operator::has_null(&join.keys, &left.row) {
                counts.null_key += 1;
                continue;
            }
            let oldest = self.clock.watermark(self.views.joins[left.to].left);
            if left.ts < oldest.saturating_sub(join.left_late_ms) {
                counts.expired += 1;
                continue;
            }
            let has_id = join.event_id.is_some();
            let hashes = if has_id { left.hashes } else { [0, 0] };
            let state = &mut self.joins[left.to];
            let inserted = if has_id { state.history.insert(left.ts, hashes) } else { Inserted::New };
            match inserted {
                Inserted::Duplicate => {
                    counts.duplicate += 1;
                    continue;
                }
                Inserted::IdConflict => counts.id_conflict += 1,
                Inserted::New => {}
            }
            counts.applied += 1;
            state.buffer.push(left.ts, hashes, left.row);
            new[left.to].push((left.ts, hashes));
        }
        new
    }

    /// Releases the left rows that every right is complete for, with V(key, q) of each right.
    pub(super) fn enrich(
        &mut self,
        store: &dyn Store,
        batch: &mut WriteBatch,
    ) -> Result<Vec<(usize, Place, Row)>, StoreError> {
        let mut joined = Vec::new();
        for join in 0..self.joins.len() {
            let slot = self.program.joins[join].slot;
            let to = self.complete_to(join);
            let released = self.joins[join].buffer.release(to, slot, batch);
            for released in self.ask(join, released, store)? {
                let mut row = released.row;
                row.extend(released.answers.into_iter().flatten());
                joined.push((join, released.place, row));
            }
        }
        Ok(joined)
    }

    /// The newest left row whose rights are all complete: every W >= q - 1, and q before the cut. A
    /// fresh join waits for none.
    fn complete_to(&self, join: usize) -> i64 {
        let rights = self.views.joins[join].rights.iter().filter(|_| !self.program.joins[join].is_fresh);
        let least = rights.map(|view| self.clock.watermark(*view)).min().unwrap_or(i64::MAX);
        let to = if least == i64::MIN { least } else { least.saturating_add(1) };
        self.options.cut.map_or(to, |cut| to.min(cut.0.saturating_sub(1)))
    }

    fn ask(
        &mut self,
        join: usize,
        rows: Vec<(Place, Row)>,
        store: &dyn Store,
    ) -> Result<Vec<Released>, StoreError> {
        let nulls = |right: &Right| vec![Value::Null; right.select.len()];
        let rights = &self.program.joins[join].rights;
        let release = |(place, row)| Released { place, row, answers: rights.iter().map(nulls).collect() };
        let mut released: Vec<Released> = rows.into_iter().map(release).collect();
        for right in 0..rights.len() {
            if let RightRows::Table(table) = self.program.joins[join].rights[right].rows {
                self.ask_tables(join, right, table, &mut released, store)?;
            }
        }
        self.ask_shards(join, &mut released, store)?;
        Ok(released)
    }

    fn ask_tables(
        &mut self,
        join: usize,
        at: usize,
        table: usize,
        released: &mut [Released],
        store: &dyn Store,
    ) -> Result<(), StoreError> {
        let is_final = !self.program.joins[join].is_fresh;
        for left in released {
            let right = &self.program.joins[join].rights[at];
            if operator::has_null(&right.on, &left.row) {
                continue;
            }
            let (key, select) = (key_of(&right.on, &left.row), right.select.clone());
            let asked = (table, right.reader);
            if let Some(row) = self.ask_table(asked, (&key, left.place.0, is_final), store)? {
                left.answers[at] = operator::select(&select, row);
            }
        }
        Ok(())
    }

    fn ask_shards(
        &mut self,
        join: usize,
        released: &mut [Released],
        store: &dyn Store,
    ) -> Result<(), StoreError> {
        let (watermarks, horizons) = (self.watermarks(), self.horizons());
        let Join { rights, is_fresh, .. } = &self.program.joins[join];
        let mut queries: Vec<Vec<Query>> = self.shards.iter().map(|_| Vec::new()).collect();
        for (number, left) in released.iter().enumerate() {
            for (at, right) in rights.iter().enumerate() {
                let RightRows::Aggregate(aggregate) = right.rows else { continue };
                if operator::has_null(&right.on, &left.row) {
                    continue;
                }
                let key = key_of(&right.on, &left.row);
                let shard = shard_of(&key, self.shards.len());
                let reader = (!is_fresh).then_some(right.reader);
                queries[shard].push(Query { aggregate, reader, key, q: left.place.0, place: (number, at) });
            }
        }
        let (program, options, step) = (&self.program, &self.options, self.step);
        let context = context(program, options, store, (step, &watermarks, &horizons, false));
        let threads = released.len() > self.tuning.records_per_thread;
        let parts: Vec<_> = self.shards.iter_mut().zip(&queries).collect();
        let answered = parallel::each(parts, threads, |(shard, queries)| shard.answer(&context, queries));
        for (queries, answers) in queries.iter().zip(answered) {
            for (query, answer) in queries.iter().zip(answers?) {
                let (number, at) = query.place;
                released[number].answers[at] = operator::select(&rights[at].select, &answer);
            }
        }
        Ok(())
    }

    /// A join's row; where readers keep the newest of a key, not one that is older than what they have.
    pub(super) fn put_out(
        &mut self,
        join: usize,
        ts: i64,
        row: &Row,
        batch: &mut WriteBatch,
        ready: &mut Vec<Ready>,
    ) {
        let reached = self.reached(join);
        let node = &self.program.joins[join];
        let newest = &mut self.joins[join].newest;
        let id = node.event_id.map(|slot| &row[slot]);
        self.program.emit(&node.out, row, &mut |publisher, key, full| {
            let as_of = match node.latest.iter().position(|latest| *latest == publisher) {
                // Whoever publishes it as an event, too, has a row of it.
                Some(_) if key.iter().any(Value::is_null) => None,
                Some(at) => {
                    let pace = Pace { every_ms: node.every_ms[at], reached };
                    newest.takes((at, &key), Rank::new(ts, id, &full), pace, node.slot, batch)
                }
                None => Some(ts),
            };
            if let Some(as_of) = as_of {
                ready.push((publisher, key, Some(full), as_of));
            }
        });
    }

    /// Rows of joins that have waited for the end of `every`; at the cut all that wait.
    pub(super) fn put_out_waited(&mut self, finish: bool, output: &mut Output) {
        if !self.options.publish {
            return;
        }
        let cut = self.options.cut.filter(|_| finish).map(|cut| cut.0);
        let mut ready = Vec::new();
        for join in 0..self.joins.len() {
            let reached = self.reached(join);
            let (node, newest) = (&self.program.joins[join], &mut self.joins[join].newest);
            let waited = newest.waited(&node.every_ms, (reached, cut), node.slot, &mut output.batch);
            let row = |(at, key, row, as_of): Waited| (node.latest[at], key, Some(row), as_of);
            ready.extend(waited.into_iter().map(row));
        }
        self.say(ready, output);
    }

    /// W of all that a join's rows are made of; of those that wait for no right, of the left.
    fn reached(&self, join: usize) -> i64 {
        let JoinViews { left, rights } = &self.views.joins[join];
        let rights = rights.iter().filter(|_| !self.program.joins[join].is_fresh);
        let all = rights.chain([left]).map(|view| self.clock.watermark(*view));
        all.min().unwrap_or(i64::MIN)
    }

    /// Writes the left rows that came and wait, and which have been seen.
    pub(super) fn remember(&mut self, new: &[Vec<(i64, [u64; 2])>], batch: &mut WriteBatch) {
        for (i, (state, new)) in self.joins.iter_mut().zip(new).enumerate() {
            let join = &self.program.joins[i];
            let times: Vec<i64> = new.iter().map(|(ts, _)| *ts).collect();
            state.buffer.write(&times, join.slot, batch);
            let left = self.clock.watermark(self.views.joins[i].left);
            let from = left.saturating_sub(join.left_late_ms);
            state.newest.forget(from, join.slot, batch);
            if join.event_id.is_some() {
                state.history.write(new, from, (join.slot, self.step), batch);
            }
        }
    }
}
