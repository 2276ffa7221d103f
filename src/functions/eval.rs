//! Evaluates an expression on a row. Total: there is no error, only null.

use std::borrow::Cow;

use crate::types::{DataType, Value};

use super::{Evaluator, Expr, ExprKind, cast};

/// The value of `expr` on `row`, whose slots are the expression's columns.
///
/// # Panics
/// When the expression names a slot beyond the row: the plan and the row disagree.
#[must_use]
pub fn eval(expr: &Expr, row: &[Value]) -> Value {
    match &expr.kind {
        ExprKind::Literal(value) => value.clone(),
        ExprKind::Column(slot) => row[*slot].clone(),
        ExprKind::Call { function, arguments } => match function.entry().evaluator {
            Evaluator::Unary(apply) => match &*operand(&arguments[0], row) {
                Value::Null => Value::Null,
                value => apply(value, expr.data_type),
            },
            Evaluator::Binary(apply) => {
                match (&*operand(&arguments[0], row), &*operand(&arguments[1], row)) {
                    (Value::Null, _) | (_, Value::Null) => Value::Null,
                    (left, right) => apply(left, right, expr.data_type),
                }
            }
            Evaluator::Strict(apply) => strict(apply, arguments, row, expr.data_type),
            Evaluator::Lazy(apply) => apply(arguments, row),
        },
        ExprKind::Case { arms, otherwise } => {
            let arm = arms.iter().find(|(when, _)| is_true(when, row));
            eval(arm.map_or(otherwise, |(_, then)| then), row)
        }
        ExprKind::Field(operand, position) => field(operand, *position, row).into_owned(),
        ExprKind::Cast(inner) => cast::cast(&operand(inner, row), inner.data_type, expr.data_type),
    }
}

/// Whether a condition holds: unknown does not.
#[must_use]
pub fn is_true(condition: &Expr, row: &[Value]) -> bool {
    matches!(&*operand(condition, row), Value::Bool(true))
}

/// As [`eval`], but borrows what is only read.
pub(super) fn operand<'a>(expr: &'a Expr, row: &'a [Value]) -> Cow<'a, Value> {
    match &expr.kind {
        ExprKind::Literal(value) => Cow::Borrowed(value),
        ExprKind::Column(slot) => Cow::Borrowed(&row[*slot]),
        ExprKind::Field(operand, position) => field(operand, *position, row),
        ExprKind::Call { .. } | ExprKind::Case { .. } | ExprKind::Cast(_) => Cow::Owned(eval(expr, row)),
    }
}

/// The part of a struct; null if the struct is.
fn field<'a>(structure: &'a Expr, position: usize, row: &'a [Value]) -> Cow<'a, Value> {
    match operand(structure, row) {
        Cow::Borrowed(Value::Struct(fields)) => Cow::Borrowed(&fields[position]),
        Cow::Owned(Value::Struct(fields)) => Cow::Owned(fields[position].clone()),
        _ => Cow::Owned(Value::Null),
    }
}

/// Applied to values none of which is null; the usual few stand on the stack.
fn strict(
    apply: fn(&[&Value], DataType) -> Value,
    arguments: &[Expr],
    row: &[Value],
    result: DataType,
) -> Value {
    let apply = |values: &[&Value]| {
        if values.iter().any(|value| value.is_null()) { Value::Null } else { apply(values, result) }
    };
    match arguments {
        [a] => apply(&[&*operand(a, row)]),
        [a, b] => apply(&[&*operand(a, row), &*operand(b, row)]),
        [a, b, c] => apply(&[&*operand(a, row), &*operand(b, row), &*operand(c, row)]),
        _ => {
            let values: Vec<_> = arguments.iter().map(|argument| operand(argument, row)).collect();
            apply(&values.iter().map(|value| &**value).collect::<Vec<_>>())
        }
    }
}
