//! Bent input: the engine sees other records than there were.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::model::{Source, WireType};
use crate::types::TimeUnit;
use crate::verify::records::Arrival;
use crate::verify::scenario::Scenario;

/// Each source of the model with its records.
fn each_source(scenario: &mut Scenario, change: fn(&Source, &mut Vec<Arrival>)) {
    for source in &scenario.model.sources {
        if let Some(arrivals) = scenario.arrivals.get_mut(&source.name) {
            change(source, arrivals);
        }
    }
}

/// Those that are aggregated: rows of a join are keyed by the left event's id.
fn each_right_source(scenario: &mut Scenario, change: fn(&Source, &mut Vec<Arrival>)) {
    let lefts = scenario.left_sources();
    for source in scenario.model.sources.iter().filter(|source| !lefts.contains(&source.name)) {
        if let Some(arrivals) = scenario.arrivals.get_mut(&source.name) {
            change(source, arrivals);
        }
    }
}

fn object(arrival: &Arrival) -> Option<Map<String, Json>> {
    serde_json::from_slice(&arrival.payload).ok()
}

fn write(arrival: &mut Arrival, object: Map<String, Json>) {
    arrival.payload = Json::Object(object).to_string().into_bytes();
}

pub(super) fn late_dropped(scenario: &mut Scenario) {
    each_source(scenario, |source, arrivals| {
        let mut newest = i64::MIN;
        arrivals.retain(|arrival| {
            let is_late = arrival.ts <= newest.saturating_sub(source.disorder_ms);
            newest = newest.max(arrival.ts);
            !is_late
        });
    });
}

pub(super) fn copies_by_id_only(scenario: &mut Scenario) {
    each_source(scenario, |source, arrivals| {
        let Some(id) = source.event_id.map(|slot| &source.fields[slot].wire_name) else { return };
        let mut seen = BTreeSet::new();
        arrivals.retain(|arrival| {
            match object(arrival).and_then(|object| object.get(id).map(Json::to_string)) {
                Some(id) => seen.insert(id),
                None => true,
            }
        });
    });
}

/// Ids follow the order of arrival; a copy keeps the id of its first.
fn with_ids(source: &Source, arrivals: &mut [Arrival], id_of: fn(usize) -> String) {
    let Some(id) = source.event_id.filter(|slot| source.fields[*slot].wire_type == WireType::String) else {
        return;
    };
    let name = source.fields[id].wire_name.clone();
    let mut seen: Vec<Vec<u8>> = Vec::new();
    for arrival in arrivals {
        let Some(mut object) = object(arrival) else { continue };
        let number = seen.iter().position(|payload| *payload == arrival.payload).unwrap_or_else(|| {
            seen.push(arrival.payload.clone());
            seen.len() - 1
        });
        if object.contains_key(&name) {
            object.insert(name.clone(), id_of(number).into());
            write(arrival, object);
        }
    }
}

pub(super) fn ties_by_arrival(scenario: &mut Scenario) {
    each_right_source(scenario, |source, arrivals| {
        with_ids(source, arrivals, |number| format!("{number:06}"));
    });
}

pub(super) fn ties_reversed(scenario: &mut Scenario) {
    each_right_source(scenario, |source, arrivals| {
        arrivals.sort_by(|a, b| a.payload.cmp(&b.payload));
        with_ids(source, arrivals, |number| format!("{:06}", 999_999 - number));
        arrivals.sort_by_key(|arrival| arrival.ts);
    });
}

pub(super) fn null_keys_kept(scenario: &mut Scenario) {
    each_source(scenario, |source, arrivals| {
        let nullable =
            |field: &&crate::model::SourceField| field.field.nullable && field.wire_type == WireType::String;
        let names: Vec<String> = source.fields.iter().filter(nullable).map(|f| f.wire_name.clone()).collect();
        for arrival in arrivals {
            let Some(mut object) = object(arrival) else { continue };
            for name in &names {
                if object.get(name).is_none_or(Json::is_null) {
                    object.insert(name.clone(), "".into());
                }
            }
            write(arrival, object);
        }
    });
}

pub(super) fn seconds_only(scenario: &mut Scenario) {
    each_source(scenario, |source, arrivals| shift(source, arrivals, |ms| ms.div_euclid(1_000) * 1_000));
}

/// The right sides of a join happen a millisecond earlier; their windows move along.
pub(super) fn self_seen(scenario: &mut Scenario) {
    let lefts = scenario.left_sources();
    for source in &scenario.model.sources {
        if let Some(arrivals) = scenario.arrivals.get_mut(&source.name)
            && !lefts.contains(&source.name)
        {
            shift(source, arrivals, |ms| ms - 1);
        }
    }
}

pub(super) fn deletions_ignored(scenario: &mut Scenario) {
    scenario.arrivals.values_mut().for_each(|arrivals| arrivals.retain(|of| of.deleted_key.is_none()));
}

/// Other event times, where they are written in milliseconds.
fn shift(source: &Source, arrivals: &mut [Arrival], change: fn(i64) -> i64) {
    let field = &source.fields[source.event_time];
    for arrival in arrivals {
        let Some(mut object) = object(arrival) else { continue };
        let changed = match (&field.wire_type, object.get(&field.wire_name)) {
            (WireType::Stamp(TimeUnit::Millis), Some(Json::Number(ms))) => {
                ms.as_i64().map(|ms| Json::from(change(ms)))
            }
            (WireType::IsoTimestamp, Some(Json::String(text))) => {
                let time = crate::types::EventTime::from_iso(text).ok();
                time.map(|time| crate::types::EventTime(change(time.millis())).to_string().into())
            }
            _ => None,
        };
        if let Some(changed) = changed {
            object.insert(field.wire_name.clone(), changed);
            write(arrival, object);
        }
    }
}

pub(super) fn partition_lost(scenario: &mut Scenario) {
    for arrivals in scenario.arrivals.values_mut() {
        let mut number = 0;
        arrivals.retain(|_| {
            number += 1;
            number % 11 != 0
        });
    }
}
