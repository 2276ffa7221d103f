//! A source: raw records, decoded rows, and the watermark over them.

use crate::model::{Source, SourceField, SourceId};
use crate::plan::{Decode, DecodeField, Node, NodeId, Operator, SourceNode, Watermark};
use crate::types::Schema;

use super::Lowering;

impl Lowering<'_> {
    /// The watermark node of a source, built on first use. Its columns are the declared fields.
    pub(super) fn source(&mut self, id: SourceId) -> NodeId {
        if let Some(node) = self.sources.get(&id) {
            return *node;
        }
        let source = self.model.source(id);
        let fields = Schema { fields: source.fields.iter().map(|field| field.field.clone()).collect() };
        let raw = self.plan.add(node(source, "source", read(source), Schema::default()), &[]);
        let decoded = self.plan.add(node(source, "decode", decode(source), fields.clone()), &[raw]);
        let watermark = Watermark { event_time: source.event_time, disorder_ms: source.disorder_ms };
        let last =
            self.plan.add(node(source, "watermark", Operator::Watermark(watermark), fields), &[decoded]);
        self.sources.insert(id, last);
        last
    }
}

fn node(source: &Source, operator_name: &str, operator: Operator, output: Schema) -> Node {
    Node::new(&source.name, operator_name, source.span, operator, output)
}

fn read(source: &Source) -> Operator {
    Operator::Source(SourceNode {
        source: source.name.clone(),
        topic: source.topic.clone(),
        group: source.group.clone(),
        retention_ms: source.retention_ms,
        history: source.history.clone(),
        is_table: false,
    })
}

fn decode(source: &Source) -> Operator {
    Operator::Decode(Decode {
        format: source.format.clone(),
        fields: source.fields.iter().enumerate().map(|(slot, field)| decode_field(slot, field)).collect(),
        event_time: Some(source.event_time),
        event_id: source.event_id,
        keys: Vec::new(),
        ahead_ms: source.ahead_ms,
    })
}

pub(super) fn decode_field(slot: usize, declared: &SourceField) -> DecodeField {
    DecodeField {
        field: declared.field.clone(),
        wire_name: declared.wire_name.clone(),
        wire_type: declared.wire_type.clone(),
        slot: Some(slot),
    }
}
