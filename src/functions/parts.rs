//! Parts of strings and lists. Positions count from 1, in characters (code points) or elements.

use crate::types::{DataType, Value};

use super::compare::order;
use super::entry::{
    Entry, Evaluator, Example, Flink, NoForm, Notation, Printed, Rule, Signature, Type, TypeError,
};
use super::eval::operand;
use super::flink::typed_list;
use super::parameter::{Takes, optional, repeated, required};
use super::{Expr, ExprKind, FunctionId, rule};

pub(super) static SUBSTRING: Entry = Entry {
    id: FunctionId::Substring,
    name: "substring",
    notation: Notation::Call,
    parameters: &[
        required("text", Takes::Text),
        required("from", Takes::Int),
        optional("length", Takes::Int),
    ],
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Strict(substring),
    flink: Flink::Build(|arguments, _| flink_substring(arguments)),
    doc: "The characters from that position on, so many of them; positions before the first count as empty.",
    examples: &[
        Example::new(&["'flight'", "3"], "'ight'"),
        Example::new(&["'flight'", "2", "3"], "'lig'"),
        Example::new(&["'flight'", "0", "2"], "'f'"),
        Example::new(&["'a😀b'", "2", "1"], "'😀'"),
        Example::new(&["'abc'", "9"], "''"),
        Example::new(&["'abc'", "2", "-1"], "''"),
    ],
};

pub(super) static LEFT: Entry = Entry {
    id: FunctionId::Left,
    name: "left",
    notation: Notation::Call,
    parameters: &[required("text", Takes::Text), required("count", Takes::Int)],
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Binary(|text, count, _| match (text, count) {
        (Value::String(text), Value::Int(count)) => Value::string(characters(text, 0, (*count).into())),
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, _| flink_count("LEFT", arguments)),
    doc: "The first so many characters.",
    examples: &[
        Example::new(&["'flight'", "2"], "'fl'"),
        Example::new(&["'😀é'", "1"], "'😀'"),
        Example::new(&["'ab'", "5"], "'ab'"),
        Example::new(&["'ab'", "0"], "''"),
    ],
};

pub(super) static RIGHT: Entry = Entry {
    id: FunctionId::Right,
    name: "right",
    notation: Notation::Call,
    parameters: &[required("text", Takes::Text), required("count", Takes::Int)],
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Binary(|text, count, _| match (text, count) {
        (Value::String(text), Value::Int(count)) => {
            let from = i128::from(count_of(text)) - i128::from(*count);
            Value::string(characters(text, from.max(0), i128::MAX))
        }
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, _| flink_count("RIGHT", arguments)),
    doc: "The last so many characters.",
    examples: &[
        Example::new(&["'flight'", "2"], "'ht'"),
        Example::new(&["'é😀'", "1"], "'😀'"),
        Example::new(&["'ab'", "5"], "'ab'"),
        Example::new(&["'ab'", "0"], "''"),
    ],
};

pub(super) static POSITION: Entry = Entry {
    id: FunctionId::Position,
    name: "position",
    notation: Notation::Call,
    parameters: &[required("part", Takes::Text), required("text", Takes::Text)],
    rule: Rule::Total(DataType::Int),
    evaluator: Evaluator::Binary(|part, text, _| match (part, text) {
        (Value::String(part), Value::String(text)) => {
            Value::Int(text.find(&**part).map_or(0, |at| count_of(&text[..at]) + 1))
        }
        _ => Value::Null,
    }),
    flink: Flink::Template("CAST(POSITION({0} IN {1}) AS BIGINT)"),
    doc: "Where the part first stands in the text; 0 if it does not.",
    examples: &[
        Example::new(&["'b'", "'abc'"], "2"),
        Example::new(&["'x'", "'abc'"], "0"),
        Example::new(&["''", "'abc'"], "1"),
        Example::new(&["'b'", "'é😀b'"], "3"),
    ],
};

pub(super) static REPLACE: Entry = Entry {
    id: FunctionId::Replace,
    name: "replace",
    notation: Notation::Call,
    parameters: &[required("text", Takes::Text), required("part", Takes::Text), required("by", Takes::Text)],
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Strict(|values, _| match values {
        [Value::String(text), Value::String(part), Value::String(by)] if !part.is_empty() => {
            Value::string(text.replace(&**part, by))
        }
        _ => values[0].clone(),
    }),
    flink: Flink::Template(
        "(CASE WHEN {1} = '' AND {2} IS NOT NULL THEN {0} ELSE REPLACE({0}, {1}, {2}) END)",
    ),
    doc: "The text with every such part replaced; an empty part is nowhere.",
    examples: &[
        Example::new(&["'a-b-c'", "'-'", "''"], "'abc'"),
        Example::new(&["'aaa'", "'aa'", "'b'"], "'ba'"),
        Example::new(&["'abc'", "''", "'x'"], "'abc'"),
    ],
};

pub(super) static CONCAT_TEXT: Entry = Entry {
    id: FunctionId::ConcatText,
    name: "concat",
    notation: Notation::Call,
    parameters: &[repeated("text", Takes::Text)],
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Strict(|values, _| {
        Value::string(values.iter().map(|value| text(value)).collect::<String>())
    }),
    flink: Flink::Template("CONCAT({*})"),
    doc: "All texts, one after the other; null if one is null.",
    examples: &[Example::new(&["'a'", "'b'", "'c'"], "'abc'"), Example::new(&["'a'", "null"], "null")],
};

pub(super) static CONCAT_WS: Entry = Entry {
    id: FunctionId::ConcatWs,
    name: "concat_ws",
    notation: Notation::Call,
    parameters: &[required("separator", Takes::Text), repeated("text", Takes::Text)],
    rule: Rule::Of("string", |arguments| {
        let nullable = arguments[0].nullable;
        Ok(Signature {
            arguments: vec![DataType::String; arguments.len()],
            result: DataType::String,
            nullable,
        })
    }),
    evaluator: Evaluator::Lazy(concat_ws),
    flink: Flink::Template("CONCAT_WS({*})"),
    doc: "The texts that are not null, with the separator between them.",
    examples: &[
        Example::new(&["'-'", "'a'", "null", "'b'"], "'a-b'"),
        Example::new(&["null", "'a'"], "null"),
        Example::new(&["'-'", "null"], "''"),
    ],
};

pub(super) static REPEAT: Entry = Entry {
    id: FunctionId::Repeat,
    name: "repeat",
    notation: Notation::Call,
    parameters: &[
        required("text", Takes::Text),
        required("count", Takes::LiteralInt { least: 0, most: 1_000 }),
    ],
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Binary(|text, count, _| match (text, count) {
        (Value::String(text), Value::Int(count)) => {
            Value::string(text.repeat(usize::try_from(*count).unwrap_or(0)))
        }
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, _| flink_count("REPEAT", arguments)),
    doc: "The text so many times.",
    examples: &[Example::new(&["'ab'", "3"], "'ababab'"), Example::new(&["'ab'", "0"], "''")],
};

pub(super) static REVERSE: Entry = Entry {
    id: FunctionId::Reverse,
    name: "reverse",
    notation: Notation::Call,
    parameters: &[required("x", Takes::TextOrList)],
    rule: Rule::TotalAsFirst,
    evaluator: Evaluator::Unary(|value, _| match value {
        Value::String(text) => Value::string(text.chars().rev().collect::<String>()),
        Value::List(elements) => Value::list(elements.iter().rev().cloned().collect::<Vec<_>>()),
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, result| {
        Ok(match result {
            DataType::String => format!("REVERSE({})", arguments[0].sql),
            _ => typed_list(&format!("ARRAY_REVERSE({})", arguments[0].sql)),
        })
    }),
    doc: "The characters or the elements, last first.",
    examples: &[Example::new(&["'a😀b'"], "'b😀a'"), Example::new(&["[1, 2, null]"], "[null, 2, 1]")],
};

pub(super) static CONTAINS: Entry = Entry {
    id: FunctionId::Contains,
    name: "contains",
    notation: Notation::Call,
    parameters: &[required("x", Takes::TextOrList), required("part", Takes::Any)],
    rule: Rule::Of("bool", contains_rule),
    evaluator: Evaluator::Binary(|whole, part, _| match (whole, part) {
        (Value::String(text), Value::String(part)) => Value::Bool(text.contains(&**part)),
        (Value::List(elements), part) => {
            Value::Bool(elements.iter().any(|element| !element.is_null() && order(element, part).is_eq()))
        }
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, _| {
        Ok(match arguments[0].expr.data_type {
            DataType::String => format!("(POSITION({1} IN {0}) > 0)", arguments[0].sql, arguments[1].sql),
            _ => format!(
                "(CASE WHEN {1} IS NOT NULL THEN ARRAY_CONTAINS({0}, {1}) END)",
                arguments[0].sql, arguments[1].sql
            ),
        })
    }),
    doc: "Whether the text has that part, or the list that element.",
    examples: &[
        Example::new(&["'flight'", "'igh'"], "true"),
        Example::new(&["'flight'", "'IGH'"], "false"),
        Example::new(&["[1, null, 3]", "3"], "true"),
        Example::new(&["[1, null]", "3"], "false"),
        Example::new(&["[1, null]", "null"], "null"),
    ],
};

pub(super) static SPLIT_PART: Entry = Entry {
    id: FunctionId::SplitPart,
    name: "split_part",
    notation: Notation::Call,
    parameters: &[
        required("text", Takes::Text),
        required("separator", Takes::Text),
        required("position", Takes::Int),
    ],
    rule: Rule::Partial(DataType::String),
    evaluator: Evaluator::Strict(split_part),
    flink: Flink::Build(|arguments, _| flink_split_part(arguments)),
    doc: "The part at that position of a text that the separator splits; null if there are fewer.",
    examples: &[
        Example::new(&["'a,b,c'", "','", "2"], "'b'"),
        Example::new(&["'a,b'", "','", "3"], "null"),
        Example::new(&["'a,b'", "','", "0"], "null"),
        Example::new(&["''", "','", "1"], "''"),
        Example::new(&["'a--b'", "'-'", "2"], "''"),
        Example::new(&["'ab'", "''", "1"], "'ab'"),
    ],
};

pub(super) static SPLIT: Entry = Entry {
    id: FunctionId::Split,
    name: "split",
    notation: Notation::Call,
    parameters: &[required("text", Takes::Text), required("separator", Takes::Text)],
    rule: Rule::Of("list<string>", |arguments| {
        let nullable = arguments.iter().any(|argument| argument.nullable);
        let result = DataType::list(DataType::String, false);
        Ok(Signature { arguments: vec![DataType::String; 2], result, nullable })
    }),
    evaluator: Evaluator::Binary(|text, separator, _| match (text, separator) {
        (Value::String(text), Value::String(separator)) => {
            Value::list(split(text, separator).map(Value::string).collect::<Vec<_>>())
        }
        _ => Value::Null,
    }),
    flink: Flink::Refused("what it makes of empty texts and separators would have to be shown equal"),
    doc: "The parts of a text that the separator splits; an empty separator splits nothing.",
    examples: &[
        Example::new(&["'a,b'", "','"], "['a', 'b']"),
        Example::new(&["''", "','"], "['']"),
        Example::new(&["'a,'", "','"], "['a', '']"),
        Example::new(&["'ab'", "''"], "['ab']"),
    ],
};

fn text(value: &Value) -> &str {
    match value {
        Value::String(text) => text,
        _ => "",
    }
}

/// A text has fewer characters than bytes, and those are counted in 63 bits.
fn count_of(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

/// So many characters from a position from 0.
fn characters(text: &str, from: i128, count: i128) -> &str {
    let at = |position: i128| {
        let position = usize::try_from(position).unwrap_or(if position < 0 { 0 } else { usize::MAX });
        text.char_indices().nth(position).map_or(text.len(), |(at, _)| at)
    };
    if count <= 0 { "" } else { &text[at(from)..at(from.saturating_add(count))] }
}

fn substring(values: &[&Value], _: DataType) -> Value {
    let (Value::String(text), Value::Int(from)) = (values[0], values[1]) else { return Value::Null };
    let from = i128::from(*from) - 1;
    let end = match values.get(2) {
        Some(Value::Int(length)) => from + i128::from(*length),
        _ => i128::MAX,
    };
    let from = from.max(0);
    Value::string(characters(text, from, end.saturating_sub(from)))
}

/// A literal position or length that Flink's INT holds.
fn literal(argument: &Printed, least: i64) -> Option<i64> {
    match argument.expr.kind {
        ExprKind::Literal(Value::Int(value)) => {
            (least..=i64::from(i32::MAX)).contains(&value).then_some(value)
        }
        _ => None,
    }
}

const LITERALS: &str = "positions, counts and separators must be literals there, from 1";

fn flink_substring(arguments: &[Printed]) -> Result<String, NoForm> {
    let no_form = || NoForm { what: "substring".into(), why: LITERALS };
    let from = literal(&arguments[1], 1).ok_or_else(no_form)?;
    match arguments.get(2) {
        None => Ok(format!("SUBSTRING({}, {from})", arguments[0].sql)),
        Some(length) => {
            let length = literal(length, 0).ok_or_else(no_form)?;
            Ok(format!("SUBSTRING({}, {from}, {length})", arguments[0].sql))
        }
    }
}

fn flink_count(function: &str, arguments: &[Printed]) -> Result<String, NoForm> {
    let no_form = || NoForm { what: function.to_lowercase(), why: LITERALS };
    let count = literal(&arguments[1], 0).ok_or_else(no_form)?;
    Ok(format!("{function}({}, {count})", arguments[0].sql))
}

fn flink_split_part(arguments: &[Printed]) -> Result<String, NoForm> {
    let no_form = || NoForm { what: "split_part".into(), why: LITERALS };
    let position = literal(&arguments[2], 1).ok_or_else(no_form)?;
    let separator = match &arguments[1].expr.kind {
        ExprKind::Literal(Value::String(separator)) if !separator.is_empty() => &arguments[1].sql,
        _ => return Err(no_form()),
    };
    // There an empty text has no parts.
    let text = &arguments[0].sql;
    let part = format!("SPLIT_INDEX({text}, {separator}, {})", position - 1);
    Ok(if position == 1 { format!("(CASE WHEN {text} = '' THEN '' ELSE {part} END)") } else { part })
}

fn concat_ws(arguments: &[Expr], row: &[Value]) -> Value {
    let Value::String(separator) = &*operand(&arguments[0], row) else { return Value::Null };
    let texts: Vec<_> = arguments[1..].iter().map(|argument| operand(argument, row)).collect();
    let texts: Vec<_> = texts.iter().filter(|value| !value.is_null()).map(|value| text(value)).collect();
    Value::string(texts.join(separator))
}

fn contains_rule(arguments: &[Type]) -> Result<Signature, TypeError> {
    let (whole, part) = match arguments[0].data_type {
        Some(list @ DataType::List(element)) => (list, element.data_type),
        _ => (DataType::String, DataType::String),
    };
    if let (Some(found), DataType::String) = (arguments[1].data_type.filter(|found| *found != part), part) {
        return Err(TypeError::Argument { position: 1, expected: "a string", found });
    }
    let nullable = arguments.iter().any(|argument| argument.nullable);
    let part =
        rule::common(&[Type::new(part, false), arguments[1]]).map(|_| arguments[1].data_type.unwrap_or(part));
    let part = part.map_err(|error| match error {
        TypeError::Mismatch { left, right, .. } => TypeError::Mismatch { position: 1, left, right },
        other => other,
    })?;
    Ok(Signature { arguments: vec![whole, part], result: DataType::Bool, nullable })
}

/// An empty separator is nowhere.
fn split<'t>(text: &'t str, separator: &'t str) -> impl Iterator<Item = &'t str> {
    let whole = separator.is_empty().then_some(text);
    let parts = (!separator.is_empty()).then(|| text.split(separator));
    whole.into_iter().chain(parts.into_iter().flatten())
}

fn split_part(values: &[&Value], _: DataType) -> Value {
    let [Value::String(text), Value::String(separator), Value::Int(position)] = values else {
        return Value::Null;
    };
    let index = usize::try_from(*position).ok().and_then(|position| position.checked_sub(1));
    index.and_then(|index| split(text, separator).nth(index)).map_or(Value::Null, Value::string)
}
