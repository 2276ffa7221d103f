//! A load that nobody slows down, and readers of what comes of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};
use rdkafka::{ClientConfig, ClientContext, Offset, TopicPartitionList};
use windrow::oracle;

use super::super::freshness::{Arrival, Included, Offered, included};
use super::{DEADLINE, TOPIC, World, now_ms, until};

/// Purchases at a fixed rate. Each is due by the clock, and is sent when it is due or as soon after that as
/// this machine can.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Offered>>,
    acknowledged: Arc<AtomicU64>,
}

/// What a load sends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate<'a> {
    /// In turn. Each has keys of its own, so that a key's events stay in their order.
    pub(crate) clusters: &'a [&'a str],
    pub(crate) keys_per_cluster: u64,
    pub(crate) per_second: u64,
}

/// Counts what was acknowledged.
pub(super) struct Reports(pub(super) Arc<AtomicU64>);

impl ClientContext for Reports {}

impl ProducerContext for Reports {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): Self::DeliveryOpaque) {
        self.0.fetch_add(u64::from(result.is_ok()), Ordering::Relaxed);
    }
}

/// One cluster that is sent to.
struct Lane {
    cluster: String,
    producer: ThreadedProducer<Reports>,
}

impl World {
    pub(crate) fn start_load(&self, rate: Rate<'_>) -> Load {
        let (stop, acknowledged): (Arc<AtomicBool>, Arc<AtomicU64>) = Default::default();
        let lane = |name: &&str| {
            let place = self.topology.clusters.iter().find(|place| place.name == *name).unwrap();
            let producer = producer(&place.bootstrap, &acknowledged);
            Lane { cluster: (*name).to_owned(), producer }
        };
        let lanes: Vec<_> = rate.clusters.iter().map(lane).collect();
        let (keys, per_second, over) = (rate.keys_per_cluster, rate.per_second, Arc::clone(&stop));
        let thread = std::thread::spawn(move || offer(&lanes, keys, per_second, &over));
        Load { stop, thread, acknowledged }
    }

    /// Ends a load. Everything that was offered has been acknowledged, once, when this returns.
    pub(crate) fn end_load(&mut self, load: Load) -> Vec<Offered> {
        load.stop.store(true, Ordering::Relaxed);
        let offered = load.thread.join().expect("the load is sent");
        assert_eq!(load.acknowledged.load(Ordering::Relaxed), offered.len() as u64, "all is acknowledged");
        let records =
            offered.iter().map(|offered| oracle::Record::new(offered.payload.clone(), offered.due_ms));
        self.log.entry("purchases".into()).or_default().extend(records);
        offered
    }

    /// Reads every region's rows as they come, from now on.
    pub(crate) fn read_on(&self) -> Readers {
        let mut readers = Readers { stop: Arc::default(), regions: BTreeMap::new(), threads: Vec::new() };
        for place in self.topology.group("serving") {
            let arrivals = Arc::clone(readers.regions.entry(place.region.clone()).or_default());
            let (consumer, stop) = (reader(&place.bootstrap), Arc::clone(&readers.stop));
            readers.threads.push(std::thread::spawn(move || read(&consumer, &arrivals, &stop)));
        }
        readers
    }
}

/// Idempotent, and patient: no event is sent twice, and none to another cluster.
fn producer(bootstrap: &str, acknowledged: &Arc<AtomicU64>) -> ThreadedProducer<Reports> {
    ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("enable.idempotence", "true")
        .set("linger.ms", "2")
        .set("message.timeout.ms", "120000")
        .create_with_context(Reports(Arc::clone(acknowledged)))
        .expect("a client can be made")
}

fn offer(lanes: &[Lane], keys: u64, per_second: u64, over: &AtomicBool) -> Vec<Offered> {
    let (begin_us, mut all) = (now_ms() * 1_000, Vec::new());
    for number in 0_u64.. {
        let due_ms = (begin_us + i64::try_from(number * 1_000_000 / per_second).unwrap()) / 1_000;
        while let Ok(early @ 1..) = u64::try_from(due_ms - now_ms()) {
            std::thread::sleep(Duration::from_millis(early));
        }
        if over.load(Ordering::Relaxed) {
            break;
        }
        let (turn, lane) = (number / lanes.len() as u64, usize::try_from(number).unwrap() % lanes.len());
        let key = format!("{}-{}", lanes[lane].cluster, turn % keys);
        let cents = number % 90 + 10;
        let payload = format!(
            r#"{{"purchase_id":"{key}-{number}","user_id":"{key}","amount":"1.{cents}","status":"settled","ts":{due_ms}}}"#
        );
        let offered = Offered { key, due_ms, payload: payload.into_bytes() };
        send(&lanes[lane].producer, &offered.key, &offered.payload, due_ms);
        all.push(offered);
    }
    for lane in lanes {
        lane.producer.flush(DEADLINE).expect("the cluster takes what it was sent");
    }
    all
}

pub(super) fn send(producer: &ThreadedProducer<Reports>, key: &str, payload: &[u8], timestamp_ms: i64) {
    let mut record = BaseRecord::to("shop.purchases").key(key).payload(payload).timestamp(timestamp_ms);
    // Full: it is late, which counts.
    while let Err((_, back)) = producer.send(record) {
        record = back;
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// Rows of one region, from several clusters.
type Arrivals = Arc<Mutex<Vec<Arrival>>>;

/// A thread per cluster that notes when each row came.
pub(crate) struct Readers {
    stop: Arc<AtomicBool>,
    regions: BTreeMap<String, Arrivals>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Rows of a region so far.
    pub(crate) fn arrivals(&self, region: &str) -> Vec<Arrival> {
        self.regions[region].lock().unwrap().clone()
    }

    /// Waits until every region has rows that include every event. Returns what became of each, by region.
    pub(crate) fn await_all(&self, offered: &[Offered]) -> BTreeMap<String, Vec<Included>> {
        let find = |region: &String| {
            until(&format!("{region} has every event"), || {
                let found = included(offered, &self.arrivals(region));
                let is_whole = found.iter().all(|event| event.at_ms.is_some());
                if !is_whole {
                    std::thread::sleep(Duration::from_millis(300));
                }
                is_whole.then_some(found)
            })
        };
        self.regions.keys().map(|region| (region.clone(), find(region))).collect()
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "a reader has failed");
        }
    }
}

/// Stands at the end of each partition.
fn reader(bootstrap: &str) -> BaseConsumer {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "arrivals")
        .set("fetch.wait.max.ms", "100")
        .create()
        .expect("a client can be made");
    let mut list = TopicPartitionList::new();
    for partition in 0..3 {
        let (_, end) = consumer.fetch_watermarks(TOPIC, partition, DEADLINE).expect("the cluster answers");
        list.add_partition_offset(TOPIC, partition, Offset::Offset(end)).unwrap();
    }
    consumer.assign(&list).unwrap();
    consumer
}

fn read(consumer: &BaseConsumer, arrivals: &Mutex<Vec<Arrival>>, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(50)) else { continue };
        let (at_ms, Some(payload)) = (now_ms(), message.payload()) else { continue };
        let row: serde_json::Value = serde_json::from_slice(payload).expect("a row is JSON");
        let Some(newest_ms) = row["newest_24h"].as_i64() else { continue };
        let key = String::from_utf8(message.key().unwrap_or_default().to_vec()).expect("a key is text");
        let events = row["txns_24h"].as_u64().expect("a count");
        let lease = super::rows::version_of(&message).lease;
        arrivals.lock().unwrap().push(Arrival { key, newest_ms, events, lease, at_ms });
    }
}
