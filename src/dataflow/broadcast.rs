//! All keys, in order: for a rebroadcast, turn by turn, and for the end of a bounded run. And some keys, for
//! readers who may have something older.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::plan::NodeId;
use crate::state::{Store, StoreError, keys};
use crate::types::Row;

use super::engine::{Engine, Ready};
use super::program::Aggregate;
use super::shard::{Key, KeyRow, Shard};
use super::step::{EngineError, Output};

/// How far a rebroadcast has come.
#[derive(Debug)]
pub(super) struct Broadcast {
    after: Option<(usize, Key)>,
    /// Keys that were in memory when it began: the store may not know them yet.
    resident: Vec<(usize, Key)>,
}

impl Engine {
    /// Puts out the current row of up to `limit` keys again (new version), continuing after the
    /// last call; `done` once every key had its turn. Used after a backfill or a takeover.
    ///
    /// # Errors
    /// When the store fails.
    pub fn rebroadcast(&mut self, limit: usize, store: &dyn Store) -> Result<(Output, bool), EngineError> {
        let mut output = Output::default();
        self.begin(&mut output);
        let mut broadcast =
            self.broadcast.take().unwrap_or_else(|| Broadcast { after: None, resident: self.resident() });
        let turn = self.keys_after(broadcast.after.as_ref(), limit, &broadcast.resident, store)?;
        let done = turn.len() < limit;
        broadcast.after = turn.last().cloned();
        let rows = self.settle(&[], &turn, (false, true), store, &mut output.batch)?;
        self.publish(rows, Vec::new(), &mut output);
        self.broadcast = (!done).then_some(broadcast);
        Ok((output, done))
    }

    /// Puts out the current rows of those keys again (new versions), by publish node; a tombstone where the state
    /// knows nothing of a key. Of a join's rows the newest of a key is known as long as an older one could come
    /// (`as latest`), and after that nothing is put out.
    ///
    /// # Errors
    /// When the store fails.
    pub fn put_out_again(
        &mut self,
        keys: &[(NodeId, Row)],
        store: &dyn Store,
    ) -> Result<Output, EngineError> {
        let mut output = Output::default();
        self.begin(&mut output);
        let turn = self.keys_of(keys);
        let mut rows = self.settle(&[], &turn, (false, true), store, &mut output.batch)?;
        let watermarks = self.watermarks();
        let said: BTreeSet<_> = rows.iter().map(|row| (row.aggregate, Key::clone(&row.key))).collect();
        let is_silent = |key: &&(usize, Key)| !said.contains(key);
        let newest = self.as_of_max;
        let tombstone = |(aggregate, key): &(usize, Key)| KeyRow {
            aggregate: *aggregate,
            key: Key::clone(key),
            as_of: if watermarks[*aggregate] == i64::MIN { newest } else { watermarks[*aggregate] },
            row: None,
        };
        let gone: Vec<_> = turn.iter().filter(is_silent).map(tombstone).collect();
        rows.extend(gone);
        let joined = self.newest_of(keys);
        self.publish(rows, Vec::new(), &mut output);
        self.say(joined, &mut output);
        Ok(output)
    }

    /// Published keys as keys of their aggregations.
    fn keys_of(&self, keys: &[(NodeId, Row)]) -> Vec<(usize, Key)> {
        let mut turn = Vec::new();
        for (at, aggregate) in self.program.aggregates.iter().enumerate() {
            let mut publishers = Vec::new();
            self.program.publishers(&aggregate.out, &mut publishers);
            for (_, key) in keys.iter().filter(|(node, _)| publishers.contains(node)) {
                let mut bytes = Vec::new();
                keys::put_key(&mut bytes, key);
                turn.push((at, Key::from(bytes)));
            }
        }
        turn.sort_unstable();
        turn.dedup();
        turn
    }

    /// The newest rows of joins under those keys, as far as they are known.
    fn newest_of(&self, keys: &[(NodeId, Row)]) -> Vec<Ready> {
        let mut ready = Vec::new();
        for (join, state) in self.program.joins.iter().zip(&self.joins) {
            for (node, key) in keys {
                let publisher = join.latest.iter().position(|latest| latest == node);
                let newest = publisher.and_then(|at| state.newest.get(at, key));
                ready.extend(newest.map(|(ts, row)| (*node, key.clone(), Some(row.clone()), ts)));
            }
        }
        ready
    }

    pub(super) fn resident(&self) -> Vec<(usize, Key)> {
        let mut resident: Vec<_> = self.shards.iter().flat_map(Shard::resident).collect();
        resident.sort_unstable();
        resident
    }

    /// Up to `limit` keys after one, in order: those of the store and those given.
    pub(super) fn keys_after(
        &self,
        after: Option<&(usize, Key)>,
        limit: usize,
        resident: &[(usize, Key)],
        store: &dyn Store,
    ) -> Result<Vec<(usize, Key)>, StoreError> {
        let from = after.map_or(0, |(aggregate, _)| *aggregate);
        let mut found: BTreeSet<(usize, Key)> = BTreeSet::new();
        for aggregate in from..self.program.aggregates.len() {
            if found.len() >= limit {
                break;
            }
            let node = &self.program.aggregates[aggregate];
            let prefix = keys::node(keys::Table::Key, node.slot);
            let start = match after {
                Some((at, key)) if *at == aggregate => keys::after_prefix(&keys::head(node.slot, key)),
                Some(_) | None => prefix.clone(),
            };
            let room = limit - found.len();
            for key in stored_keys(store, (&start, prefix.len()), node, room)? {
                found.insert((aggregate, key));
            }
        }
        let newer = resident.partition_point(|key| after.is_some_and(|after| key <= after));
        for key in resident[newer..].iter().take(limit) {
            found.insert(key.clone());
        }
        Ok(found.into_iter().take(limit).collect())
    }
}

/// The heads of a node's keys from `start` on.
fn stored_keys(
    store: &dyn Store,
    (start, prefix): (&[u8], usize),
    node: &Aggregate,
    room: usize,
) -> Result<Vec<Key>, StoreError> {
    let mut found: Vec<Key> = Vec::new();
    let end = keys::after_prefix(&keys::node(keys::Table::Key, node.slot));
    store.scan(start, &end, &mut |record, _| {
        let key = &record[prefix..];
        if keys::key_len(key, node.keys.len()) == Ok(key.len()) {
            found.push(key.into());
        }
        if found.len() < room { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(found)
}
