//! One region that runs: its thread, those that look after its clusters, and what the loop keeps of it.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam_channel::{Sender, bounded, unbounded};

use super::super::Error;
use super::super::clock::Moment;
use super::super::shutdown::join_all;
use super::super::store::RocksStore;
use super::super::tables;
use super::super::wiring::{PublishWiring, SinkWiring};
use super::counts::Counts;
use super::delivery::Delivery;
use super::handle::{Handle, OwnTopics};
use super::outbox::{corrupt_record, sequence};
use super::producer::Producer;
use super::region::Region;
use super::route::Routes;
use super::scout::Scout;
use super::trouble::Troubles;
use crate::state::WriteBatch;

/// What every region works with.
pub(super) struct Means {
    pub(super) publishes: Arc<Vec<PublishWiring>>,
    pub(super) own_topics: OwnTopics,
    pub(super) store: Arc<RocksStore>,
    pub(super) backlog_max: u64,
}

/// A region as the loop sees it.
pub(super) struct Running {
    pub(super) wiring: SinkWiring,
    pub(super) handle: Arc<Handle>,
    wake: Sender<()>,
    /// `None`: joined.
    thread: Option<JoinHandle<Result<(), Error>>>,
    scouts: Vec<JoinHandle<()>>,
    stop_scouts: Arc<AtomicBool>,
    /// The cursor as the store has it.
    stored: u64,
    /// Another takes its place: it has been told to end.
    is_dismissed: bool,
    /// Everything that it had to say is in the state.
    is_written: bool,
    /// Its thread has ended, and its producers with it.
    is_joined: bool,
}

impl Running {
    pub(super) fn start(sink: &SinkWiring, means: &Means, committed: u64) -> Result<Self, Error> {
        let key = tables::cursor_key(&sink.name());
        let stored = sequence(means.store.shell_get(&key)?, &key)?.unwrap_or(0);
        let handle = Arc::new(Handle::new(committed, stored, Moment::now()));
        let (wake, woken) = bounded(1);
        // Both are bounded by what is on its way and by one sighting per look.
        let ((outcome, outcomes), (sighting, sightings)) = (unbounded(), unbounded());
        let stop_scouts: Arc<AtomicBool> = Arc::default();
        let (mut producers, mut scouts) = (Vec::new(), Vec::new());
        for (at, cluster) in sink.clusters.iter().enumerate() {
            let producer = Producer::new(at, cluster, outcome.clone());
            producers.push(producer.map_err(Error::client(&cluster.name))?);
            let scout =
                Scout::new(at, cluster, topics(sink, means), sighting.clone(), Arc::clone(&stop_scouts));
            scouts.push(scout.map_err(Error::client(&cluster.name))?);
        }
        let count = sink.clusters.len();
        let mut state = Delivery::new(stored, committed, count);
        restore_strays(sink, &means.store, &handle, &mut state)?;
        let region = Region {
            wiring: sink.clone(),
            publishes: Arc::clone(&means.publishes),
            own_topics: means.own_topics.clone(),
            store: Arc::clone(&means.store),
            producers,
            outcome,
            outcomes,
            broken: BTreeSet::new(),
            sightings,
            wake: woken,
            handle: Arc::clone(&handle),
            backlog_max: means.backlog_max,
            routes: Routes::new(count),
            counts: Counts::new(count),
            state,
            troubles: Troubles::new(count),
        };
        let scouts: Result<_, _> = scouts
            .into_iter()
            .map(|scout| spawn(format!("look-{}", scout.cluster_name()), move || scout.run()))
            .collect();
        let thread = Some(spawn(format!("sink-{}", sink.name()), move || region.run())?);
        let (is_dismissed, is_written, is_joined) = (false, false, false);
        let wiring = sink.clone();
        Ok(Self {
            wiring,
            handle,
            wake,
            thread,
            scouts: scouts?,
            stop_scouts,
            stored,
            is_dismissed,
            is_written,
            is_joined,
        })
    }

    pub(super) fn wake(&self) {
        // Full means that it will wake up anyway.
        let _ = self.wake.try_send(());
    }

    pub(super) fn end_by(&self, by: Instant) {
        self.handle.stop(by);
        self.wake();
    }

    pub(super) fn stop_scouts(&self) {
        self.stop_scouts.store(true, Ordering::Relaxed);
    }

    /// Lets it end at once, for another that takes its place.
    pub(super) fn dismiss(&mut self) {
        self.is_dismissed = true;
        self.stop_scouts();
        self.end_by(Instant::now());
    }

    pub(super) fn has_ended(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// It has ended, and nobody has asked it to.
    pub(super) fn has_failed(&self) -> bool {
        self.has_ended() && !self.is_dismissed
    }

    /// Joins one that was dismissed, without waiting.
    pub(super) fn join_if_ended(&mut self) -> Result<(), Error> {
        let is_over = self.has_ended() && self.scouts.iter().all(JoinHandle::is_finished);
        if self.is_dismissed && self.thread.is_some() && is_over { self.join() } else { Ok(()) }
    }

    /// Waits for all its threads, but for those that hang with their cluster.
    pub(super) fn join(&mut self) -> Result<(), Error> {
        let mut result = Ok(());
        for ended in join_all(self.thread.take().into_iter().collect()) {
            self.is_joined = true;
            result = ended.unwrap_or_else(|name| Err(Error::Panicked(name)));
        }
        for ended in join_all(std::mem::take(&mut self.scouts)) {
            result = result.and(ended.map_err(Error::Panicked));
        }
        result
    }

    pub(super) const fn is_joined(&self) -> bool {
        self.is_joined
    }

    /// Whether nothing of it can come any more, and the state knows how far it came.
    pub(super) const fn is_settled(&self) -> bool {
        self.is_dismissed && self.thread.is_none() && self.is_written
    }

    /// Adds what has changed to a batch, and returns the cursor.
    pub(super) fn write(&mut self, batch: &mut WriteBatch) -> u64 {
        self.is_written = self.thread.is_none();
        // In this order: what a cursor rests on is among the debts by then.
        let cursor = self.handle.cursor();
        for (key, value) in self.handle.take_debts() {
            match value {
                Some(value) => batch.put(key, value),
                None => batch.delete(key),
            }
        }
        if cursor != self.stored {
            self.stored = cursor;
            batch.put(tables::cursor_key(&self.wiring.name()), cursor.to_be_bytes().to_vec());
        }
        cursor
    }
}

/// Everything that is written to a cluster of the group.
fn topics(sink: &SinkWiring, means: &Means) -> Vec<String> {
    let of_group = means.publishes.iter().filter(|publish| publish.group == sink.group);
    let own = [means.own_topics.progress.clone(), means.own_topics.dead_letters.clone()];
    of_group.map(|publish| publish.topic.clone()).chain(own).collect()
}

/// Takes up what clusters are owed from an earlier run; what nobody can get any more is forgotten.
fn restore_strays(
    sink: &SinkWiring,
    store: &RocksStore,
    handle: &Handle,
    state: &mut Delivery,
) -> Result<(), Error> {
    let (name, mut corrupt, mut gone) = (sink.name(), None, Vec::new());
    let (from, to) = tables::strays(&name);
    store.shell_scan(&from, &to, &mut |key, value| {
        let Some(((cluster, own), (sequence, entry))) =
            tables::stray_of(&name, key).zip(tables::stray_from_bytes(value))
        else {
            corrupt = Some(corrupt_record(key));
            return ControlFlow::Break(());
        };
        match sink.clusters.iter().position(|known| known.name == cluster) {
            Some(home) => {
                let key = (entry.publish, entry.key.clone(), own);
                state.strays.restore(home, key, sequence, entry);
            }
            None => gone.push((key.to_vec(), None)),
        }
        ControlFlow::Continue(())
    })?;
    handle.put_debts(gone.into_iter());
    corrupt.map_or(Ok(()), |corrupt| Err(corrupt.into()))
}

fn spawn<T: Send + 'static>(
    name: String,
    body: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, Error> {
    let path = name.clone();
    std::thread::Builder::new().name(name).spawn(body).map_err(Error::io(path.as_ref()))
}
