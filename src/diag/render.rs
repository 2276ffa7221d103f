//! Shows diagnostics: text with carets, JSON, annotations of GitHub. The only printer of carets.

mod github;
mod json;

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Diagnostics, Severity, SourceMap, Span};

pub use github::github;
pub use json::json;

/// All diagnostics as text, one block each, separated by blank lines.
#[must_use]
pub fn text(diagnostics: &Diagnostics, sources: &SourceMap, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let hidden: Vec<Span> = diagnostics.iter().flat_map(|item| item.hidden.iter().copied()).collect();
    diagnostics
        .iter()
        .map(|item| renderer.render(&[group(item, &hidden, sources)]) + "\n")
        .collect::<Vec<_>>()
        .join("\n")
}

fn group<'a>(item: &'a Diagnostic, hidden: &[Span], sources: &'a SourceMap) -> Group<'a> {
    let level = match item.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(item.message.as_str()).id(item.code.as_str()));
    if let Some(span) = item.span {
        let mut marks = vec![(span, AnnotationKind::Primary, item.label.as_str())];
        marks.extend(
            item.secondary.iter().map(|(span, label)| (*span, AnnotationKind::Context, label.as_str())),
        );
        group = snippets(group, &marks, hidden, sources);
    }
    for note in &item.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    if let Some(hint) = &item.hint {
        group = group.element(Level::HELP.with_name("hint").message(hint.as_str()));
    }
    group
}

/// One snippet per file, the primary's file first.
fn snippets<'a>(
    mut group: Group<'a>,
    marks: &[(Span, AnnotationKind, &'a str)],
    hidden: &[Span],
    sources: &'a SourceMap,
) -> Group<'a> {
    let mut files: Vec<_> = Vec::new();
    for (span, ..) in marks {
        if !files.contains(&span.file) {
            files.push(span.file);
        }
    }
    for file in files {
        let text = sources.text(file);
        let marks = marks.iter().filter(|(span, ..)| span.file == file);
        let marks: Vec<_> = marks.map(|(span, kind, label)| (clamp(text, *span), kind, *label)).collect();
        // Only the lines from the first mark to the last: the printer reads all that it is given.
        let start = marks.iter().map(|(range, ..)| range.start).min().unwrap_or_default();
        let end = marks.iter().map(|(range, ..)| range.end).max().unwrap_or_default();
        let (line, shown) = sources.lines(file, &(start..end));
        let annotations = marks.into_iter().map(|(range, kind, label)| {
            let annotation = kind.span(range.start - shown.start..range.end - shown.start);
            if label.is_empty() { annotation } else { annotation.label(label) }
        });
        let path = sources.path(file).to_string_lossy().into_owned();
        let hidden = hidden.iter().filter(|span| span.file == file).map(|span| clamp(text, *span));
        let snippet = Snippet::source(without(text, shown.clone(), hidden)).line_start(line).path(path);
        group = group.element(snippet.annotations(annotations.collect::<Vec<_>>()));
    }
    group
}

/// A part of the text with what is hidden in it as stars; every byte stays where it is.
fn without(text: &str, part: Range<usize>, hidden: impl Iterator<Item = Range<usize>>) -> Cow<'_, str> {
    let mut shown = Cow::Borrowed(&text[part.clone()]);
    for range in hidden {
        let (start, end) = (range.start.clamp(part.start, part.end), range.end.clamp(part.start, part.end));
        let blanks: Vec<_> =
            text[start..end].bytes().map(|byte| if byte == b'\n' { "\n" } else { "*" }).collect();
        shown.to_mut().replace_range(start - part.start..end - part.start, &blanks.concat());
    }
    shown
}

/// A span inside the text, on character boundaries, never empty unless the text is.
fn clamp(text: &str, span: Span) -> Range<usize> {
    let mut start = (span.start as usize).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = (span.end as usize).clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}
