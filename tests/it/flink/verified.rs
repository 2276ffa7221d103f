//! `windrow verify` with Flink: random scenarios for every form of a definition as bundles on a real
//! Flink, all in one start. Left out, and said so, unless WINDROW_TEST_FLINK is set.

use std::fs;
use std::io::Write as _;

use serde_json::Value as Json;

use crate::support::binary::windrow;
use crate::support::flink::turn;
use crate::support::{Scratch, root};

/// Definitions under tests/cases/verify, as one project.
fn project(files: &[&str]) -> Scratch {
    let scratch = Scratch::new();
    scratch.file("p/windrow.yaml", "name: p\n");
    for file in files {
        let text = fs::read_to_string(root().join("tests/cases/verify").join(file)).unwrap();
        scratch.file(&format!("p/{file}"), text);
    }
    scratch
}

fn verified(project: &Scratch, arguments: &[&str]) -> (Option<i32>, Json) {
    let folder = project.path().join("p");
    let mut all = vec!["verify", folder.to_str().unwrap(), "--engines", "flink", "--format", "json"];
    all.extend(arguments);
    let run = windrow(&all);
    let report = serde_json::from_str(&run.stdout);
    (run.code, report.unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout, run.stderr)))
}

#[test]
fn random_scenarios_on_flink_give_the_oracles_rows() {
    let Some(_turn) = turn("random scenarios on Flink") else { return };
    let project = project(&["basic.wr", "aggregates.wr", "streams.wr", "every.wr"]);
    let (code, report) = verified(&project, &["--scenarios", "2", "--on-flink", "2"]);
    for line in report["lines"].as_array().unwrap() {
        let what = format!("{} on {}", line["definition"], line["engine"]).replace('"', "");
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

/// In its first scenario the simulation shows each of the rules below to be bent.
const SEED: &str = "10";

#[test]
fn rules_that_are_bent_for_flink_alone_are_noticed() {
    let Some(_turn) = turn("bent rules on Flink") else { return };
    let project = project(&["basic.wr"]);
    for sabotage in ["late-dropped", "window-end-inclusive", "expiry-forgotten", "ties-by-arrival"] {
        let arguments = ["--of", "exact_tails", "--scenarios", "1", "--seed", SEED, "--sabotage", sabotage];
        let (code, report) = verified(&project, &arguments);
        assert_eq!(code, Some(4), "{sabotage} is not noticed: {report:#}");
        assert_eq!(report["failures"], 0, "{sabotage}: {report:#}");
    }
}
