//! What sources and tables have in common: a topic, a format, fields, event time and id.

use crate::diag::{Code, Diagnostic, Diagnostics, Spanned, nearest};
use crate::model::resolve::Context;
use crate::model::resolve::facts::{EventId, Known};
use crate::model::resolve::scope::Typed;
use crate::model::{Format, History, SourceField};
use crate::syntax::ast::{self, Name};
use crate::types::{DataType, Duration, EventTime, Field};

use super::{all, avro, distinct, duration, duration_or, missing, publish, types};

/// The clauses of a source or table.
#[derive(Clone, Copy)]
pub(super) struct Records<'a> {
    pub(super) name: &'a Name,
    pub(super) topic: Option<&'a ast::TopicRef>,
    pub(super) format: Option<&'a ast::Format>,
    pub(super) schema: &'a [ast::FieldDef],
    pub(super) event_id: Option<&'a Name>,
    pub(super) times: Times<'a>,
    pub(super) history: &'a [ast::History],
}

/// The lengths of time, as far as they are written.
#[derive(Clone, Copy)]
pub(super) struct Times<'a> {
    pub(super) disorder: Option<&'a Spanned<Duration>>,
    pub(super) ahead: Option<&'a Spanned<Duration>>,
    pub(super) retention: Option<&'a Spanned<Duration>>,
}

/// The same, with defaults.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lengths {
    pub(super) disorder: Duration,
    pub(super) ahead: Duration,
    pub(super) retention: Duration,
}

impl<'a> Records<'a> {
    pub(super) fn of_source(source: &'a ast::Source) -> Self {
        Self {
            name: &source.name,
            topic: source.topic.as_ref(),
            format: source.format.as_ref(),
            schema: &source.schema,
            event_id: source.event_id.as_ref(),
            times: Times {
                disorder: source.disorder.as_ref(),
                ahead: source.ahead.as_ref(),
                retention: source.retention.as_ref(),
            },
            history: &source.history,
        }
    }

    pub(super) fn of_table(table: &'a ast::Table) -> Self {
        Self {
            name: &table.name,
            topic: table.topic.as_ref(),
            format: table.format.as_ref(),
            schema: &table.schema,
            event_id: table.event_id.as_ref(),
            times: Times {
                disorder: table.disorder.as_ref(),
                ahead: table.ahead.as_ref(),
                retention: table.retention.as_ref(),
            },
            history: &table.history,
        }
    }

    /// The fields, `None` for a broken one, and whether their names differ.
    pub(super) fn fields(&self, diagnostics: &mut Diagnostics) -> (Vec<Option<SourceField>>, bool) {
        let fields = self.schema.iter().map(|field| field_of(field, diagnostics)).collect();
        let names = self.schema.iter().map(|field| (field.name.value.clone(), field.name.span));
        let distinct = distinct(names, "fields", diagnostics);
        (fields, distinct && self.distinct_on_the_wire(diagnostics))
    }

    /// Two fields read from one would be a slip.
    fn distinct_on_the_wire(&self, diagnostics: &mut Diagnostics) -> bool {
        let renamed = self.schema.iter().filter_map(|field| field.wire_name.as_ref());
        let mut sound = true;
        for wire in renamed {
            let same = |field: &&ast::FieldDef| match &field.wire_name {
                Some(other) => other.value == wire.value && other.span < wire.span,
                None => field.name.value == wire.value,
            };
            if let Some(other) = self.schema.iter().find(same) {
                sound = false;
                let message = format!("two fields are read from {:?}", wire.value);
                diagnostics.push(
                    Diagnostic::error(Code::E0208, wire.span, message)
                        .also(other.name.span, "the other field")
                        .hint("remove one of them"),
                );
            }
        }
        sound
    }

    /// What is known of the fields, in any case.
    pub(super) fn known(&self, fields: &[Option<SourceField>]) -> Vec<Known> {
        let typed = |field: &SourceField| Typed::of(&field.field);
        let fields = self.schema.iter().zip(fields);
        fields.map(|(def, field)| (def.name.value.clone(), field.as_ref().map(typed))).collect()
    }

    pub(super) fn topic(&self, diagnostics: &mut Diagnostics) -> Option<(String, String)> {
        let Some(reference) = self.topic else {
            missing(self.name, "topic", "`topic NAME in GROUP`", diagnostics);
            return None;
        };
        publish::topic_name(&reference.topic, diagnostics)?;
        Some((reference.topic.value.clone(), reference.group.value.clone()))
    }

    pub(super) fn needs_schema(&self, example: &str, diagnostics: &mut Diagnostics) {
        if self.schema.is_empty() {
            missing(self.name, "schema", example, diagnostics);
        }
    }

    pub(super) fn format(
        &self,
        fields: &[Option<SourceField>],
        context: &Context,
        diagnostics: &mut Diagnostics,
    ) -> Option<Format> {
        let Some(format) = self.format else { return Some(Format::Json) };
        match format.name.value.as_str() {
            "json" => match &format.schema_file {
                None => Some(Format::Json),
                Some(file) => {
                    let message = "`json` takes no schema file";
                    let hint = "write `format json`, or `format avro \"…\"`";
                    diagnostics.push(Diagnostic::error(Code::E0210, file.span, message).hint(hint));
                    None
                }
            },
            "avro" => avro::check(format, fields, context.beside, diagnostics),
            other => {
                diagnostics.push(unknown_format(&format.name, other));
                None
            }
        }
    }

    /// The position of a field that a clause names; `None` after a report, or if the field is broken.
    pub(super) fn named_field(&self, name: &Name, diagnostics: &mut Diagnostics) -> Option<usize> {
        let found = self.schema.iter().position(|field| field.name.value == name.value);
        if found.is_none() && !self.schema.is_empty() {
            let message = format!("unknown field `{}` in `{}`", name.value, self.name.value);
            let names = self.schema.iter().map(|field| field.name.value.as_str());
            let hint = match nearest(&name.value, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name a field of the schema".into(),
            };
            diagnostics.push(Diagnostic::error(Code::E0206, name.span, message).hint(hint));
        }
        found
    }

    /// The slot of the event time that is named; `None` after a report, or if the field is broken.
    pub(super) fn event_time(
        &self,
        name: &Name,
        fields: &[Option<SourceField>],
        diagnostics: &mut Diagnostics,
    ) -> Option<usize> {
        let slot = self.named_field(name, diagnostics)?;
        let field = fields[slot].as_ref()?;
        let found = field.field.data_type;
        if found == DataType::Timestamp {
            return never_null(name, field, "event time", diagnostics).then_some(slot);
        }
        let message = format!("event time must be a timestamp, found `{}` of type {found}", name.value);
        diagnostics.push(
            Diagnostic::error(Code::E0310, name.span, message)
                .also(field.span, found.to_string())
                .hint("declare the field as timestamp_ms, or what its unit is"),
        );
        None
    }

    /// What identifies a record, if anything does.
    pub(super) fn event_id(&self, fields: &[Option<SourceField>], diagnostics: &mut Diagnostics) -> EventId {
        let Some(name) = self.event_id else { return EventId::None };
        let slot = self.named_field(name, diagnostics);
        let Some((slot, field)) = slot.and_then(|slot| Some((slot, fields[slot].as_ref()?))) else {
            return EventId::Broken;
        };
        let found = field.field.data_type;
        if !identifies(found) {
            let message = format!("`{}` of type {found} cannot identify an event", name.value);
            diagnostics.push(
                Diagnostic::error(Code::E0313, name.span, message)
                    .also(field.span, found.to_string())
                    .hint("use a string or int"),
            );
            return EventId::Broken;
        }
        if never_null(name, field, "event id", diagnostics) { EventId::Slot(slot) } else { EventId::Broken }
    }

    /// The lengths of time with their defaults; every one is checked before any is given up.
    pub(super) fn lengths(&self, context: &Context, diagnostics: &mut Diagnostics) -> Option<Lengths> {
        let Times { disorder, ahead, retention } = self.times;
        let defaults = context.settings;
        let disorder = duration_or(disorder, defaults.disorder, diagnostics);
        let default_ahead = defaults.ahead.or(disorder).unwrap_or(Duration::ZERO);
        let ahead = duration_or(ahead, default_ahead, diagnostics);
        let retention =
            retention.map_or(Some(defaults.retention), |written| self::retention(written, diagnostics));
        Some(Lengths { disorder: disorder?, ahead: ahead?, retention: retention? })
    }

    /// The files of what the topic lost.
    pub(super) fn history(&self, context: &Context, diagnostics: &mut Diagnostics) -> Option<Vec<History>> {
        all(self.history.iter().map(|history| one_history(history, context, diagnostics)).collect())
    }
}

/// How long a topic keeps its records, as a definition or the project says it.
pub(super) fn retention(written: &Spanned<Duration>, diagnostics: &mut Diagnostics) -> Option<Duration> {
    if written.value == Duration::ZERO {
        let message = "a retention of 0 keeps nothing";
        diagnostics.push(
            Diagnostic::error(Code::E0405, written.span, message)
                .hint("write how long the topic keeps its records, like `7d`"),
        );
        return None;
    }
    duration(written, diagnostics)
}

/// Doubles differ by bits that nobody sees, and nested values are no names of events.
const fn identifies(data_type: DataType) -> bool {
    match data_type {
        DataType::String
        | DataType::Int
        | DataType::Bool
        | DataType::Bytes
        | DataType::Date
        | DataType::Decimal { .. }
        | DataType::Timestamp => true,
        DataType::Double | DataType::List(_) | DataType::Map(_) | DataType::Struct(_) => false,
    }
}

fn field_of(field: &ast::FieldDef, diagnostics: &mut Diagnostics) -> Option<SourceField> {
    let (data_type, wire_type) = types::wire_type(&field.data_type, diagnostics)?;
    let name = field.name.value.clone();
    let wire_name = field.wire_name.as_ref().map_or_else(|| name.clone(), |wire| wire.value.clone());
    let span = field.name.span;
    Some(SourceField { field: Field::new(name, data_type, field.nullable), wire_name, wire_type, span })
}

fn unknown_format(name: &Name, found: &str) -> Diagnostic {
    let message = match found {
        "protobuf" | "csv" => format!("the format `{found}` is not available yet"),
        other => format!("unknown format `{other}`"),
    };
    Diagnostic::error(Code::E0210, name.span, message).hint(match nearest(found, ["json", "avro"]) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write `format json`, or `format avro \"schema.avsc\"`".into(),
    })
}

fn never_null(name: &Name, field: &SourceField, what: &str, diagnostics: &mut Diagnostics) -> bool {
    if field.field.nullable {
        let message = format!("the {what} `{}` may be null", name.value);
        diagnostics.push(
            Diagnostic::error(Code::E0311, name.span, message)
                .also(field.span, "declared with `?`")
                .hint("remove the `?`: records without it become dead letters"),
        );
    }
    !field.field.nullable
}

fn one_history(written: &ast::History, context: &Context, diagnostics: &mut Diagnostics) -> Option<History> {
    let files = &written.files;
    let is_known = [".parquet", ".jsonl", ".ndjson", ".csv"].iter().any(|end| files.value.ends_with(end));
    if !is_known {
        let message = format!("history is read from parquet, jsonl or csv files, found {:?}", files.value);
        diagnostics.push(
            Diagnostic::error(Code::E0222, files.span, message)
                .hint("end the path with what the files are, like \"purchases/*.parquet\""),
        );
    }
    let until_ms = match written.until.as_ref().map(|until| (until, EventTime::from_iso(&until.value))) {
        None => Some(None),
        Some((_, Ok(time))) => Some(Some(time.millis())),
        Some((until, Err(_))) => {
            let message = format!("`{}` is no instant", until.value);
            diagnostics.push(
                Diagnostic::error(Code::E0222, until.span, message)
                    .hint("write ISO 8601, like '2024-05-01' or '2024-05-01T12:00:00Z'"),
            );
            None
        }
    };
    let path = context.beside.path(files.span.file, &files.value);
    Some(History { files: path, until_ms: until_ms? }).filter(|_| is_known)
}
