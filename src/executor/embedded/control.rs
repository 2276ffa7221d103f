//! The control half: krafka's test broker on a port of its own, which only `connection.rs` talks to. It
//! decides about topics, groups and producer ids; this file gives it what the folder remembers and reads back
//! what changed.

use std::net::SocketAddr;

use krafka::testing::{ClusterState, CommittedOffset, FakeBroker};

use super::api;
use super::catalog::{Catalog, Committed};
use super::error::Error;
use super::store::TopicSeen;

/// Producer ids per start of the cluster.
const PRODUCER_IDS: i64 = 1_000_000;
/// Takes the topic ids that are used up; never stays.
const PLACEHOLDER: &str = "placeholder";
const NODE: i32 = 0;

/// A running control half.
pub(super) struct Control {
    broker: FakeBroker,
    address: SocketAddr,
}

impl Control {
    /// Starts it with what the folder remembers. Clients are told to connect to `port`.
    pub(super) async fn start(
        own: u16,
        port: u16,
        catalog: &Catalog,
        committed: &[Committed],
    ) -> Result<Self, Error> {
        let broker = FakeBroker::start().await?;
        for (key, min, max) in api::VERSIONS {
            broker.set_api_versions(key, min, max);
        }
        broker.with_state(|state| {
            state.cluster_id = format!("windrow-{own}");
            state.auto_create_topics = false;
            state.next_producer_id = i64::from(catalog.starts) * PRODUCER_IDS;
            if let Some(node) = state.brokers.first_mut() {
                node.port = i32::from(port);
            }
            restore_topics(state, catalog);
            restore_offsets(state, committed);
        });
        let address = broker.broker_addr(NODE).expect("a broker that was started over TCP has an address");
        Ok(Self { broker, address })
    }

    /// Where requests are forwarded to.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Creates a topic, or gives it more partitions; it never gets fewer.
    pub(super) fn ensure_topic(&self, name: &str, partitions: i32) {
        if !self.broker.create_topic(name, partitions) {
            self.broker.add_partitions(name, partitions);
        }
    }

    /// Deletes a topic; false if there is none of that name.
    pub(super) fn delete_topic(&self, name: &str) -> bool {
        self.broker.delete_topic(name)
    }

    /// All topics, oldest first. Names that cannot be a folder's are dropped: clients check names, so they do
    /// not come.
    pub(super) fn topics(&self) -> Vec<TopicSeen> {
        self.broker.with_state(|state| {
            state.topics.retain(|name, _| is_valid(name));
            let mut topics: Vec<_> = state
                .topics
                .iter()
                .map(|(name, topic)| TopicSeen {
                    name: name.clone(),
                    id: number(topic.topic_id),
                    partitions: topic.partitions.len(),
                })
                .collect();
            topics.sort_by_key(|topic| topic.id);
            topics
        })
    }

    /// What all groups have committed.
    pub(super) fn committed(&self) -> Vec<Committed> {
        self.broker.with_state(|state| {
            let mut all: Vec<_> = state
                .groups
                .iter()
                .flat_map(|(group, known)| known.offsets.iter().map(|entry| line(group, entry)))
                .collect();
            all.sort();
            all
        })
    }

    /// Makes the test broker forget what it records for tests to look at; it would grow without end.
    pub(super) fn forget_requests(&self) {
        self.broker.clear_requests();
        self.broker.with_state(|state| {
            state.leave_group_members.clear();
            state.consumer_group_heartbeats.clear();
            state.list_offsets_lookups.clear();
            state.share_session_closes.clear();
        });
    }
}

/// Kafka's own rule for topic names.
pub(super) fn is_valid(name: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    (1..=249).contains(&name.len()) && name.chars().all(legal) && name != "." && name != ".."
}

/// The same topics with the same ids: a client that finds another id under a known name takes the topic for a
/// new one.
fn restore_topics(state: &mut ClusterState, catalog: &Catalog) {
    for entry in &catalog.topics {
        let partitions = i32::try_from(entry.log_starts.len()).unwrap_or(i32::MAX);
        state.create_topic(&entry.name, partitions);
        if let Some(topic) = state.topics.get_mut(&entry.name) {
            topic.topic_id[8..].copy_from_slice(&entry.id.to_be_bytes());
        }
    }
    let newest = catalog.topics.iter().map(|entry| entry.id).max().unwrap_or(0);
    loop {
        state.create_topic(PLACEHOLDER, 1);
        let used = state.topics.remove(PLACEHOLDER).map_or(u64::MAX, |topic| number(topic.topic_id));
        if used >= newest {
            return;
        }
    }
}

fn restore_offsets(state: &mut ClusterState, committed: &[Committed]) {
    for line in committed {
        let offset =
            CommittedOffset { offset: line.offset, leader_epoch: -1, metadata: line.metadata.clone() };
        state
            .groups
            .entry(line.group.clone())
            .or_default()
            .offsets
            .insert((line.topic.clone(), line.partition), offset);
    }
}

fn line(group: &str, ((topic, partition), committed): (&(String, i32), &CommittedOffset)) -> Committed {
    Committed {
        group: group.to_owned(),
        topic: topic.clone(),
        partition: *partition,
        offset: committed.offset,
        metadata: committed.metadata.clone(),
    }
}

/// The test broker counts its topic ids up, in the second half of the UUID.
fn number(topic_id: [u8; 16]) -> u64 {
    topic_id.last_chunk().copied().map_or(0, u64::from_be_bytes)
}
