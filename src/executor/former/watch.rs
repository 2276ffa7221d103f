//! The readers of all clusters that are written to, as the step loop sees them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use serde_json::{Value, json};

use super::super::Error;
use super::super::lease::Known;
use super::super::session::Session;
use super::super::shutdown::join_all;
use super::super::sink::{SETTLE, corrupt_record};
use super::super::store::RocksStore;
use super::super::tables::{self, PublishedKey};
use super::super::wiring::{PublishWiring, SinkWiring};
use super::Former;
use super::reader::{Positions, Reader, Seen, Settings, WatchedTopic};
use crate::plan::PublishMode;
use crate::state::WriteBatch;
use crate::topology::Cluster;

/// Keys that are put out again at once.
const KEYS_AT_ONCE: usize = 1_000;

/// The watch of one run.
pub(in super::super) struct Watch {
    former: Former,
    lease: u64,
    store: Arc<RocksStore>,
    readers: Vec<Running>,
    /// Readers that were told to end.
    ending: Vec<JoinHandle<()>>,
    /// Rows that readers had seen which are gone.
    rows_before: u64,
    rows_told: u64,
    keys_again: u64,
    /// Rows of joins that are not known any more, nor any newer one of their keys.
    keys_left: u64,
    /// Since when it is known that every former lease is over.
    over_since: Option<Instant>,
}

/// One reader.
struct Running {
    place: Place,
    seen: Arc<Mutex<Seen>>,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
    /// As the state has it.
    stored: Positions,
}

/// A cluster among those of its group in a region: that decides which keys are at home there.
#[derive(Debug, Clone, PartialEq)]
struct Place {
    sink: String,
    cluster: Cluster,
    at: usize,
    of: usize,
    topics: Vec<WatchedTopic>,
}

impl Watch {
    /// `None`: there is nobody to watch for.
    pub(in super::super) fn open(session: &Session) -> Option<Self> {
        let former = session.about.former.clone()?;
        tracing::info!(leases = ?former.leases, "what may still come of former leases is watched for");
        Some(Self {
            former,
            lease: session.about.lease,
            store: Arc::clone(&session.store),
            readers: Vec::new(),
            ending: Vec::new(),
            rows_before: 0,
            rows_told: 0,
            keys_again: 0,
            keys_left: 0,
            over_since: None,
        })
    }

    /// What is known of the leases now.
    pub(in super::super) fn hear(&mut self, known: &Known) {
        let are_over = self.former.leases.iter().all(|lease| known.is_over(*lease));
        self.over_since = are_over.then(|| self.over_since.unwrap_or_else(Instant::now));
    }

    /// Reads those clusters from now on, and no others.
    pub(super) fn follow(&mut self, sinks: &[SinkWiring], publishes: &[PublishWiring]) -> Result<(), Error> {
        let wanted: Vec<_> = sinks.iter().flat_map(|sink| places(sink, publishes)).collect();
        let (stay, leave) = std::mem::take(&mut self.readers)
            .into_iter()
            .partition(|reader: &Running| wanted.contains(&reader.place));
        self.readers = stay;
        let mut left: BTreeMap<String, Positions> = BTreeMap::new();
        for reader in leave {
            reader.stop.store(true, Ordering::Relaxed);
            self.rows_before += reader.seen().rows;
            left.insert(reader.place.cluster.name.clone(), reader.stored);
            self.ending.push(reader.thread);
        }
        self.ending.retain(|thread| !thread.is_finished());
        for place in wanted {
            if self.readers.iter().any(|reader| reader.place == place) {
                continue;
            }
            let known = match left.remove(&place.cluster.name) {
                Some(known) => known,
                None => self.stored(&place.cluster.name)?,
            };
            self.readers.push(self.start(place, known)?);
        }
        Ok(())
    }

    fn stored(&self, cluster: &str) -> Result<Positions, Error> {
        let key = record_key(self.lease, cluster);
        let Some(text) = self.store.shell_get(&key)? else { return Ok(Positions::new()) };
        Ok(serde_json::from_slice(&text).map_err(|_| corrupt_record(&key))?)
    }

    fn start(&self, place: Place, known: Positions) -> Result<Running, Error> {
        let (seen, stop): (Arc<Mutex<Seen>>, Arc<AtomicBool>) = Default::default();
        let settings = Settings {
            cluster: place.cluster.clone(),
            topics: place.topics.clone(),
            lease: self.lease,
            since_ms: self.former.since_ms,
            known: known.clone(),
        };
        let reader = Reader::new(settings, Arc::clone(&seen), Arc::clone(&stop));
        let reader = reader.map_err(Error::client(&place.cluster.name))?;
        let name = format!("former-{}", place.cluster.name);
        let path = name.clone();
        let thread = std::thread::Builder::new().name(name).spawn(move || reader.run());
        let thread = thread.map_err(Error::io(path.as_ref()))?;
        Ok(Running { place, seen, stop, thread, stored: known })
    }

    /// Whether some cluster has more keys to put out again than memory is for: then it is all of them.
    pub(super) fn has_too_many(&self) -> bool {
        let too_many: Vec<_> =
            self.readers.iter().map(|reader| reader.seen().suspects.take_too_many()).collect();
        too_many.contains(&true)
    }

    /// Keys to put out again now, each with the places where a row of a former lease is the last.
    pub(super) fn due(&self, now_ms: i64) -> BTreeMap<PublishedKey, Vec<(&str, usize)>> {
        let mut due: BTreeMap<PublishedKey, Vec<(&str, usize)>> = BTreeMap::new();
        for reader in &self.readers {
            let limit = KEYS_AT_ONCE.saturating_sub(due.len());
            for key in reader.seen().suspects.due(limit, now_ms) {
                due.entry(key).or_default().push((&reader.place.sink, reader.place.at));
            }
        }
        due
    }

    /// So many keys were put out again; of those others nothing is known that could be.
    pub(super) fn have_put_out(&mut self, keys: usize, unknown: &[PublishedKey]) {
        self.keys_again += keys as u64;
        self.keys_left += unknown.len() as u64;
        for reader in &self.readers {
            for key in unknown {
                reader.seen().suspects.clear(key);
            }
        }
    }

    /// Says what has come since the last call.
    pub(super) fn tell(&mut self) {
        let rows = self.rows();
        if rows > self.rows_told {
            let (new, keys) = (rows - self.rows_told, self.keys_again);
            tracing::warn!(
                rows = new,
                all = rows,
                keys,
                "rows of former leases: keys that have one last are put out again"
            );
            self.rows_told = rows;
        }
    }

    /// Adds how far reading is to a batch.
    pub(super) fn keep(&mut self, batch: &mut WriteBatch) {
        for reader in &mut self.readers {
            let positions = reader.seen().positions.clone();
            if positions != reader.stored {
                let text = serde_json::to_vec(&positions).expect("names and numbers are JSON");
                batch.put(record_key(self.lease, &reader.place.cluster.name), text);
                reader.stored = positions;
            }
        }
    }

    /// Whether nothing can come any more, and nothing that came is last.
    pub(super) fn is_over(&self) -> bool {
        let Some(over_since) = self.over_since else { return false };
        let is_through = |reader: &Running| {
            let seen = reader.seen();
            seen.suspects.len() == 0 && seen.through.is_some_and(|through| through >= over_since + SETTLE)
        };
        !self.readers.is_empty() && self.readers.iter().all(is_through)
    }

    /// Removes what the state has of it.
    pub(super) fn forget(&self, batch: &mut WriteBatch) -> Result<(), Error> {
        // What this batch has put already is not among those of the store.
        for reader in &self.readers {
            batch.delete(record_key(self.lease, &reader.place.cluster.name));
        }
        let (from, to) = (tables::meta_key(RECORDS), tables::meta_key(RECORDS_END));
        self.store.shell_scan(&from, &to, &mut |key, _| {
            batch.delete(key.to_vec());
            std::ops::ControlFlow::Continue(())
        })?;
        Ok(())
    }

    pub(in super::super) fn stop(mut self) -> Result<(), Error> {
        for reader in std::mem::take(&mut self.readers) {
            reader.stop.store(true, Ordering::Relaxed);
            self.ending.push(reader.thread);
        }
        join_all(self.ending).into_iter().try_for_each(|ended| ended.map_err(Error::Panicked))
    }

    /// Rows of former leases, and keys that were put out again, since the run began.
    pub(super) fn totals(&self) -> (u64, u64) {
        (self.rows(), self.keys_again)
    }

    fn rows(&self) -> u64 {
        self.rows_before + self.readers.iter().map(|reader| reader.seen().rows).sum::<u64>()
    }

    /// What the status shows.
    pub(in super::super) fn report(&self) -> Value {
        let cluster = |reader: &Running| {
            let trouble = reader.seen().trouble.clone();
            let state = if trouble.is_empty() { "read".to_owned() } else { trouble };
            (reader.place.cluster.name.clone(), state.into())
        };
        let clusters: serde_json::Map<_, _> = self.readers.iter().map(cluster).collect();
        json!({
            "leases": self.former.leases,
            "since": self.former.since_ms,
            "signed_off": self.over_since.is_some(),
            "rows": self.rows(),
            "keys_again": self.keys_again,
            "keys_left": self.keys_left,
            "open": self.readers.iter().map(|reader| reader.seen().suspects.len()).sum::<usize>(),
            "clusters": clusters,
        })
    }
}

/// Records of the state: how far clusters have been read. The second is behind all of them.
const RECORDS: &str = "former:";
const RECORDS_END: &str = "former;";

fn record_key(lease: u64, cluster: &str) -> Vec<u8> {
    tables::meta_key(&format!("{RECORDS}{lease}:{cluster}"))
}

fn places(sink: &SinkWiring, publishes: &[PublishWiring]) -> Vec<Place> {
    let of_group = publishes.iter().filter(|publish| publish.group == sink.group);
    let topics: Vec<_> = of_group
        .map(|publish| WatchedTopic {
            topic: publish.topic.clone(),
            publish: publish.number,
            is_latest: publish.mode == PublishMode::Latest,
        })
        .collect();
    let place = |(at, cluster): (usize, &Cluster)| Place {
        sink: sink.name(),
        cluster: cluster.clone(),
        at,
        of: sink.clusters.len(),
        topics: topics.clone(),
    };
    sink.clusters.iter().enumerate().map(place).collect()
}

impl Running {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
