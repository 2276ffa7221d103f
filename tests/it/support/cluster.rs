//! Kafka clusters as processes of their own, embedded or real brokers, so that killing and freezing one is
//! real. Every wait has a deadline and says what it waited for; a dropped cluster is killed, also after a failed
//! test; one whose test process is killed ends by itself.
#![allow(clippy::disallowed_methods, reason = "a test: it has deadlines, and a failure is a panic")]

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::limp::Limp;
use super::proxy::Proxy;
use super::reserve;
use super::witness::{Watch, testimony};

/// How long any single thing may take on a busy machine with two cores: what takes longer is stuck.
pub(crate) const DEADLINE: Duration = Duration::from_secs(120);

/// What serves a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broker {
    /// windrow's own.
    Embedded,
    /// Apache Kafka: see `kafka.rs`.
    Apache,
}

/// One running (or killed) cluster.
pub(crate) struct Cluster {
    broker: Broker,
    dir: PathBuf,
    port: u16,
    /// Where clients are sent.
    advertised: u16,
    topics: Vec<String>,
    /// What it is started with besides.
    more: Vec<String>,
    child: Child,
    stdin: Option<ChildStdin>,
    watch: Watch,
    /// Whether it came to have other settings or another address.
    is_changed: bool,
}

impl Cluster {
    /// Starts a cluster on a port that is free now. `topics` are `NAME:PARTITIONS`.
    pub(crate) fn start(dir: &Path, topics: &[&str]) -> Self {
        Self::launch(Broker::Embedded, dir, topics).ready()
    }

    /// Begins to start one.
    pub(crate) fn launch(broker: Broker, dir: &Path, topics: &[&str]) -> Starting {
        let topics: Vec<_> = topics.iter().map(|topic| (*topic).to_owned()).collect();
        let port = free_port();
        Starting::new(broker, dir.to_path_buf(), (port, port), topics, Vec::new())
    }

    /// Starts a real broker with more on its command line.
    pub(crate) fn start_with(dir: &Path, topics: &[&str], more: Vec<String>) -> Self {
        let topics: Vec<_> = topics.iter().map(|topic| (*topic).to_owned()).collect();
        let port = free_port();
        Starting::new(Broker::Apache, dir.to_path_buf(), (port, port), topics, more).ready()
    }

    /// Begins to start one that clients reach through something else, on that port; it leads to the other. A real broker may be one
    /// that another test has done with.
    pub(crate) fn launch_behind(
        broker: Broker,
        scratch: &Path,
        name: &'static str,
        topics: &[&str],
    ) -> (Starting, Proxy) {
        let is_real = broker == Broker::Apache;
        if let Some((cluster, proxy)) = is_real.then(|| reserve::take(name, topics)).flatten() {
            return (Starting { cluster, line: None }, proxy);
        }
        let dir = if is_real { reserve::folder(name) } else { scratch.join(name) };
        let topics: Vec<_> = topics.iter().map(|topic| (*topic).to_owned()).collect();
        let port = free_port();
        let proxy = Proxy::start(port);
        (Starting::new(broker, dir, (port, proxy.port()), topics, Vec::new()), proxy)
    }

    /// What the process has said, if it keeps that.
    fn log(dir: &Path) -> PathBuf {
        dir.join("broker.log")
    }

    fn watch(dir: &Path, child: &Child) -> Watch {
        let log = Some(Self::log(dir)).filter(|log| log.exists());
        Watch::new(&format!("cluster {}", dir.display()), child.id(), log.as_slice())
    }

    /// What serves it.
    pub(crate) const fn broker(&self) -> Broker {
        self.broker
    }

    /// Where it listens itself.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.advertised)
    }

    /// `kill -9`, and waits until the process is gone.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("the process is ours");
        self.child.wait().expect("the process is ours");
    }

    /// Starts the process again, on the same folder and port.
    pub(crate) fn restart(&mut self) {
        let (ports, topics, more) = ((self.port, self.advertised), self.topics.clone(), self.more.clone());
        *self = Starting::new(self.broker, self.dir.clone(), ports, topics, more).ready();
    }

    /// Kills it and starts it with that on its command line.
    pub(crate) fn restart_with(&mut self, more: Vec<String>) {
        self.kill();
        self.more = more;
        self.restart();
        self.is_changed = true;
    }

    /// Gives a topic more partitions, if that takes another start; else somebody has to ask it.
    pub(crate) fn grow(&mut self, topic: &str, partitions: i32) -> bool {
        if self.broker == Broker::Apache {
            return false;
        }
        let is_it = |known: &String| known.split(':').next() == Some(topic);
        self.topics.retain(|known| !is_it(known));
        self.topics.push(format!("{topic}:{partitions}"));
        self.kill();
        self.restart();
        true
    }

    /// Lets it run only now and then, as long as what this gives lives.
    pub(crate) fn limp(&self) -> Limp {
        Limp::start(Pid::from_child(&self.child))
    }

    /// Kills it and starts it on the same folder, at another address.
    pub(crate) fn move_away(&mut self) {
        let port = free_port();
        self.move_to((port, port));
    }

    /// The same, at that address: where it listens, and where clients are sent.
    pub(crate) fn move_to(&mut self, ports: (u16, u16)) {
        self.kill();
        (self.port, self.advertised) = ports;
        self.restart();
        self.is_changed = true;
    }

    /// Whether it runs, with the settings and at the address of its first start.
    pub(crate) fn is_as_started(&mut self) -> bool {
        !self.is_changed && self.child.try_wait().is_ok_and(|ended| ended.is_none())
    }

    /// Where it listens, and where clients are sent.
    pub(crate) const fn ports(&self) -> (u16, u16) {
        (self.port, self.advertised)
    }

    /// SIGSTOP: connections stay open, nothing answers.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::STOP);
        await_stopped(&self.child);
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

/// A port that is free now and nobody else's who asks here, also in other processes, for as long as this one
/// lives. It is below the range from which the system takes the ports of outgoing connections: none of those
/// can be in the way when a killed cluster comes back.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    static OURS: Mutex<Vec<File>> = Mutex::new(Vec::new());
    let folder = std::env::temp_dir().join("windrow-test-ports");
    std::fs::create_dir_all(&folder).expect("the system has a folder for temporary files");
    let start = u16::try_from(std::process::id() % 1_000).expect("it is below 1,000") * 8;
    until("a free port", || {
        let port = 20_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        let file = File::create(folder.join(port.to_string())).ok()?;
        file.try_lock().ok()?;
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
        OURS.lock().expect("nobody panics with it").push(file);
        Some(port)
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

/// Waits until a process that was sent SIGSTOP is stopped.
pub(crate) fn await_stopped(child: &Child) {
    let status = format!("/proc/{}/status", child.id());
    until("the process is stopped", || {
        let text = std::fs::read_to_string(&status).expect("the process exists");
        text.lines().any(|line| line.starts_with("State:\tT")).then_some(())
    });
}

/// A cluster that is not known to serve yet. Dropped, it is killed.
pub(crate) struct Starting {
    cluster: Cluster,
    /// None: it is known to serve.
    line: Option<mpsc::Receiver<Option<std::io::Result<String>>>>,
}

impl Starting {
    fn new(
        broker: Broker,
        dir: PathBuf,
        (port, advertised): (u16, u16),
        topics: Vec<String>,
        more: Vec<String>,
    ) -> Self {
        let mut command = command(&dir, port, &topics);
        command.args(["--advertise", &advertised.to_string()]).args(&more);
        if broker == Broker::Apache {
            command.arg("--real");
        }
        let mut child = command.spawn().expect("the program under test exists");
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().expect("it is piped");
        let (sender, line) = mpsc::channel();
        std::thread::spawn(move || sender.send(BufReader::new(stdout).lines().next()));
        let watch = Cluster::watch(&dir, &child);
        let is_changed = !more.is_empty();
        let cluster =
            Cluster { broker, dir, port, advertised, topics, more, child, stdin, watch, is_changed };
        Self { cluster, line: Some(line) }
    }

    /// Waits until it serves.
    pub(crate) fn ready(self) -> Cluster {
        let mut cluster = self.cluster;
        let Some(line) = self.line else { return cluster };
        let line = match line.recv_timeout(DEADLINE) {
            Ok(Some(Ok(line))) => line,
            other => {
                let log = std::fs::read_to_string(Cluster::log(&cluster.dir)).unwrap_or_default();
                panic!("waited {DEADLINE:?} for the cluster's first line, got {other:?}\n{log}");
            }
        };
        let ready: serde_json::Value = serde_json::from_str(&line).expect("the first line is JSON");
        let asked = format!("127.0.0.1:{}", cluster.port);
        assert_eq!(ready["bootstrap"], asked, "it serves where it was asked to");
        // A broker has a log by now.
        cluster.watch = Cluster::watch(&cluster.dir, &cluster.child);
        cluster
    }
}
