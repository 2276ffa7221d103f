//! What a cluster does not let us do, or does not answer, and how the reader says it.

use std::time::Instant;

use rdkafka::error::KafkaError;

use super::super::super::clock::now_ms;
use super::super::super::kafka::Refusal;
use super::super::outlet::Stopped;
use super::super::partition::{self, Standing};
use super::{Reader, Slot};

impl Reader {
    /// What is wrong, unless something worse is known.
    pub(super) fn say(&mut self, trouble: &str) -> Result<(), Stopped> {
        let Some(refusal) = self.refusal else { return self.outlet.say(trouble) };
        let topics: Vec<_> = self.settings.wiring.topics.iter().map(|(topic, _)| topic.as_str()).collect();
        let wanted = format!("read {}", topics.join(", "));
        self.outlet.say(&format!("E0971: {}", refusal.said(&self.settings.wiring.cluster, &wanted)))
    }

    pub(super) fn hear(&mut self, error: &KafkaError) -> Result<(), Stopped> {
        let refusal = error.rdkafka_error_code().and_then(Refusal::of);
        let is_news = refusal.is_some() && std::mem::replace(&mut self.refusal, refusal) != refusal;
        if is_news { self.say("") } else { Ok(()) }
    }

    /// The cluster has answered a question: it refuses no more than what could not be fetched since it said so.
    pub(super) fn let_in(&mut self) {
        let is_closed = (0..self.slots.len()).any(|slot| self.is_closed(slot));
        self.refusal = is_closed.then_some(Refusal::Topic);
    }

    /// Who may ask for the ends of a log may not always read it.
    pub(super) fn is_closed(&self, slot: usize) -> bool {
        let Slot { machine, log_end, read_ms, .. } = &self.slots[slot];
        self.closed_ms.is_some_and(|closed_ms| *read_ms < closed_ms) && machine.next < *log_end
    }

    pub(super) fn without_answer(&mut self, error: &KafkaError) -> Result<(), Stopped> {
        self.hear(error)?;
        self.back_off();
        self.ask_at = Instant::now() + self.pause;
        self.each(partition::Event::Tick { now_ms: now_ms() })?;
        let is_down = |slot: &Slot| matches!(slot.machine.standing, Standing::Down { .. });
        if self.slots.iter().any(is_down) { self.say("not answering") } else { Ok(()) }
    }
}
