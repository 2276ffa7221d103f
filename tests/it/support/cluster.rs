//! Embedded Kafka clusters as processes of their own, so that killing and freezing one is real. Every wait
//! has a deadline and says what it waited for; a dropped cluster is killed, also after a failed test.
#![allow(clippy::disallowed_methods, reason = "a test: it has deadlines, and a failure is a panic")]

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::witness::{Watch, testimony};

/// How long any single thing may take on a busy machine with two cores: what takes longer is stuck.
pub(crate) const DEADLINE: Duration = Duration::from_secs(120);

/// One running (or killed) cluster.
pub(crate) struct Cluster {
    dir: PathBuf,
    port: u16,
    topics: Vec<String>,
    child: Child,
    stdin: Option<ChildStdin>,
    watch: Watch,
}

impl Cluster {
    /// Starts a cluster on a port that is free now. `topics` are `NAME:PARTITIONS`.
    pub(crate) fn start(dir: &Path, topics: &[&str]) -> Self {
        let topics: Vec<_> = topics.iter().map(|topic| (*topic).to_owned()).collect();
        let (child, stdin, port) = spawn(dir, free_port(), &topics);
        let watch = Self::watch(dir, &child);
        Self { dir: dir.to_path_buf(), port, topics, child, stdin: Some(stdin), watch }
    }

    fn watch(dir: &Path, child: &Child) -> Watch {
        Watch::new(&format!("cluster {}", dir.display()), child.id(), &[])
    }

    pub(crate) fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// `kill -9`, and waits until the process is gone.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("the process is ours");
        self.child.wait().expect("the process is ours");
    }

    /// Starts the process again, on the same folder and port.
    pub(crate) fn restart(&mut self) {
        let (child, stdin, port) = spawn(&self.dir, self.port, &self.topics);
        assert_eq!(port, self.port);
        self.watch = Self::watch(&self.dir, &child);
        (self.child, self.stdin) = (child, Some(stdin));
    }

    /// SIGSTOP: connections stay open, nothing answers.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::STOP);
        let status = format!("/proc/{}/status", self.child.id());
        until("the process is stopped", || {
            let text = std::fs::read_to_string(&status).expect("the process exists");
            text.lines().any(|line| line.starts_with("State:\tT")).then_some(())
        });
    }

    /// SIGCONT.
    pub(crate) fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// SIGTERM, and waits for the end.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.wait("the cluster ends after SIGTERM")
    }

    /// Closes its standard input, as the end of this process would, and waits for its end.
    pub(crate) fn abandon(&mut self) -> ExitStatus {
        drop(self.stdin.take());
        self.wait("the cluster ends after its parent")
    }

    fn wait(&mut self, what: &str) -> ExitStatus {
        until(what, || self.child.try_wait().expect("the process is ours"))
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the process is ours and not waited for");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Both fail harmlessly if the process has ended already. SIGKILL works on a frozen one too.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that is free now, below the range from which the system takes the ports of outgoing connections:
/// none of those can be in the way when a killed cluster comes back.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 1_000).expect("it is below 1,000") * 8;
    until("a free port", || {
        let port = 20_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok().map(|_| port)
    })
}

/// The command line of a cluster.
pub(crate) fn command(dir: &Path, port: u16, topics: &[String]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_windrow"));
    command
        .arg("cluster")
        .arg("--exit-with-parent")
        .arg("--dir")
        .arg(dir)
        .args(["--port", &port.to_string()]);
    for topic in topics {
        command.args(["--topic", topic]);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// Asks again until there is an answer.
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < DEADLINE, "waited {DEADLINE:?} for: {what}{}", testimony());
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn spawn(dir: &Path, port: u16, topics: &[String]) -> (Child, ChildStdin, u16) {
    let mut child = command(dir, port, topics).spawn().expect("the program under test exists");
    let stdin = child.stdin.take().expect("it is piped");
    let stdout = child.stdout.take().expect("it is piped");
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(BufReader::new(stdout).lines().next()));
    let line = match receiver.recv_timeout(DEADLINE) {
        Ok(Some(Ok(line))) => line,
        other => {
            let _ = child.kill();
            let _ = child.wait();
            panic!("waited for the cluster's first line, got {other:?}");
        }
    };
    let ready: serde_json::Value = serde_json::from_str(&line).expect("the first line is JSON");
    let bootstrap = ready["bootstrap"].as_str().expect("it names the address");
    let port =
        bootstrap.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).expect("the address has a port");
    (child, stdin, port)
}
