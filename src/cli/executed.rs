//! Scenarios of `windrow verify` through the real executor: embedded clusters in this process, and a process for
//! each run, which is killed and started again.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::execute::{CLUSTERS, LEASES, STATE};
use crate::executor::embedded::{EmbeddedCluster, Options, Topic};
use crate::executor::feeder::{FeedRecord, Feeder};
use crate::executor::{Group, read_changes};
use crate::model::PublishMode;
use crate::topology::{Cluster, Topology};
use crate::verify::{Act, Executed, Execution, FedTopic, REGIONS, Shell};

/// How long anything may take that takes a second or two.
const DEADLINE: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(5);
/// Lines of a run's log that are told when it fails.
const LINES_SAID: usize = 10;
/// Partitions of the topic that is put out.
const PARTITIONS: usize = 2;
/// Where a run is killed, and how often it may pass there before.
const DEATHS: [(&str, u64); 9] = [
    ("lease_taken", 1),
    ("start_raised", 2),
    ("step_begun", 4),
    ("step_computed", 4),
    ("step_written", 4),
    ("regions_told", 4),
    ("row_sent", 20),
    ("row_acknowledged", 20),
    ("cursors_kept", 1),
];

/// Processes of this program, which find their scenario by what `windrow verify` was given.
pub(super) struct Processes {
    pub(super) path: PathBuf,
    pub(super) seed: u64,
    pub(super) sabotage: Option<String>,
}

impl Shell for Processes {
    fn run(&self, execution: &Execution) -> Result<Executed, String> {
        let folder = tempfile::Builder::new().prefix("windrow-").tempdir().map_err(said)?;
        let mut stage = Stage::build(execution, folder.path())?;
        let mut kills = 0;
        for act in &execution.acts {
            match act {
                Act::Feed { percent } => stage.feed(*percent)?,
                Act::Run { deaths } => kills += self.run_to_the_end(&stage, deaths)?,
                Act::LoseState => lose(&stage.folder.join(STATE))?,
                Act::LoseLeases => lose(&stage.folder.join(LEASES))?,
                Act::ForgetRegion => stage.forgotten = Some(REGIONS[0]),
            }
        }
        Ok(Executed { regions: stage.read()?, kills })
    }
}

impl Processes {
    /// Returns how often it was killed: a run that ends before it passes the point is none the worse.
    fn run_to_the_end(&self, stage: &Stage<'_>, deaths: &[u64]) -> Result<u64, String> {
        stage.write_clusters()?;
        let mut kills = 0;
        for death in deaths {
            let status = self.run_once(stage, Some(*death))?;
            if status.success() {
                return Ok(kills);
            }
            if status.signal() != Some(Signal::KILL.as_raw()) {
                return Err(stage.failed(status));
            }
            kills += 1;
        }
        let status = self.run_once(stage, None)?;
        if status.success() { Ok(kills) } else { Err(stage.failed(status)) }
    }

    fn run_once(&self, stage: &Stage<'_>, death: Option<u64>) -> Result<ExitStatus, String> {
        let mut command = Command::new(std::env::current_exe().map_err(said)?);
        command.arg("execute").arg(&self.path).args(["--of", &stage.execution.name]);
        command.args(["--number", &stage.execution.number.to_string(), "--seed", &self.seed.to_string()]);
        command.args(["--shards", &(1 + death.unwrap_or(1) % 3).to_string()]);
        command.arg("--dir").arg(&stage.folder);
        command.args(self.sabotage.iter().flat_map(|name| ["--sabotage", name]));
        if let Some(death) = death {
            let (point, passes) = DEATHS[place(death, DEATHS.len())];
            command.env("WINDROW_DIE_AT", format!("{point}:{}", 1 + (death >> 32) % passes));
        }
        let log = File::options().create(true).append(true).open(stage.log()).map_err(said)?;
        command.stdin(Stdio::null()).stdout(log.try_clone().map_err(said)?).stderr(log);
        let mut child = command.spawn().map_err(said)?;
        let began = Instant::now();
        loop {
            if let Some(status) = child.try_wait().map_err(said)? {
                return Ok(status);
            }
            if began.elapsed() > DEADLINE {
                let _ = child.kill();
                let status = child.wait().map_err(said)?;
                return Err(format!("not done after {DEADLINE:?}: {}", stage.failed(status)));
            }
            std::thread::sleep(LOOK);
        }
    }
}

/// Where a scenario is played.
struct Stage<'e> {
    execution: &'e Execution,
    folder: PathBuf,
    topology: Topology,
    /// They serve as long as this lives.
    _clusters: Vec<EmbeddedCluster>,
    /// The region that is no longer fed.
    forgotten: Option<&'static str>,
    /// How many records of each topic are there.
    fed: Vec<usize>,
}

impl<'e> Stage<'e> {
    fn build(execution: &'e Execution, folder: &Path) -> Result<Self, String> {
        let (mut clusters, mut topology) = (Vec::new(), Topology::default());
        for region in REGIONS {
            for group in execution.groups() {
                let name = format!("{region}-{group}");
                let dir = folder.join(&name);
                let topics = topics(execution, group);
                let cluster = EmbeddedCluster::serve(Options { dir, port: 0, advertise: None, topics });
                let cluster = cluster.map_err(said)?;
                topology.clusters.push(Cluster {
                    region: region.to_owned(),
                    group: group.to_owned(),
                    name,
                    bootstrap: cluster.bootstrap(),
                    ..Cluster::default()
                });
                clusters.push(cluster);
            }
        }
        let (folder, fed) = (folder.to_path_buf(), vec![0; execution.topics.len()]);
        Ok(Self { execution, folder, topology, _clusters: clusters, forgotten: None, fed })
    }

    fn feed(&mut self, percent: usize) -> Result<(), String> {
        for (topic, fed) in self.execution.topics.iter().zip(&mut self.fed) {
            let clusters: Vec<_> = self.topology.group(&topic.group).cloned().collect();
            let mut feeder = Feeder::new(&clusters).map_err(said)?;
            let percent = if topic.is_table { 100 } else { percent };
            let until = topic.records.len() * percent / 100;
            for record in &topic.records[*fed..until] {
                let key = record.key.clone();
                let (partition, payload) = (i32::try_from(record.partition).ok(), record.payload.clone());
                let (topic, timestamp_ms) = (topic.topic.clone(), record.timestamp_ms);
                feeder.send(FeedRecord { topic, partition, key, payload, timestamp_ms }, record.region);
            }
            feeder.flush(DEADLINE).map_err(said)?;
            *fed = until;
        }
        Ok(())
    }

    fn write_clusters(&self) -> Result<(), String> {
        let fed = &self.execution.publish().group;
        let is_there = |cluster: &&Cluster| {
            cluster.group != *fed || self.forgotten.is_none_or(|region| cluster.region != region)
        };
        let clusters = self.topology.clusters.iter().filter(is_there);
        let listed: Vec<_> = clusters
            .map(|cluster| [&cluster.region, &cluster.group, &cluster.name, &cluster.bootstrap])
            .collect();
        let text = serde_json::to_string(&listed).map_err(said)?;
        fs::write(self.folder.join(CLUSTERS), text).map_err(said)
    }

    /// What the readers of each region see.
    fn read(&self) -> Result<BTreeMap<String, String>, String> {
        let publish = self.execution.publish();
        let (topic, group) = (publish.topic.clone(), Some(publish.group.clone()));
        let what = Group { topic, group, region: None, verify: true };
        let mut regions: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        let view = read_changes(&self.topology, &what, DEADLINE, &mut |change| {
            if publish.mode == PublishMode::Events {
                let rows = regions.entry(change.region.to_owned()).or_default();
                rows.extend(change.row.value.clone());
            }
        });
        let view = view.map_err(said)?;
        if view.verified_conflicts > 0 || view.foreign > 0 || !view.unreachable.is_empty() {
            let (doubled, foreign, silent) = (view.verified_conflicts, view.foreign, &view.unreachable);
            return Err(format!(
                "{doubled} versions have two payloads, {foreign} records are nobody's, no answer from {silent:?}"
            ));
        }
        if publish.mode == PublishMode::Latest {
            for (region, rows) in view.regions {
                regions.insert(region, rows.into_values().filter_map(|row| row.value).collect());
            }
        }
        let text = |rows: Vec<Vec<u8>>| String::from_utf8(rows.join(&b'\n')).map_err(said);
        regions.into_iter().map(|(region, rows)| Ok((region, text(rows)?))).collect()
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn failed(&self, status: ExitStatus) -> String {
        let text = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        format!("{status}\n{}", lines[lines.len().saturating_sub(LINES_SAID)..].join("\n"))
    }
}

fn topics(execution: &Execution, group: &str) -> Vec<Topic> {
    let topic = |name: &str, partitions: usize| Topic {
        name: name.to_owned(),
        partitions: i32::try_from(partitions).unwrap_or(1),
    };
    let read = execution.topics.iter().filter(|topic| topic.group == group);
    let read = read.map(|read: &FedTopic| topic(&read.topic, read.partitions));
    let publish = execution.publish();
    let fed = (publish.group == group).then(|| topic(&publish.topic, PARTITIONS));
    read.chain(fed).collect()
}

fn place(number: u64, count: usize) -> usize {
    usize::try_from(number % count as u64).unwrap_or(0)
}

fn lose(folder: &Path) -> Result<(), String> {
    fs::remove_dir_all(folder).map_err(said)
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
