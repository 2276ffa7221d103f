//! What those who operate a run see of it: health pages, metrics, status, logs, and an end in time.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::world::{Executor, KEYS, World};
use crate::support::binary::{Run, windrow};
use crate::support::cluster::until;

/// Where the run serves its health pages: its log says so before its state is open.
pub(super) fn pages_of(executor: &Executor) -> String {
    until("the address of the health pages", || {
        let log = executor.log();
        // As text or as an object.
        let (_, rest) = log.split_once("address")?;
        let rest = rest.trim_start_matches(['=', '"', ':']);
        let address: String = rest.chars().take_while(|c| c.is_ascii_digit() || ".:".contains(*c)).collect();
        (rest.len() > address.len()).then_some(address)
    })
}

/// A page's status and text.
pub(super) fn get(address: &str, page: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).expect("the run listens there");
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "GET {page} HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn status(args: &[&str]) -> (Run, Json) {
    let run = windrow(&[&["status", "--format", "json"][..], args].concat());
    let report = serde_json::from_str(&run.stdout).unwrap_or_default();
    (run, report)
}

#[test]
fn health_pages_tell_the_absent_from_what_is_not_there_yet() {
    let mut world = World::start();
    world.feed(100);
    world.cluster("east-1").kill();
    let mut executor = world.run(&["--http", "127.0.0.1:0"]);
    let address = pages_of(&executor);
    // A first start waits some seconds for the dead one.
    let (code, reasons) = get(&address, "/readyz");
    assert!(code == 503 && !reasons.trim().is_empty(), "{code}: {reasons}");
    until("it is ready without east-1", || (get(&address, "/readyz").0 == 200).then_some(()));
    for name in ["west-1", "west-2", "west-3", "west-4", "east-3"] {
        world.cluster(name).freeze();
    }
    assert_eq!(get(&address, "/livez"), (200, "ok\n".to_owned()), "alive, whatever the brokers do");
    until("it is seen that nothing answers", || {
        let (_, report) = status(&["--http", &address]);
        let clusters = report["clusters"].as_array()?;
        clusters
            .iter()
            .all(|cluster| cluster["status"] == "down" || cluster["status"] == "starting")
            .then_some(())
    });
    assert_eq!((get(&address, "/livez").0, get(&address, "/readyz").0), (200, 200));
    assert_eq!(get(&address, "/nothing").0, 404);
    executor.kill();
}

#[test]
fn metrics_and_status_show_the_ledger_and_no_key() {
    let mut world = World::start();
    let mut executor = world.run(&["--http", "127.0.0.1:0", "--log-format", "text"]);
    world.feed(300);
    world.feed_garbage();
    world.await_consumed(&executor);
    let address = pages_of(&executor);
    let consumed =
        format!("windrow_source_records_total{{source=\"purchases\",what=\"consumed\"}} {}", world.fed());
    let metrics = until("the metrics count every record", || {
        let (_, metrics) = get(&address, "/metrics");
        metrics.lines().any(|line| line == consumed).then_some(metrics)
    });
    for name in [
        "windrow_lag_records{",
        "windrow_backlog_rows{",
        "windrow_step_seconds_bucket{",
        "windrow_watermark_ms{",
    ] {
        assert!(metrics.contains(name), "no {name} in {metrics}");
    }
    for key in 0..KEYS {
        assert!(!metrics.contains(&format!("\"u{key}\"")), "a key is a label: {metrics}");
    }
    let state = world.path("state");
    let (asked, report) = status(&["--http", &address]);
    assert_eq!(
        (asked.code, &report["fresh"], &report["ledger_differences"]),
        (Some(0), &true.into(), &Json::Array(vec![]))
    );
    assert_eq!(report["ledger"]["sources"]["purchases"]["dead_lettered"], 1, "{report}");
    let partitions = report["clusters"][0]["partitions"].as_array().unwrap();
    assert!(
        partitions.len() == 2
            && partitions.iter().all(|one| one["state"] == "quiet" || one["state"] == "live"),
        "{report}"
    );
    executor.kill();
    let (file, report) = status(&["--state", state.to_str().unwrap()]);
    assert_eq!(
        (file.code, &report["ledger"]["sources"]["purchases"]["consumed"]),
        (Some(0), &world.fed().into())
    );
    let text = windrow(&["status", "--state", state.to_str().unwrap()]);
    assert!(text.stdout.contains(" = decoded ") && text.stdout.contains("west-1"), "{}", text.stdout);
    let nobody = windrow(&["status", "--http", &address]);
    assert!(nobody.code == Some(3) && nobody.stderr.contains("E0917"), "{}", nobody.stderr);
    let nothing = windrow(&["status", "--state", "no-such-folder"]);
    assert!(nothing.code == Some(3) && nothing.stderr.contains("no-such-folder"), "{}", nothing.stderr);
}

#[test]
fn a_port_in_use_is_named() {
    let world = World::start();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut executor = world.run(&["--http", &address]);
    until("it ends", || executor.has_ended().then_some(()));
    assert!(executor.log().contains("E0918") && executor.log().contains(&address), "{}", executor.log());
}

#[test]
fn a_state_that_begins_anew_says_what_may_be_left_of_the_one_before() {
    let mut world = World::start();
    world.feed(50);
    world.finish();
    let state = world.path("state");
    assert!(world.status()["begun_after"].is_null());
    std::fs::remove_dir_all(&state).unwrap();
    for start in ["the first", "the second"] {
        let mut executor = world.run(&[]);
        world.await_consumed(&executor);
        assert!(executor.log().contains("E0923") && executor.log().contains("lease 1"), "{start}");
        assert!(executor.stop(), "{}", executor.log());
    }
    let (_, report) = status(&["--state", state.to_str().unwrap()]);
    assert_eq!(report["begun_after"], 1);
    let text = windrow(&["status", "--state", state.to_str().unwrap()]).stdout;
    assert!(text.contains("began empty after lease 1") && text.contains("E0923"), "{text}");
}

/// Ten seconds are what orchestrators give at least; what is not delivered by then is in the state.
#[test]
fn sigterm_ends_a_run_in_ten_seconds_whatever_is_frozen() {
    let mut world = World::start();
    let mut executor = world.run(&["--log-format", "json"]);
    world.feed(200);
    world.await_consumed(&executor);
    for name in ["west-3", "west-4"] {
        world.cluster(name).freeze();
    }
    world.feed(200);
    world.await_consumed(&executor);
    until("west has a backlog", || (world.status()["sinks"][1]["backlog"].as_u64()? > 0).then_some(()));
    world.cluster("west-1").freeze();
    let asked = Instant::now();
    assert!(executor.stop(), "{}", executor.log());
    assert!(asked.elapsed() <= Duration::from_secs(10), "{:?}: {}", asked.elapsed(), executor.log());
    let log = executor.log();
    let (lines, rest): (Vec<_>, Vec<_>) = log.lines().partition(|line| line.starts_with('{'));
    assert!(rest.len() <= 2, "only the last words are no log: {rest:?}");
    for line in lines {
        let line: Json = serde_json::from_str(line).expect("each line of the log is an object");
        assert!(
            line["timestamp"].is_string()
                && line["level"].is_string()
                && line["fields"]["message"].is_string()
        );
    }
    assert!(log.contains("kept for the next run: rows for west/serving"), "{log}");
    for name in ["west-1", "west-3", "west-4"] {
        world.cluster(name).thaw();
    }
    world.finish();
    world.assert_rows_are_right();
}
