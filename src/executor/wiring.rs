//! What a plan and a topology together ask of the shell: which topics of which clusters are read for which
//! source, and which topics of which regions each publish feeds. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use crate::plan::{NodeId, Operator, Plan, Publish, PublishMode};
use crate::topology::{Cluster, Topology};
use crate::types::{DataType, Field};

/// Everything the shell reads and writes.
#[derive(Debug, Clone)]
pub(super) struct Wiring {
    pub(super) readers: Vec<ReaderWiring>,
    pub(super) publishes: Vec<PublishWiring>,
    pub(super) sinks: Vec<SinkWiring>,
    /// How far back a first start must read, in ms of event time.
    pub(super) reach_ms: i64,
}

/// One cluster that is read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ReaderWiring {
    pub(super) cluster: Cluster,
    /// Topics, each with the sources it is read for.
    pub(super) topics: Vec<(String, Vec<String>)>,
    /// Topics that are read from their first record on, however old: tables.
    pub(super) whole: BTreeSet<String>,
}

/// One publish node.
#[derive(Debug, Clone)]
pub(super) struct PublishWiring {
    pub(super) node: NodeId,
    /// Stands for its topic and group in the state: see [`Wiring::number`].
    pub(super) number: u16,
    pub(super) topic: String,
    pub(super) group: String,
    pub(super) mode: PublishMode,
    /// The types of the record key's columns.
    pub(super) key: Vec<DataType>,
    pub(super) fields: Vec<Field>,
    /// Names the meaning of the rows, for the header `wr-plan`.
    pub(super) fingerprint: String,
}

/// One group of one region that is fed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SinkWiring {
    pub(super) region: String,
    pub(super) group: String,
    /// Those that are written to.
    pub(super) clusters: Vec<Cluster>,
}

impl SinkWiring {
    /// How it is called in records and logs.
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.region, self.group)
    }
}

impl Wiring {
    /// # Errors
    /// When a group that the plan names has no cluster in any region.
    pub(super) fn new(plan: &Plan, topology: &Topology) -> Result<Self, Error> {
        let publishes = publishes(plan);
        let sinks = sinks(&publishes, topology)?;
        Ok(Self { readers: readers(plan, topology)?, sinks, publishes, reach_ms: reach_ms(plan) })
    }
}

impl Wiring {
    /// Gives every publish the number that `known`, the state's list, has for its group and topic, which no two
    /// publishes share; new ones are added to it. Returns whether there were any.
    pub(super) fn number(&mut self, known: &mut Vec<(String, String)>) -> bool {
        let before = known.len();
        for publish in &mut self.publishes {
            let name = (publish.group.clone(), publish.topic.clone());
            let at = known.iter().position(|known| *known == name).unwrap_or_else(|| {
                known.push(name);
                known.len() - 1
            });
            publish.number = u16::try_from(at).expect("a state sees far fewer than 65,535 publishes");
        }
        known.len() > before
    }
}

impl ReaderWiring {
    fn new(cluster: &Cluster) -> Self {
        Self { cluster: cluster.clone(), topics: Vec::new(), whole: BTreeSet::new() }
    }
}

fn readers(plan: &Plan, topology: &Topology) -> Result<Vec<ReaderWiring>, Error> {
    let mut readers: BTreeMap<&str, ReaderWiring> = BTreeMap::new();
    for (_, source) in plan.sources() {
        if topology.group(&source.group).next().is_none() {
            let needed_by = format!("source {}", source.source);
            return Err(Error::NoClusters { group: source.group.clone(), needed_by });
        }
        for cluster in topology.group(&source.group) {
            let reader = readers.entry(&cluster.name).or_insert_with(|| ReaderWiring::new(cluster));
            if source.is_table {
                reader.whole.insert(source.topic.clone());
            }
            add_topic(&mut reader.topics, &source.topic, &source.source);
        }
    }
    Ok(readers.into_values().collect())
}

fn add_topic(topics: &mut Vec<(String, Vec<String>)>, topic: &str, source: &str) {
    match topics.iter_mut().find(|(name, _)| name == topic) {
        Some((_, sources)) if sources.iter().any(|name| name == source) => {}
        Some((_, sources)) => sources.push(source.to_owned()),
        None => topics.push((topic.to_owned(), vec![source.to_owned()])),
    }
}

fn publishes(plan: &Plan) -> Vec<PublishWiring> {
    let wiring = |(id, publish): (NodeId, &Publish)| PublishWiring {
        node: id,
        number: 0,
        topic: publish.topic.clone(),
        group: publish.group.clone(),
        mode: publish.mode,
        key: key_types(plan, id, publish),
        fields: plan.node(id).output.fields.clone(),
        fingerprint: plan.node(id).fingerprint.clone(),
    };
    plan.publishers().into_iter().map(wiring).collect()
}

fn key_types(plan: &Plan, id: NodeId, publish: &Publish) -> Vec<DataType> {
    let Some(input) = plan.inputs(id).first().copied() else { return Vec::new() };
    let fields = &plan.node(input).output.fields;
    publish.keys.iter().filter_map(|slot| fields.get(*slot)).map(|field| field.data_type).collect()
}

fn sinks(publishes: &[PublishWiring], topology: &Topology) -> Result<Vec<SinkWiring>, Error> {
    let mut sinks: BTreeMap<(&str, &str), SinkWiring> = BTreeMap::new();
    for publish in publishes {
        if topology.group(&publish.group).next().is_none() {
            let needed_by = format!("publish {}", publish.topic);
            return Err(Error::NoClusters { group: publish.group.clone(), needed_by });
        }
        for cluster in topology.written(&publish.group) {
            let sink = sinks.entry((&cluster.region, &cluster.group)).or_insert_with(|| SinkWiring {
                region: cluster.region.clone(),
                group: cluster.group.clone(),
                clusters: Vec::new(),
            });
            if !sink.clusters.contains(cluster) {
                sink.clusters.push(cluster.clone());
            }
        }
    }
    Ok(sinks.into_values().collect())
}

/// The longest window with what joins may still ask about, and how far events may lead their records.
fn reach_ms(plan: &Plan) -> i64 {
    let (mut window, mut lead) = (0, 0);
    for id in plan.topological() {
        match &plan.node(id).operator {
            Operator::WindowAggregate(aggregate) => {
                let is_lifetime = aggregate.columns.iter().any(|column| column.window.is_none());
                let reach_ms = if is_lifetime { i64::MAX } else { aggregate.reach_ms };
                window = window.max(reach_ms.saturating_add(aggregate.kept_ms));
            }
            Operator::Decode(decode) => lead = lead.max(decode.ahead_ms),
            Operator::Source(_)
            | Operator::Watermark(_)
            | Operator::Filter { .. }
            | Operator::Project { .. }
            | Operator::KeyBy { .. }
            | Operator::Union
            | Operator::Call(_)
            // Tables are read whole.
            | Operator::Table(_)
            | Operator::Lookup(_)
            | Operator::PointInTimeJoin(_)
            | Operator::Derive { .. }
            | Operator::Publish(_) => {}
        }
    }
    window.saturating_add(lead)
}
