//! The model in words, for snapshots and for people: types and defaults made explicit, deterministic.

use std::fmt::Write;

use crate::diag::Spanned;
use crate::functions::print::{self, Detail};
use crate::functions::{Expr, literal};
use crate::types::{Duration, EventTime, Field};

use super::{
    About, Aggregate, Column, Derivation, Format, GroupBy, History, Join, JoinMode, Lookup, Model, ORIGIN,
    Publish, PublishMode, Source, SourceField, Stream, StreamBody, Table, Tail, Window,
};

/// The whole model, definitions in the order of their lists.
#[must_use]
pub fn text(model: &Model) -> String {
    let mut blocks: Vec<String> = Vec::new();
    blocks.extend(model.sources.iter().map(source));
    blocks.extend(model.tables.iter().map(table));
    blocks.extend(model.streams.iter().map(|definition| stream(model, definition)));
    blocks.extend(model.group_bys.iter().map(|definition| group_by(model, definition)));
    blocks.extend(model.joins.iter().map(|definition| join(model, definition)));
    blocks.extend(model.deployments.iter().map(|deployment| {
        let group_bys = deployment.group_bys.iter().map(|id| model.group_by(*id).name.as_str());
        let joins = deployment.joins.iter().map(|id| model.join(*id).name.as_str());
        format!("deployment {}: {}\n", deployment.name, group_bys.chain(joins).collect::<Vec<_>>().join(", "))
    }));
    blocks.extend(model.environments.iter().map(|environment| {
        let (topology, checkpoints) = (environment.topology.display(), &environment.checkpoints);
        format!("environment {}: topology {topology}, checkpoints {checkpoints}\n", environment.name)
    }));
    blocks.join("\n")
}

/// Lines of one definition; writing to a string cannot fail.
struct Block(String);

impl Block {
    fn new(head: &str, about: &About) -> Self {
        let owner = about.owner.as_ref().map_or(String::new(), |owner| format!(" (owner {owner})"));
        let mut block = Self(format!("{head}{owner}\n"));
        if !about.tags.is_empty() {
            block.line(&format!("tags {}", about.tags.join(", ")));
        }
        if let Some(why) = &about.deprecated {
            block.line(&format!("deprecated {why:?}"));
        }
        block
    }

    fn line(&mut self, line: &str) {
        writeln!(self.0, "  {line}").expect("a string takes all writes");
    }

    fn records(&mut self, (topic, group): (&str, &str), format: &Format, fields: &[SourceField]) {
        self.line(&format!("topic {topic} in {group}"));
        if let Format::Avro { file, .. } = format {
            self.line(&format!("format avro by {file}"));
        }
        for field in fields {
            let renamed = if field.wire_name == field.field.name {
                String::new()
            } else {
                format!(" from {:?}", field.wire_name)
            };
            self.line(&format!("field {}{renamed} as {:?}", typed(&field.field), field.wire_type));
        }
    }

    fn times(&mut self, lengths: [i64; 3], history: &[History]) {
        let [disorder, ahead, retention] = lengths.map(Duration::from_ms);
        self.line(&format!("disorder {disorder}, ahead {ahead}, retention {retention}"));
        for history in history {
            let until = history.until_ms.map_or(String::new(), |ms| format!(" until {}", EventTime(ms)));
            self.line(&format!("history {:?}{until}", history.files));
        }
    }
}

fn source(source: &Source) -> String {
    let mut block = Block::new(&format!("source {}", source.name), &source.about);
    block.records((&source.topic, &source.group), &source.format, &source.fields);
    block.line(&format!("event_time {}", source.fields[source.event_time].field.name));
    let event_id = source.event_id.map_or("none: at-least-once", |slot| &source.fields[slot].field.name);
    block.line(&format!("event_id {event_id}"));
    block.times([source.disorder_ms, source.ahead_ms, source.retention_ms], &source.history);
    block.0
}

fn table(table: &Table) -> String {
    let mut block = Block::new(&format!("table {}", table.name), &table.about);
    block.records((&table.topic, &table.group), &table.format, &table.fields);
    let name = |slot: usize| table.fields[slot].field.name.as_str();
    let keys: Vec<_> = table.keys.iter().map(|slot| name(*slot)).collect();
    block.line(&format!("key {}", keys.join(", ")));
    block.line(&match table.event_time {
        Some(slot) => format!("event_time {}", name(slot)),
        None => "static".to_owned(),
    });
    if let Some(slot) = table.event_id {
        block.line(&format!("event_id {}", name(slot)));
    }
    block.times([table.disorder_ms, table.ahead_ms, table.retention_ms], &table.history);
    block.0
}

fn stream(model: &Model, stream: &Stream) -> String {
    let mut block = Block::new(&format!("stream {}", stream.name), &stream.about);
    match &stream.body {
        StreamBody::Union(inputs) => {
            let names: Vec<_> = inputs.iter().map(|input| model.rows(*input).name).collect();
            block.line(&format!("union {}", names.join(", ")));
        }
        StreamBody::Derive(derivation) => derive(&mut block, model, stream, derivation),
    }
    let fields = stream.fields.iter().filter(|field| field.name != ORIGIN);
    block.line(&format!("columns {}", fields.map(typed).collect::<Vec<_>>().join(", ")));
    block.line(&format!("event_time {}", stream.fields[stream.event_time].name));
    let event_id = stream.event_id.map_or("none: at-least-once", |slot| &stream.fields[slot].name);
    block.line(&format!("event_id {event_id}"));
    block.0
}

fn derive(block: &mut Block, model: &Model, stream: &Stream, derivation: &Derivation) {
    let Derivation { from, lets, filter, select, call } = derivation;
    let rows = model.rows(*from);
    block.line(&format!("from {}", rows.name));
    let columns = rows.fields.iter().map(|field| field.name.clone());
    let columns: Vec<String> = columns.chain(lets.iter().map(|column| column.name.clone())).collect();
    for column in lets {
        block.line(&format!("let {}", definition(column, &columns)));
    }
    if let Some(filter) = filter {
        block.line(&format!("where {}", expr(filter, &columns)));
    }
    for column in select.iter().filter(|column| column.name != ORIGIN) {
        block.line(&format!("select {} as {}", expr(&column.expr, &columns), column.name));
    }
    if let Some(Spanned { value: call, .. }) = call {
        let selected: Vec<String> = stream.fields.iter().map(|field| field.name.clone()).collect();
        let arguments: Vec<_> = call.arguments.iter().map(|argument| expr(argument, &selected)).collect();
        let timeout = Duration::from_ms(call.timeout_ms);
        block.line(&format!("call {:?} ({})", call.function, arguments.join(", ")));
        block.line(&format!("timeout {timeout}, concurrency {}, retry {}", call.concurrency, call.retry));
    }
}

fn lookup(model: &Model, lookup: &Lookup, columns: &[String]) -> String {
    let table = model.table(lookup.table);
    let name = |slot: &usize| table.fields[*slot].field.name.as_str();
    let on = table.keys.iter().zip(&lookup.on);
    let on: Vec<_> = on.map(|(key, slot)| format!("{} = {}", columns[*slot], name(key))).collect();
    let looked_up: Vec<_> = lookup.columns.iter().map(name).collect();
    format!("lookup {} on {} {{ {} }} as {}", table.name, on.join(", "), looked_up.join(", "), lookup.alias)
}

fn group_by(model: &Model, group_by: &GroupBy) -> String {
    let from = model.rows(group_by.from);
    let columns: Vec<String> = model.group_by_scope(group_by).into_iter().map(|field| field.name).collect();
    let mut block = Block::new(&format!("group_by {}", group_by.name), &group_by.about);
    block.line(&format!("from {}", from.name));
    for written in &group_by.lookups {
        block.line(&lookup(model, written, &columns));
    }
    for column in &group_by.lets {
        block.line(&format!("let {}", definition(column, &columns)));
    }
    if let Some(filter) = &group_by.filter {
        block.line(&format!("where {}", expr(filter, &columns)));
    }
    let keys: Vec<_> = group_by.keys.iter().map(|slot| columns[*slot].as_str()).collect();
    block.line(&format!("key {}", keys.join(", ")));
    for column in &group_by.aggregates {
        block.line(&aggregate(column, &columns));
    }
    if group_by.aggregates.iter().any(|aggregate| aggregate.window.is_none()) {
        let ttl = group_by.ttl_ms.map(Duration::from_ms);
        block.line(&ttl.map_or("unbounded".to_owned(), |ttl| format!("ttl {ttl}")));
    }
    block.line(&publish(group_by.publish.as_ref()));
    block.0
}

fn aggregate(aggregate: &Aggregate, columns: &[String]) -> String {
    let text = |part: &Option<Expr>| part.as_ref().map(|part| expr(part, columns));
    let parameter = aggregate.kind.parameter();
    let arguments: Vec<_> =
        [text(&aggregate.input), parameter, text(&aggregate.order)].into_iter().flatten().collect();
    let suffix =
        |word: &str, part: &Option<Expr>| text(part).map_or(String::new(), |part| format!(" {word} {part}"));
    let filter = suffix("where", &aggregate.filter);
    let by = suffix("by", &aggregate.by);
    let column = Field::new(aggregate.column.as_str(), aggregate.output, aggregate.nullable);
    let over = aggregate.window.as_ref().map_or_else(|| "all time".to_owned(), window);
    let default = aggregate.default.as_ref();
    let default = default.map_or(String::new(), |value| format!(" default {}", literal::sql(value)));
    let call = format!("{}({})", aggregate.kind.name(), arguments.join(", "));
    format!("{} = {call}{filter}{by} over {over}{default}", typed(&column))
}

fn window(window: &Window) -> String {
    let tail = match window.tail {
        Tail::Exact => "exact".into(),
        Tail::Hop { hop_ms } => format!("hop {}", Duration::from_ms(hop_ms)),
    };
    let [size, refresh] = [window.size_ms, window.refresh_ms].map(Duration::from_ms);
    format!("{size} tail {tail} refresh {refresh}")
}

fn join(model: &Model, join: &Join) -> String {
    let left = model.rows(join.left);
    let mut columns: Vec<String> = model.left_fields(join).into_iter().map(|field| field.name).collect();
    let mut block = Block::new(&format!("join {}", join.name), &join.about);
    block.line(&format!("left {}", left.name));
    for part in &join.parts {
        let group_by = model.group_by(part.group_by);
        let keys = super::group_by_keys(model, group_by);
        let on: Vec<_> =
            part.on.iter().zip(keys).map(|(slot, key)| format!("{} = {key}", columns[*slot])).collect();
        block.line(&format!("features {} on {} as {}", group_by.name, on.join(", "), part.alias));
    }
    for written in &join.lookups {
        block.line(&lookup(model, written, &columns));
    }
    for part in &join.parts {
        let aggregates = &model.group_by(part.group_by).aggregates;
        columns.extend(aggregates.iter().map(|aggregate| format!("{}.{}", part.alias, aggregate.column)));
    }
    for lookup in &join.lookups {
        let looked_up = model.looked_up(lookup).into_iter();
        columns.extend(looked_up.map(|field| format!("{}.{}", lookup.alias, field.name)));
    }
    columns.extend(join.derived.iter().map(|column| column.name.clone()));
    for position in &join.derived_order {
        block.line(&definition(&join.derived[*position], &columns));
    }
    let [hold_for, left_late] = [join.hold_for_ms, join.left_late_ms].map(Duration::from_ms);
    let mode = match join.mode {
        JoinMode::Complete => "",
        JoinMode::Fresh => ", mode fresh",
    };
    block.line(&format!("hold_for {hold_for}, left_late {left_late}{mode}"));
    block.line(&publish(join.publish.as_ref()));
    block.0
}

fn definition(column: &Column, columns: &[String]) -> String {
    let field = Field::new(column.name.as_str(), column.expr.data_type, column.expr.nullable);
    format!("{} = {}", typed(&field), expr(&column.expr, columns))
}

fn typed(field: &Field) -> String {
    format!("{} {}{}", field.name, field.data_type, if field.nullable { "?" } else { "" })
}

fn expr(expr: &Expr, columns: &[String]) -> String {
    print::text_by(expr, &|slot| columns[slot].clone(), Detail::Typed)
}

fn publish(publish: Option<&Publish>) -> String {
    let Some(publish) = publish else { return "publish nothing".into() };
    let mode = match publish.mode {
        PublishMode::Latest => "latest",
        PublishMode::Events => "events",
    };
    let every = match publish.every_ms {
        0 => String::new(),
        ms => format!(" every {}", Duration::from_ms(ms)),
    };
    format!("publish {} to {} as {mode}{every}", publish.topic, publish.group)
}
