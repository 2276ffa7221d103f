//! The words, signs and comments of a text, with what the parser knows about them.

use crate::syntax::lexer::{Piece, Pieces, token};

use super::marks::Marks;

/// A word, a sign, a quoted text or a comment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) kind: Kind,
    /// Line breaks between it and what stands before it.
    pub(super) newlines: usize,
    /// What begins here.
    pub(super) begins: Begins,
    /// `-` or `not` in front of its operand.
    pub(super) is_prefix: bool,
    /// Which type as written it is a part of: the place where that begins.
    pub(super) of_type: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Comment,
    Word,
    Quoted,
    Sign,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    Nothing,
    Clause,
    /// A field of a schema, or of what a model returns.
    Field,
}

impl Token<'_> {
    pub(super) fn is_comment(&self) -> bool {
        self.kind == Kind::Comment
    }

    /// Its text, if it is a sign: a topic may be called `.`.
    pub(super) fn sign(&self) -> &str {
        if self.kind == Kind::Sign { self.text } else { "" }
    }

    /// A comment behind something on its line.
    pub(super) fn is_trailing(&self) -> bool {
        self.is_comment() && self.newlines == 0
    }

    /// How it changes the depth of brackets; of types also `<` and `>`.
    pub(super) fn depth(&self) -> isize {
        match (self.kind, self.text) {
            (Kind::Sign, "(" | "[" | "{") => 1,
            (Kind::Sign, ")" | "]" | "}") => -1,
            (Kind::Sign, "<") if self.of_type.is_some() => 1,
            (Kind::Sign, ">") if self.of_type.is_some() => -1,
            _ => 0,
        }
    }
}

/// All of a text that parses, blanks aside.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let marks = Marks::of(text);
    let (mut found, mut newlines, mut behind) = (Vec::new(), 0, 0);
    for (piece, start, end) in Pieces::new(text, 0) {
        if start < behind {
            continue;
        }
        let (kind, end) = match piece {
            Piece::Blank => {
                newlines = text[start..end].matches('\n').count();
                continue;
            }
            Piece::Comment => (Kind::Comment, end),
            Piece::Quoted { .. } => (Kind::Quoted, end),
            Piece::Word => (Kind::Word, end),
            Piece::Open(_) | Piece::Close(_) => (Kind::Sign, end),
            Piece::Symbol(_) => (Kind::Sign, start + token(text, start).len()),
        };
        let kind = if marks.is_label(start) && kind == Kind::Sign { Kind::Word } else { kind };
        let end = marks.atom_end(start).unwrap_or(end);
        let of_type = marks.type_at(start);
        found.push(Token {
            text: text[start..end].trim_end(),
            kind,
            newlines,
            begins: marks.begins(start),
            is_prefix: marks.is_prefix(start),
            of_type,
        });
        (newlines, behind) = (0, end);
    }
    found
}
