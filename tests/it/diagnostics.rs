//! Every bad input under `tests/cases/diagnostics`: what `windrow check` says of it, as text and as
//! JSON. A case is a file, or a folder with several, and its name begins with the code it is about.

use std::collections::BTreeSet;
use std::path::Path;

use windrow::diag::{BESIDE, Example, Form, pages};

use crate::support::Scratch;
use crate::support::binary::{windrow, windrow_in};
use crate::support::root;
use crate::support::snapshots::settings;

/// Codes without a case here, and where they are tested instead.
const ELSEWHERE: &[(&str, &str)] = &[
    ("E0001", "bytes that are no text are no fixture either: cli.rs"),
    ("E0003", "a file of 17 MB is no fixture: cli.rs writes one"),
    ("E0005", "needs no file: cli.rs"),
    ("E0006", "a full disk: cli.rs"),
    ("E0090", "a file of another kind on the command line: convert.rs"),
    ("E0091", "a mistake of the formatter: no known text shows it"),
    ("E0092", "a file that exists already: convert.rs"),
    ("E0093", "a text that `check` takes and `convert` does not: convert.rs"),
    ("E0290", "a name on the command line: cli.rs"),
    ("E0690", "a name on the command line: cli.rs"),
    ("E0691", "a name on the command line: executor/refusals.rs"),
    ("E0707", "an edit under a running deployment: executor/topology.rs"),
    ("E0708", "an edit under a running deployment: executor/topology.rs"),
    ("E0709", "an edit under a running deployment: executor/topology.rs"),
    ("E0710", "an edit under a running deployment: executor/topology.rs"),
    ("E0711", "a cluster that is dead: executor/topology.rs"),
    ("E0712", "a name on the command line: executor/topology.rs"),
    ("E0713", "half a file under a running deployment: executor/topology.rs"),
    ("E0790", "a missing file: cli.rs"),
    ("E0791", "a folder on the command line: flink/topology.rs"),
    ("E0692", "a question to a folder that is no project: cli.rs"),
    ("E0808", "a plan the engine lacks an operator for: dataflow/tests"),
    ("E0840", "a module that a folder does not have: calls.rs"),
    ("E0841", "a module that fails: calls.rs"),
    ("E0842", "a variable of the environment: calls.rs"),
    ("E0843", "a module that goes away under a run: calls.rs"),
    ("E0844", "a module that a folder does not have: flink/refused.rs"),
    ("E0845", "files of 256 MB, and such that nobody may read: flink/models.rs"),
    ("E0809", "an Avro schema, when a plan is run: dataflow/decode/avro_tests.rs"),
    ("E0901", "two executors on one state: executor.rs"),
    ("E0902", "a state of another plan, and of another deployment: executor/refusals.rs"),
    ("E0903", "two leases: executor.rs"),
    ("E0904", "a topology without the group: executor/tests.rs"),
    ("E0905", "a dead cluster: executor.rs"),
    ("E0906", "a dead region at the end of a bounded run: executor/refusals.rs"),
    ("E0907", "a log gap: executor/gaps.rs"),
    ("E0908", "a client that librdkafka refuses to build: executor/refusals.rs"),
    ("E0909", "a file where a folder should be, and a full disk: executor/refusals.rs"),
    ("E0910", "a cut before what was published: executor/refusals.rs"),
    ("E0911", "a thread that panicked: no input does that"),
    ("E0912", "a topic that no cluster has: executor/refusals.rs"),
    ("E0913", "a port in use: broker.rs"),
    ("E0914", "a backfill of a live state: executor.rs"),
    ("E0915", "an id on the command line: executor/scenario.rs"),
    ("E0916", "a log of garbage: executor/scenario.rs"),
    ("E0917", "a status that there is not: executor/operation.rs"),
    ("E0918", "a port in use: executor/operation.rs"),
    ("E0919", "a ledger that windrow gets wrong: cli/status.rs"),
    ("E0920", "an interrupted demo: demo.rs"),
    ("E0921", "a topic that somebody else writes to: executor/readers.rs"),
    ("E0922", "a region that was frozen for long: executor/readers.rs"),
    ("E0923", "a state that begins anew: executor/operation.rs"),
    ("E0941", "an empty state beside a checkpoint: executor/checkpoints.rs"),
    ("E0942", "a takeover without a checkpoint: executor/takeover.rs"),
    ("E0943", "bits of a checkpoint have changed: executor/checkpoints.rs"),
    ("E0944", "an address where nobody serves objects: executor/takeover.rs"),
    ("E0945", "bits of the state have changed: executor/corruption.rs"),
    ("E0946", "a standby that is frozen: executor/takeover.rs"),
    ("E0947", "a standby on a state: executor/takeover.rs"),
    ("E0950", "a name on the command line: preview.rs"),
    ("E0951", "a name on the command line: preview.rs"),
    ("E0952", "a missing option: preview.rs"),
    ("E0953", "a missing file: preview.rs"),
    ("E0954", "a file of events: preview.rs"),
    ("E0955", "a store in memory that fails: no input does that"),
    ("E0956", "options of the command line: preview.rs"),
    ("E0957", "options of the command line: preview.rs"),
    ("E0958", "files of a history: preview.rs"),
    ("E0959", "options of the command line: preview.rs"),
    ("E0960", "options of the command line: preview.rs"),
    ("E0801", "tests/it/flink/refused.rs"),
    ("E0802", "tests/it/flink/refused.rs"),
    ("E0803", "tests/it/flink/refused.rs"),
    ("E0804", "tests/it/flink/refused.rs"),
    ("E0805", "names are unique without case and `_`: no input does that"),
    ("E0636", "seen when the test is run: testing.rs"),
    ("E0640", "more than 500 mistakes: syntax/hostile.rs"),
    ("E0228", "a million columns: syntax/hostile.rs"),
    ("E0806", "tests/it/flink/refused.rs"),
    ("E0807", "tests/it/flink/refused.rs"),
    ("E0970", "a build without the executor: verify.rs"),
    ("E0971", "clusters that refuse: executor/regions.rs"),
    ("E0983", "events of files: testing.rs"),
    ("E0980", "a name on the command line: verify.rs"),
    ("E0981", "a name on the command line: verify.rs"),
    ("E0982", "a name on the command line: verify.rs"),
    ("W0850", "tests/it/flink/bundles.rs"),
    ("E0860", "tests/it/flink/kubernetes.rs"),
    ("E0861", "tests/it/flink/kubernetes.rs"),
    ("E0862", "tests/it/flink/kubernetes.rs"),
    ("E0890", "tests/it/flink/bundles.rs"),
    ("E0891", "a query on the command line: sql.rs"),
    ("E0892", "a query on the command line: sql.rs"),
];

fn code_of(case: &Path) -> String {
    case.file_name().unwrap().to_string_lossy().chars().take_while(|c| *c != '_').collect()
}

#[test]
fn every_case_is_reported_as_its_snapshot_says() {
    settings("diagnostics").bind(|| {
        insta::glob!("../cases/diagnostics", "?*", |path| {
            let case = path.canonicalize().unwrap();
            let shown =
                case.strip_prefix(root().canonicalize().unwrap()).unwrap().to_string_lossy().into_owned();
            let text = windrow(&["check", &shown]);
            let code = code_of(path);
            assert!(
                text.stdout.contains(&code),
                "{shown} does not show {code}: {}{}",
                text.stdout,
                text.stderr
            );
            assert_eq!(text.code, Some(i32::from(text.stdout.contains("error["))), "{shown}");
            insta::assert_snapshot!("check", format!("{}{}", text.stdout, text.stderr));
            assert_eq!(codes_in_json(&shown), codes_in_text(&text.stdout), "{shown}");
        });
    });
}

/// The codes of `check --format json`, in order.
fn codes_in_json(case: &str) -> Vec<String> {
    let run = windrow(&["check", "--format", "json", case]);
    let problems: serde_json::Value = serde_json::from_str(&run.stdout).expect("an array of objects");
    let problems = problems.as_array().expect("an array").clone();
    for problem in &problems {
        for key in ["code", "severity", "file", "line", "column", "message", "labels", "notes", "hint"] {
            assert!(problem.get(key).is_some(), "no {key} in {problem}");
        }
        assert!(problem["line"].as_u64().is_none_or(|line| line >= 1), "{problem}");
        assert!(problem["column"].as_u64().is_none_or(|column| column >= 1), "{problem}");
    }
    problems.iter().map(|problem| problem["code"].as_str().unwrap().to_owned()).collect()
}

/// The codes of the text, `error[E0107]: …`, in order.
fn codes_in_text(text: &str) -> Vec<String> {
    let heads = text.lines().filter_map(|line| {
        let rest = line.strip_prefix("error[").or_else(|| line.strip_prefix("warning["))?;
        rest.split_once("]:").map(|(code, _)| code.to_owned())
    });
    heads.collect()
}

#[test]
fn every_code_has_a_case_or_a_reason() {
    let folder = std::fs::read_dir(root().join("tests/cases/diagnostics")).unwrap();
    let covered: BTreeSet<String> = folder.map(|entry| code_of(&entry.unwrap().path())).collect();
    let elsewhere: BTreeSet<String> = ELSEWHERE.iter().map(|(code, _)| (*code).to_owned()).collect();
    let all: BTreeSet<String> = pages().iter().map(|page| page.code.to_string()).collect();
    let missing: Vec<_> =
        all.iter().filter(|code| !covered.contains(*code) && !elsewhere.contains(*code)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
    let needless: Vec<_> = elsewhere.intersection(&covered).collect();
    assert!(needless.is_empty(), "{needless:?} have cases: take them off the list");
    let unknown: Vec<_> = covered.union(&elsewhere).filter(|code| !all.contains(*code)).collect();
    assert!(unknown.is_empty(), "no such codes: {unknown:?}");
}

#[test]
fn every_page_is_more_than_its_title() {
    for page in pages() {
        assert!(!page.title.ends_with('.') && !page.title.is_empty(), "{}: {}", page.code, page.title);
        assert!(page.text.len() > 40 && page.text != page.title, "{} says too little", page.code);
    }
}

/// Codes of definitions without an example on their page, and why.
const WITHOUT_EXAMPLE: &[(&str, &str)] = &[
    ("E0001", "bytes that are no text cannot be shown"),
    ("E0003", "17 MB"),
    ("E0005", "no text"),
    ("E0006", "no text"),
    ("E0212", "2001 columns"),
    ("E0636", "seen when a test is run"),
    ("E0640", "more than 500 mistakes"),
    ("E0228", "a million columns"),
    ("E0707", "a file and an older one: seen while a deployment runs"),
    ("E0708", "a file and an older one: seen while a deployment runs"),
    ("E0709", "a file and an older one: seen while a deployment runs"),
    ("E0710", "a file and an older one: seen while a deployment runs"),
    ("E0711", "a cluster that is dead"),
    ("E0712", "a name on the command line"),
    ("E0713", "half a file: seen while a deployment runs"),
];

/// Whether a code comes from definitions, rather than from the command line, a target or a run.
fn is_of_definitions(code: &str) -> bool {
    let number: u32 = code[1..].parse().unwrap();
    number < 800 && number % 100 < 90
}

#[test]
fn every_page_of_a_definitions_mistake_has_a_wrong_and_a_right_example() {
    let missing: Vec<_> = pages()
        .iter()
        .map(|page| page.code)
        .filter(|code| is_of_definitions(code.as_str()) && Example::of(*code).is_none())
        .filter(|code| !WITHOUT_EXAMPLE.iter().any(|(other, _)| *other == code.as_str()))
        .collect();
    assert!(missing.is_empty(), "no example in src/diag/examples for {missing:?}");
    let offences: Vec<String> = Example::all().flat_map(offences_of).collect();
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

fn offences_of(example: &Example) -> Vec<String> {
    let code = example.code.to_string();
    let wrong = codes_of(example, example.wrong);
    let right = codes_of(example, example.right);
    let shown = windrow(&["explain", &code]).stdout;
    let mut offences = Vec::new();
    let has_others = wrong.iter().any(|other| *other != code && other.starts_with('E'));
    if !wrong.contains(&code) || has_others {
        offences.push(format!("the wrong example of {code} has {wrong:?}:\n{}", example.wrong));
    }
    if !right.is_empty() {
        offences.push(format!("the right example of {code} has {right:?}:\n{}", example.right));
    }
    if !shown.contains("\nWrong:\n") || !shown.contains("\nRight:\n") {
        offences.push(format!("the page of {code} lacks an example:\n{shown}"));
    }
    offences
}

/// What `check` says of an example, beside the definitions that it refers to.
fn codes_of(example: &Example, text: &'static str) -> Vec<String> {
    let scratch = Scratch::new();
    for (name, text) in example.files(text) {
        scratch.file(name, text);
    }
    if example.form != Form::Alone {
        scratch.file("beside.wr", BESIDE);
    }
    let run = windrow_in(scratch.path(), &["check", "--format", "json"]);
    let problems: serde_json::Value = serde_json::from_str(&run.stdout).expect("an array of objects");
    let code = |problem: &serde_json::Value| problem["code"].as_str().unwrap().to_owned();
    // Which of the definitions beside it a deployment needs is no matter of the example.
    let problems = problems.as_array().unwrap().iter().filter(|problem| problem["file"] != "beside.wr");
    problems.map(code).collect()
}
