//! `source`: fields and their types, event time, event id, defaults.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::resolve::Context;
use crate::model::resolve::facts::{EventId, InputFacts};
use crate::model::{Source, SourceField};
use crate::syntax::ast;

use super::records::Records;
use super::{about, all, missing, too_many};

/// The source, unless it is broken, and what is known of it in any case.
pub(in crate::model) fn check(
    source: &ast::Source,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> (Option<Source>, InputFacts) {
    let records = Records::of_source(source);
    let mut known = InputFacts {
        id: None,
        name: source.name.clone(),
        fields: Vec::new(),
        has_origin: false,
        event_time: None,
        event_id: if source.event_id.is_some() { EventId::Broken } else { EventId::None },
        sources: vec![source.name.value.clone()],
        retention: source.retention.as_ref().map_or(context.settings.retention, |written| written.value),
        has_history: !source.history.is_empty(),
        incomplete: source.incomplete,
    };
    if too_many(&source.name, source.schema.len(), diagnostics) {
        return (None, known);
    }
    let (fields, distinct) = records.fields(diagnostics);
    known.fields = records.known(&fields);
    let resolved = resolved(source, fields, &mut known, context, diagnostics);
    (resolved.filter(|_| distinct), known)
}

/// Checks every clause before it gives up on any.
fn resolved(
    source: &ast::Source,
    fields: Vec<Option<SourceField>>,
    known: &mut InputFacts,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Source> {
    let records = Records::of_source(source);
    let topic = records.topic(diagnostics);
    let format = records.format(&fields, context, diagnostics);
    records.needs_schema("`schema { user_id string  ts timestamp_ms }`", diagnostics);
    if let Some(name) = &source.event_time {
        known.event_time = records.event_time(name, &fields, diagnostics);
    } else {
        let example = "`event_time FIELD`, a field of a timestamp type";
        missing(&source.name, "event_time", example, diagnostics);
    }
    known.event_id = records.event_id(&fields, diagnostics);
    if source.event_id.is_none() {
        diagnostics.push(at_least_once(source));
    }
    let lengths = records.lengths(context, diagnostics);
    let history = records.history(context, diagnostics);
    let about = about(&source.about, context, diagnostics);
    let ((topic, group), lengths) = (topic?, lengths?);
    Some(Source {
        name: source.name.value.clone(),
        span: source.name.span,
        about: about?,
        topic,
        group,
        format: format?,
        history: history?,
        fields: all(fields)?,
        event_time: known.event_time?,
        event_id: match known.event_id {
            EventId::Broken => return None,
            id @ (EventId::None | EventId::Slot(_)) => id.slot(),
        },
        disorder_ms: lengths.disorder.ms(),
        ahead_ms: lengths.ahead.ms(),
        retention_ms: lengths.retention.ms(),
    })
}

fn at_least_once(source: &ast::Source) -> Diagnostic {
    let message = format!("`{}` has no event id: its input is at-least-once", source.name.value);
    Diagnostic::warning(Code::W0201, source.name.span, message)
        .hint("add `event_id FIELD`, so that copies in several clusters count once")
}
