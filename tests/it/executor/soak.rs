//! Many faults in a row, with figures. The quick form of each scenario is part of every test run; `tests/soak`
//! runs the long form and shows the figures.

use std::io::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use windrow::executor::FAIL_POINTS;

use super::world::{Executor, World};
use crate::support::cluster::until;

/// `long`: the figures that are promised; else the quick form.
const VARIABLE: &str = "WINDROW_SOAK";
/// A file that takes a line of JSON for each scenario.
const FIGURES: &str = "WINDROW_SOAK_FIGURES";

fn of(quick: usize, long: usize) -> usize {
    if std::env::var(VARIABLE).is_ok_and(|form| form == "long") { long } else { quick }
}

/// Runs a scenario and writes down its figures, also of one that fails.
fn scenario(name: &str, run: impl FnOnce(&mut Value)) {
    let (mut figures, began) = (json!({}), Instant::now());
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(&mut figures)));
    figures["seconds"] = began.elapsed().as_secs().into();
    let line = json!({ "name": name, "passed": result.is_ok(), "figures": figures });
    if let Some(path) = std::env::var_os(FIGURES) {
        let file = std::fs::File::options().create(true).append(true).open(path);
        writeln!(file.unwrap(), "{line}").unwrap();
    }
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

/// What must hold however often something died: the oracle's rows, no version with two payloads, and a ledger
/// that counts every record once.
fn judge(world: &World, mut executor: Executor, figures: &mut Value) {
    world.await_consumed(&executor);
    assert!(executor.stop(), "{}", executor.log());
    world.finish();
    let view = world.view();
    figures["records_fed"] = world.fed().into();
    figures["records_read_back"] = view.records.into();
    figures["versions_with_two_payloads"] = view.conflicts.into();
    figures["repeats"] = view.repeats.into();
    world.assert_rows_are_right();
    figures["differing_cells"] = 0.into();
    let status = world.status();
    let ledger = &status["ledger"]["sources"]["purchases"];
    let count = |name: &str| ledger[name].as_u64().unwrap();
    assert_eq!(count("consumed"), world.fed(), "each record is counted once: {status}");
    assert_eq!(count("consumed"), count("decoded") + count("dead_lettered"), "{status}");
    for (node, counts) in status["ledger"]["nodes"].as_object().unwrap() {
        let count = |name: &str| counts[name].as_u64().unwrap();
        let parts = ["applied", "filtered", "null_key", "duplicate", "expired"].map(count);
        assert_eq!(count("decoded"), parts.iter().sum::<u64>(), "{node}: {status}");
    }
    for cluster in ["west-3", "west-4", "east-3"] {
        assert_eq!(world.overtaken_in(cluster), 0, "{cluster} has an old row last");
    }
}

#[test]
fn random_kills() {
    scenario("random_kills", |figures| {
        let kills = of(8, 300);
        let (mut world, mut while_busy) = (World::start(), 0);
        for round in 0..kills {
            let mut executor = world.run(&[]);
            let wait = Duration::from_millis(world.random(1_200));
            let began = Instant::now();
            while began.elapsed() < wait {
                world.feed(10);
            }
            // In two of three rounds records are acknowledged a moment before, so that a step is in flight.
            if round % 3 > 0 {
                world.feed(60);
                while_busy += 1;
            }
            executor.kill();
        }
        figures["kills"] = kills.into();
        figures["kills_within_ms_of_records"] = while_busy.into();
        let executor = world.run(&[]);
        judge(&world, executor, figures);
    });
}

#[test]
fn every_fail_point() {
    scenario("every_fail_point", |figures| {
        let times = of(1, 20);
        let mut world = World::start();
        world.feed(200);
        // First of all: once history is read, it is never read again.
        let others = FAIL_POINTS.into_iter().filter(|point| *point != "history_read");
        let order = ["history_read"].into_iter().chain(others);
        let mut deaths = json!({});
        for point in order {
            for _ in 0..times {
                die_at(&mut world, point);
            }
            deaths[point] = times.into();
        }
        figures["deaths"] = deaths;
        let executor = world.run(&[]);
        judge(&world, executor, figures);
    });
}

fn die_at(world: &mut World, point: &str) {
    // Points at the begin of a run are passed once or twice, the others with every step.
    let passes = match point {
        "lease_taken" | "start_raised" | "history_read" | "cursors_kept" => 1,
        _ => 1 + world.random(6),
    };
    let mut executor = world.run_to_death(point, passes);
    let began = Instant::now();
    while !executor.has_ended() {
        assert!(began.elapsed() < Duration::from_secs(120), "{point} is not passed: {}", executor.log());
        if point == "cursors_kept" && executor.log().contains(" live ") {
            executor.signal(rustix::process::Signal::TERM);
            until("it has ended", || executor.has_ended().then_some(()));
        } else {
            world.feed(20);
        }
    }
    assert!(executor.was_killed(), "{point}: it died of something else: {}", executor.log());
}

#[test]
fn a_cluster_comes_back_with_a_backlog() {
    scenario("a_cluster_comes_back_with_a_backlog", |figures| {
        let backlog = of(5_000, 300_000);
        let mut world = World::start();
        world.feed(200);
        world.feed_cluster("west-2", backlog);
        world.cluster("west-2").freeze();
        let began = Instant::now();
        let executor = world.run(&[]);
        until("the others' rows are there", || {
            let full = |region: &str| world.view_of_region(region).len() > 20;
            (full("west") && full("east")).then_some(())
        });
        figures["seconds_to_first_rows_without_it"] = began.elapsed().as_secs().into();
        // In the quick form other tests run beside it.
        let within = Duration::from_secs(of(60, 15) as u64);
        assert!(began.elapsed() < within, "one of three was absent: {:?}", began.elapsed());
        world.cluster("west-2").thaw();
        let began = Instant::now();
        world.await_consumed(&executor);
        figures["backlog"] = backlog.into();
        figures["seconds_to_catch_up"] = began.elapsed().as_secs_f64().into();
        judge(&world, executor, figures);
    });
}
