//! Fingerprints: the canonical meaning of each node and everything above it.
//!
//! A fingerprint follows from types, expressions, windows, disorder, event ids, the versions of
//! functions, and what the inputs mean. It does not follow from names of definitions, lets or fields (only
//! from what they are called on the wire), from docs, comments, order, or where clusters are; nor
//! from how the passes arranged the work: a row set and each column have a meaning of their own,
//! and neither projecting a column away nor testing a condition earlier changes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::functions::{Expr, ExprKind};
use crate::types::{DataType, Field, Value};

use super::{
    AggregateColumn, Call, Decode, DecodeField, Format, Lookup, Node, NodeId, Operator, Plan,
    PointInTimeJoin, Publish, Table, Window, WindowAggregate, WireField,
};

/// Rises when the meaning of the encoding below changes, which changes every fingerprint.
const ENCODING_VERSION: &str = "1";

/// Rises when any function or aggregate changes a value; one that changes later gets its own.
const FUNCTIONS_VERSION: &str = "1";

/// What the rows of a node mean.
#[derive(Debug, Clone, Default)]
struct Meaning {
    /// Which rows there are.
    rows: String,
    /// Which rows there were before the filters directly above, and the conditions of those: a
    /// condition means the same in one filter with others or in one of its own.
    unfiltered: String,
    conditions: BTreeSet<String>,
    /// What each column holds, by slot.
    columns: Vec<String>,
    /// Both, as one: the node's fingerprint.
    node: String,
}

/// Computes and sets the fingerprint of every node.
pub(super) fn set(plan: &mut Plan) {
    for (id, meaning) in meanings(plan) {
        plan.node_mut(id).fingerprint = meaning.node;
    }
}

/// What a plan publishes, as one fingerprint: equal plans put out equal rows under equal names.
#[must_use]
pub fn of_plan(plan: &Plan) -> String {
    let published = plan.publishers().into_iter();
    digest("plan", &sorted(published.map(|(id, _)| plan.node(id).fingerprint.clone())))
}

/// What each output column of a node means: equal meanings, equal values.
#[must_use]
pub fn of_columns(plan: &Plan, id: NodeId) -> Vec<String> {
    meanings(plan).remove(&id).unwrap_or_default().columns
}

fn meanings(plan: &Plan) -> BTreeMap<NodeId, Meaning> {
    let mut known: BTreeMap<NodeId, Meaning> = BTreeMap::new();
    for id in plan.topological() {
        let inputs: Vec<&Meaning> = plan.inputs(id).iter().map(|input| &known[input]).collect();
        let meaning = meaning(plan.node(id), &inputs);
        known.insert(id, meaning);
    }
    known
}

fn meaning(node: &Node, inputs: &[&Meaning]) -> Meaning {
    match &node.operator {
        Operator::Source(source) => rows_only("source", &[source.topic.clone(), source.group.clone()]),
        Operator::Decode(decode) => decoded(decode, node, inputs[0]),
        Operator::Watermark(watermark) => {
            let at = inputs[0].columns[watermark.event_time].clone();
            pass("watermark", inputs[0], &[at, watermark.disorder_ms.to_string()])
        }
        Operator::Filter { predicate } => filtered(predicate, inputs[0]),
        Operator::Project { columns } => projected(columns, inputs[0]),
        Operator::Union => united(inputs),
        Operator::Call(call) => called(call, call.begins_at(&node.output), inputs[0]),
        Operator::Table(table) => tabled(table, inputs[0]),
        Operator::Lookup(lookup) => looked_up(lookup, inputs),
        Operator::KeyBy { keys } => pass("key_by", inputs[0], &pick(keys, &inputs[0].columns)),
        Operator::WindowAggregate(aggregate) => aggregated(aggregate, inputs[0]),
        Operator::PointInTimeJoin(join) => joined(join, inputs),
        Operator::Derive { columns, select } => derived(columns, select, inputs[0]),
        Operator::Publish(publish) => published(publish, node, inputs[0]),
    }
}

/// Which rows come from which input is part of what they mean: it breaks ties.
fn united(inputs: &[&Meaning]) -> Meaning {
    let all: Vec<_> =
        inputs.iter().flat_map(|input| [&input.rows].into_iter().chain(&input.columns)).cloned().collect();
    let rows = digest("union", &all);
    let width = inputs.first().map_or(0, |input| input.columns.len());
    let columns = (0..=width).map(|slot| digest("column", &[rows.clone(), slot.to_string()])).collect();
    whole("union_columns", rows, columns)
}

fn called(call: &Call, begins_at: usize, input: &Meaning) -> Meaning {
    let Call { function, arguments, returns, timeout_ms: _, concurrency: _, retry: _ } = call;
    let mut parts = vec![function.clone()];
    parts.extend(arguments.iter().map(|argument| expression(argument, &input.columns)));
    let of = digest("call", &parts);
    let returned = returns.iter().map(|WireField { field, wire_name: _, wire_type }| {
        let mut parts = vec![of.clone(), field.name.clone(), field.data_type.to_string()];
        // Whole numbers that are times: of which unit.
        if matches!(field.data_type, DataType::Timestamp) {
            parts.push(format!("{wire_type:?}"));
        }
        digest("returned", &parts)
    });
    let mut columns = input.columns.clone();
    columns.splice(begins_at..begins_at, returned);
    Meaning { node: digest("calls", &[input.rows.clone(), of.clone()]), columns, ..input.clone() }
}

fn tabled(table: &Table, input: &Meaning) -> Meaning {
    let Table { keys, event_time, event_id, kept_ms: _ } = table;
    let one = |slot: &Option<usize>| slot.map_or_else(String::new, |slot| input.columns[slot].clone());
    let parts: Vec<_> =
        [one(event_time), one(event_id)].into_iter().chain(pick(keys, &input.columns)).collect();
    pass("table", input, &parts)
}

fn looked_up(lookup: &Lookup, inputs: &[&Meaning]) -> Meaning {
    let (rows, table) = (inputs[0], inputs[1]);
    let mut parts = vec![table.rows.clone(), rows.columns[lookup.event_time].clone()];
    parts.extend(pick(&lookup.on, &rows.columns));
    let of = digest("lookup", &parts);
    let taken = pick(&lookup.columns, &table.columns)
        .into_iter()
        .map(|column| digest("looked_up", &[of.clone(), column]));
    let columns: Vec<_> = rows.columns.iter().cloned().chain(taken).collect();
    Meaning { node: digest("lookups", &[rows.node.clone(), of.clone()]), columns, ..rows.clone() }
}

fn rows_only(kind: &str, parts: &[String]) -> Meaning {
    rows_of(digest(kind, parts))
}

/// The columns pass; which rows there are is what `parts` say of the input's.
fn pass(kind: &str, input: &Meaning, parts: &[String]) -> Meaning {
    let parts: Vec<_> = [input.rows.clone()].into_iter().chain(parts.iter().cloned()).collect();
    Meaning { columns: input.columns.clone(), ..rows_only(kind, &parts) }
}

fn filtered(predicate: &Expr, input: &Meaning) -> Meaning {
    let new = predicate.conjuncts().into_iter().map(|side| expression(side, &input.columns));
    let conditions: BTreeSet<_> = input.conditions.iter().cloned().chain(new).collect();
    let parts: Vec<_> = [input.unfiltered.clone()].into_iter().chain(conditions.iter().cloned()).collect();
    let rows = digest("filter", &parts);
    Meaning { node: rows.clone(), rows, conditions, ..input.clone() }
}

/// Every declared field decides which records are rows, whether or not it has a slot.
fn decoded(decode: &Decode, node: &Node, input: &Meaning) -> Meaning {
    let field = |field: &DecodeField| {
        let DecodeField { field, wire_name, wire_type, slot: _ } = field;
        digest(
            "field",
            &[
                wire_name.clone(),
                format!("{wire_type:?}"),
                field.data_type.to_string(),
                field.nullable.to_string(),
            ],
        )
    };
    let fields: Vec<String> = decode.fields.iter().map(field).collect();
    let event_id = decode.event_id.map_or_else(String::new, |index| fields[index].clone());
    let event_time = decode.event_time.map_or_else(String::new, |index| fields[index].clone());
    let mut parts = vec![event_time, event_id, decode.ahead_ms.to_string()];
    if decode.format != Format::Json {
        parts.push(format!("{:?}", decode.format));
    }
    parts.extend(sorted(fields.iter().cloned()));
    let mut meaning = pass("decode", input, &parts);
    meaning.columns = vec![String::new(); node.output.len()];
    for (declared, digested) in decode.fields.iter().zip(fields) {
        if let Some(slot) = declared.slot {
            meaning.columns[slot] = digest("column", &[meaning.rows.clone(), digested]);
        }
    }
    meaning
}

/// The same rows; new columns mean their expressions.
fn projected(columns: &[Expr], input: &Meaning) -> Meaning {
    let columns: Vec<_> = columns.iter().map(|column| expression(column, &input.columns)).collect();
    let computed = columns.iter().filter(|column| !input.columns.contains(column)).cloned();
    let mut parts = vec![input.rows.clone()];
    parts.extend(sorted(computed));
    Meaning { node: digest("project", &parts), columns, ..input.clone() }
}

fn aggregated(aggregate: &WindowAggregate, input: &Meaning) -> Meaning {
    let keys = pick(&aggregate.keys, &input.columns);
    let event_id = aggregate.event_id.map_or_else(String::new, |slot| input.columns[slot].clone());
    let mut parts = vec![input.rows.clone(), input.columns[aggregate.event_time].clone(), event_id];
    parts.extend(keys.iter().cloned());
    let rows = digest("aggregate", &parts);
    let features =
        aggregate.columns.iter().map(|column| feature(column, &rows, aggregate.ttl_ms, &input.columns));
    let columns: Vec<_> = keys.into_iter().chain(features).collect();
    whole("aggregate_columns", rows, columns)
}

fn feature(column: &AggregateColumn, rows: &str, ttl_ms: Option<i64>, inputs: &[String]) -> String {
    let AggregateColumn { name: _, kind, input, order, filter, by, window, default, output, nullable: _ } =
        column;
    let optional = |expr: &Option<Expr>| expr.as_ref().map_or_else(String::new, |e| expression(e, inputs));
    let window = match window {
        Some(Window { size_ms, tail, refresh_ms }) => format!("{size_ms} {tail:?} {refresh_ms}"),
        None => format!("lifetime {}", ttl_ms.map_or_else(|| "unbounded".to_owned(), |ttl| ttl.to_string())),
    };
    let mut parts = vec![
        rows.to_owned(),
        kind.to_string(),
        FUNCTIONS_VERSION.to_owned(),
        optional(input),
        optional(filter),
        window,
        output.to_string(),
    ];
    if order.is_some() || by.is_some() || default.is_some() {
        parts.extend([optional(order), optional(by), default.as_ref().map_or_else(String::new, literal)]);
    }
    digest("feature", &parts)
}

fn joined(join: &PointInTimeJoin, inputs: &[&Meaning]) -> Meaning {
    let left = inputs[0];
    let event_id = join.event_id.map_or_else(String::new, |slot| left.columns[slot].clone());
    let times = format!("{} {}", join.hold_for_ms, join.left_late_ms);
    let rows = digest("join", &[left.rows.clone(), left.columns[join.event_time].clone(), event_id, times]);
    let mut columns = left.columns.clone();
    for (right, input) in join.rights.iter().zip(&inputs[1..]) {
        let on = pick(&right.on, &left.columns);
        // The features of an aggregate are its last columns, behind the key.
        let features = &input.columns[input.columns.len() - right.columns.len()..];
        columns.extend(features.iter().map(|feature| {
            let parts: Vec<_> = [feature.clone()].into_iter().chain(on.iter().cloned()).collect();
            digest("right", &parts)
        }));
    }
    whole("join_columns", rows, columns)
}

fn derived(columns: &[Expr], select: &[usize], input: &Meaning) -> Meaning {
    let mut all = input.columns.clone();
    for column in columns {
        let meaning = expression(column, &all);
        all.push(meaning);
    }
    whole("derive", input.rows.clone(), pick(select, &all))
}

/// The only place where names count: they are what consumers read.
fn published(publish: &Publish, node: &Node, input: &Meaning) -> Meaning {
    let name = |slot: &usize| node.output.fields[*slot].name.clone();
    let column = |(slot, field): (usize, &Field)| {
        digest("published_column", &[field.name.clone(), input.columns[slot].clone()])
    };
    let mut parts = vec![
        input.rows.clone(),
        publish.topic.clone(),
        publish.group.clone(),
        format!("{:?}", publish.mode),
        publish.keys.len().to_string(),
    ];
    parts.extend(publish.keys.iter().map(name));
    parts.extend(sorted(node.output.fields.iter().enumerate().map(column)));
    Meaning { columns: input.columns.clone(), ..rows_only("publish", &parts) }
}

fn rows_of(rows: String) -> Meaning {
    Meaning { node: rows.clone(), unfiltered: rows.clone(), rows, ..Meaning::default() }
}

/// A node that means its rows and all its columns, in any order.
fn whole(kind: &str, rows: String, columns: Vec<String>) -> Meaning {
    let parts: Vec<_> = [rows.clone()].into_iter().chain(sorted(columns.iter().cloned())).collect();
    Meaning { node: digest(kind, &parts), columns, ..rows_of(rows) }
}

fn pick(slots: &[usize], columns: &[String]) -> Vec<String> {
    slots.iter().map(|slot| columns[*slot].clone()).collect()
}

fn sorted(parts: impl Iterator<Item = String>) -> Vec<String> {
    let mut parts: Vec<_> = parts.collect();
    parts.sort_unstable();
    parts
}

/// What an expression means over columns with these meanings.
fn expression(expr: &Expr, columns: &[String]) -> String {
    let data_type = expr.data_type.to_string();
    let each = |expr: &Expr| expression(expr, columns);
    match &expr.kind {
        ExprKind::Column(slot) => columns[*slot].clone(),
        ExprKind::Literal(value) => digest("literal", &[data_type, literal(value)]),
        ExprKind::Call { function, arguments } => {
            let head = [data_type, format!("{function:?}"), FUNCTIONS_VERSION.to_owned()];
            digest("call", &head.into_iter().chain(arguments.iter().map(each)).collect::<Vec<_>>())
        }
        ExprKind::Case { arms, otherwise } => {
            let arms = arms.iter().flat_map(|(when, then)| [each(when), each(then)]);
            digest("case", &[data_type].into_iter().chain(arms).chain([each(otherwise)]).collect::<Vec<_>>())
        }
        // By its name: where it stands in the struct is how the struct is kept.
        ExprKind::Field(operand, position) => {
            let name = match operand.data_type {
                DataType::Struct(fields) => fields.fields[*position].name.clone(),
                other => panic!("{other} has no fields"),
            };
            digest("field_of", &[data_type, name, each(operand)])
        }
        ExprKind::Cast(operand) => digest("cast", &[data_type, each(operand)]),
    }
}

fn literal(value: &Value) -> String {
    if value.is_null() { "null".to_owned() } else { format!("value {value}") }
}

/// 16 bytes of SHA-256, in hex, over parts that are told apart by their lengths.
fn digest(kind: &str, parts: &[String]) -> String {
    let mut hasher = Sha256::new();
    for part in [ENCODING_VERSION, kind].into_iter().chain(parts.iter().map(String::as_str)) {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().take(16).fold(String::with_capacity(32), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
