//! The model in words, for snapshots and for people: types and defaults made explicit, deterministic.

use std::fmt::Write;

use crate::functions::Expr;
use crate::functions::print::{self, Detail};
use crate::types::{Duration, Field};

use super::{Aggregate, Column, GroupBy, Join, Model, Publish, PublishMode, Source, Tail, Window};

/// The whole model, definitions in the order of their lists.
#[must_use]
pub fn text(model: &Model) -> String {
    let mut blocks: Vec<String> = Vec::new();
    blocks.extend(model.sources.iter().map(source));
    blocks.extend(model.group_bys.iter().map(|definition| group_by(model, definition)));
    blocks.extend(model.joins.iter().map(|definition| join(model, definition)));
    blocks.extend(model.deployments.iter().map(|deployment| {
        let group_bys = deployment.group_bys.iter().map(|id| model.group_by(*id).name.as_str());
        let joins = deployment.joins.iter().map(|id| model.join(*id).name.as_str());
        format!("deployment {}: {}\n", deployment.name, group_bys.chain(joins).collect::<Vec<_>>().join(", "))
    }));
    blocks.extend(model.environments.iter().map(|environment| {
        let (topology, checkpoints) = (environment.topology.display(), environment.checkpoints.display());
        format!("environment {}: topology {topology}, checkpoints {checkpoints}\n", environment.name)
    }));
    blocks.join("\n")
}

/// Lines of one definition; writing to a string cannot fail.
struct Block(String);

impl Block {
    fn new(head: &str, owner: Option<&String>) -> Self {
        Self(owner.map_or(format!("{head}\n"), |owner| format!("{head} (owner {owner})\n")))
    }

    fn line(&mut self, line: &str) {
        writeln!(self.0, "  {line}").expect("a string takes all writes");
    }
}

fn source(source: &Source) -> String {
    let mut block = Block::new(&format!("source {}", source.name), source.about.owner.as_ref());
    block.line(&format!("topic {} in {}", source.topic, source.group));
    for field in &source.fields {
        let renamed = if field.wire_name == field.field.name {
            String::new()
        } else {
            format!(" from {:?}", field.wire_name)
        };
        block.line(&format!("field {}{renamed} as {:?}", typed(&field.field), field.wire_type));
    }
    block.line(&format!("event_time {}", source.fields[source.event_time].field.name));
    let event_id = source.event_id.map_or("none: at-least-once", |slot| &source.fields[slot].field.name);
    block.line(&format!("event_id {event_id}"));
    let [disorder, ahead, retention] =
        [source.disorder_ms, source.ahead_ms, source.retention_ms].map(Duration::from_ms);
    block.line(&format!("disorder {disorder}, ahead {ahead}, retention {retention}"));
    block.0
}

fn group_by(model: &Model, group_by: &GroupBy) -> String {
    let from = model.rows(group_by.from);
    let columns: Vec<String> = model.group_by_scope(group_by).into_iter().map(|field| field.name).collect();
    let mut block = Block::new(&format!("group_by {}", group_by.name), group_by.about.owner.as_ref());
    block.line(&format!("from {}", from.name));
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
    block.line(&publish(group_by.publish.as_ref()));
    block.0
}

fn aggregate(aggregate: &Aggregate, columns: &[String]) -> String {
    let input = aggregate.input.as_ref().map_or(String::new(), |input| expr(input, columns));
    let filter =
        aggregate.filter.as_ref().map_or(String::new(), |filter| format!(" where {}", expr(filter, columns)));
    let column = Field::new(aggregate.column.as_str(), aggregate.output, aggregate.nullable);
    let over = aggregate.window.as_ref().map_or_else(|| "all time".to_owned(), window);
    format!("{} = {}({input}){filter} over {over}", typed(&column), aggregate.kind.name())
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
    let mut block = Block::new(&format!("join {}", join.name), join.about.owner.as_ref());
    block.line(&format!("left {}", left.name));
    for part in &join.parts {
        let group_by = model.group_by(part.group_by);
        let keys = super::group_by_keys(model, group_by);
        let on: Vec<_> =
            part.on.iter().zip(keys).map(|(slot, key)| format!("{} = {key}", columns[*slot])).collect();
        block.line(&format!("features {} on {} as {}", group_by.name, on.join(", "), part.alias));
    }
    for part in &join.parts {
        let aggregates = &model.group_by(part.group_by).aggregates;
        columns.extend(aggregates.iter().map(|aggregate| format!("{}.{}", part.alias, aggregate.column)));
    }
    columns.extend(join.derived.iter().map(|column| column.name.clone()));
    for position in &join.derived_order {
        block.line(&definition(&join.derived[*position], &columns));
    }
    let [hold_for, left_late] = [join.hold_for_ms, join.left_late_ms].map(Duration::from_ms);
    block.line(&format!("hold_for {hold_for}, left_late {left_late}"));
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
    format!("publish {} to {} as {mode}", publish.topic, publish.group)
}
