//! What a plan asks for and Flink cannot do exactly: each at its definition, all in one go.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::emit::Modules;
use crate::functions::{Expr, flink};
use crate::plan::{
    AggregateColumn, Decode, Format, JoinMode, Node, NodeId, Operator, Plan, PointInTimeJoin, Publish,
    PublishMode, SourceNode, Watermark, WindowAggregate,
};
use crate::topology::{Cluster, Topology};
use crate::types::{DataType, Duration, Field};

use super::{avro, calls, names, sources};

/// `INTERVAL … DAY(3)`: Flink refuses more digits with a message about another line.
const DISORDER_MAX_MS: i64 = 1_000 * 86_400_000;

/// What bundles call their own columns.
const RESERVED_PREFIX: &str = "wr_";

/// Empty: the plan can be printed.
pub(super) fn problems(plan: &Plan, topology: Option<&Topology>, modules: &Modules) -> Diagnostics {
    let mut found = Vec::new();
    for id in plan.topological() {
        of_node(plan, id, &mut found);
    }
    classes(plan, &mut found);
    outputs(plan, &mut found);
    found.extend(calls::problems(plan, modules));
    let clusters = topology.map(|topology| sources::clusters(plan, topology)).unwrap_or_default();
    found.extend(clusters.into_iter().filter(|cluster| !cluster.properties.is_empty()).map(properties));
    let mut problems = Diagnostics::default();
    for problem in found {
        problems.push(problem);
    }
    problems
}

fn of_node(plan: &Plan, id: NodeId, found: &mut Vec<Diagnostic>) {
    let node = plan.node(id);
    found.extend(node.output.fields.iter().find_map(|field| carried(field, node)));
    match &node.operator {
        Operator::Decode(decode) => {
            decoded(decode, node, found);
            reserved(decode.fields.iter().map(|field| field.field.name.as_str()), node, found);
        }
        Operator::Watermark(watermark) => found.extend(disorder(watermark, node)),
        Operator::Filter { predicate } => expressions([predicate], node, found),
        Operator::Project { columns } => {
            expressions(columns, node, found);
            reserved(node.output.fields.iter().map(|field| field.name.as_str()), node, found);
        }
        Operator::WindowAggregate(aggregate) => aggregated(aggregate, node, found),
        Operator::Call(call) => {
            expressions(&call.arguments, node, found);
            reserved(call.returns.iter().map(|returned| returned.field.name.as_str()), node, found);
        }
        Operator::Derive { columns, select: _ } => {
            expressions(columns, node, found);
            reserved(node.output.fields.iter().map(|field| field.name.as_str()), node, found);
        }
        Operator::PointInTimeJoin(join) => {
            let PointInTimeJoin {
                event_time: _,
                event_id: _,
                mode: JoinMode::Complete | JoinMode::Fresh,
                rights: _,
                hold_for_ms: _,
                left_late_ms: _,
            } = join;
            reserved(node.output.fields.iter().map(|field| field.name.as_str()), node, found);
        }
        Operator::Publish(Publish { topic: _, group: _, mode, keys: _, every_ms: _ }) => {
            let (PublishMode::Latest | PublishMode::Events) = mode;
        }
        // Printed in full. By field: what a source or a key may still become is seen here.
        Operator::Source(SourceNode {
            source: _,
            topic: _,
            group: _,
            retention_ms: _,
            history: _,
            is_table: _,
        })
        | Operator::KeyBy { keys: _ }
        | Operator::Union
        | Operator::Table(_)
        | Operator::Lookup(_) => {}
    }
}

/// Types that the bundle's sources, operators and sinks have no form for yet.
fn carried(field: &Field, node: &Node) -> Option<Diagnostic> {
    let data_type = field.data_type;
    if is_carried(data_type) {
        return None;
    }
    let message = format!("the target flink cannot carry `{}` of type {data_type} yet", field.name);
    let hint = "leave the column out, or run the deployment with `windrow run`";
    Some(Diagnostic::error(Code::E0801, node.origin, message).hint(hint))
}

fn is_carried(data_type: DataType) -> bool {
    match data_type {
        DataType::String
        | DataType::Int
        | DataType::Double
        | DataType::Bool
        | DataType::Decimal { .. }
        | DataType::Timestamp
        | DataType::Date
        | DataType::Bytes => true,
        DataType::List(of) => is_carried(of.data_type),
        DataType::Map(of) => is_carried(of.key) && is_carried(of.value.data_type),
        DataType::Struct(of) => of.fields.iter().all(|field| is_carried(field.data_type)),
    }
}

fn decoded(decode: &Decode, node: &Node, found: &mut Vec<Diagnostic>) {
    let Decode { format, fields, event_time: _, event_id, ahead_ms: _, keys: _ } = decode;
    if let Format::Avro { file, schema } = format
        && let Err(what) = avro::fields(schema)
    {
        let message = format!("`{file}` of `{}` cannot be read: {what}", node.definition);
        found.push(Diagnostic::error(Code::E0809, node.origin, message));
    }
    let Some(field) = event_id.map(|index| &fields[index].field) else { return };
    match field.data_type {
        DataType::String | DataType::Int | DataType::Timestamp | DataType::Bool => {}
        DataType::Double
        | DataType::Decimal { .. }
        | DataType::Bytes
        | DataType::Date
        | DataType::List(_)
        | DataType::Map(_)
        | DataType::Struct(_) => {
            let message =
                format!("the target flink cannot order events by an id of type {}", field.data_type);
            let problem = Diagnostic::error(Code::E0801, node.origin, message);
            found.push(problem.hint(format!("declare `{}` as string or int", field.name)));
        }
    }
}

fn disorder(watermark: &Watermark, node: &Node) -> Option<Diagnostic> {
    (watermark.disorder_ms >= DISORDER_MAX_MS).then(|| {
        let disorder = Duration::from_ms(watermark.disorder_ms);
        let message = format!("a disorder of {disorder} is too long for the target flink");
        Diagnostic::error(Code::E0803, node.origin, message).hint("give it a `disorder` below 1000d")
    })
}

fn aggregated(aggregate: &WindowAggregate, node: &Node, found: &mut Vec<Diagnostic>) {
    let WindowAggregate {
        keys: _,
        event_time: _,
        event_id: _,
        origin: _,
        columns,
        reach_ms: _,
        ttl_ms: _,
        kept_ms: _,
    } = aggregate;
    let of_column = columns.iter().flat_map(AggregateColumn::expressions);
    expressions(of_column, node, found);
    reserved(columns.iter().map(|column| column.name.as_str()), node, found);
}

/// Each reason once per node.
fn expressions<'e>(all: impl IntoIterator<Item = &'e Expr>, node: &Node, found: &mut Vec<Diagnostic>) {
    let reasons = all.into_iter().filter_map(|expr| flink::sql(expr, &|_| String::new()).err());
    for reason in reasons {
        let message = format!("in `{}`: {reason}", node.definition);
        let is_known = |known: &Diagnostic| (known.span, &known.message) == (Some(node.origin), &message);
        if !found.iter().any(is_known) {
            let problem = Diagnostic::error(Code::E0802, node.origin, message);
            found.push(problem.hint("write it in another way, or run the deployment with `windrow run`"));
        }
    }
}

fn reserved<'n>(names: impl Iterator<Item = &'n str>, node: &Node, found: &mut Vec<Diagnostic>) {
    for name in names.filter(|name| name.starts_with(RESERVED_PREFIX)) {
        let message =
            format!("`{name}` in `{}`: names that begin with `wr_` are the bundle's", node.definition);
        let is_known = |known: &Diagnostic| (known.span, &known.message) == (Some(node.origin), &message);
        if !found.iter().any(is_known) {
            let problem = Diagnostic::error(Code::E0804, node.origin, message);
            found.push(problem.hint("rename it; a field keeps its name on the wire with `from \"…\"`"));
        }
    }
}

fn classes(plan: &Plan, found: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<String, (&str, Span)> = BTreeMap::new();
    for node in plan.topological().into_iter().map(|id| plan.node(id)) {
        for class in classes_of(node) {
            // Some file systems do not tell cases apart.
            let key = class.to_ascii_lowercase();
            if let Some((other, span)) = first.get(&key) {
                let message =
                    format!("`{}` and `{other}` would both be the Java class `{class}`", node.definition);
                let problem = Diagnostic::error(Code::E0805, node.origin, message);
                found.push(problem.also(*span, "the other").hint("rename one of them"));
            } else {
                first.insert(key, (&node.definition, node.origin));
            }
        }
    }
}

fn classes_of(node: &Node) -> Vec<String> {
    match &node.operator {
        Operator::Decode(_) => vec![names::source_class(&node.definition)],
        Operator::WindowAggregate(_) => vec![names::node_class(&node.definition)],
        Operator::Lookup(_) => vec![names::lookup_class(&node.name)],
        Operator::Call(_) => vec![names::call_class(&node.definition)],
        Operator::PointInTimeJoin(join) => {
            let parts = 1..=join.rights.len();
            let parts = parts.map(|part| names::join_class(&node.definition, part));
            parts.chain([names::newest_class(&node.definition)]).collect()
        }
        Operator::Source(_)
        | Operator::Watermark(_)
        | Operator::Filter { .. }
        | Operator::Project { .. }
        | Operator::KeyBy { .. }
        | Operator::Union
        | Operator::Table(_)
        | Operator::Derive { .. }
        | Operator::Publish(_) => Vec::new(),
    }
}

fn outputs(plan: &Plan, found: &mut Vec<Diagnostic>) {
    if plan.publishers().is_empty() {
        let message = format!("the deployment `{}` publishes nothing, so there is no job", plan.deployment);
        found.push(
            Diagnostic::without_place(Code::E0806, message)
                .hint("add `publish TOPIC to GROUP` to one of its group bys"),
        );
    }
}

fn properties(cluster: &Cluster) -> Diagnostic {
    let message = format!("the cluster `{}` has client properties, which are librdkafka's", cluster.name);
    Diagnostic { span: cluster.properties_place.0, ..Diagnostic::without_place(Code::E0807, message) }
        .hint("compile for an environment without them, or run the deployment with `windrow run`")
}
