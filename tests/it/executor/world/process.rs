//! A `windrow` process of a test.

use std::path::PathBuf;
use std::process::{Child, ExitStatus};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::cluster::{await_stopped, until};
use crate::support::witness::Watch;

/// A `windrow` that runs; killed when dropped.
pub(crate) struct Executor {
    child: Child,
    log: PathBuf,
    _watch: Watch,
}

impl Executor {
    pub(super) fn new(child: Child, log: PathBuf, status: PathBuf) -> Self {
        let watch = Watch::new("windrow", child.id(), &[log.clone(), status]);
        Self { child, log, _watch: watch }
    }

    pub(super) fn assert_started(&self) {
        assert!(self.log.exists(), "a process has a log from its start");
    }

    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// SIGSTOP, and SIGCONT.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// SIGSTOP; it is stopped when this returns.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::STOP);
        await_stopped(&self.child);
    }

    /// Bytes of memory that are its own, and are in no file.
    pub(crate) fn memory(&self) -> i64 {
        let path = format!("/proc/{}/smaps_rollup", self.child.id());
        let text = std::fs::read_to_string(path).expect("the process runs");
        let line = text.lines().find_map(|line| line.strip_prefix("Anonymous:")).expect("Linux says so");
        let kibibytes: i64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kibibytes << 10
    }

    /// Seconds that its threads have computed, those that have ended included.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        // What Linux counts in for other programs, on every machine.
        const TICKS_PER_SECOND: f64 = 100.0;
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("the process runs");
        let behind_name = stat.rsplit_once(')').expect("its name stands in brackets").1;
        let fields = behind_name.split_whitespace().skip(11).take(2);
        fields.map(|ticks| ticks.parse::<f64>().expect("a number")).sum::<f64>() / TICKS_PER_SECOND
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`; it must have run until then.
    pub(crate) fn kill(&mut self) {
        assert!(!self.has_ended(), "ended before it was killed: {}", self.log());
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM. Returns whether it ended well.
    pub(crate) fn stop(&mut self) -> bool {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        self.wait()
    }

    pub(crate) fn wait(&mut self) -> bool {
        until("the process ends", || self.child.try_wait().unwrap()).success()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// It has ended, by `kill -9`.
    pub(crate) fn was_killed(&mut self) -> bool {
        use std::os::unix::process::ExitStatusExt as _;
        self.ended().is_some_and(|status| status.signal() == Some(9))
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        // Both fail harmlessly if the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
