//! Sources, group bys and joins of a YAML file, key by key.

use crate::diag::{Code, Diagnostic};
use crate::syntax::ast::{Binding, Definition, GroupBy, Join, Name, Source};
use crate::syntax::dsl::read;
use crate::syntax::words::Kind;

use super::reader::{Entry, NodeKind};
use super::values::Values;

/// One named definition. Wrong keys are reported, the rest is read.
pub(super) fn definition(values: &mut Values<'_>, kind: Kind, entry: &Entry) -> Option<Definition> {
    let name = values.name(&entry.key);
    let clauses = match &entry.value.kind {
        NodeKind::Map(clauses) => clauses.as_slice(),
        NodeKind::Null | NodeKind::Refused | NodeKind::Scalar(_) | NodeKind::List(_) => {
            values.entries_of(entry, &format!("the clauses of a `{}` as a map", kind.word()));
            return None;
        }
    };
    Some(match kind {
        Kind::Source => Definition::Source(source(values, name, clauses)),
        Kind::GroupBy => Definition::GroupBy(group_by(values, name, clauses)),
        Kind::Join => Definition::Join(join(values, name, clauses)),
    })
}

fn source(values: &mut Values<'_>, name: Name, clauses: &[Entry]) -> Source {
    let mut source = Source::named(name);
    for entry in clauses {
        match entry.key.text.as_str() {
            "doc" => source.about.doc = values.string(entry, "a text"),
            "owner" => source.about.owner = values.read(entry, "a name", read::label),
            "topic" => source.topic = values.read(entry, "a topic like `t in group`", read::topic),
            "format" => source.format = values.read(entry, "a format like `json`", read::format),
            "event_time" => source.event_time = values.read(entry, "a field", read::name),
            "event_id" => source.event_id = values.read(entry, "a field", read::name),
            "disorder" => source.disorder = values.duration(entry),
            "ahead" => source.ahead = values.duration(entry),
            "retention" => source.retention = values.duration(entry),
            "schema" => {
                for field in values.entries_of(entry, "a map of fields and types") {
                    let name = values.name(&field.key);
                    let wanted = "a type like `string` or `decimal(12,2)`";
                    source.schema.extend(values.read(field, wanted, |builder| read::field(builder, name)));
                }
            }
            _ => unknown_clause(values, Kind::Source, entry),
        }
    }
    source
}

fn group_by(values: &mut Values<'_>, name: Name, clauses: &[Entry]) -> GroupBy {
    let mut group_by = GroupBy::named(name);
    for entry in clauses {
        match entry.key.text.as_str() {
            "doc" => group_by.about.doc = values.string(entry, "a text"),
            "owner" => group_by.about.owner = values.read(entry, "a name", read::label),
            "from" => group_by.from = values.read(entry, "a source", read::name),
            "where" => group_by.filter = values.read(entry, "a condition", read::expr),
            "let" => group_by.lets = bindings(values, entry),
            "key" => group_by.key = key(values, entry),
            "publish" => group_by.publish = values.read(entry, PUBLISH, read::publish),
            "features" => {
                for feature in values.entries_of(entry, "a map of features and aggregates") {
                    let name = values.name(&feature.key);
                    let wanted = "an aggregate like `sum(x) over 1h`";
                    group_by
                        .features
                        .extend(values.read(feature, wanted, |builder| read::feature(builder, name)));
                }
            }
            _ => unknown_clause(values, Kind::GroupBy, entry),
        }
    }
    group_by
}

fn join(values: &mut Values<'_>, name: Name, clauses: &[Entry]) -> Join {
    let mut join = Join::named(name);
    for entry in clauses {
        match entry.key.text.as_str() {
            "doc" => join.about.doc = values.string(entry, "a text"),
            "owner" => join.about.owner = values.read(entry, "a name", read::label),
            "left" => join.left = values.read(entry, "a source", read::name),
            "derive" => join.derived = bindings(values, entry),
            "hold_for" => join.hold_for = values.duration(entry),
            "left_late" => join.left_late = values.duration(entry),
            "publish" => join.publish = values.read(entry, PUBLISH, read::publish),
            "features" => {
                for item in values.items(entry, "a list of `group_by on key as alias`") {
                    let part = values.item(item, "a text like `user_spend on user_id`");
                    join.parts.extend(part.and_then(|part| values.read_scalar(part, read::part)));
                }
            }
            _ => unknown_clause(values, Kind::Join, entry),
        }
    }
    join
}

const PUBLISH: &str = "a topic and a group, like `t to serving as latest`";

fn bindings(values: &mut Values<'_>, entry: &Entry) -> Vec<Binding> {
    let mut bindings = Vec::new();
    for binding in values.entries_of(entry, "a map of names and expressions") {
        let name = values.name(&binding.key);
        let expr = values.read(binding, "an expression", read::expr);
        bindings.extend(expr.map(|expr| Binding { name, expr }));
    }
    bindings
}

/// `key: a, b` or a list of names.
fn key(values: &mut Values<'_>, entry: &Entry) -> Vec<Name> {
    if let NodeKind::List(items) = &entry.value.kind {
        let mut names = Vec::new();
        for item in items {
            let name = values.item(item, "a name");
            names.extend(name.and_then(|name| values.read_scalar(name, read::name)));
        }
        return names;
    }
    values.read(entry, "names like `a, b`, or a list of names", read::names).unwrap_or_default()
}

fn unknown_clause(values: &mut Values<'_>, kind: Kind, entry: &Entry) {
    let word = entry.key.text.as_str();
    if kind.is_later(word) {
        let error = Diagnostic::error(Code::E0103, entry.key.span, format!("`{word}` is not available yet"));
        values.report(error.hint("`windrow explain E0103` lists what this version has"));
    } else {
        values.unknown(&entry.key, &format!("a `{}`", kind.word()), kind.yaml_keys());
    }
}
