//! Walks a plan that nothing of was refused, and has each node printed by the file that knows it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::emit::bundle::{Bundle, json};
use crate::emit::context::{self, Published, Readme};
use crate::emit::engine::Engine;
use crate::emit::escape;
use crate::emit::{Modules, Site};
use crate::plan::{self, Decode, Format, JoinMode, Node, NodeId, Operator, Plan, PublishMode};
use crate::topology::{Cluster, ClusterState, FlinkSources, Topology};

use super::job::{Function, Job, Stream, View};
use super::release::{Pinned, Release};
use super::{calls, derive, files, joins, kubernetes, nodes, rows, sinks, sources, zones};

/// The column of a row's event time, in ms.
pub(super) const TIME: &str = "wr_ts";

/// The column of a group by that says as of when a row holds.
pub(super) const AS_OF: &str = "wr_as_of";

/// The one that says that a key has left.
const GONE: &str = "wr_gone";

/// The clusters that a job with dynamic sources reads, by group.
pub(super) const CLUSTERS: &str = "clusters.json";

/// What pip installs for models, in the project and in a bundle.
pub(super) const REQUIREMENTS: &str = "requirements.txt";

/// How long those wait for a cluster that is down who say nothing.
const HOLD_FOR_MS: i64 = 5 * 60_000;

/// Functions that any query may use, and their support classes.
const FUNCTIONS: [(&str, &str); 15] = [
    ("wr_millis", "Millis"),
    ("wr_ordered", "Ordered"),
    ("wr_part", "TimePart"),
    ("wr_floor", "TimeFloor"),
    ("wr_list", "TypedList"),
    ("wr_stamp", "LineStamp"),
    ("wr_unstamped", "LineRest"),
    ("wr_key_of", "LineKey"),
    ("wr_line", "WireLine"),
    ("wr_json", "WireJson"),
    ("wr_base64", "Base64Text"),
    ("wr_salt", "Salted"),
    ("wr_text", "PayloadText"),
    ("wr_bytes", "PayloadBytes"),
    ("wr_headers", "HeadersText"),
];

/// The bundle so far.
pub(super) struct Builder<'t> {
    pub(super) topology: Option<&'t Topology>,
    pub(super) release: &'static Release,
    /// A region whose clusters are not read.
    pub(super) lost: Option<&'t str>,
    pub(super) job: Job,
    /// By window aggregate and table: what joins need to read its events and rows.
    pub(super) aggregates: BTreeMap<NodeId, context::Node>,
    /// By group and name: what dynamic sources read.
    watched: BTreeMap<String, BTreeMap<String, Watched>>,
    pub(super) bundle: Bundle,
    /// The views of model calls whose rows may be dead letters.
    pub(super) calls: Vec<String>,
    engine: Engine,
}

/// A cluster as the file that a running job looks at has it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Watched {
    /// The bootstrap servers of one that is read for good.
    Read(String),
    /// One that is read until nothing of it can be missed.
    Retired { bootstrap: String, state: &'static str },
}

/// The view that holds a node's rows. A slot of the node is a column of it.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub(super) view: String,
    pub(super) columns: Vec<String>,
    /// Beside the columns there are `wr_ts` and, with an event id, `wr_copy`.
    pub(super) has_copy: bool,
    /// And `wr_record`, the record that the row was, which may yet become a dead letter.
    pub(super) has_record: bool,
    /// The column that says as of when a row holds.
    pub(super) as_of: &'static str,
}

impl Relation {
    /// The column of a slot, in SQL.
    pub(super) fn sql(&self, slot: usize) -> String {
        escape::sql_name(&self.columns[slot])
    }

    /// The column that says that a key has left. Only those of group bys do.
    pub(super) fn gone(&self) -> Option<&'static str> {
        (self.as_of == AS_OF).then_some(GONE)
    }
}

impl Builder<'_> {
    pub(super) fn add_function(&mut self, name: &str, class: &str) {
        self.job.functions.push(Function { name: name.to_owned(), class: class.to_owned() });
    }

    pub(super) fn add_file(&mut self, path: &str, template: &str, context: &impl Serialize) {
        let text = self.engine.render(template, context);
        self.bundle.add(path, text);
    }

    pub(super) fn has_dynamic_sources(&self) -> bool {
        self.topology.is_some_and(|topology| topology.flink.sources == FlinkSources::Dynamic)
    }

    /// Puts the clusters of a group into the file that the running job looks at.
    pub(super) fn watch(&mut self, group: &str) {
        let Some(topology) = self.topology else { return };
        let is_lost = |cluster: &Cluster| self.lost == Some(cluster.region.as_str());
        let named = topology.group(group).filter(|cluster| !is_lost(cluster)).map(|cluster| {
            let Cluster { name, bootstrap, state, .. } = cluster.clone();
            let watched = match state {
                ClusterState::Active | ClusterState::Draining => Watched::Read(bootstrap),
                ClusterState::Retired => Watched::Retired { bootstrap, state: state.name() },
            };
            (name, watched)
        });
        let named = named.collect();
        self.watched.insert(group.to_owned(), named);
    }

    /// The file that the running job watches; `None`: its clusters are fixed.
    pub(super) fn watched(&self) -> Option<String> {
        (!self.watched.is_empty()).then(|| json(&self.watched))
    }

    /// Views are numbered in the order in which they build on each other.
    pub(super) fn add_view(&mut self, name: &str, template: &str, context: &impl Serialize) {
        self.put_view(name, template, context, None);
    }

    /// A view whose rows are made once, as a stream, however many read them.
    pub(super) fn add_stream(
        &mut self,
        name: &str,
        template: &str,
        context: &impl Serialize,
        stream: Stream,
    ) {
        self.put_view(name, template, context, Some(stream));
    }

    fn put_view(&mut self, name: &str, template: &str, context: &impl Serialize, stream: Option<Stream>) {
        let number = self.job.views.len() + 1;
        let file = format!("sql/views/{number:02}_{}.sql", name.replace(':', "."));
        self.add_file(&file, template, context);
        self.job.views.push(View { name: name.to_owned(), file, stream });
    }
}

pub(super) fn bundle(
    plan: &Plan,
    topology: Option<&Topology>,
    site: Option<&Site>,
    modules: &Modules,
) -> Bundle {
    let job = Job { deployment: plan.deployment.clone(), ..Job::default() };
    let engine = Engine::new(&files::TEMPLATES);
    let aggregates = BTreeMap::new();
    let lost = site.and_then(|site| site.manifests.lost.as_deref());
    let (watched, bundle) = (BTreeMap::new(), Bundle::default());
    let release = Release::of(topology);
    let calls = Vec::new();
    let mut builder = Builder { topology, release, lost, job, aggregates, watched, bundle, calls, engine };
    for (name, class) in FUNCTIONS {
        builder.add_function(name, &format!("dev.windrow.flink.{class}"));
    }
    zones::print(&mut builder, plan);
    calls::prepare(&mut builder, plan, modules);
    let mut relations = BTreeMap::new();
    for id in plan.topological() {
        if let Some(relation) = print(&mut builder, plan, id, &relations) {
            relations.insert(id, relation);
        }
    }
    sinks::dead_letters(&mut builder, plan);
    builder.bundle.add("job.json", json(&builder.job));
    builder.bundle.add("plan.txt", plan::text(plan));
    let has_modules = !calls::of(plan).is_empty();
    let requirements = format!("{}/{REQUIREMENTS}", calls::MODULES);
    let has_requirements = builder.bundle.copies.contains_key(&requirements);
    let pinned = Pinned::of(topology).with_models(has_modules, has_requirements);
    for file in ["Dockerfile", "pom.xml", "requirements.txt"] {
        builder.add_file(file, file, &pinned);
    }
    builder.add_file("README.md", "job/README.md", &readme(plan, release, site.is_some()));
    files::add_unchanged(&mut builder.bundle);
    if let Some(clusters) = builder.watched() {
        builder.bundle.add(CLUSTERS, clusters);
    }
    if let Some(site) = site {
        kubernetes::print(&mut builder, plan, site);
    }
    builder.bundle
}

fn readme(plan: &Plan, release: &'static Release, has_manifests: bool) -> Readme<&'static Release> {
    let mut readme = Readme {
        release,
        deployment: plan.deployment.clone(),
        fingerprint: plan::fingerprint::of_plan(plan),
        sources: Vec::new(),
        outputs: Vec::new(),
        has_avro: false,
        has_manifests,
        has_modules: !calls::of(plan).is_empty(),
    };
    for node in plan.topological().into_iter().map(|id| plan.node(id)) {
        match &node.operator {
            Operator::Source(source) => readme.sources.push(source.source.clone()),
            Operator::Publish(publish) => {
                let name = node.definition.clone();
                readme.outputs.push(Published { name, topic: publish.topic.clone() });
            }
            Operator::Decode(decode) => readme.has_avro |= decode.format != Format::Json,
            Operator::Watermark(_)
            | Operator::Filter { .. }
            | Operator::Project { .. }
            | Operator::KeyBy { .. }
            | Operator::Union
            | Operator::Call(_)
            | Operator::Table(_)
            | Operator::Lookup(_)
            | Operator::WindowAggregate(_)
            | Operator::PointInTimeJoin(_)
            | Operator::Derive { .. } => {}
        }
    }
    readme
}

/// Prints a node and gives the relation of its rows; `None` where there is none yet, or none anymore.
fn print(
    builder: &mut Builder,
    plan: &Plan,
    id: NodeId,
    relations: &BTreeMap<NodeId, Relation>,
) -> Option<Relation> {
    let node = plan.node(id);
    let input = plan.inputs(id).first().copied();
    let relation = input.and_then(|input| relations.get(&input));
    let relation = || relation.expect("inputs are printed before what they feed");
    match &node.operator {
        // A source is printed as a whole, at its watermark; a static table has none.
        Operator::Decode(decode) if decode.event_time.is_none() => {
            Some(sources::print(builder, &static_parts(plan, id, decode)))
        }
        Operator::Source(_) | Operator::Decode(_) => None,
        Operator::Watermark(_) => Some(sources::print(builder, &source_parts(plan, id))),
        Operator::Filter { predicate } => Some(rows::filter(builder, node, predicate, relation())),
        Operator::Project { columns } => Some(rows::project(builder, node, columns, relation())),
        Operator::KeyBy { .. } => Some(relation().clone()),
        Operator::WindowAggregate(aggregate) => {
            let schema = &plan.node(input.expect("an aggregate has an input")).output;
            let context = nodes::input(builder, node, aggregate, relation(), schema);
            let every_ms = published_every_ms(plan, id);
            let printed = every_ms.map(|every_ms| nodes::print(builder, node, &context, every_ms));
            builder.aggregates.insert(id, context);
            printed
        }
        Operator::PointInTimeJoin(join) => {
            let schema = &plan.node(input.expect("a join has a left")).output;
            Some(joins::print(builder, node, join, relation(), schema))
        }
        Operator::Derive { columns, select } => {
            Some(derive::print(builder, node, columns, select, relation()))
        }
        Operator::Publish(publish) => {
            let newest = joins::left_of(plan, id)
                .filter(|_| publish.mode == PublishMode::Latest)
                .map(|left| joins::newest(builder, node, publish, left, relation()));
            sinks::print(builder, node, publish, newest.as_ref().unwrap_or_else(relation));
            None
        }
        Operator::Union => {
            let inputs: Vec<_> = plan.inputs(id).iter().map(|input| &relations[input]).collect();
            Some(rows::union(builder, node, &inputs))
        }
        Operator::Table(table) => {
            let rows = joins::table(builder, node, table, relation(), &node.output);
            builder.aggregates.insert(id, rows);
            None
        }
        Operator::Lookup(lookup) => {
            let table = plan.inputs(id)[1];
            let Operator::Table(looked_up) = &plan.node(table).operator else {
                unreachable!("a lookup has a table")
            };
            Some(joins::lookup(builder, node, (lookup, looked_up.kept_ms), relation(), table))
        }
        Operator::Call(call) => Some(calls::print(builder, node, call, relation())),
    }
}

/// How often the rows of a node are published at most; `None`: they are not.
fn published_every_ms(plan: &Plan, id: NodeId) -> Option<i64> {
    plan.outputs(id).iter().find_map(|(below, _)| match &plan.node(*below).operator {
        Operator::Publish(publish) => Some(publish.every_ms),
        _ => None,
    })
}

fn source_parts(plan: &Plan, watermark: NodeId) -> sources::Parts<'_> {
    let above = |id: NodeId| plan.inputs(id)[0];
    let node = plan.node(watermark);
    let (decode, source) = (plan.node(above(watermark)), plan.node(above(above(watermark))));
    let (Operator::Source(source), Operator::Decode(decode), Operator::Watermark(of)) =
        (&source.operator, &decode.operator, &node.operator)
    else {
        unreachable!("a watermark stands below a decoder, and that below a source")
    };
    sources::Parts {
        source,
        decode,
        watermark: Some(of),
        output: &node.output,
        is_shared: calls::feeds(plan, watermark, &|_| true),
        has_record: calls::feeds(plan, watermark, &|call| !call.may_be_null()),
        reach_ms: reach_ms(plan, watermark),
        hold_for_ms: hold_for_ms(plan, watermark),
    }
}

fn static_parts<'p>(plan: &'p Plan, id: NodeId, decode: &'p Decode) -> sources::Parts<'p> {
    let Operator::Source(source) = &plan.node(plan.inputs(id)[0]).operator else {
        unreachable!("a decoder stands below a source")
    };
    sources::Parts {
        source,
        decode,
        watermark: None,
        output: &plan.node(id).output,
        is_shared: false,
        has_record: false,
        reach_ms: 0,
        hold_for_ms: hold_for_ms(plan, id),
    }
}

/// The longest reach of the aggregates below a node.
fn reach_ms(plan: &Plan, id: NodeId) -> i64 {
    let own = |node: &Node| match &node.operator {
        // Joins ask about the past of their left rows.
        Operator::WindowAggregate(aggregate) => Some(aggregate.reach_ms.saturating_add(aggregate.kept_ms)),
        Operator::Source(_)
        | Operator::Decode(_)
        | Operator::Watermark(_)
        | Operator::Filter { .. }
        | Operator::Project { .. }
        | Operator::KeyBy { .. }
        | Operator::Union
        | Operator::Call(_)
        | Operator::Table(_)
        | Operator::Lookup(_)
        | Operator::PointInTimeJoin(_)
        | Operator::Derive { .. }
        | Operator::Publish(_) => None,
    };
    longest_ms(plan, id, own).unwrap_or(0)
}

/// The longest wait of the joins and lookups below a node; expiry alone waits as they do by default.
fn hold_for_ms(plan: &Plan, id: NodeId) -> i64 {
    let own = |node: &Node| match &node.operator {
        Operator::Lookup(lookup) => Some(lookup.hold_for_ms),
        Operator::PointInTimeJoin(join) => (join.mode == JoinMode::Complete).then_some(join.hold_for_ms),
        Operator::Source(_)
        | Operator::Decode(_)
        | Operator::Watermark(_)
        | Operator::Filter { .. }
        | Operator::Project { .. }
        | Operator::KeyBy { .. }
        | Operator::Union
        | Operator::Call(_)
        | Operator::Table(_)
        | Operator::WindowAggregate(_)
        | Operator::Derive { .. }
        | Operator::Publish(_) => None,
    };
    longest_ms(plan, id, own).unwrap_or(HOLD_FOR_MS)
}

/// The longest of what the nodes from this one on say.
fn longest_ms(plan: &Plan, id: NodeId, own: fn(&Node) -> Option<i64>) -> Option<i64> {
    let below = plan.outputs(id).into_iter().filter_map(|(below, _)| longest_ms(plan, below, own)).max();
    own(plan.node(id)).max(below)
}
