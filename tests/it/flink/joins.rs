//! Point-in-time joins on a real Flink: rows as the oracle and the executor's operators have them,
//! with late and repeated left rows, and broken builds that the comparison notices.

use std::fs;

use windrow::emit::{Bundle, File};

use super::bench::{Bench, Lines};
use super::joined::Joined;
use super::project::{features, project};
use super::real::{flights, times};
use crate::support::flink::turn;
use crate::support::root;

/// Lines in order of `ts` plus a delay that depends on the line's number, every ninth line twice.
fn delayed(mut lines: Vec<(i64, String)>, delay_ms: impl Fn(i64) -> i64) -> Vec<String> {
    lines.sort();
    let mut arrivals: Vec<(i64, String)> = Vec::new();
    for (number, (ts, line)) in (0..).zip(lines) {
        let at = ts + delay_ms(number);
        if number % 9 == 0 {
            arrivals.push((at + 7_000, line.clone()));
        }
        arrivals.push((at, line));
    }
    arrivals.sort_by_key(|(at, _)| *at);
    arrivals.into_iter().map(|(_, line)| line).collect()
}

/// How many lines are behind the watermark when they come, were they read by one reader.
fn late(lines: &[String], disorder_ms: i64) -> usize {
    let mut newest = i64::MIN;
    let is_late = |line: &String| {
        let ts = ts(line);
        newest = newest.max(ts);
        ts < newest - disorder_ms
    };
    lines.iter().map(is_late).filter(|late| *late).count()
}

fn ts(line: &str) -> i64 {
    let json: serde_json::Value = serde_json::from_str(line).unwrap();
    let of_text = |text: &str| text.parse::<windrow::types::EventTime>().unwrap().millis();
    json["ts"].as_i64().unwrap_or_else(|| of_text(json["ts"].as_str().unwrap()))
}

fn stamped(lines: impl IntoIterator<Item = String>) -> Vec<(i64, String)> {
    lines.into_iter().map(|line| (ts(&line), line)).collect()
}

fn jsonl(file: &str) -> Vec<(i64, String)> {
    let text = fs::read_to_string(root().join(file)).unwrap();
    stamped(text.lines().map(str::to_owned))
}

/// The examples' checkouts, a fifth of them up to an hour late.
fn purchases() -> Vec<Lines> {
    let purchases = delayed(jsonl("features/purchases/data/purchases.jsonl"), |_| 0);
    let late_by = |number: i64| if number % 5 == 0 { 3_590_000 - 10_000 * (number % 7) } else { 0 };
    let checkouts = delayed(jsonl("features/purchases/data/checkouts.jsonl"), late_by);
    assert!(late(&checkouts, 10_000) >= 5, "only {} checkouts are late", late(&checkouts, 10_000));
    vec![("purchases", purchases), ("checkouts", checkouts)]
}

fn ends(sources: &[Lines]) -> (i64, i64) {
    let all: Vec<String> = sources.iter().flat_map(|(_, lines)| lines.clone()).collect();
    let times = times(&all, |json| ts(&json.to_string()));
    (times[times.len() / 2], times[times.len() - 1] + 1)
}

#[test]
fn the_checkouts_on_flink_are_those_of_the_oracle_and_the_preview() {
    let Some(_turn) = turn("the checkouts on Flink") else { return };
    let project = features();
    let sources = purchases();
    let (middle, end) = ends(&sources);
    let bench = Bench::new(&project.bundle(&project.deployment("purchases")), sources);
    let runs = [(middle, 2), (end, 1), (end, 2)];
    bench.compare(&project, (&[("user_spend", 100)], &[("checkout", 30)]), &runs);
}

#[test]
fn the_flight_context_on_flink_is_that_of_the_oracle_and_the_preview() {
    let Some(_turn) = turn("the flight context on Flink") else { return };
    let project = features();
    let lines = delayed(stamped(flights(3_000)), |_| 0);
    let sources = vec![("flights", lines)];
    let (middle, end) = ends(&sources);
    let bench = Bench::new(&project.bundle(&project.deployment("flights")), sources);
    let group_bys = [("airport_departures", 50), ("route_delays", 300)];
    bench.compare(&project, (&group_bys, &[("flight_context", 1_000)]), &[(middle, 2), (end, 1)]);
}

/// What the examples have not: null keys, a part without a publication, a key named like a left
/// column, chained derived columns, a short `left_late`, ties in time, hops, a numeric id.
const ODD: &str = r#"
source events { topic e in g  format json  event_time ts  event_id id  disorder 5s
  schema { id int  user string  shop string?  amount decimal(12,2)  x double?  ts timestamp_ms } }
source visits { topic v in g  format json  event_time at  event_id "select"  disorder 5s
  schema { "select" int  user string?  shop string?  "order" decimal(9,3)?  flag bool?  seen timestamp_us?  at timestamp_ms from "ts" } }
group_by by_user { from events  key user
  spend = sum(amount) over 1h, 12h tail hop 5m
  n = count() over 1h
  mean = avg(x) over 2h }
group_by by_shop { from events  where amount > 0  key shop, user
  n = count() over 30m
  last_id = last(id) over 30m
  publish s to g }
join odd { left visits
  features by_shop on shop, user as sh
  features by_user on user
  c = b + coalesce(a, 0)
  a = by_user.spend_1h / by_user.spend_12h
  b = a * 2
  d = "order" * 2
  left_late 10m
  publish j to g as events }
"#;

fn odd_sources() -> Vec<Lines> {
    let base = 1_700_000_000_000_i64;
    let null_or = |n: i64, text: String| if n % 11 == 0 { "null".to_owned() } else { text };
    let event = |n: i64| {
        let ts = base + n * 41_000 - n % 3 * 1_500;
        let shop = null_or(n, format!("\"s{}\"", n % 4));
        let x = null_or(n + 3, format!("{}e-{}", n - 200, n % 5));
        // A key's events are nearer to each other than `left_late` is long.
        let (user, cents) = (n % 3, n % 90 - 10);
        (
            ts,
            format!(r#"{{"id":{n},"user":"u{user}","shop":{shop},"amount":"{cents}.25","x":{x},"ts":{ts}}}"#),
        )
    };
    let visit = |n: i64| {
        // At the time of an event, a millisecond beside it, or anywhere.
        let ts = base + (n / 3) * 41_000 - (n / 3) % 3 * 1_500 + n % 3 - 1 + i64::from(n % 4 == 0) * 777;
        let user = null_or(n, format!("\"u{}\"", n % 6));
        let shop = null_or(n / 2, format!("\"s{}\"", n % 4));
        let order = null_or(n + 5, format!("\"{n}.5\""));
        (
            ts,
            format!(
                r#"{{"select":{n},"user":{user},"shop":{shop},"order":{order},"seen":{ts}001,"ts":{ts}}}"#
            ),
        )
    };
    let events = delayed((0..400).map(event).collect(), |n| n % 4 * 1_000);
    let late_by = |n: i64| if n % 4 == 0 { 590_000 } else { 0 };
    let visits = delayed((0..900).map(visit).collect(), late_by);
    assert!(late(&visits, 5_000) >= 200 && late(&events, 5_000) == 0);
    vec![("events", events), ("visits", visits)]
}

#[test]
fn odd_joins_on_flink_are_those_of_the_oracle() {
    let Some(_turn) = turn("odd joins on Flink") else { return };
    let project = project(&[("odd.wr", ODD)]);
    let sources = odd_sources();
    let (middle, end) = ends(&sources);
    let bench = Bench::new(&project.bundle(&project.everything()), sources);
    bench.compare(&project, (&[("by_shop", 20)], &[("odd", 300)]), &[(middle, 2), (end, 1), (end, 2)]);
}

#[test]
fn the_latest_row_of_a_join_is_the_newest_and_two_of_a_key_are_at_least_every_apart() {
    let Some(_turn) = turn("the latest rows of a join on Flink") else { return };
    // No two visits of a key have one time, so that the oracle's order needs no ties.
    let text = ODD.replace("publish j to g as events", "publish j to g as latest every 5m");
    let project = project(&[("odd.wr", &text)]);
    let sources = odd_sources();
    let (_, end) = ends(&sources);
    let bench = Bench::new(&project.bundle(&project.everything()), sources);
    assert!(bench.is_right(&project, "odd", end), "late rows are not the last word, and what waits comes");
    let (shown, waited) = Joined::new(&project, "odd").as_ofs(&bench.out(end, 1).join("odd"));
    for (key, as_ofs) in &shown {
        // At the cut nothing waits any longer.
        let is_apart = |pair: &[i64]| pair[1] - pair[0] >= 300_000 || pair[1] == end && pair[0] < end;
        assert!(as_ofs.windows(2).all(is_apart), "{key}: {as_ofs:?}");
    }
    let rows: usize = shown.values().map(Vec::len).sum();
    assert!(waited > 20 && rows > 2 * shown.len(), "{waited} of {rows} rows of {} keys waited", shown.len());
}

/// A bundle with one line of a support class replaced.
fn broken(bundle: &Bundle, class: &str, sound: &str, sabotaged: &str) -> Bundle {
    let mut bundle = bundle.clone();
    let path = format!("java/dev/windrow/flink/{class}.java");
    let File { text, .. } = bundle.files.get_mut(&path).unwrap();
    assert_eq!(text.matches(sound).count(), 1, "the line to break is not there once: {sound}");
    *text = text.replace(sound, sabotaged);
    bundle
}

#[test]
fn broken_builds_of_a_join_are_noticed() {
    let Some(_turn) = turn("broken builds of a join on Flink") else { return };
    let project = project(&[("odd.wr", ODD)]);
    let bundle = project.bundle(&project.everything());
    let (_, end) = ends(&odd_sources());
    let is_right = |bundle: &Bundle| Bench::new(bundle, odd_sources()).is_right(&project, "odd", end);
    assert!(is_right(&bundle), "what is not broken is right");
    for (what, sound, sabotaged) in SABOTAGES {
        let broken = broken(&bundle, "PointInTimeJoin", sound, sabotaged);
        assert!(!is_right(&broken), "{what} was not noticed");
    }
}

/// None that only puts rows out too early: over files the events may all be there first.
const SABOTAGES: [(&str, &str, &str); 5] = [
    ("an event at q", "windows.values(key.tree, q)", "windows.values(key.tree, q + 1)"),
    (
        "a late left row dropped",
        "ts < minus(watermark, spec.leftLateMs)) {\n      expired",
        "ts <= watermark) {\n      expired",
    ),
    (
        "nothing kept for late rows",
        "windows.keptFrom(key.tree, minus(now, spec.leftLateMs))",
        "windows.keptFrom(key.tree, now)",
    ),
    ("copies of left rows", "spec.copies && !at.remember", "false && !at.remember"),
    (
        "trimmed to the watermark",
        "long now = time.time();",
        "long now = job.watermark(time.currentWatermark());",
    ),
];
