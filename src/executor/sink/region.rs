//! One group of one region: a thread that takes rows from the outbox, routes them to the group's clusters,
//! and moves its cursor past what was acknowledged.
//!
//! A row that is not taken goes to another cluster of the group; a row for which a newer one has appeared
//! meanwhile is forgotten. Rows that went to another cluster are owed to their home and sent there once it
//! answers again, so that a reader of the home alone converges too, even one of a compacted topic: what may
//! have been on its way when an earlier run was killed is sent once more, when nothing of that run can come.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, select};
use rdkafka::error::RDKafkaErrorCode;

use super::super::Error;
use super::super::clock::{Moment, now_ms};
use super::super::fault;
use super::super::kafka::Refusal;
use super::super::store::RocksStore;
use super::super::tables::{self, Entry};
use super::super::wiring::{PublishWiring, SinkWiring};
use super::counts::{Change, Counts};
use super::delivery::{Delivery, Flight, Purpose};
use super::handle::{DEAD_LETTERS, Handle, Health, OwnTopics, PROGRESS, Standing};
use super::outbox;
use super::producer::{Outcome, Producer, Token};
use super::route::Routes;
use super::scout::Sighting;
use super::strays::{self, StrayKey};
use super::trouble::{Trouble, Troubles};
use crate::plan::PublishMode;
use crate::wire;

/// Rows on their way at once.
const WINDOW: usize = 10_000;
/// Rows that wait for another try or for their topic; reading on stops here.
const WAITING_MAX: usize = 50_000;
/// Rows read from the outbox at once.
const READ: usize = 1_000;
/// The longest nap: retries and progress need the clock.
const NAP: Duration = Duration::from_millis(20);
const REPORT_EVERY_MS: i64 = 500;
/// A backlog is counted up to this.
const BACKLOG_MAX: usize = 100_000;

/// What a region's thread owns.
pub(super) struct Region {
    pub(super) wiring: SinkWiring,
    pub(super) publishes: Arc<Vec<PublishWiring>>,
    pub(super) own_topics: OwnTopics,
    pub(super) store: Arc<RocksStore>,
    pub(super) producers: Vec<Producer>,
    /// For producers that take another's place.
    pub(super) outcome: Sender<Outcome>,
    pub(super) outcomes: Receiver<Outcome>,
    /// Clusters whose producers have given up for good.
    pub(super) broken: BTreeSet<usize>,
    pub(super) sightings: Receiver<Sighting>,
    pub(super) wake: Receiver<()>,
    pub(super) handle: Arc<Handle>,
    pub(super) backlog_max: u64,
    pub(super) routes: Routes,
    pub(super) counts: Counts,
    pub(super) state: Delivery,
    pub(super) troubles: Troubles,
}

/// What became of an attempt to send.
enum Attempt {
    Sent,
    /// No cluster takes rows now.
    AllDown,
    /// No cluster that has answered has the topic.
    NoTopic,
}

impl Region {
    /// Delivers until it is told to stop and everything is delivered, or its time to flush is over.
    pub(super) fn run(mut self) -> Result<(), Error> {
        self.restore_given_up()?;
        loop {
            self.listen()?;
            self.turn()?;
            if self.handle.stopping(|| self.is_drained()) {
                break;
            }
        }
        self.report()
    }

    fn is_drained(&self) -> bool {
        self.state.open.is_empty()
            && self.state.read.is_empty()
            && self.state.scanned >= self.handle.committed()
    }

    /// Waits for news, at most a nap, then takes all there are.
    fn listen(&mut self) -> Result<(), Error> {
        select! {
            recv(self.outcomes) -> outcome => outcome.iter().try_for_each(|outcome| self.outcome(outcome))?,
            recv(self.sightings) -> sighting => self.sighted(sighting.ok()),
            recv(self.wake) -> _ => {}
            default(NAP) => {}
        }
        while let Ok(outcome) = self.outcomes.try_recv() {
            self.outcome(&outcome)?;
        }
        while let Ok(sighting) = self.sightings.try_recv() {
            self.sighted(Some(sighting));
        }
        Ok(())
    }

    fn turn(&mut self) -> Result<(), Error> {
        // After a pause another directory may have taken over: nothing is sent until the loop has looked.
        if self.handle.is_vouched(Moment::now()) {
            self.mend()?;
            self.send_strays();
            self.send_progress();
            self.send_rows()?;
        }
        self.bound_backlog()?;
        self.state.settle(now_ms());
        self.hand_in_debts();
        self.handle.set_cursor(self.state.cursor());
        if now_ms() - self.state.reported_ms >= REPORT_EVERY_MS {
            self.report()?;
        }
        Ok(())
    }

    /// Gives clusters new producers where theirs have given up: being refused the right to write does that.
    fn mend(&mut self) -> Result<(), Error> {
        for cluster in std::mem::take(&mut self.broken) {
            let wiring = &self.wiring.clusters[cluster];
            let producer = Producer::new(cluster, wiring, self.outcome.clone());
            self.producers[cluster] = producer.map_err(Error::client(&wiring.name))?;
        }
        Ok(())
    }

    /// For the state, before the cursor moves past what they are about.
    fn hand_in_debts(&mut self) {
        let (sink, clusters) = (self.wiring.name(), &self.wiring.clusters);
        let record = |(home, (publish, key, own), row): strays::Change| {
            let key = tables::stray_key(&sink, &clusters[home].name, publish, &key, own);
            (key, row.map(|(sequence, entry)| tables::stray_to_bytes(sequence, &entry)))
        };
        self.handle.put_debts(self.state.strays.changes().into_iter().map(record));
    }

    /// Sends rows that are to be tried again, then new ones.
    fn send_rows(&mut self) -> Result<(), Error> {
        while self.state.flights.len() < WINDOW {
            let Some((sequence, entry)) = self.next_row()? else { break };
            if self.is_unwanted(&entry) {
                self.state.open.remove(&sequence);
                continue;
            }
            self.state.open.insert(sequence);
            match self.send(Purpose::Row(sequence), entry) {
                Attempt::Sent => {}
                Attempt::NoTopic => drop(self.state.without_topic.insert(sequence)),
                Attempt::AllDown => {
                    self.state.again.insert(sequence);
                    break;
                }
            }
        }
        Ok(())
    }

    fn next_row(&mut self) -> Result<Option<(u64, Entry)>, Error> {
        while let Some(sequence) = self.state.again.pop_first() {
            match outbox::get(&self.store, sequence)? {
                Some(entry) => return Ok(Some((sequence, entry))),
                // A newer row of the key has its own place.
                None => drop(self.state.open.remove(&sequence)),
            }
        }
        if self.state.open.len() >= WAITING_MAX {
            return Ok(None);
        }
        loop {
            if let Some((sequence, entry)) = self.state.read.pop_front() {
                if self.is_mine(&entry) {
                    return Ok(Some((sequence, entry)));
                }
                continue;
            }
            let committed = self.handle.committed();
            let read = outbox::read(&self.store, self.state.scanned, committed, READ)?;
            self.state.scanned = match read.last() {
                Some((last, _)) if read.len() == READ => last + 1,
                _ => committed,
            };
            if read.is_empty() {
                return Ok(None);
            }
            self.state.read = read.into();
        }
    }

    /// A dead letter is delivered where there is a topic for them. It is in the state all the same.
    fn is_unwanted(&self, entry: &Entry) -> bool {
        entry.publish == DEAD_LETTERS && self.counts.is_nowhere(&self.own_topics.dead_letters)
    }

    fn is_mine(&self, entry: &Entry) -> bool {
        entry.publish == DEAD_LETTERS
            || self.publish(entry).is_some_and(|publish| publish.group == self.wiring.group)
    }

    fn publish(&self, entry: &Entry) -> Option<&PublishWiring> {
        self.publishes.iter().find(|publish| publish.number == entry.publish)
    }

    /// Routes one row and hands it to a producer.
    fn send(&mut self, purpose: Purpose, entry: Entry) -> Attempt {
        let topic = self.topic(&entry).to_owned();
        let Some(partitions) = self.counts.largest(&topic) else {
            return Attempt::NoTopic;
        };
        let home = self.routes.home(wire::partition(&entry.key, partitions.unsigned_abs()));
        let usable = |cluster: usize| self.counts.of(cluster, &topic).is_some();
        let chosen = match purpose {
            Purpose::Stray(_, owed) => Some(owed).filter(|owed| usable(*owed)),
            Purpose::Row(_) | Purpose::Progress => self.routes.choose(home, &usable, now_ms()),
        };
        let Some(cluster) = chosen else { return Attempt::AllDown };
        if let Purpose::Row(sequence) = purpose {
            let key = self.stray_key(&entry, sequence);
            self.state.strays.replaced(cluster, &key);
            let wanted = self.handle.take_wanted(entry.publish, &entry.key);
            for other in wanted.into_iter().filter(|other| *other != cluster && *other < self.producers.len())
            {
                self.state.strays.add(other, key.clone(), sequence, entry.clone());
            }
        }
        self.hand_over(cluster, &topic, Flight { purpose, home, entry, cluster, sent_ms: now_ms() });
        fault::point("row_sent");
        Attempt::Sent
    }

    fn hand_over(&mut self, cluster: usize, topic: &str, flight: Flight) {
        let partitions = self.counts.of(cluster, topic).unwrap_or(1);
        let partition = wire::partition(&flight.entry.key, partitions.unsigned_abs());
        let token = self.state.next_token;
        self.state.next_token = token.wrapping_add(1);
        let fingerprint = self.publish(&flight.entry).map_or("", |publish| publish.fingerprint.as_str());
        let partition = i32::try_from(partition).unwrap_or(0);
        let sent = self.producers[cluster].send(topic, partition, fingerprint, &flight.entry, token);
        self.state.flights.insert(token, flight);
        self.routes.sent(cluster);
        self.state.sent += 1;
        if let Err(error) = sent {
            self.lost(cluster, token, error);
        }
    }

    fn topic(&self, entry: &Entry) -> &str {
        topic_of(&self.publishes, &self.own_topics, entry.publish)
    }

    fn outcome(&mut self, outcome: &Outcome) -> Result<(), Error> {
        match outcome.result {
            Ok(()) => self.delivered(outcome.cluster, outcome.token),
            Err(error) => {
                self.lost(outcome.cluster, outcome.token, error);
                Ok(())
            }
        }
    }

    fn delivered(&mut self, cluster: usize, token: Token) -> Result<(), Error> {
        let Some(Flight { purpose, home, entry, sent_ms, .. }) = self.state.flights.remove(&token) else {
            return Ok(());
        };
        self.troubles.took(cluster, now_ms() - sent_ms, now_ms());
        if self.routes.delivered(cluster) {
            self.log(cluster, "takes rows again");
        }
        match purpose {
            Purpose::Progress => {}
            Purpose::Stray(sequence, owed) => {
                let key = self.stray_key(&entry, sequence);
                self.state.strays.arrived(owed, &key, sequence);
            }
            Purpose::Row(sequence) => {
                fault::point("row_acknowledged");
                if cluster == home && self.state.may_be_overtaken(home, sequence, now_ms()) {
                    let key = self.stray_key(&entry, sequence);
                    self.state.strays.hold(home, key, sequence, entry);
                    self.state.open.remove(&sequence);
                    self.state.acknowledged += 1;
                    return Ok(());
                }
                // While it is open, only a newer row of its key removes it: that one finds its own way home,
                // and may be there already.
                if cluster != home && outbox::get(&self.store, sequence)?.is_some() {
                    let key = self.stray_key(&entry, sequence);
                    self.state.strays.add(home, key, sequence, entry);
                }
                self.state.open.remove(&sequence);
                self.state.acknowledged += 1;
            }
        }
        Ok(())
    }

    fn stray_key(&self, entry: &Entry, sequence: u64) -> StrayKey {
        let mode = self.publish(entry).map(|publish| publish.mode);
        let takes_a_place = mode != Some(PublishMode::Events) && entry.publish != DEAD_LETTERS;
        let own = if takes_a_place { 0 } else { sequence };
        (entry.publish, entry.key.clone(), own)
    }

    /// A row was not taken.
    fn lost(&mut self, cluster: usize, token: Token, error: RDKafkaErrorCode) {
        let Some(flight) = self.state.flights.remove(&token) else { return };
        let topic = self.topic(&flight.entry).to_owned();
        let absent = matches!(
            error,
            RDKafkaErrorCode::UnknownTopic
                | RDKafkaErrorCode::UnknownTopicOrPartition
                | RDKafkaErrorCode::UnknownPartition
        );
        if let Some(refusal) = Trouble::of_code(error) {
            self.troubles.heard(cluster, Some(refusal));
        }
        if error == RDKafkaErrorCode::Fatal {
            self.broken.insert(cluster);
        }
        if absent {
            self.counts.doubt(cluster, &topic);
        }
        if self.routes.failed(cluster, now_ms()) {
            self.log(cluster, &format!("takes no rows ({error})"));
        }
        match flight.purpose {
            Purpose::Row(sequence) => self.state.try_again(sequence),
            Purpose::Stray(sequence, owed) => {
                let key = self.stray_key(&flight.entry, sequence);
                self.state.strays.failed(owed, key, sequence, flight.entry);
            }
            Purpose::Progress => {}
        }
    }

    fn log(&self, cluster: usize, what: &str) {
        let name = &self.wiring.clusters[cluster].name;
        tracing::info!(region = self.wiring.region, cluster = name, "{what}");
    }

    fn sighted(&mut self, sighting: Option<Sighting>) {
        let Some(Sighting { cluster, topics, refusal }) = sighting else { return };
        self.troubles.heard(cluster, refusal);
        if topics.is_empty() {
            if self.routes.failed(cluster, now_ms()) {
                self.log(cluster, "does not answer");
            }
            return;
        }
        self.routes.answered(cluster, now_ms());
        for (topic, count) in topics {
            self.note_count(cluster, &topic, count);
            if self.counts.see(cluster, topic.clone(), count) && !self.is_own(&topic) {
                let name = &self.wiring.clusters[cluster].name;
                tracing::warn!(cluster = name, topic, "E0912: the topic does not exist; its rows wait");
            }
        }
        self.state.again.append(&mut self.state.without_topic);
    }

    /// What has become of a topic that rows go to: where keys are missing now, all of them are put out again.
    fn note_count(&mut self, cluster: usize, topic: &str, count: Option<i32>) {
        if self.is_own(topic) {
            return;
        }
        let name = &self.wiring.clusters[cluster].name;
        let key = tables::meta_key(&format!("partitions:{name}:{topic}"));
        let known = || std::str::from_utf8(&self.store.shell_get(&key).ok()??).ok()?.parse().ok();
        let Some(change) = self.counts.change(cluster, topic, count, known) else { return };
        let count = count.unwrap_or(0);
        let lacking = match change {
            Change::New | Change::Gone => None,
            Change::Again => Some("the topic is there again"),
            Change::Repartitioned => Some("the number of partitions has changed"),
        };
        if let Some(what) = lacking {
            tracing::warn!(cluster = name, topic, count, "{what}: all keys are put out again");
            // Before the record that makes it known.
            self.handle.wish_for_all_keys();
        }
        self.handle.put_debts(std::iter::once((key, Some(count.to_string().into_bytes()))));
    }

    /// Nobody is told that such a topic is missing.
    fn is_own(&self, topic: &str) -> bool {
        topic == self.own_topics.progress || topic == self.own_topics.dead_letters
    }

    /// Sends home what went elsewhere: one row to see whether a home is back, all once it is.
    fn send_strays(&mut self) {
        for home in 0..self.wiring.clusters.len() {
            while self.state.flights.len() < WINDOW {
                if !self.routes.is_up(home) && !self.routes.may_try(home, now_ms()) {
                    break;
                }
                let Some((key, sequence, entry)) = self.next_stray(home) else { break };
                if !matches!(self.send(Purpose::Stray(sequence, home), entry.clone()), Attempt::Sent) {
                    self.state.strays.failed(home, key, sequence, entry);
                    break;
                }
            }
        }
    }

    fn next_stray(&mut self, home: usize) -> Option<(StrayKey, u64, Entry)> {
        let Self { publishes, own_topics, counts, state, .. } = self;
        let has_topic = |publish| counts.of(home, topic_of(publishes, own_topics, publish)).is_some();
        state.strays.take(home, has_topic)
    }

    /// The newest progress record, if the topic exists and somebody takes it; it may be lost.
    fn send_progress(&mut self) {
        if let Some(entry) = self.handle.take_progress() {
            debug_assert_eq!(entry.publish, PROGRESS);
            let _ = self.send(Purpose::Progress, entry);
        }
    }

    /// Whether a cluster is up and has every topic that the group is fed with.
    fn takes_rows(&self, cluster: usize) -> bool {
        let mut fed = self.publishes.iter().filter(|publish| publish.group == self.wiring.group);
        self.routes.is_up(cluster) && fed.all(|publish| self.counts.of(cluster, &publish.topic).is_some())
    }

    /// How a cluster does; what is new of it is said.
    fn standing_of(&mut self, at: usize) -> (String, bool, Option<Trouble>) {
        let name = self.wiring.clusters[at].name.clone();
        let trouble = self.troubles.of(at, self.routes.is_up(at), self.state.oldest_ms(at), now_ms());
        if self.troubles.is_news(at, trouble) {
            let region = &self.wiring.region;
            let refused = |refusal: Refusal| {
                let fed = self.publishes.iter().filter(|publish| publish.group == self.wiring.group);
                let topics: Vec<_> = fed.map(|publish| publish.topic.as_str()).collect();
                let said =
                    refusal.said(&self.wiring.clusters[at], &format!("write to {}", topics.join(", ")));
                tracing::warn!(region, cluster = name, "E0971: {said}; its rows wait");
            };
            match trouble {
                Some(Trouble::Refused) => refused(Refusal::Login),
                Some(Trouble::Forbidden) => refused(Refusal::Topic),
                Some(Trouble::Slow) => tracing::warn!(region, cluster = name, "takes rows slowly"),
                // Said when it was noticed.
                Some(Trouble::Silent) | None => {}
            }
        }
        (name, self.takes_rows(at), trouble)
    }

    fn report(&mut self) -> Result<(), Error> {
        self.state.reported_ms = now_ms();
        let cursor = self.state.cursor();
        let backlog = outbox::count(&self.store, cursor, self.handle.committed(), BACKLOG_MAX)?;
        let clusters: Vec<_> = (0..self.wiring.clusters.len()).map(|at| self.standing_of(at)).collect();
        let health = match clusters.iter().filter(|(_, takes, _)| *takes).count() {
            0 => Health::Down,
            _ if !self.state.without_topic.is_empty() => Health::NoTopic,
            takers if takers < clusters.len() => Health::Degraded,
            _ if clusters.iter().any(|(_, _, trouble)| trouble.is_some()) => Health::Slow,
            _ => Health::Ok,
        };
        let (sent, acknowledged) = (self.state.sent, self.state.acknowledged);
        let given_up = self.state.given_up;
        self.handle.report(Standing { health, backlog, sent, acknowledged, given_up, clusters });
        Ok(())
    }
}

fn topic_of<'t>(publishes: &'t [PublishWiring], own_topics: &'t OwnTopics, publish: u16) -> &'t str {
    match publishes.iter().find(|known| known.number == publish) {
        Some(publish) => &publish.topic,
        None if publish == DEAD_LETTERS => &own_topics.dead_letters,
        None => &own_topics.progress,
    }
}
