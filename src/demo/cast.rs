//! The processes of the demo: started, killed, frozen, thawed, and always taken away again.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, set_parent_process_death_signal};

use super::Error;

/// Lines of a process's log that an error shows.
const LOG_TAIL_LINES: usize = 12;

/// One process of the demo. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Actor {
    pub(super) name: String,
    child: Child,
    log: PathBuf,
}

impl Actor {
    /// Starts this program with `arguments`; its stderr goes to `<folder>/<name>.log`.
    pub(super) fn start(name: &str, folder: &Path, arguments: &[String]) -> Result<Self, Error> {
        let log = folder.join(format!("{name}.log"));
        let stderr = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .map_err(Error::io(format!("log of {name}")))?;
        let program = std::env::current_exe().map_err(Error::io("finding this program"))?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).process_group(0);
        // SAFETY: prctl is async-signal-safe; nothing is allocated between fork and exec.
        unsafe {
            command.pre_exec(|| set_parent_process_death_signal(Some(Signal::KILL)).map_err(Into::into));
        }
        let child = command.spawn().map_err(Error::io(format!("starting {name}")))?;
        Ok(Self { name: name.to_owned(), child, log })
    }

    /// Waits for the first line on its standard output, with which it reports that it is ready.
    pub(super) fn first_line(&mut self, deadline: Duration) -> Result<String, Error> {
        let stdout = self.child.stdout.take().expect("stdout is piped and read once");
        let (sender, receiver) = std::sync::mpsc::channel();
        let reader = std::thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(stdout).read_line(&mut line);
            // The waiter may have given up; then nobody needs the line.
            let _ = sender.send(read.map(|_| line));
        });
        match receiver.recv_timeout(deadline) {
            Ok(Ok(line)) if !line.is_empty() => {
                reader.join().expect("the reader only reads");
                Ok(line)
            }
            Ok(_) => Err(self.died()),
            Err(_) => Err(self.late("the report that it is ready", deadline)),
        }
    }

    /// `kill -9`, and proof: the process is gone by that signal.
    pub(super) fn kill_9(&mut self) -> Result<(), Error> {
        self.signal(Signal::KILL);
        let status = self.child.wait().map_err(Error::io(format!("waiting for {}", self.name)))?;
        if status.signal() == Some(9) { Ok(()) } else { Err(self.ended(status)) }
    }

    /// SIGSTOP, and proof: the process state is `T`.
    pub(super) fn freeze(&self, deadline: Duration) -> Result<(), Error> {
        self.signal(Signal::STOP);
        self.await_state('T', deadline)
    }

    pub(super) fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// SIGTERM, then its exit status within the deadline.
    pub(super) fn stop(&mut self, deadline: Duration) -> Result<ExitStatus, Error> {
        self.signal(Signal::TERM);
        self.wait(deadline)
    }

    /// Its exit status within the deadline.
    pub(super) fn wait(&mut self, deadline: Duration) -> Result<ExitStatus, Error> {
        let began = Instant::now();
        loop {
            if let Some(status) =
                self.child.try_wait().map_err(Error::io(format!("waiting for {}", self.name)))?
            {
                return Ok(status);
            }
            if began.elapsed() > deadline {
                return Err(self.late("its end", deadline));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// An error if it has ended without being told to.
    pub(super) fn check_alive(&mut self) -> Result<(), Error> {
        match self.child.try_wait().map_err(Error::io(format!("looking at {}", self.name)))? {
            None => Ok(()),
            Some(status) => Err(self.ended(status)),
        }
    }

    fn await_state(&self, state: char, deadline: Duration) -> Result<(), Error> {
        let path = format!("/proc/{}/stat", self.child.id());
        let began = Instant::now();
        while began.elapsed() <= deadline {
            let stat =
                std::fs::read_to_string(&path).map_err(Error::io(format!("state of {}", self.name)))?;
            // "pid (name) S …": the name may hold anything, so look behind its last bracket.
            if stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with(state)) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err(self.late(&format!("process state {state}"), deadline))
    }

    fn signal(&self, signal: Signal) {
        let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else { return };
        // Already gone is fine: the wait that follows says how it ended.
        let _ = kill_process(pid, signal);
    }

    pub(super) fn late(&self, what: &str, waited: Duration) -> Error {
        let what = format!("{} of {}", what, self.name);
        Error::Deadline { what, waited_s: waited.as_secs(), log: self.log_tail() }
    }

    fn died(&mut self) -> Error {
        match self.child.wait() {
            Ok(status) => self.ended(status),
            Err(source) => Error::Io { what: format!("waiting for {}", self.name), source },
        }
    }

    pub(super) fn ended(&self, status: ExitStatus) -> Error {
        Error::Died { who: self.name.clone(), status: status.to_string(), log: self.log_tail() }
    }

    fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n")
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal(Signal::KILL);
            // Reap it: a zombie would be a leftover.
            let _ = self.child.wait();
        }
    }
}
