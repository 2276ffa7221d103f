//! The executor as an engine: scenarios become records of topics, and what the readers of each region see
//! becomes tables again.
//!
//! Clusters and processes belong to a [`Shell`]; here is only what they are given, and what happens to them.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::PublishMode;
use crate::plan::{Operator, Plan, Publish};
use crate::types::EventTime;

use super::rng::Rng;
use super::scenario::Scenario;

/// The regions of every run. Each has a cluster of each group.
pub const REGIONS: [&str; 2] = ["east", "west"];

/// Runs executors.
pub trait Shell {
    /// Plays all acts.
    ///
    /// # Errors
    /// When the run does not come to its end; the text says why.
    fn run(&self, execution: &Execution) -> Result<Executed, String>;
}

/// One scenario for executors.
#[derive(Debug)]
pub struct Execution {
    /// The definition.
    pub name: String,
    pub number: u64,
    pub plan: Plan,
    /// The time as of which rows are put out at the end.
    pub cut: EventTime,
    pub topics: Vec<FedTopic>,
    pub acts: Vec<Act>,
}

/// A topic that is read, the same in the cluster of its group in each region.
#[derive(Debug)]
pub struct FedTopic {
    pub topic: String,
    pub group: String,
    pub partitions: usize,
    /// All its records are fed at once: where a row decides to which key events belong, a later one would leave
    /// the earlier key's row behind when a state is lost.
    pub is_table: bool,
    /// In order of arrival.
    pub records: Vec<FedRecord>,
}

/// A record and where it goes.
#[derive(Debug)]
pub struct FedRecord {
    /// The place in [`REGIONS`].
    pub region: usize,
    pub partition: usize,
    pub timestamp_ms: i64,
    pub key: Vec<u8>,
    /// `None`: the key is deleted.
    pub payload: Option<Vec<u8>>,
}

/// What happens, one after the other.
#[derive(Debug, PartialEq, Eq)]
pub enum Act {
    /// Records are fed until that many percent of each topic's are there.
    Feed { percent: usize },
    /// The executor runs until the cut. It is killed at the point that each number chooses, and started again.
    Run { deaths: Vec<u64> },
    /// The state directory is gone: what runs next begins anew, under the next lease.
    LoseState,
    /// So are the leases: what runs next takes the first one again.
    LoseLeases,
    /// The first region is no longer fed.
    ForgetRegion,
}

/// What came of it.
#[derive(Debug)]
pub struct Executed {
    /// By region: the newest row of each key, or of `as events` every row, each a line.
    pub regions: BTreeMap<String, String>,
    /// How often an executor was killed.
    pub kills: u64,
}

/// What goes wrong around an executor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mishap {
    RegionForgotten,
    VersionsFall,
}

/// The engine as reports name it.
pub(super) fn engine_name(region: &str) -> String {
    format!("run, {region}")
}

/// Whether topics can hold the scenario's records: those of 1970 and before have no timestamp in Kafka.
pub(super) fn fits_topics(scenario: &Scenario) -> bool {
    scenario.arrivals.values().flatten().all(|arrival| arrival.timestamp_ms > 0)
}

impl Execution {
    pub(super) fn new(scenario: &Scenario, name: &str, number: u64, rng: &mut Rng) -> Self {
        let sources = scenario.plan.sources().into_iter();
        let topics = sources.map(|(_, source)| {
            let is_static = scenario.is_static(&source.source);
            let (topic, group) = (source.topic.clone(), source.group.clone());
            let partitions = if is_static { 1 } else { 1 + rng.below(3) };
            let arrivals = scenario.arrivals.get(&source.source).into_iter().flatten();
            let records = arrivals.map(|arrival| FedRecord {
                // The last row of a static table wins: only within a partition is there a last one.
                region: if is_static { 0 } else { rng.below(REGIONS.len()) },
                partition: rng.below(partitions),
                timestamp_ms: arrival.timestamp_ms,
                key: arrival.deleted_key.clone().unwrap_or_default(),
                payload: arrival.deleted_key.is_none().then(|| arrival.payload.clone()),
            });
            let records = records.collect();
            FedTopic { topic, group, partitions, is_table: source.is_table, records }
        });
        let topics = topics.collect();
        let acts = acts(scenario, rng);
        Self { name: name.to_owned(), number, plan: scenario.plan.clone(), cut: cut(scenario), topics, acts }
    }

    /// What is put out.
    ///
    /// # Panics
    /// When nothing is: the definition was told to publish.
    #[must_use]
    pub fn publish(&self) -> &Publish {
        publish(&self.plan)
    }

    /// The groups that are read or fed.
    #[must_use]
    pub fn groups(&self) -> BTreeSet<&str> {
        let read = self.topics.iter().map(|topic| topic.group.as_str());
        read.chain([self.publish().group.as_str()]).collect()
    }
}

fn publish(plan: &Plan) -> &Publish {
    match &plan.node(plan.publisher()).operator {
        Operator::Publish(publish) => publish,
        other => unreachable!("{other:?} publishes"),
    }
}

/// A run that forgets expiry ends with its newest event.
fn cut(scenario: &Scenario) -> EventTime {
    let newest = scenario.arrivals.values().flatten().map(|arrival| arrival.ts).filter(|ts| *ts < scenario.q);
    match newest.max() {
        Some(newest) if !scenario.finishes => EventTime(newest + 1),
        _ => EventTime(scenario.q),
    }
}

/// All records are there and a run is killed on its way; or, every other time, a run has put out rows of some of
/// them when its state is lost. A row `as events` is put out once and for all, so those have only the former.
fn acts(scenario: &Scenario, rng: &mut Rng) -> Vec<Act> {
    let is_plain = rng.percent(50) && scenario.mishap.is_none();
    let mut deaths = |count: usize| Act::Run { deaths: (0..count).map(|_| rng.next()).collect() };
    let publish = publish(&scenario.plan);
    if publish.mode == PublishMode::Events || is_plain {
        return vec![Act::Feed { percent: 100 }, deaths(3)];
    }
    let some = Act::Feed { percent: 50 };
    let all = Act::Feed { percent: 100 };
    match scenario.mishap {
        None => vec![some, deaths(2), Act::LoseState, all, deaths(1)],
        Some(Mishap::RegionForgotten) => {
            vec![some, deaths(2), Act::LoseState, Act::ForgetRegion, all, deaths(1)]
        }
        // Each start raises versions: what the second puts out, the only one after the loss does not reach.
        Some(Mishap::VersionsFall) => {
            vec![deaths(0), some, deaths(0), Act::LoseState, Act::LoseLeases, all, deaths(0)]
        }
    }
}
