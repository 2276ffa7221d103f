//! One cluster's reader: a thread that owns the client, retries for ever with bounded pauses, and hands
//! records and standings on in the order in which they hold.

mod access;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaErrorCode;

use super::super::clock::now_ms;
use super::super::gap::{self, AcceptedGap};
use super::super::kafka::{self, Edge, Refusal, TopicPartition};
use super::super::tables::PartitionKey;
use super::outlet::{Event, Outlet, RawRecord, STOP_LOOK, Stopped, owned};
use super::partition::{self, Effect, Gap, Partition, Standing};
use super::resolve::{Bound, Origin, Resolved, Resolver};
use super::settings::Settings;

/// How long to wait for a record before looking at the clock.
const POLL: Duration = Duration::from_millis(50);
/// How often the log ends are asked for: proves quiet, and shows the lag.
const ASK_EVERY: Duration = Duration::from_millis(500);
/// How often partitions and topics that have appeared are looked for.
const RESOLVE_EVERY: Duration = Duration::from_secs(15);
const COMMIT_EVERY: Duration = Duration::from_secs(5);
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(3);

pub(super) struct Reader {
    settings: Settings,
    consumer: BaseConsumer,
    outlet: Outlet,
    slots: Vec<Slot>,
    /// By topic (in the wiring's order) and partition: the slots that take its records.
    routes: Vec<Vec<Vec<usize>>>,
    complete: bool,
    /// What the cluster has said that we may not.
    refusal: Option<Refusal>,
    /// When it was last said that something may not be fetched, of which it is not known what.
    closed_ms: Option<i64>,
    /// Reading must go on from elsewhere than where the client is.
    must_seek: bool,
    pause: Duration,
    ask_at: Instant,
    resolve_at: Instant,
    commit_at: Instant,
}

/// A partition for one source.
struct Slot {
    key: PartitionKey,
    machine: Partition,
    log_end: i64,
    /// When its last record came.
    read_ms: i64,
}

impl Reader {
    pub(super) fn new(
        settings: Settings,
        out: Sender<Event>,
        doorbell: Sender<()>,
        stop: Arc<AtomicBool>,
    ) -> KafkaResult<Self> {
        let consumer = kafka::consumer(&settings.wiring.cluster, &settings.group)?;
        let now = Instant::now();
        let outlet = Outlet::new(out, doorbell, stop, settings.batch_records);
        Ok(Self {
            settings,
            consumer,
            outlet,
            slots: Vec::new(),
            routes: Vec::new(),
            complete: false,
            refusal: None,
            closed_ms: None,
            must_seek: false,
            pause: PAUSE_MIN,
            ask_at: now,
            resolve_at: now,
            commit_at: now + COMMIT_EVERY,
        })
    }

    /// Reads until it is told to stop.
    pub(super) fn run(mut self) {
        while !self.outlet.is_stopped() {
            if self.turn().is_err() {
                break;
            }
        }
        self.commit();
    }

    fn turn(&mut self) -> Result<(), Stopped> {
        let now = Instant::now();
        if now >= self.resolve_at {
            self.resolve()?;
        }
        if self.slots.is_empty() {
            // Serves the client's own events.
            let heard = self.consumer.poll(STOP_LOOK).and_then(Result::err);
            return heard.map_or(Ok(()), |error| self.hear(&error));
        }
        self.read()?;
        if now >= self.ask_at {
            self.ask()?;
        }
        if self.must_seek {
            self.seek();
        }
        if now >= self.commit_at {
            self.commit();
        }
        Ok(())
    }

    /// Looks for partitions that are not read yet.
    fn resolve(&mut self) -> Result<(), Stopped> {
        let found = {
            let resolver = Resolver {
                cluster: &self.settings.wiring.cluster.name,
                topics: &self.settings.wiring.topics,
                whole: &self.settings.wiring.whole,
                known: &self.settings.known,
                // A partition that appears later is new: all of it counts.
                origin: if self.complete { Origin::Earliest } else { self.settings.origin },
                bound: self.settings.bound,
            };
            let slots = &self.slots;
            let skip = |topic: &str, partition: i32| {
                slots.iter().any(|slot| slot.key.topic == topic && slot.key.partition == partition)
            };
            resolver.resolve(&self.consumer, &skip, now_ms())
        };
        match found {
            Ok(found) => self.adopt(found),
            Err(error) => {
                self.hear(&error)?;
                self.back_off();
                self.resolve_at = Instant::now() + self.pause;
                self.say(&format!("not answering ({error})"))
            }
        }
    }

    fn adopt(&mut self, found: Resolved) -> Result<(), Stopped> {
        self.pause = PAUSE_MIN;
        self.let_in();
        if found.missing.is_empty() {
            self.resolve_at = Instant::now() + RESOLVE_EVERY;
            self.say("")?;
        } else {
            self.back_off();
            self.resolve_at = Instant::now() + PAUSE_MAX;
            self.outlet.say(&format!("has no topic {}", found.missing.join(", ")))?;
        }
        self.outlet.send(Event::Missing(found.missing.clone()))?;
        if !found.declared.is_empty() {
            for declared in &found.declared {
                let machine = Partition::new(declared.next, declared.end, now_ms())
                    .accepting(self.accepted(&declared.key));
                let (key, log_end) = (declared.key.clone(), declared.log_end);
                self.slots.push(Slot { key, machine, log_end, read_ms: i64::MIN });
            }
            self.route();
            self.outlet.send(Event::Declared(found.declared))?;
            self.assign();
            self.ask_at = Instant::now();
        }
        if found.missing.is_empty() && !self.complete {
            self.complete = true;
            self.outlet.send(Event::Resolved)?;
        }
        Ok(())
    }

    fn accepted(&self, key: &PartitionKey) -> Option<AcceptedGap> {
        let is_it = |gap: &&AcceptedGap| {
            (&gap.cluster, &gap.topic, gap.partition) == (&key.cluster, &key.topic, key.partition)
        };
        self.settings.accepted_gaps.iter().find(is_it).cloned()
    }

    fn route(&mut self) {
        self.routes = vec![Vec::new(); self.settings.wiring.topics.len()];
        for (slot, Slot { key, .. }) in self.slots.iter().enumerate() {
            let topics = &self.settings.wiring.topics;
            let Some(topic) = topics.iter().position(|(topic, _)| *topic == key.topic) else { continue };
            let partition = usize::try_from(key.partition).expect("partitions count from 0");
            let partitions = &mut self.routes[topic];
            partitions.resize(partitions.len().max(partition + 1), Vec::new());
            partitions[partition].push(slot);
        }
    }

    /// The slots that take a partition's records; usually one.
    fn slots_of(&self, topic: &str, partition: i32) -> &[usize] {
        let topics = &self.settings.wiring.topics;
        let route = topics.iter().position(|(name, _)| name == topic).and_then(|at| self.routes.get(at));
        let slots = route.and_then(|partitions| partitions.get(usize::try_from(partition).ok()?));
        slots.map_or(&[], Vec::as_slice)
    }

    /// Assigns every partition that still has something to read, from where reading stands.
    fn assign(&mut self) {
        let mut list = TopicPartitionList::new();
        for (topic, partition) in self.partitions() {
            let next = self.of(&topic, partition).map(|slot| slot.machine.next).min().unwrap_or(0);
            let added = list.add_partition_offset(&topic, partition, Offset::Offset(next));
            debug_assert!(added.is_ok(), "offsets are not negative");
        }
        if let Err(error) = self.consumer.assign(&list) {
            tracing::warn!(cluster = self.settings.wiring.cluster.name, %error, "cannot assign partitions");
            self.resolve_at = Instant::now() + PAUSE_MAX;
        }
    }

    /// Reads on from where the partitions stand, with another client: librdkafka ends the process when it is
    /// assigned a partition again before it has left it.
    fn seek(&mut self) {
        match kafka::consumer(&self.settings.wiring.cluster, &self.settings.group) {
            Ok(consumer) => {
                (self.consumer, self.must_seek) = (consumer, false);
                self.assign();
            }
            Err(error) => tracing::warn!(cluster = self.settings.wiring.cluster.name, %error, "cannot seek"),
        }
    }

    /// Wants no more of a partition, unless another source still reads it.
    fn pause(&self, slot: usize) {
        let PartitionKey { topic, partition, .. } = &self.slots[slot].key;
        if !self.partitions().iter().any(|(name, number)| name == topic && number == partition) {
            let mut list = TopicPartitionList::new();
            list.add_partition(topic, *partition);
            // Records that come all the same are not delivered: the partition is over.
            let _ = self.consumer.pause(&list);
        }
    }

    /// Partitions that are read, once each.
    fn partitions(&self) -> Vec<TopicPartition> {
        let over = |slot: &Slot| slot.machine.is_over();
        let mut partitions: Vec<_> = self
            .slots
            .iter()
            .filter(|slot| !over(slot))
            .map(|slot| (slot.key.topic.clone(), slot.key.partition))
            .collect();
        partitions.sort_unstable();
        partitions.dedup();
        partitions
    }

    fn of(&self, topic: &str, partition: i32) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter(move |slot| slot.key.topic == topic && slot.key.partition == partition)
    }

    /// Takes what the client has, up to one batch.
    fn read(&mut self) -> Result<(), Stopped> {
        let mut wait = POLL;
        while self.outlet.has_room() {
            let polled = self.consumer.poll(std::mem::take(&mut wait));
            match polled.map(|polled| polled.map(|message| self.raw(&message))) {
                None => break,
                Some(Ok(records)) => self.records(records)?,
                Some(Err(error)) => self.failed(&error)?,
            }
        }
        self.outlet.flush()
    }

    fn records(&mut self, records: Vec<RawRecord>) -> Result<(), Stopped> {
        let now_ms = now_ms();
        for record in records {
            self.slots[record.slot].read_ms = now_ms;
            let event = partition::Event::Record { offset: record.offset, now_ms };
            self.step(record.slot, event, Some(record))?;
        }
        Ok(())
    }

    /// A message as records of our own, one per source that reads its partition.
    fn raw(&self, message: &BorrowedMessage<'_>) -> Vec<RawRecord> {
        let slots = self.slots_of(message.topic(), message.partition());
        let record = |slot: &usize| RawRecord {
            slot: *slot,
            offset: message.offset(),
            // Formats of old have none; without one nothing can be judged as too early (rule S1).
            timestamp_ms: message.timestamp().to_millis().unwrap_or(i64::MAX),
            payload: message.payload().unwrap_or_default().to_vec(),
            deleted_key: match message.payload() {
                Some(_) => None,
                None => Some(message.key().unwrap_or_default().to_vec()),
            },
            key: message.key().map(<[u8]>::to_vec),
            headers: message.headers().map(owned).unwrap_or_default(),
        };
        slots.iter().map(record).collect()
    }

    fn failed(&mut self, error: &KafkaError) -> Result<(), Stopped> {
        match error {
            KafkaError::PartitionEOF(_) => self.ask_at = self.ask_at.min(Instant::now()),
            KafkaError::MessageConsumption(RDKafkaErrorCode::AutoOffsetReset) => self.out_of_range()?,
            KafkaError::MessageConsumption(
                RDKafkaErrorCode::AllBrokersDown | RDKafkaErrorCode::BrokerTransportFailure,
            ) => {
                self.each(partition::Event::Failed { now_ms: now_ms() })?;
                self.say("unreachable")?;
            }
            error => {
                let code = error.rdkafka_error_code();
                if code.and_then(Refusal::of) == Some(Refusal::Topic) {
                    self.closed_ms = Some(now_ms());
                }
                self.hear(error)?;
                self.say(&error.to_string())?;
            }
        }
        Ok(())
    }

    /// Reads no more of what the loop has stopped.
    fn halt(&mut self) -> Result<(), Stopped> {
        let halted = self.settings.halted.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let is_halted = |slot: &usize| halted.contains(&self.slots[*slot].key);
        let slots: Vec<_> = (0..self.slots.len()).filter(is_halted).collect();
        for slot in slots {
            self.step(slot, partition::Event::Halted, None)?;
        }
        Ok(())
    }

    /// Asks for every log's bounds, and lets time pass where there is no answer.
    fn ask(&mut self) -> Result<(), Stopped> {
        self.halt()?;
        let (partitions, asked_ms) = (self.partitions(), now_ms());
        // Before the question: what has been written by then and may still not be read then is pinned.
        let written = |(topic, partition): &TopicPartition| kafka::written(&self.consumer, topic, *partition);
        let written: Vec<_> = partitions.iter().map(written).collect();
        let bounds = match self.bounds(&partitions) {
            Ok(bounds) => bounds,
            Err(error) => return self.without_answer(&error),
        };
        self.ask_at = Instant::now() + ASK_EVERY;
        self.pause = PAUSE_MIN;
        self.passed()?;
        let event = |at: usize, low, end| {
            let high = written.get(at).copied().flatten();
            partition::Event::Bounds { low, end, high, asked_ms }
        };
        self.answered(&partitions, &bounds, event)?;
        self.let_in();
        self.say_answering()
    }

    /// Where the client stands: a log may end with what is no record and never comes.
    fn passed(&mut self) -> Result<(), Stopped> {
        let Ok(positions) = self.consumer.position() else { return Ok(()) };
        for position in positions.elements() {
            let Offset::Offset(offset) = position.offset() else { continue };
            for slot in self.slots_of(position.topic(), position.partition()).to_vec() {
                self.step(slot, partition::Event::Passed { offset }, None)?;
            }
        }
        Ok(())
    }

    fn bounds(&self, partitions: &[TopicPartition]) -> KafkaResult<Vec<(i64, i64)>> {
        if partitions.is_empty() {
            return Ok(Vec::new());
        }
        let ends = kafka::edges(&self.consumer, partitions, Edge::End)?;
        let starts = kafka::edges(&self.consumer, partitions, Edge::Start)?;
        Ok(starts.into_iter().zip(ends).collect())
    }

    /// The client has stopped some partition, without saying which.
    fn out_of_range(&mut self) -> Result<(), Stopped> {
        let partitions = self.partitions();
        // Without an answer the client stays stopped: the next question finds out.
        let Ok(bounds) = self.bounds(&partitions) else { return Ok(()) };
        let now_ms = now_ms();
        self.answered(&partitions, &bounds, |_, low, end| partition::Event::OutOfRange { low, end, now_ms })
    }

    fn answered(
        &mut self,
        partitions: &[TopicPartition],
        bounds: &[(i64, i64)],
        event: impl Fn(usize, i64, i64) -> partition::Event,
    ) -> Result<(), Stopped> {
        for (at, ((topic, partition), (low, end))) in partitions.iter().zip(bounds).enumerate() {
            for slot in 0..self.slots.len() {
                let key = &self.slots[slot].key;
                if key.topic == *topic && key.partition == *partition {
                    let moved = std::mem::replace(&mut self.slots[slot].log_end, *end) != *end;
                    let event = if self.is_closed(slot) {
                        partition::Event::Failed { now_ms: now_ms() }
                    } else {
                        event(at, *low, *end)
                    };
                    if !self.step(slot, event, None)? && moved {
                        self.tell(slot)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn each(&mut self, event: partition::Event) -> Result<(), Stopped> {
        for slot in 0..self.slots.len() {
            self.step(slot, event, None)?;
        }
        Ok(())
    }

    /// Lets a partition take an event and does what it asks for. Returns whether the loop was told.
    fn step(
        &mut self,
        slot: usize,
        event: partition::Event,
        mut record: Option<RawRecord>,
    ) -> Result<bool, Stopped> {
        let mut told = false;
        for effect in self.slots[slot].machine.step(event) {
            match effect {
                Effect::Deliver => {
                    if let Some(record) = record.take() {
                        self.outlet.push(record);
                    }
                }
                Effect::Tell(_) => {
                    self.tell(slot)?;
                    told = true;
                }
                Effect::Seek => self.must_seek = true,
                Effect::Pause => self.pause(slot),
                Effect::Passed(Gap { from, to }) => gap::say_passed(&self.slots[slot].key, from, to),
            }
        }
        Ok(told)
    }

    /// Tells the loop how a partition stands, after the records that came before.
    fn tell(&mut self, slot: usize) -> Result<(), Stopped> {
        self.outlet.flush()?;
        let Slot { machine, log_end, .. } = &self.slots[slot];
        let gap = match machine.standing {
            Standing::Stopped { gap: Gap { from, to }, .. } => Some((from, to)),
            _ => None,
        };
        self.outlet.send(Event::Standing { slot, status: machine.status(), log_end: *log_end, gap })
    }

    fn say_answering(&mut self) -> Result<(), Stopped> {
        if self.complete { self.say("") } else { Ok(()) }
    }

    fn back_off(&mut self) {
        self.pause = (self.pause * 2).min(PAUSE_MAX);
    }

    /// Shows dashboards how far reading is; never read back, and it may fail.
    fn commit(&mut self) {
        self.commit_at = Instant::now() + COMMIT_EVERY;
        if !self.outlet.trouble.is_empty() || self.settings.bound != Bound::Never {
            return;
        }
        let mut list = TopicPartitionList::new();
        for (topic, partition) in self.partitions() {
            let next = self.of(&topic, partition).map(|slot| slot.machine.next).min().unwrap_or(0);
            let _ = list.add_partition_offset(&topic, partition, Offset::Offset(next));
        }
        if let Err(error) = self.consumer.commit(&list, CommitMode::Async) {
            tracing::debug!(cluster = self.settings.wiring.cluster.name, %error, "offsets are not shown");
        }
    }
}
