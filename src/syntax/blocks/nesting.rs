//! The limits that hold before pest: depth and length of names; for blocks and for single texts.

use crate::diag::{Code, Diagnostic, Span};
use crate::syntax::excerpt::Excerpt;
use crate::syntax::lexer::{Piece, Pieces};
use crate::syntax::words::{NAME_MAX, is_reserved};

/// How deep brackets, blocks and `case` may be nested.
pub(in crate::syntax) const DEPTH_MAX: usize = 64;

/// Checks a text outside a block (an expression in YAML) as the scanner checks a block.
pub(in crate::syntax) fn check_nesting(excerpt: &Excerpt<'_>) -> Result<(), Box<Diagnostic>> {
    let (mut depth, mut cases, mut angles) = (0_usize, 0_usize, Angles::default());
    for (piece, start, end) in Pieces::new(excerpt.text, 0) {
        let span = || excerpt.span(start, end);
        angles.see(piece, &excerpt.text[start..end]);
        match piece {
            Piece::Open(_) => depth += 1,
            Piece::Close(_) => depth = depth.saturating_sub(1),
            Piece::Word => {
                let word = &excerpt.text[start..end];
                if word.len() > NAME_MAX {
                    return Err(Box::new(name_too_long(word, span())));
                }
                cases += usize::from(word.eq_ignore_ascii_case("case"));
                cases -= usize::from(cases > 0 && word.eq_ignore_ascii_case("end"));
            }
            Piece::Quoted { closed: false } => {
                return Err(Box::new(unclosed_string(&excerpt.text[start..end], span())));
            }
            Piece::Quoted { closed: true } | Piece::Blank | Piece::Comment | Piece::Symbol(_) => {}
        }
        if depth + cases + angles.depth() > DEPTH_MAX {
            return Err(Box::new(too_deep(span())));
        }
    }
    Ok(())
}

/// How deep `list<` and `map<` are nested. `<` also compares: what can be part of no type ends the count.
#[derive(Debug, Default)]
pub(super) struct Angles {
    open: usize,
    behind_type: bool,
}

impl Angles {
    pub(super) const fn depth(&self) -> usize {
        self.open
    }

    pub(super) fn see(&mut self, piece: Piece, text: &str) {
        match piece {
            Piece::Blank | Piece::Comment => return,
            Piece::Symbol('<') if self.behind_type => self.open += 1,
            Piece::Symbol('>') => self.open = self.open.saturating_sub(1),
            Piece::Symbol(',' | '?') | Piece::Quoted { .. } | Piece::Open(_) | Piece::Close(_) => {}
            Piece::Word if !is_reserved(text) => {}
            Piece::Symbol(_) | Piece::Word => self.open = 0,
        }
        self.behind_type = matches!(text, "list" | "map");
    }
}

pub(in crate::syntax) fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error(Code::E0004, span, format!("nested more than {DEPTH_MAX} deep"))
        .label("one level too many")
        .hint("give a part of the expression a name with `let`; of a type, declare less")
}

pub(in crate::syntax) fn name_too_long(name: &str, span: Span) -> Diagnostic {
    let start: String = name.chars().take(24).collect();
    let message = format!("the name `{start}…` has {} bytes, more than {NAME_MAX}", name.len());
    Diagnostic::error(Code::E0109, span, message).hint("shorten the name")
}

pub(super) fn unclosed_string(text: &str, span: Span) -> Diagnostic {
    let quote = text.chars().next().unwrap_or('\'');
    Diagnostic::error(
        Code::E0105,
        span,
        format!("the text is not closed: expected `{quote}` on the same line"),
    )
    .hint(format!("end it with `{quote}`; inside, the quote is written twice"))
}
