//! A shard and the store: key records that catch up, redo records that are applied again, and what may
//! leave memory.

use std::cmp::Reverse;

use crate::state::redo::{self, Delta};
use crate::state::{KeyState, NEVER, Slot, StoreError, WriteBatch, corrupt, keys};

use super::shard::{Context, Key, Shard, last_use};
use super::tuning::Tuning;
use super::{operator, route};

/// A shard's part of the end of a step.
#[derive(Debug)]
pub(super) struct Written {
    /// The redo record and the number of its effects.
    pub(super) redo: Option<(Vec<u8>, u64)>,
    /// The oldest step whose redo record some key needs.
    pub(super) needed_from: Option<u64>,
}

impl Shard {
    /// Brings the records of dirty keys up to date: all that are dirty since `through` or before,
    /// and up to `more` others, oldest first. Returns the step's redo record, if any, and the oldest
    /// step that is still needed for some key.
    pub(super) fn write_back(
        &mut self,
        context: &Context<'_>,
        through: u64,
        more: usize,
        tuning: &Tuning,
        batch: &mut WriteBatch,
    ) -> Written {
        let mut left = more;
        while let Some((since, aggregate, key)) = self.dirty.front().cloned() {
            let dirty = self.tables[aggregate].get(&key).is_some_and(|s| s.dirty_since == Some(since));
            if dirty {
                if since > through && left == 0 {
                    break;
                }
                left = left.saturating_sub(usize::from(since > through));
                let slot = context.program.aggregates[aggregate].slot;
                self.state(aggregate, &key).write_back(batch, slot, &key, context.step);
                self.clean.push_back((aggregate, key));
            }
            self.dirty.pop_front();
        }
        self.forget_clean(context, tuning, batch);
        self.sweep_timers();
        let redo = std::mem::take(&mut self.redo).finish();
        Written { redo, needed_from: self.dirty.front().map(|(since, _, _)| *since) }
    }

    /// Drops from memory what the store knows, beyond the cache's bound. A timer that moved although nothing
    /// else changed is written first: nobody would look at the key again.
    pub(super) fn forget_clean(&mut self, context: &Context<'_>, tuning: &Tuning, batch: &mut WriteBatch) {
        while self.clean.len() > tuning.cached_keys_max {
            let Some((aggregate, key)) = self.clean.pop_front() else {
                return;
            };
            if self.tables[aggregate].get(&key).is_some_and(|state| state.dirty_since.is_none()) {
                let state = self.tables[aggregate].remove(&key);
                if let Some(mut state) = state.filter(KeyState::has_moved_timer) {
                    let slot = context.program.aggregates[aggregate].slot;
                    state.write_back(batch, slot, &key, context.step);
                }
            }
        }
    }

    /// Timers of keys that were loaded and dropped again pile up: beyond half of all they are swept.
    fn sweep_timers(&mut self) {
        const FEW: usize = 1024;
        for (timers, table) in self.timers.iter_mut().zip(&self.tables) {
            if timers.len() > 2 * table.len() + FEW {
                let due = table.iter().filter(|(_, state)| state.timer != NEVER);
                *timers = due.map(|(key, state)| Reverse((state.timer, key.clone()))).collect();
            }
        }
    }

    /// Applies one key's share of a redo record.
    pub(super) fn replay(
        &mut self,
        context: &Context<'_>,
        (slot, key): (Slot, &[u8]),
        deltas: &[Delta<'_>],
    ) -> Result<(), StoreError> {
        let aggregates = &context.program.aggregates;
        let aggregate = aggregates.iter().position(|node| node.slot == slot);
        let aggregate = aggregate.ok_or_else(|| corrupt(&keys::redo(context.step, self.index)))?;
        let key = self.load(context, aggregate, key)?;
        let state = self.tables[aggregate].get_mut(&key).expect("the key was loaded");
        if context.step <= state.written_step {
            return Ok(());
        }
        for delta in deltas {
            redo::apply(state, &aggregates[aggregate].layout, delta);
        }
        self.mark_dirty(context.step, aggregate, &key);
        Ok(())
    }

    /// After the replay: forgets keys that were dropped, sets the timers of the others.
    pub(super) fn recovered(&mut self, context: &Context<'_>) {
        for (_, aggregate, key) in self.dirty.clone() {
            let node = &context.program.aggregates[aggregate];
            let as_of = self.as_of(context, aggregate, &key);
            let state = self.state(aggregate, &key);
            let asked = state.finals.iter().max().map_or(i64::MIN, |q| last_use(node, q.saturating_sub(1)));
            let newest = state.ring.newest().map_or(i64::MIN, |ts| last_use(node, ts));
            if state.ring.is_empty() && state.published.is_none() && state.finals.is_empty() {
                self.tables[aggregate].remove(&key);
                continue;
            }
            let due = operator::next_due(&node.layout, &state.ring, as_of, route::key_hash(&key));
            let held_to = match state.published {
                Some(_) if node.every_ms > 0 => {
                    state.as_of.saturating_add(node.every_ms).saturating_sub(node.ahead_of_watermark_ms)
                }
                Some(_) | None => NEVER,
            };
            let timer = due.min(asked.max(newest)).min(held_to);
            state.timer = timer;
            if timer != NEVER {
                self.timers[aggregate].push(Reverse((timer, key)));
            }
        }
    }

    /// Keys in memory, in order.
    pub(super) fn resident(&self) -> Vec<(usize, Key)> {
        let mut resident = Vec::new();
        for (aggregate, table) in self.tables.iter().enumerate() {
            resident.extend(table.keys().map(|key| (aggregate, key.clone())));
        }
        resident.sort_unstable();
        resident
    }
}
