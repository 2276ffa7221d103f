//! Diagnostics as JSON.

use serde_json::{Value, json};

use crate::diag::{Diagnostic, Diagnostics, SourceMap, Span};

/// All diagnostics as an array of objects, in order: `code`, `severity`, `file`, `line`, `column`, `message`,
/// `hint`, and `labels`: every place that the text form marks, the problem's own first.
///
/// Lines and columns count from 1, columns in characters; an end is behind the last character. All are null
/// where there is no place.
#[must_use]
pub fn json(diagnostics: &Diagnostics, sources: &SourceMap) -> Value {
    diagnostics.iter().map(|item| object(item, sources)).collect()
}

fn object(item: &Diagnostic, sources: &SourceMap) -> Value {
    let own = item.span.map(|span| place(span, &item.label, sources));
    let of = |key: &str| own.as_ref().map(|own| own[key].clone());
    let others = item.secondary.iter().map(|(span, label)| place(*span, label, sources));
    json!({
        "code": item.code.as_str(),
        "severity": item.severity.word(),
        "file": of("file"),
        "line": of("line"),
        "column": of("column"),
        "message": item.message,
        "labels": own.iter().cloned().chain(others).collect::<Vec<_>>(),
        "notes": item.notes,
        "hint": item.hint,
    })
}

fn place(span: Span, label: &str, sources: &SourceMap) -> Value {
    let (start, end) = (sources.position(span.file, span.start), sources.position(span.file, span.end));
    json!({
        "file": sources.path(span.file).to_string_lossy(),
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "text": label,
    })
}
