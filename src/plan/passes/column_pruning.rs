//! Column pruning: rows carry only the columns that something below reads.
//!
//! What is materialised changes, never what is checked: every declared field stays in its decode
//! node, without a slot, so that a bad field is a dead letter in every plan.

use std::collections::{BTreeMap, BTreeSet};

use crate::functions::{Expr, ExprKind};
use crate::plan::{AggregateColumn, Decode, Node, NodeId, Operator, Plan};
use crate::types::Schema;

use super::Rebuild;

pub(super) fn run(plan: &Plan) -> Plan {
    let needed = needed(plan);
    let mut rebuild = Rebuild::new(plan);
    // Of each old node, the old slots its rows still have, in order.
    let mut kept: BTreeMap<NodeId, Vec<usize>> = BTreeMap::new();
    for id in plan.topological() {
        let input = plan.inputs(id).first().map(|input| kept[input].clone()).unwrap_or_default();
        let slots = kept_slots(plan.node(id), &needed[&id], &input);
        let node = narrow(plan.node(id), &input, &slots);
        if is_identity(&node.operator, &input) {
            let input = rebuild.inputs(id)[0];
            rebuild.stand_for(id, input);
        } else {
            rebuild.put(id, node);
        }
        kept.insert(id, slots);
    }
    rebuild.plan
}

/// The output slots of each node that something below reads.
fn needed(plan: &Plan) -> BTreeMap<NodeId, BTreeSet<usize>> {
    let mut needed: BTreeMap<NodeId, BTreeSet<usize>> = BTreeMap::new();
    for id in plan.topological().into_iter().rev() {
        let below = needed.entry(id).or_default().clone();
        let node = plan.node(id);
        for input in &plan.inputs(id) {
            let width = plan.node(*input).output.len();
            needed.entry(*input).or_default().extend(reads(&node.operator, &below, width));
        }
    }
    needed
}

/// The slots of an input, `width` of them, that a node reads, given which of its own are read.
fn reads(operator: &Operator, below: &BTreeSet<usize>, width: usize) -> BTreeSet<usize> {
    match operator {
        Operator::Source(_) | Operator::Decode(_) => BTreeSet::new(),
        Operator::Watermark(watermark) => with(below, [watermark.event_time]),
        Operator::Filter { predicate } => with(below, columns_of([predicate])),
        Operator::Project { columns } => columns_of(below.iter().map(|slot| &columns[*slot])),
        Operator::KeyBy { keys } => with(below, keys.iter().copied()),
        Operator::WindowAggregate(aggregate) => {
            let expressions = aggregate.columns.iter().flat_map(AggregateColumn::expressions);
            let mut slots = columns_of(expressions);
            slots.extend(&aggregate.keys);
            slots.extend(aggregate.event_id);
            slots.extend(aggregate.origin);
            slots.insert(aggregate.event_time);
            slots
        }
        // All that these take in is part of their rows.
        Operator::Union
        | Operator::Call(_)
        | Operator::Table(_)
        | Operator::Lookup(_)
        | Operator::PointInTimeJoin(_)
        | Operator::Derive { .. }
        | Operator::Publish(_) => (0..width).collect(),
    }
}

fn with(slots: &BTreeSet<usize>, more: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
    slots.iter().copied().chain(more).collect()
}

fn columns_of<'e>(expressions: impl IntoIterator<Item = &'e Expr>) -> BTreeSet<usize> {
    let mut slots = Vec::new();
    expressions.into_iter().for_each(|expr| expr.collect_columns(&mut slots));
    slots.into_iter().collect()
}

/// Nodes that put out the rows they take have the columns of their input, whoever asked for them.
fn kept_slots(node: &Node, needed: &BTreeSet<usize>, input: &[usize]) -> Vec<usize> {
    match &node.operator {
        Operator::Decode(_) | Operator::Project { .. } => needed.iter().copied().collect(),
        Operator::Watermark(_) | Operator::Filter { .. } | Operator::KeyBy { .. } => input.to_vec(),
        Operator::Source(_)
        | Operator::Union
        | Operator::Call(_)
        | Operator::Table(_)
        | Operator::Lookup(_)
        | Operator::WindowAggregate(_)
        | Operator::PointInTimeJoin(_)
        | Operator::Derive { .. }
        | Operator::Publish(_) => (0..node.output.len()).collect(),
    }
}

/// The node over the narrower rows: `input` and `slots` are the old slots that are left.
fn narrow(node: &Node, input: &[usize], slots: &[usize]) -> Node {
    let at = |old: usize| input.binary_search(&old).expect("what a node reads was kept above it");
    let operator = match &node.operator {
        Operator::Decode(decode) => Operator::Decode(narrow_decode(decode, slots)),
        Operator::Project { columns } => {
            Operator::Project { columns: slots.iter().map(|slot| columns[*slot].remap(&at)).collect() }
        }
        operator @ (Operator::Source(_) | Operator::Publish(_)) => operator.clone(),
        operator @ (Operator::Watermark(_)
        | Operator::Filter { .. }
        | Operator::KeyBy { .. }
        | Operator::Union
        | Operator::Call(_)
        | Operator::Table(_)
        | Operator::Lookup(_)
        | Operator::WindowAggregate(_)
        | Operator::PointInTimeJoin(_)
        | Operator::Derive { .. }) => operator.map_slots(&at),
    };
    let fields = slots.iter().map(|slot| node.output.fields[*slot].clone()).collect();
    Node { operator, output: Schema { fields }, ..node.clone() }
}

fn narrow_decode(decode: &Decode, slots: &[usize]) -> Decode {
    let mut decode = decode.clone();
    for (index, field) in decode.fields.iter_mut().enumerate() {
        field.slot = slots.binary_search(&index).ok();
    }
    decode
}

/// A projection whose lets nobody reads does nothing.
fn is_identity(operator: &Operator, input: &[usize]) -> bool {
    let Operator::Project { columns } = operator else { return false };
    columns.len() == input.len()
        && columns.iter().enumerate().all(|(slot, column)| column.kind == ExprKind::Column(slot))
}
