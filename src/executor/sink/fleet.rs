//! All regions of a run: starts and stops their threads, wakes them after a commit, and gathers cursors.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, bounded, unbounded};

use super::super::Error;
use super::super::clock::Moment;
use super::super::store::RocksStore;
use super::super::tables::{self, Entry};
use super::super::wiring::{PublishWiring, SinkWiring};
use super::delivery::Delivery;
use super::handle::{Handle, OwnTopics, PROGRESS, Standing};
use super::outbox::{Outbox, corrupt_record, sequence};
use super::producer::Producer;
use super::region::Region;
use super::route::Routes;
use super::scout::Scout;
use crate::dataflow::Version;
use crate::state::WriteBatch;
use crate::types::EventTime;

/// How often the lease is looked at while regions deliver at the end of a run.
const LEASE_LOOK: Duration = Duration::from_secs(1);

/// The running regions.
pub(in super::super) struct Sinks {
    regions: Vec<Running>,
    scouts: Vec<JoinHandle<()>>,
    stop_scouts: Arc<AtomicBool>,
}

struct Running {
    wiring: SinkWiring,
    handle: Arc<Handle>,
    wake: Sender<()>,
    thread: JoinHandle<Result<(), Error>>,
    /// The cursor as the store has it.
    stored: u64,
}

impl Sinks {
    pub(in super::super) fn start(
        sinks: &[SinkWiring],
        publishes: &[PublishWiring],
        own_topics: &OwnTopics,
        store: &Arc<RocksStore>,
        committed: u64,
    ) -> Result<Self, Error> {
        let publishes = Arc::new(publishes.to_vec());
        let mut all = Self { regions: Vec::new(), scouts: Vec::new(), stop_scouts: Arc::default() };
        for sink in sinks {
            let started = all.start_region(sink, &publishes, own_topics, store, committed);
            if let Err(error) = started {
                all.stop()?;
                return Err(error);
            }
        }
        Ok(all)
    }

    fn start_region(
        &mut self,
        sink: &SinkWiring,
        publishes: &Arc<Vec<PublishWiring>>,
        own_topics: &OwnTopics,
        store: &Arc<RocksStore>,
        committed: u64,
    ) -> Result<(), Error> {
        let key = tables::cursor_key(&sink.name());
        let stored = sequence(store.shell_get(&key)?, &key)?.unwrap_or(0);
        let handle = Arc::new(Handle::new(committed, stored, Moment::now()));
        let (wake, woken) = bounded(1);
        // Both are bounded by what is on its way and by one sighting per look.
        let ((outcome, outcomes), (sighting, sightings)) = (unbounded(), unbounded());
        let mut producers = Vec::new();
        for (at, cluster) in sink.clusters.iter().enumerate() {
            let producer = Producer::new(at, cluster, outcome.clone());
            producers.push(producer.map_err(Error::client(&cluster.name))?);
            let mut topics: Vec<_> = publishes
                .iter()
                .filter(|publish| publish.group == sink.group)
                .map(|publish| publish.topic.clone())
                .collect();
            topics.extend([own_topics.progress.clone(), own_topics.dead_letters.clone()]);
            let stop = Arc::clone(&self.stop_scouts);
            let scout = Scout::new(at, cluster, topics, sighting.clone(), stop);
            let scout = scout.map_err(Error::client(&cluster.name))?;
            self.scouts.push(spawn(format!("look-{}", cluster.name), move || scout.run())?);
        }
        let count = sink.clusters.len();
        let mut state = Delivery::new(stored, committed, count);
        restore_strays(sink, store, &handle, &mut state)?;
        let region = Region {
            wiring: sink.clone(),
            publishes: Arc::clone(publishes),
            own_topics: own_topics.clone(),
            store: Arc::clone(store),
            producers,
            outcome,
            outcomes,
            broken: BTreeSet::new(),
            sightings,
            wake: woken,
            handle: Arc::clone(&handle),
            routes: Routes::new(count),
            counts: vec![BTreeMap::new(); count],
            state,
        };
        let thread = spawn(format!("sink-{}", sink.name()), move || region.run())?;
        self.regions.push(Running { wiring: sink.clone(), handle, wake, thread, stored });
        Ok(())
    }

    /// The outbox is committed below `sequence`: go.
    pub(in super::super) fn committed(&self, sequence: u64) {
        for region in &self.regions {
            region.handle.set_committed(sequence);
            // Full means that it will wake up anyway.
            let _ = region.wake.try_send(());
        }
    }

    /// The lease was ours then: regions may publish for a while.
    pub(in super::super) fn vouch(&self, asked: Moment) {
        self.regions.iter().for_each(|region| region.handle.vouch(asked));
    }

    /// Whether some region has never had rows that are gone from the outbox: it was not fed then.
    pub(in super::super) fn have_missed(
        sinks: &[SinkWiring],
        store: &RocksStore,
        outbox: &Outbox,
    ) -> Result<bool, Error> {
        for sink in sinks {
            let key = tables::cursor_key(&sink.name());
            if sequence(store.shell_get(&key)?, &key)?.unwrap_or(0) < outbox.pruned() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Adds moved cursors to a batch, and returns what every region has acknowledged.
    pub(in super::super) fn cursors(&mut self, batch: &mut WriteBatch) -> u64 {
        let mut all = u64::MAX;
        for region in &mut self.regions {
            // In this order: what a cursor rests on is among the debts by then.
            let cursor = region.handle.cursor();
            for (key, value) in region.handle.take_debts() {
                match value {
                    Some(value) => batch.put(key, value),
                    None => batch.delete(key),
                }
            }
            if cursor != region.stored {
                region.stored = cursor;
                batch.put(tables::cursor_key(&region.wiring.name()), cursor.to_be_bytes().to_vec());
            }
            all = all.min(cursor);
        }
        if all == u64::MAX { 0 } else { all }
    }

    /// Puts out a progress record in every region.
    pub(in super::super) fn progress(&self, deployment: &str, version: Version, w: EventTime, record: &[u8]) {
        let entry = Entry {
            publish: PROGRESS,
            version,
            as_of: w,
            key: deployment.as_bytes().to_vec(),
            payload: Some(record.to_vec()),
        };
        for region in &self.regions {
            region.handle.put_progress(entry.clone());
        }
    }

    /// How each region does.
    pub(in super::super) fn standings(&self) -> Vec<(&SinkWiring, Standing)> {
        self.regions.iter().map(|region| (&region.wiring, region.handle.standing())).collect()
    }

    /// Regions that have not acknowledged everything below `sequence`.
    pub(in super::super) fn behind(&self, sequence: u64) -> Vec<String> {
        let behind = self.regions.iter().filter(|region| region.handle.cursor() < sequence);
        behind.map(|region| region.wiring.name()).collect()
    }

    /// Moves whenever some region has taken rows.
    pub(in super::super) fn acknowledged(&self) -> u64 {
        self.regions.iter().map(|region| region.handle.cursor()).sum()
    }

    /// A region's thread that ended by itself has failed.
    pub(in super::super) fn check(&self) -> bool {
        self.regions.iter().all(|region| !region.thread.is_finished())
    }

    /// Lets every region deliver what it can until `by`, or until the lease is lost, then ends all threads.
    /// The cursors stay readable.
    pub(in super::super) fn flush(
        &self,
        by: Instant,
        check_lease: &dyn Fn() -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.end_by(by);
        let patience = by + Duration::from_secs(1);
        let mut look_at = Instant::now();
        while Instant::now() < patience && !self.regions.iter().all(|region| region.thread.is_finished()) {
            if Instant::now() >= look_at {
                let asked = Moment::now();
                // A folder that cannot be read says nothing: nobody vouches, so nothing is sent for long.
                match check_lease() {
                    Err(error @ Error::LeaseLost { .. }) => {
                        self.end_by(Instant::now());
                        return Err(error);
                    }
                    Err(error) => tracing::warn!(%error, "the lease cannot be looked at"),
                    Ok(()) => self.vouch(asked),
                }
                look_at = Instant::now() + LEASE_LOOK;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    fn end_by(&self, by: Instant) {
        for region in &self.regions {
            region.handle.stop(by);
            let _ = region.wake.try_send(());
        }
    }

    /// Ends all threads and reports the first failure among them.
    pub(in super::super) fn stop(self) -> Result<(), Error> {
        self.end_by(Instant::now());
        self.stop_scouts.store(true, Ordering::Relaxed);
        let mut result = Ok(());
        for region in self.regions {
            let name = format!("sink-{}", region.wiring.name());
            let ended = region.thread.join().unwrap_or(Err(Error::Panicked(name)));
            result = result.and(ended);
        }
        for scout in self.scouts {
            let name = scout.thread().name().unwrap_or("scout").to_owned();
            result = result.and(scout.join().map_err(|_| Error::Panicked(name)));
        }
        result
    }
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
