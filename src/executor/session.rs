//! A state directory that is open and ours: the store, the lease under which it may run, and the start
//! counter that makes versions of this run greater than those of all runs before (rule R2).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::calls::Asking;
use super::checkpoint::{self, Manifest, Remote};
use super::clock::now_ms;
use super::former::Former;
use super::gap::AcceptedGap;
use super::job::{Begin, Job};
use super::lease::{Leases, SaidBy};
use super::sink::{corrupt_record, number};
use super::store::{Commit, DATABASE, RocksStore};
use super::wiring::Wiring;
use super::{Error, fault, standby, store, tables};
use crate::dataflow::{Engine, Options, Tuning};
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
    /// Lost offsets that this run may pass over.
    pub(super) accepted_gaps: Vec<AcceptedGap>,
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
    /// Holders of the lease before this one, of which something may still come.
    #[serde(default)]
    pub(super) former: Option<Former>,
    /// The state began empty, after a lease whose state was not taken over: topics may hold rows of keys that no log
    /// tells of any more.
    #[serde(default)]
    pub(super) begun_after: Option<u64>,
    /// By function that is called: what its code was when the state was opened last.
    #[serde(default)]
    pub(super) models: BTreeMap<String, String>,
}

impl Session {
    /// Opens the state directory of a job, or creates it under a new lease: empty, or from a checkpoint.
    /// `origin_ms` counts only where it begins empty.
    pub(super) fn open(job: &Job, origin_ms: i64) -> Result<Self, Error> {
        let lock = store::lock(&job.state)?;
        let leases = Leases::new(Remote::open(&job.checkpoints)?, &job.plan.deployment);
        begin(job, &leases)?;
        let store = Arc::new(RocksStore::open_locked(&job.state, lock)?);
        let about = match read(&store)? {
            Some(about) => claim(job, about)?,
            None => begun(job, &leases, origin_ms)?,
        };
        fault::point("lease_taken");
        if let Some(lease) = about.begun_after {
            tracing::warn!(
                "E0923: this state began empty, after that of lease {lease}: rows of keys whose events no log holds any \
                 more may be left in topics"
            );
        }
        let start = number(&store, START)?;
        let accepted_gaps = job.accepted_gaps.clone();
        let mut session = Self { store, leases, about, start, accepted_gaps };
        session.note_models(job);
        session.take_up(job)?;
        session.hold_lease(job.former_are_gone)?;
        session.raise_start()?;
        standby::answer(&job.state)?;
        Ok(session)
    }

    /// What models have answered is part of the rows that are made (rule S14), and no part of what a plan means: other
    /// code goes on with the same state, which is said.
    fn note_models(&mut self, job: &Job) {
        for (function, code) in &job.models {
            match self.about.models.get(function) {
                Some(before) if before != code => tracing::warn!(
                    function,
                    before,
                    code,
                    "the model's code has changed: what it answered before stays, what it is asked from now on is the new code's"
                ),
                Some(_) | None => tracing::info!(function, code, "model"),
            }
        }
        self.about.models.clone_from(&job.models);
    }

    /// Makes a restored state this directory's own: under its lease, with every key to be put out once.
    fn take_up(&mut self, job: &Job) -> Result<(), Error> {
        let Some(note) = checkpoint::note(&job.state)? else { return Ok(()) };
        if note.lease > self.about.lease {
            self.about.lease = note.lease;
            self.about.rebroadcast = true;
            self.about.former = Former::before(note.lease, &self.leases.look()?, now_ms());
            self.start = 0;
            self.raise_start()?;
        }
        fault::point("restore_taken_up");
        checkpoint::forget_note(&job.state)
    }

    /// Makes sure that the lease is ours, and that nobody takes it for over.
    fn hold_lease(&mut self, former_are_gone: bool) -> Result<(), Error> {
        let lease = self.about.lease;
        let known = self.leases.look()?;
        if known.newest() > lease {
            // Whoever has the directory knows that no process has anything of it queued.
            self.sign_off();
        } else if known.is_over(lease) {
            self.leases.take_back(lease)?;
        }
        let known = self.leases.check(lease)?;
        if former_are_gone {
            for former in known.open_before(lease) {
                self.leases.sign_off(former, SaidBy::Operator, now_ms())?;
            }
            self.about.former = None;
        }
        Ok(())
    }

    /// Says that nothing of this lease is queued any more, once that is so. Who cannot be told watches on.
    pub(super) fn sign_off(&self) {
        let lease = self.about.lease;
        if let Err(error) = self.leases.sign_off(lease, SaidBy::Holder, now_ms()) {
            tracing::warn!(lease, %error, "nobody can be told that the lease is over");
        }
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
        self.store.commit(commit)
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
        let is_bounded = cut.is_some();
        let options = Options {
            shards: job.shards.max(1),
            cut,
            publish,
            hold_for_ms: if is_bounded { job.patience_ms() } else { job.hold_for_ms() },
            lease: self.about.lease,
            start: self.start,
            caller: Asking::of(job),
        };
        let tuning = Tuning { memory_bytes_max: job.state_memory_bytes, ..Tuning::default() };
        Ok(Engine::open_tuned(&job.plan_with_patience(is_bounded), options, tuning, &*self.store)?)
    }
}

fn read(store: &RocksStore) -> Result<Option<About>, Error> {
    let key = tables::meta_key(STATE);
    let Some(text) = store.shell_get(&key)? else { return Ok(None) };
    Ok(Some(serde_json::from_slice(&text).map_err(|_| corrupt_record(&key))?))
}

/// Fills an empty state directory from a checkpoint, if there is one and it is wanted.
fn begin(job: &Job, leases: &Leases) -> Result<(), Error> {
    if job.state.join(DATABASE).exists() {
        return Ok(());
    }
    let remote = leases.remote();
    let deployment = &job.plan.deployment;
    let place = || remote.place().to_string();
    match job.begin {
        Begin::Fresh => Ok(()),
        Begin::Ask => match checkpoint::newest(remote, deployment)? {
            None => Ok(()),
            Some(Manifest { lease, epoch, .. }) => {
                Err(Error::CheckpointExists { dir: job.state.clone(), place: place(), lease, epoch })
            }
        },
        Begin::Restore | Begin::TakeOver => match checkpoint::newest(remote, deployment)? {
            Some(manifest) => checkpoint::restore(job, remote, leases, &manifest),
            None if job.begin == Begin::Restore => {
                tracing::info!(place = place(), "no checkpoint: beginning with what the clusters hold");
                Ok(())
            }
            None => Err(Error::NoCheckpoint { deployment: deployment.clone(), place: place() }),
        },
    }
}

/// A state that begins empty, under a lease of its own.
fn begun(job: &Job, leases: &Leases, origin_ms: i64) -> Result<About, Error> {
    let lease = leases.take(&job.state, now_ms())?;
    Ok(About {
        deployment: job.plan.deployment.clone(),
        lease,
        origin_ms,
        caught_up: false,
        rebroadcast: false,
        live: false,
        former: Former::before(lease, &leases.look()?, now_ms()),
        begun_after: (lease > 1).then_some(lease - 1),
        models: BTreeMap::new(),
    })
}

fn claim(job: &Job, about: About) -> Result<About, Error> {
    if about.deployment == job.plan.deployment {
        return Ok(about);
    }
    let (found, wanted) = (about.deployment, job.plan.deployment.clone());
    Err(Error::OtherDeployment { dir: job.state.clone(), found, wanted })
}
