//! What is fed to a world, and remembered for the oracle.

use std::collections::BTreeSet;

use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use windrow::executor::feeder::{FeedRecord, Feeder};
use windrow::oracle;

use super::{DEADLINE, DISORDER_MS, KEYS, World, now_ms};

/// Records that are not acknowledged yet, at most.
const AT_ONCE: usize = 10_000;

impl World {
    /// Feeds purchases of the last two hours to random clusters, some of them twice, and waits until they are
    /// acknowledged.
    pub(crate) fn feed(&mut self, count: usize) {
        self.feed_to(None, count);
    }

    /// The same, all to a cluster that is not one of the world's.
    pub(crate) fn feed_at(&mut self, bootstrap: &str, count: usize) {
        let mut place = self.begin.clusters[0].clone();
        bootstrap.clone_into(&mut place.bootstrap);
        let feeder = Feeder::new(&[place]).expect("clients can be made");
        let ours = std::mem::replace(&mut self.feeder, feeder);
        for start in (0..count).step_by(AT_ONCE) {
            self.feed_to(Some(0), (count - start).min(AT_ONCE));
        }
        self.feeder = ours;
    }

    /// The same, all to one cluster of ingest.
    pub(crate) fn feed_cluster(&mut self, name: &str, count: usize) {
        let place = self.begin.group("ingest").position(|place| place.name == name);
        for start in (0..count).step_by(AT_ONCE) {
            self.feed_to(place, (count - start).min(AT_ONCE));
        }
    }

    /// Feeds purchases of so many keys from now on.
    pub(crate) fn use_keys(&mut self, keys: u64) {
        self.keys = keys;
    }

    fn feed_to(&mut self, cluster: Option<usize>, count: usize) {
        for _ in 0..count {
            let now = now_ms();
            let random = self.next();
            let ts = now - DISORDER_MS - i64::try_from(random % 7_200_000).unwrap();
            let user = format!("u{}", self.next() % self.keys);
            let cents = self.next() % 100_000;
            let status = if self.next().is_multiple_of(5) { "declined" } else { "settled" };
            let payload = format!(
                r#"{{"purchase_id":"p{random:x}","user_id":"{user}","amount":"{}.{:02}","status":"{status}","ts":{ts}}}"#,
                cents / 100,
                cents % 100
            );
            self.send_to(cluster, "purchases", &user, payload.as_bytes(), now);
            if self.next().is_multiple_of(20) {
                self.send_to(cluster, "purchases", &user, payload.as_bytes(), now);
            }
        }
        self.feeder.flush(DEADLINE).expect("the clusters take records");
    }

    /// Feeds checkouts, each with a purchase around it, and waits until they are acknowledged. Their times are
    /// within a second of `age_ms` ago. Returns their ids.
    pub(crate) fn feed_checkouts(&mut self, count: usize, age_ms: i64) -> BTreeSet<String> {
        let mut ids = BTreeSet::new();
        for _ in 0..count {
            let (now, random) = (now_ms(), self.next());
            let user = format!("u{}", self.next() % KEYS);
            let mut around = || now - age_ms + i64::try_from(self.next() % 1_000).unwrap();
            let (left, right) = (around(), around());
            let id = format!("c{random:x}");
            let payload = format!(r#"{{"checkout_id":"{id}","user_id":"{user}","ts":{left}}}"#);
            self.send("checkouts", &user, payload.as_bytes(), now);
            let payload = format!(
                r#"{{"purchase_id":"q{random:x}","user_id":"{user}","amount":"1.25","status":"settled","ts":{right}}}"#
            );
            self.send("purchases", &user, payload.as_bytes(), now);
            ids.insert(id);
        }
        self.feeder.flush(DEADLINE).expect("the clusters take records");
        ids
    }

    /// A purchase in a transaction that is open: it counts as fed, and comes once the producer commits.
    pub(crate) fn feed_open_transaction(&mut self, cluster: &str) -> BaseProducer {
        let place = self.topology.clusters.iter().find(|place| place.name == cluster).unwrap();
        let producer: BaseProducer = ClientConfig::new()
            .set("bootstrap.servers", &place.bootstrap)
            .set("transactional.id", "somebody")
            .create()
            .expect("a client can be made");
        producer.init_transactions(DEADLINE).unwrap();
        producer.begin_transaction().unwrap();
        let timestamp_ms = now_ms();
        let payload = format!(
            r#"{{"purchase_id":"t1","user_id":"u1","amount":"1.25","status":"settled","ts":{timestamp_ms}}}"#
        );
        let record = BaseRecord::to("shop.purchases").key("u1").payload(&payload).timestamp(timestamp_ms);
        producer.send(record).unwrap();
        producer.flush(DEADLINE).unwrap();
        let fed = oracle::Record::new(payload.into_bytes(), timestamp_ms);
        self.log.entry("purchases".into()).or_default().push(fed);
        producer
    }

    /// Records that nobody has read yet and nobody can: they are written and deleted. Returns their partition and
    /// offsets `from..to`.
    pub(crate) fn lose_records(&self, cluster: &str, count: usize) -> (i32, i64, i64) {
        let place = self.topology.clusters.iter().find(|place| place.name == cluster).unwrap();
        let (topic, partition) = ("shop.purchases", 1);
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &place.bootstrap).set("group.id", "test");
        let producer: BaseProducer = config.create().expect("a client can be made");
        let end = || producer.client().fetch_watermarks(topic, partition, DEADLINE).unwrap().1;
        let from = end();
        for _ in 0..count {
            producer.send(BaseRecord::to(topic).partition(partition).key("u1").payload("{}")).unwrap();
        }
        producer.flush(DEADLINE).unwrap();
        let to = end();
        let mut before = TopicPartitionList::new();
        before.add_partition_offset(topic, partition, Offset::Offset(to)).unwrap();
        let admin: AdminClient<DefaultClientContext> = config.create().expect("a client can be made");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(admin.delete_records(&before, &AdminOptions::new())).unwrap();
        (partition, from, to)
    }

    /// A record that is no purchase.
    pub(crate) fn feed_garbage(&mut self) {
        self.send("purchases", "u0", b"{\"purchase_id\": ", now_ms());
        self.feeder.flush(DEADLINE).expect("the clusters take records");
    }

    fn send(&mut self, source: &str, user: &str, payload: &[u8], timestamp_ms: i64) {
        self.send_to(None, source, user, payload, timestamp_ms);
    }

    /// `None`: to any.
    fn send_to(
        &mut self,
        cluster: Option<usize>,
        source: &str,
        user: &str,
        payload: &[u8],
        timestamp_ms: i64,
    ) {
        let record = FeedRecord {
            topic: format!("shop.{source}"),
            key: user.as_bytes().to_vec(),
            partition: None,
            payload: Some(payload.to_vec()),
            timestamp_ms,
        };
        let choice = usize::try_from(self.next() % 3).unwrap();
        self.feeder.send(record, cluster.unwrap_or(choice));
        let fed = oracle::Record::new(payload.to_vec(), timestamp_ms);
        self.log.entry(source.into()).or_default().push(fed);
    }

    /// The same purchases in every run.
    pub(super) fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.random)
    }
}

/// Splitmix64: an even number for each.
pub(super) const fn mixed(number: u64) -> u64 {
    let mut z = number;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
