//! Random records for what a definition reads: at the edges of its windows, hops and cuts; copies, conflicts
//! of ids, broken records, events of the future, late ones, deletions.

use std::collections::BTreeMap;

use crate::model::{Model, Target};
use crate::oracle;
use crate::plan::{Decode, Format, Plan, WireType};
use crate::sim;
use crate::types::{DataType, EventTime, Field, TimeUnit, Value};
use crate::wire;

use super::avro;
use super::literals::literals;
use super::rng::Rng;
use super::times::{self, AROUND, Times};
use super::values::Values;

/// One record on its way.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    pub(super) timestamp_ms: i64,
    pub(super) payload: Vec<u8>,
    /// Of a record without value: its key.
    pub(super) deleted_key: Option<Vec<u8>>,
    /// Event time; of a broken record that of the event it would have been.
    pub(super) ts: i64,
}

impl Arrival {
    /// As the oracle reads it.
    pub(super) fn record(&self) -> oracle::Record {
        let Self { timestamp_ms, payload, deleted_key, ts: _ } = self;
        oracle::Record {
            payload: payload.clone(),
            timestamp_ms: *timestamp_ms,
            deleted_key: deleted_key.clone(),
        }
    }
}

/// Nine keys, so that rows are many and events still meet.
const TEXT_KEYS: [&str; 9] = ["a", "b", "", "ä", "A", "c", "😀", "[\"a\",1]", "b "];
const BROKEN: [&str; 5] = ["", "not json", "[1]", "{}", "\u{feff}{\"ts\":\"yesterday\"}"];

/// Records of every source of the plan in order of arrival, and the cut.
pub(super) fn random(
    model: &Model,
    plan: &Plan,
    target: Target,
    rng: &mut Rng,
) -> (BTreeMap<String, Vec<Arrival>>, i64) {
    let q = *rng.pick(&AROUND) + rng.between(-2, 2);
    let literals = literals(model, target);
    let values = Values { literals: &literals, edges_percent: *rng.pick(&[0, 5, 50]), around: q };
    let windows = times::windows(model, target);
    let delays = times::delays(model, target);
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
            times::arrive(&mut records, delays.get(&source.source).copied().flatten(), rng);
        }
        all.insert(source.source.clone(), records);
    }
    (all, q)
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
            (0..=1, _) => self.arrival(ts, rng.pick(&BROKEN).as_bytes().to_vec(), rng),
            // A record that was cut off.
            (2, Some(other)) if !other.payload.is_empty() => {
                self.arrival(ts, other.payload[..other.payload.len() - 1].to_vec(), rng)
            }
            // A copy, as an ambiguous write leaves it in a second cluster.
            (3..=12, Some(other)) => other.clone(),
            // Another event under the same id, sometimes of the same instant.
            (13..=16, Some(other)) if number > 0 => {
                self.event(number - 1, if rng.percent(40) { other.ts } else { ts }, rng)
            }
            (17..=24, _) if !self.decode.keys.is_empty() => self.deletion(ts, rng),
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
        let payload = match &self.decode.format {
            Format::Json => sim::payload(self.decode, &values),
            Format::Avro { schema, .. } => avro::payload(schema, self.decode, &values),
        };
        self.arrival(ts, payload, rng)
    }

    /// A key is no longer in the table, as of the record's own timestamp.
    fn deletion(&self, ts: i64, rng: &mut Rng) -> Arrival {
        let part = |index: &usize| {
            let field = &self.decode.fields[*index].field;
            self.value(&Field::new(field.name.clone(), field.data_type, false), rng)
        };
        let key: Vec<Value> = self.decode.keys.iter().map(part).collect();
        let deleted_key = Some(wire::encode_key(&key));
        Arrival { timestamp_ms: ts, payload: Vec::new(), deleted_key, ts }
    }

    /// Keys are few, so that events meet.
    fn value(&self, field: &Field, rng: &mut Rng) -> Value {
        match field.data_type {
            _ if field.nullable && rng.percent(10) => Value::Null,
            DataType::String if rng.percent(if self.values.has_texts() { 25 } else { 45 }) => {
                Value::string(TEXT_KEYS[rng.below(TEXT_KEYS.len())])
            }
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
        Arrival { timestamp_ms: ts.saturating_sub(lead), payload, deleted_key: None, ts }
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
