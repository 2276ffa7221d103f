//! The smallest pieces of DSL text: words, strings, comments, brackets. Enough to find where a
//! block or a clause ends without understanding it; linear, without recursion.

/// One piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    Blank,
    Comment,
    /// A letter or underscore and what belongs to it; also digits, so that `1h` is one word.
    Word,
    /// `'…'` or `"…"` with its quotes; `closed` is false when the line ends first.
    Quoted {
        closed: bool,
    },
    Open(char),
    Close(char),
    Symbol(char),
}

/// The pieces of a text, each with its offsets.
#[derive(Debug, Clone)]
pub(super) struct Pieces<'a> {
    text: &'a str,
    at: usize,
    behind: Behind,
}

/// How much of `error CODE in` stands before: a definition's text follows, which may have several lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behind {
    Else,
    Error,
    Code,
    In,
}

impl Behind {
    fn then(self, piece: Piece, text: &str) -> Self {
        match (self, piece) {
            (behind, Piece::Blank | Piece::Comment) => behind,
            (Self::Error, Piece::Word) => Self::Code,
            (Self::Code, Piece::Word) if text == "in" => Self::In,
            (_, Piece::Word) if text == "error" => Self::Error,
            _ => Self::Else,
        }
    }
}

impl<'a> Pieces<'a> {
    pub(super) const fn new(text: &'a str, at: usize) -> Self {
        Self { text, at, behind: Behind::Else }
    }

    fn end_of(&self, keep: impl Fn(char) -> bool) -> usize {
        let rest = &self.text[self.at..];
        self.at + rest.find(|c| !keep(c)).unwrap_or(rest.len())
    }

    /// The end of a quoted text and whether it is closed.
    fn quoted(&self, quote: char) -> (usize, bool) {
        let lines = self.behind == Behind::In && quote == '"';
        match self.quoted_within(quote, lines) {
            // A definition's text without an end is a mistake on its first line.
            (_, false) if lines => self.quoted_within(quote, false),
            found => found,
        }
    }

    /// A doubled quote is part of the text.
    fn quoted_within(&self, quote: char, lines: bool) -> (usize, bool) {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        while let Some(&byte) = bytes.get(at) {
            if byte == b'\n' && !lines {
                return (at, false);
            }
            if byte == quote as u8 {
                if bytes.get(at + 1) != Some(&byte) {
                    return (at + 1, true);
                }
                at += 1;
            }
            at += 1;
        }
        (bytes.len(), false)
    }
}

impl Iterator for Pieces<'_> {
    type Item = (Piece, usize, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        let first = self.text[start..].chars().next()?;
        let (piece, end) = match first {
            ' ' | '\t' | '\r' | '\n' => {
                (Piece::Blank, self.end_of(|c| matches!(c, ' ' | '\t' | '\r' | '\n')))
            }
            '#' => (Piece::Comment, self.end_of(|c| c != '\n')),
            '\'' | '"' => {
                let (end, closed) = self.quoted(first);
                (Piece::Quoted { closed }, end)
            }
            '(' | '[' | '{' => (Piece::Open(first), start + 1),
            ')' | ']' | '}' => (Piece::Close(first), start + 1),
            c if is_word(c) => (Piece::Word, self.end_of(is_word)),
            c => (Piece::Symbol(c), start + c.len_utf8()),
        };
        self.at = end;
        self.behind = self.behind.then(piece, &self.text[start..end]);
        Some((piece, start, end))
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The offset after blanks and comments.
pub(super) fn skip_blank(text: &str, at: usize) -> usize {
    Pieces::new(text, at)
        .find(|(piece, ..)| !matches!(piece, Piece::Blank | Piece::Comment))
        .map_or(text.len(), |(_, start, _)| start)
}

/// The piece at an offset, as written; operators of two characters together.
pub(super) fn token(text: &str, at: usize) -> &str {
    const PAIRS: [&str; 13] = ["??", "==", "!=", "&&", "||", "<=", ">=", "<>", "=>", "->", "--", "//", "::"];
    let rest = &text[at..];
    if let Some(pair) = PAIRS.iter().find(|pair| rest.starts_with(**pair)) {
        return &rest[..pair.len()];
    }
    Pieces::new(text, at).next().map_or("", |(_, start, end)| &text[start..end])
}
