//! Three-valued logic.

use crate::types::{DataType, Value};

use super::entry::{Entry, Evaluator, Example, Flink, Notation, Rule};
use super::eval::operand;
use super::parameter::{Parameter, Takes, required};
use super::{Expr, FunctionId};

const SIDES: &[Parameter] = &[required("a", Takes::Bool), required("b", Takes::Bool)];

pub(super) static OR: Entry = Entry {
    id: FunctionId::Or,
    name: "or",
    notation: Notation::Infix,
    parameters: SIDES,
    rule: Rule::Total(DataType::Bool),
    evaluator: Evaluator::Lazy(|arguments, row| connect(arguments, row, true)),
    flink: Flink::Template("({0} OR {1})"),
    doc: "True if one side is true, even if the other is null.",
    examples: &[
        Example::new(&["true", "null"], "true"),
        Example::new(&["null", "true"], "true"),
        Example::new(&["false", "null"], "null"),
        Example::new(&["false", "false"], "false"),
    ],
};

pub(super) static AND: Entry = Entry {
    id: FunctionId::And,
    name: "and",
    notation: Notation::Infix,
    parameters: SIDES,
    rule: Rule::Total(DataType::Bool),
    evaluator: Evaluator::Lazy(|arguments, row| connect(arguments, row, false)),
    flink: Flink::Template("({0} AND {1})"),
    doc: "True if both sides are true; false if one is false, even if the other is null.",
    examples: &[
        Example::new(&["true", "true"], "true"),
        Example::new(&["null", "false"], "false"),
        Example::new(&["true", "null"], "null"),
    ],
};

pub(super) static NOT: Entry = Entry {
    id: FunctionId::Not,
    name: "not",
    notation: Notation::Prefix,
    parameters: &[required("a", Takes::Bool)],
    rule: Rule::Total(DataType::Bool),
    evaluator: Evaluator::Unary(|value, _| match value {
        Value::Bool(value) => Value::Bool(!value),
        _ => Value::Null,
    }),
    flink: Flink::Template("(NOT {0})"),
    doc: "The opposite; null stays null.",
    examples: &[Example::new(&["true"], "false"), Example::new(&["null"], "null")],
};

/// `or` and `and`: one side that is `decisive` decides; else a null leaves it open.
fn connect(arguments: &[Expr], row: &[Value], decisive: bool) -> Value {
    let mut open = false;
    for argument in arguments {
        match &*operand(argument, row) {
            Value::Bool(value) if *value == decisive => return Value::Bool(decisive),
            Value::Bool(_) => {}
            _ => open = true,
        }
    }
    if open { Value::Null } else { Value::Bool(!decisive) }
}
