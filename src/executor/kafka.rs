//! rdkafka's settings, in one place, and the few questions that every part asks a cluster.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::bindings::{rd_kafka_get_watermark_offsets, rd_kafka_resp_err_t};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::producer::{BaseProducer, DefaultProducerContext};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaErrorCode;

use super::secret;
use crate::topology::Cluster;

/// How long a question may take. A frozen broker answers none, and the asker has other work.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// What a client may hold of records that nobody has taken yet.
const FETCHED_KBYTES_MAX: &str = "16384";
const FETCH_BYTES_MAX: &str = "8388608";
const PARTITION_FETCH_BYTES_MAX: &str = "1048576";
/// A delivery that takes longer has failed; its row goes to another cluster of the group.
pub(super) const DELIVERY_MS: u64 = 3_000;

/// A topic and a partition of it.
pub(super) type TopicPartition = (String, i32);

/// What all clients of a cluster share.
pub(super) fn base(cluster: &Cluster) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &cluster.bootstrap)
        .set("client.id", "windrow")
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "1000")
        .set("socket.keepalive.enable", "true")
        .set("topic.metadata.refresh.interval.ms", "10000")
        .set_log_level(RDKafkaLogLevel::Critical);
    config
}

/// The cluster's own properties win over ours.
pub(super) fn with_overrides(
    mut config: ClientConfig,
    properties: &BTreeMap<String, String>,
) -> KafkaResult<ClientConfig> {
    for (name, value) in secret::resolved(properties)? {
        config.set(name, value);
    }
    Ok(config)
}

/// A consumer that is assigned its partitions by us. `group` only names where offsets are shown.
pub(super) fn consumer(cluster: &Cluster, group: &str) -> KafkaResult<BaseConsumer> {
    let mut config = base(cluster);
    config
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "error")
        .set("enable.partition.eof", "true")
        .set("socket.timeout.ms", "6000")
        .set("max.poll.interval.ms", "86400000")
        .set("fetch.wait.max.ms", "250")
        .set("fetch.error.backoff.ms", "100")
        .set("queued.max.messages.kbytes", FETCHED_KBYTES_MAX)
        .set("fetch.max.bytes", FETCH_BYTES_MAX)
        .set("max.partition.fetch.bytes", PARTITION_FETCH_BYTES_MAX);
    with_overrides(config, &cluster.properties)?.create().map_err(secret::without_values)
}

/// A producer: in order per partition, and failed after [`DELIVERY_MS`].
///
/// Idempotent for the sake of those who read one cluster of a compacted topic, where the last record of a key
/// counts: a request that was given up on may lie in a frozen broker, and would be carried out after newer ones.
/// The broker refuses it then: its sequence was used again, or its epoch is over.
pub(super) fn producer<C, P>(cluster: &Cluster, context: C) -> KafkaResult<P>
where
    C: rdkafka::ClientContext,
    P: rdkafka::config::FromClientConfigAndContext<C>,
{
    let mut config = base(cluster);
    config
        .set("acks", "all")
        .set("enable.idempotence", "true")
        .set("linger.ms", "5")
        .set("max.in.flight.requests.per.connection", "1")
        .set("message.timeout.ms", DELIVERY_MS.to_string())
        .set("request.timeout.ms", "2000")
        .set("socket.timeout.ms", "3000")
        .set("message.max.bytes", "8388608");
    with_overrides(config, &cluster.properties)?.create_with_context(context).map_err(secret::without_values)
}

/// Whether clients of a cluster can be made: its properties are what the client library knows. Asks nobody.
pub(super) fn try_out(cluster: &Cluster) -> KafkaResult<()> {
    let reads: BaseConsumer = consumer(cluster, "windrow-check")?;
    let writes: BaseProducer = producer(cluster, DefaultProducerContext)?;
    drop((reads, writes));
    Ok(())
}

/// What a cluster that answers does not let us do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It does not know us.
    Login,
    /// It knows us, and a topic is not for us.
    Topic,
}

impl Refusal {
    pub(super) fn of(code: RDKafkaErrorCode) -> Option<Self> {
        match code {
            RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed => {
                Some(Self::Login)
            }
            RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::ClusterAuthorizationFailed => {
                Some(Self::Topic)
            }
            _ => None,
        }
    }

    /// For people: what they can look at are the references of the login, never what these stand for. `wanted`: to
    /// read or to write, and what.
    pub(super) fn said(self, cluster: &Cluster, wanted: &str) -> String {
        let references = cluster.properties.iter().filter(|(_, value)| value.starts_with("${"));
        let references: Vec<_> = references.map(|(name, value)| format!("{name}: {value}")).collect();
        let given = if references.is_empty() { "its properties".to_owned() } else { references.join(", ") };
        match self {
            Self::Login => format!("{} refuses us, who came with {given}", cluster.name),
            Self::Topic => format!("{} does not allow us to {wanted}: we came with {given}", cluster.name),
        }
    }
}

/// Whoever can be asked for a topic's partitions.
pub(super) trait Metadata {
    /// How many partitions a topic has; `None`: the cluster has no such topic.
    fn count(&self, topic: &str) -> KafkaResult<Option<i32>>;
}

impl<C: rdkafka::ClientContext> Metadata for rdkafka::client::Client<C> {
    fn count(&self, topic: &str) -> KafkaResult<Option<i32>> {
        let metadata = self.fetch_metadata(Some(topic), ANSWER_WITHIN)?;
        let Some(found) = metadata.topics().iter().find(|found| found.name() == topic) else {
            return Ok(None);
        };
        if let Some(error) = found.error() {
            let code = RDKafkaErrorCode::from(error);
            let absent =
                matches!(code, RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic);
            return if absent { Ok(None) } else { Err(KafkaError::MetadataFetch(code)) };
        }
        let count = i32::try_from(found.partitions().len()).unwrap_or(i32::MAX);
        Ok((count > 0).then_some(count))
    }
}

/// An end of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    /// The first offset that is still there.
    Start,
    /// The offset that the next record will have.
    End,
}

/// The offset of that edge of each partition's log. One question for all partitions.
pub(super) fn edges(
    consumer: &BaseConsumer,
    partitions: &[TopicPartition],
    edge: Edge,
) -> KafkaResult<Vec<i64>> {
    let at = match edge {
        Edge::Start => Offset::Beginning,
        Edge::End => Offset::End,
    };
    offsets_at(consumer, partitions, at)?.into_iter().map(|found| found.ok_or_else(no_answer)).collect()
}

/// The first record of each partition at or after that time; `None` where there is none.
pub(super) fn first_since(
    consumer: &BaseConsumer,
    partitions: &[TopicPartition],
    ms: i64,
) -> KafkaResult<Vec<Option<i64>>> {
    offsets_at(consumer, partitions, Offset::Offset(ms.max(0)))
}

/// How far a partition has been written, as the last fetch has shown, open transactions included; `None`: there
/// was none. A transaction that has just begun is seen with the next fetch.
pub(super) fn written(consumer: &BaseConsumer, topic: &str, partition: i32) -> Option<i64> {
    let topic = CString::new(topic).ok()?;
    let (mut low, mut high) = (-1, -1);
    // SAFETY: the client lives as long as the consumer; the pointers are to a string and integers of ours.
    let error = unsafe {
        let client = consumer.client().native_ptr();
        rd_kafka_get_watermark_offsets(client, topic.as_ptr(), partition, &raw mut low, &raw mut high)
    };
    (error == rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0).then_some(high)
}

fn offsets_at(
    consumer: &BaseConsumer,
    partitions: &[TopicPartition],
    at: Offset,
) -> KafkaResult<Vec<Option<i64>>> {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for (topic, partition) in partitions {
        list.add_partition_offset(topic, *partition, at)?;
    }
    let answer = consumer.offsets_for_times(list, ANSWER_WITHIN)?;
    let mut offsets = Vec::with_capacity(partitions.len());
    for (topic, partition) in partitions {
        let found = answer.find_partition(topic, *partition).ok_or_else(no_answer)?;
        found.error()?;
        match found.offset() {
            Offset::Offset(offset) => offsets.push(Some(offset)),
            // "No record at or after that time."
            Offset::End => offsets.push(None),
            Offset::Beginning | Offset::Stored | Offset::Invalid | Offset::OffsetTail(_) => {
                return Err(no_answer());
            }
        }
    }
    Ok(offsets)
}

const fn no_answer() -> KafkaError {
    KafkaError::OffsetFetch(RDKafkaErrorCode::PartitionEOF)
}
