//! Many faults in a row, with figures. The quick form of each scenario is part of every test run; `tests/soak`
//! runs the long form and shows the figures.

use std::io::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use windrow::executor::FAIL_POINTS;

use super::corruption::damage_a_state;
use super::figures::{Bar, hold, hold_in_long, is_long, of, ratio, rounded, take_bars};
use super::frozen_region::{freeze_a_region, precise};
use super::machine::{fill_the_disk, step_the_clock};
use super::much_state;
use super::power::{lose_power, lose_power_on_a_disk_that_lies};
use super::returning_cluster::lose_a_cluster_and_get_it_back;
use super::takeover::a_frozen_executor_that_another_took_over_from_changes_nothing;
use super::topology;
use super::world::{Executor, World};
use crate::support::cluster::until;

/// A file that takes a line of JSON for each scenario.
const FIGURES: &str = "WINDROW_SOAK_FIGURES";

/// Runs a scenario and writes down its figures, also of one that fails.
fn scenario(name: &str, run: impl FnOnce(&mut Value)) {
    let (mut figures, began) = (json!({}), Instant::now());
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(&mut figures)));
    figures["seconds"] = began.elapsed().as_secs().into();
    let (bars, missed) = take_bars(&mut figures);
    let passed = result.is_ok() && missed.is_empty();
    let line = json!({ "name": name, "passed": passed, "figures": figures, "bars": bars });
    if let Some(path) = std::env::var_os(FIGURES) {
        let file = std::fs::File::options().create(true).append(true).open(path);
        writeln!(file.unwrap(), "{line}").unwrap();
    }
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// Real brokers in the long form, if they are wanted; the figures say which.
fn world(test: &str, figures: &mut Value) -> World {
    let real = if is_long() { World::start_real(test) } else { None };
    figures["brokers"] = if real.is_some() { "Apache Kafka" } else { "embedded" }.into();
    real.unwrap_or_else(World::start)
}

/// What must hold however often something died: the oracle's rows, no version with two payloads, and a ledger
/// that counts every record once.
pub(super) fn judge(world: &World, mut executor: Executor, figures: &mut Value) {
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
        let kills = of(8_u64, 300);
        let (mut world, mut in_flight) = (World::start(), 0);
        let mark = world.path("passed");
        world.set_variables(vec![("WINDROW_PASSED".to_owned(), mark.to_str().unwrap().to_owned())]);
        for round in 0..kills {
            let mut executor = world.run(&[]);
            let wait = Duration::from_millis(world.random(1_200));
            let began = Instant::now();
            while began.elapsed() < wait {
                world.feed(10);
            }
            // Every other kill waits until a step has begun; where in it the kill comes is left to chance.
            if round % 2 == 0 {
                world.feed(60);
                let began = Instant::now();
                while !is_in_a_step(&mark) && began.elapsed() < Duration::from_secs(20) {}
            }
            executor.kill();
            in_flight += u64::from(is_in_a_step(&mark));
            let _ = std::fs::remove_file(&mark);
        }
        figures["kills"] = kills.into();
        figures["kills_with_a_step_in_flight"] = in_flight.into();
        let share = ratio(precise(in_flight), precise(kills));
        hold(figures, "share_with_a_step_in_flight", share, Bar::AtLeast(0.3));
        let executor = world.run(&[]);
        judge(&world, executor, figures);
    });
}

/// A step has begun and its rows are not told to the regions yet.
fn is_in_a_step(mark: &std::path::Path) -> bool {
    let passed = std::fs::read(mark).unwrap_or_default();
    let point = passed.first().and_then(|at| FAIL_POINTS.get(usize::from(*at)));
    matches!(point, Some(&("step_begun" | "step_computed" | "step_written")))
}

#[test]
fn every_fail_point() {
    scenario("every_fail_point", |figures| {
        let times = of(1, 20);
        let mut world = World::start();
        world.feed(200);
        // First of all: once history is read, it is never read again. Last, as the state is gone then, the way
        // back from a checkpoint.
        let of = |restores: bool| {
            let rest = FAIL_POINTS.into_iter().filter(|point| *point != "history_read");
            rest.filter(move |point| point.starts_with("restore") == restores)
        };
        let order = ["history_read"].into_iter().chain(of(false)).chain(of(true));
        let mut deaths = json!({});
        for point in order {
            for _ in 0..times {
                die_at(&mut world, point);
            }
            deaths[point] = times.into();
        }
        figures["deaths"] = deaths;
        let executor = world.run(&["--restore"]);
        judge(&world, executor, figures);
    });
}

fn die_at(world: &mut World, point: &str) {
    // Points at the begin of a run are passed once or twice, the others with every step.
    let passes = match point {
        "lease_taken" | "start_raised" | "history_read" | "topology_adopted" | "cursors_kept" => 1,
        _ if point.starts_with("restore") || point.starts_with("checkpoint") => 1,
        _ => 1 + world.random(6),
    };
    if point.starts_with("restore") && world.state_dir().exists() {
        world.lose_state();
    }
    let mut executor = world.run_to_death(point, passes, &["--restore", "--checkpoint-every", "200ms"]);
    let began = Instant::now();
    while !executor.has_ended() {
        assert!(began.elapsed() < Duration::from_secs(120), "{point} is not passed: {}", executor.log());
        if point == "topology_adopted" && executor.log().contains(" live ") {
            world.reshape(|_| {});
            std::thread::sleep(Duration::from_secs(1));
        }
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
fn power_cuts() {
    scenario("power_cuts", |figures| {
        lose_power(World::start(), of(5, 30), figures);
        lose_power_on_a_disk_that_lies(World::start(), figures);
    });
}

#[test]
fn corruptions() {
    scenario("corruptions", |figures| damage_a_state(&mut World::start(), of(15, 200), figures));
}

#[test]
fn a_takeover_from_a_frozen_executor() {
    scenario("a_takeover_from_a_frozen_executor", |figures| {
        a_frozen_executor_that_another_took_over_from_changes_nothing(World::start(), figures);
    });
}

#[test]
fn a_full_disk() {
    scenario("a_full_disk", |figures| fill_the_disk(World::start(), figures));
}

#[test]
fn clock_steps() {
    scenario("clock_steps", |figures| step_the_clock(World::start(), of(4, 40), figures));
}

#[test]
fn topology_edits() {
    scenario("topology_edits", |figures| {
        let edits = of(10_u64, 200);
        let (mut world, mut slowest, mut applied) = (World::start(), Duration::ZERO, 0);
        let executor = world.run(&[]);
        world.feed(200);
        world.await_consumed(&executor);
        for round in 0..edits {
            let began = Instant::now();
            if topology::edit(&mut world, &executor, round) {
                applied += 1;
                slowest = slowest.max(began.elapsed());
            }
            world.feed(40);
        }
        figures["edits"] = edits.into();
        figures["applied"] = applied.into();
        figures["refused"] = world.status()["topology"]["refused_files"].clone();
        let slowest = rounded(slowest.as_secs_f64());
        hold_in_long(figures, "slowest_adoption_seconds", slowest, Bar::AtMost(30.0));
        assert_eq!(figures["refused"], edits - applied, "what is wrong is refused, and nothing else");
        judge(&world, executor, figures);
    });
}

#[test]
fn a_frozen_region() {
    scenario("a_frozen_region", |figures| {
        let world = world("a_frozen_region", figures);
        freeze_a_region(world, figures);
    });
}

#[test]
fn a_cluster_comes_back_with_a_backlog() {
    scenario("a_cluster_comes_back_with_a_backlog", |figures| {
        let world = world("a_cluster_comes_back_with_a_backlog", figures);
        lose_a_cluster_and_get_it_back(world, figures);
    });
}

#[test]
fn a_restart_with_much_state() {
    scenario("a_restart_with_much_state", |figures| much_state::restart(&World::start(), figures));
}
