//! Filters and projections: one view each, in the plan's order.

use crate::emit::context::{Printed, Rows};
use crate::functions::print::{self, Detail};
use crate::functions::{Expr, ExprKind, flink};
use crate::plan::Node;
use crate::types::Schema;

use super::build::{Builder, Relation, TIME};
use super::names;

/// Rows that pass a condition.
pub(super) fn filter(builder: &mut Builder, node: &Node, predicate: &Expr, input: &Relation) -> Relation {
    let condition = print::text(predicate, &node.output, Detail::Plain);
    let columns = (0..input.columns.len()).map(|slot| Printed { sql: input.sql(slot), name: None });
    let rows = Rows {
        heading: format!("group_by {}: where {condition}", node.definition),
        from: input.view.clone(),
        columns: columns.collect(),
        has_copy: input.has_copy,
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
        heading: format!("group_by {}: let {}", node.definition, lets.join(", ")),
        from: input.view.clone(),
        columns: named.map(|(expr, field)| print(expr, &field.name)).collect(),
        has_copy: input.has_copy,
        filter: None,
    };
    add(builder, node, &rows, names_of(&node.output))
}

fn add(builder: &mut Builder, node: &Node, rows: &Rows, columns: Vec<String>) -> Relation {
    let view = names::step(&node.name);
    builder.add_view(&view, "sql/view.rows.sql", rows);
    Relation { view, columns, has_copy: rows.has_copy, as_of: TIME }
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
