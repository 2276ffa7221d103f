//! The scanner that cuts a DSL file into top-level blocks before pest sees any of it.
//!
//! pest stops at its first error and has no depth limit: each block is parsed alone, so one bad
//! block does not hide the others' problems, and nothing nested too deeply reaches it. Linear in
//! the text, without recursion.

mod nesting;

use crate::diag::{Code, Diagnostic, Diagnostics, FileId, Span, nearest};

use super::excerpt::Excerpt;
use super::lexer::{Piece, Pieces, token};
use super::words::{KINDS_LATER, Kind, NAME_MAX};
use nesting::unclosed_string;

pub(super) use nesting::{DEPTH_MAX, check_nesting, name_too_long, too_deep};

/// How many problems of one block are reported.
pub(super) const PROBLEMS_MAX: usize = 20;

/// One block whose inside can be parsed: offsets into the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) kind: Kind,
    pub(super) name: (usize, usize),
    pub(super) body: (usize, usize),
    /// Where the scanner already reported a problem inside: what fails around it is a consequence.
    pub(super) reported: Vec<usize>,
}

/// Cuts the text into blocks and reports what stands between them.
pub(super) fn split(file: FileId, text: &str, problems: &mut Diagnostics) -> Vec<Block> {
    let excerpt = Excerpt::slice(file, 0, text);
    let mut scanner = Scanner { excerpt, problems, blocks: Vec::new() };
    // A byte order mark is not text.
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while let Some((piece, start, end)) = Pieces::new(text, at).next() {
        if scanner.problems.is_full() {
            break;
        }
        at = match piece {
            Piece::Blank | Piece::Comment => end,
            Piece::Word => scanner.header(start, end),
            _ => scanner.stray(start),
        };
    }
    scanner.blocks
}

struct Scanner<'a, 'p> {
    excerpt: Excerpt<'a>,
    problems: &'p mut Diagnostics,
    blocks: Vec<Block>,
}

impl Scanner<'_, '_> {
    fn span(&self, start: usize, end: usize) -> Span {
        self.excerpt.span(start, end)
    }

    fn report(&mut self, code: Code, start: usize, end: usize, message: String, hint: &str) {
        let error = Diagnostic::error(code, self.span(start, end), message);
        self.problems.push(if hint.is_empty() { error } else { error.hint(hint) });
    }

    /// Text that belongs to no block: reported once, up to the next line that may begin one.
    fn stray(&mut self, start: usize) -> usize {
        let text = self.excerpt.text;
        let line = start + text[start..].find('\n').unwrap_or(text.len() - start);
        let shown = text[start..line].trim_end();
        let end = start + shown.len();
        let found = shown.chars().take(40).collect::<String>();
        let message = format!("expected a definition, found `{found}`");
        let hint = "between blocks only comments (`# …`) may stand; definitions are `source NAME { … }`, \
                    `group_by NAME { … }` and `join NAME { … }`";
        self.report(Code::E0101, start, end, message, hint);
        next_definition(text, line)
    }

    /// `WORD NAME {`: returns where scanning goes on.
    fn header(&mut self, start: usize, end: usize) -> usize {
        let text = self.excerpt.text;
        let mut names = Vec::new();
        for (piece, from, to) in Pieces::new(text, end) {
            match piece {
                Piece::Blank | Piece::Comment => {}
                Piece::Word | Piece::Quoted { closed: true } if names.len() < 2 => names.push((from, to)),
                Piece::Open('{') => return self.block((start, end), &names, from),
                _ => return self.bad_header((start, end), &names, (from, to)),
            }
        }
        self.bad_header((start, end), &names, (text.len(), text.len()))
    }

    /// No `{`: `next` is what stands in its place, unless a second name does.
    fn bad_header(&mut self, word: (usize, usize), names: &[(usize, usize)], next: (usize, usize)) -> usize {
        let text = self.excerpt.text;
        let (start, word) = (word.0, &text[word.0..word.1]);
        if Kind::by_word(word).is_none() {
            return self.stray(start);
        }
        let (from, to) = names.get(1).copied().unwrap_or(next);
        let found = described(&text[from..to]);
        let message = match names.first() {
            Some((from, to)) => format!("expected `{{` after `{word} {}`, found {found}", &text[*from..*to]),
            None => format!("expected a name after `{word}`, found {found}"),
        };
        self.report(Code::E0107, from, to, message, &format!("write `{word} NAME {{ … }}`"));
        next_definition(text, start + word.len())
    }

    /// A block from its `{`: finds its end, checks its header.
    fn block(&mut self, word: (usize, usize), names: &[(usize, usize)], open: usize) -> usize {
        let text = self.excerpt.text;
        let mut inside = Inside { stack: Vec::new(), cases: 0, reported: Vec::new(), too_deep: false };
        let (close, after) = self.inside(&mut inside, open);
        if let (Some(kind), Some(name)) = (self.kind(word, names), self.name(word, names, open))
            && !inside.too_deep
        {
            let body = (open + 1, close);
            self.blocks.push(Block { kind, name, body, reported: inside.reported });
        }
        debug_assert!(after > open && after <= text.len());
        after
    }

    fn kind(&mut self, (start, end): (usize, usize), names: &[(usize, usize)]) -> Option<Kind> {
        let word = &self.excerpt.text[start..end];
        let kind = Kind::by_word(word);
        if kind.is_some() {
            return kind;
        }
        let next = names.first().map_or("", |(from, to)| &self.excerpt.text[*from..*to]);
        if KINDS_LATER.contains(&word) {
            let message = format!("`{word}` is not available yet");
            let hint = "this version has `source`, `group_by` and `join`";
            self.report(Code::E0103, start, end, message, hint);
        } else {
            let spelt = if next == "by" { "group_by".into() } else { word.to_ascii_lowercase() };
            let known = nearest(&spelt, Kind::ALL.map(Kind::word));
            let hint = known.map_or_else(
                || "definitions are `source`, `group_by` and `join`".into(),
                |known| format!("did you mean `{known}`?"),
            );
            self.report(Code::E0102, start, end, format!("unknown kind of definition `{word}`"), &hint);
        }
        None
    }

    fn name(
        &mut self,
        word: (usize, usize),
        names: &[(usize, usize)],
        open: usize,
    ) -> Option<(usize, usize)> {
        let kind = Kind::by_word(&self.excerpt.text[word.0..word.1])?;
        match names {
            [name] => Some(*name),
            [] => {
                let message = format!("expected a name after `{}`, found `{{`", kind.word());
                self.report(
                    Code::E0107,
                    open,
                    open + 1,
                    message,
                    &format!("write `{} NAME {{ … }}`", kind.word()),
                );
                None
            }
            [.., (from, to)] => {
                let message = format!("expected `{{`, found {}", described(&self.excerpt.text[*from..*to]));
                self.report(Code::E0107, *from, *to, message, "a definition has one name");
                None
            }
        }
    }

    /// Walks to the `}` of the block opened at `open`: (its offset, where to go on).
    fn inside(&mut self, inside: &mut Inside, open: usize) -> (usize, usize) {
        let text = self.excerpt.text;
        for (piece, start, end) in Pieces::new(text, open) {
            match piece {
                Piece::Open(bracket) => self.opened(inside, bracket, start),
                Piece::Close(bracket) => {
                    self.closed(inside, bracket, start);
                    if inside.stack.is_empty() {
                        return (start, end);
                    }
                }
                Piece::Word if start > open && begins_definition(text, start) => {
                    self.unclosed(inside);
                    return (start, start);
                }
                Piece::Word => self.word(inside, start, end),
                Piece::Quoted { closed: false } => self.unclosed_string(inside, start, end),
                Piece::Quoted { closed: true } | Piece::Blank | Piece::Comment | Piece::Symbol(_) => {}
            }
        }
        self.unclosed(inside);
        (text.len(), text.len())
    }

    fn opened(&mut self, inside: &mut Inside, bracket: char, at: usize) {
        inside.stack.push((bracket, at));
        self.check_depth(inside, at);
    }

    fn check_depth(&mut self, inside: &mut Inside, at: usize) {
        if inside.stack.len() + inside.cases > DEPTH_MAX && !inside.too_deep {
            inside.too_deep = true;
            self.problems.push(too_deep(self.span(at, at + 1)));
        }
    }

    fn closed(&mut self, inside: &mut Inside, bracket: char, at: usize) {
        // A `}` closes what is open inside its block; the unclosed brackets are the mistake.
        while let Some(&(open, place)) = inside.stack.last() {
            if closing(open) == bracket {
                inside.stack.pop();
                return;
            }
            if bracket != '}' || open == '{' {
                break;
            }
            inside.stack.pop();
            let error = Diagnostic::error(Code::E0104, self.span(place, place + 1), not_closed(open));
            let ended = self.span(at, at + 1);
            self.note(
                inside,
                place,
                error.label("opened here").also(ended, "the block ends here").hint(close_it(open)),
            );
        }
        let message = format!("`{bracket}` closes nothing");
        self.note(inside, at, Diagnostic::error(Code::E0104, self.span(at, at + 1), message));
    }

    /// The file or the next definition comes before the block's `}`: the innermost bracket is named.
    fn unclosed(&mut self, inside: &mut Inside) {
        if let Some(&(open, place)) = inside.stack.last() {
            let error = Diagnostic::error(Code::E0104, self.span(place, place + 1), not_closed(open));
            let error = error.label("opened here").hint(close_it(open));
            self.note(inside, place, error);
        }
    }

    fn word(&mut self, inside: &mut Inside, start: usize, end: usize) {
        let word = &self.excerpt.text[start..end];
        if word.len() > NAME_MAX {
            self.note(inside, start, name_too_long(word, self.span(start, end)));
            inside.too_deep = true;
        } else if word.eq_ignore_ascii_case("case") {
            inside.cases += 1;
            self.check_depth(inside, start);
        } else if word.eq_ignore_ascii_case("end") {
            inside.cases = inside.cases.saturating_sub(1);
        }
    }

    fn unclosed_string(&mut self, inside: &mut Inside, start: usize, end: usize) {
        self.note(inside, start, unclosed_string(token(self.excerpt.text, start), self.span(start, end)));
    }

    /// Reports a problem inside a block; one that is too deep, or has many already, has said enough.
    fn note(&mut self, inside: &mut Inside, at: usize, problem: Diagnostic) {
        if !inside.too_deep && inside.reported.len() < PROBLEMS_MAX {
            inside.reported.push(at);
            self.problems.push(problem);
        }
    }
}

/// The state inside one block.
struct Inside {
    stack: Vec<(char, usize)>,
    cases: usize,
    reported: Vec<usize>,
    /// Also set by an oversized name: nothing inside is parsed.
    too_deep: bool,
}

fn closing(open: char) -> char {
    match open {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

fn close_it(open: char) -> String {
    format!("add `{}` where it ends", closing(open))
}

fn not_closed(open: char) -> String {
    format!("`{open}` is never closed")
}

fn described(text: &str) -> String {
    if text.is_empty() { "the end of the file".into() } else { format!("`{text}`") }
}

/// Whether a known definition's header stands at the beginning of the line: `source x {`.
fn begins_definition(text: &str, at: usize) -> bool {
    if at != 0 && !text[..at].ends_with('\n') {
        return false;
    }
    let word = token(text, at);
    (Kind::by_word(word).is_some() || KINDS_LATER.contains(&word)) && is_header(text, at)
}

/// `WORD WORD {`, where the line does not begin with a blank: a long run of empty lines is walked once.
fn is_header(text: &str, at: usize) -> bool {
    let mut pieces = Pieces::new(text, at);
    let mut next = |wanted: Piece| {
        let (piece, ..) = pieces.find(|(piece, ..)| *piece != Piece::Blank).unwrap_or((Piece::Blank, 0, 0));
        piece == wanted
    };
    text[at..].starts_with(|c: char| c.is_alphabetic() || c == '_')
        && next(Piece::Word)
        && next(Piece::Word)
        && next(Piece::Open('{'))
}

/// The next line that looks like a definition's header, or the end.
fn next_definition(text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(newline) = text[at..].find('\n') {
        at += newline + 1;
        if is_header(text, at) {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests;
