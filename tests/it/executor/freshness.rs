//! How long after it was due an event is in a delivered row. An event counts from the instant at which it was to
//! be sent, whatever held up its sending: a load that waits for what it measures hides the waiting.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

/// An event of a load.
#[derive(Debug, Clone)]
pub(super) struct Offered {
    pub(super) key: String,
    /// When it was to be sent; its event time too. Of a key's events no two have the same.
    pub(super) due_ms: i64,
    pub(super) payload: Vec<u8>,
}

/// A row that a reader was given.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    pub(super) key: String,
    /// The newest event that is in it.
    pub(super) newest_ms: i64,
    /// How many events are.
    pub(super) events: u64,
    pub(super) lease: u64,
    pub(super) at_ms: i64,
}

/// An event, and when the first row with it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Included {
    pub(super) due_ms: i64,
    pub(super) at_ms: Option<i64>,
}

/// What became of each event, in their order. A key's events all take one way, so what is newest includes all
/// before it.
pub(super) fn included(offered: &[Offered], arrivals: &[Arrival]) -> Vec<Included> {
    let mut all: Vec<_> = offered.iter().map(|o| Included { due_ms: o.due_ms, at_ms: None }).collect();
    let mut waiting: BTreeMap<&str, VecDeque<usize>> = BTreeMap::new();
    for (at, offered) in offered.iter().enumerate() {
        waiting.entry(&offered.key).or_default().push_back(at);
    }
    let mut arrivals: Vec<_> = arrivals.iter().collect();
    arrivals.sort_by_key(|arrival| arrival.at_ms);
    for arrival in arrivals {
        let Some(queue) = waiting.get_mut(arrival.key.as_str()) else { continue };
        while let Some(first) = queue.front().filter(|first| all[**first].due_ms <= arrival.newest_ms) {
            all[*first].at_ms = Some(arrival.at_ms);
            queue.pop_front();
        }
    }
    all
}

/// How many events of the load are in the newest rows of their keys.
pub(super) fn counted(offered: &[Offered], arrivals: &[Arrival]) -> u64 {
    let mut counts: BTreeMap<_, _> = offered.iter().map(|offered| (offered.key.as_str(), 0)).collect();
    for arrival in arrivals {
        if let Some(count) = counts.get_mut(arrival.key.as_str()) {
            *count = arrival.events.max(*count);
        }
    }
    counts.values().sum()
}

/// Delays of events that were due in that time, least first.
#[derive(Debug, Clone)]
pub(super) struct Delays {
    sorted: Vec<i64>,
    pub(super) offered: usize,
}

impl Delays {
    pub(super) fn of(included: &[Included], due: &Range<i64>) -> Self {
        let of_time = || included.iter().filter(|event| due.contains(&event.due_ms));
        let mut sorted: Vec<_> = of_time().filter_map(|event| Some(event.at_ms? - event.due_ms)).collect();
        sorted.sort_unstable();
        Self { sorted, offered: of_time().count() }
    }

    pub(super) fn delivered(&self) -> usize {
        self.sorted.len()
    }

    /// The delay that so many of a hundred events do not pass; 0 without events.
    pub(super) fn percentile(&self, of_hundred: usize) -> i64 {
        let place = (self.sorted.len() * of_hundred).div_ceil(100);
        self.sorted.get(place.saturating_sub(1)).copied().unwrap_or(0)
    }
}

#[test]
fn an_event_counts_from_when_it_was_due_to_the_first_row_that_includes_it() {
    let offered = |key: &str, due_ms| Offered { key: key.into(), due_ms, payload: Vec::new() };
    let arrival =
        |key: &str, newest_ms, at_ms| Arrival { key: key.into(), newest_ms, events: 1, lease: 1, at_ms };
    let events = [offered("a", 10), offered("b", 11), offered("a", 20), offered("a", 30)];
    // One row may include several, a row may come again, and what was read last may have come first.
    let arrivals = [arrival("a", 20, 50), arrival("a", 20, 60), arrival("c", 99, 60), arrival("a", 10, 15)];
    let included = included(&events, &arrivals);
    let at: Vec<_> = included.iter().map(|event| event.at_ms).collect();
    assert_eq!(at, [Some(15), None, Some(50), None]);
    let delays = Delays::of(&included, &(10..30));
    assert_eq!((delays.offered, delays.delivered()), (3, 2));
    assert_eq!((delays.percentile(50), delays.percentile(99)), (5, 30));
    assert_eq!(Delays::of(&included, &(0..5)).percentile(99), 0);
    assert_eq!(counted(&events, &arrivals), 1, "of a and b, not of what is nobody's");
}
