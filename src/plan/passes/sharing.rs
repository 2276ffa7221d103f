//! Sharing: two nodes that do the same to the same input become one.
//!
//! Lowering writes a chain per group by; equal lets, filters and key-bys over one source meet here.
//! Sources stay apart (each is bound to its own topic or files by name) and so do publications.

use std::collections::BTreeMap;

use crate::plan::{Node, NodeId, Operator, Plan, Table};
use crate::types::Schema;

use super::Rebuild;

pub(super) fn run(plan: &Plan) -> Plan {
    let mut rebuild = Rebuild::new(plan);
    let mut known: BTreeMap<Work, NodeId> = BTreeMap::new();
    for id in plan.topological() {
        let node = plan.node(id);
        let work = work(node, rebuild.inputs(id));
        if let Some(same) = work.as_ref().and_then(|work| known.get(work)) {
            widen(rebuild.plan.node_mut(*same), node);
            rebuild.stand_for(id, *same);
        } else {
            let new = rebuild.keep(id);
            known.extend(work.map(|work| (work, new)));
        }
    }
    rebuild.plan
}

/// What a node does, to which inputs, and what its columns are called where that can be seen.
type Work = (String, Vec<NodeId>, Vec<String>);

/// `None`: never shared. Columns inside a chain go by slot, so their names do not matter.
fn work(node: &Node, inputs: Vec<NodeId>) -> Option<Work> {
    let names = |schema: &Schema| schema.fields.iter().map(|field| field.name.clone()).collect();
    match &node.operator {
        Operator::Source(_) | Operator::Publish(_) => None,
        Operator::Decode(_)
        | Operator::Watermark(_)
        | Operator::Filter { .. }
        | Operator::Project { .. }
        | Operator::Union
        | Operator::Call(_)
        | Operator::Lookup(_)
        | Operator::KeyBy { .. } => Some((format!("{:?}", node.operator), inputs, Vec::new())),
        Operator::Table(table) => {
            let table = Table { kept_ms: 0, ..table.clone() };
            Some((format!("{table:?}"), inputs, Vec::new()))
        }
        Operator::WindowAggregate(aggregate) => {
            let mut aggregate = aggregate.clone();
            aggregate.kept_ms = 0;
            Some((format!("{aggregate:?}"), inputs, names(&node.output)))
        }
        Operator::PointInTimeJoin(join) => {
            let mut join = join.clone();
            // The inputs say which nodes these are.
            join.rights.iter_mut().for_each(|right| right.right = NodeId(0));
            Some((format!("{join:?}"), inputs, names(&node.output)))
        }
        Operator::Derive { .. } => Some((format!("{:?}", node.operator), inputs, names(&node.output))),
    }
}

/// A shared aggregate or table keeps its past as long as the most patient of its readers needs it.
fn widen(shared: &mut Node, other: &Node) {
    match (&mut shared.operator, &other.operator) {
        (Operator::WindowAggregate(a), Operator::WindowAggregate(b)) => a.kept_ms = a.kept_ms.max(b.kept_ms),
        (Operator::Table(a), Operator::Table(b)) => a.kept_ms = a.kept_ms.max(b.kept_ms),
        _ => {}
    }
}
