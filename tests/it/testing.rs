//! `windrow test`: the tests of the examples pass, and a failing one says what differs.

use crate::support::Scratch;
use crate::support::binary::windrow;
use crate::support::snapshots::settings;

const SPEND: &str = "
source s {
  topic t in g
  format json
  schema { id string  user string  amount decimal(12,2)  note string?  ts timestamp_ms }
  event_time ts
  event_id   id
  disorder   10s
}
group_by spend { from s  key user  total = sum(amount) over 1h }
";

#[test]
fn the_tests_of_the_examples_pass() {
    let run = windrow(&["test", "features"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.lines().count() > 5 && run.stdout.lines().all(|line| line.starts_with("ok")));
    let one = windrow(&["test", "features", "--filter", "Told LATE"]);
    assert_eq!((one.code, one.stdout.lines().count()), (Some(0), 1), "{}", one.stdout);
    let none = windrow(&["test", "features", "--filter", "no such test"]);
    assert!(none.stderr.contains("no test has `no such test`"), "{}", none.stderr);
}

/// What a failing test shows, as text, without its folder.
fn report(tests: &str, more: &[&str]) -> (Option<i32>, String) {
    let scratch = Scratch::new();
    scratch.file("spend.wr", format!("{SPEND}{tests}"));
    let path = scratch.path().join("spend.wr");
    let path = path.to_str().expect("a path of ours");
    let run = windrow(&[&["test", path], more].concat());
    let text = format!("{}{}", run.stdout, run.stderr);
    (run.code, text.replace(path, "spend.wr"))
}

const FAILING: &str = "
test spend \"cells differ\" {
  event s at '10:00' { user: 'u1', amount: 5.00 }
  event s at '10:30' { user: 'u1', amount: 7.5 }
  expect at '11:00' { user: 'u1', total_1h: 12.00 }
  expect no row at '11:00' { user: 'u1' }
  expect expired = 3
}
test spend \"a required field is left out\" {
  event s at '10:00' { user: 'u1' }
  expect at '11:00' { user: 'u1', total_1h: 12.00 }
}
test spend \"a key without events is an empty row\" {
  no events from s
  expect at '11:00' { user: 'u1', total_1h: null }
  expect no row at '11:00' { user: 'u1' }
}
test spend \"a dead letter nobody expects\" {
  event s at '10:00' { user: 'u1', amount: 1 } arrives '09:00'
}
test \"another code\" { expect error E0301 in \"group_by x { from s  key user  n = count() over 1h }\" }
";

#[test]
fn a_failing_test_shows_each_cell_that_differs() {
    let (code, text) = report(FAILING, &[]);
    assert_eq!(code, Some(1));
    settings("testing").bind(|| insta::assert_snapshot!("failing", text));
}

#[test]
fn reports_for_programs_say_the_same() {
    let (code, text) = report(FAILING, &["--format", "json"]);
    assert_eq!(code, Some(1));
    let json = &text[..=text.rfind(']').expect("an array")];
    let all: serde_json::Value = serde_json::from_str(json).expect("JSON");
    let outcomes: Vec<_> = all.as_array().unwrap().iter().map(|t| t["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["failed", "refused", "passed", "failed", "failed"]);
    let cell = &all[0]["failures"][0]["cells"][1];
    assert_eq!(
        (&cell["column"], &cell["expected"], &cell["found"]),
        (&"total_1h".into(), &"12.00".into(), &"12.50".into())
    );
    let (_, junit) = report(FAILING, &["--format", "junit"]);
    for part in
        ["<testsuite name=\"spend\" tests=\"4\" failures=\"2\" errors=\"1\">", "expected 12.00, found 12.50"]
    {
        assert!(junit.contains(part), "{part} is not in {junit}");
    }
}

#[test]
fn a_test_that_is_recorded_from_real_events_passes() {
    let scratch = Scratch::new();
    scratch.file("spend.wr", SPEND);
    let events: String = (0..9)
        .map(|n| {
            format!(
                "{{\"id\":\"e{n}\",\"user\":\"u{}\",\"amount\":\"{n}.25\",\"ts\":{}}}\n",
                n % 2,
                n * 600_000
            )
        })
        .collect();
    scratch.file("events.jsonl", events);
    let path = |name: &str| scratch.path().join(name).to_string_lossy().into_owned();
    let (project, source) = (path("spend.wr"), format!("s={}", path("events.jsonl")));
    let record = |more: &[&str]| {
        windrow(&[&["test", &project, "--record", "spend", "--source", &source], more].concat())
    };
    let all = record(&[]);
    assert_eq!(all.code, Some(0), "{}", all.stderr);
    let one = record(&["--key", "u1", "--until", "3600000"]);
    assert_eq!(one.stdout.matches("event s").count(), 3, "{}", one.stdout);
    assert!(one.stdout.contains("total_1h: 9.75"), "{}", one.stdout);
    scratch.file("spend.wr", format!("{SPEND}{}\n{}", all.stdout, one.stdout));
    let run = windrow(&["test", &project]);
    assert_eq!((run.code, run.stdout.lines().count()), (Some(0), 2), "{}{}", run.stdout, run.stderr);
    let nobody = record(&["--key", "u9"]);
    assert_eq!(nobody.code, Some(2));
    assert!(nobody.stderr.contains("E0983") && nobody.stderr.contains("u9"), "{}", nobody.stderr);
}
