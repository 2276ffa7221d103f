//! YAML events → a tree of nodes with places. Refuses what definitions do not use: anchors, aliases,
//! tags, several documents, keys given twice.

use std::collections::BTreeMap;

use serde_yaml::granit_parser::{self as granit, ErrorKind, Event, Parser, ScanError};

use crate::diag::{Code, Diagnostic, Diagnostics, FileId, Span, shortened};
use crate::syntax::blocks::{self, DEPTH_MAX};
use crate::syntax::excerpt::Excerpt;

use super::place;

/// A value and its place.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) kind: NodeKind,
}

#[derive(Debug)]
pub(super) enum NodeKind {
    Null,
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// An alias: reported, and no second time for not being what was expected.
    Refused,
}

/// A text as YAML decoded it.
#[derive(Debug)]
pub(super) struct Scalar {
    pub(super) text: String,
    pub(super) span: Span,
    /// Written without quotes.
    pub(super) is_plain: bool,
    /// Ended by a comma, as texts without quotes are inside of `[…]` and `{…}`.
    pub(super) is_cut: bool,
    /// Where each byte of the text stands; `None` if the text is a slice of the file at `start`.
    table: Option<Vec<u32>>,
    start: usize,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Scalar,
    pub(super) value: Node,
}

/// The reader stopped; the reason is reported.
struct Stopped;

impl Node {
    pub(super) const fn is_null(&self) -> bool {
        matches!(self.kind, NodeKind::Null)
    }

    /// What it is, for messages.
    pub(super) const fn described(&self) -> &'static str {
        match self.kind {
            NodeKind::Null | NodeKind::Refused => "nothing",
            NodeKind::Scalar(_) => "a text",
            NodeKind::List(_) => "a list",
            NodeKind::Map(_) => "a map",
        }
    }
}

impl Scalar {
    pub(super) fn excerpt(&self, file: FileId) -> Excerpt<'_> {
        match &self.table {
            Some(table) => Excerpt::decoded(file, &self.text, table),
            None => Excerpt::slice(file, self.start, &self.text),
        }
    }
}

/// Whether a key is there, whatever its value.
pub(super) fn has(entries: &[Entry], key: &str) -> bool {
    entries.iter().any(|entry| entry.key.text == key)
}

/// The one document of a file, if it could be read.
pub(super) fn read(file: FileId, text: &str, problems: &mut Diagnostics) -> Option<Node> {
    let mut options = granit::options! {
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        flow_nesting_limit: DEPTH_MAX,
        block_nesting_limit: DEPTH_MAX,
    };
    options.set_emit_comments(false);
    let parser = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader { file, text, parser, problems };
    reader.document().ok()
}

struct Reader<'t, 'p> {
    file: FileId,
    text: &'t str,
    parser: Parser<'t, granit::StrInput<'t>>,
    problems: &'p mut Diagnostics,
}

impl<'t> Reader<'t, '_> {
    fn next(&mut self) -> Result<(Event<'t>, granit::Span), Stopped> {
        loop {
            match self.parser.next_event() {
                Some(Ok((Event::Anchor(..), span))) => self.refuse("an anchor (`&name`)", self.span(&span)),
                Some(Ok(event)) => return Ok(event),
                Some(Err(error)) => return Err(self.syntax(&error)),
                None => return Ok((Event::StreamEnd, granit::Span::empty(granit::Marker::new(0, 1, 0)))),
            }
        }
    }

    fn refuse(&mut self, what: &str, place: Span) {
        let error = Diagnostic::error(Code::E0123, place, format!("{what} is not used in definitions"));
        self.report(error.hint("write the value out; a text that begins with `*`, `&` or `!` needs quotes"));
    }

    fn syntax(&mut self, error: &ScanError) -> Stopped {
        let at = offset(*error.marker()).min(self.text.len());
        let span = Span::new(self.file, at, at);
        let problem = if *error.kind() == ErrorKind::RecursionLimitExceeded {
            blocks::too_deep(span)
        } else {
            self.not_yaml(&error.info(), span)
        };
        self.problems.push(problem);
        Stopped
    }

    /// What the library says, in the words of those who write YAML by hand.
    fn not_yaml(&self, said: &str, span: Span) -> Diagnostic {
        let place = span.start as usize;
        if let Some(tab) = self.tab(place).filter(|_| said.contains("tab")) {
            return Diagnostic::error(
                Code::E0120,
                Span::new(self.file, tab, tab + 1),
                "not YAML: a tab indents the line",
            )
            .hint("indent with blanks");
        }
        let hint = if said.contains("mapping values are not allowed") {
            "a text with `: ` inside needs quotes; the keys of one map stand exactly below each other"
        } else if said.contains("trailing content") {
            "a text that begins with a quote needs quotes around all of it: \"'a' = status\""
        } else {
            "indent with blanks, close quotes and brackets; a text needs quotes if it has `: ` or ` #` inside, and \
             inside of `[…]` and `{…}` also if it has `,`, a bracket or a brace"
        };
        Diagnostic::error(Code::E0120, span, format!("not YAML: {said}")).hint(hint)
    }

    /// The tab that indents a line: the one of this place, or the next that has one.
    fn tab(&self, place: usize) -> Option<usize> {
        let mut from = self.text[..place].rfind('\n').map_or(0, |newline| newline + 1);
        for line in self.text[from..].split_inclusive('\n') {
            let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
            if let Some(tab) = indent.find('\t') {
                return Some(from + tab);
            }
            from += line.len();
        }
        None
    }

    fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    fn span(&self, span: &granit::Span) -> Span {
        let end = offset(span.end).min(self.text.len());
        Span::new(self.file, offset(span.start).min(end), end)
    }

    fn document(&mut self) -> Result<Node, Stopped> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentEnd => {}
                Event::StreamEnd => break,
                Event::DocumentStart(..) if root.is_none() => {
                    let (event, span) = self.next()?;
                    root = Some(self.node(event, span)?);
                }
                _ => {
                    let error =
                        Diagnostic::error(Code::E0124, self.span(&span), "a second document begins here");
                    self.problems.push(error.hint("move it to a file of its own"));
                    break;
                }
            }
        }
        let null = Node { span: Span::new(self.file, 0, 0), kind: NodeKind::Null };
        Ok(root.unwrap_or(null))
    }

    /// A node from its first event on. Recursion ends at the library's nesting limits.
    fn node(&mut self, event: Event<'t>, at: granit::Span) -> Result<Node, Stopped> {
        let span = self.span(&at);
        if event.tag().is_some() {
            let place = at.tag_span().map_or(span, |tag| self.span(&tag));
            self.refuse("a tag (`!name`)", place);
            if matches!(&event, Event::Scalar(text, ..) if text.is_empty()) {
                // `!a` alone: that there is no value is a part of the mistake.
                return Ok(Node { span, kind: NodeKind::Refused });
            }
        }
        let kind = match event {
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.refuse("an alias (`*name`)", span);
                NodeKind::Refused
            }
            Event::Scalar(text, style, ..) => self.scalar(&text, style, span),
            Event::SequenceStart(..) => NodeKind::List(self.list()?),
            Event::MappingStart(..) => NodeKind::Map(self.map()?),
            _ => NodeKind::Null,
        };
        Ok(Node { span, kind })
    }

    fn scalar(&self, text: &str, style: granit::ScalarStyle, span: Span) -> NodeKind {
        if style == granit::ScalarStyle::Plain && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
            return NodeKind::Null;
        }
        let (start, table) = place::places(self.text, span, text, style);
        NodeKind::Scalar(Scalar {
            text: text.to_string(),
            span,
            is_plain: style == granit::ScalarStyle::Plain,
            is_cut: style == granit::ScalarStyle::Plain && self.text[span.end as usize..].starts_with(','),
            table,
            start,
        })
    }

    fn list(&mut self) -> Result<Vec<Node>, Stopped> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(items);
            }
            items.push(self.node(event, span)?);
        }
    }

    fn map(&mut self) -> Result<Vec<Entry>, Stopped> {
        let mut entries = Vec::new();
        let mut seen: BTreeMap<String, Span> = BTreeMap::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                return Ok(entries);
            }
            let key = self.node(event, span)?;
            let (event, span) = self.next()?;
            let value = self.node(event, span)?;
            if let Some(key) = self.key(key, &mut seen) {
                entries.push(Entry { key, value });
            }
        }
    }

    /// The key of an entry, if it is a text that was not there before.
    fn key(&mut self, key: Node, seen: &mut BTreeMap<String, Span>) -> Option<Scalar> {
        let (span, found) = (key.span, key.described());
        if matches!(key.kind, NodeKind::Refused) {
            return None;
        }
        let NodeKind::Scalar(key) = key.kind else {
            let message = format!("expected a text as key, found {found}");
            self.report(Diagnostic::error(Code::E0121, span, message));
            return None;
        };
        if key.text == "<<" {
            let error = Diagnostic::error(Code::E0123, span, "a merge key (`<<`) is not used in definitions");
            self.report(error.hint("write the values out"));
            return None;
        }
        if let Some(first) = seen.get(&key.text) {
            let shown = shortened(&key.text);
            let error = Diagnostic::error(Code::E0122, span, format!("the key `{shown}` is given twice"));
            let error = error.also(*first, "first given here").hint("rename or remove one of them");
            self.report(error);
            return None;
        }
        seen.insert(key.text.clone(), span);
        Some(key)
    }
}

fn offset(marker: granit::Marker) -> usize {
    marker.byte_offset().unwrap_or_else(|| marker.index())
}
