//! A job over real Kafka clusters goes on from its last checkpoint, when a task manager was killed, and when all of
//! it was and the topology is another now: nothing is lost of what only its state has, and nothing is counted twice.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use serde_json::{Value as Json, json};
use windrow::oracle::Table;
use windrow::topology::FlinkVersion;
use windrow::types::{Field, Value};
use windrow::wire::{encode_key, encode_row};

use super::kafka::{connector, copy_of_features, published};
use super::project::features;
use super::rows::{expected, records};
use crate::support::flink::{python, run, turn};
use crate::support::{Scratch, root};

/// The first event is so old when a test begins; all are from before it.
const AGE_MS: i64 = 600_000;
const LINES: i64 = 400;
/// What comes before the kill.
const HALF: i64 = 230;

/// Purchases of twenty users within some minutes, out of order: no window lets go of any of them.
fn lines(first_ms: i64) -> Vec<String> {
    let line = |n: i64| {
        let late_ms = n * 7_919 % 9_000;
        json!({
            "purchase_id": format!("p{n}"), "user_id": format!("u{}", n * n % 20), "merchant": format!("m{}", n % 7),
            "amount": f64::from(i32::try_from(n * 37 % 90_000).unwrap()) / 100.0, "currency": "USD", "status": "settled",
            "ts": first_ms + n * 1_000 - late_ms,
        })
    };
    (0..LINES).map(|n| line(n).to_string()).collect()
}

/// The payload of each key, as lines of JSON.
fn wanted(table: &Table, fields: &[Field]) -> String {
    let base64 = |bytes: &[u8]| base64::prelude::BASE64_STANDARD.encode(bytes);
    let line = |key: &[Value], row: &[Value]| {
        let whole = [key, row].concat();
        let line = json!({"key": base64(&encode_key(key)), "value": base64(&encode_row(fields, &whole))});
        format!("{line}\n")
    };
    table.rows.iter().map(|(key, rows)| line(&key.0, &rows[0])).collect()
}

/// Between the purchases and what is spent: a call whose answers make no difference.
const CALL: &str = "
stream:
  asked:
    from: purchases
    call:
      function: models.asked:ask
      arguments: [purchase_id]
      returns: {answer: string}
      timeout: 60s
      concurrency: 4
";

/// Takes a moment, so that some rows wait whenever something is killed; and says who has asked.
const MODEL: &str = r#"
import asyncio, os

async def ask(purchase_id):
    with open(os.environ["WINDROW_TEST_ASKED"], "a") as file:
        file.write(purchase_id + "\n")
    await asyncio.sleep(0.05)
    return "yes"
"#;

/// The examples' project, where a model is asked for each purchase.
fn calling(scratch: &Scratch) {
    let file = scratch.path().join("project/purchases/purchases.yaml");
    let text = fs::read_to_string(&file).unwrap();
    let calling = text.replacen("    from: purchases\n    let:", "    from: asked\n    let:", 1);
    assert_ne!(text, calling, "user_spend reads the answers");
    fs::write(file, calling + CALL).unwrap();
    scratch.file("project/models/asked.py", MODEL);
}

/// Runs a script of tests/flink that compares in the end what every key has with what is wanted. Its figures;
/// `None`: left out, which is said.
fn play(what: &str, script: &str, flink: FlinkVersion, change: impl Fn(&Scratch)) -> Option<Json> {
    let _turn = turn(what)?;
    let Some(connector) = connector() else {
        assert!(std::env::var_os("WINDROW_TEST_KAFKA").is_none(), "tests/setup has not put Kafka there");
        return None;
    };
    // By the clock: what is live vouches for the time until now.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let first_ms = i64::try_from(now).unwrap() - AGE_MS;
    let (scratch, project, lines) = (copy_of_features(), features(), lines(first_ms));
    change(&scratch);
    let q = first_ms + LINES * 1_000;
    let table = expected(&project, "user_spend", &records(&[("purchases", lines.clone())]), q);
    assert!(table.rows.len() > 5);
    let fields = published(&project.plan(&project.deployment("spend")));
    let file = scratch.file("lines.jsonl", lines.join("\n"));
    let wanted = scratch.file("wanted.jsonl", wanted(&table, &fields));
    let mut command = Command::new("python3");
    command.arg("-B").arg(root().join("tests/flink").join(script)).arg("--work").arg(scratch.path());
    command.args(["--windrow", env!("CARGO_BIN_EXE_windrow"), "--half", &HALF.to_string(), "--lines"]);
    command.arg(file).arg("--wanted").arg(wanted).args(["--flink", flink.name()]);
    command.env("WINDROW_FLINK_CONNECTOR", connector).env("WINDROW_FLINK_PYTHON", python(flink));
    let asked = scratch.path().join("asked");
    command.env("WINDROW_TEST_ASKED", &asked);
    run(what, &mut command, &scratch.path().join("log"));
    let figures = fs::read_to_string(scratch.path().join("figures.json")).unwrap();
    let mut figures: Json = serde_json::from_str(&figures).unwrap();
    let asked = fs::read_to_string(asked).unwrap_or_default();
    figures["asked"] = asked.lines().count().into();
    figures["asked_for"] = asked.lines().collect::<BTreeSet<_>>().len().into();
    Some(figures)
}

#[test]
fn a_killed_job_goes_on_with_a_cluster_more_and_a_cluster_less_and_not_without_what_was_deleted() {
    let Some(figures) =
        play("a job that is killed and compiled again", "restore.py", FlinkVersion::V2_2, |_| ())
    else {
        return;
    };
    assert_eq!(figures["deleted"], HALF, "the logs had all of it, and have none of it");
    assert!(figures["keys_after_the_fault"].as_i64() > Some(0), "{figures}");
}

#[test]
fn a_killed_task_manager_changes_no_value() {
    let Some(figures) = play("a task manager that is killed", "manager.py", FlinkVersion::V2_3, calling)
    else {
        return;
    };
    assert!(figures["failures"].as_i64() >= Some(1), "{figures}");
    assert!(figures["keys_after_the_fault"].as_i64() > Some(0), "{figures}");
    // Every purchase was asked for, and some again: their rows were not in the checkpoint, or waited in it.
    let asked_for = figures["late"].as_i64().map(|late| late + LINES);
    assert_eq!(figures["asked_for"].as_i64(), asked_for, "{figures}");
    let asked = &figures["asked"];
    let _ = writeln!(std::io::stderr(), "a model was asked {asked} times for {LINES} purchases, with a kill");
}

#[test]
fn a_job_waits_for_a_dead_cluster_and_takes_a_new_one_without_a_restart() {
    let Some(figures) = play("a job whose clusters change", "dynamic.py", FlinkVersion::V2_2, |_| ()) else {
        return;
    };
    assert!(figures["rows_without_it"].as_i64() > Some(0), "{figures}");
    assert!(figures["rows_before_the_new_one"].as_i64() < figures["rows"].as_i64(), "{figures}");
}

/// Runs a class of cases that needs no cluster.
fn play_alone(what: &str, cases: &str) {
    let Some(_turn) = turn(what) else { return };
    let Some(connector) = connector() else {
        assert!(std::env::var_os("WINDROW_TEST_KAFKA").is_none(), "tests/setup has not put Kafka there");
        return;
    };
    let scratch = Scratch::new();
    let mut command = Command::new("sh");
    command.arg(root().join("tests/java/partition")).arg(scratch.path()).arg(cases);
    command.env("WINDROW_FLINK_CONNECTOR", connector);
    run(what, &mut command, &scratch.path().join("log"));
}

#[test]
fn a_partition_vouches_as_the_executors_do() {
    play_alone("a partition's watermark in Java", "PartitionCases");
}

#[test]
fn versions_rise_from_one_run_of_a_job_to_the_next() {
    play_alone("versions of rows in Java", "VersionCases");
}
