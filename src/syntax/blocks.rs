//! The scanner that cuts a DSL file into top-level blocks before pest sees any of it.
//!
//! pest stops at its first error and has no depth limit: each block is parsed alone, so one bad
//! block does not hide the others' problems, and nothing nested too deeply reaches it. Linear in
//! the text, without recursion.

mod header;
mod nesting;

use crate::diag::{Code, Diagnostic, Diagnostics, FileId, Span, shortened};

use super::excerpt::Excerpt;
use super::lexer::{Piece, Pieces, token};
use super::words::{KINDS_SHOWN, Kind, NAME_MAX};
use header::{Header, begins_definition, next_definition};
use nesting::{Angles, unclosed_string};

pub(super) use nesting::{DEPTH_MAX, check_nesting, name_too_long, too_deep};

/// How many problems of one block are reported.
pub(super) const PROBLEMS_MAX: usize = 20;

/// One block whose inside can be parsed: offsets into the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) kind: Kind,
    /// Of constants their word, of a test its title.
    pub(super) name: (usize, usize),
    /// What a test is about.
    pub(super) of: Option<(usize, usize)>,
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
        let found = shortened(shown);
        let message = format!("expected a definition, found `{found}`");
        let hint = if found.starts_with('}') {
            "remove it: every block before it is closed already".into()
        } else if ["//", "/*", "--"].iter().any(|sign| found.starts_with(sign)) {
            "a comment begins with `#`".into()
        } else {
            format!("between blocks only comments (`# …`) may stand; definitions are {KINDS_SHOWN}")
        };
        self.report(Code::E0101, start, end, message, &hint);
        next_definition(text, line)
    }

    /// A block from its `{`: finds its end, checks its header.
    fn block(&mut self, header: &Header, open: usize) -> usize {
        let text = self.excerpt.text;
        let kind = Kind::by_word(&text[header.word.0..header.word.1]);
        let mut inside = Inside::new(kind);
        let (close, after) = self.inside(&mut inside, open);
        if let Some((kind, named)) = self.named(header, open)
            && !inside.too_deep
        {
            let body = (open + 1, close);
            let (name, of) = (named.name, named.of);
            self.blocks.push(Block { kind, name, of, body, reported: inside.reported });
        }
        debug_assert!(after > open && after <= text.len());
        after
    }

    /// Walks to the `}` of the block opened at `open`: (its offset, where to go on).
    fn inside(&mut self, inside: &mut Inside, open: usize) -> (usize, usize) {
        let text = self.excerpt.text;
        for (piece, start, end) in Pieces::new(text, open) {
            inside.angles.see(piece, &text[start..end]);
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
                Piece::Quoted { closed: false } => {
                    self.unclosed_string(inside, start, end);
                    if inside.kind == Some(Kind::Test) && text[..start].trim_end().ends_with("in") {
                        // The brackets of a definition's text without end belong to nobody.
                        return (start, next_definition(text, end));
                    }
                }
                Piece::Symbol('<') => self.check_depth(inside, start),
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
        if inside.stack.len() + inside.cases + inside.angles.depth() > DEPTH_MAX && !inside.too_deep {
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
        let error = Diagnostic::error(Code::E0104, self.span(at, at + 1), message);
        self.note(inside, at, error.hint("remove it, or open it where it begins"));
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
        let end = start + self.excerpt.text[start..end].find('\n').unwrap_or(end - start);
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
    kind: Option<Kind>,
    stack: Vec<(char, usize)>,
    cases: usize,
    angles: Angles,
    reported: Vec<usize>,
    /// Also set by an oversized name: nothing inside is parsed.
    too_deep: bool,
}

impl Inside {
    fn new(kind: Option<Kind>) -> Self {
        let (stack, reported, angles) = (Vec::new(), Vec::new(), Angles::default());
        Self { kind, stack, cases: 0, angles, reported, too_deep: false }
    }
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

#[cfg(test)]
mod tests;
