//! What a change of the topology does to jobs: `windrow topology diff` says which it touches, and compiling
//! again changes exactly those.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::kafka::copy_of_features;
use crate::support::binary::{Run, windrow};
use crate::support::{Scratch, root};

fn topology() -> String {
    std::fs::read_to_string(root().join("features/topology.yaml")).unwrap()
}

fn path(scratch: &Scratch, name: &str) -> String {
    scratch.path().join(name).to_str().unwrap().to_owned()
}

/// Every file of every bundle, by job.
fn compiled(topology: &str, arguments: &[&str]) -> (Scratch, BTreeMap<String, BTreeMap<String, String>>) {
    let scratch = copy_of_features();
    scratch.file("project/topology.yaml", topology);
    let (project, out) = (path(&scratch, "project"), path(&scratch, "out"));
    let mut all = vec!["compile", &project, "--target", "flink", "--out", &out];
    all.extend(arguments);
    let run = windrow(&all);
    let folders: Vec<String> = run.stdout.lines().map(str::to_owned).collect();
    assert!(!folders.is_empty(), "{}", run.stderr);
    let bundle = |folder: &String| {
        let name = Path::new(folder).file_name().unwrap().to_str().unwrap().to_owned();
        (name, files(Path::new(folder)))
    };
    let bundles = folders.iter().map(bundle).collect();
    (scratch, bundles)
}

/// By their paths within the output's folder.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let shown = path.display().to_string();
            let (_, within) = shown.rsplit_once("/out/").unwrap();
            found.insert(within.to_owned(), std::fs::read_to_string(&path).unwrap());
        }
    }
    found
}

fn diff(old: &Scratch, new: &str, arguments: &[&str]) -> Run {
    old.file("new.yaml", new);
    let (before, after, out) = (path(old, "project/topology.yaml"), path(old, "new.yaml"), path(old, "out"));
    let mut all = vec!["topology", "diff", &before, &after, "--bundles", &out];
    all.extend(arguments);
    windrow(&all)
}

/// The jobs that a diff says are touched.
fn touched(run: &Run) -> BTreeSet<String> {
    let lines = run.stdout.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let touched = lines.filter(|line| line["touched"] == true);
    touched.map(|line| line["job"].as_str().unwrap().to_owned()).collect()
}

/// Edits of the topology of `features/`, and how many of its five jobs each of them touches at least.
const EDITS: &[(&str, &str, &str, usize)] = &[
    ("only the generation", "", "", 0),
    ("a cluster to read", "        west-2:", "        west-9: \"h:9\"\n        west-2:", 5),
    ("a cluster to write", "        east-4:", "        east-9: \"h:9\"\n        east-4:", 5),
    ("other brokers", "\"127.0.0.1:29093\"", "\"h:9,g:9\"", 5),
    (
        "draining, which is still read",
        "\"127.0.0.1:19093\"",
        "{bootstrap: \"127.0.0.1:19093\", state: draining}",
        0,
    ),
    (
        "draining, which is no longer written",
        "\"127.0.0.1:19095\"",
        "{bootstrap: \"127.0.0.1:19095\", state: draining}",
        5,
    ),
    ("retired", "\"127.0.0.1:19093\"", "{bootstrap: \"127.0.0.1:19093\", state: retired}", 5),
    ("fewer slots", "east-b: {slots: 16", "east-b: {slots: 4", 1),
    ("more slots than needed", "west-a: {slots: 20", "west-a: {slots: 400", 0),
    ("other checkpoints", "s3://features-west/flink", "s3://features-west/other", 1),
    ("another image", "registry.example.com/windrow/job", "registry.example.com/windrow/other", 5),
    ("fixed sources", "parallelism: 4", "parallelism: 4, sources: fixed", 5),
    ("another Flink", "parallelism: 4", "parallelism: 4, version: \"2.3\"", 5),
    (
        "an image with its digest",
        "parallelism: 4",
        "parallelism: 4, base_image: \"r.example.com/flink@sha256:5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a\"",
        5,
    ),
    ("other slots of a job", "parallelism: 4", "parallelism: 2", 5),
    (
        "a group that nobody uses",
        "      serving:\n        west-3",
        "      other:\n        west-9: \"h:9\"\n      serving:\n        west-3",
        0,
    ),
    ("what the logs keep", "retention: 7d", "retention: 6d", 0),
];

#[test]
fn exactly_the_jobs_that_a_diff_names_change_when_they_are_compiled_again() {
    let (old, before) = compiled(&topology(), &[]);
    assert_eq!(before.len(), 5, "{:?}", before.keys());
    for (what, from, to, at_least) in EDITS {
        assert!(topology().contains(from), "{what}");
        let new = topology().replacen(from, to, 1).replace("generation: 1", "generation: 2");
        let said = touched(&diff(&old, &new, &["--format", "json"]));
        let (_, after) = compiled(&new, &[]);
        let changed = before.keys().filter(|job| before[*job] != after[*job]);
        assert_eq!(said, changed.cloned().collect(), "{what}");
        assert!(said.len() >= *at_least && (*at_least > 0 || said.is_empty()), "{what}: {said:?}");
    }
}

/// A cluster to read is in a file that the running job looks at: its manifest stays.
#[test]
fn jobs_that_watch_their_clusters_are_told_of_another_without_a_restart() {
    let (old, before) = compiled(&topology(), &[]);
    let more = topology().replace("        west-2:", "        west-9: \"h:19093\"\n        west-2:");
    let more = more.replace("generation: 1", "generation: 2");
    let (_, after) = compiled(&more, &[]);
    assert_eq!(touched(&diff(&old, &more, &["--format", "json"])).len(), before.len());
    let changed = |job: &str| -> Vec<String> {
        let paths = before[job].keys().filter(|path| before[job][*path] != after[job][*path]);
        paths.map(|path| path.rsplit('/').next().unwrap().to_owned()).collect()
    };
    let only = ["clusters.json", "25_clusters.yaml", "25_clusters.yaml", "manifest.json"];
    assert!(before["spend"].contains_key("spend/clusters.json"));
    assert_eq!(changed("spend"), only);
    let (_, fixed) = compiled(&with_fixed_sources(), &[]);
    assert!(!fixed["spend"].contains_key("spend/clusters.json"));
    assert!(fixed["spend"].contains_key("spend/sql/sources/purchases.kafka.west-1.sql"));
    assert!(!before["spend"].contains_key("spend/sql/sources/purchases.kafka.west-1.sql"));
}

fn with_fixed_sources() -> String {
    topology().replace("parallelism: 4}", "parallelism: 4, sources: fixed}")
}

/// A topology with a cluster that is draining, retired, and gone.
fn on_its_way_out(topology: &str) -> [String; 3] {
    let state = |state: &str| format!("{{bootstrap: \"127.0.0.1:19093\", state: {state}}}");
    let with = |generation: u64, west_2: &str| {
        let text = topology.replace("\"127.0.0.1:19093\"", west_2);
        text.replace("generation: 1", &format!("generation: {generation}"))
    };
    let gone = with(5, &state("retired")).replace(&format!("        west-2: {}\n", state("retired")), "");
    assert!(!gone.contains("west-2"));
    [with(3, &state("draining")), with(4, &state("retired")), gone]
}

/// From `draining` over `retired` to being gone, each step is seen.
#[test]
fn a_cluster_on_its_way_out_touches_jobs_with_every_step_that_they_see() {
    let fixed = [
        "may go on without the positions of west/ingest/west-2",
        "has no positions of west/ingest/west-2 any more",
    ];
    let dynamic =
        ["reads west/ingest/west-2 to its end, and then no longer", "reads west/ingest/west-2 no longer"];
    for (topology, words) in [(with_fixed_sources(), fixed), (topology(), dynamic)] {
        let steps = on_its_way_out(&topology);
        for (pair, word) in steps.windows(2).zip(words) {
            let (old, before) = compiled(&pair[0], &[]);
            let (_, after) = compiled(&pair[1], &[]);
            let said = diff(&old, &pair[1], &[]);
            assert!(said.stdout.matches(word).count() == 5, "{}", said.stdout);
            assert!(before.iter().all(|(job, files)| after[job] != *files));
        }
    }
}

/// What the running job is told of it: that it is retired, not that it is gone.
#[test]
fn a_cluster_that_is_retired_stays_in_the_file_that_jobs_watch() {
    let listed = on_its_way_out(&topology()).map(|text| {
        let (_, bundles) = compiled(&text, &["--deployment", "spend"]);
        let file: serde_json::Value = serde_json::from_str(&bundles["spend"]["spend/clusters.json"]).unwrap();
        file["ingest"]["west-2"].clone()
    });
    let retired = serde_json::json!({"bootstrap": "127.0.0.1:19093", "state": "retired"});
    assert_eq!(listed, ["127.0.0.1:19093".into(), retired, serde_json::Value::Null]);
}

/// A job that was moved because a region is lost reads nothing of that region.
#[test]
fn a_job_without_a_region_is_not_touched_by_that_regions_clusters() {
    let (old, before) = compiled(&topology(), &["--failover", "west"]);
    let reads = topology().replace("generation: 1", "generation: 2").replace("127.0.0.1:19092", "h:9");
    let (_, after) = compiled(&reads, &["--failover", "west"]);
    assert_eq!(touched(&diff(&old, &reads, &["--format", "json"])), BTreeSet::new());
    assert_eq!(before, after);
}

#[test]
fn a_diff_says_what_is_otherwise_and_what_may_not_follow() {
    let (old, _) = compiled(&topology(), &["--deployment", "spend"]);
    let new = topology().replace("west-2: \"127.0.0.1:19093\"", "west-9: \"h:9\"");
    let raised = new.replace("generation: 1", "generation: 2");
    let drained = diff(&old, &raised, &[]);
    assert_eq!(drained.code, Some(4), "{}", drained.stderr);
    assert!(
        drained.stderr.contains("E0708") && drained.stderr.contains("1 of 1 jobs change"),
        "{}",
        drained.stderr
    );
    assert_eq!(
        drained.stdout,
        "- west/ingest/west-2\n+ west/ingest/west-9\n\
         job spend: reads west/ingest/west-2 no longer; reads west/ingest/west-9 too\n"
    );
    let lower = diff(&old, &new, &[]);
    assert!(lower.code == Some(4) && lower.stderr.contains("E0707"), "{}", lower.stderr);
    let same = diff(&old, &topology(), &[]);
    assert_eq!((same.code, same.stdout.as_str()), (Some(0), ""), "{}", same.stderr);
    let wrong = diff(&old, "generation: 1\n", &[]);
    assert!(wrong.code == Some(1) && wrong.stderr.contains("E0702"), "{}", wrong.stderr);
}

#[test]
fn a_folder_without_jobs_is_said() {
    let scratch = Scratch::new();
    let file = path(&scratch, "topology.yaml");
    scratch.file("topology.yaml", topology());
    let empty = windrow(&["topology", "diff", &file, &file, "--bundles", scratch.path().to_str().unwrap()]);
    assert!(empty.code == Some(2) && empty.stderr.contains("E0791"), "{}", empty.stderr);
    let missing = windrow(&["topology", "diff", &file, &path(&scratch, "none.yaml")]);
    assert!(missing.code == Some(2) && missing.stderr.contains("none.yaml"), "{}", missing.stderr);
}
