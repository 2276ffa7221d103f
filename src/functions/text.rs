//! Strings. Lengths and `_` count characters (code points); letters change case in ASCII only.

use crate::types::{DataType, Value};

use super::entry::{Entry, Evaluator, Example, Flink, NoForm, Notation, Rule};
use super::parameter::{Parameter, Takes, required};
use super::{ExprKind, FunctionId};

const TEXT: &[Parameter] = &[required("text", Takes::Text)];
const SIDES: &[Parameter] = &[required("text", Takes::Text), required("other", Takes::Text)];

pub(super) static CONCAT: Entry = Entry {
    id: FunctionId::Concat,
    name: "||",
    notation: Notation::Infix,
    parameters: SIDES,
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Binary(|left, right, _| match (left, right) {
        (Value::String(a), Value::String(b)) => Value::string([&**a, &**b].concat()),
        _ => Value::Null,
    }),
    flink: Flink::Template("({0} || {1})"),
    doc: "Both strings, one after the other.",
    examples: &[Example::new(&["'a'", "'b'"], "'ab'"), Example::new(&["'a'", "null"], "null")],
};

pub(super) static LIKE: Entry = Entry {
    id: FunctionId::Like,
    name: "like",
    notation: Notation::Infix,
    parameters: SIDES,
    rule: Rule::Total(DataType::Bool),
    evaluator: Evaluator::Binary(|text, pattern, _| match (text, pattern) {
        (Value::String(text), Value::String(pattern)) => Value::Bool(like(text, pattern)),
        _ => Value::Null,
    }),
    // Not LIKE: there `_` matches no line break, and releases differ in whether a backslash escapes.
    flink: Flink::Build(|arguments, _| match &arguments[1].expr.kind {
        ExprKind::Literal(Value::String(pattern)) => {
            Ok(format!("REGEXP({}, '{}')", arguments[0].sql, regex(pattern).replace('\'', "''")))
        }
        _ => Err(NoForm { what: "like".into(), why: "its pattern must be a literal" }),
    }),
    doc: "Whether the text matches the pattern: `%` any characters, `_` one character. Nothing escapes.",
    examples: &[
        Example::new(&["'flight'", "'fl%t'"], "true"),
        Example::new(&["'flight'", "'fl_t'"], "false"),
        Example::new(&["'é'", "'_'"], "true"),
        Example::new(&["'abab'", "'%ab'"], "true"),
        Example::new(&["''", "'%'"], "true"),
    ],
};

pub(super) static LOWER: Entry = Entry {
    id: FunctionId::Lower,
    name: "lower",
    notation: Notation::Call,
    parameters: TEXT,
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Unary(|value, _| map_text(value, str::to_ascii_lowercase)),
    // Not LOWER: beyond ASCII it depends on the JVM's locale and Unicode version.
    flink: Flink::Template("TRANSLATE({0}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"),
    doc: "The text with A–Z as a–z; other letters stay, so that every engine agrees.",
    examples: &[Example::new(&["'JFK'"], "'jfk'"), Example::new(&["'É'"], "'É'")],
};

pub(super) static UPPER: Entry = Entry {
    id: FunctionId::Upper,
    name: "upper",
    notation: Notation::Call,
    parameters: TEXT,
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Unary(|value, _| map_text(value, str::to_ascii_uppercase)),
    flink: Flink::Template("TRANSLATE({0}, 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')"),
    doc: "The text with a–z as A–Z; other letters stay, so that every engine agrees.",
    examples: &[Example::new(&["'jfk'"], "'JFK'"), Example::new(&["'ß'"], "'ß'")],
};

pub(super) static LENGTH: Entry = Entry {
    id: FunctionId::Length,
    name: "length",
    notation: Notation::Call,
    parameters: TEXT,
    rule: Rule::Total(DataType::Int),
    evaluator: Evaluator::Unary(|value, _| match value {
        Value::String(text) => i64::try_from(text.chars().count()).map_or(Value::Null, Value::Int),
        _ => Value::Null,
    }),
    flink: Flink::Template("CAST(CHAR_LENGTH({0}) AS BIGINT)"),
    doc: "The number of characters (code points).",
    examples: &[Example::new(&["'é1'"], "2"), Example::new(&["''"], "0"), Example::new(&["null"], "null")],
};

fn map_text(value: &Value, map: fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::string(map(text)),
        _ => Value::Null,
    }
}

/// The pattern as a Java regular expression over the whole text, line breaks included.
fn regex(pattern: &str) -> String {
    let mut regex = String::from("(?s)\\A");
    for letter in pattern.chars() {
        match letter {
            '%' => regex.push_str(".*"),
            '_' => regex.push('.'),
            _ => {
                // Letters and digits would become classes, whatever is not ASCII stands for itself.
                if letter.is_ascii_punctuation() {
                    regex.push('\\');
                }
                regex.push(letter);
            }
        }
    }
    regex + "\\z"
}

/// Greedy matching with one point of return: the last `%` and where its run may be extended.
/// Linear in the text for each `%`, never exponential.
fn like(text: &str, pattern: &str) -> bool {
    let (mut text, mut pattern) = (text.chars(), pattern.chars());
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let (mut next_text, mut next_pattern) = (text.clone(), pattern.clone());
        match (next_pattern.next(), next_text.next()) {
            (Some('%'), _) => {
                retry = Some((next_pattern.clone(), text.clone()));
                pattern = next_pattern;
                continue;
            }
            (Some(wanted), Some(found)) if wanted == '_' || wanted == found => {
                (text, pattern) = (next_text, next_pattern);
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        let Some((after, rest)) = &mut retry else { return false };
        if rest.next().is_none() {
            return false;
        }
        (pattern, text) = (after.clone(), rest.clone());
    }
}
