//! Reads one cluster's output topics from the takeover on, in a thread of its own: its questions block.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Headers as _, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaErrorCode;

use super::super::kafka::{self, Edge, Metadata, TopicPartition};
use super::super::sink::SETTLE;
use super::suspects::Suspects;
use crate::topology::Cluster;
use crate::wire;

const POLL: Duration = Duration::from_millis(100);
/// Records between two looks at the clock.
const TURN: usize = 1_000;
const ASK_EVERY: Duration = Duration::from_secs(1);
/// How often partitions that have appeared are looked for.
const RESOLVE_EVERY: Duration = Duration::from_secs(15);
/// Timestamps of rows are the clock's, which may be set back by somewhat.
const SLACK_MS: i64 = 60_000;

/// Next offsets, by topic and partition.
pub(super) type Positions = BTreeMap<String, BTreeMap<i32, i64>>;

/// What one reader reads.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) cluster: Cluster,
    pub(super) topics: Vec<WatchedTopic>,
    /// Rows of lower leases are those of former holders.
    pub(super) lease: u64,
    pub(super) since_ms: i64,
    /// Where an earlier reader stood.
    pub(super) known: Positions,
}

/// A topic that is published to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WatchedTopic {
    pub(super) topic: String,
    pub(super) publish: u16,
    /// Newer rows take the place of older ones.
    pub(super) is_latest: bool,
}

/// What the loop sees of a reader.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) positions: Positions,
    pub(super) suspects: Suspects,
    /// Records of former leases.
    pub(super) rows: u64,
    /// Everything has been read that was there then.
    pub(super) through: Option<Instant>,
    /// Why it does not read; empty: it does.
    pub(super) trouble: String,
}

pub(super) struct Reader {
    settings: Settings,
    consumer: BaseConsumer,
    seen: Arc<Mutex<Seen>>,
    stop: Arc<AtomicBool>,
    positions: Positions,
    /// All topics have been asked for once: a partition that is found later is new.
    is_complete: bool,
    resolve_at: Instant,
    ask_at: Instant,
    /// Since when every question was answered.
    answers_since: Option<Instant>,
    /// Ends that were there at some instant and are not reached yet.
    ends: Option<(Instant, Vec<(TopicPartition, i64)>)>,
}

impl Reader {
    pub(super) fn new(
        settings: Settings,
        seen: Arc<Mutex<Seen>>,
        stop: Arc<AtomicBool>,
    ) -> KafkaResult<Self> {
        let consumer = kafka::consumer(&settings.cluster, "windrow-former")?;
        let now = Instant::now();
        Ok(Self {
            settings,
            consumer,
            seen,
            stop,
            positions: Positions::new(),
            is_complete: false,
            resolve_at: now,
            ask_at: now,
            answers_since: None,
            ends: None,
        })
    }

    /// Reads until it is told to stop. A cluster that does not answer is asked again, for ever.
    pub(super) fn run(mut self) {
        while !self.stop.load(Ordering::Relaxed) {
            if let Err(error) = self.turn() {
                self.answers_since = None;
                self.ends = None;
                self.with_seen(|seen| seen.trouble = format!("not answering ({error})"));
            }
        }
    }

    fn turn(&mut self) -> KafkaResult<()> {
        let now = Instant::now();
        if now >= self.resolve_at {
            self.resolve_at = now + ASK_EVERY;
            self.resolve()?;
            self.resolve_at = now + RESOLVE_EVERY;
        }
        let mut wait = POLL;
        for _ in 0..TURN {
            let polled = self.consumer.poll(std::mem::take(&mut wait)).map(|polled| {
                polled.map(|message| Self::take(&self.settings, &self.seen, &mut self.positions, &message))
            });
            match polled {
                None => break,
                Some(Err(KafkaError::MessageConsumption(RDKafkaErrorCode::AutoOffsetReset))) => {
                    self.out_of_range()?;
                }
                // What else a client says of its brokers shows in the answers to questions.
                Some(Ok(()) | Err(_)) => {}
            }
        }
        if now >= self.ask_at {
            self.ask_at = now + ASK_EVERY;
            self.ask()?;
        }
        Ok(())
    }

    fn with_seen<T>(&self, what: impl FnOnce(&mut Seen) -> T) -> T {
        what(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks for partitions that are not read yet.
    fn resolve(&mut self) -> KafkaResult<()> {
        let mut is_new = false;
        for topic in self.settings.topics.clone() {
            let Some(count) = self.consumer.client().count(&topic.topic)? else { continue };
            let known = self.positions.get(&topic.topic).map_or(0, BTreeMap::len);
            let missing: Vec<TopicPartition> =
                (0..count).skip(known).map(|partition| (topic.topic.clone(), partition)).collect();
            if !missing.is_empty() {
                let begins = self.begins(&topic.topic, &missing)?;
                self.positions.entry(topic.topic.clone()).or_default().extend(begins);
                is_new = true;
            }
        }
        self.is_complete = true;
        if is_new { self.assign() } else { Ok(()) }
    }

    /// Where reading of partitions begins: where an earlier reader stood; else before the first row of this lease.
    fn begins(&self, topic: &str, partitions: &[TopicPartition]) -> KafkaResult<Vec<(i32, i64)>> {
        let known = self.settings.known.get(topic);
        // In this order: what comes in between is behind the end.
        let ends = kafka::edges(&self.consumer, partitions, Edge::End)?;
        let since_ms = if self.is_complete { 0 } else { self.settings.since_ms - SLACK_MS };
        let first = kafka::first_since(&self.consumer, partitions, since_ms)?;
        let begin = |((_, partition), (end, first)): (&TopicPartition, (i64, Option<i64>))| {
            let known = known.and_then(|known| known.get(partition)).copied();
            (*partition, known.unwrap_or_else(|| first.unwrap_or(end)))
        };
        Ok(partitions.iter().zip(ends.into_iter().zip(first)).map(begin).collect())
    }

    fn assign(&self) -> KafkaResult<()> {
        let mut list = TopicPartitionList::new();
        for (topic, partitions) in &self.positions {
            for (partition, next) in partitions {
                list.add_partition_offset(topic, *partition, Offset::Offset(*next))?;
            }
        }
        self.consumer.assign(&list)
    }

    fn take(
        settings: &Settings,
        seen: &Mutex<Seen>,
        positions: &mut Positions,
        message: &BorrowedMessage<'_>,
    ) {
        let (partition, offset) = (message.partition(), message.offset());
        let next = positions.get_mut(message.topic()).and_then(|topic| topic.get_mut(&partition));
        let Some(next) = next.filter(|next| **next <= offset) else { return };
        *next = offset + 1;
        let topic = settings.topics.iter().find(|topic| topic.topic == message.topic());
        let Some((topic, lease)) = topic.zip(lease_of(message)) else { return };
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let key = || (topic.publish, message.key().unwrap_or_default().to_vec());
        if lease < settings.lease {
            seen.rows += 1;
            if topic.is_latest {
                seen.suspects.add(key(), partition, offset);
            }
        } else if seen.suspects.len() > 0 {
            seen.suspects.clear(&key());
        }
    }

    /// The client has stopped some partition, without saying which: what it wants is gone, or the topic was made
    /// again.
    fn out_of_range(&mut self) -> KafkaResult<()> {
        let partitions = self.partitions();
        let (starts, ends) = (
            kafka::edges(&self.consumer, &partitions, Edge::Start)?,
            kafka::edges(&self.consumer, &partitions, Edge::End)?,
        );
        for ((topic, partition), (start, end)) in partitions.iter().zip(starts.into_iter().zip(ends)) {
            let next = self.positions.get_mut(topic).and_then(|topic| topic.get_mut(partition));
            if let Some(next) = next.filter(|next| !(start..=end).contains(*next)) {
                *next = start;
            }
        }
        self.assign()
    }

    fn partitions(&self) -> Vec<TopicPartition> {
        let all = self.positions.iter();
        all.flat_map(|(topic, partitions)| partitions.keys().map(|number| (topic.clone(), *number))).collect()
    }

    /// Sees whether ends of before are reached, and then how far the logs go now: while rows come, the newest end
    /// is never reached.
    fn ask(&mut self) -> KafkaResult<()> {
        self.pass()?;
        if let Some((at, ends)) = self.ends.take() {
            if !self.have_reached(&ends) {
                self.ends = Some((at, ends));
            } else if self.answers_since.is_some_and(|since| at >= since + SETTLE) {
                self.with_seen(|seen| seen.through = Some(at));
            }
        }
        let (asked, partitions) = (Instant::now(), self.partitions());
        let ends = kafka::edges(&self.consumer, &partitions, Edge::End)?;
        self.answers_since.get_or_insert(asked);
        if self.ends.is_none() {
            self.ends = Some((asked, partitions.into_iter().zip(ends).collect()));
        }
        let kept = self.kept();
        self.with_seen(|seen| {
            seen.positions = kept;
            seen.trouble.clear();
        });
        Ok(())
    }

    /// From where another reader must go on.
    fn kept(&self) -> Positions {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kept = self.positions.clone();
        for (topic, partitions) in &mut kept {
            let Some(watched) = self.settings.topics.iter().find(|watched| watched.topic == *topic) else {
                continue;
            };
            for (partition, next) in partitions {
                *next = seen
                    .suspects
                    .needed_from(watched.publish, *partition)
                    .map_or(*next, |from| from.min(*next));
            }
        }
        kept
    }

    fn have_reached(&self, ends: &[(TopicPartition, i64)]) -> bool {
        ends.iter().all(|((topic, partition), end)| {
            self.positions.get(topic).and_then(|topic| topic.get(partition)).is_some_and(|next| next >= end)
        })
    }

    /// A log may end with what is no record and never comes: the client's place counts.
    fn pass(&mut self) -> KafkaResult<()> {
        for position in self.consumer.position()?.elements() {
            let Offset::Offset(offset) = position.offset() else { continue };
            let topic = self.positions.get_mut(position.topic());
            if let Some(next) = topic.and_then(|topic| topic.get_mut(&position.partition())) {
                *next = (*next).max(offset);
            }
        }
        Ok(())
    }
}

/// Of whose lease a row is; `None`: it is none of windrow's.
fn lease_of(message: &BorrowedMessage<'_>) -> Option<u64> {
    let headers = message.headers()?;
    let headers = headers.iter().map(|header| (header.key, header.value.unwrap_or_default()));
    Some(wire::Headers::decode(headers).ok()?.version.lease)
}
