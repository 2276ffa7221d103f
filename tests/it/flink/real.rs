//! Bundles on a real Flink: every key's last row at a cut is what the oracle and the executor's
//! operators say, bit by bit. Left out, and said so, unless WINDROW_TEST_FLINK is set.

use std::fs;
use std::process::Command;

use super::bench::Bench;
use super::project::{features, project};
use crate::support::flink::{run, turn};
use crate::support::{Scratch, root};

/// The event times of lines, in order.
pub(super) fn times(lines: &[String], time: impl Fn(&serde_json::Value) -> i64) -> Vec<i64> {
    let mut times: Vec<_> = lines.iter().map(|line| time(&serde_json::from_str(line).unwrap())).collect();
    times.sort_unstable();
    times
}

#[test]
fn the_purchases_on_flink_are_those_of_the_oracle_and_the_preview() {
    let Some(_turn) = turn("the purchases on Flink") else { return };
    let project = features();
    let text = fs::read_to_string(root().join("features/purchases/data/purchases.jsonl")).unwrap();
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let times = times(&lines, |json| json["ts"].as_i64().unwrap());
    let (middle, end) = (times[times.len() / 2], times[times.len() - 1] + 1);
    let bench = Bench::new(&project.bundle(&project.deployment("spend")), vec![("purchases", lines)]);
    let runs = [(middle, 1), (middle, 2), (end, 1), (end, 2)];
    bench.compare(&project, (&[("user_spend", 100)], &[]), &runs);
}

/// The first flights, a few places out of order, as JSON lines.
pub(super) fn flights(count: usize) -> Vec<String> {
    let text = fs::read_to_string(root().join("features/flights/data/flights.csv")).unwrap();
    let mut rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = rows.next().unwrap();
    let cell = |(name, cell): (&&str, &&str)| {
        let is_number = ["delay_min", "distance_mi"].contains(name);
        format!("\"{name}\":{}", if is_number { (*cell).to_owned() } else { format!("\"{cell}\"") })
    };
    let line =
        |row: Vec<&str>| format!("{{{}}}", header.iter().zip(&row).map(cell).collect::<Vec<_>>().join(","));
    let mut lines: Vec<String> = rows.take(count).map(line).collect();
    lines.chunks_mut(7).for_each(<[String]>::reverse);
    lines
}

#[test]
fn the_flight_board_on_flink_is_that_of_the_oracle_and_the_preview() {
    let Some(_turn) = turn("the flight board on Flink") else { return };
    let project = features();
    let lines = flights(3_000);
    let time = |json: &serde_json::Value| {
        json["ts"].as_str().unwrap().parse::<windrow::types::EventTime>().unwrap().millis()
    };
    let times = times(&lines, time);
    let (middle, end) = (times[times.len() / 2], times[times.len() - 1] + 1);
    let bench = Bench::new(&project.bundle(&project.deployment("airport_board")), vec![("flights", lines)]);
    let group_bys = [("airport_departures", 50), ("route_delays", 300)];
    bench.compare(&project, (&group_bys, &[]), &[(middle, 2), (end, 1)]);
}

/// Every form that the examples have not: hops, ids that are numbers, a null key part, no event id
/// would count copies twice, texts that try to break out.
#[test]
fn odd_names_hops_and_ids_on_flink_are_those_of_the_oracle() {
    let Some(_turn) = turn("odd names, hops and ids on Flink") else { return };
    let literal = "'' ; -- ${cut_ms} */ `\\u0027 \\é\u{1f600}";
    let text = format!(
        r#"source s {{ topic t in g  format json  event_time ts  event_id id  disorder 1h
  schema {{ id int  "key" string? from "a'b`c\d${{path}}*/"  flag bool  at timestamp_us?  x double?  d decimal(20,4)  ts timestamp_ns }} }}
group_by odd {{ from s  let label = coalesce("key", '{literal}')  let twice = x + x  key "key", flag
  n = count() over 12h tail hop 1h
  odd = count() where label = '{literal}' or "key" = 'a' over 1h
  total = sum(twice) over 1h, 12h
  mean = avg(d) over 1h
  first_at = min(at) over 2h
  label = last(label) over 2h
  newest = last(id) over 12h
  oldest = first(id) over 2h
  spread = variance(twice) over 2h
  deviation = stddev(d) over 12h
  ids = unique_count(id) over 2h
  publish o to g }}"#
    );
    let text = text.replace("label = last", "last_label = last");
    let project = project(&[("odd.wr", &text)]);
    let wire = "a'b`c\\\\d${path}*/";
    let keys = ["null", "\"a\"", "\"'' ; --\"", "\"\u{1f600}\"", "\"\u{ff61}\""];
    let base = 1_700_000_000_000_i64;
    let line = |n: i64| {
        // Every fifth time is taken by several events, whose ids have different numbers of digits.
        let ts = base + (n * 7_919 % 9_000) * 5_000 / if n % 5 == 0 { 1_000 } else { 1 };
        let key = keys[usize::try_from(n % 5).unwrap()];
        let x = if n % 7 == 0 { "null".to_owned() } else { format!("{}e{}", n - 200, n % 13 - 6) };
        format!(
            r#"{{"id":{},"{wire}":{key},"flag":{},"at":{},"x":{x},"d":"{}.{:04}","ts":{ts}000123}}"#,
            n * n - 300,
            n % 3 == 0,
            ts * 1_000 + 999,
            n * 31,
            n
        )
    };
    let lines: Vec<String> = (0..400).chain(0..40).map(line).collect();
    let times = times(&lines, |json| json["ts"].as_i64().unwrap().div_euclid(1_000_000));
    let bench = Bench::new(&project.bundle(&project.everything()), vec![("s", lines)]);
    let (middle, end) = (times[times.len() / 2], times[times.len() - 1] + 1);
    bench.compare(&project, (&[("odd", 50)], &[]), &[(middle, 2), (end, 1)]);
}

#[test]
fn the_support_classes_pass_the_shared_cases() {
    let Some(_turn) = turn("the Java side of the shared cases") else { return };
    let scratch = Scratch::new();
    let zones = scratch.file("zones.json", super::zones::cases());
    run(
        "the shared cases in Java",
        Command::new("sh").arg(root().join("tests/java/run")).arg(scratch.path()).arg(zones),
        &scratch.path().join("log"),
    );
}

#[test]
fn random_purchases_on_flink_are_those_of_brute_force() {
    let Some(_turn) = turn("random purchases on Flink") else { return };
    let scratch = Scratch::new();
    let mut command = Command::new("python3");
    command
        .arg(root().join("tests/flink/lab.py"))
        .args(["--seeds", "1", "--quick", "--work"])
        .arg(scratch.path().join("a name with %20, ' and \u{fc}"));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    run("random purchases through run-local", &mut command, &scratch.path().join("log"));
}
