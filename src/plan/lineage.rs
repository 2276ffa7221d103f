//! Lineage: from which source fields each output column comes, column by column.

use std::collections::{BTreeMap, BTreeSet};

use crate::functions::Expr;
use crate::types::Field;

use super::{NodeId, Operator, Plan, WindowAggregate};

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

impl Origin {
    fn add(&mut self, other: Self) {
        self.values.extend(other.values);
        self.decided_by.extend(other.decided_by);
    }
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

/// Walks all that the node needs, inputs first: plans may be deep, and parts of them shared.
fn trace(plan: &Plan, id: NodeId) -> Rows {
    let (mut needed, mut open) = (BTreeSet::new(), vec![id]);
    while let Some(next) = open.pop() {
        if needed.insert(next) {
            open.extend(plan.inputs(next));
        }
    }
    let mut known: BTreeMap<NodeId, Rows> = BTreeMap::new();
    for next in plan.topological().into_iter().filter(|next| needed.contains(next)) {
        let inputs = plan.inputs(next).into_iter().map(|input| known[&input].clone()).collect();
        let rows = step(plan, next, inputs);
        known.insert(next, rows);
    }
    known.remove(&id).unwrap_or_default()
}

/// Rows that are routed to be looked up go on without a match, too.
fn only_looks_up(plan: &Plan, id: NodeId) -> bool {
    let outputs = plan.outputs(id);
    let is_lookup = |fed: &NodeId| matches!(plan.node(*fed).operator, Operator::Lookup(_));
    !outputs.is_empty() && outputs.iter().all(|(fed, port)| is_lookup(fed) && *port == 0)
}

fn step(plan: &Plan, id: NodeId, inputs: Vec<Rows>) -> Rows {
    let node = plan.node(id);
    let mut inputs = inputs.into_iter();
    let mut rows = inputs.next().unwrap_or_default();
    match &node.operator {
        Operator::Source(_) | Operator::Publish(_) => {}
        Operator::Decode(_) => rows.columns = fields(plan, id),
        Operator::Watermark(watermark) => rows.decide(rows.all(&[watermark.event_time])),
        Operator::Filter { predicate } => rows.decide(rows.expression(predicate)),
        Operator::Project { columns } => {
            rows.columns = columns.iter().map(|column| rows.expression(column)).collect();
        }
        Operator::KeyBy { .. } if only_looks_up(plan, id) => {}
        Operator::KeyBy { keys } => rows.decide(rows.all(keys)),
        Operator::Union => united(&mut rows, inputs),
        Operator::Call(call) => {
            let mut slots = Vec::new();
            call.arguments.iter().for_each(|argument| argument.collect_columns(&mut slots));
            let origin = rows.all(&slots);
            let at = call.begins_at(&node.output);
            rows.columns.splice(at..at, call.returns.iter().map(|_| origin.clone()));
        }
        Operator::Table(table) => rows.decide(rows.all(&table.keys)),
        Operator::Lookup(lookup) => {
            inputs.for_each(|table| enriched(&mut rows, &lookup.on, &lookup.columns, &table));
        }
        Operator::WindowAggregate(aggregate) => rows.columns = aggregated(&rows, aggregate),
        Operator::PointInTimeJoin(join) => {
            for (right, input) in join.rights.iter().zip(inputs) {
                enriched(&mut rows, &right.on, &right.select, &input);
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

/// The rows of all inputs; nothing is the source of their origin.
fn united(rows: &mut Rows, others: impl Iterator<Item = Rows>) {
    for other in others {
        rows.decided_by.extend(other.decided_by);
        for (column, other) in rows.columns.iter_mut().zip(other.columns) {
            column.add(other);
        }
    }
    rows.columns.push(Origin::default());
}

/// Columns `select` of `right` are appended, whose row the left columns `on` choose.
fn enriched(rows: &mut Rows, on: &[usize], select: &[usize], right: &Rows) {
    let on = rows.all(on).values;
    for slot in select {
        let mut origin = right.columns[*slot].clone();
        origin.decided_by.extend(right.decided_by.iter().chain(&on).cloned());
        rows.columns.push(origin);
    }
}

/// The key columns, then the features: a bucket is in the value, conditions and orderings decide.
fn aggregated(rows: &Rows, aggregate: &WindowAggregate) -> Vec<Origin> {
    let keys = aggregate.keys.iter().map(|key| rows.columns[*key].clone());
    let features = aggregate.columns.iter().map(|column| {
        let mut origin = Origin::default();
        column.input.iter().chain(&column.by).for_each(|expr| origin.add(rows.expression(expr)));
        for decides in column.filter.iter().chain(&column.order).map(|expr| rows.expression(expr)) {
            origin.decided_by.extend(decides.values);
            origin.decided_by.extend(decides.decided_by);
        }
        origin
    });
    keys.chain(features).collect()
}
