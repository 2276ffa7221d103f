//! The reader's view of a published topic: every cluster of its group, region by region, and of each key the
//! record with the highest version (rule R2). `windrow tail`, the demo and tests read through it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::kafka::{self, Edge, Metadata, TopicPartition};
use crate::topology::{Cluster, ClusterState, Topology};
use crate::types::EventTime;
use crate::wire::{self, Version};

const POLL: Duration = Duration::from_millis(50);
const AGAIN: Duration = Duration::from_millis(500);

/// What to read.
#[derive(Debug, Clone)]
pub struct Group {
    pub topic: String,
    /// The group that publishes it; `None`: clusters of every group are looked at.
    pub group: Option<String>,
    /// `None`: every region.
    pub region: Option<String>,
    /// Remembers every version that was read, not only the newest of each key.
    pub verify: bool,
}

/// A key's row as its region's readers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewRow {
    pub version: Version,
    pub as_of: EventTime,
    /// `None`: tombstone.
    pub value: Option<Vec<u8>>,
}

/// What was read.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// By region, then key.
    pub regions: BTreeMap<String, BTreeMap<Vec<u8>, ViewRow>>,
    pub records: u64,
    /// Records with a version that its region had already.
    pub repeats: u64,
    /// A version with two payloads in one region: must never happen.
    pub conflicts: u64,
    /// The same among all versions that were read, if that is asked for.
    pub verified_conflicts: u64,
    /// Records without a readable version: not windrow's.
    pub foreign: u64,
    /// By hash of region, key and version: the hash of what it said.
    versions: Option<HashMap<u64, u64>>,
    /// Clusters that did not answer in time.
    pub unreachable: Vec<String>,
    /// Clusters without the topic.
    pub without_topic: Vec<String>,
}

/// A row that has become its key's newest.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    pub region: &'a str,
    pub key: &'a [u8],
    pub row: &'a ViewRow,
}

/// Reads everything that the clusters hold now.
///
/// # Errors
/// When a client cannot be set up. Clusters that do not answer are named in the view.
pub fn read_view(topology: &Topology, what: &Group, deadline: Duration) -> Result<View, KafkaError> {
    read_changes(topology, what, deadline, &mut |_| {})
}

/// The same; `changed` hears of every row that becomes its key's newest.
///
/// # Errors
/// As [`read_view`].
pub fn read_changes(
    topology: &Topology,
    what: &Group,
    deadline: Duration,
    changed: &mut dyn FnMut(Change<'_>),
) -> Result<View, KafkaError> {
    let mut reading = Reading::start(topology, what)?;
    let by = Instant::now() + deadline;
    while Instant::now() < by && !reading.is_done() {
        reading.turn(changed);
    }
    Ok(reading.end())
}

/// Reads what the clusters hold and what comes, until `is_over` says so; `changed` hears of every row that
/// becomes its key's newest.
///
/// # Errors
/// When a client cannot be set up.
pub fn follow(
    topology: &Topology,
    what: &Group,
    is_over: &dyn Fn() -> bool,
    changed: &mut dyn FnMut(Change<'_>),
) -> Result<View, KafkaError> {
    let mut reading = Reading::start(topology, what)?;
    while !is_over() {
        reading.turn(changed);
    }
    Ok(reading.end())
}

struct Reading {
    topic: String,
    clusters: Vec<ClusterReading>,
    view: View,
}

/// One cluster that is read.
struct ClusterReading {
    region: String,
    name: String,
    consumer: BaseConsumer,
    look_at: Instant,
    /// By partition: the next offset, and the log end when it was found. Empty: not found yet.
    partitions: Vec<(i64, i64)>,
    has_no_topic: bool,
}

impl Reading {
    fn start(topology: &Topology, what: &Group) -> Result<Self, KafkaError> {
        let mut clusters = Vec::new();
        let is_wanted = |cluster: &&Cluster| {
            cluster.state != ClusterState::Retired
                && what.group.as_ref().is_none_or(|group| *group == cluster.group)
                && what.region.as_ref().is_none_or(|region| *region == cluster.region)
        };
        for cluster in topology.clusters.iter().filter(is_wanted) {
            clusters.push(ClusterReading {
                region: cluster.region.clone(),
                name: cluster.name.clone(),
                consumer: kafka::consumer(cluster, "windrow-tail")?,
                look_at: Instant::now(),
                partitions: Vec::new(),
                has_no_topic: false,
            });
        }
        let view = View { versions: what.verify.then(HashMap::new), ..View::default() };
        Ok(Self { topic: what.topic.clone(), clusters, view })
    }

    /// Whether every cluster was read to the end it had when it was found.
    fn is_done(&self) -> bool {
        self.clusters.iter().all(|cluster| {
            cluster.has_no_topic
                || !cluster.partitions.is_empty() && cluster.partitions.iter().all(|(next, end)| next >= end)
        })
    }

    fn turn(&mut self, changed: &mut dyn FnMut(Change<'_>)) {
        for cluster in &mut self.clusters {
            if cluster.partitions.is_empty() && Instant::now() >= cluster.look_at {
                cluster.look_at = Instant::now() + AGAIN;
                // Without an answer it is looked for again.
                let _ = cluster.look(&self.topic);
            }
            let mut wait = POLL / 4;
            while let Some(polled) = cluster.consumer.poll(std::mem::take(&mut wait)) {
                if let Ok(message) = polled {
                    let slot = usize::try_from(message.partition()).ok();
                    let place = slot.and_then(|slot| cluster.partitions.get_mut(slot));
                    if let Some(place) = place {
                        place.0 = message.offset() + 1;
                    }
                    self.view.take(&cluster.region, &message, changed);
                }
            }
        }
    }

    fn end(mut self) -> View {
        for cluster in &self.clusters {
            if cluster.has_no_topic {
                self.view.without_topic.push(cluster.name.clone());
            } else if cluster.partitions.is_empty() || cluster.partitions.iter().any(|(next, end)| next < end)
            {
                self.view.unreachable.push(cluster.name.clone());
            }
        }
        self.view
    }
}

impl ClusterReading {
    fn look(&mut self, topic: &str) -> KafkaResult<()> {
        let count = self.consumer.client().count(topic)?;
        self.has_no_topic = count.is_none();
        let wanted: Vec<TopicPartition> = (0..count.unwrap_or(0)).map(|p| (topic.to_owned(), p)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let starts = kafka::edges(&self.consumer, &wanted, Edge::Start)?;
        let ends = kafka::edges(&self.consumer, &wanted, Edge::End)?;
        let mut list = TopicPartitionList::new();
        for ((topic, partition), start) in wanted.iter().zip(&starts) {
            list.add_partition_offset(topic, *partition, Offset::Offset(*start))?;
        }
        self.consumer.assign(&list)?;
        self.partitions = starts.into_iter().zip(ends).collect();
        Ok(())
    }
}

impl View {
    fn take(&mut self, region: &str, message: &BorrowedMessage<'_>, changed: &mut dyn FnMut(Change<'_>)) {
        self.records += 1;
        let Some(row) = row(message) else {
            self.foreign += 1;
            return;
        };
        let key = message.key().unwrap_or_default();
        if let Some(versions) = &mut self.versions {
            let said = hash(&(row.as_of.0, &row.value));
            let known = versions.insert(hash(&(region, key, row.version)), said);
            self.verified_conflicts += u64::from(known.is_some_and(|known| known != said));
        }
        let rows = self.regions.entry(region.to_owned()).or_default();
        let newest = match rows.entry(key.to_vec()) {
            Entry::Vacant(place) => place.insert(row),
            Entry::Occupied(place) => {
                let known = place.into_mut();
                if row.version < known.version {
                    return;
                }
                if row.version == known.version {
                    self.repeats += 1;
                    self.conflicts += u64::from(row != *known);
                    return;
                }
                *known = row;
                known
            }
        };
        changed(Change { region, key, row: newest });
    }
}

fn hash(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

fn row(message: &BorrowedMessage<'_>) -> Option<ViewRow> {
    let found = message.headers()?;
    let headers = found.iter().map(|header| (header.key, header.value.unwrap_or_default()));
    let headers = wire::Headers::decode(headers).ok()?;
    Some(ViewRow {
        version: headers.version,
        as_of: headers.as_of,
        value: message.payload().map(<[u8]>::to_vec),
    })
}
