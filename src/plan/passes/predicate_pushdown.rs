//! Predicate push-down: a condition that uses no let is tested before the lets are computed.
//!
//! A filter keeps the rows for which `a and b` is true, and that is true only if both are: so the
//! sides of a top-level `and` may be tested apart. A filter never moves above the watermark: rows
//! that are filtered out still tell how far event time has come.

use crate::functions::{Expr, ExprKind, FunctionId};
use crate::plan::{Node, NodeId, Operator, Plan};
use crate::types::DataType;

use super::Rebuild;

pub(super) fn run(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    while let Some((project, filter, split)) = next_move(&plan) {
        plan = apply(&plan, project, filter, &split);
    }
    plan
}

/// The sides of a predicate: those that move above the projection, over its input row, and those
/// that stay below.
struct Split {
    moved: Expr,
    staying: Option<Expr>,
}

/// The first filter that has something to move above the projection that feeds it alone.
fn next_move(plan: &Plan) -> Option<(NodeId, NodeId, Split)> {
    plan.topological().into_iter().find_map(|filter| {
        let Operator::Filter { predicate } = &plan.node(filter).operator else { return None };
        let project = plan.inputs(filter)[0];
        let Operator::Project { columns } = &plan.node(project).operator else { return None };
        if plan.outputs(project).len() != 1 {
            return None;
        }
        Some((project, filter, split(predicate, columns)?))
    })
}

fn split(predicate: &Expr, columns: &[Expr]) -> Option<Split> {
    let sides = predicate.conjuncts();
    let (moved, staying): (Vec<_>, Vec<_>) =
        sides.into_iter().partition(|side| passes_through(side, columns));
    let above = |slot: usize| match &columns[slot].kind {
        ExprKind::Column(slot) => *slot,
        other => unreachable!("only columns that pass through move: {other:?}"),
    };
    let moved = all_of(moved)?.remap(&above);
    Some(Split { moved, staying: all_of(staying) })
}

fn passes_through(expr: &Expr, columns: &[Expr]) -> bool {
    let mut slots = Vec::new();
    expr.collect_columns(&mut slots);
    slots.iter().all(|slot| matches!(columns[*slot].kind, ExprKind::Column(_)))
}

fn all_of(sides: Vec<&Expr>) -> Option<Expr> {
    sides.into_iter().cloned().reduce(|a, b| {
        let nullable = a.nullable || b.nullable;
        let kind = ExprKind::Call { function: FunctionId::And, arguments: vec![a, b] };
        Expr { kind, data_type: DataType::Bool, nullable }
    })
}

fn apply(plan: &Plan, project: NodeId, filter: NodeId, split: &Split) -> Plan {
    let mut rebuild = Rebuild::new(plan);
    for id in plan.topological() {
        if id == project {
            let input = rebuild.inputs(id);
            let above = moved(plan, project, filter, &split.moved);
            let above = rebuild.add(above, &input);
            let below = rebuild.add(plan.node(id).clone(), &[above]);
            rebuild.stand_for(id, below);
        } else if id == filter {
            let input = rebuild.inputs(id)[0];
            let last = match &split.staying {
                Some(predicate) => rebuild.add(staying(plan, project, filter, predicate), &[input]),
                None => input,
            };
            rebuild.stand_for(id, last);
        } else {
            rebuild.keep(id);
        }
    }
    rebuild.plan
}

fn moved(plan: &Plan, project: NodeId, filter: NodeId, predicate: &Expr) -> Node {
    let operator = Operator::Filter { predicate: predicate.clone() };
    let output = plan.node(plan.inputs(project)[0]).output.clone();
    Node { operator, output, ..plan.node(filter).clone() }
}

/// What stays is named after the projection whose lets it needs: names stay unique.
fn staying(plan: &Plan, project: NodeId, filter: NodeId, predicate: &Expr) -> Node {
    let name = format!("{}_filter", plan.node(project).name);
    let operator = Operator::Filter { predicate: predicate.clone() };
    Node { name, operator, ..plan.node(filter).clone() }
}
