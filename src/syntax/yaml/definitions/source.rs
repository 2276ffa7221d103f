//! Sources and tables: what is read.

use crate::syntax::ast::{FieldDef, Name, Source};
use crate::syntax::dsl::read;
use crate::syntax::words::Kind;
use crate::syntax::yaml::reader::Entry;
use crate::syntax::yaml::values::Values;

use super::{about, history::history, names, types, unknown_clause};

pub(super) fn source(values: &mut Values<'_>, name: Name, clauses: &[Entry]) -> Source {
    let mut source = Source::named(name);
    for entry in clauses {
        if !records(values, &mut source, entry) {
            unknown_clause(values, Kind::Source, entry);
        }
    }
    source
}

/// A table has the clauses of a source, and a key.
pub(super) fn table(values: &mut Values<'_>, name: Name, clauses: &[Entry]) -> (Source, Vec<Name>) {
    let (mut source, mut key) = (Source::named(name), Vec::new());
    for entry in clauses {
        if entry.key.text == "key" {
            key = names(values, entry);
        } else if !records(values, &mut source, entry) {
            unknown_clause(values, Kind::Table, entry);
        }
    }
    (source, key)
}

/// A clause that sources and tables have; false if the key is another.
fn records(values: &mut Values<'_>, source: &mut Source, entry: &Entry) -> bool {
    match entry.key.text.as_str() {
        "topic" => source.topic = values.read(entry, "a topic like `t in group`", read::topic),
        "format" => source.format = values.read(entry, "a format like `json`", read::format),
        "schema" => source.schema = fields(values, entry),
        "event_time" => source.event_time = values.read(entry, "a field", read::name),
        "event_id" => source.event_id = values.read(entry, "a field", read::name),
        "disorder" => source.disorder = values.duration(entry),
        "ahead" => source.ahead = values.duration(entry),
        "retention" => source.retention = values.duration(entry),
        "history" => source.history = history(values, entry),
        _ => return about(values, &mut source.about, entry),
    }
    true
}

/// A map of fields and types.
pub(super) fn fields(values: &mut Values<'_>, entry: &Entry) -> Vec<FieldDef> {
    let fields = values.entries_of(entry, "a map of fields and types");
    fields.iter().filter_map(|field| types::field(values, field)).collect()
}
