//! Every standing of a partition meets every event; and where reading begins while records keep coming.

use std::cell::Cell;
use std::collections::BTreeSet;

use rdkafka::error::KafkaResult;

use super::super::kafka::{Edge, TopicPartition};
use super::partition::{DOWN_AFTER_MS, Effect, Event, Gap, Partition, Standing};
use super::resolve::{Bound, Logs, Origin, Resolver};
use crate::dataflow::PartitionStatus;

const DOWN: Standing = Standing::Down { since_ms: 7 };
const STARTING: Standing = Standing::Starting { since_ms: 0 };
const QUIET: Standing = Standing::Quiet { proven_ms: 5 };
const STOPPED: Standing = Standing::Stopped { since_ms: 1, gap: Gap { from: 0, to: 9 } };
const PINNED: Standing = Standing::Pinned { since_ms: 6 };
const ALL: [Standing; 8] =
    [STARTING, Standing::Live, QUIET, PINNED, DOWN, Standing::Ended, STOPPED, Standing::Halted];

/// A partition that has read up to offset 10 and stands like that.
fn at(standing: Standing) -> Partition {
    let mut partition = Partition::new(10, None, 0);
    partition.standing = standing;
    partition
}

fn is_final(standing: Standing) -> bool {
    matches!(standing, Standing::Ended | Standing::Stopped { .. } | Standing::Halted)
}

#[test]
fn a_record_makes_any_partition_live_unless_it_is_over() {
    for standing in ALL {
        let mut partition = at(standing);
        let effects = partition.step(Event::Record { offset: 10, now_ms: 50 });
        if is_final(standing) {
            assert_eq!((partition.standing, partition.next, effects), (standing, 10, vec![]));
            continue;
        }
        assert_eq!((partition.standing, partition.next), (Standing::Live, 11), "{standing:?}");
        let tell = (standing != Standing::Live).then_some(Effect::Tell(PartitionStatus::Live));
        assert_eq!(effects, [Effect::Deliver].into_iter().chain(tell).collect::<Vec<_>>());
    }
}

#[test]
fn a_record_that_was_read_before_is_not_delivered_again() {
    let mut partition = at(Standing::Live);
    assert_eq!(partition.step(Event::Record { offset: 9, now_ms: 50 }), vec![]);
    assert_eq!(partition.next, 10);
}

#[test]
fn only_an_answer_with_nothing_left_to_read_proves_quiet() {
    for standing in ALL.into_iter().filter(|standing| !is_final(*standing)) {
        let mut partition = at(standing);
        let effects = partition.step(Event::Bounds { low: 0, end: 10, high: Some(10), asked_ms: 60 });
        assert_eq!(partition.standing, Standing::Quiet { proven_ms: 60 }, "{standing:?}");
        assert_eq!(effects, vec![Effect::Tell(PartitionStatus::Quiet { now_ms: 60 })]);
        let mut partition = at(standing);
        partition.step(Event::Bounds { low: 0, end: 11, high: Some(11), asked_ms: 60 });
        assert_eq!(partition.standing, Standing::Live, "{standing:?}: offset 10 is still to come");
    }
}

#[test]
fn silence_means_down_and_never_quiet() {
    for standing in ALL {
        let mut partition = at(standing);
        assert_eq!(partition.step(Event::Tick { now_ms: DOWN_AFTER_MS }), vec![], "{standing:?}");
        let effects = partition.step(Event::Tick { now_ms: DOWN_AFTER_MS + 1 });
        let expected = match standing {
            Standing::Live | Standing::Quiet { .. } | Standing::Pinned { .. } => {
                Standing::Down { since_ms: 0 }
            }
            other => other,
        };
        assert_eq!(partition.standing, expected);
        assert_eq!(effects.is_empty(), expected == standing);
    }
}

#[test]
fn an_answer_resets_the_age_that_makes_a_partition_down() {
    let mut partition = at(Standing::Live);
    partition.step(Event::Bounds { low: 0, end: 20, high: Some(20), asked_ms: DOWN_AFTER_MS });
    assert_eq!(partition.step(Event::Tick { now_ms: DOWN_AFTER_MS + 1 }), vec![]);
    assert_eq!(partition.standing, Standing::Live);
}

#[test]
fn an_unreachable_cluster_is_down_since_it_failed_first() {
    for standing in ALL {
        let mut partition = at(standing);
        partition.step(Event::Failed { now_ms: 70 });
        partition.step(Event::Failed { now_ms: 80 });
        let expected = match standing {
            Standing::Live | Standing::Quiet { .. } | Standing::Pinned { .. } => {
                Standing::Down { since_ms: 70 }
            }
            other => other,
        };
        assert_eq!(partition.standing, expected);
    }
}

#[test]
fn a_lost_range_stops_the_partition_and_names_it() {
    for standing in ALL.into_iter().filter(|standing| !is_final(*standing)) {
        let mut partition = at(standing);
        let effects = partition.step(Event::OutOfRange { low: 15, end: 20, now_ms: 90 });
        assert_eq!(partition.standing, Standing::Stopped { since_ms: 90, gap: Gap { from: 10, to: 15 } });
        let down = PartitionStatus::Down { since_ms: 90 };
        assert_eq!(effects, vec![Effect::Tell(down), Effect::Pause], "{standing:?}");
    }
}

#[test]
fn a_client_that_stopped_without_a_gap_is_sent_back() {
    let mut partition = at(Standing::Live);
    assert_eq!(partition.step(Event::OutOfRange { low: 10, end: 10, now_ms: 90 }), vec![Effect::Seek]);
    assert_eq!(partition.standing, Standing::Live);
}

#[test]
fn a_gap_in_the_bounds_is_believed_at_the_second_sight() {
    let shorter = Event::Bounds { low: 0, end: 4, high: Some(4), asked_ms: 90 };
    let mut partition = at(Standing::Live);
    assert_eq!(partition.step(shorter), vec![]);
    partition.step(Event::Record { offset: 10, now_ms: 91 });
    assert_eq!(partition.step(shorter), vec![], "a record between starts over");
    partition.step(shorter);
    assert_eq!(partition.standing, Standing::Stopped { since_ms: 90, gap: Gap { from: 11, to: 4 } });
}

#[test]
fn bounded_reading_ends_with_its_last_record_and_takes_none_beyond() {
    let mut partition = Partition::new(10, Some(12), 0);
    assert_eq!(
        partition.step(Event::Record { offset: 10, now_ms: 1 }),
        vec![Effect::Deliver, Effect::Tell(PartitionStatus::Live)]
    );
    assert_eq!(
        partition.step(Event::Record { offset: 11, now_ms: 2 }),
        vec![Effect::Deliver, Effect::Tell(PartitionStatus::Ended), Effect::Pause]
    );
    assert_eq!(partition.step(Event::Record { offset: 12, now_ms: 3 }), vec![]);
    assert_eq!(partition.next, 12);
}

#[test]
fn bounded_reading_of_nothing_ends_with_the_first_answer() {
    let mut partition = Partition::new(10, Some(10), 0);
    let effects = partition.step(Event::Bounds { low: 0, end: 12, high: Some(12), asked_ms: 1 });
    assert_eq!(effects, vec![Effect::Tell(PartitionStatus::Ended), Effect::Pause]);
    // Offset 11 was compacted away: the record beyond the end shows that nothing is left.
    let mut partition = Partition::new(10, Some(12), 0);
    partition.step(Event::Record { offset: 13, now_ms: 1 });
    assert_eq!((partition.standing, partition.next), (Standing::Ended, 10));
}

#[test]
fn marks_of_transactions_at_the_end_of_a_log_are_passed() {
    let mut partition = at(Standing::Live);
    partition.step(Event::Passed { offset: 12 });
    partition.step(Event::Passed { offset: 11 });
    assert_eq!(partition.next, 12);
    let quiet = partition.step(Event::Bounds { low: 0, end: 12, high: Some(12), asked_ms: 60 });
    assert_eq!(quiet, vec![Effect::Tell(PartitionStatus::Quiet { now_ms: 60 })]);
    let mut partition = Partition::new(10, Some(12), 0);
    let ended = partition.step(Event::Passed { offset: 12 });
    assert_eq!(ended, vec![Effect::Tell(PartitionStatus::Ended), Effect::Pause]);
}

/// A topic of one partition that gets a record after each question. Offsets below `old` are older than any
/// time that is asked for.
struct Growing {
    old: i64,
    end: Cell<i64>,
}

impl Growing {
    fn answer<T>(&self, answer: T) -> Vec<T> {
        self.end.set(self.end.get() + 1);
        vec![answer]
    }
}

impl Logs for Growing {
    fn count(&self, _: &str) -> KafkaResult<Option<i32>> {
        Ok(Some(1))
    }

    fn edges(&self, _: &[TopicPartition], edge: Edge) -> KafkaResult<Vec<i64>> {
        Ok(self.answer(if edge == Edge::Start { 0 } else { self.end.get() }))
    }

    fn first_since(&self, _: &[TopicPartition], _: i64) -> KafkaResult<Vec<Option<i64>>> {
        Ok(self.answer((self.end.get() > self.old).then_some(self.old)))
    }
}

#[test]
fn a_first_start_skips_no_record_that_comes_while_it_asks() {
    let topics = [("t".to_owned(), vec!["s".to_owned()])];
    for begun in 0..6 {
        for old in begun..begun + 4 {
            for origin in [Origin::Earliest, Origin::At { ms: 1 }] {
                let whole = BTreeSet::new();
                let (topics, bound) = (&topics, Bound::EndsKept);
                let resolver = Resolver { cluster: "c", topics, whole: &whole, known: &[], origin, bound };
                let logs = Growing { old, end: Cell::new(begun) };
                let found = resolver.resolve(&logs, &|_, _| false, 0).unwrap();
                let (next, end) = (found.declared[0].next, found.declared[0].end.unwrap());
                let wanted = if origin == Origin::Earliest { 0 } else { old };
                assert!(next <= wanted, "{origin:?}, {begun} records, {old} of them old: begins at {next}");
                assert!(end <= logs.end.get(), "the end is one that the log has had: {end}");
            }
        }
    }
}

#[test]
fn what_is_written_and_may_not_be_read_pins_a_partition_until_it_may() {
    let ask = |high, asked_ms| Event::Bounds { low: 0, end: 10, high, asked_ms };
    for standing in ALL.into_iter().filter(|standing| !is_final(*standing)) {
        let mut partition = at(standing);
        partition.step(ask(Some(11), 60));
        let since_ms = if standing == PINNED { 6 } else { 60 };
        assert_eq!(partition.standing, Standing::Pinned { since_ms }, "{standing:?}");
        assert_eq!(partition.step(ask(Some(12), 70)), vec![], "it is pinned since then");
        partition.step(Event::Bounds { low: 0, end: 12, high: Some(12), asked_ms: 80 });
        assert_eq!(partition.standing, Standing::Live, "it is over, and there is something to read");
        let mut partition = at(standing);
        partition.step(ask(None, 60));
        assert_eq!(partition.standing, Standing::Live, "{standing:?}: no fetch has shown what is written");
    }
}
