//! A shard and the store: key records that catch up, and what may leave memory.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::state::{NEVER, StoreError, WriteBatch};

use super::shard::{Context, Key, Shard};

/// Keys that are written back beside as many as became dirty in a step, while there is too much in memory.
const MORE_THAN_CAME: usize = 512;

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
        batch: &mut WriteBatch,
    ) -> Result<Written, StoreError> {
        let mut left = more.max(self.too_many());
        self.dirtied = 0;
        while let Some((since, aggregate, key)) = self.dirty.front().cloned() {
            if self.owed.has(aggregate, &key) {
                if since > through && left == 0 {
                    break;
                }
                self.load(context, aggregate, &key)?;
            }
            let dirty = self.tables[aggregate].get(&key).is_some_and(|s| s.dirty_since == Some(since));
            if dirty {
                if since > through && left == 0 {
                    break;
                }
                left = left.saturating_sub(usize::from(since > through));
                let slot = context.program.aggregates[aggregate].slot;
                let state = self.tables[aggregate].get_mut(&key).expect("it is dirty");
                state.write_back(batch, slot, &key, context.step);
                self.resident.admit(aggregate, &key, state);
            }
            self.dirty.pop_front();
        }
        self.forget_clean(context, batch);
        self.sweep_timers();
        let redo = std::mem::take(&mut self.redo).finish();
        Ok(Written { redo, needed_from: self.dirty.front().map(|(since, _, _)| *since) })
    }

    /// How many dirty keys are to be written back so that they can leave memory: more than have come, while there is
    /// too much in it.
    fn too_many(&self) -> usize {
        if self.resident.bytes() > self.share_bytes_max { self.dirtied + MORE_THAN_CAME } else { 0 }
    }

    /// Drops from memory what the store knows, beyond the shard's share. A timer that moved although nothing
    /// else changed is written first: nobody would look at the key again. A key that is due stays for the next step:
    /// timers before W have been looked at in the store.
    pub(super) fn forget_clean(&mut self, context: &Context<'_>, batch: &mut WriteBatch) {
        for _ in 0..self.resident.entries() {
            if self.resident.bytes() <= self.share_bytes_max {
                break;
            }
            let Some((aggregate, key, turn)) = self.resident.pop() else { break };
            let watermark = context.watermarks[aggregate];
            match self.tables[aggregate].get(&key) {
                Some(state) if state.counted.turn == turn && state.dirty_since.is_none() => {
                    if state.timer <= watermark {
                        self.resident.put_back((aggregate, key, turn));
                        continue;
                    }
                }
                // Left over; or it will have another entry once it is written back.
                Some(_) | None => continue,
            }
            let Some(mut state) = self.tables[aggregate].remove(&key) else { continue };
            self.resident.gone(&state);
            if state.has_moved_timer() {
                let slot = context.program.aggregates[aggregate].slot;
                state.write_back(batch, slot, &key, context.step);
            }
        }
        let (tables, keys) = (&self.tables, self.tables.iter().map(HashMap::len).sum());
        let turn_of =
            |aggregate: usize, key: &Key| tables[aggregate].get(key).map(|state| state.counted.turn);
        self.resident.sweep(keys, turn_of);
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

    /// Keys that the store may not know, and others that are in memory; in order.
    pub(super) fn resident(&self) -> Vec<(usize, Key)> {
        let mut resident = self.owed.keys();
        for (aggregate, table) in self.tables.iter().enumerate() {
            resident.extend(table.keys().map(|key| (aggregate, key.clone())));
        }
        resident.sort_unstable();
        resident
    }
}
