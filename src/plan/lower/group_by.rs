//! A group by: lets, filter, key, aggregates, and its publication.

use crate::functions::Expr;
use crate::model::{Aggregate, Column, GroupBy, GroupById, Source};
use crate::plan::{AggregateColumn, Node, NodeId, Operator, Publish, WindowAggregate};
use crate::types::{Field, Schema};

use super::Lowering;

impl Lowering<'_> {
    /// Lowers a group by and its publication; `kept_ms` is how long joins may ask about the past.
    pub(super) fn group_by(&mut self, id: GroupById, kept_ms: i64) {
        let group_by = self.model.group_by(id);
        let source = self.model.source(group_by.from);
        let mut last = self.source(group_by.from);
        last = self.lets(group_by, last);
        if let Some(predicate) = &group_by.filter {
            last = self.pass_on(group_by, "filter", Operator::Filter { predicate: predicate.clone() }, last);
        }
        last = self.pass_on(group_by, "key_by", Operator::KeyBy { keys: group_by.keys.clone() }, last);
        let aggregate = self.aggregate(group_by, source, kept_ms, last);
        self.aggregates.insert(id, aggregate);
        if let Some(publish) = publish(group_by) {
            let output = self.plan.node(aggregate).output.clone();
            self.plan.add(node(group_by, "publish", publish, output), &[aggregate]);
        }
    }

    /// One projection per level of lets that use each other: nesting them into one expression
    /// could double its size with each level.
    fn lets(&mut self, group_by: &GroupBy, input: NodeId) -> NodeId {
        let scope_start = self.plan.node(input).output.len();
        let levels = levels(&group_by.lets, scope_start);
        let mut placed: Vec<usize> = (0..scope_start).collect();
        let mut last = input;
        for (number, level) in levels.iter().enumerate() {
            let mut output = self.plan.node(last).output.clone();
            let mut columns: Vec<_> = output.fields.iter().enumerate().map(pass).collect();
            for index in level {
                let column = &group_by.lets[*index];
                columns.push(column.expr.remap(&slot_in(&placed)));
                output.fields.push(field(column));
            }
            placed.extend(level.iter().map(|index| scope_start + index));
            let name = if number == 0 { "project".to_owned() } else { format!("project_{}", number + 1) };
            last = self.plan.add(node(group_by, &name, Operator::Project { columns }, output), &[last]);
        }
        self.in_scope_order(group_by, &placed, last)
    }

    /// Levels may have placed the lets in another order than the scope's slots: puts them right.
    fn in_scope_order(&mut self, group_by: &GroupBy, placed: &[usize], last: NodeId) -> NodeId {
        if placed.is_sorted() {
            return last;
        }
        let output = &self.plan.node(last).output;
        let mut fields: Vec<_> = placed.iter().zip(output.fields.iter().enumerate()).collect();
        fields.sort_by_key(|(slot, _)| **slot);
        let columns = fields.iter().map(|(_, field)| pass(*field)).collect();
        let output = Schema { fields: fields.iter().map(|(_, (_, field))| (*field).clone()).collect() };
        self.plan.add(node(group_by, "order", Operator::Project { columns }, output), &[last])
    }

    /// A node that puts out the rows it takes.
    fn pass_on(&mut self, group_by: &GroupBy, name: &str, operator: Operator, input: NodeId) -> NodeId {
        let output = self.plan.node(input).output.clone();
        self.plan.add(node(group_by, name, operator, output), &[input])
    }

    fn aggregate(&mut self, group_by: &GroupBy, source: &Source, kept_ms: i64, input: NodeId) -> NodeId {
        let rows = &self.plan.node(input).output;
        let key_fields = group_by.keys.iter().map(|slot| {
            // A row with a null key part goes no further than the key-by.
            Field { nullable: false, ..rows.fields[*slot].clone() }
        });
        let output = key_fields.chain(group_by.aggregates.iter().map(output_field)).collect();
        let operator = Operator::WindowAggregate(WindowAggregate {
            keys: group_by.keys.clone(),
            event_time: source.event_time,
            event_id: source.event_id,
            columns: group_by.aggregates.iter().map(column).collect(),
            reach_ms: group_by.aggregates.iter().map(|a| a.window.reach_ms()).max().unwrap_or(0),
            kept_ms,
        });
        self.plan.add(node(group_by, "aggregate", operator, Schema { fields: output }), &[input])
    }
}

fn node(group_by: &GroupBy, operator_name: &str, operator: Operator, output: Schema) -> Node {
    Node::new(&group_by.name, operator_name, group_by.span, operator, output)
}

/// The positions of the lets by level: a let stands one level below the deepest let it uses.
fn levels(lets: &[Column], scope_start: usize) -> Vec<Vec<usize>> {
    let mut level_of: Vec<usize> = Vec::with_capacity(lets.len());
    let mut levels: Vec<Vec<usize>> = Vec::new();
    for (index, column) in lets.iter().enumerate() {
        let mut slots = Vec::new();
        column.expr.collect_columns(&mut slots);
        let used = slots.iter().filter_map(|slot| slot.checked_sub(scope_start));
        let level = used.filter_map(|used| level_of.get(used)).map(|level| level + 1).max().unwrap_or(0);
        level_of.push(level);
        levels.resize_with(levels.len().max(level + 1), Vec::new);
        levels[level].push(index);
    }
    levels
}

/// Where a slot of the scope stands in a row that holds the slots `placed`.
fn slot_in(placed: &[usize]) -> impl Fn(usize) -> usize {
    |slot| placed.iter().position(|placed| *placed == slot).expect("a let uses only lets of levels before it")
}

fn pass((slot, field): (usize, &Field)) -> Expr {
    Expr::column(slot, field.data_type, field.nullable)
}

fn field(column: &Column) -> Field {
    Field::new(&column.name, column.expr.data_type, column.expr.nullable)
}

fn output_field(aggregate: &Aggregate) -> Field {
    Field::new(&aggregate.column, aggregate.output, aggregate.nullable)
}

fn column(aggregate: &Aggregate) -> AggregateColumn {
    AggregateColumn {
        name: aggregate.column.clone(),
        kind: aggregate.kind,
        input: aggregate.input.clone(),
        filter: aggregate.filter.clone(),
        window: aggregate.window,
        output: aggregate.output,
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
    }))
}
