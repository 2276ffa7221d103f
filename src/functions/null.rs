//! Null: asking for it, replacing it, making it.

use crate::types::{DataType, Value};

use super::compare::order;
use super::entry::{Entry, Evaluator, Example, Flink, Notation, Rule, Signature, Type, TypeError};
use super::eval::{eval, operand};
use super::parameter::{Takes, repeated, required};
use super::{FunctionId, rule};

pub(super) static IS_NULL: Entry = Entry {
    id: FunctionId::IsNull,
    name: "is null",
    notation: Notation::Postfix,
    parameters: &[required("x", Takes::Any)],
    rule: Rule::Of("bool", any_one),
    evaluator: Evaluator::Lazy(|arguments, row| Value::Bool(operand(&arguments[0], row).is_null())),
    flink: Flink::Template("({0} IS NULL)"),
    doc: "Whether the operand is null; never null itself.",
    examples: &[Example::new(&["null"], "true"), Example::new(&["0"], "false")],
};

pub(super) static IS_NOT_NULL: Entry = Entry {
    id: FunctionId::IsNotNull,
    name: "is not null",
    notation: Notation::Postfix,
    parameters: &[required("x", Takes::Any)],
    rule: Rule::Of("bool", any_one),
    evaluator: Evaluator::Lazy(|arguments, row| Value::Bool(!operand(&arguments[0], row).is_null())),
    flink: Flink::Template("({0} IS NOT NULL)"),
    doc: "Whether the operand is not null; never null itself.",
    examples: &[Example::new(&["null"], "false"), Example::new(&["''"], "true")],
};

pub(super) static COALESCE: Entry = Entry {
    id: FunctionId::Coalesce,
    name: "coalesce",
    notation: Notation::Call,
    parameters: &[repeated("x", Takes::Any)],
    rule: Rule::Of("common type", |arguments| {
        let result = rule::common(arguments)?;
        let nullable = arguments.iter().all(|argument| argument.nullable);
        Ok(Signature { arguments: vec![result; arguments.len()], result, nullable })
    }),
    evaluator: Evaluator::Lazy(|arguments, row| {
        arguments
            .iter()
            .map(|argument| eval(argument, row))
            .find(|value| !value.is_null())
            .unwrap_or(Value::Null)
    }),
    flink: Flink::Template("COALESCE({*})"),
    doc: "The first argument that is not null.",
    examples: &[
        Example::new(&["null", "2", "3"], "2"),
        Example::new(&["null", "'x'"], "'x'"),
        Example::new(&["1", "2.50"], "1.00"),
    ],
};

pub(super) static NULL_IF: Entry = Entry {
    id: FunctionId::NullIf,
    name: "nullif",
    notation: Notation::Call,
    parameters: &[required("a", Takes::Any), required("b", Takes::Any)],
    rule: Rule::Of("type of a?", null_if),
    evaluator: Evaluator::Lazy(|arguments, row| {
        let (left, right) = (eval(&arguments[0], row), operand(&arguments[1], row));
        if !left.is_null() && !right.is_null() && order(&left, &right).is_eq() { Value::Null } else { left }
    }),
    flink: Flink::Template("(CASE WHEN {0} = {1} THEN NULL ELSE {0} END)"),
    doc: "Null if both arguments are equal, else the first.",
    examples: &[
        Example::new(&["0", "0"], "null"),
        Example::new(&["5", "0"], "5"),
        Example::new(&["5", "null"], "5"),
        Example::new(&["''", "''"], "null"),
    ],
};

#[expect(clippy::unnecessary_wraps, reason = "it stands where other rules may refuse")]
fn any_one(arguments: &[Type]) -> Result<Signature, TypeError> {
    // The type of a bare null does not matter here: any will do.
    let operand = arguments[0].data_type.unwrap_or(DataType::Bool);
    Ok(Signature { arguments: vec![operand], result: DataType::Bool, nullable: false })
}

fn null_if(arguments: &[Type]) -> Result<Signature, TypeError> {
    let common = rule::common(arguments)?;
    let [left, right] = [0, 1].map(|position: usize| arguments[position].data_type.unwrap_or(common));
    Ok(Signature { arguments: vec![left, right], result: left, nullable: true })
}
