//! Which partitions a cluster has, and where reading of each begins and ends.

use std::collections::BTreeSet;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;

use super::super::kafka::{self, Edge, Metadata, TopicPartition};
use super::super::tables::{PartitionKey, Position};

/// Where a partition that was never read begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Origin {
    /// With the first record there is.
    Earliest,
    /// With the first record whose own timestamp is at or after this.
    At { ms: i64 },
}

/// Whether reading ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Bound {
    /// Never: live.
    Never,
    /// At the log end found at the start of this run.
    EndsNow,
    /// At the log end found when the backfill began, however often it was interrupted since.
    EndsKept,
}

/// A partition for one source, with where to read it.
#[derive(Debug, Clone)]
pub(in super::super) struct Declared {
    pub(in super::super) key: PartitionKey,
    pub(in super::super) next: i64,
    pub(in super::super) log_start: i64,
    pub(in super::super) end: Option<i64>,
    pub(in super::super) end_ms: i64,
    /// The log end when it was found, for the lag.
    pub(in super::super) log_end: i64,
}

/// Whoever can be asked what a cluster holds at this moment. Records may come between two questions.
pub(super) trait Logs {
    /// How many partitions a topic has; `None`: there is no such topic.
    fn count(&self, topic: &str) -> KafkaResult<Option<i32>>;
    fn edges(&self, partitions: &[TopicPartition], edge: Edge) -> KafkaResult<Vec<i64>>;
    fn first_since(&self, partitions: &[TopicPartition], ms: i64) -> KafkaResult<Vec<Option<i64>>>;
}

impl Logs for BaseConsumer {
    fn count(&self, topic: &str) -> KafkaResult<Option<i32>> {
        self.client().count(topic)
    }

    fn edges(&self, partitions: &[TopicPartition], edge: Edge) -> KafkaResult<Vec<i64>> {
        kafka::edges(self, partitions, edge)
    }

    fn first_since(&self, partitions: &[TopicPartition], ms: i64) -> KafkaResult<Vec<Option<i64>>> {
        kafka::first_since(self, partitions, ms)
    }
}

/// What resolving needs to know beside the cluster.
pub(super) struct Resolver<'a> {
    pub(super) cluster: &'a str,
    pub(super) topics: &'a [(String, Vec<String>)],
    /// Those that begin with their first record whatever `origin` says.
    pub(super) whole: &'a BTreeSet<String>,
    pub(super) known: &'a [(PartitionKey, Position)],
    pub(super) origin: Origin,
    pub(super) bound: Bound,
}

/// The partitions of a cluster and the topics it does not have.
pub(super) struct Resolved {
    pub(super) declared: Vec<Declared>,
    pub(super) missing: Vec<String>,
}

impl Resolver<'_> {
    /// Asks the cluster. `skip` says which partitions are being read already.
    pub(super) fn resolve(
        &self,
        logs: &dyn Logs,
        skip: &dyn Fn(&str, i32) -> bool,
        now_ms: i64,
    ) -> KafkaResult<Resolved> {
        let (mut partitions, mut missing) = (Vec::new(), Vec::new());
        for (topic, _) in self.topics {
            match logs.count(topic)? {
                Some(count) => {
                    partitions.extend((0..count).filter(|p| !skip(topic, *p)).map(|p| (topic.clone(), p)));
                }
                None => missing.push(topic.clone()),
            }
        }
        Ok(Resolved { declared: self.places(logs, &partitions, now_ms)?, missing })
    }

    fn places(
        &self,
        logs: &dyn Logs,
        partitions: &[TopicPartition],
        now_ms: i64,
    ) -> KafkaResult<Vec<Declared>> {
        if partitions.is_empty() {
            return Ok(Vec::new());
        }
        let ends = logs.edges(partitions, Edge::End)?;
        let starts = logs.edges(partitions, Edge::Start)?;
        let origins = match self.origin {
            Origin::Earliest => starts.clone(),
            // Where there is no such record yet, the first that comes is one: it may have come since the
            // question, so reading begins at the end as it was before.
            Origin::At { ms } => {
                let found = logs.first_since(partitions, ms)?.into_iter();
                found.zip(&ends).map(|(found, end)| found.unwrap_or(*end)).collect()
            }
        };
        let mut declared = Vec::new();
        for (at, (topic, partition)) in partitions.iter().enumerate() {
            let origin = if self.whole.contains(topic) { starts[at] } else { origins[at] };
            for source in self.sources(topic) {
                let place = Place { start: starts[at], origin, end: ends[at], now_ms };
                declared.push(self.declare(source, topic, *partition, place));
            }
        }
        Ok(declared)
    }

    fn sources(&self, topic: &str) -> &[String] {
        self.topics.iter().find(|(name, _)| name == topic).map_or(&[], |(_, sources)| sources)
    }

    fn declare(&self, source: &str, topic: &str, partition: i32, place: Place) -> Declared {
        let key = PartitionKey {
            source: source.to_owned(),
            cluster: self.cluster.to_owned(),
            topic: topic.to_owned(),
            partition,
        };
        let known = self.known.iter().find(|(known, _)| *known == key).map(|(_, position)| position);
        let (end, end_ms) = match (self.bound, known) {
            (Bound::Never, _) => (None, 0),
            (Bound::EndsKept, Some(position)) if position.end >= 0 => (Some(position.end), position.end_ms),
            (Bound::EndsNow | Bound::EndsKept, _) => (Some(place.end), place.now_ms),
        };
        Declared {
            key,
            next: known.map_or(place.origin, |position| position.next),
            log_start: known.map_or(place.start, |position| position.log_start),
            end,
            end_ms,
            log_end: place.end,
        }
    }
}

/// What the log says of one partition.
#[derive(Clone, Copy)]
struct Place {
    start: i64,
    origin: i64,
    end: i64,
    now_ms: i64,
}
