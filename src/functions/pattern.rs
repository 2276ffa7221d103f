//! Regular expressions, matched in linear time (no backreferences, no looking around). A pattern
//! is a literal: it is checked before any row is read, and compiled once per thread.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use regex::{Captures, Regex, RegexBuilder};

use crate::types::{DataType, Value};

use super::FunctionId;
use super::entry::{Entry, Evaluator, Example, Flink, Notation, Rule, Signature, Type, TypeError};
use super::parameter::{LiteralText, Takes, optional, required};

const PATTERN: Takes =
    Takes::LiteralText(&LiteralText { what: "a pattern", check: |text| compile(text).map(|_| ()) });
const GROUP: Takes = Takes::LiteralInt { least: 0, most: 99 };
/// What one compiled pattern may take: `\\w{1000}` and the like are refused.
const SIZE_MAX: usize = 1 << 20;
const OTHER: &str = "Java's patterns mean other things, and may take forever";

pub(super) static REGEXP_LIKE: Entry = Entry {
    id: FunctionId::RegexpLike,
    name: "regexp_like",
    notation: Notation::Call,
    parameters: &[required("text", Takes::Text), required("pattern", PATTERN)],
    rule: Rule::Total(DataType::Bool),
    evaluator: Evaluator::Binary(|text, pattern, _| {
        with(text, pattern, |regex, text| Value::Bool(regex.is_match(text)))
    }),
    flink: Flink::Refused(OTHER),
    doc: "Whether some part of the text matches the pattern.",
    examples: &[
        Example::new(&["'flight 42'", "'[0-9]+$'"], "true"),
        Example::new(&["'flight'", "'^x'"], "false"),
    ],
};

pub(super) static REGEXP_EXTRACT: Entry = Entry {
    id: FunctionId::RegexpExtract,
    name: "regexp_extract",
    notation: Notation::Call,
    parameters: &[required("text", Takes::Text), required("pattern", PATTERN), optional("group", GROUP)],
    rule: Rule::Of("string?", extract),
    evaluator: Evaluator::Strict(|values, _| {
        let group = match values.get(2) {
            Some(Value::Int(group)) => usize::try_from(*group).unwrap_or(usize::MAX),
            _ => 0,
        };
        with(values[0], values[1], |regex, text| {
            let found = regex.captures(text).and_then(|captures| captures.get(group));
            found.map_or(Value::Null, |part| Value::string(part.as_str()))
        })
    }),
    flink: Flink::Refused(OTHER),
    doc: "The first part that matches, or that group of it (from 1); null if nothing does.",
    examples: &[
        Example::new(&["'flight 42 to 7'", "'[0-9]+'"], "'42'"),
        Example::new(&["'a=1'", "'(\\w)=(\\w)'", "2"], "'1'"),
        Example::new(&["'x'", "'[0-9]'"], "null"),
    ],
};

pub(super) static REGEXP_REPLACE: Entry = Entry {
    id: FunctionId::RegexpReplace,
    name: "regexp_replace",
    notation: Notation::Call,
    parameters: &[
        required("text", Takes::Text),
        required("pattern", PATTERN),
        required("by", Takes::LiteralText(&LiteralText { what: "a replacement", check: |_| Ok(()) })),
    ],
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Strict(|values, _| {
        with(values[0], values[1], |regex, text| {
            let Value::String(by) = values[2] else { return Value::Null };
            Value::string(regex.replace_all(text, |captures: &Captures| replacement(by, captures)))
        })
    }),
    flink: Flink::Refused(OTHER),
    doc: "Every part that matches replaced; `$1` is the first group, `$0` the whole part, `$$` a dollar.",
    examples: &[
        Example::new(&["'a1b22'", "'[0-9]+'", "'#'"], "'a#b#'"),
        Example::new(&["'John Doe'", "'(\\w+) (\\w+)'", "'$2, $1'"], "'Doe, John'"),
        Example::new(&["'5'", "'5'", "'$$$0'"], "'$5'"),
    ],
};

fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern).size_limit(SIZE_MAX).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "the pattern is too large once it is compiled".into(),
        other => {
            // The library draws the place under the pattern; its last line says what it is.
            let text = other.to_string();
            let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("the pattern `{}` cannot be used: {reason}", pattern.chars().take(60).collect::<String>())
        }
    })
}

thread_local! {
    /// As many as the definitions have patterns.
    static COMPILED: RefCell<BTreeMap<String, Option<Rc<Regex>>>> = const { RefCell::new(BTreeMap::new()) };
}

fn compiled(pattern: &str) -> Option<Rc<Regex>> {
    COMPILED.with_borrow_mut(|known| match known.get(pattern) {
        Some(regex) => regex.clone(),
        None => known.entry(pattern.into()).or_insert_with(|| compile(pattern).ok().map(Rc::new)).clone(),
    })
}

fn with(text: &Value, pattern: &Value, apply: impl FnOnce(&Regex, &str) -> Value) -> Value {
    match (text, pattern) {
        (Value::String(text), Value::String(pattern)) => {
            compiled(pattern).map_or(Value::Null, |regex| apply(&regex, text))
        }
        _ => Value::Null,
    }
}

/// The group must be one that the pattern has.
fn extract(arguments: &[Type]) -> Result<Signature, TypeError> {
    if let (Some(Value::String(pattern)), Some(Some(Value::Int(group)))) =
        (arguments[1].literal, arguments.get(2).map(|group| group.literal))
    {
        let groups = compile(pattern).map_or(0, |regex| regex.captures_len() - 1);
        if usize::try_from(*group).is_ok_and(|group| group > groups) {
            let problem = format!("the pattern has {groups} groups, none of them is number {group}");
            return Err(TypeError::BadLiteral { position: 2, problem });
        }
    }
    let targets = [DataType::String, DataType::String, DataType::Int][..arguments.len()].to_vec();
    Ok(Signature { arguments: targets, result: DataType::String, nullable: true })
}

/// `$` and digits is a group, empty if there is none; `$$` is a dollar, as is one before anything else.
fn replacement(by: &str, captures: &Captures) -> String {
    let mut text = String::new();
    let mut rest = by;
    while let Some((before, after)) = rest.split_once('$') {
        text += before;
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if let Ok(group) = after[..digits].parse::<usize>() {
            text += captures.get(group).map_or("", |part| part.as_str());
            rest = &after[digits..];
        } else {
            text.push('$');
            rest = after.strip_prefix('$').unwrap_or(after);
        }
    }
    text + rest
}
