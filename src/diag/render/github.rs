//! Diagnostics as commands of GitHub Actions, which shows them in the files of a pull request.

use std::fmt::Write as _;

use crate::diag::{Diagnostic, Diagnostics, SourceMap, Span};

/// One line per diagnostic: `::error file=…,line=…,col=…,endLine=…,title=E0201::message`.
#[must_use]
pub fn github(diagnostics: &Diagnostics, sources: &SourceMap) -> String {
    diagnostics.iter().map(|item| command(item, sources) + "\n").collect()
}

fn command(item: &Diagnostic, sources: &SourceMap) -> String {
    let mut command = format!("::{} ", item.severity.word());
    if let Some(span) = item.span {
        command += &place(span, sources);
    }
    // Writing to a string cannot fail.
    let _ = write!(command, "title={}::{}", property(item.code.as_str()), data(&item.message));
    let others = item.secondary.iter().map(|(span, label)| {
        let position = sources.position(span.file, span.start);
        format!("{}:{}:{}: {label}", sources.path(span.file).display(), position.line, position.column)
    });
    let hint = item.hint.iter().map(|hint| format!("hint: {hint}"));
    for line in others.chain(item.notes.iter().cloned()).chain(hint) {
        let _ = write!(command, "%0A{}", data(&line));
    }
    command
}

/// GitHub takes columns of one line only, and counts the last one in.
fn place(span: Span, sources: &SourceMap) -> String {
    let (start, end) = (sources.position(span.file, span.start), sources.position(span.file, span.end));
    let file = property(&sources.path(span.file).to_string_lossy());
    let mut place = format!("file={file},line={},col={},endLine={},", start.line, start.column, end.line);
    if start.line == end.line && end.column > start.column {
        let _ = write!(place, "endColumn={},", end.column - 1);
    }
    place
}

/// The escapes of a message …
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// … and, two more, of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
