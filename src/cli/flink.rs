//! Runs bundles on a local Flink: writes them, compiles their classes once, starts one process for all
//! runs, and reads what they have written.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::emit::{Bundle, FLINK_RUNS};
use crate::topology::FlinkVersion;
use crate::verify::{Job, Runner, Written};

/// The Flink of `WINDROW_FLINK_PYTHON`.
pub(super) struct Flink;

impl Runner for Flink {
    fn run(&self, jobs: &[Job]) -> Result<Vec<Result<Written, String>>, String> {
        let folder = tempfile::Builder::new().prefix("windrow-").tempdir().map_err(said)?;
        run(jobs, folder.path())
    }

    fn version(&self) -> FlinkVersion {
        let installed = installed().unwrap_or_default();
        let is_it = |version: &FlinkVersion| installed.starts_with(&format!("{}.", version.name()));
        // Of another Flink the bundle itself says what it wants.
        FlinkVersion::ALL.into_iter().find(is_it).unwrap_or_default()
    }
}

fn python() -> OsString {
    std::env::var_os("WINDROW_FLINK_PYTHON").unwrap_or_else(|| "python3".into())
}

/// The release of Flink that Python has; `None`: none, or there is no Python.
fn installed() -> Option<String> {
    let mut command = Command::new(python());
    command.args(["-c", "import importlib.metadata as m; print(m.version('apache-flink'))"]);
    let output = command.stdin(Stdio::null()).output().ok()?;
    String::from_utf8(output.stdout).ok()
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn run(jobs: &[Job], folder: &Path) -> Result<Vec<Result<Written, String>>, String> {
    let bundles: BTreeMap<&str, &Bundle> = jobs.iter().map(|job| (job.name.as_str(), &job.bundle)).collect();
    write_built(&bundles, &folder.join("built"))?;
    for (name, bundle) in &bundles {
        write(bundle, &folder.join("bundles").join(name), |path| !is_class(path))?;
    }
    let mut runs = Vec::new();
    for (number, job) in jobs.iter().enumerate() {
        let arguments = prepare(job, &folder.join(number.to_string()))?;
        runs.push(json!([folder.join("bundles").join(&job.name), arguments]));
    }
    let request = folder.join("runs.json");
    let text = json!({"built": folder.join("built"), "runs": runs}).to_string();
    fs::write(&request, text).map_err(said)?;
    fs::write(folder.join("runs.py"), FLINK_RUNS).map_err(said)?;
    start("a bundle's build", Command::new("sh").arg(folder.join("built/build")), folder)?;
    let mut command = Command::new(python());
    command.arg("-B").arg(folder.join("runs.py")).arg(&request);
    if std::env::var_os("JVM_ARGS").is_none() {
        command.env("JVM_ARGS", "-Xmx768m -XX:+UseSerialGC -XX:TieredStopAtLevel=1");
    }
    start("Flink", &mut command, folder)?;
    let results = fs::read_to_string(folder.join("runs.json.results")).map_err(said)?;
    let results: Vec<Option<String>> = serde_json::from_str(&results).map_err(said)?;
    let written = |(number, result): (usize, Option<String>)| {
        if let Some(error) = result {
            return Err(error);
        }
        let text = |name| fs::read_to_string(folder.join(number.to_string()).join(name)).map_err(said);
        Ok(Written { rows: text("rows")?, dead_letters: text("dead")? })
    };
    Ok(results.into_iter().enumerate().map(written).collect())
}

fn is_class(path: &str) -> bool {
    path.starts_with("java/") || path.starts_with("kafka/")
}

/// One bundle with the classes of all: what two of them call alike is the same, for they are of one project.
fn write_built(bundles: &BTreeMap<&str, &Bundle>, folder: &Path) -> Result<(), String> {
    let mut classes: BTreeMap<&str, &str> = BTreeMap::new();
    for bundle in bundles.values() {
        for (path, file) in bundle.files.iter().filter(|(path, _)| path.starts_with("java/")) {
            let before = classes.insert(path, &file.text);
            if before.is_some_and(|before| before != file.text) {
                return Err(format!("two definitions give different classes {path}"));
            }
        }
    }
    for (path, text) in classes {
        put(&folder.join(path), text.as_bytes())?;
    }
    bundles.values().take(1).try_for_each(|bundle| write(bundle, folder, |path| !is_class(path)))
}

fn write(bundle: &Bundle, folder: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<(), String> {
    let files = bundle.bytes().into_iter().filter(|(path, _)| is_wanted(path));
    files.into_iter().try_for_each(|(path, bytes)| put(&folder.join(path), bytes))
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::create_dir_all(path.parent().unwrap_or(path)).map_err(said)?;
    fs::write(path, bytes).map_err(said)
}

/// Writes a job's inputs and gives its arguments. Each reader has a file of its own.
fn prepare(job: &Job, folder: &Path) -> Result<Vec<String>, String> {
    let mut arguments = vec![
        format!("--until={}", job.until_ms),
        format!("--parallelism={}", job.parallelism),
        format!("--set=state.backend.type={}", job.state),
        "--stamped".to_owned(),
        format!("--out={}={}", job.name, folder.join("rows").display()),
        format!("--dead-letters={}", folder.join("dead").display()),
    ];
    for (source, lines) in &job.inputs {
        let input = folder.join("in").join(source);
        let lines: Vec<&[u8]> = lines.split_inclusive(|byte| *byte == b'\n').collect();
        let readers = if job.in_order.contains(source) { 1 } else { job.parallelism };
        for reader in 0..readers {
            let own: Vec<&[u8]> = lines.iter().skip(reader).step_by(readers).copied().collect();
            put(&input.join(format!("{reader}.lines")), &own.concat())?;
        }
        arguments.push(format!("--input={source}={}", input.display()));
    }
    Ok(arguments)
}

/// Runs a command to its end; what it says is told if it fails.
fn start(what: &str, command: &mut Command, folder: &Path) -> Result<(), String> {
    let log = folder.join("log");
    let streams = fs::File::create(&log).map_err(said)?;
    command.stdin(Stdio::null()).stdout(streams.try_clone().map_err(said)?).stderr(streams);
    let status = command.status().map_err(|error| format!("{what}: {error}"))?;
    if status.success() {
        return Ok(());
    }
    let text = fs::read_to_string(&log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let end = lines[lines.len().saturating_sub(LINES_SAID)..].join("\n");
    Err(format!("{what}: {status}\n{end}"))
}

const LINES_SAID: usize = 20;
