//! A group by: lets, filter, key, aggregates, and its publication.

use crate::model::{Aggregate, GroupBy, GroupById, ORIGIN, Rows, group_by_keys};
use crate::plan::{AggregateColumn, Node, NodeId, Operator, Publish, WindowAggregate};
use crate::types::{Field, Schema};

use super::Lowering;

impl Lowering<'_> {
    /// Lowers a group by and its publication; `kept_ms` is how long joins may ask about the past.
    pub(super) fn group_by(&mut self, id: GroupById, kept_ms: i64) {
        let group_by = self.model.group_by(id);
        let rows = self.model.rows(group_by.from);
        let mut last = self.input(group_by.from);
        last = self.lookups(group_by, rows.event_time, last);
        last = self.lets(&group_by.name, group_by.span, &group_by.lets, last);
        if let Some(predicate) = &group_by.filter {
            last = self.pass_on(group_by, "filter", Operator::Filter { predicate: predicate.clone() }, last);
        }
        last = self.pass_on(group_by, "key_by", Operator::KeyBy { keys: group_by.keys.clone() }, last);
        let aggregate = self.aggregate(group_by, &rows, kept_ms, last);
        self.aggregates.insert(id, aggregate);
        if let Some(publish) = publish(group_by) {
            let output = self.plan.node(aggregate).output.clone();
            self.plan.add(node(group_by, "publish", publish, output), &[aggregate]);
        }
    }

    /// A node that puts out the rows it takes.
    fn pass_on(&mut self, group_by: &GroupBy, name: &str, operator: Operator, input: NodeId) -> NodeId {
        let output = self.plan.node(input).output.clone();
        self.plan.add(node(group_by, name, operator, output), &[input])
    }

    fn aggregate(&mut self, group_by: &GroupBy, from: &Rows<'_>, kept_ms: i64, input: NodeId) -> NodeId {
        let rows = &self.plan.node(input).output;
        let names = group_by_keys(self.model, group_by);
        let key_fields = group_by.keys.iter().zip(names).map(|(slot, name)| {
            // A row with a null key part goes no further than the key-by.
            Field { name, nullable: false, data_type: rows.fields[*slot].data_type }
        });
        let output = key_fields.chain(group_by.aggregates.iter().map(output_field)).collect();
        let operator = Operator::WindowAggregate(WindowAggregate {
            keys: group_by.keys.clone(),
            event_time: from.event_time,
            event_id: from.event_id,
            origin: rows.index_of(ORIGIN),
            columns: group_by.aggregates.iter().map(column).collect(),
            reach_ms: group_by.reach_ms(),
            ttl_ms: group_by.ttl_ms,
            kept_ms,
        });
        self.plan.add(node(group_by, "aggregate", operator, Schema { fields: output }), &[input])
    }
}

fn node(group_by: &GroupBy, operator_name: &str, operator: Operator, output: Schema) -> Node {
    Node::new(&group_by.name, operator_name, group_by.span, operator, output)
}

fn output_field(aggregate: &Aggregate) -> Field {
    Field::new(&aggregate.column, aggregate.output, aggregate.nullable)
}

fn column(aggregate: &Aggregate) -> AggregateColumn {
    AggregateColumn {
        name: aggregate.column.clone(),
        kind: aggregate.kind,
        input: aggregate.input.clone(),
        order: aggregate.order.clone(),
        filter: aggregate.filter.clone(),
        by: aggregate.by.clone(),
        window: aggregate.window,
        default: aggregate.default.clone(),
        output: aggregate.output,
        nullable: aggregate.nullable,
    }
}

/// The rows are the key columns, then the features: the key stands in front.
fn publish(group_by: &GroupBy) -> Option<Operator> {
    let publish = group_by.publish.as_ref()?;
    Some(Operator::Publish(Publish {
        topic: publish.topic.clone(),
        group: publish.group.clone(),
        mode: publish.mode,
        keys: (0..group_by.keys.len()).collect(),
        every_ms: publish.every_ms,
    }))
}
