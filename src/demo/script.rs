//! The script: who acts when. Each fault is proven when it is done, and counted only then.

use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::executor::feeder::Feeder;
use crate::executor::now_ms;
use crate::model::{Deployment, Model};
use crate::topology::Topology;

use super::cast::Actor;
use super::feed::Feed;
use super::project::{self, Place};
use super::view::{Frame, View};
use super::{Error, Summary, verdict};

/// How long any process may take to report that it is ready; a JVM on a busy machine takes its time.
const READY: Duration = Duration::from_secs(120);
/// Where the ports of real brokers lie: below those from which the system takes the ports of outgoing
/// connections, so that none is in the way when a killed broker comes back.
const PORTS: Range<u16> = 14_000..20_000;
/// How long a clean stop, or the bounded run to the cut, may take.
const FINISH: Duration = Duration::from_secs(90);
/// How often flights are sent and faults are looked at.
const TICK: Duration = Duration::from_millis(50);
/// Flights per second in the rush hour.
const FLIGHTS_PER_SECOND: u64 = 320;

/// What a demo is told.
#[derive(Debug, Clone)]
pub struct Options {
    /// Set from outside to stop: everything is taken away, then [`Error::Interrupted`].
    pub interrupted: Arc<AtomicBool>,
    /// Brokers of Apache Kafka serve the clusters.
    pub real: bool,
}

/// One entry of the timetable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    LoseCluster,
    FreezeRegion,
    KillExecutor,
    RestartExecutor,
    RestartCluster,
    ThawRegion,
    Curtain,
}

/// Seconds after the rush hour began. The faults overlap: one cluster is gone while a region is
/// frozen, and the executor dies in the middle of both.
const TIMETABLE: [(u64, Act, &str); 7] = [
    (4, Act::LoseCluster, "kill -9 of ingest cluster west-1; producers move to its neighbours"),
    (8, Act::FreezeRegion, "region east freezes: its serving clusters accept connections and answer nothing"),
    (13, Act::KillExecutor, "kill -9 of the executor"),
    (15, Act::RestartExecutor, "the executor is started again on its state"),
    (20, Act::RestartCluster, "ingest cluster west-1 is back, with what it had acknowledged"),
    (24, Act::ThawRegion, "region east thaws"),
    (30, Act::Curtain, "the last flight has departed"),
];

const LOST_CLUSTER: &str = "west-1";
const FROZEN_REGION: &str = "east";

/// Runs the demo; `show` gets every frame of the live view.
///
/// # Errors
/// When a process fails or is too slow, or the demo was interrupted. Nothing is left behind.
pub fn run(options: &Options, show: &mut dyn FnMut(&Frame)) -> Result<Summary, Error> {
    let began = Instant::now();
    let mut stage = Stage::set(options, show)?;
    stage.play(show)?;
    let summary = stage.finish(show)?;
    Ok(Summary { seconds: began.elapsed().as_secs_f64(), ..summary })
}

/// Everything that runs. Fields drop in order: the executor before the clusters, the folder last.
struct Stage<'a> {
    options: &'a Options,
    executor: Option<Actor>,
    clusters: Vec<(Place, Actor)>,
    feed: Feed,
    summary: Summary,
    project: PathBuf,
    compiled: (Model, Deployment),
    topology: Topology,
    scratch: TempDir,
    story: Vec<String>,
    view: View,
}

impl<'a> Stage<'a> {
    /// Starts the clusters, feeds the history and starts the executor.
    fn set(options: &'a Options, show: &mut dyn FnMut(&Frame)) -> Result<Self, Error> {
        let compiled = project::compile()?;
        let scratch = tempfile::Builder::new()
            .prefix("windrow-demo-")
            .tempdir()
            .map_err(Error::io("scratch folder"))?;
        let kind = if options.real { "Apache Kafka" } else { "Kafka-protocol" };
        show(&Frame::words(format!("starting eight {kind} clusters in two regions")));
        let clusters = start_clusters(options.real, &scratch)?;
        let places: Vec<_> = clusters.iter().map(|(place, _)| place.clone()).collect();
        let project = project::write(scratch.path(), &places)?;
        show(&Frame::words("feeding six days of flights, spread over the ingest clusters"));
        let topology = project::topology(&places);
        let ingest: Vec<_> = topology.group("ingest").cloned().collect();
        let feed = Feed::start(Feeder::new(&ingest)?, now_ms())?;
        let (summary, story, view) = (Summary::default(), Vec::new(), View::default());
        let mut stage = Self {
            options,
            executor: None,
            clusters,
            feed,
            summary,
            project,
            compiled,
            topology,
            scratch,
            story,
            view,
        };
        stage.start_executor(&[])?;
        show(&Frame::words("the executor reads that history into its state, publishing nothing"));
        stage.await_live()?;
        Ok(stage)
    }

    /// Waits until the executor has read the history and says that it is live.
    fn await_live(&mut self) -> Result<(), Error> {
        let began = Instant::now();
        while self.status().is_none_or(|status| status["mode"] != "live") {
            self.check_interrupted()?;
            self.watch()?;
            if began.elapsed() > FINISH {
                let executor = self.executor.as_ref().expect("the executor was just started");
                return Err(executor.late("the start of live reading", FINISH));
            }
            std::thread::sleep(TICK);
        }
        Ok(())
    }

    /// The rush hour, with its faults.
    fn play(&mut self, show: &mut dyn FnMut(&Frame)) -> Result<(), Error> {
        let began = Instant::now();
        let mut acts = TIMETABLE.iter().peekable();
        let mut sent = 0;
        let mut next_frame = began;
        while acts.peek().is_some() {
            self.check_interrupted()?;
            while let Some((_, act, words)) = acts.next_if(|(at, ..)| began.elapsed().as_secs() >= *at) {
                self.story.push(format!("{:>3} s  {words}", began.elapsed().as_secs()));
                self.act(*act)?;
            }
            let due = usize::try_from(began.elapsed().as_millis() * u128::from(FLIGHTS_PER_SECOND) / 1000)
                .unwrap_or(0);
            self.feed.send_live(due - sent, now_ms());
            sent = due;
            if Instant::now() >= next_frame {
                next_frame += Duration::from_secs(1);
                show(&self.frame());
            }
            self.watch()?;
            std::thread::sleep(TICK);
        }
        Ok(())
    }

    /// Everything is healed: run to the cut, read every region back, compare.
    fn finish(mut self, show: &mut dyn FnMut(&Frame)) -> Result<Summary, Error> {
        self.summary.redirected = self.feed.finish()?;
        self.summary.events = self.feed.log.len();
        self.summary.copies = self.feed.copies;
        self.stop_executor()?;
        let cut = self.feed.newest_ts + 1;
        self.summary.cut = cut;
        show(&Frame::words(format!("running to the cut {cut}")));
        self.start_executor(&["--until".to_owned(), cut.to_string()])?;
        self.await_end()?;
        show(&Frame::words("reading every region back and computing the same rows independently"));
        verdict::judge(&self.compiled, &self.topology, &self.feed.log, cut, &mut self.summary)?;
        for (_, cluster) in &mut self.clusters {
            cluster.kill_9()?;
        }
        Ok(std::mem::take(&mut self.summary))
    }

    fn act(&mut self, act: Act) -> Result<(), Error> {
        match act {
            Act::LoseCluster => {
                self.cluster(LOST_CLUSTER).kill_9()?;
                self.summary.clusters_lost += 1;
            }
            Act::RestartCluster => self.restart_cluster(LOST_CLUSTER)?,
            Act::FreezeRegion => {
                for (_, cluster) in self.serving(FROZEN_REGION) {
                    cluster.freeze(READY)?;
                }
                self.summary.regions_frozen += 1;
            }
            Act::ThawRegion => self.serving(FROZEN_REGION).for_each(|(_, cluster)| cluster.thaw()),
            Act::KillExecutor => {
                self.executor.take().expect("the executor runs until it is killed").kill_9()?;
                self.summary.executor_kills += 1;
            }
            Act::RestartExecutor => self.start_executor(&[])?,
            Act::Curtain => {}
        }
        Ok(())
    }

    fn cluster(&mut self, name: &str) -> &mut Actor {
        let found = self.clusters.iter_mut().find(|(place, _)| place.name == name);
        &mut found.expect("the script names clusters of the topology").1
    }

    fn serving(&mut self, region: &'static str) -> impl Iterator<Item = &mut (Place, Actor)> {
        self.clusters.iter_mut().filter(move |(place, _)| place.region == region && place.group == "serving")
    }

    fn restart_cluster(&mut self, name: &str) -> Result<(), Error> {
        let (place, actor) = self
            .clusters
            .iter_mut()
            .find(|(place, _)| place.name == name)
            .expect("the script names known clusters");
        *actor = start_cluster(self.options.real, place, &self.scratch)?;
        Ok(())
    }

    fn start_executor(&mut self, more: &[String]) -> Result<(), Error> {
        let path = |name: &str| self.scratch.path().join(name).to_string_lossy().into_owned();
        let mut arguments = vec!["run".to_owned(), self.project.to_string_lossy().into_owned()];
        for (name, value) in [
            ("--deployment", project::DEPLOYMENT.to_owned()),
            ("--env", project::ENVIRONMENT.to_owned()),
            ("--state", path("state")),
            ("--status", path("status.json")),
        ] {
            arguments.extend([name.to_owned(), value]);
        }
        arguments.extend_from_slice(more);
        self.executor = Some(Actor::start("executor", self.scratch.path(), &arguments)?);
        Ok(())
    }

    fn stop_executor(&mut self) -> Result<(), Error> {
        let mut executor = self.executor.take().expect("the executor runs at the end of the script");
        let status = executor.stop(FINISH)?;
        if status.success() { Ok(()) } else { Err(executor.ended(status)) }
    }

    fn await_end(&mut self) -> Result<(), Error> {
        let began = Instant::now();
        let mut executor = self.executor.take().expect("the executor was just started");
        loop {
            self.check_interrupted()?;
            match executor.wait(Duration::from_millis(200)) {
                Ok(status) if status.success() => return Ok(()),
                Ok(status) => return Err(executor.ended(status)),
                Err(Error::Deadline { .. }) if began.elapsed() < FINISH => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// No process may end that was not told to.
    fn watch(&mut self) -> Result<(), Error> {
        if let Some(executor) = &mut self.executor {
            executor.check_alive()?;
        }
        let lost = self.summary.clusters_lost > 0;
        let running = self.clusters.iter_mut().filter(|(place, _)| !(lost && place.name == LOST_CLUSTER));
        for (_, cluster) in running {
            cluster.check_alive()?;
        }
        Ok(())
    }

    fn frame(&mut self) -> Frame {
        let status = self.status();
        self.view.frame(status.as_ref(), &self.story, self.feed.log.len(), self.executor.is_some())
    }

    /// What the executor last said of itself.
    fn status(&self) -> Option<serde_json::Value> {
        let text = std::fs::read_to_string(self.scratch.path().join("status.json")).ok()?;
        serde_json::from_str(&text).ok()
    }

    fn check_interrupted(&self) -> Result<(), Error> {
        if self.options.interrupted.load(Ordering::Relaxed) { Err(Error::Interrupted) } else { Ok(()) }
    }
}

/// Starts all clusters at once, then waits for each.
fn start_clusters(real: bool, scratch: &TempDir) -> Result<Vec<(Place, Actor)>, Error> {
    // Each demo begins elsewhere, so that two at once rarely ask for the same.
    let skip = std::process::id() as usize * 16 % PORTS.len();
    let mut ports = PORTS.cycle().skip(skip).take(PORTS.len());
    let mut clusters = Vec::new();
    for mut place in project::places() {
        if real {
            place.bootstrap = format!("127.0.0.1:{}", free_port(&mut ports)?);
        }
        let actor = spawn_cluster(real, &place, scratch)?;
        clusters.push((place, actor));
    }
    for (place, actor) in &mut clusters {
        place.bootstrap = bootstrap_of(&actor.first_line(READY)?, actor)?;
    }
    Ok(clusters)
}

/// Starts one cluster again, on the port it had.
fn start_cluster(real: bool, place: &Place, scratch: &TempDir) -> Result<Actor, Error> {
    let mut actor = spawn_cluster(real, place, scratch)?;
    actor.first_line(READY)?;
    Ok(actor)
}

fn free_port(ports: &mut impl Iterator<Item = u16>) -> Result<u16, Error> {
    let none = || Error::io("looking for a free port")(std::io::ErrorKind::AddrInUse.into());
    ports.find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()).ok_or_else(none)
}

fn spawn_cluster(real: bool, place: &Place, scratch: &TempDir) -> Result<Actor, Error> {
    let folder = scratch.path().join(&place.name);
    let port = place.bootstrap.rsplit(':').next().filter(|port| !port.is_empty()).unwrap_or("0");
    let mut arguments: Vec<_> =
        ["cluster", "--dir", &folder.to_string_lossy(), "--port", port].map(str::to_owned).to_vec();
    if real {
        arguments.push("--real".to_owned());
    }
    for topic in project::topics(place.group) {
        arguments.extend(["--topic".to_owned(), topic]);
    }
    Actor::start(&place.name, scratch.path(), &arguments)
}

fn bootstrap_of(line: &str, actor: &Actor) -> Result<String, Error> {
    let report: Option<serde_json::Value> = serde_json::from_str(line).ok();
    let bootstrap = report.as_ref().and_then(|report| report["bootstrap"].as_str());
    bootstrap.map(str::to_owned).ok_or_else(|| Error::Died {
        who: actor.name.clone(),
        status: format!("it reported {line:?} instead of its address"),
        log: String::new(),
    })
}
