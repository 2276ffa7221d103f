//! What a definition and each of its columns compute, in words.

use crate::aggregates::Kind;
use crate::functions::Expr;
use crate::functions::print::{self, Detail};
use crate::model::{Aggregate, GroupBy, GroupById, Join, Model, Source, SourceField};
use crate::types::{Field, Schema};

use super::definition::Definition;
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
    lines
}

/// The columns in their order, without lineage.
pub(super) fn columns(model: &Model, definition: Definition) -> Vec<Column> {
    match definition {
        Definition::Source(id) => {
            let source = model.source(id);
            source.fields.iter().map(|field| column(&field.field, source_field(source, field))).collect()
        }
        Definition::GroupBy(id) => group_by_columns(model, model.group_by(id)),
        Definition::Join(id) => join_columns(model, model.join(id)),
    }
}

fn source_field(source: &Source, field: &SourceField) -> String {
    let position = source.fields.iter().position(|other| other.field.name == field.field.name);
    let mut words = Vec::new();
    if position == Some(source.event_time) {
        words.push("the time of the event".to_owned());
    }
    if position.is_some() && position == source.event_id {
        words.push("the id of the event".to_owned());
    }
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

fn column(field: &Field, meaning: String) -> Column {
    Column {
        name: field.name.clone(),
        data_type: field.data_type.to_string(),
        nullable: field.nullable,
        meaning,
        made_of: vec![],
        decided_by: vec![],
    }
}

/// `sum of amount`
fn computed(kind: Kind, input: Option<&str>, order: Option<&str>) -> String {
    let x = input.unwrap_or_default();
    let by = order.map(|order| format!(" by {order}")).unwrap_or_default();
    match kind {
        Kind::Count if input.is_none() => "number of events".to_owned(),
        Kind::Count => format!("number of events that have {x}"),
        Kind::Sum => format!("sum of {x}"),
        Kind::Avg => format!("average of {x}"),
        Kind::Min => format!("least {x}"),
        Kind::Max => format!("greatest {x}"),
        Kind::Variance => format!("variance of {x}"),
        Kind::Stddev => format!("standard deviation of {x}"),
        Kind::First => format!("{x} of the oldest event that has one"),
        Kind::Last => format!("{x} of the newest event that has one"),
        Kind::FirstK(k) => format!("{x} of the {k} oldest events that have one"),
        Kind::LastK(k) => format!("{x} of the {k} newest events that have one"),
        Kind::TopK(k) => format!("the {k} greatest {x}{by}"),
        Kind::BottomK(k) => format!("the {k} least {x}{by}"),
        Kind::UniqueCount => format!("number of different {x}"),
        Kind::ApproxUniqueCount => format!("approximate number of different {x}"),
        Kind::ApproxPercentile(_) => {
            format!("value at the fraction {} of all {x} in order", kind.parameter().unwrap_or_default())
        }
        Kind::Histogram => format!("how often each {x} occurs"),
    }
}

/// `sum of amount where …, last 24h`
fn meaning(aggregate: &Aggregate, scope: &Schema) -> String {
    let input = aggregate.input.as_ref().map(|input| plain(input, scope));
    let order = aggregate.order.as_ref().map(|order| plain(order, scope));
    let what = computed(aggregate.kind, input.as_deref(), order.as_deref());
    let filter = aggregate.filter.as_ref().map(|f| format!(" where {}", plain(f, scope))).unwrap_or_default();
    match aggregate.window {
        Some(_) => format!("{what}{filter}, last {}", window_name(aggregate)),
        None => format!("{what}{filter}, since the beginning"),
    }
}

/// The window as its author wrote it, which is how the column's name ends.
pub(super) fn window_name(aggregate: &Aggregate) -> &str {
    aggregate.column.strip_prefix(&aggregate.feature).unwrap_or_default().trim_start_matches('_')
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

fn plain(expr: &Expr, rows: &Schema) -> String {
    print::text(expr, rows, Detail::Plain)
}
