//! Expressions by the letter of SQL's three-valued logic and rule S7. Every argument is computed
//! first: an expression never fails, so order and laziness cannot show.

use std::cmp::Ordering;

use crate::functions::{Expr, ExprKind, FunctionId};
use crate::types::{DataType, Value};

use super::call;
use super::cast::cast;
use super::number::{self, aligned, order};

/// The value of an expression on a row.
pub(super) fn evaluate(expr: &Expr, row: &[Value]) -> Value {
    match &expr.kind {
        ExprKind::Literal(value) => value.clone(),
        ExprKind::Column(slot) => row[*slot].clone(),
        ExprKind::Field(operand, position) => match evaluate(operand, row) {
            Value::Struct(fields) => fields[*position].clone(),
            _ => Value::Null,
        },
        ExprKind::Cast(operand) => cast(&evaluate(operand, row), operand.data_type, expr.data_type),
        ExprKind::Case { arms, otherwise } => {
            let arm = arms.iter().find(|(when, _)| is_true(when, row));
            evaluate(arm.map_or(otherwise, |(_, then)| then), row)
        }
        ExprKind::Call { function, arguments } => {
            let arguments: Vec<_> = arguments.iter().map(|argument| evaluate(argument, row)).collect();
            apply(*function, &arguments, expr.data_type)
        }
    }
}

/// Whether a condition is true; false and null both are not.
pub(super) fn is_true(condition: &Expr, row: &[Value]) -> bool {
    matches!(evaluate(condition, row), Value::Bool(true))
}

/// The functions that say themselves what they do with nulls; all others are null on a null.
fn apply(function: FunctionId, arguments: &[Value], to: DataType) -> Value {
    let equal = |a: &Value, b: &Value| order(a, b).is_eq();
    match function {
        FunctionId::And => junction(arguments, false),
        FunctionId::Or => junction(arguments, true),
        FunctionId::IsDistinctFrom => Value::Bool(!is_same(&arguments[0], &arguments[1])),
        FunctionId::IsNotDistinctFrom => Value::Bool(is_same(&arguments[0], &arguments[1])),
        FunctionId::IsNull => Value::Bool(arguments[0].is_null()),
        FunctionId::IsNotNull => Value::Bool(!arguments[0].is_null()),
        FunctionId::Coalesce | FunctionId::IfNull => {
            arguments.iter().find(|argument| !argument.is_null()).cloned().unwrap_or(Value::Null)
        }
        FunctionId::If => arguments[if arguments[0] == Value::Bool(true) { 1 } else { 2 }].clone(),
        FunctionId::ConcatWs if arguments[0].is_null() => Value::Null,
        FunctionId::ConcatWs => call::joined(text(&arguments[0]), arguments[1..].iter()),
        // Null only if both are there and equal.
        FunctionId::NullIf => match arguments {
            [a, b] if !a.is_null() && !b.is_null() && equal(a, b) => Value::Null,
            _ => arguments[0].clone(),
        },
        // `x in (a, b)` is `x = a or x = b`.
        FunctionId::In => {
            let (operand, list) = (&arguments[0], &arguments[1..]);
            let equals: Vec<_> = list
                .iter()
                .map(|item| strict(FunctionId::Equal, &[operand.clone(), item.clone()], to))
                .collect();
            junction(&equals, true)
        }
        _ => strict(function, arguments, to),
    }
}

/// Equal, where null is a value like any other.
fn is_same(a: &Value, b: &Value) -> bool {
    if a.is_null() || b.is_null() { a.is_null() && b.is_null() } else { order(a, b).is_eq() }
}

/// `or` (decided by a true) and `and` (decided by a false): else null if any is null.
fn junction(arguments: &[Value], decisive: bool) -> Value {
    if arguments.contains(&Value::Bool(decisive)) {
        Value::Bool(decisive)
    } else if arguments.iter().any(Value::is_null) {
        Value::Null
    } else {
        Value::Bool(!decisive)
    }
}

/// Functions that are null as soon as one argument is.
fn strict(function: FunctionId, arguments: &[Value], to: DataType) -> Value {
    if arguments.iter().any(Value::is_null) {
        return Value::Null;
    }
    let compare = |wanted: &[Ordering]| Value::Bool(wanted.contains(&order(&arguments[0], &arguments[1])));
    match function {
        FunctionId::Equal => compare(&[Ordering::Equal]),
        FunctionId::NotEqual => compare(&[Ordering::Less, Ordering::Greater]),
        FunctionId::Less => compare(&[Ordering::Less]),
        FunctionId::LessOrEqual => compare(&[Ordering::Less, Ordering::Equal]),
        FunctionId::Greater => compare(&[Ordering::Greater]),
        FunctionId::GreaterOrEqual => compare(&[Ordering::Greater, Ordering::Equal]),
        FunctionId::Not => Value::Bool(arguments[0] == Value::Bool(false)),
        FunctionId::Add
        | FunctionId::Subtract
        | FunctionId::Multiply
        | FunctionId::Divide
        | FunctionId::Modulo => arithmetic(function, &arguments[0], &arguments[1], to),
        // -x is 0 - x; |x| is x or -x. An int without a counterpart is null.
        FunctionId::Negate => negate(&arguments[0], to),
        FunctionId::Abs => {
            let negated = negate(&arguments[0], to);
            if is_negative(&arguments[0]) { negated } else { arguments[0].clone() }
        }
        FunctionId::Concat => Value::string(arguments.iter().map(text).collect::<String>()),
        // Of ASCII letters only: beyond them engines disagree.
        FunctionId::Lower => Value::string(text(&arguments[0]).to_ascii_lowercase()),
        FunctionId::Upper => Value::string(text(&arguments[0]).to_ascii_uppercase()),
        // In characters (code points), not bytes.
        FunctionId::Length => number::int(number::count(text(&arguments[0]).chars().count())),
        FunctionId::Like => {
            let characters = |value| text(value).chars().collect::<Vec<_>>();
            Value::Bool(is_like(&characters(&arguments[0]), &characters(&arguments[1])))
        }
        _ => {
            let found = call::math(function, arguments, to)
                .or_else(|| call::text(function, arguments))
                .or_else(|| call::time(function, arguments))
                .or_else(|| call::list(function, arguments, to))
                .or_else(|| call::json(function, arguments))
                .or_else(|| call::hash(function, arguments));
            found.unwrap_or_else(|| {
                panic!("{function:?} says itself what it does with nulls, or is not known")
            })
        }
    }
}

/// S7: ints exactly or null, decimals exactly and rounded once to the type `to`, doubles as IEEE
/// 754 and finite or null; `int / int` is a double; nothing is divided by zero.
fn arithmetic(function: FunctionId, a: &Value, b: &Value, to: DataType) -> Value {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => int_arithmetic(function, i128::from(*a), i128::from(*b)),
        (Value::Double(a), Value::Double(b)) => double_arithmetic(function, *a, *b),
        (Value::Decimal(_), Value::Decimal(_)) => decimal_arithmetic(function, a, b, to),
        _ => panic!("`{a:?}` {function:?} `{b:?}`: operands have been widened to one type"),
    }
}

fn int_arithmetic(function: FunctionId, a: i128, b: i128) -> Value {
    match function {
        FunctionId::Add => number::int(a + b),
        FunctionId::Subtract => number::int(a - b),
        FunctionId::Multiply => number::int(a * b),
        FunctionId::Divide if b != 0 => number::double(number::double_of(a) / number::double_of(b)),
        FunctionId::Modulo if b != 0 => number::int(a % b),
        _ => Value::Null,
    }
}

fn double_arithmetic(function: FunctionId, a: f64, b: f64) -> Value {
    match function {
        FunctionId::Add => number::double(a + b),
        FunctionId::Subtract => number::double(a - b),
        FunctionId::Multiply => number::double(a * b),
        FunctionId::Divide if b != 0.0 => number::double(a / b),
        FunctionId::Modulo if b != 0.0 => number::double(a % b),
        _ => Value::Null,
    }
}

fn decimal_arithmetic(function: FunctionId, a: &Value, b: &Value, to: DataType) -> Value {
    let (Value::Decimal(a), Value::Decimal(b)) = (a, b) else { panic!("two decimals") };
    let (a, b, scale) = aligned(*a, *b);
    match function {
        FunctionId::Add => number::decimal(&a.plus(&b), scale, to),
        FunctionId::Subtract => number::decimal(&a.minus(&b), scale, to),
        FunctionId::Multiply => number::decimal(&a.times(&b), 2 * scale, to),
        FunctionId::Divide if !b.is_zero() => number::quotient(&a, &b, 0, to),
        // The sign of the dividend.
        FunctionId::Modulo if !b.is_zero() => number::decimal(&a.divided(&b).1, scale, to),
        _ => Value::Null,
    }
}

fn negate(value: &Value, to: DataType) -> Value {
    match value {
        Value::Int(value) => number::int(-i128::from(*value)),
        Value::Double(value) => number::double(-value),
        Value::Decimal(value) => {
            let (units, scale) = number::units(*value);
            number::decimal(&units.negated(), scale, to)
        }
        _ => panic!("`{value:?}` is not a number"),
    }
}

fn is_negative(value: &Value) -> bool {
    match value {
        Value::Int(value) => *value < 0,
        Value::Double(value) => *value < 0.0,
        Value::Decimal(value) => value.units() < 0,
        _ => panic!("`{value:?}` is not a number"),
    }
}

fn text(value: &Value) -> &str {
    match value {
        Value::String(text) => text,
        _ => panic!("`{value:?}` is not a string"),
    }
}

/// `%` is any characters, `_` is one, everything else is itself.
fn is_like(text: &[char], pattern: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('%', rest)) => (0..=text.len()).any(|skipped| is_like(&text[skipped..], rest)),
        Some((wanted, rest)) => {
            let matches = |found: &char| *wanted == '_' || found == wanted;
            text.split_first().is_some_and(|(found, tail)| matches(found) && is_like(tail, rest))
        }
    }
}
