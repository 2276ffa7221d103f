//! Effects of the redo tail on keys that have not been read since the start. They are applied when a key is: by
//! whoever wants it, or a few keys with each step, for their timers.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use crate::state::{KeyState, NEVER, StoreError, corrupt, keys, redo};
use crate::types::bytes::Malformed;

use super::program::Program;
use super::shard::{Context, Key, Shard, last_use};
use super::{operator, route};

/// A record of the redo tail: what one step did to the keys of one shard, of as many as there were then.
#[derive(Debug)]
pub(super) struct TailRecord {
    pub(super) step: u64,
    pub(super) shard: u16,
    pub(super) record: Arc<[u8]>,
}

/// What one step did to one key.
#[derive(Debug, Clone)]
pub(super) struct Effects {
    pub(super) step: u64,
    pub(super) record: Arc<[u8]>,
    /// Where they stand in the record.
    pub(super) range: Range<usize>,
}

/// Keys of a shard that are owed effects.
#[derive(Debug, Default)]
pub(super) struct Owed {
    /// By aggregation.
    effects: Vec<HashMap<Key, Vec<Effects>>>,
    /// The same keys, longest owed first, and some that have been read since.
    order: VecDeque<(usize, Key)>,
}

impl Owed {
    pub(super) fn has(&self, aggregate: usize, key: &[u8]) -> bool {
        self.effects.get(aggregate).is_some_and(|keys| keys.contains_key(key))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub(super) fn keys(&self) -> Vec<(usize, Key)> {
        let owed = self.order.iter().filter(|(aggregate, key)| self.has(*aggregate, key));
        owed.cloned().collect()
    }

    /// Returns the key if it was owed nothing before.
    fn add(&mut self, aggregate: usize, key: &[u8], effects: Effects) -> Option<Key> {
        if self.effects.len() <= aggregate {
            self.effects.resize_with(aggregate + 1, HashMap::new);
        }
        if let Some(owed) = self.effects[aggregate].get_mut(key) {
            owed.push(effects);
            return None;
        }
        let key: Key = key.into();
        self.effects[aggregate].insert(key.clone(), vec![effects]);
        self.order.push_back((aggregate, key.clone()));
        Some(key)
    }
}

impl Shard {
    /// Remembers what the redo tail says of the keys of this shard, which is one of `shards`. Steps come in their
    /// order. Returns how many effects each record has, on keys of all shards.
    pub(super) fn owe(
        &mut self,
        program: &Program,
        shards: usize,
        tail: &[TailRecord],
    ) -> Result<Vec<u64>, StoreError> {
        tail.iter().map(|record| self.owe_record(program, shards, record)).collect()
    }

    fn owe_record(&mut self, program: &Program, shards: usize, of: &TailRecord) -> Result<u64, StoreError> {
        let effects = redo::read_keys(&of.record, &mut |slot, key, range| {
            let aggregate = program.aggregates.iter().position(|node| node.slot == slot);
            let aggregate = aggregate.ok_or(Malformed)?;
            if route::shard_of(key, shards) == usize::from(self.index) {
                let record = Arc::clone(&of.record);
                self.owe_key(aggregate, key, Effects { step: of.step, record, range });
            }
            Ok::<_, Malformed>(())
        });
        effects.map_err(|Malformed| corrupt(&keys::redo(of.step, of.shard)))
    }

    fn owe_key(&mut self, aggregate: usize, key: &[u8], effects: Effects) {
        let step = effects.step;
        if let Some(key) = self.owed.add(aggregate, key, effects) {
            // Whether its record is behind, it says itself; until it is read, it may be.
            self.dirty.push_back((step, aggregate, key));
        }
    }

    /// Reads some keys that are owed something.
    pub(super) fn settle_debts(
        &mut self,
        context: &Context<'_>,
        mut keys_max: usize,
    ) -> Result<(), StoreError> {
        while keys_max > 0
            && let Some((aggregate, key)) = self.owed.order.pop_front()
        {
            if self.owed.has(aggregate, &key) {
                self.load(context, aggregate, &key)?;
                keys_max -= 1;
            }
        }
        Ok(())
    }

    /// Applies to a key that was just read what it is owed, and sets its timer.
    pub(super) fn pay(
        &mut self,
        context: &Context<'_>,
        aggregate: usize,
        key: &[u8],
        state: &mut KeyState,
    ) -> Result<(), StoreError> {
        let owed = self.owed.effects.get_mut(aggregate).and_then(|keys| keys.remove(key));
        let Some(owed) = owed else { return Ok(()) };
        let node = &context.program.aggregates[aggregate];
        let written = state.written_step;
        for Effects { step, record, range } in owed.iter().filter(|effects| effects.step > written) {
            for effect in redo::read_effects(&record[range.clone()]) {
                let effect = effect.map_err(|Malformed| corrupt(&keys::redo(*step, self.index)))?;
                redo::apply(state, &node.layout, &effect);
            }
            // As it stands in the queue: since the first effect that it might lack.
            state.dirty_since = Some(owed[0].step);
        }
        if state.dirty_since.is_some() {
            state.timer = timer(context, aggregate, key, state);
        }
        Ok(())
    }
}

/// When a key that was read back must be looked at: from what it was published as of, for nobody has looked at it
/// while W went on.
fn timer(context: &Context<'_>, aggregate: usize, key: &[u8], state: &KeyState) -> i64 {
    let node = &context.program.aggregates[aggregate];
    let newest = state.ring.newest();
    let as_of = context.within_cut(state.as_of.max(newest.map_or(i64::MIN, |ts| ts.saturating_add(1))));
    let due = operator::next_due(&node.layout, &state.ring, as_of, route::key_hash(key));
    let asked = state.finals.iter().max().map_or(i64::MIN, |q| last_use(node, q.saturating_sub(1)));
    let newest = newest.map_or(i64::MIN, |ts| last_use(node, ts));
    let held_to = match state.published {
        Some(_) if node.every_ms > 0 => {
            state.as_of.saturating_add(node.every_ms).saturating_sub(node.ahead_of_watermark_ms)
        }
        Some(_) | None => NEVER,
    };
    due.min(asked.max(newest)).min(held_to)
}
