//! The step loop's part of a watch: once a second.

use std::collections::BTreeMap;

use super::super::Error;
use super::super::clock::now_ms;
use super::super::step_loop::StepLoop;
use super::super::store::Commit;
use super::super::tables::PublishedKey;
use super::super::wiring::PublishWiring;
use crate::dataflow::Output;
use crate::plan::NodeId;
use crate::types::Row;
use crate::wire;

impl StepLoop {
    /// Puts out again what a row of a former lease has come after, and ends the watch when nothing more can come.
    pub(in super::super) fn watch_former(&mut self) -> Result<(), Error> {
        let (Some(watch), Some(sinks)) = (&mut self.former, &self.sinks) else { return Ok(()) };
        let (wanted, publishes) = sinks.wanted();
        watch.follow(wanted, publishes)?;
        let mut commit = Commit::default();
        // In this order: what a reader has given up to remember is behind the place that is kept, or is known here.
        watch.keep(&mut commit.shell);
        let too_many = watch.has_too_many();
        // While all keys are put out, those that are suspected are among them.
        let rests = !too_many && !self.session.about.rebroadcast;
        let due = if rests { watch.due(now_ms()) } else { BTreeMap::new() };
        let keys: Vec<_> = due
            .iter()
            .map(|(key, places)| {
                sinks.want_at(key, places);
                (key.clone(), node_and_row(key, publishes))
            })
            .collect();
        watch.tell();
        let is_over = rests && watch.is_over();
        if is_over {
            watch.forget(&mut commit.shell)?;
            self.session.about.former = None;
            self.session.put_about(&mut commit);
        }
        if too_many {
            self.put_out_all(&mut commit);
        }
        let output = if keys.is_empty() { Output::default() } else { self.put_out_again(&keys)? };
        self.commit(output, commit)?;
        if let Some(watch) = self.former.take_if(|_| is_over) {
            let (rows, keys) = watch.totals();
            tracing::info!(rows, keys, "nothing more can come of former leases");
            watch.stop()?;
        }
        Ok(())
    }

    fn put_out_again(&mut self, keys: &[(PublishedKey, Option<(NodeId, Row)>)]) -> Result<Output, Error> {
        let known: Vec<_> = keys.iter().filter_map(|(_, key)| key.clone()).collect();
        let output = self.engine.put_out_again(&known, &*self.session.store)?;
        let said: Vec<_> = output.publications.iter().map(|said| (said.node, &said.key)).collect();
        let is_said = |key: &Option<(NodeId, Row)>| {
            key.as_ref().is_some_and(|(node, row)| said.contains(&(*node, row)))
        };
        let unknown: Vec<_> =
            keys.iter().filter(|(_, key)| !is_said(key)).map(|(key, _)| key.clone()).collect();
        if let Some(watch) = &mut self.former {
            watch.have_put_out(keys.len() - unknown.len(), &unknown);
        }
        Ok(output)
    }
}

/// `None`: nobody of ours has written such a key.
fn node_and_row((publish, key): &PublishedKey, publishes: &[PublishWiring]) -> Option<(NodeId, Row)> {
    let publish = publishes.iter().find(|known| known.number == *publish)?;
    Some((publish.node, wire::decode_key(&publish.key, key).ok()?))
}
