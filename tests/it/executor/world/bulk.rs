//! Purchases by the million: nobody remembers them, as each follows from its number.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rdkafka::ClientConfig;
use rdkafka::producer::{Producer as _, ThreadedProducer};

use super::load::{Reports, send};
use super::{DEADLINE, World, mixed, now_ms};

/// The time over which they are spread, and how long ago it ended: an hour ago the first of them was, so that each key
/// soon has one that leaves a window of an hour.
const SPREAD_MS: u64 = 3_540_000;
const AGO_MS: i64 = 60_000;

impl World {
    /// The key of a purchase.
    pub(crate) fn bulk_key(number: u64, keys: u64) -> String {
        format!("b{}", mixed(number) % keys)
    }

    /// Feeds the purchases with these numbers to all clusters of ingest, as fast as they take them. They are not
    /// among what was fed: the test knows what they come to.
    pub(crate) fn feed_bulk(&self, numbers: Range<u64>, keys: u64) {
        let acknowledged: Arc<AtomicU64> = Arc::default();
        let clusters = self.topology.group("ingest");
        let lanes: Vec<_> = clusters.map(|place| producer(&place.bootstrap, &acknowledged)).collect();
        let (from, count) = (numbers.start, numbers.end - numbers.start);
        let begin = now_ms() - AGO_MS - i64::try_from(SPREAD_MS).unwrap();
        for number in numbers {
            let ts = begin + i64::try_from((number - from) * SPREAD_MS / count).unwrap();
            let lane = &lanes[usize::try_from(number).unwrap() % lanes.len()];
            send(lane, &Self::bulk_key(number, keys), &payload(number, keys, ts), ts);
        }
        for lane in &lanes {
            lane.flush(DEADLINE).expect("the cluster takes what it was sent");
        }
        assert_eq!(acknowledged.load(Ordering::Relaxed), count, "all is acknowledged");
    }

    /// Feeds one of them, of now. Returns its time.
    pub(crate) fn feed_one(&self, number: u64, keys: u64) -> i64 {
        let place = self.topology.group("ingest").next().expect("there are clusters");
        let (producer, ts) = (producer(&place.bootstrap, &Arc::default()), now_ms());
        send(&producer, &Self::bulk_key(number, keys), &payload(number, keys, ts), ts);
        producer.flush(DEADLINE).expect("the cluster takes what it was sent");
        ts
    }
}

fn payload(number: u64, keys: u64, ts: i64) -> Vec<u8> {
    let (key, random) = (World::bulk_key(number, keys), mixed(number ^ 0x5bd1));
    let (id, units, cents) = (mixed(random), random % 1_000, random / 1_000 % 90 + 10);
    let text = format!(
        r#"{{"purchase_id":"p{id:x}","user_id":"{key}","amount":"{units}.{cents}","status":"settled","ts":{ts}}}"#
    );
    text.into_bytes()
}

/// For speed: large batches, and much that is not acknowledged yet.
fn producer(bootstrap: &str, acknowledged: &Arc<AtomicU64>) -> ThreadedProducer<Reports> {
    ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("enable.idempotence", "true")
        .set("linger.ms", "20")
        .set("batch.num.messages", "10000")
        .set("queue.buffering.max.messages", "200000")
        .set("message.timeout.ms", "120000")
        .create_with_context(Reports(Arc::clone(acknowledged)))
        .expect("a client can be made")
}
