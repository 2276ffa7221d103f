//! The nodes at both ends of a plan: what it reads, and what it puts out.

use crate::model::{Model, Target};

use super::{Decode, NodeId, Operator, Plan, Publish, SourceNode, lower, optimize};

/// The plan of one definition by itself, of a model in which it alone publishes
/// ([`Model::alone`](crate::model::Model::alone)).
#[must_use]
pub fn alone(model: &Model, target: Target) -> Plan {
    optimize(lower(model, &target.deployment(model)))
}

impl Plan {
    /// What is read, in plan order.
    #[must_use]
    pub fn sources(&self) -> Vec<(NodeId, &SourceNode)> {
        self.found(|operator| if let Operator::Source(source) = operator { Some(source) } else { None })
    }

    /// What is read and how, in plan order: where a source is read in several ways, the first, as all check
    /// the same fields.
    #[must_use]
    pub fn reads(&self) -> Vec<(&SourceNode, &Decode)> {
        let decode = |id| {
            let below = self.outputs(id).into_iter();
            below.map(|(below, _)| &self.node(below).operator).find_map(|operator| match operator {
                Operator::Decode(decode) => Some(decode),
                _ => None,
            })
        };
        self.sources().into_iter().filter_map(|(id, source)| Some((source, decode(id)?))).collect()
    }

    /// How the records of a source or table are read; `None`: the plan does not read it.
    #[must_use]
    pub fn decode_of(&self, source: &str) -> Option<&Decode> {
        self.reads().into_iter().find(|(read, _)| read.source == source).map(|(_, decode)| decode)
    }

    /// What is put out, in plan order.
    #[must_use]
    pub fn publishers(&self) -> Vec<(NodeId, &Publish)> {
        self.found(|operator| if let Operator::Publish(publish) = operator { Some(publish) } else { None })
    }

    /// The one node that puts rows out.
    ///
    /// # Panics
    /// When there is none: the plan is of a definition that was told to publish.
    #[must_use]
    pub fn publisher(&self) -> NodeId {
        self.publishers().first().expect("the definition was told to publish").0
    }

    fn found<'p, T>(&'p self, is_it: impl Fn(&'p Operator) -> Option<&'p T>) -> Vec<(NodeId, &'p T)> {
        let nodes = self.topological().into_iter();
        nodes.filter_map(|id| Some((id, is_it(&self.node(id).operator)?))).collect()
    }
}
