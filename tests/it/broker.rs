//! The embedded cluster, seen by librdkafka: what was acknowledged is there again after a kill, and a client
//! lives through kill and freeze.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test: it has deadlines, and a failure is a panic"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::{ClientContext, Offset, TopicPartitionList};

use crate::support::cluster::{Cluster, DEADLINE, command, until};

const TOPIC: &str = "events";
/// A Monday long ago: timestamps must not depend on the clock.
const BASE_MS: i64 = 1_600_000_000_000;
const CALL: Duration = Duration::from_secs(10);

#[test]
fn acknowledged_records_are_back_after_a_kill_with_their_offsets_and_timestamps() {
    let dir = tempfile::tempdir().unwrap();
    let mut cluster = Cluster::start(dir.path(), &["events:3"]);
    let producer = Sender::new(&cluster, &[]);
    (0..1_000).for_each(|n| producer.send(n));
    let sent = producer.acknowledged(1_000);
    let before = read(&reader(&cluster, &[0, 1, 2]), 1_000);
    cluster.kill();
    cluster.restart();
    let after = read(&reader(&cluster, &[0, 1, 2]), 1_000);
    assert_eq!(before, after);
    for ((partition, offset), value) in sent {
        let record = &after[&(partition, offset)];
        assert_eq!(record.value, value);
        assert_eq!(record.timestamp, BASE_MS + value.parse::<i64>().unwrap());
        assert_eq!(record.header.as_deref(), Some(value.as_bytes()));
    }
}

#[test]
fn clients_go_on_after_a_kill_and_nothing_acknowledged_is_lost_or_doubled() {
    let dir = tempfile::tempdir().unwrap();
    let mut cluster = Cluster::start(dir.path(), &["events:2"]);
    let producer = Sender::new(&cluster, &[("enable.idempotence", "true"), ("linger.ms", "1")]);
    let consumer = reader(&cluster, &[0, 1]);
    let mut got = BTreeMap::new();
    for round in 0..4 {
        (0..500).for_each(|n| producer.send(round * 500 + n));
        // Somewhere between the first acknowledgement and the last.
        until("some acknowledgements", || {
            (producer.count() > usize::try_from(round * 500).unwrap()).then_some(())
        });
        cluster.kill();
        cluster.restart();
    }
    let sent = producer.acknowledged(2_000);
    read_into(&mut got, &consumer, 2_000);
    assert_eq!(got.len(), 2_000, "an idempotent producer writes each record once");
    assert!(sent.iter().all(|(at, value)| got[at].value == *value));
}

#[test]
fn a_frozen_cluster_answers_nobody_and_goes_on_when_thawed() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(dir.path(), &["events:1"]);
    let producer = Sender::new(&cluster, &[]);
    let consumer = reader(&cluster, &[0]);
    let mut got = BTreeMap::new();
    (0..10).for_each(|n| producer.send(n));
    read_into(&mut got, &consumer, 10);
    cluster.freeze();
    let failed = consumer.fetch_watermarks(TOPIC, 0, Duration::from_millis(500));
    assert!(failed.is_err(), "{failed:?}");
    (10..20).for_each(|n| producer.send(n));
    cluster.thaw();
    producer.acknowledged(20);
    read_into(&mut got, &consumer, 20);
}

#[test]
fn times_are_looked_up_to_the_record_also_in_compressed_batches() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(dir.path(), &["events:1"]);
    let codecs = ["none", "snappy", "lz4"];
    for (round, codec) in (0..).zip(codecs) {
        let producer = Sender::new(&cluster, &[("compression.type", codec), ("linger.ms", "200")]);
        (round * 100..(round + 1) * 100).for_each(|n| producer.send(n));
        producer.acknowledged(100);
    }
    let consumer = reader(&cluster, &[0]);
    assert_eq!(consumer.fetch_watermarks(TOPIC, 0, CALL).unwrap(), (0, 300));
    for offset in [0, 1, 57, 99, 100, 142, 199, 200, 271, 299] {
        assert_eq!(offset_at(&consumer, BASE_MS + offset), Offset::Offset(offset));
    }
    assert_eq!(offset_at(&consumer, 0), Offset::Offset(0));
    assert_eq!(offset_at(&consumer, BASE_MS + 300), Offset::End);
}

#[test]
fn a_gap_at_the_start_of_the_log_is_an_error_and_stays_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let mut cluster = Cluster::start(dir.path(), &["events:1"]);
    let producer = Sender::new(&cluster, &[("linger.ms", "100")]);
    (0..50).for_each(|n| producer.send(n));
    producer.acknowledged(50);
    let mut until_offset = TopicPartitionList::new();
    until_offset.add_partition_offset(TOPIC, 0, Offset::Offset(20)).unwrap();
    block_on(admin(&cluster).delete_records(&until_offset, &AdminOptions::new())).unwrap();
    for _ in 0..2 {
        let consumer = reader(&cluster, &[0]);
        let error = until("an error about the gap", || match consumer.poll(Duration::from_millis(100)) {
            Some(Err(error)) => Some(error),
            _ => None,
        });
        assert_eq!(error.rdkafka_error_code(), Some(RDKafkaErrorCode::AutoOffsetReset), "{error}");
        assert_eq!(consumer.fetch_watermarks(TOPIC, 0, CALL).unwrap(), (20, 50));
        assert_eq!(offset_at(&consumer, BASE_MS + 3), Offset::Offset(20));
        cluster.kill();
        cluster.restart();
    }
}

#[test]
fn the_end_of_a_partition_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(dir.path(), &["events:1"]);
    let producer = Sender::new(&cluster, &[]);
    let consumer = reader(&cluster, &[0]);
    for n in 0..2 {
        producer.send(n);
        let mut seen = 0;
        until("a record, then the end of the partition", || {
            match consumer.poll(Duration::from_millis(100)) {
                Some(Ok(_)) => {
                    seen += 1;
                    None
                }
                Some(Err(KafkaError::PartitionEOF(0))) => (seen == 1).then_some(()),
                Some(Err(error)) => panic!("{error}"),
                None => None,
            }
        });
    }
}

#[test]
fn topics_and_committed_offsets_are_back_after_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let mut cluster = Cluster::start(dir.path(), &["events:1"]);
    let topics = [
        NewTopic::new("made", 4, TopicReplication::Fixed(1)),
        NewTopic::new("gone", 1, TopicReplication::Fixed(1)),
    ];
    block_on(admin(&cluster).create_topics(&topics, &AdminOptions::new()))
        .unwrap()
        .into_iter()
        .for_each(|made| drop(made.unwrap()));
    block_on(admin(&cluster).delete_topics(&["gone"], &AdminOptions::new())).unwrap();
    let mut positions = TopicPartitionList::new();
    positions.add_partition_offset("made", 3, Offset::Offset(17)).unwrap();
    reader(&cluster, &[0]).commit(&positions, CommitMode::Sync).unwrap();
    cluster.kill();
    cluster.restart();
    let consumer = reader(&cluster, &[0]);
    let metadata = consumer.fetch_metadata(None, CALL).unwrap();
    let mut found: Vec<_> =
        metadata.topics().iter().map(|topic| (topic.name(), topic.partitions().len())).collect();
    found.sort_unstable();
    assert_eq!(found, [("events", 1), ("made", 4)]);
    let mut asked = TopicPartitionList::new();
    asked.add_partition("made", 3);
    let committed = consumer.committed_offsets(asked, CALL).unwrap();
    assert_eq!(committed.elements()[0].offset(), Offset::Offset(17));
}

#[test]
fn a_topic_that_is_deleted_and_created_again_is_empty() {
    let dir = tempfile::tempdir().unwrap();
    let mut cluster = Cluster::start(dir.path(), &["events:1"]);
    let producer = Sender::new(&cluster, &[]);
    (0..5).for_each(|n| producer.send(n));
    producer.acknowledged(5);
    block_on(admin(&cluster).delete_topics(&[TOPIC], &AdminOptions::new())).unwrap();
    cluster.kill();
    cluster.restart();
    assert_eq!(reader(&cluster, &[0]).fetch_watermarks(TOPIC, 0, CALL).unwrap(), (0, 0));
}

#[test]
fn a_torn_tail_is_cut_off_and_what_came_before_it_stays() {
    let dir = tempfile::tempdir().unwrap();
    let mut cluster = Cluster::start(dir.path(), &["events:1"]);
    let producer = Sender::new(&cluster, &[("linger.ms", "0"), ("batch.num.messages", "1")]);
    (0..20).for_each(|n| producer.send(n));
    producer.acknowledged(20);
    cluster.kill();
    let log = partition_file(dir.path());
    let length = log.metadata().unwrap().len();
    log.set_len(length - 5).unwrap();
    cluster.restart();
    assert_eq!(read(&reader(&cluster, &[0]), 19).len(), 19);
    producer.send(20);
    // The offset of the torn record is given out again.
    assert_eq!(producer.acknowledged(20)[&(0, 19)], "20");
    assert_eq!(read(&reader(&cluster, &[0]), 20)[&(0, 19)].value, "20");
}

#[test]
fn it_ends_cleanly_on_sigterm_and_with_its_parent() {
    let dir = tempfile::tempdir().unwrap();
    let mut cluster = Cluster::start(dir.path(), &["events:1"]);
    assert!(cluster.terminate().success());
    cluster.restart();
    assert!(cluster.abandon().success());
}

#[test]
fn a_folder_is_open_in_one_process_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let _cluster = Cluster::start(dir.path(), &["events:1"]);
    let second = command(dir.path(), 0, &[]).stderr(std::process::Stdio::piped()).output().unwrap();
    assert!(!second.status.success());
    let message = String::from_utf8(second.stderr).unwrap();
    assert!(message.contains("in use by another process"), "{message}");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let output = command(dir.path(), port, &[]).stderr(std::process::Stdio::piped()).output().unwrap();
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains(&format!("cannot listen on 127.0.0.1:{port}")), "{message}");
}

/// The floor is far below what a free machine does (some 100,000 a second): it is there to catch work that
/// grows with the log.
#[test]
fn many_small_records_pass_quickly_also_behind_a_long_log() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(dir.path(), &["events:4"]);
    let producer = Sender::new(&cluster, &[("linger.ms", "2"), ("batch.num.messages", "20")]);
    let readers: Vec<_> = (0..3).map(|_| reader(&cluster, &[0, 1, 2, 3])).collect();
    let start = Instant::now();
    (0..100_000).for_each(|n| producer.send(n));
    producer.acknowledged(100_000);
    for consumer in &readers {
        let mut seen = 0;
        while seen < 100_000 {
            assert!(start.elapsed() < DEADLINE, "waited {DEADLINE:?} for 100,000 records, got {seen}");
            seen += usize::from(matches!(consumer.poll(Duration::from_millis(100)), Some(Ok(_))));
        }
    }
}

/// A record as a consumer sees it.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    value: String,
    timestamp: i64,
    header: Option<Vec<u8>>,
}

type Acknowledged = Arc<Mutex<BTreeMap<(i32, i64), String>>>;

/// A producer that remembers what was acknowledged, and where.
struct Sender {
    producer: BaseProducer<Context>,
    acknowledged: Acknowledged,
}

struct Context(Acknowledged);

impl ClientContext for Context {}

impl ProducerContext for Context {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let message = result.as_ref().unwrap_or_else(|(error, _)| panic!("{error}"));
        let value = String::from_utf8(message.payload().unwrap().to_vec()).unwrap();
        self.0.lock().unwrap().insert((message.partition(), message.offset()), value);
    }
}

impl Sender {
    fn new(cluster: &Cluster, settings: &[(&str, &str)]) -> Self {
        let acknowledged = Acknowledged::default();
        let mut config = config(cluster);
        config.set("acks", "all").set("message.timeout.ms", "30000").set("partitioner", "murmur2_random");
        for (key, value) in settings {
            config.set(*key, *value);
        }
        let producer = config.create_with_context(Context(Arc::clone(&acknowledged))).unwrap();
        Self { producer, acknowledged }
    }

    /// Sends the number as key, value and header, with a timestamp to match.
    fn send(&self, number: i64) {
        let (key, value) = (number.to_string(), number.to_string());
        let headers = OwnedHeaders::new().insert(Header { key: "n", value: Some(&value) });
        let mut record =
            BaseRecord::to(TOPIC).key(&key).payload(&value).timestamp(BASE_MS + number).headers(headers);
        while let Err((error, back)) = self.producer.send(record) {
            assert_eq!(error.rdkafka_error_code(), Some(RDKafkaErrorCode::QueueFull), "{error}");
            self.producer.poll(Duration::from_millis(10));
            record = back;
        }
    }

    fn count(&self) -> usize {
        self.producer.poll(Duration::ZERO);
        self.acknowledged.lock().unwrap().len()
    }

    /// Waits until this many are acknowledged.
    fn acknowledged(&self, count: usize) -> BTreeMap<(i32, i64), String> {
        self.producer.flush(DEADLINE).unwrap();
        until("all acknowledgements", || (self.count() == count).then_some(()));
        self.acknowledged.lock().unwrap().clone()
    }
}

fn config(cluster: &Cluster) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", cluster.bootstrap());
    config.set("reconnect.backoff.ms", "20").set("reconnect.backoff.max.ms", "200");
    config
}

/// A consumer that is assigned these partitions from offset 0.
fn reader(cluster: &Cluster, partitions: &[i32]) -> BaseConsumer {
    let mut config = config(cluster);
    config.set("group.id", "readers").set("enable.auto.commit", "false");
    config.set("auto.offset.reset", "error").set("enable.partition.eof", "true");
    let consumer: BaseConsumer = config.create().unwrap();
    let mut assignment = TopicPartitionList::new();
    for &partition in partitions {
        assignment.add_partition_offset(TOPIC, partition, Offset::Offset(0)).unwrap();
    }
    consumer.assign(&assignment).unwrap();
    consumer
}

fn read(consumer: &BaseConsumer, count: usize) -> BTreeMap<(i32, i64), Seen> {
    let mut got = BTreeMap::new();
    read_into(&mut got, consumer, count);
    got
}

/// Reads until there are `count` records in all. Errors of a connection are part of the story; those of a
/// partition are not.
fn read_into(got: &mut BTreeMap<(i32, i64), Seen>, consumer: &BaseConsumer, count: usize) {
    until("records", || {
        while let Some(message) = consumer.poll(Duration::from_millis(50)) {
            match message {
                Ok(message) => {
                    let value = String::from_utf8(message.payload().unwrap().to_vec()).unwrap();
                    let header =
                        message.headers().and_then(|headers| headers.get(0).value.map(<[u8]>::to_vec));
                    let timestamp = message.timestamp().to_millis().unwrap();
                    let earlier = got
                        .insert((message.partition(), message.offset()), Seen { value, timestamp, header });
                    assert!(earlier.is_none(), "an offset came twice");
                }
                Err(
                    KafkaError::PartitionEOF(_)
                    | KafkaError::MessageConsumption(
                        RDKafkaErrorCode::BrokerTransportFailure
                        | RDKafkaErrorCode::AllBrokersDown
                        | RDKafkaErrorCode::OperationTimedOut,
                    ),
                ) => {}
                Err(error) => panic!("{error}"),
            }
        }
        (got.len() >= count).then_some(())
    });
}

fn offset_at(consumer: &BaseConsumer, timestamp: i64) -> Offset {
    let mut asked = TopicPartitionList::new();
    asked.add_partition_offset(TOPIC, 0, Offset::Offset(timestamp)).unwrap();
    consumer.offsets_for_times(asked, CALL).unwrap().elements()[0].offset()
}

fn admin(cluster: &Cluster) -> AdminClient<DefaultClientContext> {
    config(cluster).create().unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn partition_file(dir: &Path) -> std::fs::File {
    let topic = std::fs::read_dir(dir.join("topics")).unwrap().next().unwrap().unwrap();
    std::fs::File::options().write(true).open(topic.path().join("0.log")).unwrap()
}
