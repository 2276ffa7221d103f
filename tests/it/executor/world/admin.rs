//! What an administrator does to topics.

use std::collections::BTreeMap;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, NewPartitions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use windrow::wire;

use super::{DEADLINE, TOPIC, World, until};
use crate::support::reserve::{options, wait};

const PURCHASES: &str = "shop.purchases";
const PARTITIONS: i32 = 2;

impl World {
    fn config(&self, cluster: &str) -> ClientConfig {
        let place = self.topology.clusters.iter().find(|place| place.name == cluster).unwrap();
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &place.bootstrap).set("group.id", "test");
        config
    }

    fn admin(&self, cluster: &str) -> AdminClient<DefaultClientContext> {
        self.config(cluster).create().expect("a client can be made")
    }

    /// The topic that is fed gets more partitions.
    pub(crate) fn add_partitions(&mut self, cluster: &str, count: i32) {
        if self.cluster(cluster).grow(TOPIC, count) {
            return;
        }
        let count = usize::try_from(count).unwrap();
        let (admin, more) = (self.admin(cluster), [NewPartitions::new(TOPIC, count)]);
        for result in wait(admin.create_partitions(&more, &options())).unwrap() {
            result.unwrap();
        }
    }

    /// The topic of purchases is deleted, and made as it was.
    pub(crate) fn make_again(&self, cluster: &str) {
        self.delete_topic(cluster, PURCHASES);
        self.make_topic(cluster, PURCHASES, PARTITIONS);
        // A client that still knows the old topic would feed it.
        until("it is empty", || {
            let consumer: BaseConsumer = self.config(cluster).create().ok()?;
            let end = |partition| consumer.fetch_watermarks(PURCHASES, partition, DEADLINE).ok();
            (0..PARTITIONS).all(|partition| end(partition) == Some((0, 0))).then_some(())
        });
    }

    pub(crate) fn delete_topic(&self, cluster: &str, topic: &str) {
        for result in wait(self.admin(cluster).delete_topics(&[topic], &options())).unwrap() {
            result.unwrap();
        }
    }

    pub(crate) fn make_topic(&self, cluster: &str, topic: &str, partitions: i32) {
        let (admin, topic) =
            (self.admin(cluster), [NewTopic::new(topic, partitions, TopicReplication::Fixed(1))]);
        until("the topic is made", || {
            let results = wait(admin.create_topics(&topic, &options())).ok()?;
            results.iter().all(Result::is_ok).then_some(())
        });
    }

    /// The ends of the topic of purchases, by partition.
    pub(crate) fn ends_of(&self, cluster: &str) -> Vec<i64> {
        let consumer: BaseConsumer = self.config(cluster).create().expect("a client can be made");
        let end = |partition| consumer.fetch_watermarks(PURCHASES, partition, DEADLINE).unwrap().1;
        (0..PARTITIONS).map(end).collect()
    }

    /// The newest row of each key in a cluster's log, and its partition.
    pub(crate) fn newest_of(&self, cluster: &str) -> BTreeMap<Vec<u8>, (wire::Version, i32)> {
        let mut newest = BTreeMap::new();
        for (key, version, partition) in self.log_of_cluster(cluster) {
            let known = newest.entry(key).or_insert((version, partition));
            *known = (*known).max((version, partition));
        }
        newest
    }
}
