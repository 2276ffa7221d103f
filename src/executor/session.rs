//! A state directory that is open and ours: the store, the lease under which it may run, and the start
//! counter that makes versions of this run greater than those of all runs before (rule R2).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::clock::now_ms;
use super::job::Job;
use super::lease::Leases;
use super::sink::{corrupt_record, number};
use super::store::{Commit, RocksStore};
use super::wiring::Wiring;
use super::{Error, fault, tables};
use crate::dataflow::{Engine, Options};
use crate::types::EventTime;

const STATE: &str = "state";
const START: &str = "start";
/// The publishes that this state has ever had: group and topic, by number.
const PUBLISHES: &str = "publishes";

/// An open state.
pub(super) struct Session {
    pub(super) store: Arc<RocksStore>,
    pub(super) leases: Leases,
    pub(super) about: About,
    pub(super) start: u64,
}

/// What a state directory says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct About {
    pub(super) deployment: String,
    pub(super) lease: u64,
    /// Records with a timestamp before this were not wanted at the first start.
    pub(super) origin_ms: i64,
    /// History has been read up to ends fixed at the first start.
    pub(super) caught_up: bool,
    /// Some region lacks rows, kept back while history was read or from before it was fed: every key must be
    /// published once.
    pub(super) rebroadcast: bool,
    /// Rows have been put out: nothing that is read from now on is history, whose rows are kept back.
    #[serde(default)]
    pub(super) live: bool,
}

impl Session {
    /// Opens the state directory of a job, or creates it under a new lease. `origin_ms` counts only then.
    pub(super) fn open(job: &Job, origin_ms: i64) -> Result<Self, Error> {
        let store = Arc::new(RocksStore::open(&job.state)?);
        let leases = Leases::new(&job.checkpoints, &job.plan.deployment);
        let about = match read(&store)? {
            Some(about) => claim(job, about)?,
            None => About {
                deployment: job.plan.deployment.clone(),
                lease: leases.take(&job.state, now_ms())?,
                origin_ms,
                caught_up: false,
                rebroadcast: false,
                live: false,
            },
        };
        fault::point("lease_taken");
        leases.check(about.lease)?;
        let start = number(&store, START)?;
        let mut session = Self { store, leases, about, start };
        session.raise_start()?;
        Ok(session)
    }

    /// Makes the versions of what follows greater than all before, durably.
    fn raise_start(&mut self) -> Result<(), Error> {
        self.start += 1;
        let mut commit = Commit::default();
        commit.shell.put(tables::meta_key(START), self.start.to_be_bytes().to_vec());
        self.put_about(&mut commit);
        self.store.commit(commit)?;
        fault::point("start_raised");
        Ok(())
    }

    /// Numbers the publishes of a run, durably: entries of the outbox name them by number.
    pub(super) fn number(&self, wiring: &mut Wiring) -> Result<(), Error> {
        let key = tables::meta_key(PUBLISHES);
        let text = self.store.shell_get(&key)?;
        let known = text.map(|text| serde_json::from_slice(&text)).transpose();
        let mut known = known.map_err(|_| corrupt_record(&key))?.unwrap_or_default();
        if !wiring.number(&mut known) {
            return Ok(());
        }
        let mut commit = Commit::default();
        commit.shell.put(key, serde_json::to_vec(&known).expect("names are JSON"));
        Ok(self.store.commit(commit)?)
    }

    /// Adds what the state says of itself to a batch.
    pub(super) fn put_about(&self, commit: &mut Commit) {
        let text = serde_json::to_vec(&self.about).expect("plain fields are JSON");
        commit.shell.put(tables::meta_key(STATE), text);
    }

    /// Opens the engine on the state, under a start of its own.
    pub(super) fn engine(
        &mut self,
        job: &Job,
        cut: Option<EventTime>,
        publish: bool,
    ) -> Result<Engine, Error> {
        self.raise_start()?;
        let options = Options {
            shards: job.shards.max(1),
            cut,
            publish,
            hold_for_ms: job.hold_for_ms(),
            lease: self.about.lease,
            start: self.start,
        };
        Ok(Engine::open(&job.plan, options, &*self.store)?)
    }
}

fn read(store: &RocksStore) -> Result<Option<About>, Error> {
    let key = tables::meta_key(STATE);
    let Some(text) = store.shell_get(&key)? else { return Ok(None) };
    Ok(Some(serde_json::from_slice(&text).map_err(|_| corrupt_record(&key))?))
}

fn claim(job: &Job, about: About) -> Result<About, Error> {
    if about.deployment == job.plan.deployment {
        return Ok(about);
    }
    let (found, wanted) = (about.deployment, job.plan.deployment.clone());
    Err(Error::OtherDeployment { dir: job.state.clone(), found, wanted })
}
