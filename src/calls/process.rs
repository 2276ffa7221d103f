//! One worker process with its pipes. Requests go through a thread of their own, so that a process that
//! reads nothing blocks nobody; what it says comes as events.
//!
//! The threads end with the pipes and are not waited for: a process that a model has started may keep a pipe
//! open for ever, although its group is killed with the worker.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::dataflow::Answer;

use super::workers::Log;

/// The worker's side. It comes with the program, so a worker never is of another version.
const SCRIPT: &str = include_str!("../../templates/python/worker.py");
/// An answer may have as many bytes as the largest records that Kafka takes by default, and some.
const LINE_MAX: u64 = 16 << 20;
/// How long a process may take to end once it has closed its pipes.
const LAST_BREATH: Duration = Duration::from_millis(500);
const LOOK: Duration = Duration::from_millis(5);

/// What a worker says.
#[derive(Debug)]
pub(super) enum Event {
    Ready,
    /// There is no such function: a JSON object says why.
    Failed(String),
    Answered(u64, Answer),
    /// It says nothing more; with what it said last, if that was no answer.
    Closed(Option<String>),
}

#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    requests: Sender<String>,
    events: Receiver<Event>,
    has_ended: bool,
}

impl Process {
    /// Starts a worker in the project's folder.
    pub(super) fn start(
        (python, folder): (&Path, &Path),
        spec: &str,
        name: &str,
        log: Log,
    ) -> std::io::Result<Self> {
        let mut command = Command::new(python);
        command.arg("-c").arg(SCRIPT).arg(spec).current_dir(folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Text is hashed alike in every worker: a model that goes by it gives the same values after a restart.
        if std::env::var_os("PYTHONHASHSEED").is_none() {
            command.env("PYTHONHASHSEED", "0");
        }
        // Nothing appears in the project's folder that nobody asked for.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        // Signals of a terminal are for us: it ends when we do.
        command.process_group(0);
        let mut child = command.spawn()?;
        let ((requests, to_write), (said, events)) = (channel(), channel());
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let process = Self { child, requests, events, has_ended: false };
        let thread = |what: &str| thread::Builder::new().name(format!("{name} {what}"));
        if let Some(stdin) = stdin {
            thread("in").spawn(move || write(stdin, &to_write))?;
        }
        if let Some(stdout) = stdout {
            thread("out").spawn(move || listen(stdout, &said))?;
        }
        if let Some(stderr) = stderr {
            let name = name.to_owned();
            thread("log").spawn(move || pass_on(stderr, &name, log))?;
        }
        Ok(process)
    }

    /// Hands a line on. A process that is gone says so itself.
    pub(super) fn send(&self, line: String) {
        let _ = self.requests.send(line);
    }

    /// What it says next, if it does until then.
    pub(super) fn next(&self, until: Instant) -> Option<Event> {
        let wait = until.saturating_duration_since(Instant::now());
        match self.events.recv_timeout(wait) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Event::Closed(None)),
        }
    }

    /// Ends it. Returns how it has ended, if that was its own doing.
    pub(super) fn end(mut self) -> Option<String> {
        let began = Instant::now();
        while began.elapsed() < LAST_BREATH {
            if let Ok(Some(status)) = self.child.try_wait() {
                self.has_ended = true;
                return Some(status.to_string());
            }
            thread::sleep(LOOK);
        }
        None
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// Ends when nobody sends any more: then the worker's input is at its end, and so is the worker.
fn write(mut stdin: ChildStdin, lines: &Receiver<String>) {
    while let Ok(line) = lines.recv() {
        if stdin.write_all(line.as_bytes()).is_err() {
            return;
        }
    }
}

fn listen(stdout: impl Read, said: &Sender<Event>) {
    let mut stdout = BufReader::new(stdout);
    loop {
        let mut line = Vec::new();
        let read = stdout.by_ref().take(LINE_MAX).read_until(b'\n', &mut line);
        let event = match read {
            Ok(_) if line.ends_with(b"\n") => event(&line[..line.len() - 1]),
            Ok(_) | Err(_) => Event::Closed(None),
        };
        let is_last = matches!(event, Event::Closed(_));
        if said.send(event).is_err() || is_last {
            return;
        }
    }
}

/// `NUMBER WORD REST`
fn event(line: &[u8]) -> Event {
    let text = String::from_utf8_lossy(line);
    let mut parts = text.splitn(3, ' ');
    let (number, word) = (parts.next().and_then(|number| number.parse().ok()), parts.next());
    let rest = parts.next().unwrap_or_default().to_owned();
    match (number, word) {
        (Some(0), Some("ready")) => Event::Ready,
        (Some(0), Some("failed")) => Event::Failed(rest),
        (Some(number), Some("ok")) => Event::Answered(number, Ok(rest.into_bytes())),
        (Some(number), Some("error")) => {
            let why = serde_json::from_str(&rest).unwrap_or(rest);
            Event::Answered(number, Err(why))
        }
        _ => Event::Closed(Some(format!("it said no answer: {}", text.chars().take(80).collect::<String>()))),
    }
}

fn pass_on(stderr: impl Read, name: &str, log: Log) {
    let mut stderr = BufReader::new(stderr);
    loop {
        let mut line = Vec::new();
        match stderr.by_ref().take(LINE_MAX).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => log(name, String::from_utf8_lossy(&line).trim_end()),
        }
    }
}
