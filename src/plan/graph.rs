//! The plan graph. The only place that knows petgraph.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use petgraph::visit::EdgeRef;

use super::{Node, NodeId};

/// The typed operator graph of one deployment.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The deployment's name.
    pub deployment: String,
    graph: StableDiGraph<Node, Port>,
}

/// Which input of the target an edge feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Port(u8);

impl Plan {
    #[must_use]
    pub fn new(deployment: impl Into<String>) -> Self {
        Self { deployment: deployment.into(), graph: StableDiGraph::new() }
    }

    /// Adds a node fed by `inputs`, in port order.
    pub fn add(&mut self, node: Node, inputs: &[NodeId]) -> NodeId {
        let index = self.graph.add_node(node);
        for (port, input) in inputs.iter().enumerate() {
            self.graph.add_edge(to_index(*input), index, Port(u8::try_from(port).unwrap_or(u8::MAX)));
        }
        to_id(index)
    }

    /// # Panics
    /// When the id is from another plan.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.graph[to_index(id)]
    }

    /// # Panics
    /// When the id is from another plan.
    pub fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.graph[to_index(id)]
    }

    /// All nodes, inputs before what they feed; among those that could be next, the smallest id.
    #[must_use]
    pub fn topological(&self) -> Vec<NodeId> {
        self.topological_by(|id| id)
    }

    /// All nodes, inputs before what they feed; among those that could be next, the smallest key.
    pub(super) fn topological_by<K: Ord>(&self, key: impl Fn(NodeId) -> K) -> Vec<NodeId> {
        let mut waits_for: BTreeMap<NodeId, usize> =
            self.graph.node_indices().map(|index| (to_id(index), self.inputs(to_id(index)).len())).collect();
        let mut ready: BTreeSet<(K, NodeId)> =
            waits_for.iter().filter(|(_, count)| **count == 0).map(|(id, _)| (key(*id), *id)).collect();
        let mut order = Vec::with_capacity(waits_for.len());
        while let Some((_, id)) = ready.pop_first() {
            order.push(id);
            for (fed, _) in self.outputs(id) {
                let count = waits_for.entry(fed).or_default();
                *count -= 1;
                if *count == 0 {
                    ready.insert((key(fed), fed));
                }
            }
        }
        order
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The nodes that feed `id`, in port order.
    #[must_use]
    pub fn inputs(&self, id: NodeId) -> Vec<NodeId> {
        let mut inputs: Vec<_> = self
            .graph
            .edges_directed(to_index(id), Direction::Incoming)
            .map(|edge| (*edge.weight(), to_id(edge.source())))
            .collect();
        inputs.sort_unstable();
        inputs.into_iter().map(|(_, id)| id).collect()
    }

    /// The nodes that `id` feeds, with the port of each, in order of id.
    #[must_use]
    pub fn outputs(&self, id: NodeId) -> Vec<(NodeId, u8)> {
        let mut outputs: Vec<_> = self
            .graph
            .edges_directed(to_index(id), Direction::Outgoing)
            .map(|edge| (to_id(edge.target()), edge.weight().0))
            .collect();
        outputs.sort_unstable();
        outputs
    }
}

fn to_index(id: NodeId) -> NodeIndex {
    NodeIndex::new(id.0 as usize)
}

fn to_id(index: NodeIndex) -> NodeId {
    NodeId(u32::try_from(index.index()).unwrap_or(u32::MAX))
}
