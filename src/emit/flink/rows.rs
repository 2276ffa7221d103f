//! Filters and projections: one view each, in the plan's order.

use crate::emit::context::{Carried, Printed, Rows, Union, UnionInput};
use crate::functions::flink::type_name;
use crate::functions::print::{self, Detail};
use crate::functions::{Expr, ExprKind, flink};
use crate::plan::Node;
use crate::types::{Field, Schema};

use super::build::{Builder, Relation, TIME};
use super::names;

/// Rows that pass a condition.
pub(super) fn filter(builder: &mut Builder, node: &Node, predicate: &Expr, input: &Relation) -> Relation {
    let condition = print::text(predicate, &node.output, Detail::Plain);
    let columns = (0..input.columns.len()).map(|slot| Printed { sql: input.sql(slot), name: None });
    let rows = Rows {
        heading: format!("{}: where {condition}", node.definition),
        from: input.view.clone(),
        columns: columns.collect(),
        has_copy: input.has_copy,
        has_record: input.has_record,
        filter: Some(sql(predicate, input)),
    };
    let columns = input.columns.clone();
    add(builder, node, &rows, columns)
}

/// Rows with computed columns.
pub(super) fn project(builder: &mut Builder, node: &Node, columns: &[Expr], input: &Relation) -> Relation {
    let named = columns.iter().zip(&node.output.fields);
    let lets: Vec<&str> = named
        .clone()
        .filter(|(expr, _)| !matches!(expr.kind, ExprKind::Column(_)))
        .map(|(_, field)| field.name.as_str())
        .collect();
    let print = |expr: &Expr, name: &str| Printed {
        sql: sql(expr, input),
        name: (!is_column(expr, name, input)).then(|| name.to_owned()),
    };
    let rows = Rows {
        heading: format!("{}: {}", node.definition, lets.join(", ")),
        from: input.view.clone(),
        columns: named.map(|(expr, field)| print(expr, &field.name)).collect(),
        has_copy: input.has_copy,
        has_record: input.has_record,
        filter: None,
    };
    add(builder, node, &rows, names_of(&node.output))
}

/// The rows of several inputs, each with which one it is of. Two of them never have copies of each other.
pub(super) fn union(builder: &mut Builder, node: &Node, inputs: &[&Relation]) -> Relation {
    let fields = &node.output.fields[..node.output.fields.len() - 1];
    let has_copy = inputs.iter().all(|input| input.has_copy);
    let has_record = inputs.iter().all(|input| input.has_record);
    let column = |(field, from): (&Field, &String)| Carried {
        name: from.clone(),
        inner: field.name.clone(),
        data_type: field.data_type.to_string(),
        sql_type: type_name(field.data_type),
    };
    let input = |(origin, relation): (i64, &&Relation)| UnionInput {
        view: relation.view.clone(),
        origin,
        columns: fields.iter().zip(&relation.columns).map(column).collect(),
    };
    let context = Union {
        heading: format!("stream {}: union", node.definition),
        inputs: (0..).zip(inputs).map(input).collect(),
        has_copy,
        has_record,
    };
    let view = names::step(&node.name);
    builder.add_view(&view, "sql/view.union.sql", &context);
    Relation { view, columns: names_of(&node.output), has_copy, has_record, as_of: TIME }
}

fn add(builder: &mut Builder, node: &Node, rows: &Rows, columns: Vec<String>) -> Relation {
    let view = names::step(&node.name);
    builder.add_view(&view, "sql/view.rows.sql", rows);
    Relation { view, columns, has_copy: rows.has_copy, has_record: rows.has_record, as_of: TIME }
}

fn is_column(expr: &Expr, name: &str, input: &Relation) -> bool {
    matches!(expr.kind, ExprKind::Column(slot) if input.columns[slot] == name)
}

pub(super) fn names_of(schema: &Schema) -> Vec<String> {
    schema.fields.iter().map(|field| field.name.clone()).collect()
}

/// The expression over the columns of a relation.
pub(super) fn sql(expr: &Expr, input: &Relation) -> String {
    flink::sql(expr, &|slot| input.sql(slot))
        .expect("expressions without a form were refused before anything is printed")
}
