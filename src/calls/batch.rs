//! The calls of one function in one step: which may go out, which are tried again, and what came of each.
//! Pure: time comes in.
//!
//! When a worker dies with several calls in flight, nobody knows which of them it died of. None is blamed:
//! each is sent again alone, and whichever kills a worker alone has used up one of its tries.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use crate::dataflow::Answer;

/// A call that is out.
#[derive(Debug)]
struct Flight {
    request: usize,
    deadline: Instant,
}

#[derive(Debug)]
pub(super) struct Batch {
    /// By request.
    answers: Vec<Option<Answer>>,
    failures: Vec<u32>,
    retry: u32,
    waiting: VecDeque<usize>,
    /// Those that fly alone.
    suspects: VecDeque<usize>,
    is_alone: bool,
    /// By number.
    flying: BTreeMap<u64, Flight>,
}

impl Batch {
    pub(super) fn new(requests: usize, retry: u32) -> Self {
        Self {
            answers: vec![None; requests],
            failures: vec![0; requests],
            retry,
            waiting: (0..requests).collect(),
            suspects: VecDeque::new(),
            is_alone: false,
            flying: BTreeMap::new(),
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.flying.is_empty() && self.waiting.is_empty() && self.suspects.is_empty()
    }

    pub(super) fn flying(&self) -> usize {
        self.flying.len()
    }

    /// The request that goes out next, if `room` more may be out.
    pub(super) fn next(&mut self, room: usize) -> Option<usize> {
        if room == 0 || (self.is_alone && !self.flying.is_empty()) {
            return None;
        }
        self.is_alone = !self.suspects.is_empty();
        if !self.is_alone {
            return self.waiting.pop_front();
        }
        if self.flying.is_empty() { self.suspects.pop_front() } else { None }
    }

    pub(super) fn sent(&mut self, number: u64, request: usize, deadline: Instant) {
        self.flying.insert(number, Flight { request, deadline });
    }

    /// When the next call that is out is late.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.flying.values().map(|flight| flight.deadline).min()
    }

    /// Takes an answer; `false`: nobody waits for it any more.
    pub(super) fn answered(&mut self, number: u64, answer: Answer) -> bool {
        let Some(flight) = self.flying.remove(&number) else { return false };
        match answer {
            Ok(object) => self.answers[flight.request] = Some(Ok(object)),
            Err(why) => self.failed(flight.request, &why),
        }
        true
    }

    /// Gives up waiting for those that are late; returns their numbers.
    pub(super) fn overdue(&mut self, now: Instant, why: &str) -> Vec<u64> {
        let is_late = |(number, flight): (&u64, &Flight)| (flight.deadline <= now).then_some(*number);
        let late: Vec<u64> = self.flying.iter().filter_map(is_late).collect();
        for number in &late {
            if let Some(flight) = self.flying.remove(number) {
                self.failed(flight.request, why);
            }
        }
        late
    }

    /// The worker is gone, with all that was out.
    pub(super) fn died(&mut self, why: &str) {
        let out: Vec<usize> =
            std::mem::take(&mut self.flying).into_values().map(|flight| flight.request).collect();
        match out.as_slice() {
            [lone] => self.failed(*lone, why),
            several => self.suspects.extend(several),
        }
    }

    fn failed(&mut self, request: usize, why: &str) {
        self.failures[request] += 1;
        let failures = self.failures[request];
        if failures <= self.retry {
            let queue = if self.is_alone { &mut self.suspects } else { &mut self.waiting };
            queue.push_back(request);
        } else {
            let tries = if failures == 1 { "one try".to_owned() } else { format!("{failures} tries") };
            self.answers[request] = Some(Err(format!("{why} ({tries})")));
        }
    }

    /// What came of each request.
    ///
    /// # Panics
    /// Before all is done.
    pub(super) fn into_answers(self) -> Vec<Answer> {
        self.answers.into_iter().map(|answer| answer.expect("every call has ended")).collect()
    }
}
