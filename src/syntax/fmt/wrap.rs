//! Breaks a clause that is too wide, or that holds comments, into several lines.

use super::WIDTH_MAX;
use super::spacing::{is_apart, joined};
use super::token::{Kind, Token};

/// Words that begin a part of a clause: where it is too wide, each begins a line.
const PARTS: [&str; 12] = [
    "where",
    "by",
    "over",
    "default",
    "as",
    "on",
    "returns",
    "timeout",
    "concurrency",
    "retry",
    "arrives",
    "every",
];

/// The lines of a clause: the first without its indent, `taken` columns of which stand there already;
/// the others with the indent of a continued line.
pub(super) fn lines(tokens: &[Token<'_>], indent: usize, taken: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for piece in pieces(tokens) {
        let (left, pad) = if lines.is_empty() { (taken, String::new()) } else { (0, " ".repeat(indent + 4)) };
        let wide = indent.max(pad.len()) + left;
        if wide + joined(piece).chars().count() <= WIDTH_MAX || piece[0].is_comment() {
            push(&mut lines, piece, &pad);
        } else {
            for part in parts(piece) {
                fill(&mut lines, part, indent, taken);
            }
        }
    }
    lines
}

/// A comment behind something goes on its line.
fn push(lines: &mut Vec<String>, piece: &[Token<'_>], pad: &str) {
    match (lines.last_mut(), piece[0].is_trailing()) {
        (Some(last), true) => {
            last.push_str("  ");
            last.push_str(piece[0].text);
        }
        _ => lines.push(format!("{pad}{}", joined(piece))),
    }
}

/// Code up to a comment, and comments, by turns.
fn pieces<'p, 'a>(tokens: &'p [Token<'a>]) -> impl Iterator<Item = &'p [Token<'a>]> {
    tokens.chunk_by(|a, b| !a.is_comment() && !b.is_comment())
}

/// Splits at every word that begins a part, outside of brackets and of `case`.
fn parts<'p, 'a>(tokens: &'p [Token<'a>]) -> Vec<&'p [Token<'a>]> {
    let (mut depth, mut cases, mut betweens, mut from) = (0, 0, 0, 0);
    let mut parts = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let word = if token.kind == Kind::Word { token.text.to_ascii_lowercase() } else { String::new() };
        let splits = match word.as_str() {
            "and" if betweens > 0 => {
                betweens -= 1;
                false
            }
            "and" | "or" => cases == 0,
            "when" | "else" | "end" => cases == 1,
            word => cases == 0 && index > 1 && PARTS.contains(&word),
        };
        if splits && depth == 0 && index > from {
            parts.push(&tokens[from..index]);
            from = index;
        }
        depth += token.depth();
        cases += i32::from(word == "case") - i32::from(word == "end");
        betweens += i32::from(word == "between");
    }
    parts.push(&tokens[from..]);
    parts
}

/// Puts as many words on each line as fit, breaking behind commas and before operators.
fn fill(lines: &mut Vec<String>, tokens: &[Token<'_>], indent: usize, taken: usize) {
    let pad = " ".repeat(indent + 4);
    let mut width = if lines.is_empty() { indent + taken } else { pad.len() };
    let mut line = if lines.is_empty() { String::new() } else { pad.clone() };
    let mut from = 0;
    for until in (1..=tokens.len()).filter(|at| may_break(tokens, *at)) {
        let chunk = joined(&tokens[from..until]);
        let blank = from > 0 && is_apart(&tokens[..from], &tokens[from], None);
        let wide = chunk.chars().count() + usize::from(blank);
        if from > 0 && width + wide > WIDTH_MAX {
            lines.push(std::mem::replace(&mut line, pad.clone()));
            width = pad.len();
        } else if blank {
            line.push(' ');
        }
        width += wide;
        line += &chunk;
        from = until;
    }
    lines.push(line);
}

fn may_break(tokens: &[Token<'_>], at: usize) -> bool {
    let Some(next) = tokens.get(at) else { return true };
    if next.of_type.is_some() && next.of_type == tokens[at - 1].of_type {
        return false;
    }
    let is_operator = matches!(next.text, "+" | "-" | "*" | "/" | "%" | "||") && !next.is_prefix;
    let is_word =
        ["and", "or", "when", "else", "end"].iter().any(|word| next.text.eq_ignore_ascii_case(word));
    is_operator || is_word || tokens[at - 1].text == ","
}
