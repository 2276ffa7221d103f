//! A stream: filters and projections of its input, unions, and model calls.

use std::collections::BTreeSet;

use crate::diag::Spanned;
use crate::model::{Call, Column, Derivation, Input, Stream, StreamBody, StreamId};
use crate::plan::{Node, NodeId, Operator};
use crate::types::{Field, Schema};

use super::Lowering;

impl Lowering<'_> {
    /// The node whose rows are those of a source or stream.
    pub(super) fn input(&mut self, input: Input) -> NodeId {
        match input {
            Input::Source(id) => self.source(id),
            Input::Stream(id) => self.stream(id),
        }
    }

    /// Streams read only streams before them: what a long chain needs is built in that order, not by
    /// calls that nest as deep.
    fn stream(&mut self, id: StreamId) -> NodeId {
        let (mut needed, mut open) = (BTreeSet::new(), vec![id]);
        while let Some(next) = open.pop() {
            if self.streams.contains_key(&next) || !needed.insert(next) {
                continue;
            }
            let reads = match &self.model.stream(next).body {
                StreamBody::Derive(derivation) => std::slice::from_ref(&derivation.from),
                StreamBody::Union(inputs) => inputs,
            };
            open.extend(reads.iter().filter_map(|input| match input {
                Input::Source(_) => None,
                Input::Stream(id) => Some(*id),
            }));
        }
        for next in needed {
            let node = self.one_stream(self.model.stream(next));
            self.streams.insert(next, node);
        }
        self.streams[&id]
    }

    /// A stream whose inputs have been lowered.
    fn one_stream(&mut self, stream: &Stream) -> NodeId {
        match &stream.body {
            StreamBody::Union(inputs) => self.union(stream, inputs),
            StreamBody::Derive(derivation) => {
                let Derivation { from, lets, filter, select, call } = &**derivation;
                let mut last = self.input(*from);
                last = self.lets(&stream.name, stream.span, lets, last);
                if let Some(predicate) = filter {
                    let output = self.plan.node(last).output.clone();
                    let operator = Operator::Filter { predicate: predicate.clone() };
                    last = self.plan.add(node(stream, "filter", operator, output), &[last]);
                }
                last = self.select(stream, select, last);
                call.iter().fold(last, |last, call| self.call(stream, call, last))
            }
        }
    }

    fn select(&mut self, stream: &Stream, select: &[Column], input: NodeId) -> NodeId {
        let columns = select.iter().map(|column| column.expr.clone()).collect();
        let field = |column: &Column| Field::new(&column.name, column.expr.data_type, column.expr.nullable);
        let fields = select.iter().map(field).collect();
        self.plan.add(node(stream, "select", Operator::Project { columns }, Schema { fields }), &[input])
    }

    fn call(&mut self, stream: &Stream, call: &Spanned<Call>, input: NodeId) -> NodeId {
        let output = Schema { fields: stream.fields.clone() };
        let operator = Operator::Call(call.value.clone());
        self.plan.add(Node::new(&stream.name, "call", call.span, operator, output), &[input])
    }

    fn union(&mut self, stream: &Stream, inputs: &[Input]) -> NodeId {
        let nodes: Vec<_> = inputs.iter().map(|input| self.input(*input)).collect();
        let output = Schema { fields: stream.fields.clone() };
        self.plan.add(node(stream, "union", Operator::Union, output), &nodes)
    }
}

fn node(stream: &Stream, operator_name: &str, operator: Operator, output: Schema) -> Node {
    Node::new(&stream.name, operator_name, stream.span, operator, output)
}
