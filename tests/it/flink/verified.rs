//! `windrow verify` with Flink: random scenarios for every form of a definition as bundles on a real
//! Flink, all in one start. Left out, and said so, unless WINDROW_TEST_FLINK is set.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;

use serde_json::Value as Json;
use windrow::topology::FlinkVersion;

use crate::support::binary::{command, run_of};
use crate::support::flink::{python, release, turn};
use crate::support::{Scratch, root};

/// Files of folders under tests/cases, as one project.
fn project(files: &[&str]) -> Scratch {
    let scratch = Scratch::new();
    scratch.file("p/windrow.yaml", "name: p\n");
    for file in files {
        let text = fs::read_to_string(root().join("tests/cases").join(file)).unwrap();
        let (_, place) = file.split_once('/').unwrap();
        scratch.file(&format!("p/{place}"), text);
    }
    scratch
}

fn verified(project: &Scratch, arguments: &[&str]) -> (Option<i32>, Json) {
    verified_on(&python(FlinkVersion::default()), project, arguments)
}

fn verified_on(python: &OsStr, project: &Scratch, arguments: &[&str]) -> (Option<i32>, Json) {
    let folder = project.path().join("p");
    let mut all = vec!["verify", folder.to_str().unwrap(), "--format", "json"];
    all.extend(arguments);
    let faults = project.path().join("faults");
    let mut command = command(&all);
    let run = run_of(command.env("WINDROW_FLINK_PYTHON", python).env("WINDROW_TEST_FAULTS", faults));
    let report = serde_json::from_str(&run.stdout);
    (run.code, report.unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout, run.stderr)))
}

#[test]
fn random_scenarios_on_flink_give_the_oracles_rows() {
    let Some(_turn) = turn("random scenarios on Flink") else { return };
    let all = [
        "verify/basic.wr",
        "verify/aggregates.wr",
        "verify/streams.wr",
        "verify/every.wr",
        "verify/tables.wr",
        "verify/nested.wr",
        "verify/avro.wr",
        "verify/types.wr",
        "verify/reading.avsc",
        "verify_calls/calls.wr",
        "verify_calls/models/answers.py",
        "verify_calls/shared/marks.py",
    ];
    let project = project(&all);
    check_scenarios(FlinkVersion::V2_2, &project);
    // Of model calls every fault has happened on Flink, and made no difference.
    let faults = fs::read_to_string(project.path().join("faults")).unwrap();
    let faults: BTreeSet<&str> = faults.lines().collect();
    let all = ["die", "hang", "odd", "odd, required", "raise", "raise, required"];
    assert_eq!(faults.into_iter().collect::<Vec<_>>(), all);
}

/// Every tail, late events, expiry, a join, on the heap and in RocksDB.
#[test]
fn random_scenarios_on_flink_2_3_give_the_oracles_rows() {
    let Some(_turn) = turn("random scenarios on Flink 2.3") else { return };
    check_scenarios(FlinkVersion::V2_3, &project(&["verify/basic.wr"]));
}

fn check_scenarios(version: FlinkVersion, project: &Scratch) {
    let python = python(version);
    assert_eq!(release(&python), Some(version), "tests/setup has not put Flink {} there", version.name());
    let arguments = ["--engines", "flink", "--scenarios", "2", "--on-flink", "2"];
    let (code, report) = verified_on(&python, project, &arguments);
    for line in report["lines"].as_array().unwrap() {
        let what = format!("{} on {}", line["definition"], line["engine"]).replace('"', "");
        let what = what.replace("flink", &format!("flink {}", version.name()));
        // Past the test harness, which keeps to itself what a test that passed has printed.
        let _ = writeln!(
            std::io::stderr(),
            "{what:<70} {:>7} cells  {} differing",
            line["cells"],
            line["differing_cells"]
        );
    }
    assert_eq!(code, Some(0), "{report:#}");
    assert_eq!(report["left_out"], serde_json::json!({}), "nothing here is refused");
    assert!(report["cells"].as_u64().unwrap() > 1_000, "{report:#}");
}

const BENT: [&str; 4] = ["late-dropped", "window-end-inclusive", "expiry-forgotten", "ties-by-arrival"];

/// One scenario of one definition with this rule bent.
fn bent(project: &Scratch, engine: &str, seed: u32, rule: &str) -> (Option<i32>, Json) {
    let seed = seed.to_string();
    let arguments = ["--of", "exact_tails", "--scenarios", "1", "--seed", &seed, "--sabotage", rule];
    verified(project, &[&arguments[..], &["--engines", engine]].concat())
}

/// A start of Flink costs much and one of the simulation nothing: a seed whose one scenario can show all of it.
fn telling_seed(project: &Scratch) -> u32 {
    let shows = |seed: &u32| BENT.iter().all(|rule| bent(project, "sim", *seed, rule).0 == Some(4));
    (1..200).find(shows).expect("one of 199 scenarios shows all bent rules in the simulation")
}

#[test]
fn rules_that_are_bent_for_flink_alone_are_noticed() {
    let Some(_turn) = turn("bent rules on Flink") else { return };
    let project = project(&["verify/basic.wr"]);
    let seed = telling_seed(&project);
    for rule in BENT {
        let (code, report) = bent(&project, "flink", seed, rule);
        assert_eq!(code, Some(4), "{rule} is not noticed with seed {seed}: {report:#}");
        assert_eq!(report["failures"], 0, "{rule}: {report:#}");
    }
}
