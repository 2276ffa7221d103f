//! Bundles as an engine: scenarios become the inputs of Flink jobs, and their outputs tables again.
//!
//! Files are written and processes started by a [`Runner`]; here is only what they are given.

use std::collections::{BTreeMap, BTreeSet};

use crate::emit::{self, Bundle, Modules};
use crate::oracle::Table;
use crate::topology::{FlinkSettings, FlinkVersion, Topology};

use super::dead::DeadLetters;
use super::engine::table_of_lines;
use super::records::Arrival;
use super::scenario::Scenario;
use super::times::is_ordered;

/// Runs jobs, all in one go: an engine takes longer to start than a job.
pub trait Runner {
    /// What each job wrote, or why it failed.
    ///
    /// # Errors
    /// When none could be run; the text says why.
    fn run(&self, jobs: &[Job]) -> Result<Vec<Result<Written, String>>, String>;

    /// What the jobs run on, which bundles are made for.
    fn version(&self) -> FlinkVersion;
}

/// What a job wrote, as lines of JSON.
#[derive(Debug)]
pub struct Written {
    pub rows: String,
    pub dead_letters: String,
}

/// One run of a bundle over files.
#[derive(Debug)]
pub struct Job {
    /// The definition that the bundle is of; jobs with one name have one bundle.
    pub name: String,
    pub bundle: Bundle,
    /// Per source its records in order of arrival, each a line as bundles take them `--stamped`.
    pub inputs: BTreeMap<String, Vec<u8>>,
    /// Those of which one reader must read all: the last record wins, or what is late is missed, and a reader that has come
    /// to its file's end takes one that another has not begun.
    pub in_order: BTreeSet<String>,
    /// The cut.
    pub until_ms: i64,
    pub parallelism: usize,
    /// Flink's name of where state is kept.
    pub state: &'static str,
}

/// What became of a scenario.
#[derive(Debug)]
pub(super) enum Answer {
    /// Bundles cannot do the definition.
    Refused(String),
    Rows(Result<(Table, DeadLetters), String>),
}

/// How a scenario is run; what no value may depend on is another from one to the next.
const VARIANTS: [(usize, &str); 2] = [(1, "hashmap"), (2, "rocksdb")];

fn variant(number: u64) -> (usize, &'static str) {
    if number.is_multiple_of(2) { VARIANTS[0] } else { VARIANTS[1] }
}

/// The engine as reports name it.
pub(super) fn engine_name(number: u64) -> String {
    let (parallelism, state) = variant(number);
    format!("flink, {parallelism} × {state}")
}

/// The rows of scenarios, by name and number, on the engine that bundles are for.
pub(super) fn answers(
    runner: &dyn Runner,
    modules: &Modules,
    asked: &[(&str, u64, &Scenario)],
) -> Vec<Answer> {
    let flink = FlinkSettings { version: runner.version(), ..FlinkSettings::default() };
    let bare = Topology { flink, ..Topology::default() };
    let target = emit::Target::Flink { topology: Some(&bare), manifests: None, modules };
    let jobs: Vec<Result<Job, String>> =
        asked.iter().map(|(name, number, scenario)| job(name, *number, scenario, target)).collect();
    let (mut wanted, mut places) = (Vec::new(), Vec::new());
    for job in jobs {
        places.push(job.map(|job| {
            wanted.push(job);
            wanted.len() - 1
        }));
    }
    let written = if wanted.is_empty() { Ok(Vec::new()) } else { runner.run(&wanted) };
    let answer = |(place, (_, _, scenario)): (Result<usize, String>, &(&str, u64, &Scenario))| match place {
        Err(reason) => Answer::Refused(reason),
        Ok(place) => Answer::Rows(match &written {
            Err(error) => Err(error.clone()),
            Ok(all) => all[place].as_ref().map_err(Clone::clone).and_then(|written| {
                let rows = table_of_lines(scenario, &written.rows)?;
                Ok((rows, DeadLetters::written(&written.dead_letters)?))
            }),
        }),
    };
    places.into_iter().zip(asked).map(answer).collect()
}

fn job(name: &str, number: u64, scenario: &Scenario, target: emit::Target<'_>) -> Result<Job, String> {
    let first = |problems: crate::diag::Diagnostics| {
        problems.iter().next().map(|problem| problem.message.clone()).unwrap_or_default()
    };
    let mut bundle = emit::render(&scenario.plan, target).map_err(first)?;
    if !scenario.finishes {
        forget_expiry(&mut bundle);
    }
    let (parallelism, state) = variant(number);
    let is_ordered = is_ordered(&scenario.model, scenario.target);
    let lines = |arrivals: &Vec<Arrival>| arrivals.iter().flat_map(line).collect();
    Ok(Job {
        name: name.to_owned(),
        bundle,
        in_order: scenario
            .arrivals
            .keys()
            .filter(|source| is_ordered || scenario.is_static(source))
            .cloned()
            .collect(),
        inputs: scenario.arrivals.iter().map(|(source, all)| (source.clone(), lines(all))).collect(),
        until_ms: scenario.q,
        parallelism,
        state,
    })
}

fn line(arrival: &Arrival) -> Vec<u8> {
    let Arrival { timestamp_ms, payload, deleted_key, ts: _ } = arrival;
    let base64 = crate::wire::base64;
    // No line holds the control characters of a record in Avro.
    let is_binary = payload.iter().any(u8::is_ascii_control);
    let mut line = match deleted_key {
        Some(key) => format!("{timestamp_ms} key {}\t", base64(key)),
        None if is_binary => format!("{timestamp_ms} base64\t{}", base64(payload)),
        None => format!("{timestamp_ms}\t"),
    }
    .into_bytes();
    if !is_binary {
        line.extend_from_slice(payload);
    }
    line.push(b'\n');
    line
}

/// A broken bundle: its keyed operator sets no timers.
fn forget_expiry(bundle: &mut Bundle) {
    const TIMER: &str = "time.registerOnTime(next);";
    let operator = bundle.files.get_mut("java/dev/windrow/flink/KeyedAggregation.java");
    let operator = operator.expect("every bundle has its support classes");
    assert!(operator.text.contains(TIMER), "the sabotage has something to take away");
    operator.text = operator.text.replace(TIMER, "");
}
