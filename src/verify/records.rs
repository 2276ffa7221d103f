//! Random records for what a definition reads: at the edges of its windows, hops and cuts; copies, conflicts
//! of ids, broken records, events of the future, late ones.

use std::collections::BTreeMap;

use crate::model::{Aggregate, Model, Tail, Target};
use crate::plan::{Decode, Plan, WireType};
use crate::sim;
use crate::types::{DataType, EventTime, Field, TimeUnit, Value};

use super::literals::literals;
use super::rng::Rng;
use super::values::Values;

/// One record on its way.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    pub(super) timestamp_ms: i64,
    pub(super) payload: Vec<u8>,
    /// Event time; of a broken record that of the event it would have been.
    pub(super) ts: i64,
}

/// Instants around which scenarios are: a leap day's end, a year's end, the epoch, a change of clocks.
const AROUND: [i64; 5] =
    [1_709_251_199_999, 1_704_067_200_000, 86_400_000, 1_711_846_800_000, 1_719_792_000_123];
const TEXT_KEYS: [&str; 5] = ["a", "b", "", "ä", "A"];
const BROKEN: [&str; 5] = ["", "not json", "[1]", "{}", "\u{feff}{\"ts\":\"yesterday\"}"];

/// Records of every source of the plan in order of arrival, and the cut.
pub(super) fn random(
    model: &Model,
    plan: &Plan,
    target: Target,
    rng: &mut Rng,
) -> (BTreeMap<String, Vec<Arrival>>, i64) {
    let q = *rng.pick(&AROUND) + rng.between(-2, 2);
    let literals = literals(model);
    let values = Values { literals: &literals, edges_percent: *rng.pick(&[0, 5, 50]), around: q };
    let windows = windows(model, target);
    let is_ordered = is_ordered(model, target);
    let mut times = Times { q, windows: &windows, seen: Vec::new() };
    let mut all = BTreeMap::new();
    for (source, decode) in plan.reads() {
        let count = 5 + rng.below(70);
        let maker = Maker { decode, values: &values };
        let mut records: Vec<Arrival> = Vec::with_capacity(count);
        for number in 0..count {
            let record = maker.record(number, &mut times, &records, rng);
            records.push(record);
        }
        let is_static = decode.event_time.is_none();
        if !is_static {
            let disorder_ms = disorder_ms(model, &source.source);
            arrive(&mut records, is_ordered.then_some(disorder_ms), rng);
        }
        all.insert(source.source.clone(), records);
    }
    (all, q)
}

fn disorder_ms(model: &Model, name: &str) -> i64 {
    let sources = model.sources.iter().map(|source| (&source.name, source.disorder_ms));
    let tables = model.tables.iter().map(|table| (&table.name, table.disorder_ms));
    sources.chain(tables).find(|(known, _)| *known == name).map_or(0, |(_, disorder)| disorder)
}

/// Lengths and hops of all windows that the target's rows hold.
fn windows(model: &Model, target: Target) -> Vec<(i64, i64)> {
    let group_bys = match target {
        Target::GroupBy(id) => vec![id],
        Target::Join(id) => model.join(id).parts.iter().map(|part| part.group_by).collect(),
    };
    let aggregates = group_bys.into_iter().flat_map(|id| &model.group_by(id).aggregates);
    let length = |aggregate: &Aggregate| {
        let window = aggregate.window?;
        let hop = match window.tail {
            Tail::Exact => 1,
            Tail::Hop { hop_ms } => hop_ms,
        };
        Some((window.size_ms, hop))
    };
    let mut windows: Vec<_> = aggregates.filter_map(length).collect();
    windows.sort_unstable();
    windows.dedup();
    if windows.is_empty() {
        windows.push((3_600_000, 1));
    }
    windows
}

/// Whether rows are final once they are out: what comes later than the watermark would be missed.
fn is_ordered(model: &Model, target: Target) -> bool {
    match target {
        Target::GroupBy(id) => !model.group_by(id).lookups.is_empty(),
        Target::Join(_) => true,
    }
}

/// Puts records in order of arrival: any at all, or within the disorder.
fn arrive(records: &mut [Arrival], disorder_ms: Option<i64>, rng: &mut Rng) {
    let mut order: Vec<(i64, usize)> = Vec::with_capacity(records.len());
    let lateness = *rng.pick(&[0, 60_000, 86_400_000 * 40]);
    for (at, record) in records.iter().enumerate() {
        let delay = match disorder_ms {
            // An event is late from the watermark on, so the last millisecond would be.
            Some(disorder) => rng.between(0, (disorder - 1).max(0)),
            None => rng.between(0, lateness),
        };
        order.push((record.ts.saturating_add(delay), at));
    }
    order.sort_unstable();
    let sorted: Vec<Arrival> = order.into_iter().map(|(_, at)| records[at].clone()).collect();
    records.clone_from_slice(&sorted);
}

/// Times worth an event.
struct Times<'w> {
    q: i64,
    windows: &'w [(i64, i64)],
    /// Those of all sources so far: joins look at each other's.
    seen: Vec<i64>,
}

impl Times<'_> {
    fn random(&mut self, rng: &mut Rng) -> i64 {
        let (window, hop) = *rng.pick(self.windows);
        let near = rng.between(-1, 1);
        let q = self.q;
        let ts = match rng.below(10) {
            // The start of a window as of the cut, its neighbours, and the hop after it.
            0 => (q - window).div_euclid(hop) * hop + near,
            1 => ((q - window).div_euclid(hop) + 1) * hop + near,
            2 => q - window + near,
            3 => q - 1 + near,
            // As another event, when it enters or leaves a window, or in its hop.
            4 if !self.seen.is_empty() => *rng.pick(&self.seen),
            5 if !self.seen.is_empty() => *rng.pick(&self.seen) + near,
            6 if !self.seen.is_empty() => *rng.pick(&self.seen) - window + near,
            7 if !self.seen.is_empty() => (*rng.pick(&self.seen) - window).div_euclid(hop) * hop + near,
            _ => q - rng.between(0, window + window / 4 + hop),
        };
        self.seen.push(ts);
        ts
    }
}

/// Makes the records of one source.
struct Maker<'p> {
    decode: &'p Decode,
    values: &'p Values<'p>,
}

impl Maker<'_> {
    fn record(&self, number: usize, times: &mut Times<'_>, others: &[Arrival], rng: &mut Rng) -> Arrival {
        let ts = self.floored(times.random(rng));
        let again = others.get(others.len().wrapping_sub(1 + rng.below(4)));
        match (rng.below(100), again) {
            (0..=2, _) => self.arrival(ts, rng.pick(&BROKEN).as_bytes().to_vec(), rng),
            // A copy, as an ambiguous write leaves it in a second cluster.
            (3..=12, Some(other)) => other.clone(),
            // Another event under the same id.
            (13..=16, _) if number > 0 => self.event(number - 1, ts, rng),
            _ => self.event(number, ts, rng),
        }
    }

    fn event(&self, number: usize, ts: i64, rng: &mut Rng) -> Arrival {
        let value = |(index, field): (usize, &crate::plan::DecodeField)| {
            let value = if self.decode.event_time == Some(index) {
                Value::Timestamp(EventTime(ts))
            } else if self.decode.event_id == Some(index) {
                id(number, field.field.data_type, self.values, rng)
            } else {
                self.value(&field.field, rng)
            };
            (index, value)
        };
        let values: Vec<_> = self.decode.fields.iter().enumerate().map(value).collect();
        self.arrival(ts, sim::payload(self.decode, &values), rng)
    }

    /// Keys are few, so that events meet.
    fn value(&self, field: &Field, rng: &mut Rng) -> Value {
        match field.data_type {
            _ if field.nullable && rng.percent(10) => Value::Null,
            DataType::String if rng.percent(45) => Value::string(TEXT_KEYS[rng.below(TEXT_KEYS.len())]),
            DataType::Int if rng.percent(30) => Value::Int(rng.between(1, 3)),
            _ => self.values.field(field, rng),
        }
    }

    /// The record's own timestamp: mostly later than its event; sometimes just as early as is allowed, or
    /// a millisecond too early.
    fn arrival(&self, ts: i64, payload: Vec<u8>, rng: &mut Rng) -> Arrival {
        let ahead = self.decode.ahead_ms;
        let lead = match rng.below(20) {
            0 => ahead,
            1 => ahead.saturating_add(1),
            2 => 0,
            _ => -rng.between(0, 5_000),
        };
        Arrival { timestamp_ms: ts.saturating_sub(lead), payload, ts }
    }

    /// As the source's stamps can say it.
    fn floored(&self, ts: i64) -> i64 {
        let index = self.decode.event_time.map(|index| &self.decode.fields[index].wire_type);
        match index {
            Some(WireType::Stamp(TimeUnit::Seconds)) => ts.div_euclid(1_000) * 1_000,
            _ => ts,
        }
    }
}

fn id(number: usize, data_type: DataType, values: &Values<'_>, rng: &mut Rng) -> Value {
    match data_type {
        DataType::String => Value::string(format!("e{number}")),
        DataType::Int => Value::Int(i64::try_from(number).unwrap_or(0)),
        other => values.value(other, rng),
    }
}
