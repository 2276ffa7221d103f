//! One cluster's producer: rows go in with a token, outcomes come back with it.

use crossbeam_channel::Sender;
use rdkafka::ClientContext;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, ProducerContext, ThreadedProducer};

use super::super::kafka;
use super::super::letter::Letter;
use super::super::tables::Entry;
use super::handle::DEAD_LETTERS;
use crate::topology::Cluster;
use crate::wire;

/// Numbers what is on its way.
pub(super) type Token = usize;

/// What became of a row.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) cluster: usize,
    pub(super) token: Token,
    pub(super) result: Result<(), RDKafkaErrorCode>,
}

/// The producer of one cluster.
pub(super) struct Producer {
    inner: ThreadedProducer<Outcomes>,
}

/// Where outcomes go. The channel is unbounded because the client's thread must never wait; what is on its
/// way is bounded by the region's window.
struct Outcomes {
    cluster: usize,
    out: Sender<Outcome>,
}

impl ClientContext for Outcomes {
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "producer");
    }
}

impl ProducerContext for Outcomes {
    type DeliveryOpaque = Token;

    fn delivery(&self, delivery: &DeliveryResult<'_>, token: Token) {
        let result = match delivery {
            Ok(_) => Ok(()),
            Err((error, _)) => Err(error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail)),
        };
        // The region's thread may have ended: then nobody waits for it.
        let _ = self.out.send(Outcome { cluster: self.cluster, token, result });
    }
}

impl Producer {
    pub(super) fn new(cluster: usize, wiring: &Cluster, out: Sender<Outcome>) -> KafkaResult<Self> {
        let inner = kafka::producer(wiring, Outcomes { cluster, out })?;
        Ok(Self { inner })
    }

    /// Hands a row to the client.
    pub(super) fn send(
        &self,
        topic: &str,
        partition: i32,
        fingerprint: &str,
        entry: &Entry,
        token: Token,
    ) -> Result<(), RDKafkaErrorCode> {
        if entry.publish == DEAD_LETTERS {
            return self.send_letter(topic, partition, entry, token);
        }
        let mut record = BaseRecord::with_opaque_to(topic, token)
            .partition(partition)
            .key(entry.key.as_slice())
            .headers(headers(entry, fingerprint));
        if let Some(payload) = &entry.payload {
            record = record.payload(payload.as_slice());
        }
        self.hand_over(record)
    }

    /// A dead letter looks like the record it was, with headers that say where it comes from and why.
    fn send_letter(
        &self,
        topic: &str,
        partition: i32,
        entry: &Entry,
        token: Token,
    ) -> Result<(), RDKafkaErrorCode> {
        let letter = entry.payload.as_deref().and_then(|text| serde_json::from_slice::<Letter>(text).ok());
        let letter = letter.expect("the outbox holds what this program wrote");
        let mut headers = OwnedHeaders::new();
        for (name, value) in letter.topic_headers() {
            headers = headers.insert(Header { key: &name, value: value.as_ref() });
        }
        let mut record = BaseRecord::with_opaque_to(topic, token)
            .partition(partition)
            .payload(letter.payload.0.as_slice())
            .headers(headers);
        if let Some(key) = &letter.key {
            record = record.key(key.0.as_slice());
        }
        self.hand_over(record)
    }

    fn hand_over(&self, record: BaseRecord<'_, [u8], [u8], Token>) -> Result<(), RDKafkaErrorCode> {
        self.inner
            .send(record)
            .map_err(|(error, _)| error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail))
    }
}

fn headers(entry: &Entry, fingerprint: &str) -> OwnedHeaders {
    let mut headers = OwnedHeaders::new();
    let of_entry = wire::Headers { version: entry.version, as_of: entry.as_of, plan: fingerprint.to_owned() };
    for (key, value) in of_entry.encode() {
        headers = headers.insert(Header { key, value: Some(&value) });
    }
    headers
}
