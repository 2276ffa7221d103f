//! The generator's report: how often its records hit each edge. What is never made proves nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Model, Target};
use crate::oracle::{self, Record};
use crate::types::{Date, EventTime};

use super::records::Arrival;
use super::rng::Rng;
use super::scenario::Scenario;
use super::{Options, times};

/// Every edge that is counted.
pub const EDGES: &[&str] = &[
    "window-start",
    "window-start-less-1ms",
    "window-start-plus-1ms",
    "hop-start",
    "hop-start-less-1ms",
    "q-less-1ms",
    "q",
    "q-plus-1ms",
    "tie",
    "midnight",
    "midnight-less-1ms",
    "month-end",
    "leap-day",
    "clock-change",
    "before-1970",
    "copy",
    "id-conflict",
    "late",
    "future",
    "as-early-as-allowed",
    "broken",
    "deletion",
    "null",
    "empty-text",
    "beyond-ascii",
    "beyond-16-bits",
    "largest-int",
    "least-int",
    "tiny-double",
    "largest-double",
    "sum-that-cancels",
    "38-digits",
    "empty-list",
    "null-in-a-list",
];

/// When clocks are changed in Berlin and New York in 2024.
const CLOCK_CHANGES: [i64; 4] = [1_711_846_800_000, 1_729_990_800_000, 1_710_054_000_000, 1_730_613_600_000];

/// What stands in JSON of an edge.
const TEXTS: [(&str, &str); 12] = [
    ("null", "null"),
    ("empty-text", ":\"\""),
    ("beyond-ascii", "ä"),
    ("beyond-16-bits", "😀"),
    ("largest-int", "9223372036854775807"),
    ("least-int", "-9223372036854775808"),
    ("tiny-double", "5e-324"),
    ("largest-double", "1.7976931348623157e+308"),
    ("sum-that-cancels", "-1e+16"),
    ("empty-list", "[]"),
    ("null-in-a-list", "[null"),
    ("38-digits", "99999999999999"),
];

/// How often the scenarios of those options hit each edge: in how many records, or pairs of them.
#[must_use]
pub fn edges(
    model: &Model,
    options: &Options,
    is_wanted: &dyn Fn(&str) -> bool,
) -> BTreeMap<&'static str, u64> {
    let mut counts: BTreeMap<&'static str, u64> = EDGES.iter().map(|edge| (*edge, 0)).collect();
    for target in Target::all(model).filter(|target| is_wanted(target.name(model))) {
        for number in 0..options.scenarios {
            let mut rng = Rng::new(options.seed, target.name(model), number);
            if let Ok(scenario) = Scenario::random(model, target, &mut rng) {
                let mut count = |edge: &'static str| *counts.entry(edge).or_default() += 1;
                let windows = times::windows(&scenario.model, target);
                for (source, arrivals) in &scenario.arrivals {
                    for arrival in arrivals {
                        of_time(arrival.ts, scenario.q, &windows, &mut count);
                        of_text(&arrival.payload, &mut count);
                    }
                    of_records(&scenario, source, arrivals, &mut count);
                }
            }
        }
    }
    counts
}

fn of_time(ts: i64, q: i64, windows: &[(i64, i64)], count: &mut dyn FnMut(&'static str)) {
    for (window, hop) in windows {
        let start = (q - window).div_euclid(*hop) * hop;
        let (at, before) = if *hop == 1 {
            ("window-start", "window-start-less-1ms")
        } else {
            ("hop-start", "hop-start-less-1ms")
        };
        match ts - start {
            0 => count(at),
            -1 => count(before),
            1 => count("window-start-plus-1ms"),
            _ => {}
        }
    }
    match ts - q {
        -1 => count("q-less-1ms"),
        0 => count("q"),
        1 => count("q-plus-1ms"),
        _ => {}
    }
    match ts.rem_euclid(86_400_000) {
        0 => count("midnight"),
        86_399_999 => count("midnight-less-1ms"),
        _ => {}
    }
    let day = |ts: i64| Date::of(EventTime(ts)).map(Date::ymd);
    let (today, tomorrow) = (day(ts), day(ts.saturating_add(86_400_000)));
    if today.zip(tomorrow).is_some_and(|((_, month, _), (_, next, _))| month != next) {
        count("month-end");
    }
    if today.is_some_and(|(_, month, day)| (month, day) == (2, 29)) {
        count("leap-day");
    }
    if CLOCK_CHANGES.iter().any(|change| (ts - change).abs() <= 1) {
        count("clock-change");
    }
    if ts < 0 {
        count("before-1970");
    }
}

fn of_records(scenario: &Scenario, name: &str, arrivals: &[Arrival], count: &mut dyn FnMut(&'static str)) {
    let source = scenario.model.sources.iter().find(|source| source.name == name);
    let (mut payloads, mut times, mut newest) = (BTreeSet::new(), BTreeSet::new(), i64::MIN);
    let mut ids: BTreeMap<String, &[u8]> = BTreeMap::new();
    for arrival in arrivals {
        if arrival.deleted_key.is_some() {
            count("deletion");
            continue;
        }
        let is_new = payloads.insert(arrival.payload.as_slice());
        if !is_new && !arrival.payload.is_empty() {
            count("copy");
        } else if !times.insert(arrival.ts) {
            count("tie");
        }
        let Some(source) = source else { continue };
        match oracle::dead_letter(source, &Record::new(arrival.payload.clone(), arrival.timestamp_ms)) {
            Some("future") => count("future"),
            Some(_) => count("broken"),
            None => {
                let lead = arrival.ts.saturating_sub(arrival.timestamp_ms);
                if lead == source.ahead_ms {
                    count("as-early-as-allowed");
                }
                if arrival.ts <= newest.saturating_sub(source.disorder_ms) {
                    count("late");
                }
                newest = newest.max(arrival.ts);
                if let Some(id) = id(source, &arrival.payload)
                    && ids.insert(id, &arrival.payload).is_some_and(|other| other != arrival.payload)
                {
                    count("id-conflict");
                }
            }
        }
    }
}

/// The event id, of JSON.
fn id(source: &crate::model::Source, payload: &[u8]) -> Option<String> {
    let object: serde_json::Value = serde_json::from_slice(payload).ok()?;
    object.get(&source.fields[source.event_id?].wire_name).map(ToString::to_string)
}

fn of_text(payload: &[u8], count: &mut dyn FnMut(&'static str)) {
    let Ok(text) = std::str::from_utf8(payload) else { return };
    TEXTS.iter().filter(|(_, part)| text.contains(part)).for_each(|(edge, _)| count(edge));
}
