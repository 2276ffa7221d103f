//! A plan as text: one block per node, inputs first, with everything that decides its values.

use std::fmt::Write as _;

use crate::functions::{Expr, literal};
use crate::types::{Duration, Field, Schema};

use super::{
    AggregateColumn, Call, Decode, DecodeField, Format, JoinMode, Lookup, Node, NodeId, Operator, Plan,
    PointInTimeJoin, Publish, PublishMode, Table, Tail, Window, WindowAggregate, fingerprint,
};
use crate::functions::print::{self, Detail};

/// The text of a plan. Equal plans have equal texts; the text of a node names all it depends on.
#[must_use]
pub fn text(plan: &Plan) -> String {
    let mut text = format!("plan {}\n  fingerprint {}\n", plan.deployment, fingerprint::of_plan(plan));
    for id in plan.topological() {
        text.push('\n');
        text += &node(plan, id);
    }
    text
}

fn node(plan: &Plan, id: NodeId) -> String {
    let node = plan.node(id);
    let inputs = plan.inputs(id);
    let mut text = format!("{id} {} {}", kind(&node.operator), node.name);
    if !inputs.is_empty() {
        let names: Vec<_> = inputs.iter().map(NodeId::to_string).collect();
        let _ = write!(text, " <- {}", names.join(", "));
    }
    text.push('\n');
    let rows = inputs.first().map(|input| plan.node(*input).output.clone()).unwrap_or_default();
    for line in details(plan, node, &rows) {
        let _ = writeln!(text, "  {line}");
    }
    let _ = writeln!(text, "  fingerprint {}", node.fingerprint);
    text
}

/// The word for an operator.
#[must_use]
pub const fn kind(operator: &Operator) -> &'static str {
    match operator {
        Operator::Source(_) => "source",
        Operator::Decode(_) => "decode",
        Operator::Watermark(_) => "watermark",
        Operator::Filter { .. } => "filter",
        Operator::Project { .. } => "project",
        Operator::KeyBy { .. } => "key-by",
        Operator::Union => "union",
        Operator::Call(_) => "call",
        Operator::Table(_) => "table",
        Operator::Lookup(_) => "lookup",
        Operator::WindowAggregate(_) => "window-aggregate",
        Operator::PointInTimeJoin(_) => "point-in-time-join",
        Operator::Derive { .. } => "derive",
        Operator::Publish(_) => "publish",
    }
}

fn details(plan: &Plan, node: &Node, rows: &Schema) -> Vec<String> {
    let name = |slot: usize| rows.fields[slot].name.as_str();
    match &node.operator {
        Operator::Source(source) => vec![
            format!("topic {} in {}", source.topic, source.group),
            format!("retention {}", Duration::from_ms(source.retention_ms)),
        ],
        Operator::Decode(decode) => decoded(decode),
        Operator::Watermark(watermark) => vec![format!(
            "newest {} - {}",
            name(watermark.event_time),
            Duration::from_ms(watermark.disorder_ms)
        )],
        Operator::Filter { predicate } => vec![format!("where {}", typed(predicate, rows))],
        Operator::Project { columns } => projected(columns, node, rows),
        Operator::KeyBy { keys } => vec![format!("key {}", names(keys, rows))],
        Operator::Union => vec!["rows of all inputs, which break ties in this order".to_owned()],
        Operator::Call(call) => called(call, rows),
        Operator::Table(table) => tabled(table, rows),
        Operator::Lookup(lookup) => looked_up(lookup, node, rows),
        Operator::WindowAggregate(aggregate) => aggregated(aggregate, rows),
        Operator::PointInTimeJoin(join) => joined(plan, join, rows),
        Operator::Derive { columns, select } => derived(columns, select, node, rows),
        Operator::Publish(publish) => published(publish, node),
    }
}

fn decoded(decode: &Decode) -> Vec<String> {
    let field = |field: &DecodeField| {
        let from = if field.wire_name == field.field.name {
            String::new()
        } else {
            format!(" from {:?}", field.wire_name)
        };
        let fate = if field.slot.is_some() { "" } else { ", checked only" };
        format!("{}{from} as {:?}{fate}", declared(&field.field), field.wire_type)
    };
    let mut lines: Vec<_> = decode.fields.iter().map(field).collect();
    if let Format::Avro { file, .. } = &decode.format {
        lines.insert(0, format!("avro by {file}"));
    }
    lines.push(match decode.event_time {
        Some(index) => format!("event time {}", decode.fields[index].field.name),
        None => "static: holds at all times".to_owned(),
    });
    lines.push(match decode.event_id {
        Some(index) => format!("event id {}", decode.fields[index].field.name),
        None => "no event id: copies count".to_owned(),
    });
    lines.push(format!("ahead at most {}", Duration::from_ms(decode.ahead_ms)));
    lines
}

fn declared(field: &Field) -> String {
    format!("{} {}{}", field.name, field.data_type, if field.nullable { "?" } else { "" })
}

fn typed(expr: &Expr, rows: &Schema) -> String {
    print::text(expr, rows, Detail::Typed)
}

fn names(slots: &[usize], rows: &Schema) -> String {
    slots.iter().map(|slot| rows.fields[*slot].name.as_str()).collect::<Vec<_>>().join(", ")
}

fn called(call: &Call, rows: &Schema) -> Vec<String> {
    let arguments: Vec<_> = call.arguments.iter().map(|argument| typed(argument, rows)).collect();
    let mut lines = vec![
        format!("{:?}({})", call.function, arguments.join(", ")),
        format!(
            "timeout {}, {} at once, {} more tries",
            Duration::from_ms(call.timeout_ms),
            call.concurrency,
            call.retry
        ),
    ];
    lines.extend(call.returns.iter().map(|returned| format!("  {}", declared(&returned.field))));
    lines
}

fn tabled(table: &Table, rows: &Schema) -> Vec<String> {
    let mut lines = vec![format!("key {}", names(&table.keys, rows))];
    lines.push(match table.event_time {
        Some(slot) => format!(
            "newest {} per key, history of {}",
            rows.fields[slot].name,
            Duration::from_ms(table.kept_ms)
        ),
        None => "the last row read per key".to_owned(),
    });
    lines.extend(table.event_id.map(|slot| format!("event id {}", rows.fields[slot].name)));
    lines
}

fn looked_up(lookup: &Lookup, node: &Node, rows: &Schema) -> Vec<String> {
    let on = names(&lookup.on, rows);
    let mut lines = vec![
        format!("on {on} at {}, strictly before", rows.fields[lookup.event_time].name),
        format!("waits at most {} for what is down", Duration::from_ms(lookup.hold_for_ms)),
    ];
    lines.extend(node.output.fields[rows.len()..].iter().map(|field| format!("  {}", declared(field))));
    lines
}

fn projected(columns: &[Expr], node: &Node, rows: &Schema) -> Vec<String> {
    let column = |(expr, field): (&Expr, &Field)| {
        let text = typed(expr, rows);
        if text == field.name { text } else { format!("{} = {text}", declared(field)) }
    };
    columns.iter().zip(&node.output.fields).map(column).collect()
}

fn aggregated(aggregate: &WindowAggregate, rows: &Schema) -> Vec<String> {
    let mut lines = vec![
        format!("key {}", names(&aggregate.keys, rows)),
        format!("event time {}", names(&[aggregate.event_time], rows)),
    ];
    lines.extend(aggregate.event_id.map(|slot| format!("event id {}", names(&[slot], rows))));
    let kept = match aggregate.kept_ms {
        0 => String::new(),
        kept => format!(", for joins {} longer", Duration::from_ms(kept)),
    };
    lines.push(format!("keeps an event {}{kept}", Duration::from_ms(aggregate.reach_ms)));
    lines
        .extend(aggregate.ttl_ms.map(|ttl| format!("keeps a key without events {}", Duration::from_ms(ttl))));
    lines.extend(aggregate.origin.map(|_| "ties in order of the sources".to_owned()));
    lines.extend(aggregate.columns.iter().map(|column| feature(column, rows)));
    lines
}

fn feature(column: &AggregateColumn, rows: &Schema) -> String {
    let AggregateColumn { name, kind, input, order, filter, by, window, default, output, nullable } = column;
    let input = input.as_ref().map(|expr| typed(expr, rows)).unwrap_or_default();
    let parameter = kind.parameter().map(|parameter| format!(", {parameter}")).unwrap_or_default();
    let part = |word: &str, expr: &Option<Expr>| {
        expr.as_ref().map(|expr| format!(" {word} {}", typed(expr, rows))).unwrap_or_default()
    };
    let suffixes = [part("ordered by", order), part("where", filter), part("by", by)].concat();
    let default =
        default.as_ref().map(|value| format!(" default {}", literal::sql(value))).unwrap_or_default();
    let null = if *nullable { "?" } else { "" };
    let window = window.as_ref().map_or_else(|| "over all time".to_owned(), windowed);
    format!("{name} {output}{null} = {}({input}{parameter}){suffixes} {window}{default}", kind.name())
}

fn windowed(window: &Window) -> String {
    let tail = match window.tail {
        Tail::Exact => "exact".to_owned(),
        Tail::Hop { hop_ms } => format!("hop {}", Duration::from_ms(hop_ms)),
    };
    let (size, refresh) = (Duration::from_ms(window.size_ms), Duration::from_ms(window.refresh_ms));
    format!("over {size} tail {tail} refresh {refresh}")
}

fn joined(plan: &Plan, join: &PointInTimeJoin, rows: &Schema) -> Vec<String> {
    let mut lines = vec![format!("at {}, strictly before", names(&[join.event_time], rows))];
    lines.extend(join.event_id.map(|slot| format!("event id {}", names(&[slot], rows))));
    if join.mode == JoinMode::Fresh {
        lines.push("fresh: at once, with what is known".to_owned());
    }
    lines.push(format!(
        "waits at most {} for what is down, takes left rows up to {} late",
        Duration::from_ms(join.hold_for_ms),
        Duration::from_ms(join.left_late_ms)
    ));
    for right in &join.rights {
        let of = &plan.node(right.right).name;
        lines.push(format!("with {of} ({}) on {}", right.right, names(&right.on, rows)));
        lines.extend(right.columns.iter().map(|column| format!("  {column}")));
    }
    lines
}

fn derived(columns: &[Expr], select: &[usize], node: &Node, rows: &Schema) -> Vec<String> {
    let mut scope = rows.clone();
    for (index, column) in columns.iter().enumerate() {
        let at = select.iter().position(|slot| *slot == rows.len() + index);
        let name = at.map_or_else(|| format!("column_{index}"), |at| node.output.fields[at].name.clone());
        scope.fields.push(Field::new(name, column.data_type, column.nullable));
    }
    let mut lines: Vec<_> = columns
        .iter()
        .zip(&scope.fields[rows.len()..])
        .map(|(expr, field)| format!("{} = {}", declared(field), typed(expr, &scope)))
        .collect();
    lines.push(format!("select {}", names(select, &scope)));
    lines
}

fn published(publish: &Publish, node: &Node) -> Vec<String> {
    let mode = match publish.mode {
        PublishMode::Latest => "as latest",
        PublishMode::Events => "as events",
    };
    let key = match publish.keys.as_slice() {
        [] => "without a key".to_owned(),
        keys => format!("key {}", names(keys, &node.output)),
    };
    let mut lines = vec![format!("topic {} to {} {mode}, {key}", publish.topic, publish.group)];
    lines.extend(node.output.fields.iter().map(declared));
    lines
}
