//! The headers of blocks: `source NAME {`, `constants {`, `test NAME "title" {`.

use crate::diag::{Code, nearest};
use crate::syntax::lexer::{Piece, Pieces, token};
use crate::syntax::words::{self, KINDS_SHOWN, Kind, kind_elsewhere};

use super::{Scanner, described};

type Place = (usize, usize);

/// What stands before a block's `{`.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) word: Place,
    /// Words and quoted names behind it.
    names: Vec<Place>,
}

/// The names of a good header.
pub(super) struct Named {
    pub(super) name: Place,
    pub(super) of: Option<Place>,
}

/// More names than any header has are read over, so that its block is found.
const NAMES_MAX: usize = 3;

impl Scanner<'_, '_> {
    /// `WORD NAME {`: returns where scanning goes on.
    pub(super) fn header(&mut self, start: usize, end: usize) -> usize {
        let text = self.excerpt.text;
        let mut header = Header { word: (start, end), names: Vec::new() };
        for (piece, from, to) in Pieces::new(text, end) {
            match piece {
                Piece::Blank | Piece::Comment => {}
                Piece::Word | Piece::Quoted { closed: true } if header.names.len() < NAMES_MAX => {
                    header.names.push((from, to));
                }
                Piece::Open('{') => return self.block(&header, from),
                _ => return self.bad_header(&header, (from, to)),
            }
        }
        self.bad_header(&header, (text.len(), text.len()))
    }

    /// No `{`: `next` is what stands in its place, unless a name too many does.
    fn bad_header(&mut self, header: &Header, next: Place) -> usize {
        let text = self.excerpt.text;
        let (start, word) = (header.word.0, &text[header.word.0..header.word.1]);
        let Some(kind) = Kind::by_word(word) else { return self.stray(start) };
        let names = match kind.header() {
            words::Header::Name => 1,
            words::Header::Bare => 0,
            words::Header::Title
                if header.names.first().is_some_and(|name| text[name.0..].starts_with('"')) =>
            {
                1
            }
            words::Header::Title => 2,
        };
        let (from, to) = header.names.get(names).copied().unwrap_or(next);
        let found = described(&text[from..to]);
        let read = &text[start..header.names.iter().take(names).next_back().unwrap_or(&header.word).1];
        let message = match (kind.header(), header.names.as_slice()) {
            (words::Header::Name, []) => format!("expected a name after `{word}`, found {found}"),
            (words::Header::Title, []) => {
                format!("expected a name and a title after `{word}`, found {found}")
            }
            _ => format!("expected `{{` after `{read}`, found {found}"),
        };
        self.report(Code::E0107, from, to, message, &format!("write `{}`", kind.form()));
        next_definition(text, start + word.len())
    }

    /// The kind and the names of a header, if it is one; otherwise reported.
    pub(super) fn named(&mut self, header: &Header, open: usize) -> Option<(Kind, Named)> {
        let kind = self.kind(header)?;
        let text = self.excerpt.text;
        let quoted = |place: &Place| text[place.0..].starts_with('"');
        let named = |name: &Place, of: Option<&Place>| Some((kind, Named { name: *name, of: of.copied() }));
        match (kind.header(), header.names.as_slice()) {
            (words::Header::Bare, []) => named(&header.word, None),
            (words::Header::Name, [name]) => named(name, None),
            (words::Header::Title, [title]) if quoted(title) => named(title, None),
            (words::Header::Title, [of, title]) if quoted(title) => named(title, Some(of)),
            (words::Header::Title, [title] | [_, title]) => {
                let found = described(&text[title.0..title.1]);
                let place = if header.names.len() == 1 { (open, open + 1) } else { *title };
                let found = if header.names.len() == 1 { "`{`" } else { &found };
                let message = format!("expected a title in double quotes, found {found}");
                self.wrong_header(kind, place, message)
            }
            (words::Header::Name | words::Header::Title, []) => {
                let wanted =
                    if kind.header() == words::Header::Name { "a name" } else { "a name and a title" };
                let message = format!("expected {wanted} after `{}`, found `{{`", kind.word());
                self.wrong_header(kind, (open, open + 1), message)
            }
            (_, [.., last]) => {
                let message = format!("expected `{{`, found {}", described(&text[last.0..last.1]));
                self.wrong_header(kind, *last, message)
            }
        }
    }

    fn wrong_header<T>(&mut self, kind: Kind, place: Place, message: String) -> Option<T> {
        self.report(Code::E0107, place.0, place.1, message, &format!("write `{}`", kind.form()));
        None
    }

    fn kind(&mut self, header: &Header) -> Option<Kind> {
        let (start, end) = header.word;
        let word = &self.excerpt.text[start..end];
        let kind = Kind::by_word(word);
        if kind.is_none() {
            let next = header.names.first().map_or("", |(from, to)| &self.excerpt.text[*from..*to]);
            let spelt = if next == "by" { "group_by".into() } else { word.to_ascii_lowercase() };
            let hint = match (kind_elsewhere(word), nearest(&spelt, Kind::ALL.map(Kind::word))) {
                (Some(hint), _) => hint.into(),
                (None, Some(known)) => format!("did you mean `{known}`?"),
                (None, None) => format!("definitions are {KINDS_SHOWN}"),
            };
            self.report(Code::E0102, start, end, format!("unknown kind of definition `{word}`"), &hint);
        }
        kind
    }
}

/// Whether a known definition's header stands at the beginning of the line: `source x {`.
pub(super) fn begins_definition(text: &str, at: usize) -> bool {
    if at != 0 && !text[..at].ends_with('\n') {
        return false;
    }
    Kind::by_word(token(text, at)).is_some() && is_header(text, at)
}

/// `WORD WORD {`, where the line does not begin with a blank: a long run of empty lines is walked once.
fn is_header(text: &str, at: usize) -> bool {
    if !text[at..].starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return false;
    }
    let header = Kind::by_word(token(text, at)).map_or(words::Header::Name, Kind::header);
    let names = match header {
        words::Header::Name => 1..=1,
        words::Header::Bare => 0..=0,
        words::Header::Title => 1..=2,
    };
    let mut found = 0;
    for (piece, ..) in Pieces::new(text, at).filter(|(piece, ..)| *piece != Piece::Blank).skip(1) {
        match piece {
            Piece::Open('{') => return names.contains(&found),
            Piece::Word => found += 1,
            Piece::Quoted { closed: true } if header == words::Header::Title => found += 1,
            _ => return false,
        }
        if found > *names.end() {
            return false;
        }
    }
    false
}

/// The next line that looks like a definition's header, or the end.
pub(super) fn next_definition(text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(newline) = text[at..].find('\n') {
        at += newline + 1;
        if is_header(text, at) {
            return at;
        }
    }
    text.len()
}
