//! Streams that call models, on the command line: rows, what fails, and functions that there are not.

use crate::support::Scratch;
use crate::support::binary::{Run, command, windrow, windrow_in};

const DEFINITIONS: &str = r#"
source clicks {
  topic t in ingest
  format json
  schema { id string  user string  price decimal(12,2)?  ts timestamp_ms }
  event_time ts
  event_id id
  disorder 1s
}
stream scored {
  from clicks
  call "models.clicks:score" (user, price, ts) returns { score double?, at timestamp?, seen list<string>? }
    timeout 60s retry 0
}
group_by g {
  from scored
  key user
  n = count() over 1h
  best = max(score) over 1h
}
"#;

const MODEL: &str = r#"
def score(user, price, ts):
    if user == "nobody":
        raise ValueError("who is that?")
    return {"score": float(price or 0) / 2, "at": ts, "seen": [user, str(price), ts.isoformat()]}
"#;

const EVENTS: &str = r#"{"id":"a","user":"u","price":1.50,"ts":1000}
{"id":"b","user":"u","price":null,"ts":2000}
{"id":"c","user":"nobody","price":3.00,"ts":3000}
"#;

fn project() -> Scratch {
    let scratch = Scratch::new();
    scratch.file("windrow.yaml", "name: p\n");
    scratch.file("d.wr", DEFINITIONS);
    scratch.file("models/clicks.py", MODEL);
    scratch.file("clicks.jsonl", EVENTS);
    scratch
}

fn preview(scratch: &Scratch, of: &str) -> Run {
    let args = ["preview", ".", "--source", "clicks=clicks.jsonl", "--of", of, "--format", "jsonl"];
    windrow_in(scratch.path(), &args)
}

#[test]
fn a_preview_shows_what_the_model_returns() {
    let scratch = project();
    let run = preview(&scratch, "scored");
    let expected = r#"{"id":"a","user":"u","price":"1.50","ts":1000,"score":0.75,"at":1000,"seen":["u","1.50","1970-01-01T00:00:01+00:00"]}
{"id":"b","user":"u","price":null,"ts":2000,"score":0.0,"at":2000,"seen":["u","None","1970-01-01T00:00:02+00:00"]}
{"id":"c","user":"nobody","price":"3.00","ts":3000,"score":null,"at":null,"seen":null}
"#;
    assert_eq!(run.stdout, expected, "{}", run.stderr);
    let failed =
        "1 of 3 model calls failed, the first: `models.clicks:score` of `scored`: ValueError: who is that?";
    assert!(run.stderr.contains(failed) && run.stderr.contains("clicks.py:4) (one try)"), "{}", run.stderr);
    let rows = preview(&scratch, "g").stdout;
    assert_eq!(
        rows,
        "{\"user\":\"nobody\",\"n_1h\":1,\"best_1h\":null}\n{\"user\":\"u\",\"n_1h\":2,\"best_1h\":0.75}\n"
    );
    assert!(!scratch.path().join("models/__pycache__").exists(), "nothing appears that nobody asked for");
}

#[test]
fn without_an_answer_that_must_be_there_an_event_is_a_dead_letter() {
    let scratch = project();
    scratch.file("d.wr", DEFINITIONS.replace("double?", "double"));
    let run = preview(&scratch, "g");
    assert_eq!(run.stdout, "{\"user\":\"u\",\"n_1h\":2,\"best_1h\":0.75}\n", "{}", run.stderr);
    let letter = "1 dead letters `call`, the first: record 3 of `clicks`: `models.clicks:score` of `scored`: ValueError";
    assert!(run.stderr.contains(letter), "{}", run.stderr);
}

#[test]
fn an_answer_is_read_as_strictly_as_a_record() {
    let scratch = project();
    scratch.file("models/clicks.py", "def score(*_):\n    return {\"score\": \"0.5\"}\n");
    let run = preview(&scratch, "scored");
    let why = "its answer: field `score`: expected a number, found a string";
    assert!(run.stderr.contains("3 of 3 model calls failed") && run.stderr.contains(why), "{}", run.stderr);
}

/// The first line, and whether it points at the call.
fn refused(scratch: &Scratch, code: &str) -> String {
    let run = preview(scratch, "g");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains(code) && run.stderr.contains("d.wr:12:8"), "{}", run.stderr);
    run.stderr
}

#[test]
fn a_function_that_there_is_not_is_said_at_its_call() {
    let scratch = project();
    scratch.file("models/clicks.py", "def scores(user, price, ts):\n    return {}\n");
    let said = refused(&scratch, "E0840");
    assert!(
        said.contains("clicks.py` has no function `score`") && said.contains("did you mean `scores`?"),
        "{said}"
    );
    scratch.file("models/clicks.py", "import no_such_package\n");
    let said = refused(&scratch, "E0841");
    assert!(said.contains("ModuleNotFoundError: No module named 'no_such_package'"), "{said}");
    scratch.file("models/clicks.py", "import sys\nprint('importing')\nsys.exit(3)\n");
    let said = refused(&scratch, "E0841");
    assert!(said.contains("models.clicks:score: importing") && said.contains("SystemExit: 3"), "{said}");
    std::fs::remove_file(scratch.path().join("models/clicks.py")).unwrap();
    let said = refused(&scratch, "E0840");
    let folder = scratch.path().canonicalize().unwrap().display().to_string();
    assert!(said.contains("there is no module `models.clicks`"), "{said}");
    assert!(said.contains(&format!("searched: {folder}")) && said.contains("models/clicks.py"), "{said}");
}

/// One call ends the process for good; the others are in flight then, and nobody knows that it was none of them.
const GOES_AWAY: &str = r"
import os, time
def score(*_):
    try:
        os.remove(__file__)
    except FileNotFoundError:
        time.sleep(3600)
    os._exit(1)
";

#[test]
fn a_module_that_goes_away_ends_what_runs() {
    let scratch = project();
    scratch.file("models/clicks.py", GOES_AWAY);
    let run = preview(&scratch, "g");
    let said = "`models.clicks:score` cannot be called: its module is gone: models.clicks";
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("E0843") && run.stderr.contains(said), "{}", run.stderr);
    assert_eq!(run.stdout, "", "no half of the rows");
}

#[test]
fn the_code_of_a_model_is_told_and_no_fingerprint_changes_with_it() {
    let scratch = project();
    let page = || {
        let run = windrow_in(scratch.path(), &["explain", "g", ".", "--format", "json"]);
        serde_json::from_str::<serde_json::Value>(&run.stdout).expect("a page is JSON")
    };
    let before = page();
    assert!(
        before["models"]["models.clicks:score"].as_str().is_some_and(|code| code.len() == 32),
        "{before}"
    );
    assert_eq!(page(), before);
    scratch.file("models/clicks.py", format!("{MODEL}\n# The same, otherwise.\n"));
    let after = page();
    assert_ne!(after["models"], before["models"]);
    assert_eq!(after["plan"], before["plan"]);
    let said = windrow_in(scratch.path(), &["explain", "scored", "."]).stdout;
    assert!(said.contains("models.clicks:score, whose code is "), "{said}");
    scratch.file("d.wr", DEFINITIONS.replace("models.clicks:score", "json:dumps"));
    assert!(page()["models"]["json:dumps"].is_null(), "that is Python's own");
}

#[test]
fn python_is_named_by_a_variable() {
    let scratch = project();
    let args = ["preview", ".", "--source", "clicks=clicks.jsonl", "--of", "g"];
    let run = command(&args).current_dir(scratch.path()).env("WINDROW_PYTHON", "/no/such/python").output();
    let said = String::from_utf8(run.unwrap().stderr).unwrap();
    assert!(said.contains("E0842") && said.contains("`/no/such/python` cannot be started"), "{said}");
}

#[test]
fn models_give_the_oracles_rows() {
    for of in ["card_risk", "card_screening"] {
        let run = windrow(&["verify", "features", "--of", of, "--scenarios", "5", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(run.code, Some(0), "{report:#}{}", run.stderr);
        assert!(report["cells"].as_u64().is_some_and(|cells| cells > 50), "{report:#}");
    }
}

#[cfg(feature = "executor")]
#[test]
fn models_that_are_killed_with_their_executor_give_the_oracles_rows() {
    let options = ["--engines", "run,oracle", "--scenarios", "4", "--on-run", "4", "--format", "json"];
    let run = windrow(&[&["verify", "features", "--of", "card_risk"], &options[..]].concat());
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(run.code, Some(0), "{report:#}{}", run.stderr);
    let lines = report["lines"].as_array().unwrap();
    assert!(lines.iter().all(|line| line["cells"].as_u64() > Some(0)), "{report:#}");
    assert!(lines.iter().any(|line| line["kills"].as_u64() > Some(0)), "nobody was killed: {report:#}");
}
