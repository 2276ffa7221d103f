//! Workers with real processes: what is answered, tried again, given up, and killed.

use std::path::PathBuf;
use std::time::Instant;

use crate::dataflow::{Answer, Caller as _, Request};
use crate::functions::{Expr, ExprKind};
use crate::plan::{Call, WireField, WireType};
use crate::types::{DataType, Field, Value};

use super::Workers;
use super::batch::Batch;

const MODULE: &str = r#"
import asyncio, os, sys, time

def echo(text):
    print("hello", text)
    return {"said": text, "more": "not asked for"}

async def late(text):
    await asyncio.sleep(0.01 if text == "soon" else 3600)
    return text

def stuck(text):
    if text == "stuck":
        time.sleep(3600)
    return text

def twice(text):
    if not os.path.exists(text):
        open(text, "w").close()
        raise ValueError("not yet")
    return text

def deadly(text):
    if text == "poison":
        os._exit(3)
    time.sleep(0.02)
    return text

def chatty(text):
    os.write(1, b"not a line of the protocol\n")
    os.write(2, b"\xff\xfe\n")
    return "x" * 100_000
"#;

/// A folder with the module `m`.
struct Project {
    folder: tempfile::TempDir,
    workers: Workers,
}

fn project() -> Project {
    let folder = tempfile::Builder::new().prefix("windrow-").tempdir().unwrap();
    std::fs::write(folder.path().join("m.py"), MODULE).unwrap();
    let python = std::env::var_os("WINDROW_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let workers = Workers::new(python, folder.path().to_path_buf(), |_, _| {});
    Project { folder, workers }
}

fn call(function: &str, timeout_ms: i64, concurrency: u32, retry: u32) -> Call {
    let data_type = DataType::String;
    Call {
        function: function.to_owned(),
        arguments: vec![Expr { kind: ExprKind::Column(0), data_type, nullable: true }],
        returns: vec![WireField {
            field: Field::new("said", data_type, true),
            wire_name: "said".to_owned(),
            wire_type: WireType::String,
        }],
        timeout_ms,
        concurrency,
        retry,
    }
}

fn ask(project: &Project, call: &Call, texts: &[&str]) -> Vec<Answer> {
    let request = |text: &&str| Request { call, arguments: vec![Value::string(*text)] };
    let requests: Vec<_> = texts.iter().map(request).collect();
    project.workers.answers(&requests).unwrap()
}

fn said(text: &str) -> Vec<u8> {
    format!(r#"{{"said": "{text}"}}"#).into_bytes()
}

#[test]
fn answers_come_in_the_order_of_requests() {
    let project = project();
    let texts: Vec<String> = (0..200).map(|n| format!("t{n}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let answers = ask(&project, &call("m:echo", 60_000, 16, 0), &texts);
    assert_eq!(answers, texts.iter().map(|text| Ok(said(text))).collect::<Vec<_>>());
}

#[test]
fn a_call_is_tried_again_and_fails_for_good() {
    let project = project();
    let file = project.folder.path().join("there").display().to_string();
    assert_eq!(ask(&project, &call("m:twice", 60_000, 1, 1), &[&file]), [Ok(said(&file))]);
    let lost = project.folder.path().join("no/such/folder").display().to_string();
    let [answer] = &ask(&project, &call("m:twice", 60_000, 1, 2), &[&lost])[..] else { panic!("one answer") };
    let why = answer.as_ref().unwrap_err();
    assert!(
        why.starts_with("FileNotFoundError") && why.contains("m.py:") && why.ends_with("(3 tries)"),
        "{why}"
    );
}

#[test]
fn a_call_that_is_late_is_given_up_and_others_are_answered() {
    let project = project();
    for function in ["m:late", "m:stuck"] {
        let call = call(function, 4_000, 2, 0);
        let began = Instant::now();
        let late = if function == "m:late" { "never" } else { "stuck" };
        let soon = if function == "m:late" { "soon" } else { "text" };
        let answers = ask(&project, &call, &[late, soon, soon, late, soon]);
        assert!(began.elapsed().as_millis() >= 4_000, "it was waited for");
        assert_eq!(
            (&answers[1], &answers[2], &answers[4]),
            (&Ok(said(soon)), &Ok(said(soon)), &Ok(said(soon)))
        );
        for at in [0, 3] {
            assert_eq!(answers[at], Err("no answer within 4000 ms (one try)".to_owned()), "{function}");
        }
    }
}

#[test]
fn a_worker_that_dies_of_one_call_costs_no_other_its_answer() {
    let project = project();
    let answers = ask(&project, &call("m:deadly", 60_000, 4, 0), &["a", "b", "poison", "c", "d", "e"]);
    let why = answers[2].as_ref().unwrap_err();
    assert!(why.contains("the worker ended: exit status: 3") && why.ends_with("(one try)"), "{why}");
    for (at, text) in [(0, "a"), (1, "b"), (3, "c"), (4, "d"), (5, "e")] {
        assert_eq!(answers[at], Ok(said(text)), "retry is 0: it was not blamed");
    }
}

#[test]
fn what_a_function_prints_is_no_answer() {
    let project = project();
    let answers = ask(&project, &call("m:chatty", 60_000, 4, 0), &["a", "b"]);
    assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|said| said.len() > 100_000)));
}

#[test]
fn a_function_that_is_gone_ends_the_run() {
    let project = project();
    let call = call("m:deadly", 60_000, 1, 0);
    std::fs::remove_file(project.folder.path().join("m.py")).unwrap();
    let request = Request { call: &call, arguments: vec![Value::string("a")] };
    let error = project.workers.answers(&[request]).unwrap_err().to_string();
    assert_eq!(error, "`m:deadly` cannot be called: its module is gone: m");
}

#[test]
fn what_nobody_waits_for_comes_back_without_answers() {
    let project = project();
    let call = call("m:late", 3_600_000, 4, 3);
    let ask = || {
        let request = Request { call: &call, arguments: vec![Value::string("never")] };
        project.workers.answers(&[request]).unwrap_err().to_string()
    };
    // Whether it is asked before or after: an hour and four tries of it are waited for by nobody.
    let (before, after) = std::thread::scope(|scope| {
        let asked = scope.spawn(ask);
        std::thread::sleep(std::time::Duration::from_millis(200));
        project.workers.give_up();
        (asked.join().unwrap(), ask())
    });
    assert_eq!(before, "`m:late` cannot be called: nobody waits for it any more");
    assert_eq!(after, before);
}

#[test]
fn those_that_were_in_flight_when_a_worker_died_go_out_alone() {
    let now = Instant::now();
    let mut batch = Batch::new(3, 1);
    for number in 0..3 {
        let request = batch.next(8).unwrap();
        batch.sent(number, request, now);
    }
    assert_eq!(batch.next(8), None);
    batch.died("gone");
    for (number, request) in [(10, 0), (11, 1)] {
        assert_eq!(batch.next(8), Some(request));
        batch.sent(number, request, now);
        assert_eq!(batch.next(8), None, "it flies alone");
        assert!(batch.answered(number, Ok(Vec::new())));
    }
    for number in [12, 13] {
        assert_eq!(batch.next(8), Some(2));
        batch.sent(number, 2, now);
        batch.died("gone");
    }
    assert!(batch.is_done() && !batch.answered(12, Ok(Vec::new())));
    assert_eq!(batch.into_answers(), [Ok(Vec::new()), Ok(Vec::new()), Err("gone (2 tries)".to_owned())]);
}
