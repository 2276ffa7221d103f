//! Looks after one cluster that is written to: which topics it has, with how many partitions, and that it
//! answers again. Its questions block, so it has a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};

use super::super::kafka::{self, Metadata};
use super::trouble::Trouble;
use crate::topology::Cluster;

const LOOK_EVERY: Duration = Duration::from_secs(10);
/// While it does not answer, or a topic is missing.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
const STOP_LOOK: Duration = Duration::from_millis(100);

/// What was seen.
#[derive(Debug)]
pub(super) struct Sighting {
    pub(super) cluster: usize,
    /// Partitions per topic asked for; `None`: there is no such topic. Empty: no answer.
    pub(super) topics: Vec<(String, Option<i32>)>,
    /// It has said no.
    pub(super) refusal: Option<Trouble>,
}

/// One cluster to look after.
pub(super) struct Scout {
    cluster: usize,
    name: String,
    consumer: BaseConsumer,
    topics: Vec<String>,
    out: Sender<Sighting>,
    stop: Arc<AtomicBool>,
    /// What the client has heard since the last look.
    refusal: Option<Trouble>,
}

impl Scout {
    pub(super) fn new(
        cluster: usize,
        wiring: &Cluster,
        topics: Vec<String>,
        out: Sender<Sighting>,
        stop: Arc<AtomicBool>,
    ) -> KafkaResult<Self> {
        let consumer = kafka::consumer(wiring, "windrow-scout")?;
        Ok(Self { cluster, name: wiring.name.clone(), consumer, topics, out, stop, refusal: None })
    }

    pub(super) fn cluster_name(&self) -> &str {
        &self.name
    }

    /// Looks until it is told to stop.
    pub(super) fn run(mut self) {
        while !self.stop.load(Ordering::Relaxed) {
            let seen = self.look();
            let complete = seen.as_ref().is_ok_and(|topics| topics.iter().all(|(_, count)| count.is_some()));
            // The client says of its own accord why nobody answers.
            while let Some(polled) = self.consumer.poll(Duration::ZERO) {
                self.hear(polled.err().as_ref());
            }
            self.hear(seen.as_ref().err());
            let topics = seen.unwrap_or_default();
            let refusal = self.refusal.take().filter(|_| topics.is_empty());
            if self.out.send(Sighting { cluster: self.cluster, topics, refusal }).is_err() {
                break;
            }
            self.rest(if complete { LOOK_EVERY } else { LOOK_AGAIN });
        }
    }

    fn look(&self) -> KafkaResult<Vec<(String, Option<i32>)>> {
        let count = |topic: &String| Ok((topic.clone(), self.consumer.client().count(topic)?));
        self.topics.iter().map(count).collect()
    }

    fn hear(&mut self, error: Option<&KafkaError>) {
        let code = error.and_then(KafkaError::rdkafka_error_code);
        self.refusal = code.and_then(Trouble::of_code).or(self.refusal);
    }

    fn rest(&mut self, pause: Duration) {
        let until = Instant::now() + pause;
        while Instant::now() < until && !self.stop.load(Ordering::Relaxed) {
            // Serves the client's own events while it waits.
            let heard = self.consumer.poll(STOP_LOOK).and_then(Result::err);
            self.hear(heard.as_ref());
            if heard.is_some() && self.refusal.is_some() && pause > LOOK_AGAIN {
                break;
            }
        }
    }
}
