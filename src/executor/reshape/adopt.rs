//! From the topology that runs to the next one.

use super::super::clock::now_ms;
use super::super::sink::Homes;
use super::super::step_loop::{Mode, StepLoop};
use super::super::store::Commit;
use super::super::wiring::{ReaderWiring, Wiring};
use super::super::{Error, fault, kafka};
use super::is_still_retired;
use crate::dataflow::{Input, PartitionUpdate};
use crate::topology::{Cluster, ClusterState, Topology};

impl StepLoop {
    /// Once a second: takes what the file says, and moves on with what was taken before.
    pub(in super::super) fn reshape(&mut self) -> Result<(), Error> {
        if self.mode != Mode::Live {
            return Ok(());
        }
        if let Some(seen) = self.shape.watch.as_ref().and_then(super::Watch::take) {
            match seen.and_then(|next| self.consider(next)) {
                Ok(None) => self.shape.refused = None,
                Ok(Some((next, wiring))) => self.adopt(next, wiring)?,
                Err(why) => self.refuse(why),
            }
        }
        self.retire()?;
        self.change_regions()
    }

    fn refuse(&mut self, why: String) {
        tracing::error!(
            generation = self.shape.current.generation,
            "the topology file is not applied: {why}"
        );
        self.shape.refused = Some(why);
        self.shape.refused_files += 1;
    }

    /// Whether it can be applied; `None`: it is what runs.
    fn consider(&self, next: Topology) -> Result<Option<(Topology, Wiring)>, String> {
        let current = &self.shape.current;
        if next == *current {
            return Ok(None);
        }
        let coded = |code: crate::diag::Code, why: &dyn std::fmt::Display| format!("{code}: {why}");
        current.may_become(&next).map_err(|refusal| coded(refusal.code(), &refusal))?;
        let wiring = Wiring::new(&self.shape.plan, &next);
        let wiring = wiring.map_err(|error| coded(error.code(), &error))?;
        let is_new = |cluster: &&Cluster| {
            current.cluster(&cluster.name).is_none_or(|known| !is_same_client(known, cluster))
        };
        for cluster in next.clusters.iter().filter(is_new) {
            let tried = kafka::try_out(cluster).map_err(Error::client(&cluster.name));
            tried.map_err(|error| coded(error.code(), &error))?;
        }
        Ok(Some((next, wiring)))
    }

    fn adopt(&mut self, next: Topology, wiring: Wiring) -> Result<(), Error> {
        let (from, to) = (self.shape.current.generation, next.generation);
        self.shape.retired.retain(|name| is_still_retired(&next, name));
        let wanted: Vec<_> = wiring
            .readers
            .into_iter()
            .filter(|reader| !self.shape.is_retired(&reader.cluster.name))
            .collect();
        let mut updates = Vec::new();
        let running: Vec<_> = self.readers_now().map(|(at, reader, _)| (at, reader.clone())).collect();
        for (at, reader) in &running {
            match wanted.iter().find(|wanted| wanted.cluster.name == reader.cluster.name) {
                Some(same)
                    if same.topics == reader.topics && is_same_client(&reader.cluster, &same.cluster) =>
                {
                    self.wiring_mut().readers[*at].cluster = same.cluster.clone();
                }
                Some(changed) => {
                    self.close_reader(*at);
                    updates.extend(self.open_reader(changed.clone())?);
                }
                None => {
                    self.close_reader(*at);
                    // From now on it is missing; what was read of it is kept, should it come back.
                    updates.extend(self.partitions.leave(&reader.cluster.name));
                }
            }
        }
        let is_new = |wanted: &ReaderWiring| {
            !running.iter().any(|(_, reader)| reader.cluster.name == wanted.cluster.name)
        };
        for reader in wanted.into_iter().filter(is_new) {
            updates.extend(self.open_reader(reader)?);
        }
        if let Some(sinks) = &mut self.sinks {
            sinks.want(wiring.sinks);
        }
        self.shape.current = next;
        self.step(Input { partitions: updates, now_ms: now_ms(), ..Input::default() })?;
        fault::point("topology_adopted");
        self.keep_shape()?;
        self.shape.refused = None;
        tracing::info!(from, to, "the topology is applied");
        Ok(())
    }

    fn keep_shape(&self) -> Result<(), Error> {
        let mut commit = Commit::default();
        self.shape.put(&mut commit);
        self.session.store.commit(commit)
    }

    fn open_reader(&mut self, reader: ReaderWiring) -> Result<Vec<PartitionUpdate>, Error> {
        let updates = self.partitions.join(&reader, now_ms());
        self.readers.add(self.settings(&reader))?;
        self.wiring_mut().readers.push(reader);
        Ok(updates)
    }

    fn close_reader(&mut self, at: usize) {
        self.readers.remove(at);
        self.partitions.readers[at].is_gone = true;
    }

    /// Stops reading what the topology calls retired, as soon as that is proven.
    fn retire(&mut self) -> Result<(), Error> {
        let asked = |(at, reader, _): (usize, &ReaderWiring, _)| {
            (reader.cluster.state == ClusterState::Retired).then(|| (at, reader.cluster.name.clone()))
        };
        let asked: Vec<_> = self.readers_now().filter_map(asked).collect();
        for (at, cluster) in asked {
            if !self.unproven(&cluster).is_empty() {
                continue;
            }
            self.close_reader(at);
            let partitions = self.partitions.end(&cluster);
            self.shape.retired.insert(cluster.clone());
            self.step(Input { partitions, now_ms: now_ms(), ..Input::default() })?;
            self.keep_shape()?;
            tracing::info!(cluster, "is retired: all of it has been read, and the watermark has passed it");
        }
        Ok(())
    }

    /// Regions whose clusters have changed start anew, once what they have sent is settled. Keys that have got
    /// another home are put out there.
    fn change_regions(&mut self) -> Result<(), Error> {
        let Some(sinks) = &mut self.sinks else { return Ok(()) };
        let due = sinks.due()?;
        for sink in due {
            let mut commit = Commit::default();
            let homes = Homes::of(&sink, &self.session.store)?;
            if homes.have_moved {
                self.put_out_all(&mut commit);
            }
            commit.shell.put(homes.record.0, homes.record.1);
            self.session.store.commit(commit)?;
            let committed = self.outbox.next();
            if let Some(sinks) = &mut self.sinks {
                sinks.open(&sink, committed)?;
            }
        }
        Ok(())
    }
}

fn is_same_client(a: &Cluster, b: &Cluster) -> bool {
    a.bootstrap == b.bootstrap && a.properties == b.properties
}
