//! Three-valued logic.

use crate::types::{DataType, Value};

use super::entry::{Entry, Evaluator, Example, Flink, Notation, Signature, Type, TypeError};
use super::eval::operand;
use super::{Expr, FunctionId, rule};

const CONDITION: &str = "a condition (bool)";

pub(super) static OR: Entry = Entry {
    id: FunctionId::Or,
    name: "or",
    notation: Notation::Infix,
    rule: two_conditions,
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
    rule: two_conditions,
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
    rule: |arguments| {
        let arguments = rule::exactly::<1>(arguments, "1 argument")?;
        rule::all_of(&arguments, DataType::Bool, CONDITION, DataType::Bool)
    },
    evaluator: Evaluator::Unary(|value, _| match value {
        Value::Bool(value) => Value::Bool(!value),
        _ => Value::Null,
    }),
    flink: Flink::Template("(NOT {0})"),
    doc: "The opposite; null stays null.",
    examples: &[Example::new(&["true"], "false"), Example::new(&["null"], "null")],
};

fn two_conditions(arguments: &[Type]) -> Result<Signature, TypeError> {
    let arguments = rule::exactly::<2>(arguments, "2 arguments")?;
    rule::all_of(&arguments, DataType::Bool, CONDITION, DataType::Bool)
}

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
