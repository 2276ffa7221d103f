//! A join: left rows, enriched point-in-time, derived columns, and the publication.

use crate::functions::Expr;
use crate::model::{Aggregate, Join, JoinId, JoinPart};
use crate::plan::{JoinInput, Node, NodeId, Operator, PointInTimeJoin, Publish, PublishMode};
use crate::types::{Field, Schema};

use super::Lowering;

impl Lowering<'_> {
    /// Lowers a join and its publication; the group bys it reads have been lowered.
    pub(super) fn join(&mut self, id: JoinId) {
        let join = self.model.join(id);
        let joined = self.point_in_time(join);
        let derived = self.derive(join, joined);
        if let Some(publish) = self.publish(join) {
            let output = self.plan.node(derived).output.clone();
            self.plan.add(node(join, "publish", publish, output), &[derived]);
        }
    }

    /// The left rows, without the origin of a union.
    fn left(&mut self, join: &Join) -> NodeId {
        let input = self.input(join.left);
        let rows = &self.plan.node(input).output;
        let fields = self.model.left_fields(join);
        if fields.len() == rows.len() {
            return input;
        }
        let columns =
            fields.iter().enumerate().map(|(slot, f)| Expr::column(slot, f.data_type, f.nullable)).collect();
        self.plan.add(node(join, "left", Operator::Project { columns }, Schema { fields }), &[input])
    }

    fn point_in_time(&mut self, join: &Join) -> NodeId {
        let left = self.left(join);
        let mut inputs = vec![left];
        let mut output = self.plan.node(left).output.clone();
        let mut rights = Vec::new();
        for part in &join.parts {
            let aggregate = self.aggregates[&part.group_by];
            let fields = self.right_fields(part, &output);
            rights.push(JoinInput {
                right: aggregate,
                on: part.on.clone(),
                select: self.features_of(part),
                columns: fields.iter().map(|field| field.name.clone()).collect(),
            });
            inputs.push(aggregate);
            output.fields.extend(fields);
        }
        for lookup in &join.lookups {
            let table = self.table(lookup.table);
            let fields = self.looked_up(lookup);
            rights.push(JoinInput {
                right: table,
                on: lookup.on.clone(),
                select: lookup.columns.clone(),
                columns: fields.iter().map(|field| field.name.clone()).collect(),
            });
            inputs.push(table);
            output.fields.extend(fields);
        }
        let rows = self.model.rows(join.left);
        let operator = Operator::PointInTimeJoin(PointInTimeJoin {
            event_time: rows.event_time,
            event_id: rows.event_id,
            mode: join.mode,
            rights,
            hold_for_ms: join.hold_for_ms,
            left_late_ms: join.left_late_ms,
        });
        self.plan.add(node(join, "join", operator, output), &inputs)
    }

    /// The slots of a part's features in the rows of its group by: they stand behind the key.
    fn features_of(&self, part: &JoinPart) -> Vec<usize> {
        let group_by = self.model.group_by(part.group_by);
        let keys = group_by.keys.len();
        (keys..keys + group_by.aggregates.len()).collect()
    }

    /// The features of a part, as `<alias>_<column>`. A null key part gives nulls for all of them,
    /// also for those that are never null otherwise (rule S6).
    fn right_fields(&self, part: &JoinPart, left: &Schema) -> Vec<Field> {
        let key_may_be_null = part.on.iter().any(|slot| left.fields[*slot].nullable);
        let aggregates = &self.model.group_by(part.group_by).aggregates;
        let field = |a: &Aggregate| {
            let name = format!("{}_{}", part.alias, a.column);
            Field::new(name, a.output, a.nullable || key_may_be_null)
        };
        aggregates.iter().map(field).collect()
    }

    /// Derived columns are computed in an order that works and put out in the order declared.
    fn derive(&mut self, join: &Join, input: NodeId) -> NodeId {
        let before = self.plan.node(input).output.clone();
        let derived: Vec<_> = join
            .derived
            .iter()
            .map(|column| Field::new(&column.name, column.expr.data_type, column.expr.nullable))
            .collect();
        let declared = join.derived_order.iter().map(|index| before.len() + index);
        let select: Vec<usize> = (0..before.len()).chain(declared).collect();
        let all: Vec<Field> = before.fields.into_iter().chain(derived).collect();
        let output = Schema { fields: select.iter().map(|slot| all[*slot].clone()).collect() };
        let columns = join.derived.iter().map(|column| column.expr.clone()).collect();
        self.plan.add(node(join, "derive", Operator::Derive { columns, select }, output), &[input])
    }

    /// Events are keyed by the left event's id, so that a repeat replaces itself; the latest row is
    /// kept per combination of the columns that the parts are joined on.
    fn publish(&self, join: &Join) -> Option<Operator> {
        let publish = join.publish.as_ref()?;
        let keys = match publish.mode {
            PublishMode::Events => self.model.rows(join.left).event_id.into_iter().collect(),
            PublishMode::Latest => joined_on(join),
        };
        let (topic, group) = (publish.topic.clone(), publish.group.clone());
        Some(Operator::Publish(Publish {
            topic,
            group,
            mode: publish.mode,
            keys,
            every_ms: publish.every_ms,
        }))
    }
}

fn node(join: &Join, operator_name: &str, operator: Operator, output: Schema) -> Node {
    Node::new(&join.name, operator_name, join.span, operator, output)
}

/// The left columns that any part or lookup is joined on, each once, in order of first use.
fn joined_on(join: &Join) -> Vec<usize> {
    let mut keys = Vec::new();
    let on = join.parts.iter().map(|part| &part.on).chain(join.lookups.iter().map(|lookup| &lookup.on));
    for slot in on.flatten() {
        if !keys.contains(slot) {
            keys.push(*slot);
        }
    }
    keys
}
