//! Starts what needs a real Flink: one at a time on this machine's target folder, each with a
//! deadline, and nothing is left running whatever happens.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use windrow::topology::FlinkVersion;

use super::turn::Turn;
use super::{Scratch, cache};

/// A test starts one or two commands of up to two minutes; a machine may be busy.
const RUN_DEADLINE: Duration = Duration::from_secs(480);
/// Waits for the turn of a test, also across processes; `None`: Flink is not wanted, which is said.
pub(crate) fn turn(test: &str) -> Option<Turn> {
    if !is_wanted() {
        // Past the test harness, which keeps to itself what a test that passed has printed.
        let _ = writeln!(
            std::io::stderr(),
            "left out: {test} needs a real Flink; tests/run sets it up and WINDROW_TEST_FLINK=1"
        );
        return None;
    }
    Some(Turn::alone(test))
}

/// The Python with a Flink: the default's is where users name it, the others' are where tests/setup puts them.
pub(crate) fn python(version: FlinkVersion) -> OsString {
    let named = || std::env::var_os("WINDROW_FLINK_PYTHON").unwrap_or_else(|| "python3".into());
    let of_line = |folder: &PathBuf| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with(&format!("flink-{}.", version.name()))
    };
    let folders = cache().and_then(|cache| fs::read_dir(cache).ok());
    let folders = folders.into_iter().flatten().map(|entry| entry.unwrap().path());
    folders.filter(of_line).max().map_or_else(named, |folder| folder.join("bin/python").into_os_string())
}

/// Which Flink a Python has.
pub(crate) fn release(python: &OsStr) -> Option<FlinkVersion> {
    let script = "import importlib.metadata as m; print(m.version('apache-flink'))";
    let output = Command::new(python).args(["-c", script]).output().ok()?;
    let found = String::from_utf8(output.stdout).ok()?;
    let is_it = |version: &FlinkVersion| found.starts_with(&format!("{}.", version.name()));
    FlinkVersion::ALL.into_iter().find(is_it)
}

/// Whether tests that need what tests/setup fetches for Flink are to run.
pub(crate) fn is_wanted() -> bool {
    std::env::var_os("WINDROW_TEST_FLINK").is_some_and(|value| !value.is_empty() && value != "0")
}

/// A command that is a process group of its own; dropped before its end, the group is killed.
struct Running(Option<Child>);

impl Running {
    fn has_ended(&mut self) -> Option<std::process::ExitStatus> {
        let status = self.0.as_mut().expect("asked until it has ended").try_wait().unwrap();
        if status.is_some() {
            // Its id may now be another's: there is nothing left to kill.
            self.0 = None;
        }
        status
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
            let _ = child.wait();
        }
    }
}

/// Runs to the end, or fails with what was waited for and what was said.
pub(crate) fn run(what: &str, command: &mut Command, log: &Path) {
    let seconds = run_within(RUN_DEADLINE, what, command, log).as_secs_f64();
    let _ = writeln!(std::io::stderr(), "{what}: {seconds:.1} s");
}

fn run_within(deadline: Duration, what: &str, command: &mut Command, log: &Path) -> Duration {
    let streams = File::create(log).unwrap();
    command.stdin(Stdio::null()).stdout(streams.try_clone().unwrap()).stderr(streams).process_group(0);
    let child = command.spawn().unwrap_or_else(|error| panic!("{what}: {command:?}: {error}"));
    let mut running = Running(Some(child));
    let said = || fs::read_to_string(log).unwrap_or_default();
    let started = Instant::now();
    let status = loop {
        if let Some(status) = running.has_ended() {
            break status;
        }
        assert!(started.elapsed() < deadline, "waited {deadline:?} for {what}: {command:?}\n{}", said());
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(status.success(), "{what}: {command:?}: {status}\n{}", said());
    started.elapsed()
}

#[test]
fn what_does_not_end_is_killed_with_all_that_it_started() {
    let scratch = Scratch::new();
    let log = scratch.path().join("log");
    let mut command = Command::new("sh");
    command.args(["-c", "sleep 1000 & echo $!; echo still here; wait"]);
    let deadline = Duration::from_millis(500);
    let failed =
        std::thread::spawn(move || run_within(deadline, "the end of a sleep", &mut command, &log)).join();
    let message = *failed.unwrap_err().downcast::<String>().unwrap();
    assert!(message.starts_with("waited 500ms for the end of a sleep: "), "{message}");
    assert!(message.ends_with("still here\n"), "{message}");
    let sleep = fs::read_to_string(scratch.path().join("log")).unwrap().lines().next().unwrap().to_owned();
    // Gone, or dead and not yet collected by whoever collects orphans here.
    let is_gone = || {
        let stat = fs::read_to_string(format!("/proc/{sleep}/stat"));
        stat.is_err() || stat.is_ok_and(|stat| stat.contains(") Z ") || stat.contains(") X "))
    };
    let started = Instant::now();
    while !is_gone() {
        assert!(started.elapsed() < Duration::from_secs(10), "waited 10 s for the sleep to die");
        std::thread::sleep(Duration::from_millis(10));
    }
}
