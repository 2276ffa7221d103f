//! `table`: fields, the key, and event time, which a static table has not.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::resolve::Context;
use crate::model::resolve::facts::{EventId, TableFacts};
use crate::model::{SourceField, Table};
use crate::syntax::ast::{self, Name};

use super::records::Records;
use super::{about, all, distinct, group_by, missing, too_many};

/// The table, unless it is broken, and what is known of it in any case.
pub(in crate::model) fn check(
    table: &ast::Table,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> (Option<Table>, TableFacts) {
    let records = Records::of_table(table);
    let mut known = TableFacts { id: None, fields: vec![], keys: vec![], incomplete: table.incomplete };
    if too_many(&table.name, table.schema.len(), diagnostics) {
        return (None, known);
    }
    let (fields, distinct) = records.fields(diagnostics);
    known.fields = records.known(&fields);
    let keys = keys(table, &fields, diagnostics);
    let key_type = |name: &Name| {
        let field = known.fields.iter().find(|(field, _)| *field == name.value);
        (name.value.clone(), field.and_then(|(_, typed)| *typed))
    };
    known.keys = table.key.iter().map(key_type).collect();
    let resolved = resolved(table, fields, keys, context, diagnostics);
    (resolved.filter(|_| distinct), known)
}

/// Checks every clause before it gives up on any.
fn resolved(
    table: &ast::Table,
    fields: Vec<Option<SourceField>>,
    keys: Option<Vec<usize>>,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Table> {
    let records = Records::of_table(table);
    let topic = records.topic(diagnostics);
    let format = records.format(&fields, context, diagnostics);
    records.needs_schema("`schema { currency string  rate decimal(18,8)  ts timestamp_ms }`", diagnostics);
    let event_time = match &table.event_time {
        Some(name) => records.event_time(name, &fields, diagnostics).map(Some),
        None => Some(None),
    };
    let event_id = records.event_id(&fields, diagnostics);
    let lengths = records.lengths(context, diagnostics);
    let history = records.history(context, diagnostics);
    let static_fits = no_times_of_a_static_table(table, diagnostics);
    let about = about(&table.about, context, diagnostics);
    let ((topic, group), lengths) = (topic?, lengths?);
    // The project's defaults are for tables whose rows have a time.
    let is_static = table.event_time.is_none();
    let table = Table {
        name: table.name.value.clone(),
        span: table.name.span,
        about: about?,
        topic,
        group,
        format: format?,
        history: history?,
        fields: all(fields)?,
        keys: keys?,
        event_time: event_time?,
        event_id: match event_id {
            EventId::Broken => return None,
            id @ (EventId::None | EventId::Slot(_)) => id.slot(),
        },
        disorder_ms: if is_static { 0 } else { lengths.disorder.ms() },
        ahead_ms: if is_static { 0 } else { lengths.ahead.ms() },
        retention_ms: lengths.retention.ms(),
    };
    Some(table).filter(|_| static_fits)
}

/// A static table has no time that could be out of order or ahead.
fn no_times_of_a_static_table(table: &ast::Table, diagnostics: &mut Diagnostics) -> bool {
    let written = [("disorder", &table.disorder), ("ahead", &table.ahead)];
    let mut needless = written.into_iter().filter_map(|(word, time)| Some((word, time.as_ref()?)));
    let Some((word, time)) = needless.next().filter(|_| table.event_time.is_none()) else { return true };
    let message = format!("`{word}` needs an event time, which `{}` does not name", table.name.value);
    diagnostics.push(
        Diagnostic::error(Code::E0209, time.span, message)
            .also(table.name.span, "static: its rows hold at all times")
            .hint(format!("add `event_time FIELD`, or remove `{word}`")),
    );
    false
}

/// The slots of the key.
fn keys(
    table: &ast::Table,
    fields: &[Option<SourceField>],
    diagnostics: &mut Diagnostics,
) -> Option<Vec<usize>> {
    if table.key.is_empty() {
        missing(&table.name, "key", "`key FIELD`: the newest row of each is looked up", diagnostics);
        return None;
    }
    let names = table.key.iter().map(|name| (name.value.clone(), name.span));
    let distinct = distinct(names, "keys", diagnostics);
    let slots: Vec<_> = table.key.iter().map(|name| key(table, name, fields, diagnostics)).collect();
    all(slots).filter(|_| distinct)
}

fn key(
    table: &ast::Table,
    name: &Name,
    fields: &[Option<SourceField>],
    diagnostics: &mut Diagnostics,
) -> Option<usize> {
    let slot = Records::of_table(table).named_field(name, diagnostics)?;
    let field = fields[slot].as_ref()?;
    if !group_by::can_be_key(field.field.data_type) {
        let message = format!("`{}` of type {} cannot be a key", name.value, field.field.data_type);
        diagnostics.push(
            Diagnostic::error(Code::E0403, name.span, message)
                .also(field.span, field.field.data_type.to_string())
                .hint("use a string, int, bool, date or timestamp"),
        );
        return None;
    }
    if field.field.nullable {
        let message = format!("the key `{}` of a table may be null", name.value);
        diagnostics.push(
            Diagnostic::error(Code::E0311, name.span, message)
                .also(field.span, "declared with `?`")
                .hint("remove the `?`: records without a key become dead letters"),
        );
        return None;
    }
    Some(slot)
}
