//! Lineage: from which source fields each output column comes, column by column.

use std::collections::BTreeSet;

use crate::functions::Expr;
use crate::types::Field;

use super::{NodeId, Operator, Plan};

/// A field of a source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldRef {
    pub source: String,
    pub field: String,
}

/// Where one output column comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnLineage {
    pub column: String,
    /// Fields whose values are in the column's value.
    pub values: BTreeSet<FieldRef>,
    /// Fields that decide which events count: conditions, keys, event times.
    pub decided_by: BTreeSet<FieldRef>,
}

/// The lineage of each output column of a node, in their order.
#[must_use]
pub fn of(plan: &Plan, id: NodeId) -> Vec<ColumnLineage> {
    let names = &plan.node(id).output.fields;
    trace(plan, id).into_columns(names.iter().map(|field| field.name.clone()))
}

/// What is known of a node's rows: what decides them, and what each column is made of.
#[derive(Debug, Clone, Default)]
struct Rows {
    decided_by: BTreeSet<FieldRef>,
    columns: Vec<Origin>,
}

#[derive(Debug, Clone, Default)]
struct Origin {
    values: BTreeSet<FieldRef>,
    decided_by: BTreeSet<FieldRef>,
}

impl Rows {
    fn into_columns(self, names: impl Iterator<Item = String>) -> Vec<ColumnLineage> {
        let Self { decided_by, columns } = self;
        names
            .zip(columns)
            .map(|(column, origin)| {
                let decided_by = origin.decided_by.union(&decided_by).cloned().collect();
                ColumnLineage { column, values: origin.values, decided_by }
            })
            .collect()
    }

    /// All that the columns an expression reads are made of.
    fn expression(&self, expr: &Expr) -> Origin {
        let mut slots = Vec::new();
        expr.collect_columns(&mut slots);
        self.all(&slots)
    }

    fn all(&self, slots: &[usize]) -> Origin {
        let mut all = Origin::default();
        for slot in slots {
            all.values.extend(self.columns[*slot].values.iter().cloned());
            all.decided_by.extend(self.columns[*slot].decided_by.iter().cloned());
        }
        all
    }

    /// From now on, these columns decide which rows there are.
    fn decide(&mut self, origin: Origin) {
        self.decided_by.extend(origin.values);
        self.decided_by.extend(origin.decided_by);
    }
}

fn trace(plan: &Plan, id: NodeId) -> Rows {
    let node = plan.node(id);
    let mut inputs = plan.inputs(id).into_iter().map(|input| trace(plan, input));
    let mut rows = inputs.next().unwrap_or_default();
    match &node.operator {
        Operator::Source(_) | Operator::Publish(_) => {}
        Operator::Decode(_) => rows.columns = fields(plan, id),
        Operator::Watermark(watermark) => rows.decide(rows.all(&[watermark.event_time])),
        Operator::Filter { predicate } => rows.decide(rows.expression(predicate)),
        Operator::Project { columns } => {
            rows.columns = columns.iter().map(|column| rows.expression(column)).collect();
        }
        Operator::KeyBy { keys } => rows.decide(rows.all(keys)),
        Operator::WindowAggregate(aggregate) => {
            let keys = aggregate.keys.iter().map(|key| rows.columns[*key].clone());
            let features = aggregate.columns.iter().map(|column| {
                let mut origin = column.input.as_ref().map(|e| rows.expression(e)).unwrap_or_default();
                let filter = column.filter.as_ref().map(|e| rows.expression(e)).unwrap_or_default();
                origin.decided_by.extend(filter.values);
                origin.decided_by.extend(filter.decided_by);
                origin
            });
            rows.columns = keys.chain(features).collect();
        }
        Operator::PointInTimeJoin(join) => {
            for (right, input) in join.rights.iter().zip(inputs) {
                let on = rows.all(&right.on).values;
                let width = input.columns.len();
                for mut origin in input.columns.into_iter().skip(width - right.columns.len()) {
                    origin.decided_by.extend(input.decided_by.iter().chain(&on).cloned());
                    rows.columns.push(origin);
                }
            }
        }
        Operator::Derive { columns, select } => {
            for column in columns {
                rows.columns.push(rows.expression(column));
            }
            rows.columns = select.iter().map(|slot| rows.columns[*slot].clone()).collect();
        }
    }
    rows
}

/// The materialised fields of a decode node.
fn fields(plan: &Plan, id: NodeId) -> Vec<Origin> {
    let node = plan.node(id);
    let origin = |field: &Field| {
        let field = FieldRef { source: node.definition.clone(), field: field.name.clone() };
        Origin { values: BTreeSet::from([field]), decided_by: BTreeSet::new() }
    };
    node.output.fields.iter().map(origin).collect()
}
