//! All regions of a run: starts and stops their threads, wakes them after a commit, and gathers cursors.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::Error;
use super::super::clock::Moment;
use super::super::lease::Known;
use super::super::store::RocksStore;
use super::super::tables::{self, Entry, PublishedKey};
use super::super::wiring::{PublishWiring, SinkWiring};
use super::handle::{Health, OwnTopics, PROGRESS, Standing};
use super::outbox::{Outbox, corrupt_record, sequence};
use super::running::{Means, Running};
use crate::dataflow::Version;
use crate::state::WriteBatch;
use crate::types::EventTime;

/// How often the lease is looked at while regions deliver at the end of a run.
const LEASE_LOOK: Duration = Duration::from_secs(1);

/// The running regions, and those that are to run.
pub(in super::super) struct Sinks {
    regions: Vec<Running>,
    wanted: Vec<SinkWiring>,
    means: Means,
}

/// Which clusters a group of a region has, in the order that decides which is whose home.
pub(in super::super) struct Homes {
    /// They are others than those that the state knows: keys have got new homes.
    pub(in super::super) have_moved: bool,
    /// For the state.
    pub(in super::super) record: (Vec<u8>, Vec<u8>),
}

impl Homes {
    pub(in super::super) fn of(sink: &SinkWiring, store: &RocksStore) -> Result<Self, Error> {
        let key = tables::meta_key(&format!("homes:{}", sink.name()));
        let names: Vec<&str> = sink.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
        let known: Option<Vec<String>> = match store.shell_get(&key)? {
            Some(text) => Some(serde_json::from_slice(&text).map_err(|_| corrupt_record(&key))?),
            None => None,
        };
        let have_moved = known.is_some_and(|known| known != names);
        let text = serde_json::to_vec(&names).expect("names are JSON");
        Ok(Self { have_moved, record: (key, text) })
    }
}

impl Sinks {
    pub(in super::super) fn start(
        sinks: &[SinkWiring],
        publishes: &[PublishWiring],
        own_topics: &OwnTopics,
        store: &Arc<RocksStore>,
        (committed, backlog_max): (u64, u64),
    ) -> Result<Self, Error> {
        let (publishes, own_topics) = (Arc::new(publishes.to_vec()), own_topics.clone());
        let means = Means { publishes, own_topics, store: Arc::clone(store), backlog_max };
        let mut all = Self { regions: Vec::new(), wanted: sinks.to_vec(), means };
        for sink in sinks {
            if let Err(error) = all.open(sink, committed) {
                all.stop()?;
                return Err(error);
            }
        }
        Ok(all)
    }

    /// Starts a region; what stands in the outbox below `committed` is its to deliver.
    pub(in super::super) fn open(&mut self, sink: &SinkWiring, committed: u64) -> Result<(), Error> {
        let region = Running::start(sink, &self.means, committed)?;
        self.regions.push(region);
        Ok(())
    }

    /// From now on these are to run. Those that do and are others end, and start anew when they are [`Self::due`].
    pub(in super::super) fn want(&mut self, wanted: Vec<SinkWiring>) {
        for region in self.regions.iter_mut().filter(|region| !wanted.contains(&region.wiring)) {
            region.dismiss();
        }
        self.wanted = wanted;
    }

    /// Regions to be opened now. None begins before what ran in its place has ended and the state knows how far
    /// that came: else an older row could follow a newer one.
    pub(in super::super) fn due(&mut self) -> Result<Vec<SinkWiring>, Error> {
        for region in &mut self.regions {
            region.join_if_ended()?;
        }
        self.regions.retain(|region| !region.is_settled());
        let runs = |sink: &&SinkWiring| self.regions.iter().any(|region| region.wiring.name() == sink.name());
        Ok(self.wanted.iter().filter(|sink| !runs(sink)).cloned().collect())
    }

    /// Regions that are to run, and what is published to them.
    pub(in super::super) fn wanted(&self) -> (&[SinkWiring], &Arc<Vec<PublishWiring>>) {
        (&self.wanted, &self.means.publishes)
    }

    /// The next row of that key is to go to certain clusters of regions also.
    pub(in super::super) fn want_at(&self, key: &PublishedKey, places: &[(&str, usize)]) {
        for (sink, cluster) in places {
            if let Some(region) = self.regions.iter().find(|region| region.wiring.name() == *sink) {
                region.handle.want_at(key, *cluster);
            }
        }
    }

    /// The outbox is committed below `sequence`: go.
    pub(in super::super) fn committed(&self, sequence: u64) {
        for region in &self.regions {
            region.handle.set_committed(sequence);
            region.wake();
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
        self.regions.iter_mut().map(|region| region.write(batch)).min().unwrap_or(0)
    }

    /// Whether some region has seen that its keys are to be put out again. Asked after [`Self::cursors`]: what is
    /// written because of it is written no earlier.
    pub(in super::super) fn wish_for_all_keys(&self) -> bool {
        let wishes: Vec<_> = self.regions.iter().map(|region| region.handle.take_wish()).collect();
        wishes.contains(&true)
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

    /// Whether no region that takes rows has more than so many to take of those below `sequence`.
    pub(in super::super) fn keep_up(&self, sequence: u64, rows: u64) -> bool {
        let takes_rows = |region: &Running| match region.handle.standing().health {
            Health::Ok | Health::Slow | Health::Degraded => true,
            Health::Down | Health::NoTopic => false,
        };
        let is_late = |region: &&Running| sequence.saturating_sub(region.handle.cursor()) > rows;
        !self.regions.iter().filter(is_late).any(takes_rows)
    }

    /// Moves whenever some region has taken rows.
    pub(in super::super) fn acknowledged(&self) -> u64 {
        self.regions.iter().map(|region| region.handle.cursor()).sum()
    }

    /// A region's thread that ended by itself has failed.
    pub(in super::super) fn check(&self) -> bool {
        !self.regions.iter().any(Running::has_failed)
    }

    /// Lets every region deliver what it can until `by`, or until the lease is lost, then ends all threads.
    /// The cursors stay readable.
    pub(in super::super) fn flush(
        &self,
        by: Instant,
        check_lease: &dyn Fn() -> Result<Known, Error>,
    ) -> Result<(), Error> {
        self.end_by(by);
        let patience = by + Duration::from_secs(1);
        let mut look_at = Instant::now();
        while Instant::now() < patience && !self.regions.iter().all(Running::has_ended) {
            if Instant::now() >= look_at {
                let asked = Moment::now();
                // A folder that cannot be read says nothing: nobody vouches, so nothing is sent for long.
                match check_lease() {
                    Err(error @ Error::LeaseLost { .. }) => {
                        self.end_by(Instant::now());
                        return Err(error);
                    }
                    Err(error) => tracing::warn!(%error, "the lease cannot be looked at"),
                    Ok(_) => self.vouch(asked),
                }
                look_at = Instant::now() + LEASE_LOOK;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    fn end_by(&self, by: Instant) {
        self.regions.iter().for_each(|region| region.end_by(by));
    }

    /// Ends all threads and reports the first failure among them. Returns whether their producers are gone with all
    /// that was queued in them: a thread that hangs with its cluster has its still.
    pub(in super::super) fn stop(mut self) -> Result<bool, Error> {
        self.end_by(Instant::now());
        self.regions.iter().for_each(Running::stop_scouts);
        let stopped: Vec<_> = self.regions.iter_mut().map(Running::join).collect();
        let are_gone = self.regions.iter().all(Running::is_joined);
        stopped.into_iter().fold(Ok(()), Result::and).map(|()| are_gone)
    }
}
