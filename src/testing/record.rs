//! A test made from real events: what went in, and what came out, as a tree to print.

use std::sync::Arc;

use crate::dataflow::Caller;
use crate::dataflow::decode::decode;
use crate::diag::{FileId, Span, Spanned};
use crate::model::{Model, Target};
use crate::plan::Decode;
use crate::sim::{self, Happening, Raw};
use crate::syntax::ast::{
    Expectation, Expr, ExprKind, Test, TestRow, TestStep, TestTime, TestValue, UnaryOp,
};
use crate::types::{EventTime, Field, Row, Value};

use super::prepare::{self, Prepared};

/// More events than a person would read.
const EVENTS_MAX: usize = 200;

/// The records of each source, by its name, in order of arrival.
pub type Recorded = Vec<(String, Vec<Raw>)>;

/// What is recorded.
#[derive(Debug, Clone)]
pub struct Recording<'a> {
    pub of: Target,
    pub title: &'a str,
    /// Only events of this key of a group by: the text of its one column, or of all with commas.
    pub key: Option<&'a str>,
    /// The instant of the expected rows; `None`: a millisecond after the newest event.
    pub at: Option<EventTime>,
    /// Who answers its model calls.
    pub caller: Option<Arc<dyn Caller>>,
}

/// Why nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    #[error("{found} events are too many for a test to read; at most {EVENTS_MAX}")]
    TooMany { found: usize },
    #[error("no event {}", .key.as_ref().map_or_else(|| "could be read".to_owned(), |key| format!("has the key `{key}`")))]
    Nothing { key: Option<String> },
    /// The engine refused or failed; the text says why.
    #[error("{0}")]
    Failed(String),
}

/// One event of a test: its source, its time, and what is read of it.
struct Event {
    source: String,
    ts: i64,
    raw: Raw,
    fields: TestRow,
}

/// The test of these records; `decodes` says how each source is read.
///
/// # Errors
/// When there are no events, too many, or the engine fails.
pub fn record(model: &Model, recording: &Recording<'_>, records: Recorded) -> Result<Test, RecordError> {
    let prepared = prepare::plan(model, recording.of, recording.caller.as_ref()).map_err(|problems| {
        let first = problems.iter().next().map(|problem| problem.message.clone());
        RecordError::Failed(first.unwrap_or_default())
    })?;
    let mut events = events(&prepared, records, recording)?;
    events.sort_by_key(|event| event.raw.timestamp_ms.min(i64::MAX - 1).max(event.ts));
    let newest = events.iter().map(|event| event.ts).max().unwrap_or(0);
    let at = recording.at.map_or(newest.saturating_add(1), EventTime::millis);
    let expected = expected(&prepared, &events, at, recording.key)?;
    let mut test = Test::titled(Spanned::new(recording.title.to_owned(), span()));
    test.of = Some(Spanned::new(prepared.definition.clone(), span()));
    for source in unread(&prepared, &events) {
        test.steps.push(TestStep::Nothing { source: Spanned::new(source, span()) });
    }
    test.steps.extend(events.into_iter().map(step));
    test.steps.extend(expected);
    Ok(test)
}

/// Places that were never written: the printer keeps the order of the tree.
fn span() -> Span {
    Span::new(FileId(0), 0, 0)
}

fn events(
    prepared: &Prepared,
    records: Recorded,
    recording: &Recording<'_>,
) -> Result<Vec<Event>, RecordError> {
    let Recording { key, at, .. } = *recording;
    let mut events = Vec::new();
    for (source, records) in records {
        let Some(spec) = prepared.plan.decode_of(&source) else { continue };
        for raw in records {
            let Some(event) = event(&source, spec, raw) else { continue };
            let is_before = at.is_none_or(|at| event.ts < at.millis());
            if is_before && key.is_none_or(|key| has_key(prepared, &event, key)) {
                events.push(event);
            }
        }
    }
    match events.len() {
        0 => Err(RecordError::Nothing { key: key.map(str::to_owned) }),
        1..=EVENTS_MAX => Ok(events),
        found => Err(RecordError::TooMany { found }),
    }
}

/// A record that is an event, with every field that has a value.
fn event(source: &str, spec: &Decode, raw: Raw) -> Option<Event> {
    let mut whole = spec.clone();
    for (slot, field) in whole.fields.iter_mut().enumerate() {
        field.slot = Some(slot);
    }
    let decoded = decode(&whole, whole.fields.len(), &raw.payload, raw.timestamp_ms).ok()?;
    let fields = whole.fields.iter().zip(decoded.row).enumerate();
    let written = fields.filter(|(index, (_, value))| Some(*index) != spec.event_time && !value.is_null());
    let fields = written.map(|(_, (field, value))| named(&field.field, &value)).collect();
    Some(Event { source: source.to_owned(), ts: decoded.ts, raw, fields })
}

/// Whether the event, all alone, gives that key a row.
fn has_key(prepared: &Prepared, event: &Event, key: &str) -> bool {
    let happening = Happening::Record { source: event.source.clone(), raw: event.raw.clone() };
    let cut = EventTime(event.ts.saturating_add(1));
    let played = prepared.play(&[happening], Some(cut));
    played.is_ok_and(|played| {
        let tables = played.outcome.tables.get(&prepared.publisher);
        tables.is_some_and(|table| table.rows.iter().any(|(found, ..)| key_text(found) == key))
    })
}

fn key_text(key: &Row) -> String {
    key.iter().map(Value::to_string).collect::<Vec<_>>().join(",")
}

/// The sources that feed the definition and have no event here.
fn unread(prepared: &Prepared, events: &[Event]) -> Vec<String> {
    let sources = sim::sources(&prepared.plan).into_iter();
    sources.filter(|source| !events.iter().any(|event| event.source == *source)).collect()
}

fn step(event: Event) -> TestStep {
    let arrives = (event.raw.timestamp_ms != i64::MAX).then(|| time(event.raw.timestamp_ms));
    let (source, at) = (Spanned::new(event.source, span()), Some(time(event.ts)));
    TestStep::Event { source, at, fields: event.fields, arrives }
}

/// The rows as of `at`, as expectations.
fn expected(
    prepared: &Prepared,
    events: &[Event],
    at: i64,
    key: Option<&str>,
) -> Result<Vec<TestStep>, RecordError> {
    let happened: Vec<_> = events
        .iter()
        .map(|event| Happening::Record { source: event.source.clone(), raw: event.raw.clone() })
        .collect();
    let played = prepared.play(&happened, Some(EventTime(at)));
    let played = played.map_err(|error| RecordError::Failed(error.to_string()))?;
    let fields = &prepared.plan.node(prepared.publisher).output.fields;
    let rows =
        played.outcome.tables.get(&prepared.publisher).map(|table| table.rows.clone()).unwrap_or_default();
    let wanted = rows.into_iter().filter(|(found, ..)| key.is_none_or(|key| key_text(found) == key));
    let expect = |(_, _, row): (Row, EventTime, Row)| {
        let fields = fields.iter().zip(row).map(|(field, value)| named(field, &value)).collect();
        TestStep::Expect(Expectation::Row { at: Some(time(at)), fields, span: span() })
    };
    Ok(wanted.map(expect).collect())
}

fn time(ms: i64) -> TestTime {
    Spanned::new(EventTime(ms).to_string(), span())
}

fn named(field: &Field, value: &Value) -> (Spanned<String>, TestValue) {
    (Spanned::new(field.name.clone(), span()), literal(value))
}

/// A value as a test writes it.
fn literal(value: &Value) -> TestValue {
    let scalar = |kind| TestValue::Scalar(Expr { kind, span: span() });
    match value {
        Value::Null => scalar(ExprKind::Null),
        Value::Bool(value) => scalar(ExprKind::Bool(*value)),
        Value::Int(value) => scalar(signed(*value < 0, ExprKind::Int(value.unsigned_abs().to_string()))),
        Value::Double(value) => scalar(signed(*value < 0.0, ExprKind::Double(format!("{:e}", value.abs())))),
        Value::Decimal(value) => {
            let text = value.to_string();
            let digits = text.trim_start_matches('-').to_owned();
            let kind = if digits.contains('.') { ExprKind::Decimal(digits) } else { ExprKind::Int(digits) };
            scalar(signed(text.starts_with('-'), kind))
        }
        Value::List(elements) => TestValue::List(elements.iter().map(literal).collect(), span()),
        Value::Map(entries) => {
            let entry =
                |(key, value): &(Value, Value)| (Spanned::new(key.to_string(), span()), literal(value));
            TestValue::Object(entries.iter().map(entry).collect(), span())
        }
        Value::Struct(_) | Value::String(_) | Value::Timestamp(_) | Value::Bytes(_) | Value::Date(_) => {
            scalar(ExprKind::String(value.to_string()))
        }
    }
}

fn signed(is_negative: bool, kind: ExprKind) -> ExprKind {
    if is_negative { ExprKind::Unary(UnaryOp::Negate, Box::new(Expr { kind, span: span() })) } else { kind }
}
