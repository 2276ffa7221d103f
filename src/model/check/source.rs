//! `source`: fields and their types, event time, event id, defaults.

use crate::diag::{Code, Diagnostic, Diagnostics, nearest};
use crate::model::resolve::SourceFacts;
use crate::model::resolve::scope::Typed;
use crate::model::{Format, Source, SourceField};
use crate::syntax::ast::{self, Name};
use crate::types::{DataType, Duration, Field};

use super::{Broken, all, distinct, duration_or, missing, project, publish, too_many, types};

/// The source, unless it is broken, and what is known of it in any case.
pub(in crate::model) fn check(
    source: &ast::Source,
    settings: &project::Settings,
    diagnostics: &mut Diagnostics,
) -> (Option<Source>, SourceFacts) {
    if too_many(&source.name, source.schema.len(), diagnostics) {
        return (None, facts(&ast::Source { schema: Vec::new(), ..source.clone() }, &[], settings));
    }
    let fields: Vec<_> = source.schema.iter().map(|field| field_of(field, diagnostics)).collect();
    let known = facts(source, &fields, settings);
    let distinct =
        distinct(source.schema.iter().map(|f| (f.name.value.clone(), f.name.span)), "fields", diagnostics);
    let resolved = resolved(source, fields, settings, diagnostics);
    (resolved.filter(|_| distinct), known)
}

fn facts(source: &ast::Source, fields: &[Option<SourceField>], settings: &project::Settings) -> SourceFacts {
    let typed =
        |field: &SourceField| Typed { data_type: field.field.data_type, nullable: field.field.nullable };
    let fields = source.schema.iter().zip(fields);
    SourceFacts {
        id: None,
        fields: fields.map(|(def, field)| (def.name.value.clone(), field.as_ref().map(typed))).collect(),
        event_id: source.event_id.is_some(),
        retention: source.retention.as_ref().map_or(settings.retention, |retention| retention.value),
        name: source.name.clone(),
    }
}

fn field_of(field: &ast::FieldDef, diagnostics: &mut Diagnostics) -> Option<SourceField> {
    let (data_type, wire_type) = types::wire_type(&field.data_type, diagnostics)?;
    let name = field.name.value.clone();
    let wire_name = field.wire_name.as_ref().map_or_else(|| name.clone(), |wire| wire.value.clone());
    let span = field.name.span;
    Some(SourceField { field: Field::new(name, data_type, field.nullable), wire_name, wire_type, span })
}

/// Checks every clause before it gives up on any.
fn resolved(
    source: &ast::Source,
    fields: Vec<Option<SourceField>>,
    settings: &project::Settings,
    diagnostics: &mut Diagnostics,
) -> Option<Source> {
    let topic = topic(source, diagnostics);
    let format = format(source, diagnostics);
    if source.schema.is_empty() {
        missing(&source.name, "schema", "`schema { user_id string  ts timestamp_ms }`", diagnostics);
    }
    let event_time = event_time(source, &fields, diagnostics);
    let event_id = event_id(source, &fields, diagnostics);
    let disorder = duration_or(source.disorder.as_ref(), Duration::ZERO, diagnostics);
    let ahead = duration_or(source.ahead.as_ref(), disorder.unwrap_or(Duration::ZERO), diagnostics);
    let retention = duration_or(source.retention.as_ref(), settings.retention, diagnostics);
    let owner = settings.owner(source.about.owner.as_ref(), diagnostics);
    let (topic, group) = topic?;
    format?;
    Some(Source {
        name: source.name.value.clone(),
        span: source.name.span,
        about: super::about(&source.about, owner.ok()?),
        topic,
        group,
        format: Format::Json,
        history: Vec::new(),
        fields: all(fields)?,
        event_time: event_time?,
        event_id: event_id.ok()?,
        disorder_ms: disorder?.ms(),
        ahead_ms: ahead?.ms(),
        retention_ms: retention?.ms(),
    })
}

fn topic(source: &ast::Source, diagnostics: &mut Diagnostics) -> Option<(String, String)> {
    let Some(reference) = &source.topic else {
        missing(&source.name, "topic", "`topic NAME in GROUP`", diagnostics);
        return None;
    };
    publish::topic_name(&reference.topic, diagnostics)?;
    Some((reference.topic.value.clone(), reference.group.value.clone()))
}

fn format(source: &ast::Source, diagnostics: &mut Diagnostics) -> Option<()> {
    let Some(format) = source.format.as_ref().filter(|format| format.name.value != "json") else {
        return Some(());
    };
    let message = match format.name.value.as_str() {
        "avro" | "protobuf" | "csv" => format!("the format `{}` is not available yet", format.name.value),
        other => format!("unknown format `{other}`"),
    };
    diagnostics.push(Diagnostic::error(Code::E0210, format.name.span, message).hint("write `format json`"));
    None
}

/// The position of a field that a clause names; `None` after a report, or if the field is broken.
fn named_field(source: &ast::Source, name: &Name, diagnostics: &mut Diagnostics) -> Option<usize> {
    let found = source.schema.iter().position(|field| field.name.value == name.value);
    if found.is_none() && !source.schema.is_empty() {
        let message = format!("unknown field `{}` in `{}`", name.value, source.name.value);
        let hint = match nearest(&name.value, source.schema.iter().map(|field| field.name.value.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name a field of the schema".into(),
        };
        diagnostics.push(Diagnostic::error(Code::E0206, name.span, message).hint(hint));
    }
    found
}

fn event_time(
    source: &ast::Source,
    fields: &[Option<SourceField>],
    diagnostics: &mut Diagnostics,
) -> Option<usize> {
    let Some(name) = &source.event_time else {
        missing(&source.name, "event_time", "`event_time FIELD`, a field of a timestamp type", diagnostics);
        return None;
    };
    let slot = named_field(source, name, diagnostics)?;
    let field = fields[slot].as_ref()?;
    if field.field.data_type != DataType::Timestamp {
        let message = format!(
            "event time must be a timestamp, found `{}` of type {}",
            name.value, field.field.data_type
        );
        diagnostics.push(
            Diagnostic::error(Code::E0310, name.span, message)
                .also(field.span, field.field.data_type.to_string())
                .hint("declare the field as timestamp_ms, or what its unit is"),
        );
        return None;
    }
    never_null(name, field, "event time", diagnostics).then_some(slot)
}

/// The event id, if there is one.
fn event_id(
    source: &ast::Source,
    fields: &[Option<SourceField>],
    diagnostics: &mut Diagnostics,
) -> Result<Option<usize>, Broken> {
    let Some(name) = &source.event_id else {
        let message = format!("`{}` has no event id: its input is at-least-once", source.name.value);
        diagnostics.push(
            Diagnostic::warning(Code::W0201, source.name.span, message)
                .hint("add `event_id FIELD`, so that copies in several clusters count once"),
        );
        return Ok(None);
    };
    let slot = named_field(source, name, diagnostics).ok_or(Broken)?;
    let field = fields[slot].as_ref().ok_or(Broken)?;
    if field.field.data_type == DataType::Double {
        let message = format!("`{}` of type double cannot identify an event", name.value);
        diagnostics.push(
            Diagnostic::error(Code::E0313, name.span, message)
                .also(field.span, "double")
                .hint("use a string or int"),
        );
        return Err(Broken);
    }
    if never_null(name, field, "event id", diagnostics) { Ok(Some(slot)) } else { Err(Broken) }
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
