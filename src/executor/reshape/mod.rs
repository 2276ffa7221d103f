//! A run under a topology that changes: the file is watched, a change is taken or refused as a whole, clusters
//! come, move, are drained, and are retired once nothing of them can be missed. Nothing else restarts.

mod adopt;
mod proof;
mod watch;

use std::collections::BTreeSet;

use super::session::Session;
use super::store::{Commit, RocksStore};
use super::{Error, Job, tables};
use crate::plan::Plan;
use crate::topology::{ClusterState, Topology};

pub(super) use watch::Watch;
pub use watch::{Parse, TopologyFile};

/// Records of the state: the generation that runs, and clusters that nobody reads any more.
const GENERATION: &str = "topology_generation";
const RETIRED: &str = "retired";

/// The topology as it runs.
pub(super) struct Shape {
    pub(super) current: Topology,
    plan: Plan,
    watch: Option<Watch>,
    /// Why the file, as it stands, is not what runs.
    pub(super) refused: Option<String>,
    pub(super) refused_files: u64,
    /// Clusters that were read to their ends, by name.
    pub(super) retired: BTreeSet<String>,
}

impl Shape {
    /// What a run begins with. A topology older than one that ran on this state is refused.
    pub(super) fn open(job: &Job, session: &Session, is_live: bool) -> Result<Self, Error> {
        let store = &session.store;
        let known: u64 = read(store, GENERATION)?.unwrap_or_default();
        let found = job.topology.generation;
        if found < known {
            return Err(Error::OldTopology { found, known });
        }
        let mut retired: BTreeSet<String> = read(store, RETIRED)?.unwrap_or_default();
        retired.retain(|name| is_still_retired(&job.topology, name));
        let file = job.topology_file.clone().filter(|_| is_live);
        let watch = file.map(|file| Watch::start(file, &job.topology)).transpose()?;
        Ok(Self {
            current: job.topology.clone(),
            plan: job.plan.clone(),
            watch,
            refused: None,
            refused_files: 0,
            retired,
        })
    }

    /// For the state: what the next run needs to know.
    pub(super) fn put(&self, commit: &mut Commit) {
        let record =
            |name, value: serde_json::Value| (tables::meta_key(name), value.to_string().into_bytes());
        let generation = record(GENERATION, self.current.generation.into());
        let retired = record(RETIRED, self.retired.iter().cloned().collect());
        for (key, value) in [generation, retired] {
            commit.shell.put(key, value);
        }
    }

    /// Whether a cluster is no longer read because all of it has been.
    pub(super) fn is_retired(&self, name: &str) -> bool {
        self.retired.contains(name)
    }
}

/// One that is listed as active again is read again, from where it was left.
fn is_still_retired(topology: &Topology, name: &str) -> bool {
    topology.cluster(name).is_none_or(|cluster| cluster.state == ClusterState::Retired)
}

fn read<T: serde::de::DeserializeOwned>(store: &RocksStore, name: &str) -> Result<Option<T>, Error> {
    let key = tables::meta_key(name);
    let Some(text) = store.shell_get(&key)? else { return Ok(None) };
    Ok(Some(serde_json::from_slice(&text).map_err(|_| super::sink::corrupt_record(&key))?))
}
