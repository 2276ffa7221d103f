//! Predicate push-down: a condition that uses no let is tested before the lets are computed.
//!
//! A filter keeps the rows for which `a and b` is true, and that is true only if both are: so the
//! sides of a top-level `and` may be tested apart. A filter never moves above the watermark: rows
//! that are filtered out still tell how far event time has come.

use std::collections::BTreeMap;

use crate::functions::{Expr, ExprKind, FunctionId};
use crate::plan::{Node, NodeId, Operator, Plan};
use crate::types::{DataType, Schema};

use super::Rebuild;

/// Each filter climbs as far as it can before the plan is rebuilt, once. Filters come in the order of the flow:
/// what stands above one has found its place.
pub(super) fn run(plan: &Plan) -> Plan {
    let (gone, last, above, below) = Default::default();
    let mut moves = Moves { plan, gone, last, above, below };
    for id in plan.topological() {
        if let Operator::Filter { predicate } = &plan.node(id).operator {
            moves.climb(id, predicate);
        }
    }
    moves.rebuilt()
}

/// Where filters go.
struct Moves<'p> {
    plan: &'p Plan,
    /// Filters that have left their place, and the projection that each stood below.
    gone: BTreeMap<NodeId, NodeId>,
    /// Of those, the last below a projection: what it fed, that feeds now.
    last: BTreeMap<NodeId, NodeId>,
    /// Filters between a projection and its input, in the order of the flow …
    above: BTreeMap<NodeId, Vec<Node>>,
    /// … and between a projection and what it feeds.
    below: BTreeMap<NodeId, Vec<Node>>,
}

impl Moves<'_> {
    fn climb(&mut self, filter: NodeId, predicate: &Expr) {
        let first = self.input(filter);
        let (mut predicate, mut project) = (predicate.clone(), first);
        // The projection that it has passed last.
        let mut passed = None;
        while let Some(split) = self.split(project, passed, &predicate) {
            if let Some(staying) = &split.staying {
                let node = self.staying(filter, project, passed, staying);
                let place = match passed {
                    Some(passed) => self.above.entry(passed),
                    None => self.below.entry(project),
                };
                place.or_default().push(node);
            }
            (predicate, passed) = (split.moved, Some(project));
            project = self.input(project);
        }
        if let Some(passed) = passed {
            let node = self.moved(filter, passed, predicate);
            self.above.entry(passed).or_default().push(node);
            self.gone.insert(filter, first);
            self.last.insert(first, filter);
        }
    }

    /// The input of a node, without the filters that have left.
    fn input(&self, id: NodeId) -> NodeId {
        let input = self.plan.inputs(id)[0];
        self.gone.get(&input).copied().unwrap_or(input)
    }

    /// What of a predicate moves above `project`, if that feeds it alone and directly.
    fn split(&self, project: NodeId, passed: Option<NodeId>, predicate: &Expr) -> Option<Split> {
        let Operator::Project { columns } = &self.plan.node(project).operator else { return None };
        let is_behind_another = self.below.contains_key(&project)
            || passed.is_some_and(|passed| self.above.contains_key(&passed));
        if is_behind_another || !self.feeds_one(project) {
            return None;
        }
        split(predicate, columns)
    }

    fn feeds_one(&self, project: NodeId) -> bool {
        let last = self.last.get(&project).unwrap_or(&project);
        self.plan.outputs(*last).len() == 1
    }

    /// What stays is named after the projection whose lets it needs: names stay unique.
    fn staying(&self, filter: NodeId, project: NodeId, passed: Option<NodeId>, predicate: &Expr) -> Node {
        let name = format!("{}_filter", self.plan.node(project).name);
        let operator = Operator::Filter { predicate: predicate.clone() };
        let output = match passed {
            Some(passed) => self.output_above(passed),
            None => self.plan.node(filter).output.clone(),
        };
        Node { name, operator, output, ..self.plan.node(filter).clone() }
    }

    fn moved(&self, filter: NodeId, passed: NodeId, predicate: Expr) -> Node {
        let output = self.output_above(passed);
        Node { operator: Operator::Filter { predicate }, output, ..self.plan.node(filter).clone() }
    }

    fn output_above(&self, project: NodeId) -> Schema {
        self.plan.node(self.plan.inputs(project)[0]).output.clone()
    }

    fn rebuilt(mut self) -> Plan {
        let mut rebuild = Rebuild::new(self.plan);
        for id in self.plan.topological() {
            let mut inputs = rebuild.inputs(id);
            if self.gone.contains_key(&id) {
                rebuild.stand_for(id, inputs[0]);
                continue;
            }
            if let Some(above) = self.above.remove(&id) {
                inputs[0] = stack(&mut rebuild, inputs[0], above);
            }
            let new = rebuild.add(self.plan.node(id).clone(), &inputs);
            let last = stack(&mut rebuild, new, self.below.remove(&id).unwrap_or_default());
            rebuild.stand_for(id, last);
        }
        rebuild.plan
    }
}

/// Adds nodes one behind the other; gives the last.
fn stack(rebuild: &mut Rebuild, first: NodeId, nodes: Vec<Node>) -> NodeId {
    nodes.into_iter().fold(first, |input, node| rebuild.add(node, &[input]))
}

/// The sides of a predicate: those that move above the projection, over its input row, and those
/// that stay below.
struct Split {
    moved: Expr,
    staying: Option<Expr>,
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
