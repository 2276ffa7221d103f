//! Definitions and their clauses as lines, each with its comments.

use super::align;
use super::shape::{self, Shape};
use super::token::{Begins, Token};
use super::wrap;

/// A clause, a field or a comment on a line of its own.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) is_after_blank: bool,
    pub(super) content: Content<'a>,
    /// The comment behind it.
    pub(super) trailing: Option<&'a str>,
}

#[derive(Debug)]
pub(super) enum Content<'a> {
    Comment(&'a str),
    Clause { tokens: Vec<Token<'a>>, shape: Shape },
    Schema { head: Vec<Token<'a>>, fields: Vec<Line<'a>>, tail: Vec<Token<'a>> },
}

/// The whole file.
pub(super) fn file(tokens: &[Token<'_>]) -> String {
    let (mut text, mut rest, mut is_after_definition) = (String::new(), tokens, false);
    while let Some(first) = rest.first() {
        let is_after_blank = first.newlines > 1 && !text.is_empty();
        if first.is_comment() {
            if is_after_definition && first.is_trailing() {
                text.truncate(text.trim_end().len());
                text += "  ";
            } else if is_after_blank || is_after_definition {
                text.push('\n');
            }
            text += first.text;
            text.push('\n');
            (rest, is_after_definition) = (&rest[1..], is_after_definition && first.is_trailing());
            continue;
        }
        if is_after_blank || is_after_definition {
            text.push('\n');
        }
        let (definition, after) = rest.split_at(end_of_block(rest));
        text += &block(definition);
        (rest, is_after_definition) = (after, true);
    }
    text
}

/// How many tokens a definition has, up to its `}`.
fn end_of_block(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0;
    let closes = |token: &Token<'_>| {
        depth += match token.text {
            "{" => 1,
            "}" => -1,
            _ => 0,
        };
        depth == 0 && token.text == "}"
    };
    tokens.iter().position(closes).map_or(tokens.len(), |at| at + 1)
}

/// `KIND NAME { … }` from its first word to its `}`.
fn block(tokens: &[Token<'_>]) -> String {
    let open = tokens.iter().position(|token| token.text == "{").unwrap_or_default();
    let word = tokens[0].text;
    let (header, body) = (&tokens[..=open], &tokens[open + 1..tokens.len() - 1]);
    let mut text = wrap::lines(header, 0, 0).join("\n");
    let trailing = body.first().filter(|token| token.is_trailing());
    if let Some(comment) = trailing {
        text += "  ";
        text += comment.text;
    }
    let body = &body[usize::from(trailing.is_some())..];
    if body.is_empty() && trailing.is_none() {
        return text + "}\n";
    }
    let lines = lines(body, Begins::Clause, &|tokens| clause(word, tokens));
    format!("{text}\n{}}}\n", align::text(&lines, 2))
}

/// Cuts a body where clauses (or fields) begin, and at the comments between them.
fn lines<'a>(
    tokens: &[Token<'a>],
    begins: Begins,
    content: &dyn Fn(&[Token<'a>]) -> Content<'a>,
) -> Vec<Line<'a>> {
    let (mut lines, mut rest): (Vec<Line<'a>>, _) = (Vec::new(), tokens);
    while let Some(first) = rest.first() {
        let is_after_blank = first.newlines > 1;
        if first.is_comment() {
            rest = &rest[1..];
            match lines.last_mut() {
                Some(last) if first.is_trailing() => last.trailing = Some(first.text),
                _ => {
                    lines.push(Line {
                        is_after_blank,
                        content: Content::Comment(first.text),
                        trailing: None,
                    });
                }
            }
            continue;
        }
        let next = rest.iter().skip(1).position(|token| token.begins == begins);
        let until = next.map_or(rest.len(), |at| at + 1);
        let comments = rest[..until].iter().rev().take_while(|token| token.is_comment()).count();
        let (clause, after) = rest.split_at(until - comments);
        lines.push(Line { is_after_blank, content: content(clause), trailing: None });
        rest = after;
    }
    lines
}

fn clause<'a>(definition: &str, tokens: &[Token<'a>]) -> Content<'a> {
    let close = tokens.iter().rposition(|token| token.text == "}");
    if let (Some(open), Some(close)) = (open_of_schema(tokens), close) {
        let field = |tokens: &[Token<'a>]| Content::Clause { tokens: tokens.to_vec(), shape: shape::field() };
        let inside = &tokens[open + 1..close];
        let comments = inside.iter().take_while(|token| token.is_trailing()).count();
        let fields = lines(&inside[comments..], Begins::Field, &field);
        let head = tokens[..=open + comments].to_vec();
        return Content::Schema { head, fields, tail: tokens[close..].to_vec() };
    }
    Content::Clause { tokens: tokens.to_vec(), shape: shape::clause(definition, tokens) }
}

/// The `{` of a schema with fields.
fn open_of_schema(tokens: &[Token<'_>]) -> Option<usize> {
    let has_fields = tokens.iter().any(|token| token.begins == Begins::Field);
    tokens.iter().position(|token| token.text == "{").filter(|_| has_fields && tokens[0].text == "schema")
}
