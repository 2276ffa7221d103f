//! Sources, tables, group bys, joins and constants.

use crate::diag::Spanned;
use crate::syntax::ast::{
    About, Binding, Constants, Definition, Feature, Format, GroupBy, History, Join, JoinMode, JoinPart,
    Lookup, Name, Publish, PublishMode, Source, Table, Tail,
};
use crate::types::Duration;

use super::clause::{Block, Clauses};
use super::expr;
use super::types;
use super::word::{at, label, list, mappings, name, names, quoted, string, topic};
use super::{stream, test};

pub(super) fn block(definition: &Definition) -> Block {
    match definition {
        Definition::Source(node) => source(node),
        Definition::Table(node) => table(node),
        Definition::Stream(node) => stream::block(node),
        Definition::GroupBy(node) => group_by(node),
        Definition::Join(node) => join(node),
        Definition::Constants(node) => constants(node),
        Definition::Test(node) => test::block(node),
    }
}

/// `KIND NAME`
pub(super) fn header(kind: &str, of: &Name) -> String {
    format!("{kind} {}", name(&of.value))
}

fn source(node: &Source) -> Block {
    let mut clauses = about(&node.about);
    clauses.about_topic(node.topic.as_ref(), node.format.as_ref());
    clauses.schema(types::fields(&node.schema));
    clauses.named("event_time", node.event_time.as_ref());
    clauses.named("event_id", node.event_id.as_ref());
    clauses.length("disorder", node.disorder.as_ref());
    clauses.length("ahead", node.ahead.as_ref());
    clauses.length("retention", node.retention.as_ref());
    clauses.history(&node.history);
    clauses.block(at(&node.name), header("source", &node.name))
}

fn table(node: &Table) -> Block {
    let mut clauses = about(&node.about);
    clauses.about_topic(node.topic.as_ref(), node.format.as_ref());
    clauses.names("key", &node.key);
    clauses.schema(types::fields(&node.schema));
    clauses.named("event_time", node.event_time.as_ref());
    clauses.named("event_id", node.event_id.as_ref());
    clauses.length("disorder", node.disorder.as_ref());
    clauses.length("ahead", node.ahead.as_ref());
    clauses.length("retention", node.retention.as_ref());
    clauses.history(&node.history);
    clauses.block(at(&node.name), header("table", &node.name))
}

fn group_by(node: &GroupBy) -> Block {
    let mut clauses = about(&node.about);
    clauses.named("from", node.from.as_ref());
    clauses.lookups(&node.lookups);
    clauses.lets(&node.lets);
    // Behind a feature without a window it would be the feature's.
    let first_feature = node.features.first().map_or(u32::MAX, |feature| at(&feature.name));
    if let Some(filter) = &node.filter {
        clauses.add(filter.span.start.min(first_feature), format!("where {}", expr::text(&filter.kind)));
    }
    clauses.names("key", &node.key);
    clauses.length("ttl", node.ttl.as_ref());
    if let Some(span) = node.unbounded {
        clauses.add(span.start, "unbounded");
    }
    clauses.length("refresh", node.refresh.as_ref());
    for feature in &node.features {
        clauses.add(at(&feature.name), feature_text(feature));
    }
    clauses.publish(node.publish.as_ref());
    clauses.block(at(&node.name), header("group_by", &node.name))
}

fn feature_text(feature: &Feature) -> String {
    let arguments = list(&feature.arguments, |argument| expr::text(&argument.kind));
    let call = format!("{} = {}({arguments})", name(&feature.name.value), name(&feature.function.value));
    let mut parts = vec![call];
    if let Some(filter) = &feature.filter {
        parts.push(format!("where {}", expr::text(&filter.kind)));
    }
    if let Some(by) = &feature.by {
        parts.push(format!("by {}", expr::text(&by.kind)));
    }
    if !feature.windows.is_empty() {
        parts.push(format!("over {}", list(&feature.windows, |window| window.value.text.clone())));
    }
    if let Some(tail) = &feature.tail {
        parts.push(match tail.value {
            Tail::Exact => "tail exact".to_owned(),
            Tail::Hop(None) => "tail hop".to_owned(),
            Tail::Hop(Some(length)) => format!("tail hop {length}"),
            Tail::Chronon => "tail chronon".to_owned(),
        });
    }
    if let Some(default) = &feature.default {
        parts.push(format!("default {}", expr::text(&default.kind)));
    }
    parts.join(" ")
}

fn join(node: &Join) -> Block {
    let mut clauses = about(&node.about);
    clauses.named("left", node.left.as_ref());
    for part in &node.parts {
        clauses.add(at(&part.group_by), format!("features {}", part_text(part)));
    }
    clauses.lookups(&node.lookups);
    if let Some(mode) = &node.mode {
        let word = match mode.value {
            JoinMode::Complete => "complete",
            JoinMode::Fresh => "fresh",
        };
        clauses.add(at(mode), format!("mode {word}"));
    }
    clauses.length("hold_for", node.hold_for.as_ref());
    clauses.length("left_late", node.left_late.as_ref());
    clauses.bindings(&node.derived);
    clauses.publish(node.publish.as_ref());
    clauses.block(at(&node.name), header("join", &node.name))
}

fn part_text(part: &JoinPart) -> String {
    let on = if part.on.is_empty() { String::new() } else { format!(" on {}", mappings(&part.on)) };
    format!("{}{on}{}", name(&part.group_by.value), alias(part.alias.as_ref()))
}

fn alias(alias: Option<&Name>) -> String {
    alias.map(|alias| format!(" as {}", name(&alias.value))).unwrap_or_default()
}

fn constants(node: &Constants) -> Block {
    let mut clauses = Clauses::default();
    clauses.bindings(&node.bindings);
    clauses.block(at(&node.word), "constants".into())
}

/// What every definition says of itself.
pub(super) fn about(about: &About) -> Clauses {
    let mut clauses = Clauses::default();
    if let Some(doc) = &about.doc {
        clauses.add(at(doc), format!("doc {}", quoted(&doc.value)));
    }
    if let Some(owner) = &about.owner {
        clauses.add(at(owner), format!("owner {}", label(&owner.value)));
    }
    if let Some(first) = about.tags.first() {
        clauses.add(at(first), format!("tags {}", list(&about.tags, |tag| label(&tag.value))));
    }
    if let Some(deprecated) = &about.deprecated {
        clauses.add(at(deprecated), format!("deprecated {}", quoted(&deprecated.value)));
    }
    clauses
}

impl Clauses {
    pub(super) fn named(&mut self, word: &str, value: Option<&Name>) {
        if let Some(value) = value {
            self.add(at(value), format!("{word} {}", name(&value.value)));
        }
    }

    pub(super) fn names(&mut self, word: &str, value: &[Name]) {
        if let Some(first) = value.first() {
            self.add(at(first), format!("{word} {}", names(value)));
        }
    }

    fn length(&mut self, word: &str, value: Option<&Spanned<Duration>>) {
        if let Some(value) = value {
            self.add(at(value), format!("{word} {}", value.value));
        }
    }

    pub(super) fn lets(&mut self, lets: &[Binding]) {
        for binding in lets {
            self.add(at(&binding.name), format!("let {}", binding_text(binding)));
        }
    }

    fn bindings(&mut self, bindings: &[Binding]) {
        for binding in bindings {
            self.add(at(&binding.name), binding_text(binding));
        }
    }

    fn about_topic(&mut self, of: Option<&crate::syntax::ast::TopicRef>, format: Option<&Format>) {
        if let Some(of) = of {
            self.add(at(&of.topic), format!("topic {}", topic(of, "in")));
        }
        if let Some(format) = format {
            let file = format.schema_file.as_ref().map(|file| format!(" {}", quoted(&file.value)));
            self.add(
                at(&format.name),
                format!("format {}{}", name(&format.name.value), file.unwrap_or_default()),
            );
        }
    }

    fn history(&mut self, history: &[History]) {
        for history in history {
            let until = history.until.as_ref().map(|until| format!(" until {}", string(&until.value)));
            let text = format!("history {}{}", quoted(&history.files.value), until.unwrap_or_default());
            self.add(at(&history.files), text);
        }
    }

    fn lookups(&mut self, lookups: &[Lookup]) {
        for lookup in lookups {
            let (on, columns) = (mappings(&lookup.on), names(&lookup.columns));
            let text = format!(
                "lookup {} on {on} {{ {columns} }}{}",
                name(&lookup.table.value),
                alias(lookup.alias.as_ref())
            );
            self.add(at(&lookup.table), text);
        }
    }

    fn publish(&mut self, publish: Option<&Publish>) {
        let Some(publish) = publish else { return };
        let mode = match publish.mode.as_ref().map(|mode| mode.value) {
            None => "",
            Some(PublishMode::Latest) => " as latest",
            Some(PublishMode::Events) => " as events",
        };
        let every = publish.every.as_ref().map(|every| format!(" every {}", every.value));
        let text = format!("publish {}{mode}{}", topic(&publish.to, "to"), every.unwrap_or_default());
        self.add(at(&publish.to.topic), text);
    }
}

fn binding_text(binding: &Binding) -> String {
    format!("{} = {}", name(&binding.name.value), expr::text(&binding.expr.kind))
}
