//! The dead-letter topic, read and sent home again: what `windrow dlq` does.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::{ClientContext, Timestamp};

use super::kafka::{self, Edge, Metadata, TopicPartition};
use super::letter::Letter;
use crate::topology::{Cluster, Topology};

const POLL: Duration = Duration::from_millis(50);
/// How long a record may take to be taken again.
const SENT_WITHIN: Duration = Duration::from_secs(10);
/// Marks a record that was sent again.
const REPLAYED: &str = "wr-replayed";

/// What a dead-letter topic holds, in every region that could be asked.
#[derive(Debug, Default)]
pub struct Letters {
    /// By id: regions hold copies of one another's.
    pub letters: BTreeMap<String, Letter>,
    /// Clusters that have the topic.
    pub asked: usize,
    /// Clusters that did not answer in time.
    pub unreachable: Vec<String>,
}

/// Reads all that the topic holds now.
///
/// # Errors
/// When a client cannot be set up.
pub fn read_letters(topology: &Topology, topic: &str, deadline: Duration) -> Result<Letters, KafkaError> {
    let by = Instant::now() + deadline;
    let mut found = Letters::default();
    for cluster in &topology.clusters {
        match read_cluster(cluster, topic, by, &mut found.letters) {
            Ok(has_topic) => found.asked += usize::from(has_topic),
            Err(KafkaError::ClientCreation(error)) => return Err(KafkaError::ClientCreation(error)),
            Err(_) => found.unreachable.push(cluster.name.clone()),
        }
    }
    Ok(found)
}

/// Whether the cluster has the topic.
fn read_cluster(
    cluster: &Cluster,
    topic: &str,
    by: Instant,
    letters: &mut BTreeMap<String, Letter>,
) -> KafkaResult<bool> {
    let consumer = kafka::consumer(cluster, "windrow-dlq")?;
    let Some(count) = consumer.client().count(topic)? else { return Ok(false) };
    let partitions: Vec<TopicPartition> = (0..count).map(|partition| (topic.to_owned(), partition)).collect();
    let starts = kafka::edges(&consumer, &partitions, Edge::Start)?;
    let ends = kafka::edges(&consumer, &partitions, Edge::End)?;
    let mut list = TopicPartitionList::new();
    for ((topic, partition), start) in partitions.iter().zip(&starts) {
        list.add_partition_offset(topic, *partition, Offset::Offset(*start))?;
    }
    consumer.assign(&list)?;
    let mut next = starts;
    while next.iter().zip(&ends).any(|(next, end)| next < end) {
        if Instant::now() >= by {
            return Err(KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut));
        }
        if let Some(Ok(message)) = consumer.poll(POLL) {
            let slot = usize::try_from(message.partition()).unwrap_or_default();
            next[slot] = message.offset() + 1;
            if let Some(letter) = letter(&message) {
                letters.insert(letter.id(), letter);
            }
        }
        pass(&consumer, topic, &mut next);
    }
    Ok(true)
}

/// A log may end with what is no record.
fn pass(consumer: &BaseConsumer, topic: &str, next: &mut [i64]) {
    let Ok(positions) = consumer.position() else { return };
    for (partition, next) in (0..).zip(next) {
        if let Some(Offset::Offset(at)) =
            positions.find_partition(topic, partition).map(|found| found.offset())
        {
            *next = at.max(*next);
        }
    }
}

fn letter(message: &BorrowedMessage<'_>) -> Option<Letter> {
    let headers = message.headers()?.iter();
    let headers = headers.map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec)));
    Letter::from_topic(message.key(), headers, message.payload())
}

/// Why a letter was not sent again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("the topology has no cluster `{0}` any more")]
    NoCluster(String),
    #[error("`{cluster}` did not take it: {source}")]
    Refused { cluster: String, source: KafkaError },
}

/// Sends a record again, to where it came from: the same bytes, key, headers and timestamp, in the same
/// partition, with a header that says so.
///
/// # Errors
/// When its cluster is gone, or does not take it.
pub fn replay(topology: &Topology, letter: &Letter) -> Result<(), ReplayError> {
    let cluster = topology.clusters.iter().find(|cluster| cluster.name == letter.cluster);
    let cluster = cluster.ok_or_else(|| ReplayError::NoCluster(letter.cluster.clone()))?;
    send(cluster, letter).map_err(|source| ReplayError::Refused { cluster: cluster.name.clone(), source })
}

struct Verdict(crossbeam_channel::Sender<Result<(), KafkaError>>);

impl ClientContext for Verdict {}

impl ProducerContext for Verdict {
    type DeliveryOpaque = ();

    fn delivery(&self, delivery: &DeliveryResult<'_>, (): ()) {
        let _ = self.0.send(delivery.as_ref().map(|_| ()).map_err(|(error, _)| error.clone()));
    }
}

fn send(cluster: &Cluster, letter: &Letter) -> KafkaResult<()> {
    let (verdict, verdicts) = crossbeam_channel::bounded(1);
    let producer: ThreadedProducer<Verdict> = kafka::producer(cluster, Verdict(verdict))?;
    let mut headers = OwnedHeaders::new();
    for (name, value) in &letter.headers {
        headers = headers.insert(Header { key: name, value: value.as_ref().map(|blob| &blob.0) });
    }
    headers = headers.insert(Header { key: REPLAYED, value: Some(&letter.offset.to_string()) });
    let mut record =
        BaseRecord::to(&letter.topic).partition(letter.partition).payload(&letter.payload.0).headers(headers);
    if let Some(key) = &letter.key {
        record = record.key(&key.0);
    }
    if let Some(ms) = Timestamp::CreateTime(letter.timestamp_ms).to_millis() {
        record = record.timestamp(ms);
    }
    producer.send(record).map_err(|(error, _)| error)?;
    producer.flush(SENT_WITHIN)?;
    verdicts.try_recv().unwrap_or(Err(KafkaError::Flush(RDKafkaErrorCode::OperationTimedOut)))
}
