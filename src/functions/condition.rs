//! Choosing between two values.

use crate::types::DataType;

use super::entry::{Entry, Evaluator, Example, Flink, Notation, Rule, Signature, Type, TypeError};
use super::eval::{eval, is_true};
use super::parameter::{Takes, required};
use super::{FunctionId, rule};

pub(super) static IF: Entry = Entry {
    id: FunctionId::If,
    name: "if",
    notation: Notation::Call,
    parameters: &[
        required("condition", Takes::Bool),
        required("yes", Takes::Any),
        required("no", Takes::Any),
    ],
    rule: Rule::Of("common type", choice),
    evaluator: Evaluator::Lazy(|arguments, row| {
        eval(&arguments[if is_true(&arguments[0], row) { 1 } else { 2 }], row)
    }),
    flink: Flink::Template("(CASE WHEN {0} THEN {1} ELSE {2} END)"),
    doc: "The first value if the condition is true, else (also for null) the second.",
    examples: &[
        Example::new(&["true", "1", "2"], "1"),
        Example::new(&["null", "1", "2.5"], "2.5"),
        Example::new(&["false", "'a'", "null"], "null"),
    ],
};

pub(super) static IF_NULL: Entry = Entry {
    id: FunctionId::IfNull,
    name: "ifnull",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Any), required("otherwise", Takes::Any)],
    rule: Rule::Of("common type", |arguments| {
        let result = rule::common(arguments)?;
        let nullable = arguments.iter().all(|argument| argument.nullable);
        Ok(Signature { arguments: vec![result; 2], result, nullable })
    }),
    evaluator: Evaluator::Lazy(|arguments, row| {
        let value = eval(&arguments[0], row);
        if value.is_null() { eval(&arguments[1], row) } else { value }
    }),
    flink: Flink::Template("COALESCE({0}, {1})"),
    doc: "x, or the other value where x is null.",
    examples: &[Example::new(&["null", "2"], "2"), Example::new(&["1", "2"], "1")],
};

fn choice(arguments: &[Type]) -> Result<Signature, TypeError> {
    let result = rule::common(&arguments[1..]).map_err(|error| match error {
        TypeError::Mismatch { position, left, right } => {
            TypeError::Mismatch { position: position + 1, left, right }
        }
        other => other,
    })?;
    let nullable = arguments[1..].iter().any(|argument| argument.nullable);
    Ok(Signature { arguments: vec![DataType::Bool, result, result], result, nullable })
}
