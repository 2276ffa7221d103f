//! Derived columns: one view per layer, for a query cannot use its own columns.

use crate::emit::context::{Printed, Rows};
use crate::functions::Expr;
use crate::plan::Node;

use super::build::{Builder, Relation, TIME};
use super::{names, rows};

/// Prints derived columns, each of which may use those before it; `select` picks the output order.
pub(super) fn print(
    builder: &mut Builder,
    node: &Node,
    columns: &[Expr],
    select: &[usize],
    input: &Relation,
) -> Relation {
    let layers = layers(columns, input.columns.len());
    let names = derived_names(node, columns.len(), select, input.columns.len());
    let last = layers.iter().copied().max().unwrap_or(0);
    let mut relation = input.clone();
    // Slot -> column of the relation; unknown as long as it has not been derived.
    let mut place: Vec<Option<usize>> = (0..input.columns.len()).map(Some).collect();
    place.resize(input.columns.len() + columns.len(), None);
    for layer in 1..last {
        let own = (0..columns.len()).filter(|at| layers[*at] == layer);
        let own: Vec<(usize, Printed)> =
            own.map(|at| (at, printed(&columns[at], &names[at], &relation, &place))).collect();
        relation = inner(builder, node, &relation, layer, &own);
        for (offset, (at, _)) in own.iter().enumerate() {
            place[input.columns.len() + at] = Some(relation.columns.len() - own.len() + offset);
        }
    }
    outer(builder, node, columns, select, &relation, &place)
}

/// Of each column: one more than the largest layer of the derived columns it uses.
fn layers(columns: &[Expr], before: usize) -> Vec<usize> {
    let mut layers: Vec<usize> = Vec::with_capacity(columns.len());
    for column in columns {
        let mut slots = Vec::new();
        column.collect_columns(&mut slots);
        let used = slots.into_iter().filter_map(|slot| slot.checked_sub(before));
        layers.push(1 + used.map(|at| layers[at]).max().unwrap_or(0));
    }
    layers
}

/// The output name of each derived column.
fn derived_names(node: &Node, count: usize, select: &[usize], before: usize) -> Vec<String> {
    let name = |at: usize| {
        let output = select.iter().position(|slot| *slot == before + at);
        node.output.fields[output.expect("every derived column is put out")].name.clone()
    };
    (0..count).map(name).collect()
}

fn printed(expr: &Expr, name: &str, relation: &Relation, place: &[Option<usize>]) -> Printed {
    let expr = expr.remap(&|slot| place[slot].expect("columns are derived before they are used"));
    Printed { sql: rows::sql(&expr, relation), name: Some(name.to_owned()) }
}

/// All columns so far and one layer more.
fn inner(
    builder: &mut Builder,
    node: &Node,
    relation: &Relation,
    layer: usize,
    own: &[(usize, Printed)],
) -> Relation {
    let known = (0..relation.columns.len()).map(|slot| Printed { sql: relation.sql(slot), name: None });
    let printed: Vec<Printed> = known.chain(own.iter().map(|(_, column)| column.clone())).collect();
    let added = own.iter().filter_map(|(_, column)| column.name.clone());
    let columns = relation.columns.iter().cloned().chain(added).collect();
    let view = format!("{}:{layer}", names::step(&node.name));
    add(builder, node, relation, (view, printed), columns)
}

/// The last layer, in the output order.
fn outer(
    builder: &mut Builder,
    node: &Node,
    columns: &[Expr],
    select: &[usize],
    relation: &Relation,
    place: &[Option<usize>],
) -> Relation {
    let before = place.len() - columns.len();
    let column = |(slot, field): (&usize, &crate::types::Field)| match place[*slot] {
        Some(known) => Printed { sql: relation.sql(known), name: None },
        None => printed(&columns[*slot - before], &field.name, relation, place),
    };
    let printed = select.iter().zip(&node.output.fields).map(column).collect();
    let output = rows::names_of(&node.output);
    add(builder, node, relation, (names::step(&node.name), printed), output)
}

fn add(
    builder: &mut Builder,
    node: &Node,
    from: &Relation,
    (view, printed): (String, Vec<Printed>),
    columns: Vec<String>,
) -> Relation {
    let rows = Rows {
        heading: format!("join {}: derived columns", node.definition),
        from: from.view.clone(),
        columns: printed,
        has_copy: false,
        has_record: false,
        filter: None,
    };
    builder.add_view(&view, "sql/view.rows.sql", &rows);
    Relation { view, columns, has_copy: false, has_record: false, as_of: TIME }
}
