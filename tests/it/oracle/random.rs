//! Random scenarios through the engine against the oracle: no cell may differ.

use std::fmt::Write as _;

use windrow::aggregates::Kind;
use windrow::model::{Aggregate, Model, StreamBody, Tail};
use windrow::oracle::Comparison;

use super::definitions::Definitions;
use super::events::Arrival;
use super::rng::Rng;
use super::run::run;
use super::scenario::Scenario;

/// Enough to take less than a minute on two cores.
const SCENARIOS: u64 = 240;
/// How often a failing scenario is run again to make it smaller.
const SHRINKS_MAX: usize = 400;

/// Why a scenario failed, if it did.
fn failure(scenario: &Scenario, seed: u64) -> Result<Comparison, String> {
    let (model, plan) = scenario.compile();
    let comparison = run(scenario, &[model], &plan, seed)?.remove(0);
    if comparison.is_equal() { Ok(comparison) } else { Err(comparison.to_string()) }
}

/// The scenario with as few records as still fail: halves, quarters … are left out, as in a search.
fn shrunk(mut scenario: Scenario, seed: u64) -> Scenario {
    let mut runs = 0;
    let longest = scenario.phases.iter().map(Vec::len).max().unwrap_or(0);
    let mut chunk = longest.next_power_of_two();
    while chunk > 0 {
        for phase in 0..scenario.phases.len() {
            let mut at = 0;
            while at < scenario.phases[phase].len() && runs < SHRINKS_MAX {
                let mut smaller = scenario.clone();
                let end = (at + chunk).min(smaller.phases[phase].len());
                smaller.phases[phase].drain(at..end);
                runs += 1;
                if failure(&smaller, seed).is_err() { scenario = smaller } else { at = end }
            }
        }
        chunk /= 2;
    }
    scenario
}

/// Everything needed to see the failure again.
fn report(scenario: &Scenario, seed: u64, why: &str) -> String {
    let mut text = format!("seed {seed}\n{}", scenario.definitions.text);
    for (cut, records) in scenario.cuts.iter().zip(&scenario.phases) {
        for record in records {
            let (source, partition, at) = (record.source, record.partition, record.timestamp_ms);
            let what =
                record.deleted_key.as_ref().map_or(record.payload.clone(), |key| format!("no more {key:?}"));
            let _ = writeln!(text, "{source}/{partition} @{at} ts {}: {what}", record.ts);
        }
        let _ = writeln!(text, "-- cut {cut}");
    }
    text + why
}

/// All seeds of the suite, or those of `WINDROW_SEEDS=FROM..TO` to look further or again.
#[expect(clippy::disallowed_methods, reason = "a test's own knob")]
fn seeds() -> std::ops::Range<u64> {
    let Ok(text) = std::env::var("WINDROW_SEEDS") else { return 0..SCENARIOS };
    let (from, to) = text.split_once("..").expect("WINDROW_SEEDS=FROM..TO");
    from.parse().expect("a number")..to.parse().expect("a number")
}

/// Runs a scenario; a failure is made small and explained.
fn check(seed: u64) -> Result<Comparison, String> {
    let scenario = Scenario::random(&mut Rng::new(seed));
    failure(&scenario, seed).map_err(|_| {
        let small = shrunk(scenario, seed);
        let why = failure(&small, seed).err().unwrap_or_default();
        report(&small, seed, &why)
    })
}

#[test]
fn random_scenarios_give_the_oracles_rows_at_every_cut() {
    let mut all = Comparison::default();
    for seed in seeds() {
        match check(seed) {
            Ok(comparison) => all.extend(comparison),
            Err(report) => panic!("{report}"),
        }
    }
    println!("{} scenarios: {all}", seeds().count());
    assert!(all.cells > 10_000, "only {} cells were compared", all.cells);
}

/// A rule bent in the oracle's model alone.
type Tampering = (&'static str, fn(&mut Model));

const TAMPERINGS: [Tampering; 14] = [
    ("tables without history", |model| model.tables.iter_mut().for_each(|table| table.event_time = None)),
    ("streams without where", |model| {
        for stream in &mut model.streams {
            if let StreamBody::Derive(derivation) = &mut stream.body {
                derivation.filter = None;
            }
        }
    }),
    ("a window one millisecond longer", |model| each_window(model, |size_ms, _| *size_ms += 1)),
    ("a window one millisecond shorter", |model| each_window(model, |size_ms, _| *size_ms -= 1)),
    ("hops half as long", |model| {
        each_window(model, |_, tail| {
            if let Tail::Hop { hop_ms } = tail {
                *hop_ms /= 2;
            }
        });
    }),
    ("hops as exact tails", |model| {
        each_window(model, |_, tail| {
            if matches!(tail, Tail::Hop { .. }) {
                *tail = Tail::Exact;
            }
        });
    }),
    ("copies that count", |model| model.sources[0].event_id = None),
    ("events of the future by one millisecond more", |model| {
        model.sources.iter_mut().for_each(|source| source.ahead_ms += 1);
    }),
    ("events of the future by one millisecond less", |model| {
        model.sources.iter_mut().for_each(|source| source.ahead_ms -= 1);
    }),
    ("no where", |model| model.group_bys.iter_mut().for_each(|group_by| group_by.filter = None)),
    ("no where in aggregates", |model| {
        let group_bys = model.group_bys.iter_mut();
        group_bys.flat_map(|group_by| &mut group_by.aggregates).for_each(|aggregate| aggregate.filter = None);
    }),
    ("no default", |model| each_aggregate(model, |aggregate| aggregate.default = None)),
    ("lists by one longer", |model| {
        each_aggregate(model, |aggregate| {
            aggregate.kind = match aggregate.kind {
                Kind::FirstK(k) => Kind::FirstK(k + 1),
                Kind::LastK(k) => Kind::LastK(k + 1),
                Kind::TopK(k) => Kind::TopK(k + 1),
                Kind::BottomK(k) => Kind::BottomK(k + 1),
                other => other,
            };
        });
    }),
    ("no order of values", |model| each_aggregate(model, |aggregate| aggregate.order = None)),
];

fn each_aggregate(model: &mut Model, change: fn(&mut Aggregate)) {
    model.group_bys.iter_mut().flat_map(|group_by| &mut group_by.aggregates).for_each(change);
}

fn each_window(model: &mut Model, change: fn(&mut i64, &mut Tail)) {
    let aggregates = model.group_bys.iter_mut().flat_map(|group_by| &mut group_by.aggregates);
    let windows = aggregates.filter_map(|aggregate| aggregate.window.as_mut());
    windows.for_each(|window| change(&mut window.size_ms, &mut window.tail));
}

#[test]
fn random_scenarios_notice_every_rule_that_is_bent_by_a_millisecond() {
    let mut noticed = [0; TAMPERINGS.len()];
    for seed in 0..SCENARIOS / 2 {
        let scenario = Scenario::random(&mut Rng::new(seed));
        let (model, plan) = scenario.compile();
        let mut oracles = vec![model.clone()];
        oracles.extend(TAMPERINGS.iter().map(|(_, tamper)| {
            let mut tampered = model.clone();
            tamper(&mut tampered);
            tampered
        }));
        let comparisons = run(&scenario, &oracles, &plan, seed).expect("the run itself is sound");
        for (count, comparison) in noticed.iter_mut().zip(&comparisons[1..]) {
            *count += usize::from(!comparison.is_equal());
        }
    }
    for ((what, _), count) in TAMPERINGS.iter().zip(noticed) {
        println!("{what}: noticed in {count} scenarios");
        assert!(count > 2, "{what} is noticed in {count} scenarios only");
    }
}

/// A left row as late as it may be, and a right event in the first millisecond of its window: the
/// last moment at which either is still needed. Chance meets it too rarely.
#[test]
fn a_left_row_that_is_exactly_left_late_sees_the_first_millisecond_of_its_window() {
    let schema =
        "format json schema { id string  ts timestamp_ms  k string } event_time ts event_id id disorder 10ms";
    let text = format!(
        "source s {{ topic t.s in ingest {schema} }}\nsource l {{ topic t.l in ingest {schema} }}\n\
         group_by g {{ from s key k f = count() over 1s publish f.g to serving }}\n\
         join j {{ left l features g on k left_late 500ms publish f.j to serving as events }}\n"
    );
    let definitions = Definitions {
        text,
        stamp: "timestamp_ms",
        int_ids: false,
        disorder_ms: 10,
        ahead_ms: 10,
        left_late_ms: 500,
        windows: vec![(1_000, 1)],
        joins: true,
        left: "l",
        from: "s",
        table: None,
    };
    let q = 1_000_000;
    let arrival = |(source, ts): (&'static str, i64)| Arrival {
        source,
        partition: 0,
        timestamp_ms: ts,
        payload: format!("{{\"id\":\"{ts}\",\"ts\":{ts},\"k\":\"a\"}}"),
        deleted_key: None,
        ts,
    };
    let events = [("s", q - 1_000), ("s", q + 510), ("l", q + 510), ("l", q)];
    let phases = vec![events.map(arrival).to_vec()];
    let scenario = Scenario { definitions, cuts: vec![q + 511], phases, varied: None };
    for seed in 0..20 {
        let comparison =
            failure(&scenario, seed).unwrap_or_else(|why| panic!("{}", report(&scenario, seed, &why)));
        assert!(comparison.cells >= 8, "{comparison}");
    }
}
