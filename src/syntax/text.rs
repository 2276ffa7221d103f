//! The tree as text: indented, deterministic, without places. Snapshots and people read it.

use std::fmt::Write as _;

use super::ast::{
    About, Ast, Binding, Call, Constants, Definition, ElementType, Feature, FieldDef, Format, GroupBy,
    History, Join, JoinMode, JoinPart, KeyMapping, Lookup, Name, Publish, PublishMode, SelectItem, Source,
    Stream, Table, Tail, TopicRef, TypeName,
};
use crate::diag::Spanned;
use crate::types::Duration;
use expr::{call, expr};
use test::test_text;

mod expr;
mod test;

/// The whole tree, a definition per paragraph, a clause per line, expressions in prefix form.
#[must_use]
pub fn text(ast: &Ast) -> String {
    let definitions = ast.definitions.iter().map(|definition| match definition {
        Definition::Source(source) => source_text(source),
        Definition::Table(table) => table_text(table),
        Definition::Stream(stream) => stream_text(stream),
        Definition::Constants(constants) => constants_text(constants),
        Definition::Test(test) => test_text(test),
        Definition::GroupBy(group_by) => group_by_text(group_by),
        Definition::Join(join) => join_text(join),
    });
    definitions.collect::<Vec<_>>().join("\n")
}

/// Lines of one definition.
struct Lines(String);

impl Lines {
    fn new(kind: &str, name: &Name) -> Self {
        Self(format!("{kind} {}\n", name.value))
    }

    fn line(&mut self, word: &str, value: impl std::fmt::Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "  {word} {value}");
    }

    fn quoted(&mut self, word: &str, value: Option<&Spanned<String>>) {
        if let Some(value) = value {
            self.line(word, format_args!("{:?}", value.value));
        }
    }

    fn duration(&mut self, word: &str, value: Option<&Spanned<Duration>>) {
        if let Some(value) = value {
            self.line(word, value.value);
        }
    }

    fn name(&mut self, word: &str, value: Option<&Name>) {
        if let Some(value) = value {
            self.line(word, &value.value);
        }
    }

    fn publish(&mut self, value: Option<&Publish>) {
        let Some(publish) = value else { return };
        let mode = match publish.mode.as_ref().map(|mode| mode.value) {
            None => "",
            Some(PublishMode::Latest) => " as latest",
            Some(PublishMode::Events) => " as events",
        };
        let (topic, group) = (&publish.to.topic.value, &publish.to.group.value);
        let every = publish.every.as_ref().map(|every| format!(" every {}", every.value)).unwrap_or_default();
        self.line("publish", format_args!("{topic:?} to {group:?}{mode}{every}"));
    }

    fn about(&mut self, about: &About) {
        self.quoted("doc", about.doc.as_ref());
        self.quoted("owner", about.owner.as_ref());
        for tag in &about.tags {
            self.line("tag", &tag.value);
        }
        self.quoted("deprecated", about.deprecated.as_ref());
    }

    fn names(&mut self, word: &str, value: &[Name]) {
        if !value.is_empty() {
            self.line(word, names(value));
        }
    }

    fn topic(&mut self, value: Option<&TopicRef>) {
        if let Some(topic) = value {
            self.line("topic", format_args!("{:?} in {:?}", topic.topic.value, topic.group.value));
        }
    }

    fn format(&mut self, value: Option<&Format>) {
        let Some(format) = value else { return };
        let file = format.schema_file.as_ref().map(|file| format!(" {:?}", file.value)).unwrap_or_default();
        self.line("format", format_args!("{}{file}", format.name.value));
    }

    fn fields(&mut self, fields: &[FieldDef]) {
        for field in fields {
            self.line("field", field_text(field));
        }
    }

    fn history(&mut self, histories: &[History]) {
        for history in histories {
            let until =
                history.until.as_ref().map(|until| format!(" until {:?}", until.value)).unwrap_or_default();
            self.line("history", format_args!("{:?}{until}", history.files.value));
        }
    }

    fn lookups(&mut self, lookups: &[Lookup]) {
        for lookup in lookups {
            let (table, on, columns) = (&lookup.table.value, mappings(&lookup.on), names(&lookup.columns));
            self.line(
                "lookup",
                format_args!("{table} on {on} {{{columns}}}{}", alias(lookup.alias.as_ref())),
            );
        }
    }

    fn binding(&mut self, word: &str, binding: &Binding) {
        self.line(word, format_args!("{} = {}", binding.name.value, expr(&binding.expr)));
    }
}

fn source_text(source: &Source) -> String {
    let mut lines = Lines::new("source", &source.name);
    lines.about(&source.about);
    lines.topic(source.topic.as_ref());
    lines.format(source.format.as_ref());
    lines.fields(&source.schema);
    lines.name("event_time", source.event_time.as_ref());
    lines.name("event_id", source.event_id.as_ref());
    lines.duration("disorder", source.disorder.as_ref());
    lines.duration("ahead", source.ahead.as_ref());
    lines.duration("retention", source.retention.as_ref());
    lines.history(&source.history);
    lines.0
}

fn table_text(table: &Table) -> String {
    let mut lines = Lines::new("table", &table.name);
    lines.about(&table.about);
    lines.topic(table.topic.as_ref());
    lines.format(table.format.as_ref());
    lines.names("key", &table.key);
    lines.fields(&table.schema);
    lines.name("event_time", table.event_time.as_ref());
    lines.name("event_id", table.event_id.as_ref());
    lines.duration("disorder", table.disorder.as_ref());
    lines.duration("ahead", table.ahead.as_ref());
    lines.duration("retention", table.retention.as_ref());
    lines.history(&table.history);
    lines.0
}

fn stream_text(stream: &Stream) -> String {
    let mut lines = Lines::new("stream", &stream.name);
    lines.about(&stream.about);
    lines.name("from", stream.from.as_ref());
    lines.names("union", &stream.union);
    for binding in &stream.lets {
        lines.binding("let", binding);
    }
    if let Some(filter) = &stream.filter {
        lines.line("where", expr(filter));
    }
    for SelectItem { expr: value, name } in &stream.select {
        lines.line("select", format_args!("{}{}", expr(value), alias(name.as_ref())));
    }
    if let Some(model) = &stream.call {
        call_text(&mut lines, model);
    }
    lines.0
}

fn call_text(lines: &mut Lines, model: &Call) {
    lines.line("call", call(&format!("{:?}", model.function.value), &model.arguments));
    for field in &model.returns {
        lines.line("  returns", field_text(field));
    }
    lines.duration("  timeout", model.timeout.as_ref());
    lines.name("  concurrency", model.concurrency.as_ref());
    lines.name("  retry", model.retry.as_ref());
}

fn constants_text(constants: &Constants) -> String {
    let mut lines = Lines("constants\n".into());
    for binding in &constants.bindings {
        lines.binding("constant", binding);
    }
    lines.0
}

fn field_text(field: &FieldDef) -> String {
    let nullable = if field.nullable { "?" } else { "" };
    let wire = field.wire_name.as_ref().map(|wire| format!(" from {:?}", wire.value)).unwrap_or_default();
    format!("{} {}{nullable}{wire}", field.name.value, type_text(&field.data_type.value))
}

fn type_text(name: &TypeName) -> String {
    match name {
        TypeName::Plain { name, arguments } if arguments.is_empty() => name.clone(),
        TypeName::Plain { name, arguments } => {
            let arguments: Vec<_> = arguments.iter().map(|argument| argument.value.as_str()).collect();
            format!("{name}({})", arguments.join(","))
        }
        TypeName::List(element) => format!("list<{}>", element_text(element)),
        TypeName::Map { key, value } => format!("map<{}, {}>", type_text(&key.value), element_text(value)),
        TypeName::Struct(fields) => {
            format!("struct{{{}}}", fields.iter().map(field_text).collect::<Vec<_>>().join(", "))
        }
    }
}

fn element_text(element: &ElementType) -> String {
    format!("{}{}", type_text(&element.data_type.value), if element.nullable { "?" } else { "" })
}

fn names(names: &[Name]) -> String {
    names.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join(", ")
}

fn group_by_text(group_by: &GroupBy) -> String {
    let mut lines = Lines::new("group_by", &group_by.name);
    lines.about(&group_by.about);
    lines.name("from", group_by.from.as_ref());
    lines.lookups(&group_by.lookups);
    for binding in &group_by.lets {
        lines.binding("let", binding);
    }
    if let Some(filter) = &group_by.filter {
        lines.line("where", expr(filter));
    }
    lines.names("key", &group_by.key);
    for feature in &group_by.features {
        lines.line("feature", feature_text(feature));
    }
    lines.duration("refresh", group_by.refresh.as_ref());
    lines.duration("ttl", group_by.ttl.as_ref());
    if group_by.unbounded.is_some() {
        lines.0 += "  unbounded\n";
    }
    lines.publish(group_by.publish.as_ref());
    lines.0
}

fn feature_text(feature: &Feature) -> String {
    let mut text = format!("{} = {}", feature.name.value, call(&feature.function.value, &feature.arguments));
    if let Some(filter) = &feature.filter {
        let _ = write!(text, " where {}", expr(filter));
    }
    if let Some(by) = &feature.by {
        let _ = write!(text, " by {}", expr(by));
    }
    if !feature.windows.is_empty() {
        let windows: Vec<_> = feature.windows.iter().map(|window| window.value.text.as_str()).collect();
        let _ = write!(text, " over {}", windows.join(", "));
    }
    match feature.tail.as_ref().map(|tail| tail.value) {
        None => {}
        Some(Tail::Exact) => text += " tail exact",
        Some(Tail::Chronon) => text += " tail chronon",
        Some(Tail::Hop(None)) => text += " tail hop",
        Some(Tail::Hop(Some(hop))) => {
            let _ = write!(text, " tail hop {hop}");
        }
    }
    if let Some(default) = &feature.default {
        let _ = write!(text, " default {}", expr(default));
    }
    text
}

fn join_text(join: &Join) -> String {
    let mut lines = Lines::new("join", &join.name);
    lines.about(&join.about);
    lines.name("left", join.left.as_ref());
    for part in &join.parts {
        lines.line("features", part_text(part));
    }
    lines.lookups(&join.lookups);
    for binding in &join.derived {
        lines.binding("derived", binding);
    }
    if let Some(mode) = &join.mode {
        lines.line("mode", if mode.value == JoinMode::Fresh { "fresh" } else { "complete" });
    }
    lines.duration("hold_for", join.hold_for.as_ref());
    lines.duration("left_late", join.left_late.as_ref());
    lines.publish(join.publish.as_ref());
    lines.0
}

fn part_text(part: &JoinPart) -> String {
    format!("{} on {}{}", part.group_by.value, mappings(&part.on), alias(part.alias.as_ref()))
}

fn mappings(on: &[KeyMapping]) -> String {
    let on = on.iter().map(|mapping| match &mapping.key {
        Some(key) => format!("{} = {}", mapping.left.value, key.value),
        None => mapping.left.value.clone(),
    });
    on.collect::<Vec<_>>().join(", ")
}

fn alias(name: Option<&Name>) -> String {
    name.map(|name| format!(" as {}", name.value)).unwrap_or_default()
}
