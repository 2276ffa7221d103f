//! Where a blank stands between two words or signs of one line.

use crate::syntax::words;

use super::token::{Begins, Kind, Token};

/// Words before which `(` does not begin the arguments of a function.
const BEFORE_A_PARENTHESIS: [&str; 18] = [
    "as", "by", "call", "default", "exact", "expect", "features", "from", "key", "left", "let", "lookup",
    "on", "over", "returns", "select", "until", "where",
];

/// The tokens of one line as text.
pub(super) fn joined(tokens: &[Token<'_>]) -> String {
    let (mut text, mut open) = (String::new(), Vec::new());
    for (index, token) in tokens.iter().enumerate() {
        if index > 0 && is_apart(&tokens[..index], token, open.last().copied()) {
            text.push(' ');
            // Fields have no separator.
            if token.begins == Begins::Field && tokens[index - 1].text != "{" {
                text.push(' ');
            }
        }
        match token.depth() {
            1 => open.push(token.text),
            -1 => drop(open.pop()),
            _ => {}
        }
        text += token.text;
    }
    text
}

/// Whether a blank stands before `next`; `inside` is the innermost open bracket.
pub(super) fn is_apart(before: &[Token<'_>], next: &Token<'_>, inside: Option<&str>) -> bool {
    let Some(last) = before.last() else { return false };
    if last.of_type.is_some() && last.of_type == next.of_type {
        return is_apart_in_type(last, next, inside);
    }
    match (last.sign(), next.sign()) {
        ("(" | "[" | ".", _) | (_, ")" | "]" | "," | "." | ":" | "?") | ("{", "}") => false,
        (_, "[") => !is_operand(last),
        (_, "(") => !is_function(before, last),
        // `--` would look like a comment.
        _ => !(last.is_prefix && last.kind == Kind::Sign) || (next.is_prefix && next.kind == Kind::Sign),
    }
}

/// `decimal(12,2)`, `map<string, list<int>?>`, `struct{a int, b string?}`.
fn is_apart_in_type(last: &Token<'_>, next: &Token<'_>, inside: Option<&str>) -> bool {
    match last.text {
        "," => inside != Some("("),
        "(" | "<" | "{" => false,
        _ => !matches!(next.text, "," | "(" | ")" | "<" | ">" | "{" | "}" | "?"),
    }
}

fn is_function(before: &[Token<'_>], last: &Token<'_>) -> bool {
    let is_called = before.len() > 1 && before[before.len() - 2].text == "call";
    match last.kind {
        Kind::Quoted => last.text.starts_with('"') && !is_called,
        Kind::Word => {
            let word = last.text.to_ascii_lowercase();
            let is_cast = matches!(word.as_str(), "cast" | "try_cast");
            is_cast || !(words::is_reserved(&word) || BEFORE_A_PARENTHESIS.contains(&word.as_str()))
        }
        Kind::Sign | Kind::Comment => false,
    }
}

/// What `[` may index.
fn is_operand(last: &Token<'_>) -> bool {
    match last.kind {
        Kind::Quoted => true,
        Kind::Word => last.text.eq_ignore_ascii_case("end") || !words::is_reserved(last.text),
        Kind::Sign => matches!(last.text, ")" | "]"),
        Kind::Comment => false,
    }
}
