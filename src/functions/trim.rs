//! What stands at the ends of a string: taken off, filled up, compared.

use crate::types::{DataType, Value};

use super::FunctionId;
use super::entry::{Entry, Evaluator, Example, Flink, Notation, Rule};
use super::parameter::{Takes, optional, required};

/// Bounds what one value can grow to.
const LENGTH: Takes = Takes::LiteralInt { least: 0, most: 10_000 };

pub(super) static TRIM: Entry = Entry {
    id: FunctionId::Trim,
    name: "trim",
    notation: Notation::Call,
    parameters: &[required("text", Takes::Text), optional("characters", Takes::Text)],
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Strict(|values, _| trimmed(values, |text, set| text.trim_matches(set))),
    flink: Flink::Build(|arguments, _| {
        Ok(match arguments {
            [text, set] => format!("BTRIM({}, {})", text.sql, set.sql),
            _ => format!("BTRIM({}, ' ')", arguments[0].sql),
        })
    }),
    doc: "The text without the spaces, or those characters, at both ends.",
    examples: &[Example::new(&["' a b '"], "'a b'"), Example::new(&["'xxaxx'", "'x'"], "'a'")],
};

pub(super) static LTRIM: Entry = Entry {
    id: FunctionId::LTrim,
    name: "ltrim",
    notation: Notation::Call,
    parameters: &[required("text", Takes::Text), optional("characters", Takes::Text)],
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Strict(|values, _| trimmed(values, |text, set| text.trim_start_matches(set))),
    flink: Flink::Build(|arguments, _| {
        Ok(match arguments {
            [text, set] => format!("LTRIM({}, {})", text.sql, set.sql),
            _ => format!("LTRIM({}, ' ')", arguments[0].sql),
        })
    }),
    doc: "The text without the spaces, or those characters, at its beginning.",
    examples: &[Example::new(&["' a '"], "'a '"), Example::new(&["'xyax'", "'yx'"], "'ax'")],
};

pub(super) static RTRIM: Entry = Entry {
    id: FunctionId::RTrim,
    name: "rtrim",
    notation: Notation::Call,
    parameters: &[required("text", Takes::Text), optional("characters", Takes::Text)],
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Strict(|values, _| trimmed(values, |text, set| text.trim_end_matches(set))),
    flink: Flink::Build(|arguments, _| {
        Ok(match arguments {
            [text, set] => format!("RTRIM({}, {})", text.sql, set.sql),
            _ => format!("RTRIM({}, ' ')", arguments[0].sql),
        })
    }),
    doc: "The text without the spaces, or those characters, at its end.",
    examples: &[Example::new(&["' a '"], "' a'"), Example::new(&["'ax😀'", "'😀x'"], "'a'")],
};

pub(super) static LPAD: Entry = Entry {
    id: FunctionId::LPad,
    name: "lpad",
    notation: Notation::Call,
    parameters: &[
        required("text", Takes::Text),
        required("length", LENGTH),
        required("filling", Takes::Text),
    ],
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Strict(|values, _| padded(values, true)),
    flink: Flink::Refused("it counts UTF-16 units, not characters"),
    doc: "The text cut or filled up at the left to so many characters.",
    examples: &[
        Example::new(&["'7'", "3", "'0'"], "'007'"),
        Example::new(&["'abc'", "2", "' '"], "'ab'"),
        Example::new(&["'é'", "3", "'😀x'"], "'😀xé'"),
        Example::new(&["'a'", "3", "''"], "'a'"),
    ],
};

pub(super) static RPAD: Entry = Entry {
    id: FunctionId::RPad,
    name: "rpad",
    notation: Notation::Call,
    parameters: &[
        required("text", Takes::Text),
        required("length", LENGTH),
        required("filling", Takes::Text),
    ],
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Strict(|values, _| padded(values, false)),
    flink: Flink::Refused("it counts UTF-16 units, not characters"),
    doc: "The text cut or filled up at the right to so many characters.",
    examples: &[
        Example::new(&["'7'", "3", "'0'"], "'700'"),
        Example::new(&["'abc'", "2", "' '"], "'ab'"),
        Example::new(&["'a'", "4", "'xy'"], "'axyx'"),
    ],
};

pub(super) static STARTS_WITH: Entry = Entry {
    id: FunctionId::StartsWith,
    name: "starts_with",
    notation: Notation::Call,
    parameters: &[required("text", Takes::Text), required("part", Takes::Text)],
    rule: Rule::Total(DataType::Bool),
    evaluator: Evaluator::Binary(|text, part, _| check(text, part, |text, part| text.starts_with(part))),
    flink: Flink::Template("STARTSWITH({0}, {1})"),
    doc: "Whether the text begins with the part.",
    examples: &[
        Example::new(&["'flight'", "'fl'"], "true"),
        Example::new(&["'flight'", "'FL'"], "false"),
        Example::new(&["''", "''"], "true"),
    ],
};

pub(super) static ENDS_WITH: Entry = Entry {
    id: FunctionId::EndsWith,
    name: "ends_with",
    notation: Notation::Call,
    parameters: &[required("text", Takes::Text), required("part", Takes::Text)],
    rule: Rule::Total(DataType::Bool),
    evaluator: Evaluator::Binary(|text, part, _| check(text, part, |text, part| text.ends_with(part))),
    flink: Flink::Template("ENDSWITH({0}, {1})"),
    doc: "Whether the text ends with the part.",
    examples: &[
        Example::new(&["'flight'", "'ht'"], "true"),
        Example::new(&["'a'", "'ba'"], "false"),
        Example::new(&["'é'", "''"], "true"),
    ],
};

fn trimmed(values: &[&Value], cut: for<'t> fn(&'t str, &[char]) -> &'t str) -> Value {
    match values {
        [Value::String(text)] => Value::string(cut(text, &[' '])),
        [Value::String(text), Value::String(set)] => {
            Value::string(cut(text, &set.chars().collect::<Vec<_>>()))
        }
        _ => Value::Null,
    }
}

fn padded(values: &[&Value], before: bool) -> Value {
    let [Value::String(text), Value::Int(length), Value::String(filling)] = values else {
        return Value::Null;
    };
    let length = usize::try_from(*length).unwrap_or(0);
    let kept: String = text.chars().take(length).collect();
    let missing = length - kept.chars().count();
    let filled: String = filling.chars().cycle().take(missing).collect();
    Value::string(if before { filled + &kept } else { kept + &filled })
}

fn check(text: &Value, part: &Value, holds: fn(&str, &str) -> bool) -> Value {
    match (text, part) {
        (Value::String(text), Value::String(part)) => Value::Bool(holds(text, part)),
        _ => Value::Null,
    }
}
