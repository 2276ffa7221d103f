//! Two regions on loopback, a project that uses them, and everything that was fed.
#![allow(clippy::disallowed_methods, reason = "a test: it has deadlines, and a failure is a panic")]

mod admin;
mod bulk;
mod feed;
mod load;
mod process;
mod rows;
mod shape;
mod state;

use std::collections::BTreeMap;
use std::fs::File;
use std::process::Child;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value as Json;
use windrow::diag::SourceMap;
use windrow::executor::feeder::Feeder;
use windrow::executor::{Group, View, ViewRow, read_view};
use windrow::model::{self, GroupById, Model};
use windrow::topology::{Cluster as Place, ClusterState, Topology};
use windrow::types::Field;
use windrow::{oracle, syntax, wire};

use crate::support::Scratch;
use crate::support::binary::{Run, command, windrow};
use crate::support::cluster::{Broker, Cluster, DEADLINE, until};
use crate::support::kafka;
use crate::support::proxy::Proxy;
use crate::support::reserve;
use crate::support::turn::Turn;

use feed::mixed;

pub(super) use load::{Rate, Readers};
pub(super) use process::Executor;
pub(super) use shape::{Login, place};
pub(super) use state::{copy, files};

/// As many users as there are keys.
pub(super) const KEYS: u64 = 40;
pub(super) const TOPIC: &str = "features.user_spend";
const JOINED: &str = "features.checkout";
/// All that may be fed.
const SOURCES: [&str; 2] = ["purchases", "checkouts"];
const DISORDER_MS: i64 = 5_000;
const DEFINITION: &str = r"
source purchases {
  topic shop.purchases in ingest
  format json
  schema {
    purchase_id string
    user_id     string
    amount      decimal(12,2)
    status      string?
    ts          timestamp_ms
  }
  event_time ts
  event_id   purchase_id
  disorder   5s
}

group_by user_spend {
  from  purchases
  where status = 'settled'
  key   user_id
  spend = sum(amount) over 1h, 24h
  txns  = count() over 90m, 24h
  last_status = last(amount) over 24h
  newest = max(ts) over 24h
  publish features.user_spend to serving
}

source checkouts {
  topic shop.checkouts in ingest
  format json
  schema {
    checkout_id string
    user_id     string
    ts          timestamp_ms
  }
  event_time ts
  event_id   checkout_id
  disorder   5s
}

join checkout {
  left     checkouts
  features user_spend on user_id
  publish  features.checkout to serving as events
}
";
const PROJECT: &str = "name: test
environments:
  local: {topology: topology.yaml, checkpoints: checkpoints}
deployments:
  main: [user_spend]
  joined: [checkout]
";

/// Where each cluster is, and its topics.
const PLACES: [(&str, &str, &str, &[&str]); 6] = [
    ("east", "ingest", "east-1", &["shop.purchases:2", "shop.checkouts:2"]),
    (
        "east",
        "serving",
        "east-3",
        &["features.user_spend:3", "features.checkout:2", "main.progress:1", "main.dead_letters:2"],
    ),
    ("west", "ingest", "west-1", &["shop.purchases:2", "shop.checkouts:2"]),
    ("west", "ingest", "west-2", &["shop.purchases:2", "shop.checkouts:2"]),
    ("west", "serving", "west-3", &["features.user_spend:3", "features.checkout:2"]),
    ("west", "serving", "west-4", &["features.user_spend:3", "features.checkout:2", "main.dead_letters:2"]),
];

pub(super) struct World {
    scratch: Scratch,
    clusters: Vec<(&'static str, Cluster)>,
    proxies: BTreeMap<&'static str, Proxy>,
    topology: Topology,
    /// As it was at the start.
    begin: Topology,
    /// Other ways to clusters.
    ways: Vec<Proxy>,
    deployment: &'static str,
    model: Model,
    feeder: Feeder,
    log: oracle::Records,
    random: u64,
    /// Keys of what is fed.
    keys: u64,
    q: i64,
    /// For every process.
    variables: Vec<(String, String)>,
    /// The state directory that is used.
    state: &'static str,
    /// Last: processes end before it does.
    _turn: Turn,
}

impl Drop for World {
    /// Real brokers that are none the worse for it serve the next test.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for (name, cluster) in
            self.clusters.drain(..).filter(|(_, cluster)| cluster.broker() == Broker::Apache)
        {
            let proxy = self.proxies.remove(name).expect("each cluster is behind one");
            reserve::leave(name, cluster, proxy);
        }
    }
}

impl World {
    /// Starts embedded clusters.
    pub(super) fn start() -> Self {
        Self::start_on(Broker::Embedded, Turn::shared("executor"))
    }

    /// Starts real brokers, if they are wanted.
    pub(super) fn start_real(test: &str) -> Option<Self> {
        Some(Self::start_on(Broker::Apache, kafka::turn(test)?))
    }

    /// Embedded clusters for a test that has its turn already.
    pub(super) fn start_beside(turn: Turn) -> Self {
        Self::start_on(Broker::Embedded, turn)
    }

    fn start_on(broker: Broker, turn: Turn) -> Self {
        let scratch = Scratch::new();
        let mut proxies = BTreeMap::new();
        let mut launch = |(_, _, name, topics): &(_, _, &'static str, &[&str])| {
            let (starting, proxy) = Cluster::launch_behind(broker, scratch.path(), name, topics);
            proxies.insert(*name, proxy);
            starting
        };
        let starting: Vec<_> = PLACES.iter().map(&mut launch).collect();
        let mut clusters = Vec::new();
        let mut topology = Topology {
            generation: 1,
            retention_ms: 604_800_000,
            clusters: Vec::new(),
            ..Topology::default()
        };
        for ((region, group, name, _), starting) in PLACES.into_iter().zip(starting) {
            let cluster = starting.ready();
            topology.clusters.push(Place {
                region: region.into(),
                group: group.into(),
                name: name.into(),
                bootstrap: cluster.bootstrap(),
                properties: BTreeMap::new(),
                state: ClusterState::Active,
                ..Place::default()
            });
            clusters.push((name, cluster));
        }
        scratch.file("project/windrow.yaml", PROJECT);
        scratch.file("project/topology.yaml", shape::topology_text(&topology));
        scratch.file("project/purchases.wr", DEFINITION);
        let ingest: Vec<_> = topology.group("ingest").cloned().collect();
        let feeder = Feeder::new(&ingest).expect("clients can be made");
        let q = now_ms() + 1_800_000;
        Self {
            scratch,
            clusters,
            proxies,
            begin: topology.clone(),
            ways: Vec::new(),
            topology,
            deployment: "main",
            model: resolved(),
            feeder,
            log: oracle::Records::new(),
            random: 7,
            keys: KEYS,
            q,
            variables: Vec::new(),
            state: "state",
            _turn: turn,
        }
    }

    /// When everything is compared: windows hold some of what was fed.
    pub(super) fn cut(&self) -> String {
        self.q.to_string()
    }

    /// Runs that deployment from now on.
    pub(super) fn deploy(&mut self, deployment: &'static str) {
        self.deployment = deployment;
    }

    /// A file or folder of the scratch folder.
    pub(super) fn path(&self, name: &str) -> std::path::PathBuf {
        self.scratch.path().join(name)
    }

    /// What lies between a cluster and its clients.
    pub(super) fn network(&self, name: &str) -> &Proxy {
        &self.proxies[name]
    }

    pub(super) fn cluster(&mut self, name: &str) -> &mut Cluster {
        let found = self.clusters.iter_mut().find(|(known, _)| *known == name);
        &mut found.expect("the test names a cluster that there is").1
    }

    /// `windrow tail` up to the end.
    pub(super) fn tail(&self, how: &[&str]) -> Run {
        let project = self.scratch.path().join("project");
        windrow(&[&["tail", TOPIC, project.to_str().unwrap(), "--env", "local"], how].concat())
    }

    /// Where the clusters of a group in a region are.
    pub(super) fn addresses(&self, region: &str, group: &str) -> Vec<String> {
        let of_region = self.topology.group(group).filter(|place| place.region == region);
        of_region.map(|place| place.bootstrap.clone()).collect()
    }

    pub(super) fn fed(&self) -> u64 {
        self.log.values().map(|records| records.len() as u64).sum()
    }

    /// `windrow run`, in the background.
    pub(super) fn run(&self, more: &[&str]) -> Executor {
        let status = self.status_file();
        let _ = std::fs::remove_file(&status);
        let mut args = vec!["--status", status.to_str().unwrap()];
        args.extend(more);
        self.spawn("run", &args)
    }

    /// One for each state directory.
    fn status_file(&self) -> std::path::PathBuf {
        self.scratch.path().join(format!("{}-status.json", self.state))
    }

    /// `windrow run` that kills itself when it passes that point for the Nth time.
    pub(super) fn run_to_death(&self, point: &str, passes: u64, more: &[&str]) -> Executor {
        self.spawn_with("run", self.state, more, Some(("WINDROW_DIE_AT", format!("{point}:{passes}"))))
    }

    /// A number below that one, the same in every run.
    pub(super) fn random(&mut self, below: u64) -> u64 {
        self.next() % below
    }

    /// `windrow run` on another state directory.
    pub(super) fn run_in(&self, state: &str) -> Executor {
        self.spawn_in("run", state, &[])
    }

    pub(super) fn spawn(&self, subcommand: &str, more: &[&str]) -> Executor {
        self.spawn_in(subcommand, self.state, more)
    }

    fn spawn_in(&self, subcommand: &str, state: &str, more: &[&str]) -> Executor {
        self.spawn_with(subcommand, state, more, None)
    }

    fn spawn_with(
        &self,
        subcommand: &str,
        state: &str,
        more: &[&str],
        variable: Option<(&str, String)>,
    ) -> Executor {
        let path = |name: &str| self.scratch.path().join(name).to_str().unwrap().to_owned();
        let (project, state) = (path("project"), path(state));
        let mut args =
            vec![subcommand, &project, "--deployment", self.deployment, "--env", "local", "--state", &state];
        args.extend(["--shards", "2"]);
        args.extend(more);
        let log = self.scratch.path().join(format!("{subcommand}-{}.log", now_ms()));
        let out = File::create(&log).unwrap();
        let mut command = command(&args);
        command.envs(self.variables.clone()).envs(variable);
        let child = command.stdout(out.try_clone().unwrap()).stderr(out).spawn().unwrap();
        self.watched(child, log)
    }

    fn watched(&self, child: Child, log: std::path::PathBuf) -> Executor {
        Executor::new(child, log, self.status_file())
    }

    /// Everything fed is consumed, the executor stops cleanly, and a run to the cut gives the oracle's rows.
    pub(super) fn settle(&self, executor: &mut Executor) {
        self.await_consumed(executor);
        assert!(executor.stop(), "{}", executor.log());
        self.finish();
        self.assert_rows_are_right();
    }

    /// Runs until the cut, which must end well.
    pub(super) fn finish(&self) {
        let (code, log) = self.try_finish(&[]);
        assert_eq!(code, Some(0), "{log}");
    }

    pub(super) fn try_finish(&self, more: &[&str]) -> (Option<i32>, String) {
        let q = self.q.to_string();
        let status = self.status_file();
        let mut args = vec!["--until", &q, "--status", status.to_str().unwrap()];
        args.extend(more);
        let mut executor = self.spawn("run", &args);
        let code = until("the bounded run ends", || executor.ended()).code();
        (code, executor.log())
    }

    /// `windrow run` that may write no file beyond some size: a full disk, as RocksDB sees it.
    pub(super) fn run_with_small_files(&self) -> Executor {
        let path = |name: &str| self.scratch.path().join(name).to_str().unwrap().to_owned();
        let log = self.scratch.path().join("small-files.log");
        let out = File::create(&log).unwrap();
        // In blocks of 512 bytes. With the signal ignored a write fails as on a full disk.
        let limited = "trap '' XFSZ; ulimit -f 120; exec \"$@\"";
        let child = std::process::Command::new("sh")
            .args(["-c", limited, "sh", env!("CARGO_BIN_EXE_windrow"), "run", &path("project")])
            .args(["--deployment", self.deployment, "--env", "local", "--state", &path(self.state)])
            .stdin(std::process::Stdio::null())
            .stdout(out.try_clone().unwrap())
            .stderr(out)
            .spawn()
            .unwrap();
        self.watched(child, log)
    }

    pub(super) fn try_backfill(&self) -> (Option<i32>, String) {
        let mut executor = self.spawn("backfill", &[]);
        let code = until("the backfill ends", || executor.ended()).code();
        (code, executor.log())
    }

    pub(super) fn status(&self) -> Json {
        let text = std::fs::read_to_string(self.status_file()).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// How the run stands to a region, as its status says.
    pub(super) fn sink(&self, region: &str) -> Option<Json> {
        self.status()["sinks"].as_array()?.iter().find(|sink| sink["region"] == region).cloned()
    }

    /// The same of a cluster that it reads.
    pub(super) fn reader(&self, cluster: &str) -> Option<Json> {
        self.status()["clusters"].as_array()?.iter().find(|known| known["name"] == cluster).cloned()
    }

    /// Records that the run has consumed, as its status says.
    pub(super) fn consumed(&self) -> u64 {
        let status = self.status();
        let consumed = |source: &&str| status["ledger"]["sources"][*source]["consumed"].as_u64();
        SOURCES.iter().filter_map(consumed).sum()
    }

    pub(super) fn await_status(&self, executor: &Executor) {
        let shown = || self.status()["mode"].as_str().map(|_| ());
        executor.assert_started();
        until("a status", shown);
    }

    /// Waits until everything that was fed is in the state.
    pub(super) fn await_consumed(&self, executor: &Executor) {
        executor.assert_started();
        until(&format!("{} records are consumed", self.fed()), || {
            let consumed = self.consumed();
            assert!(consumed <= self.fed(), "{consumed} of {} records: doubled", self.fed());
            (consumed == self.fed()).then_some(())
        });
    }

    /// What readers of that one cluster alone see.
    pub(super) fn view_of_cluster(&self, name: &str) -> BTreeMap<Vec<u8>, ViewRow> {
        let mut view = self.view_of(TOPIC, &|cluster| cluster.name == name);
        view.regions.pop_first().map(|(_, rows)| rows).unwrap_or_default()
    }

    /// What readers of that one region see.
    pub(super) fn view_of_region(&self, name: &str) -> BTreeMap<Vec<u8>, ViewRow> {
        let mut view = self.view_of(TOPIC, &|cluster| cluster.region == name);
        view.regions.pop_first().map(|(_, rows)| rows).unwrap_or_default()
    }

    pub(super) fn view(&self) -> View {
        self.view_of(TOPIC, &|_| true)
    }

    /// The same of the join's rows.
    pub(super) fn joined(&self) -> View {
        self.view_of(JOINED, &|_| true)
    }

    fn view_of(&self, topic: &str, is_wanted: &dyn Fn(&Place) -> bool) -> View {
        let what = Group { topic: topic.into(), group: Some("serving".into()), region: None, verify: true };
        let mut topology = self.topology.clone();
        topology.clusters.retain(is_wanted);
        read_view(&topology, &what, DEADLINE).expect("clients can be made")
    }

    /// The newest row of every key in every region equals the oracle's, cell by cell.
    pub(super) fn assert_rows_are_right(&self) {
        let view = self.view();
        assert_eq!((view.conflicts, view.foreign, &view.unreachable), (0, 0, &Vec::new()), "{view:?}");
        let group_by = &self.model.group_bys[0];
        let fields: Vec<_> =
            group_by.aggregates.iter().map(|a| Field::new(&a.column, a.output, a.nullable)).collect();
        let expected = oracle::group_by_table(&self.model, GroupById(0), &self.log, self.q);
        assert!(expected.rows.len() > 10, "the oracle has rows to compare");
        for region in ["west", "east"] {
            let mut actual = expected.emptied();
            for (key, row) in &view.regions[region] {
                let key = wire::decode_key(&[windrow::types::DataType::String], key).unwrap();
                let row = row.value.as_ref().map(|value| wire::decode_row(&fields, value).unwrap());
                actual.set(key, row);
            }
            let comparison = oracle::compare(&expected, &actual);
            assert!(comparison.is_equal(), "{region}: {comparison}");
        }
    }
}

fn resolved() -> Model {
    let mut sources = SourceMap::default();
    let file = sources.add("purchases.wr", DEFINITION);
    let (ast, problems) = syntax::parse(&sources, file);
    assert!(problems.is_empty(), "{problems:?}");
    let (model, problems) = model::resolve(&[ast], None);
    assert!(!problems.has_errors(), "{problems:?}");
    model
}

pub(super) fn now_ms() -> i64 {
    let since: Duration = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}
