//! One region takes nothing for a while: the others do not notice, and it gets everything.

use std::ops::Range;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::figures::{Bar, hold, hold_in_long, of, ratio, rounded};
use super::freshness::{Delays, Included, Offered, counted};
use super::soak::judge;
use super::world::{Executor, KEYS, Rate, Readers, World, now_ms};
use crate::support::cluster::until;

const INGEST: [&str; 3] = ["west-1", "west-2", "east-1"];
const PER_SECOND: u64 = 600;
const KEYS_PER_CLUSTER: u64 = 500;
const FROZEN: [&str; 2] = ["west-3", "west-4"];

/// When the load was in which phase.
struct Phases {
    baseline: Range<i64>,
    frozen: Range<i64>,
}

/// What was seen while the region was frozen.
#[derive(Default)]
struct Seen {
    backlog_max: u64,
    memory_max: i64,
    was_down: bool,
}

pub(super) fn freeze_a_region(mut world: World, figures: &mut Value) {
    let executor = world.run(&[]);
    world.feed(200);
    world.await_consumed(&executor);
    let readers = world.read_on();
    let rate = Rate { clusters: &INGEST, keys_per_cluster: KEYS_PER_CLUSTER, per_second: PER_SECOND };
    let load = world.start_load(rate);
    std::thread::sleep(of(Duration::from_secs(1), Duration::from_secs(20)));
    let baseline = pass(of(Duration::from_secs(2), Duration::from_secs(40)));
    let memory = executor.memory();
    freeze(&mut world, true);
    let began = now_ms();
    let seen = watch(&world, &executor, &readers, began);
    let frozen = began..now_ms();
    let stale = readers.arrivals("west").iter().filter(|row| row.newest_ms >= began).count();
    freeze(&mut world, false);
    std::thread::sleep(of(Duration::from_secs(1), Duration::from_secs(15)));
    let offered = world.end_load(load);
    world.await_consumed(&executor);
    let included = readers.await_all(&offered);
    until("nothing waits for any region", || {
        let waits = |region| world.sink(region).is_none_or(|sink| sink["backlog"] != 0);
        (!["west", "east"].into_iter().any(waits)).then_some(())
    });
    assert!(
        stale == 0 && seen.was_down,
        "west took {stale} rows while it was frozen, down: {}",
        seen.was_down
    );
    let grown = (seen.memory_max - memory) >> 20;
    figures["keys"] = distinct_keys(&offered).into();
    hold(figures, "backlog_max", seen.backlog_max, Bar::AtMost(precise(distinct_keys(&offered))));
    assert!(seen.backlog_max > 0, "nothing waited for the frozen region");
    hold_in_long(figures, "memory_growth_mb", grown, Bar::AtMost(64.0));
    for region in ["west", "east"] {
        let counted = counted(&offered, &readers.arrivals(region));
        assert_eq!(counted, offered.len() as u64, "{region}: every event is in its key's row, once");
    }
    let phases = Phases { baseline, frozen };
    report(&phases, &offered, &included["east"], &included["west"], figures);
    drop(readers);
    judge(&world, executor, figures);
}

fn pass(time: Duration) -> Range<i64> {
    let began = now_ms();
    std::thread::sleep(time);
    began..now_ms()
}

fn freeze(world: &mut World, is_frozen: bool) {
    for name in FROZEN {
        let cluster = world.cluster(name);
        if is_frozen { cluster.freeze() } else { cluster.thaw() }
    }
}

/// Lets the time pass, and until the fault has bitten and the other region has gone on.
fn watch(world: &World, executor: &Executor, readers: &Readers, frozen_ms: i64) -> Seen {
    let (began, mut seen) = (Instant::now(), Seen::default());
    let least = of(Duration::from_secs(4), Duration::from_secs(75));
    until("the frozen region is down and the other has newer rows", || {
        while began.elapsed() < least {
            seen.look(world, executor);
            std::thread::sleep(Duration::from_millis(250));
        }
        seen.look(world, executor);
        let goes_on = readers.arrivals("east").iter().any(|row| row.newest_ms >= frozen_ms);
        (seen.was_down && seen.backlog_max > 0 && goes_on).then_some(())
    });
    seen
}

impl Seen {
    fn look(&mut self, world: &World, executor: &Executor) {
        let west = world.sink("west").unwrap_or_default();
        self.backlog_max = self.backlog_max.max(west["backlog"].as_u64().unwrap_or(0));
        self.was_down |= west["status"] == "down";
        self.memory_max = self.memory_max.max(executor.memory());
    }
}

fn distinct_keys(offered: &[Offered]) -> u64 {
    let keys: std::collections::BTreeSet<_> = offered.iter().map(|offered| &offered.key).collect();
    keys.len() as u64 + KEYS
}

fn report(phases: &Phases, offered: &[Offered], east: &[Included], west: &[Included], figures: &mut Value) {
    let (baseline, frozen) = (Delays::of(east, &phases.baseline), Delays::of(east, &phases.frozen));
    let seconds = |range: &Range<i64>| precise((range.end - range.start).unsigned_abs()) / 1_000.0;
    figures["seconds_frozen"] = rounded(seconds(&phases.frozen));
    figures["offered_per_second"] = rounded(precise(frozen.offered as u64) / seconds(&phases.frozen));
    figures["delivered_per_second"] = rounded(precise(frozen.delivered() as u64) / seconds(&phases.frozen));
    figures["offered"] = offered.len().into();
    let delivered = |region: &[Included]| region.iter().filter(|event| event.at_ms.is_some()).count();
    for (name, region) in [("delivered_to_the_other_region", east), ("delivered_to_the_frozen_region", west)]
    {
        hold(figures, name, delivered(region), Bar::AtLeast(precise(offered.len() as u64)));
    }
    for (name, delays) in [("baseline", &baseline), ("frozen", &frozen)] {
        figures[format!("other_region_{name}_ms")] =
            json!({"p50": delays.percentile(50), "p99": delays.percentile(99)});
    }
    let p99 = |delays: &Delays| precise(delays.percentile(99).unsigned_abs());
    hold_in_long(figures, "p99_ratio", ratio(p99(&frozen), p99(&baseline)), Bar::AtMost(2.0));
    let late =
        west.iter().filter(|event| phases.frozen.contains(&event.due_ms)).filter_map(|event| event.at_ms);
    let converged = late.max().unwrap_or(phases.frozen.end) - phases.frozen.end;
    figures["seconds_to_converge"] = rounded(precise(converged.unsigned_abs()) / 1_000.0);
}

/// Counts and milliseconds of a test are far below what a double holds exactly.
#[expect(clippy::cast_precision_loss, reason = "see above")]
pub(super) fn precise(number: u64) -> f64 {
    number as f64
}
