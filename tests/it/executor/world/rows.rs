//! The join's rows against the oracle, and the records of a log as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use windrow::model::JoinId;
use windrow::types::Field;
use windrow::{oracle, wire};

use super::{DEADLINE, TOPIC, World, now_ms, until};
use crate::support::binary::{Run, windrow};

impl World {
    /// The join's rows in every region are the oracle's of these left events, one each, cell by cell.
    pub(crate) fn assert_joined_rows_are_right(&self, ids: &BTreeSet<String>) {
        let view = self.joined();
        assert_eq!((view.conflicts, view.foreign, &view.unreachable), (0, 0, &Vec::new()), "{view:?}");
        let keys: usize = view.regions.values().map(BTreeMap::len).sum();
        assert_eq!(view.records - view.repeats, keys as u64, "a left event has one row, never a second");
        let join = &self.model.joins[0];
        let mut fields: Vec<_> = self
            .model
            .sources
            .iter()
            .find(|source| source.name == "checkouts")
            .unwrap()
            .fields
            .iter()
            .map(|field| field.field.clone())
            .collect();
        let aggregates = self.model.group_bys[0].aggregates.iter();
        fields.extend(
            aggregates
                .map(|a| Field::new(format!("{}_{}", join.parts[0].alias, a.column), a.output, a.nullable)),
        );
        let mut expected = oracle::join_table(&self.model, JoinId(0), &self.log, i64::MAX);
        expected.rows.retain(|key, _| ids.contains(&key.0[0].to_string()));
        assert_eq!(expected.rows.len(), ids.len());
        for region in ["west", "east"] {
            let mut actual = expected.emptied();
            for (key, row) in &view.regions[region] {
                let key = wire::decode_key(&[windrow::types::DataType::String], key).unwrap();
                let value = row.value.as_ref().expect("a left event's row is never taken back");
                actual.add(key, wire::decode_row(&fields, value).unwrap());
            }
            let comparison = oracle::compare(&expected, &actual);
            assert!(comparison.is_equal(), "{region}: {comparison}");
        }
    }

    /// A record of any bytes, with a header.
    pub(crate) fn feed_payload(&mut self, payload: &[u8]) {
        let places = self.topology.group("ingest").map(|place| place.bootstrap.clone()).collect::<Vec<_>>();
        let choice = usize::try_from(self.next()).unwrap_or_default() % places.len();
        send_with_header(&places[choice], "shop.purchases", b"u0", payload, ("trace", "abc"));
        let fed = oracle::Record::new(payload.to_vec(), now_ms());
        self.log.entry("purchases".into()).or_default().push(fed);
    }

    /// A record that is nobody's: the version of a key's newest row in a cluster, with another payload.
    pub(crate) fn forge(&self, cluster: &str) {
        let place = self.topology.clusters.iter().find(|place| place.name == cluster).unwrap();
        let rows = self.view_of_cluster(cluster);
        let (key, row) = rows.iter().next().expect("the cluster has rows");
        let (version, as_of) = (row.version.to_string(), row.as_of.0.to_string());
        let headers = [("wr-version", version), ("wr-asof", as_of), ("wr-plan", "x".to_owned())];
        let headers = headers.iter().fold(OwnedHeaders::new(), |headers, (key, value)| {
            headers.insert(Header { key, value: Some(value) })
        });
        let producer: BaseProducer = ClientConfig::new()
            .set("bootstrap.servers", &place.bootstrap)
            .create()
            .expect("a client can be made");
        producer.send(BaseRecord::to(TOPIC).key(key).payload("{}").headers(headers)).unwrap();
        producer.flush(DEADLINE).unwrap();
    }

    /// `windrow dlq`.
    pub(crate) fn dlq(&self, args: &[&str]) -> Run {
        let project = self.scratch.path().join("project");
        let place = [project.to_str().unwrap(), "--deployment", self.deployment, "--env", "local"];
        windrow(&[&["dlq"], &args[..1], &place[..], &args[1..]].concat())
    }

    /// Records of a lease in a cluster's log, superseded ones too.
    pub(crate) fn records_of_lease(&self, cluster: &str, lease: u64) -> usize {
        self.log_of_cluster(cluster).iter().filter(|(_, version, _)| version.lease == lease).count()
    }

    /// Keys for which the last record of a cluster's log is not the newest: whoever reads it as a compacted
    /// topic has an old row for good.
    pub(crate) fn overtaken_in(&self, cluster: &str) -> usize {
        let (mut last, mut newest) = (BTreeMap::new(), BTreeMap::new());
        for (key, version, _) in self.log_of_cluster(cluster) {
            last.insert(key.clone(), version);
            let known = newest.entry(key).or_insert(version);
            *known = (*known).max(version);
        }
        assert!(!last.is_empty(), "{cluster} has rows");
        last.iter().filter(|(key, version)| newest[*key] != **version).count()
    }

    /// Keys of a cluster's log, and their partitions.
    pub(crate) fn partitions_of(&self, cluster: &str) -> Vec<(Vec<u8>, u32)> {
        let log = self.log_of_cluster(cluster).into_iter();
        log.map(|(key, _, partition)| (key, u32::try_from(partition).unwrap())).collect()
    }

    /// Keys, versions and partitions of a cluster's log, in the order of their offsets within each partition.
    pub(super) fn log_of_cluster(&self, cluster: &str) -> Vec<(Vec<u8>, wire::Version, i32)> {
        let place = self.topology.clusters.iter().find(|place| place.name == cluster).unwrap();
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &place.bootstrap)
            .set("group.id", "test")
            .set("enable.partition.eof", "true")
            .create()
            .expect("a client can be made");
        let mut list = TopicPartitionList::new();
        let metadata = consumer.fetch_metadata(Some(TOPIC), DEADLINE).unwrap();
        let count = metadata.topics()[0].partitions().len();
        for partition in 0..i32::try_from(count).unwrap() {
            list.add_partition_offset(TOPIC, partition, Offset::Beginning).unwrap();
        }
        consumer.assign(&list).unwrap();
        let (mut ends, mut found) = (BTreeSet::new(), Vec::new());
        until("all records", || {
            while let Some(polled) = consumer.poll(Duration::from_millis(100)) {
                match polled {
                    Ok(message) => {
                        let version = version_of(&message);
                        let key = message.key().unwrap_or_default().to_vec();
                        found.push((key, version, message.partition()));
                    }
                    Err(KafkaError::PartitionEOF(partition)) => drop(ends.insert(partition)),
                    Err(_) => {}
                }
            }
            (ends.len() == count).then_some(())
        });
        found
    }
}

/// A row's version.
pub(super) fn version_of(message: &BorrowedMessage<'_>) -> wire::Version {
    let headers = message.headers().expect("a version").iter();
    let headers = headers.map(|header| (header.key, header.value.unwrap_or_default()));
    wire::Headers::decode(headers).unwrap().version
}

/// Sends one record and waits until it is acknowledged.
fn send_with_header(bootstrap: &str, topic: &str, key: &[u8], payload: &[u8], (name, value): (&str, &str)) {
    let producer: BaseProducer =
        ClientConfig::new().set("bootstrap.servers", bootstrap).create().expect("a client can be made");
    let headers = OwnedHeaders::new().insert(Header { key: name, value: Some(value) });
    producer.send(BaseRecord::to(topic).key(key).payload(payload).headers(headers)).unwrap();
    producer.flush(DEADLINE).unwrap();
}
