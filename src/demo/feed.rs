//! The flights of the demo: a week of history at its true spacing, then a rush hour of flights as
//! they "depart" now; each to a random ingest cluster, slightly out of order.

use std::time::Duration;

use crate::executor::feeder::{FeedRecord, Feeder};
use crate::types::EventTime;

use super::Error;
use super::project::{FLIGHTS_CSV, SOURCE_TOPIC};

/// How much history the clusters hold when the executor starts.
const HISTORY_MS: i64 = 6 * 86_400_000;
/// A flight's report is up to this much older than its sending: that is the disorder.
const JITTER_MS: u64 = 4_000;
/// One report in so many is written to two clusters, as an ambiguous acknowledgement would.
const COPY_EVERY: u64 = 97;
/// The generator's seed: a demo shows the same flights to the same clusters every time.
const SEED: u64 = 0x5EED_F119;

/// One flight of the data file.
struct Flight {
    id: &'static str,
    ts: i64,
    rest: [&'static str; 4],
}

/// What was fed: the log from which the oracle computes.
#[derive(Debug, Clone)]
pub(super) struct Fed {
    pub(super) id: &'static str,
    /// Fed before the executor ran: history, which is never published as events.
    pub(super) is_history: bool,
    pub(super) payload: Vec<u8>,
    pub(super) timestamp_ms: i64,
}

/// Feeds the flights and remembers every one of them.
pub(super) struct Feed {
    feeder: Feeder,
    random: Random,
    live: std::vec::IntoIter<Flight>,
    pub(super) log: Vec<Fed>,
    pub(super) newest_ts: i64,
    pub(super) copies: u64,
}

impl Feed {
    /// Feeds the history, ending at `now_ms`, and waits until it is acknowledged.
    pub(super) fn start(feeder: Feeder, now_ms: i64) -> Result<Self, Error> {
        let flights = flights();
        let first = flights.first().map_or(0, |flight| flight.ts);
        let (history, live): (Vec<_>, Vec<_>) =
            flights.into_iter().partition(|flight| flight.ts < first + HISTORY_MS);
        let shift = now_ms - history.last().map_or(0, |flight| flight.ts);
        let mut feed = Self {
            feeder,
            random: Random(SEED),
            live: live.into_iter(),
            log: Vec::new(),
            newest_ts: 0,
            copies: 0,
        };
        for flight in slightly_out_of_order(history, &mut feed.random) {
            let ts = flight.ts + shift;
            feed.send(&flight, ts, ts, true);
            feed.feeder.poll();
        }
        feed.feeder.flush(Duration::from_secs(20))?;
        Ok(feed)
    }

    /// Sends the next `count` flights as of now; fewer when the data ends.
    pub(super) fn send_live(&mut self, count: usize, now_ms: i64) {
        for _ in 0..count {
            let Some(flight) = self.live.next() else { break };
            let jitter = i64::try_from(self.random.below(JITTER_MS)).unwrap_or(0);
            self.send(&flight, now_ms - jitter, now_ms, false);
        }
        self.feeder.poll();
    }

    /// Waits until everything sent is acknowledged; returns how many went to another cluster first.
    pub(super) fn finish(&mut self) -> Result<usize, Error> {
        self.feeder.flush(Duration::from_secs(20))?;
        Ok(self.feeder.redirected)
    }

    fn send(&mut self, flight: &Flight, ts: i64, timestamp_ms: i64, is_history: bool) {
        let payload = flight.json(ts).into_bytes();
        let record = FeedRecord {
            topic: SOURCE_TOPIC.to_owned(),
            key: flight.id.as_bytes().to_vec(),
            partition: None,
            payload: Some(payload.clone()),
            timestamp_ms,
        };
        let choice = usize::try_from(self.random.below(1 << 20)).unwrap_or(0);
        if self.random.below(COPY_EVERY) == 0 {
            self.copies += 1;
            self.feeder.send(record.clone(), choice + 1);
        }
        self.feeder.send(record, choice);
        self.newest_ts = self.newest_ts.max(ts);
        self.log.push(Fed { id: flight.id, is_history, payload, timestamp_ms });
    }
}

impl Flight {
    fn json(&self, ts: i64) -> String {
        let [origin, destination, delay, distance] = self.rest;
        let number = |text: &str| if text.is_empty() { "null".to_owned() } else { text.to_owned() };
        format!(
            r#"{{"flight_id":"{}","ts":"{}","origin":"{origin}","destination":"{destination}","delay_min":{},"distance_mi":{}}}"#,
            self.id,
            EventTime(ts),
            number(delay),
            number(distance),
        )
    }
}

/// The data file, in order of departure. It ships with the binary, so its form is known.
fn flights() -> Vec<Flight> {
    FLIGHTS_CSV.lines().skip(1).filter_map(flight).collect()
}

fn flight(line: &'static str) -> Option<Flight> {
    let mut cells = line.split(',');
    let (id, ts) = (cells.next()?, cells.next()?.parse::<EventTime>().ok()?);
    Some(Flight { id, ts: ts.millis(), rest: [cells.next()?, cells.next()?, cells.next()?, cells.next()?] })
}

/// Order within `JITTER_MS` is lost, as it is across clusters; never more than the definitions' disorder allows.
fn slightly_out_of_order(flights: Vec<Flight>, random: &mut Random) -> Vec<Flight> {
    let sent_at = |flight: &Flight, random: &mut Random| {
        flight.ts.saturating_add(i64::try_from(random.below(JITTER_MS)).unwrap_or(0))
    };
    let mut flights: Vec<_> = flights.into_iter().map(|flight| (sent_at(&flight, random), flight)).collect();
    flights.sort_by_key(|(sent_at, _)| *sent_at);
    flights.into_iter().map(|(_, flight)| flight).collect()
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, seeded, good enough to shuffle flights.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }
}
