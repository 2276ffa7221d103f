//! A new plan made from an old one, node by node: the frame that every pass works in.

use std::collections::BTreeMap;

use crate::plan::{Node, NodeId, Operator, Plan};

/// The new plan so far, and what became of each old node.
pub(super) struct Rebuild<'p> {
    old: &'p Plan,
    pub(super) plan: Plan,
    ids: BTreeMap<NodeId, NodeId>,
}

impl<'p> Rebuild<'p> {
    pub(super) fn new(old: &'p Plan) -> Self {
        Self { old, plan: Plan::new(&old.deployment), ids: BTreeMap::new() }
    }

    /// Copies an old node as it is.
    pub(super) fn keep(&mut self, old: NodeId) -> NodeId {
        self.put(old, self.old.node(old).clone())
    }

    /// `node` takes the place of an old one, fed by what its inputs have become.
    pub(super) fn put(&mut self, old: NodeId, node: Node) -> NodeId {
        let inputs = self.inputs(old);
        let new = self.add(node, &inputs);
        self.stand_for(old, new);
        new
    }

    /// Adds a node; a join learns the new ids of the aggregates and tables it reads.
    pub(super) fn add(&mut self, mut node: Node, inputs: &[NodeId]) -> NodeId {
        if let Operator::PointInTimeJoin(join) = &mut node.operator {
            for (right, input) in join.rights.iter_mut().zip(&inputs[1..]) {
                right.right = *input;
            }
        }
        self.plan.add(node, inputs)
    }

    /// From now on, what the old node fed is fed by `new`.
    pub(super) fn stand_for(&mut self, old: NodeId, new: NodeId) {
        self.ids.insert(old, new);
    }

    /// What the inputs of an old node have become.
    pub(super) fn inputs(&self, old: NodeId) -> Vec<NodeId> {
        self.old.inputs(old).iter().map(|input| self.ids[input]).collect()
    }
}
