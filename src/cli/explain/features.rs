//! What a definition and each of its columns compute, in words.

use crate::functions::Expr;
use crate::functions::print::{self, Detail};
use crate::model::{Aggregate, GroupBy, GroupById, Join, Lookup, Model, Source, SourceField};
use crate::types::{Field, Schema};

use super::definition::Definition;
use super::inputs;
use super::meaning::meaning;
use super::page::Column;

/// The sentences above the table of columns.
pub(super) fn computes(model: &Model, definition: Definition) -> Vec<String> {
    match definition {
        Definition::Source(id) => {
            let source = model.source(id);
            vec![format!(
                "Events of topic {} in group `{}`, read from every cluster of that group in every region.",
                source.topic, source.group
            )]
        }
        Definition::Table(id) => inputs::table(model.table(id)),
        Definition::Stream(id) => inputs::stream(model, model.stream(id)),
        Definition::GroupBy(id) => group_by(model, model.group_by(id), &key_names(model, id)),
        Definition::Join(id) => join(model, model.join(id)),
    }
}

fn group_by(model: &Model, group_by: &GroupBy, keys: &[String]) -> Vec<String> {
    let source = model.rows(group_by.from);
    let scope = scope(model, group_by);
    let mut lines = vec![format!(
        "For each {}: figures over the events of {} in trailing windows of time.",
        keys.join(" and "),
        source.name
    )];
    lines.extend(group_by.lookups.iter().map(|lookup| looked_up(model, lookup, &scope)));
    lines.extend(group_by.filter.as_ref().map(|f| format!("Only events where {} count.", plain(f, &scope))));
    lines.extend(group_by.lets.iter().map(|c| format!("Here {} is {}.", c.name, plain(&c.expr, &scope))));
    lines.push(format!("An event without a value for {} belongs to no row.", keys.join(" or ")));
    lines
}

fn join(model: &Model, join: &Join) -> Vec<String> {
    let left = model.rows(join.left);
    let mut lines = vec![
        format!("One row for each event of {}, with what was known just before it happened:", left.name),
        format!(
            "a figure as of the event's {} never includes the event itself or a later one.",
            left.fields[left.event_time].name
        ),
    ];
    lines.extend(join.parts.iter().map(|part| {
        let on =
            part.on.iter().map(|slot| left.fields[*slot].name.as_str()).zip(key_names(model, part.group_by));
        let on: Vec<_> =
            on.map(|(left, key)| if left == key { key } else { format!("{key} = {left}") }).collect();
        let name = &model.group_by(part.group_by).name;
        format!("{name} of the same {} gives the columns {}_….", on.join(" and "), part.alias)
    }));
    let rows = Schema { fields: left.fields.into_iter().cloned().collect() };
    lines.extend(join.lookups.iter().map(|lookup| looked_up(model, lookup, &rows)));
    lines
}

/// `Each event brings country of users of the same user_id along, as of just before it.`
fn looked_up(model: &Model, lookup: &Lookup, rows: &Schema) -> String {
    let table = model.table(lookup.table);
    let name = |slot: &usize| table.fields[*slot].field.name.as_str();
    let columns: Vec<_> = lookup.columns.iter().map(name).collect();
    let on = table.keys.iter().map(name).zip(lookup.on.iter().map(|slot| rows.fields[*slot].name.as_str()));
    let on: Vec<_> =
        on.map(|(key, left)| if left == key { key.to_owned() } else { format!("{key} = {left}") }).collect();
    let when = if table.event_time.is_some() { "as of just before it" } else { "as last read" };
    format!(
        "Each event takes along {} of {} with the same {}, {when}.",
        columns.join(", "),
        table.name,
        on.join(" and ")
    )
}

/// The columns in their order, without lineage.
pub(super) fn columns(model: &Model, definition: Definition) -> Vec<Column> {
    match definition {
        Definition::Source(id) => {
            let source = model.source(id);
            source.fields.iter().map(|field| column(&field.field, source_field(source, field))).collect()
        }
        Definition::Table(id) => inputs::table_columns(model.table(id)),
        Definition::Stream(id) => inputs::stream_columns(model, model.stream(id)),
        Definition::GroupBy(id) => group_by_columns(model, model.group_by(id)),
        Definition::Join(id) => join_columns(model, model.join(id)),
    }
}

/// What a column is besides its value.
pub(super) fn roles(position: Option<usize>, time: Option<usize>, id: Option<usize>) -> Vec<String> {
    let mut words = Vec::new();
    if position.is_some() && position == time {
        words.push("the time of the event".to_owned());
    }
    if position.is_some() && position == id {
        words.push("the id of the event".to_owned());
    }
    words
}

fn source_field(source: &Source, field: &SourceField) -> String {
    let position = source.fields.iter().position(|other| other.field.name == field.field.name);
    let mut words = roles(position, Some(source.event_time), source.event_id);
    if field.wire_name != field.field.name {
        words.push(format!("written as {:?}", field.wire_name));
    }
    words.join(", ")
}

fn group_by_columns(model: &Model, group_by: &GroupBy) -> Vec<Column> {
    let scope = scope(model, group_by);
    let keys = group_by.keys.iter().map(|slot| {
        let field = Field { nullable: false, ..scope.fields[*slot].clone() };
        column(&field, "the key".to_owned())
    });
    let features = group_by.aggregates.iter().map(|aggregate| {
        column(&feature_field(aggregate, &aggregate.column, false), meaning(aggregate, &scope))
    });
    keys.chain(features).collect()
}

fn join_columns(model: &Model, join: &Join) -> Vec<Column> {
    let left = model.rows(join.left);
    let mut rows = Schema { fields: model.left_fields(join) };
    let mut columns: Vec<_> = rows.fields.iter().map(|f| column(f, format!("of {}", left.name))).collect();
    for part in &join.parts {
        let group_by = model.group_by(part.group_by);
        let scope = scope(model, group_by);
        let may_be_null = part.on.iter().any(|slot| left.fields[*slot].nullable);
        for aggregate in &group_by.aggregates {
            let name = format!("{}_{}", part.alias, aggregate.column);
            let field = feature_field(aggregate, &name, may_be_null);
            columns.push(column(&field, meaning(aggregate, &scope)));
            rows.fields.push(field);
        }
    }
    for lookup in &join.lookups {
        let table = &model.table(lookup.table).name;
        for field in model.looked_up(lookup) {
            let field = Field { name: format!("{}_{}", lookup.alias, field.name), ..field };
            columns.push(column(&field, format!("of {table}")));
            rows.fields.push(field);
        }
    }
    rows.fields.extend(join.derived.iter().map(|c| Field::new(&c.name, c.expr.data_type, c.expr.nullable)));
    let first = rows.len() - join.derived.len();
    columns.extend(
        join.derived_order
            .iter()
            .map(|index| column(&rows.fields[first + index], plain(&join.derived[*index].expr, &rows))),
    );
    columns
}

fn feature_field(aggregate: &Aggregate, name: &str, may_be_null: bool) -> Field {
    Field::new(name, aggregate.output, aggregate.nullable || may_be_null)
}

pub(super) fn column(field: &Field, meaning: String) -> Column {
    Column {
        name: field.name.clone(),
        data_type: field.data_type.to_string(),
        nullable: field.nullable,
        meaning,
        made_of: vec![],
        decided_by: vec![],
    }
}

pub(super) fn key_names(model: &Model, id: GroupById) -> Vec<String> {
    let group_by = model.group_by(id);
    let scope = scope(model, group_by);
    group_by.keys.iter().map(|slot| scope.fields[*slot].name.clone()).collect()
}

/// The name of a source's event time.
pub(super) fn time_name(source: &Source) -> &str {
    &source.fields[source.event_time].field.name
}

/// What a group by's expressions range over.
fn scope(model: &Model, group_by: &GroupBy) -> Schema {
    Schema { fields: model.group_by_scope(group_by) }
}

pub(super) fn plain(expr: &Expr, rows: &Schema) -> String {
    print::text(expr, rows, Detail::Plain)
}
