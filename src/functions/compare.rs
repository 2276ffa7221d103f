//! Comparisons: ints and decimals exactly, with a double as doubles, strings by UTF-8 bytes.

use std::cmp::Ordering;

use crate::types::{DataType, Decimal, Value};

use super::entry::{
    Entry, Evaluator, Example, Flink, NoForm, Notation, Printed, Rule, Signature, Type, TypeError,
};
use super::eval::operand;
use super::parameter::{Parameter, Takes, repeated, required};
use super::{Expr, FunctionId, rule};

const SIDES: &[Parameter] = &[required("a", Takes::Any), required("b", Takes::Any)];

pub(super) static EQUAL: Entry = Entry {
    id: FunctionId::Equal,
    name: "=",
    notation: Notation::Infix,
    parameters: SIDES,
    rule: Rule::Of("bool", comparison),
    evaluator: Evaluator::Binary(|left, right, _| Value::Bool(order(left, right).is_eq())),
    flink: Flink::Build(|arguments, _| equal(arguments, "=")),
    doc: "True if both sides are equal; null if one is null.",
    examples: &[
        Example::new(&["1", "1.00"], "true"),
        Example::new(&["1.5", "1.5e0"], "true"),
        Example::new(&["'a'", "'A'"], "false"),
        Example::new(&["1", "null"], "null"),
    ],
};

pub(super) static NOT_EQUAL: Entry = Entry {
    id: FunctionId::NotEqual,
    name: "<>",
    notation: Notation::Infix,
    parameters: SIDES,
    rule: Rule::Of("bool", comparison),
    evaluator: Evaluator::Binary(|left, right, _| Value::Bool(order(left, right).is_ne())),
    flink: Flink::Build(|arguments, _| equal(arguments, "<>")),
    doc: "True if the sides differ; null if one is null.",
    examples: &[Example::new(&["'a'", "'b'"], "true"), Example::new(&["null", "'b'"], "null")],
};

pub(super) static LESS: Entry = Entry {
    id: FunctionId::Less,
    name: "<",
    notation: Notation::Infix,
    parameters: SIDES,
    rule: Rule::Of("bool", ordering),
    evaluator: Evaluator::Binary(|left, right, _| Value::Bool(order(left, right).is_lt())),
    flink: Flink::Build(|arguments, _| Ok(ordered(arguments, "<"))),
    doc: "Less than; strings by their UTF-8 bytes, false before true.",
    examples: &[
        Example::new(&["9007199254740993", "9007199254740993.5"], "true"),
        Example::new(&["'Z'", "'a'"], "true"),
        Example::new(&["false", "true"], "true"),
    ],
};

pub(super) static LESS_OR_EQUAL: Entry = Entry {
    id: FunctionId::LessOrEqual,
    name: "<=",
    notation: Notation::Infix,
    parameters: SIDES,
    rule: Rule::Of("bool", ordering),
    evaluator: Evaluator::Binary(|left, right, _| Value::Bool(order(left, right).is_le())),
    flink: Flink::Build(|arguments, _| Ok(ordered(arguments, "<="))),
    doc: "Less than or equal.",
    examples: &[Example::new(&["2", "2"], "true"), Example::new(&["2.01", "2"], "false")],
};

pub(super) static GREATER: Entry = Entry {
    id: FunctionId::Greater,
    name: ">",
    notation: Notation::Infix,
    parameters: SIDES,
    rule: Rule::Of("bool", ordering),
    evaluator: Evaluator::Binary(|left, right, _| Value::Bool(order(left, right).is_gt())),
    flink: Flink::Build(|arguments, _| Ok(ordered(arguments, ">"))),
    doc: "Greater than.",
    examples: &[Example::new(&["3", "2.5e0"], "true"), Example::new(&["null", "2"], "null")],
};

pub(super) static GREATER_OR_EQUAL: Entry = Entry {
    id: FunctionId::GreaterOrEqual,
    name: ">=",
    notation: Notation::Infix,
    parameters: SIDES,
    rule: Rule::Of("bool", ordering),
    evaluator: Evaluator::Binary(|left, right, _| Value::Bool(order(left, right).is_ge())),
    flink: Flink::Build(|arguments, _| Ok(ordered(arguments, ">="))),
    doc: "Greater than or equal.",
    examples: &[Example::new(&["2", "2.0"], "true"), Example::new(&["'a'", "'b'"], "false")],
};

pub(super) static IS_DISTINCT_FROM: Entry = Entry {
    id: FunctionId::IsDistinctFrom,
    name: "is distinct from",
    notation: Notation::Infix,
    parameters: SIDES,
    rule: Rule::Of("bool", distinction),
    evaluator: Evaluator::Lazy(|arguments, row| Value::Bool(is_distinct(arguments, row))),
    flink: Flink::Build(|arguments, _| equal(arguments, "IS DISTINCT FROM")),
    doc: "True if the sides differ, where null is a value like any other; never null.",
    examples: &[
        Example::new(&["1", "null"], "true"),
        Example::new(&["1", "1.0"], "false"),
        Example::new(&["'a'", "'b'"], "true"),
    ],
};

pub(super) static IS_NOT_DISTINCT_FROM: Entry = Entry {
    id: FunctionId::IsNotDistinctFrom,
    name: "is not distinct from",
    notation: Notation::Infix,
    parameters: SIDES,
    rule: Rule::Of("bool", distinction),
    evaluator: Evaluator::Lazy(|arguments, row| Value::Bool(!is_distinct(arguments, row))),
    flink: Flink::Build(|arguments, _| equal(arguments, "IS NOT DISTINCT FROM")),
    doc: "True if the sides are equal or both null; never null.",
    examples: &[
        Example::new(&["1", "null"], "false"),
        Example::new(&["1", "1.0"], "true"),
        Example::new(&["'a'", "'b'"], "false"),
    ],
};

pub(super) static IN: Entry = Entry {
    id: FunctionId::In,
    name: "in",
    notation: Notation::List,
    parameters: &[required("x", Takes::Any), repeated("value", Takes::Any)],
    rule: Rule::Of("bool", comparison),
    evaluator: Evaluator::Lazy(is_in),
    // Not `IN (…)`: Flink casts the list to one type first. A chain of `=` is its definition in SQL.
    flink: Flink::Build(|arguments, _| {
        equal(arguments, "=")?;
        let operand = &arguments[0].sql;
        let equals: Vec<_> =
            arguments[1..].iter().map(|value| format!("{operand} = {}", value.sql)).collect();
        Ok(format!("({})", equals.join(" OR ")))
    }),
    doc: "True if the operand equals one of the values; null if none does but one is null.",
    examples: &[
        Example::new(&["2", "1", "2"], "true"),
        Example::new(&["3", "1", "2"], "false"),
        Example::new(&["3", "1", "null"], "null"),
        Example::new(&["1", "1", "null"], "true"),
        Example::new(&["null", "1"], "null"),
    ],
};

/// What has parts has no order that people agree on.
fn ordering(arguments: &[Type]) -> Result<Signature, TypeError> {
    for (position, argument) in arguments.iter().enumerate() {
        if let Some(found) = argument.data_type.filter(|found| !found.is_scalar()) {
            let expected = "a value without parts, which has an order";
            return Err(TypeError::Argument { position, expected, found });
        }
    }
    comparison(arguments)
}

fn equal(arguments: &[Printed], operator: &str) -> Result<String, NoForm> {
    let data_type = arguments[0].expr.data_type;
    if !data_type.is_scalar() {
        return Err(NoForm {
            what: format!("`{}` on {data_type}", operator.to_lowercase()),
            why: "it compares nulls inside in its own way",
        });
    }
    Ok(format!("({} {operator} {})", arguments[0].sql, arguments[1].sql))
}

/// Flink orders strings by UTF-8 bytes or by UTF-16 units, whichever form it holds them in. Their
/// hexadecimal digits have one order, that of the bytes.
fn ordered(arguments: &[Printed], operator: &str) -> String {
    let [left, right] = [&arguments[0].sql, &arguments[1].sql];
    match arguments[0].expr.data_type {
        DataType::String => format!("(HEX({left}) {operator} HEX({right}))"),
        _ => format!("({left} {operator} {right})"),
    }
}

/// Unlike a comparison never null: two nulls are the same.
fn distinction(arguments: &[Type]) -> Result<Signature, TypeError> {
    Ok(Signature { nullable: false, ..comparison(arguments)? })
}

fn is_distinct(arguments: &[Expr], row: &[Value]) -> bool {
    let (left, right) = (operand(&arguments[0], row), operand(&arguments[1], row));
    match (left.is_null(), right.is_null()) {
        (false, false) => order(&left, &right).is_ne(),
        (left, right) => left != right,
    }
}

fn comparison(arguments: &[Type]) -> Result<Signature, TypeError> {
    Ok(Signature {
        arguments: rule::comparable(arguments)?,
        result: DataType::Bool,
        nullable: arguments.iter().any(|argument| argument.nullable),
    })
}

/// The order of two values that are not null: numbers by value whatever their types.
pub(super) fn order(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Int(a), Value::Decimal(b)) => Decimal::from_int(*a).cmp(b),
        (Value::Decimal(a), Value::Int(b)) => a.cmp(&Decimal::from_int(*b)),
        (Value::Double(a), b) if !matches!(b, Value::Double(_)) => a.total_cmp(&as_double(b)),
        (a, Value::Double(b)) if !matches!(a, Value::Double(_)) => as_double(a).total_cmp(b),
        _ => left.total_cmp(right),
    }
}

fn as_double(value: &Value) -> f64 {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "the nearest double is what the widening means")]
        Value::Int(value) => *value as f64,
        Value::Decimal(value) => value.to_f64(),
        Value::Double(value) => *value,
        // Comparisons are typed: a double meets numbers only.
        _ => f64::NAN,
    }
}

fn is_in(arguments: &[Expr], row: &[Value]) -> Value {
    let needle = operand(&arguments[0], row);
    if needle.is_null() {
        return Value::Null;
    }
    let mut open = false;
    for argument in &arguments[1..] {
        let value = operand(argument, row);
        if value.is_null() {
            open = true;
        } else if order(&needle, &value).is_eq() {
            return Value::Bool(true);
        }
    }
    if open { Value::Null } else { Value::Bool(false) }
}
