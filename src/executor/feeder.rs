//! A producer as the platform's producers behave: each record goes to any healthy cluster of the
//! group, and to another one if that fails. An ambiguous failure may leave a copy in two clusters,
//! which is what event ids are for (rule S10).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use rdkafka::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};

use super::kafka;
use crate::topology::Cluster;

/// How long a cluster that failed a delivery is left alone.
const SHUNNED_FOR: Duration = Duration::from_secs(3);

/// After this long without an acknowledgement a record is given to another cluster.
const MESSAGE_TIMEOUT_MS: &str = "2500";

/// The world failed the feeder.
#[derive(Debug, thiserror::Error)]
pub enum FeederError {
    #[error("no producer for cluster `{cluster}`: {source}")]
    Client { cluster: String, source: KafkaError },
    #[error(
        "{unacknowledged} records are not acknowledged after {waited:?}; no cluster of the group answers"
    )]
    Deadline { unacknowledged: usize, waited: Duration },
}

/// One record to be fed; kept until some cluster acknowledges it.
#[derive(Debug, Clone)]
pub struct FeedRecord {
    pub topic: String,
    /// `None`: the client chooses, by the key.
    pub partition: Option<i32>,
    pub key: Vec<u8>,
    /// `None`: a tombstone.
    pub payload: Option<Vec<u8>>,
    pub timestamp_ms: i64,
}

/// Producers for all clusters of a group.
pub struct Feeder {
    lanes: Vec<Lane>,
    verdicts: Receiver<Verdict>,
    waiting: BTreeMap<usize, FeedRecord>,
    next: usize,
    /// Records that had to be given to another cluster.
    pub redirected: usize,
}

struct Lane {
    producer: ThreadedProducer<Reports>,
    shunned_until: Option<Instant>,
}

/// What became of one attempt.
struct Verdict {
    record: usize,
    lane: usize,
    delivered: bool,
}

struct Reports {
    lane: usize,
    verdicts: Sender<Verdict>,
}

impl ClientContext for Reports {
    /// A dead broker is an everyday event here; the delivery reports say what matters.
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(lane = self.lane, %error, reason, "feeder");
    }
}

impl ProducerContext for Reports {
    type DeliveryOpaque = Box<usize>;

    fn delivery(&self, result: &DeliveryResult<'_>, record: Self::DeliveryOpaque) {
        // The receiver outlives the producers; a closed channel means the feeder is being dropped.
        let _ = self.verdicts.send(Verdict { record: *record, lane: self.lane, delivered: result.is_ok() });
    }
}

impl Feeder {
    /// # Errors
    /// When a client cannot be built; an unreachable cluster is not an error.
    pub fn new(clusters: &[Cluster]) -> Result<Self, FeederError> {
        let (sender, verdicts) = unbounded();
        let lanes = clusters
            .iter()
            .enumerate()
            .map(|(lane, cluster)| Lane::new(lane, cluster, sender.clone()))
            .collect::<Result<_, _>>()?;
        Ok(Self { lanes, verdicts, waiting: BTreeMap::new(), next: 0, redirected: 0 })
    }

    /// Hands a record to the cluster that `choice` picks among the healthy ones.
    pub fn send(&mut self, record: FeedRecord, choice: usize) {
        let number = self.next;
        self.next += 1;
        self.waiting.insert(number, record);
        self.attempt(number, choice);
    }

    /// Takes in delivery reports, giving failed records to other clusters.
    pub fn poll(&mut self) {
        while let Ok(verdict) = self.verdicts.try_recv() {
            self.take(&verdict);
        }
    }

    /// Waits until every record is acknowledged by some cluster.
    ///
    /// # Errors
    /// After `deadline`, with what is still open.
    pub fn flush(&mut self, deadline: Duration) -> Result<(), FeederError> {
        let began = Instant::now();
        while !self.waiting.is_empty() {
            if began.elapsed() > deadline {
                return Err(FeederError::Deadline { unacknowledged: self.waiting.len(), waited: deadline });
            }
            if let Ok(verdict) = self.verdicts.recv_timeout(Duration::from_millis(50)) {
                self.take(&verdict);
            }
        }
        Ok(())
    }

    fn take(&mut self, verdict: &Verdict) {
        if verdict.delivered {
            self.waiting.remove(&verdict.record);
            return;
        }
        self.lanes[verdict.lane].shunned_until = Some(Instant::now() + SHUNNED_FOR);
        self.redirected += 1;
        self.attempt(verdict.record, verdict.lane + 1);
    }

    /// Tries healthy lanes from `choice` on; if all are shunned, the chosen one all the same.
    fn attempt(&mut self, number: usize, choice: usize) {
        let count = self.lanes.len();
        let now = Instant::now();
        let healthy = (0..count)
            .map(|step| (choice + step) % count)
            .find(|lane| self.lanes[*lane].shunned_until.is_none_or(|until| until <= now));
        let mut lane = healthy.unwrap_or(choice % count);
        let Some(record) = self.waiting.get(&number) else { return };
        while self.lanes[lane].produce(number, record).is_err() {
            // A full queue belongs to a cluster that does not answer: the next one takes it.
            lane = (lane + 1) % count;
            std::thread::yield_now();
        }
    }
}

impl Lane {
    fn new(lane: usize, cluster: &Cluster, verdicts: Sender<Verdict>) -> Result<Self, FeederError> {
        let mut config = kafka::base(cluster);
        config.set("acks", "all").set("linger.ms", "5").set("message.timeout.ms", MESSAGE_TIMEOUT_MS);
        config.set("socket.timeout.ms", "2000").set("reconnect.backoff.max.ms", "500");
        let producer = kafka::with_overrides(config, &cluster.properties)
            .and_then(|config| config.create_with_context(Reports { lane, verdicts }))
            .map_err(|source| FeederError::Client { cluster: cluster.name.clone(), source })?;
        Ok(Self { producer, shunned_until: None })
    }

    fn produce(&self, number: usize, record: &FeedRecord) -> Result<(), RDKafkaErrorCode> {
        let mut message = BaseRecord::with_opaque_to(&record.topic, Box::new(number))
            .key(&record.key)
            .timestamp(record.timestamp_ms);
        message.partition = record.partition;
        message.payload = record.payload.as_ref();
        self.producer
            .send(message)
            .map_err(|(error, _)| error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Unknown))
    }
}

impl Drop for Feeder {
    /// Unacknowledged records of a dead cluster would hold the producers' drop for their timeout.
    fn drop(&mut self) {
        for lane in &self.lanes {
            lane.producer.purge(rdkafka::producer::PurgeConfig::default().queue().inflight());
        }
    }
}
