//! `windrow demo`, end to end: real processes, real faults, and nothing left behind.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::Scratch;
use crate::support::binary::command;
use crate::support::kafka;
use crate::support::turn::Turn;

/// A demo takes under a minute on an idle machine.
const DEADLINE: Duration = Duration::from_secs(240);

/// The demo with its scratch folder inside ours, so that leftovers can be told from other demos'.
fn demo(scratch: &Scratch, more: &[&str]) -> Command {
    let mut demo = command(&[&["demo", "--format", "json"], more].concat());
    demo.env("TMPDIR", scratch.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    demo
}

/// Command lines of processes that work in this folder, and what is in it.
fn leftovers(folder: &Path) -> Vec<String> {
    let mark = folder.to_string_lossy().into_owned();
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let text = fs::read(entry.ok()?.path().join("cmdline")).ok()?;
        let text = String::from_utf8_lossy(&text).replace('\0', " ");
        text.contains(&mark).then_some(text)
    });
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().display().to_string());
    processes.chain(files).collect()
}

#[test]
fn every_region_holds_the_oracles_rows_after_the_faults() {
    let _turn = Turn::alone("demo");
    ends_with_the_oracles_rows(&[]);
}

#[test]
fn every_region_holds_the_oracles_rows_after_the_faults_on_apache_kafka() {
    let Some(_turn) = kafka::turn("the demo on Apache Kafka") else { return };
    ends_with_the_oracles_rows(&["--real"]);
}

fn ends_with_the_oracles_rows(more: &[&str]) {
    let scratch = Scratch::new();
    let output = demo(&scratch, more).output().unwrap();
    let talk = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{talk}");
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["differing_cells"], 0, "{summary:#}");
    assert_eq!(summary["conflicting_repeats"], 0, "{summary:#}");
    for counter in
        ["events", "copies", "redirected", "clusters_lost", "regions_frozen", "executor_kills", "cells"]
    {
        assert!(summary[counter].as_u64().unwrap() > 0, "{counter}: {summary:#}");
    }
    assert_eq!(summary["rows"]["west"], summary["rows"]["east"], "{summary:#}");
    assert!(summary["rows"]["west"].as_u64().unwrap() > 1000, "{summary:#}");
    assert_eq!(leftovers(scratch.path()), Vec::<String>::new());
}

#[test]
fn an_interrupted_demo_leaves_nothing_behind() {
    let _turn = Turn::alone("demo");
    let scratch = Scratch::new();
    let mut child = demo(&scratch, &[]).spawn().unwrap();
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    // Interrupt in the middle of the faults: a cluster is dead then, and the executor runs.
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("kill -9 of ingest cluster")), "no fault before the end");
    assert!(!leftovers(scratch.path()).is_empty(), "there is nothing that could be left behind");
    kill_process(pid, Signal::INT).unwrap();
    let rest: Vec<_> = lines.map(Result::unwrap).collect();
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(began.elapsed() < DEADLINE, "waited {DEADLINE:?} for the end of an interrupted demo");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(3), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("interrupted")), "{rest:?}");
    assert_eq!(leftovers(scratch.path()), Vec::<String>::new());
}
