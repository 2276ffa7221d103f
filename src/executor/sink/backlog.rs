//! The bound on what waits for a region that takes nothing. Rows `as latest` are one per key; of rows `as events`
//! the oldest are given up, for this region alone, counted and said.

use super::super::Error;
use super::super::clock::now_ms;
use super::super::tables;
use super::handle::DEAD_LETTERS;
use super::outbox::{self, corrupt_record, sequence};
use super::region::Region;
use crate::plan::PublishMode;

/// Entries that are looked at together.
const LOOK: usize = 10_000;
const LOOK_EVERY_MS: i64 = 1_000;
/// A burst is no backlog: only what is too much for this long is.
const TOO_MUCH_FOR_MS: i64 = 5_000;

/// Where the record of how much was given up stands in the state.
pub(super) fn given_up_key(sink: &str) -> Vec<u8> {
    tables::meta_key(&format!("given_up:{sink}"))
}

impl Region {
    /// How many rows of this region were given up so far, by this run and those before.
    pub(super) fn restore_given_up(&mut self) -> Result<(), Error> {
        let key = given_up_key(&self.wiring.name());
        self.state.given_up = sequence(self.store.shell_get(&key)?, &key)?.unwrap_or(0);
        Ok(())
    }

    /// Gives up what is too much.
    pub(super) fn bound_backlog(&mut self) -> Result<(), Error> {
        let (cursor, committed) = (self.state.cursor(), self.handle.committed());
        let now_ms = now_ms();
        if now_ms - self.state.bounded_ms < LOOK_EVERY_MS {
            return Ok(());
        }
        self.state.bounded_ms = now_ms;
        let may_be_too_much = committed.saturating_sub(cursor) > self.backlog_max;
        let waiting = if may_be_too_much { self.waiting_events(cursor, committed)? } else { Vec::new() };
        let Some(surplus) = (waiting.len() as u64).checked_sub(self.backlog_max).filter(|n| *n > 0) else {
            self.state.too_much_since_ms = None;
            return Ok(());
        };
        if now_ms - *self.state.too_much_since_ms.get_or_insert(now_ms) < TOO_MUCH_FOR_MS {
            return Ok(());
        }
        let last = usize::try_from(surplus - 1).unwrap_or(usize::MAX);
        let floor = waiting.get(last).ok_or_else(|| corrupt_record(b"outbox"))? + 1;
        self.state.give_up_below(floor, surplus);
        let sink = self.wiring.name();
        tracing::error!(
            sink,
            rows = surplus,
            all = self.state.given_up,
            "E0922: the oldest rows are given up"
        );
        // Rows of keys that stood among them are not lost: all keys are put out again.
        self.handle.wish_for_all_keys();
        let count = self.state.given_up.to_be_bytes().to_vec();
        self.handle.put_debts(std::iter::once((given_up_key(&sink), Some(count))));
        Ok(())
    }

    /// Sequences of rows of this region that take no older one's place.
    fn waiting_events(&self, cursor: u64, committed: u64) -> Result<Vec<u64>, Error> {
        let (mut from, mut waiting) = (cursor, Vec::new());
        while from < committed {
            let entries = outbox::read(&self.store, from, committed, LOOK)?;
            from =
                if entries.len() < LOOK { committed } else { entries.last().map_or(committed, |e| e.0 + 1) };
            let is_event = |publish: u16| {
                let publish = self.publishes.iter().find(|known| known.number == publish);
                publish.is_some_and(|known| {
                    known.mode == PublishMode::Events && known.group == self.wiring.group
                })
            };
            waiting.extend(
                entries
                    .iter()
                    .filter(|(_, entry)| entry.publish == DEAD_LETTERS || is_event(entry.publish))
                    .map(|(sequence, _)| *sequence),
            );
        }
        Ok(waiting)
    }
}
