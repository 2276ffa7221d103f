//! `windrow verify`: no cell of the examples differs from the oracle, every bent rule is noticed, and the random
//! records hit every edge.

use std::collections::{BTreeMap, BTreeSet};

use windrow::verify::{EDGES, SABOTAGES};

use crate::support::binary::windrow;

/// Every construct, so that every bent rule shows somewhere.
const EVERYTHING: &str = "tests/cases/verify";

/// A build without optimisation compares a twentieth: the full count is that of the test command.
const SLOWNESS: u64 = if cfg!(debug_assertions) { 20 } else { 1 };

fn verify(path: &str, more: &[&str]) -> (Option<i32>, serde_json::Value) {
    let run = windrow(&[&["verify", path, "--format", "json"], more].concat());
    let json = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr));
    (run.code, json)
}

fn cells(path: &str, scenarios: u64) -> u64 {
    let scenarios = (scenarios / SLOWNESS).to_string();
    let (code, report) = verify(path, &["--scenarios", &scenarios, "--engines", "sim,oracle"]);
    assert_eq!(
        (code, &report["differing_cells"], &report["failures"]),
        (Some(0), &0.into(), &0.into()),
        "{report:#}"
    );
    // What rule S0 says nothing about is left out, and nothing else.
    let left_out = report["left_out"].as_object().expect("reasons by name");
    assert!(
        left_out.values().all(|why| why.as_str().is_some_and(|why| why.contains("mode fresh"))),
        "{left_out:?}"
    );
    report["cells"].as_u64().expect("a number")
}

#[test]
fn a_million_cells_of_the_engine_are_those_of_the_oracle() {
    let all = cells("features", 200) + cells(EVERYTHING, 200);
    println!("{all} cells, 0 differing");
    assert!(all > 1_000_000 / SLOWNESS, "only {all} cells were compared");
}

#[test]
fn every_sabotage_is_caught() {
    let list = windrow(&["verify", "--sabotage", "list"]);
    let names: Vec<&str> = list.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() >= 20 && names.len() == SABOTAGES.len(), "{names:?}");
    let of_runs = SABOTAGES.iter().filter(|sabotage| sabotage.is_of_runs).map(|sabotage| sabotage.name);
    let of_runs: BTreeSet<&str> = of_runs.collect();
    let mut missed = BTreeSet::new();
    for name in names.into_iter().filter(|name| !of_runs.contains(name)) {
        let (code, report) = verify(EVERYTHING, &["--scenarios", "6", "--sabotage", name]);
        assert_eq!(report["failures"], 0, "{name}: {report:#}");
        println!("{name}: {} of {} cells", report["differing_cells"], report["cells"]);
        if code != Some(4) || report["differing_cells"].as_u64() == Some(0) {
            missed.insert(name.to_owned());
        }
    }
    assert!(missed.is_empty(), "not noticed: {missed:?}");
}

#[test]
fn equal_seeds_compare_equal_cells_and_other_seeds_others() {
    let of = |seed| verify("features", &["--scenarios", "3", "--seed", seed]).1["lines"].clone();
    assert_eq!(of("7"), of("7"));
    assert_ne!(of("7"), of("8"));
}

#[test]
fn names_that_there_are_not_are_usage_errors() {
    for (more, code, near) in [
        (["--engines", "simm"], "E0981", "sim"),
        (["--engines", "oracle"], "E0981", "sim,oracle"),
        (["--sabotage", "window-start-latte"], "E0982", "window-start-late"),
        (["--sabotage", "versions-fall"], "E0982", "--engines run,oracle"),
        (["--of", "user_spent"], "E0980", "user_spend"),
    ] {
        let run = windrow(&[&["verify", "features", "--scenarios", "1"], &more[..]].concat());
        assert_eq!(run.code, Some(2), "{more:?}");
        assert!(run.stderr.contains(code) && run.stderr.contains(near), "{more:?}: {}", run.stderr);
    }
}

#[test]
fn a_fresh_join_is_left_out_and_it_is_said_why() {
    let (code, report) = verify("tests/cases/verify_fresh", &["--scenarios", "2"]);
    assert_eq!(code, Some(0));
    let why = report["left_out"]["hasty"].as_str().unwrap_or_default();
    assert!(why.contains("mode fresh"), "{report:#}");
    assert!(report["cells"].as_u64() > Some(0), "{report:#}");
}

#[test]
fn the_records_hit_every_edge() {
    let run = windrow(&["verify", EVERYTHING, "--edges", "--scenarios", "12", "--format", "json"]);
    let counts: BTreeMap<String, u64> = serde_json::from_str(&run.stdout).expect("an object of counts");
    assert!(EDGES.iter().all(|edge| counts.contains_key(*edge)), "{counts:?}");
    for (edge, count) in &counts {
        println!("{count:>8} {edge}");
        assert!(*count >= 10, "`{edge}` was made {count} times: {counts:#?}");
    }
}

/// Cells compared, cells that differ and kills of each region, of executors alone.
#[cfg(feature = "executor")]
fn of_runs(more: &[&str]) -> BTreeMap<String, [u64; 3]> {
    let (_, report) = verify(EVERYTHING, &[&["--engines", "run,oracle", "--scenarios", "6"], more].concat());
    assert_eq!(report["failures"], 0, "{report:#}");
    let mut counts = BTreeMap::new();
    for line in report["lines"].as_array().expect("a list") {
        let count = |name: &str| line[name].as_u64().expect("a number");
        let of_region: &mut [u64; 3] =
            counts.entry(line["engine"].as_str().expect("a name").to_owned()).or_default();
        for (sum, name) in of_region.iter_mut().zip(["cells", "differing_cells", "kills"]) {
            *sum += count(name);
        }
    }
    counts
}

#[cfg(feature = "executor")]
#[test]
fn executors_that_are_killed_give_the_oracles_rows_in_every_region() {
    let counts = of_runs(&["--on-run", "1"]);
    println!("cells, differing cells, kills: {counts:?}");
    assert!(counts.keys().map(String::as_str).eq(["run, east", "run, west"]), "{counts:?}");
    for [cells, differing, kills] in counts.values() {
        assert!(*cells > 1_000 && *differing == 0 && *kills > 20, "{counts:?}");
    }
}

/// With the row that each region shows: one region alone is wrong, or both.
#[cfg(feature = "executor")]
#[test]
fn what_only_executors_can_do_wrong_is_caught() {
    let one = ["--of", "exact_tails", "--on-run", "2", "--sabotage"];
    let counts = of_runs(&[&one[..], &["region-forgotten"]].concat());
    assert!(counts["run, east"][1] > 0 && counts["run, west"][1] == 0, "{counts:?}");
    let counts = of_runs(&[&one[..], &["versions-fall"]].concat());
    assert!(counts.values().all(|[_, differing, _]| *differing > 0), "{counts:?}");
    // What is bent for every engine is bent for executors too.
    let counts = of_runs(&[&one[..], &["copies-counted"]].concat());
    assert!(counts.values().all(|[_, differing, _]| *differing > 0), "{counts:?}");
}

#[cfg(not(feature = "executor"))]
#[test]
fn a_build_without_the_executor_says_so() {
    let run = windrow(&["verify", "features", "--engines", "run,oracle"]);
    assert!(run.code == Some(2) && run.stderr.contains("E0970"), "{}", run.stderr);
}
