//! Expressions in prefix form.

use std::fmt::Write as _;

use super::type_text;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};

pub(super) fn call(function: &str, arguments: &[Expr]) -> String {
    let mut text = format!("({function}");
    for argument in arguments {
        text.push(' ');
        text += &expr(argument);
    }
    text + ")"
}

/// Prefix form: `a + b * 2` is `(+ a (* b 2))`.
pub(super) fn expr(value: &Expr) -> String {
    let not = |negated: &bool| if *negated { "not-" } else { "" };
    match &value.kind {
        ExprKind::Null => "null".into(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Int(digits) | ExprKind::Decimal(digits) | ExprKind::Double(digits) => digits.clone(),
        ExprKind::String(text) => format!("{text:?}"),
        ExprKind::Timestamp(text) => format!("(timestamp {text:?})"),
        ExprKind::Date(text) => format!("(date {text:?})"),
        ExprKind::Field(operand, name) => format!("(field {} {})", expr(operand), name.value),
        ExprKind::Index(operand, index) => format!("(index {} {})", expr(operand), expr(index)),
        ExprKind::IsDistinctFrom { left, right, negated } => {
            format!("({}is-distinct {} {})", not(negated), expr(left), expr(right))
        }
        ExprKind::Path(path) => path.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join("."),
        ExprKind::Unary(UnaryOp::Not, operand) => format!("(not {})", expr(operand)),
        ExprKind::Unary(UnaryOp::Negate, operand) => format!("(neg {})", expr(operand)),
        ExprKind::Binary(op, left, right) => format!("({} {} {})", symbol(*op), expr(left), expr(right)),
        ExprKind::IsNull { operand, negated } => format!("({}is-null {})", not(negated), expr(operand)),
        ExprKind::In { operand, list, negated } => {
            let list: Vec<_> = list.iter().map(expr).collect();
            format!("({}in {} [{}])", not(negated), expr(operand), list.join(" "))
        }
        ExprKind::Between { operand, low, high, negated } => {
            format!("({}between {} {} {})", not(negated), expr(operand), expr(low), expr(high))
        }
        ExprKind::Like { operand, pattern, negated } => {
            format!("({}like {} {})", not(negated), expr(operand), expr(pattern))
        }
        ExprKind::Case { operand, arms, otherwise } => case(operand.as_deref(), arms, otherwise.as_deref()),
        ExprKind::Cast { operand, to, lenient } => {
            format!(
                "({} {} {})",
                if *lenient { "try-cast" } else { "cast" },
                expr(operand),
                type_text(&to.value)
            )
        }
        ExprKind::Call { function, arguments } => call(&function.value, arguments),
    }
}

fn case(operand: Option<&Expr>, arms: &[(Expr, Expr)], otherwise: Option<&Expr>) -> String {
    let mut text = String::from("(case");
    if let Some(operand) = operand {
        let _ = write!(text, " {}", expr(operand));
    }
    for (when, then) in arms {
        let _ = write!(text, " [{} {}]", expr(when), expr(then));
    }
    if let Some(otherwise) = otherwise {
        let _ = write!(text, " else {}", expr(otherwise));
    }
    text + ")"
}

const fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Or => "or",
        BinaryOp::And => "and",
        BinaryOp::Equal => "=",
        BinaryOp::NotEqual => "<>",
        BinaryOp::Less => "<",
        BinaryOp::LessOrEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterOrEqual => ">=",
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Modulo => "%",
        BinaryOp::Concat => "||",
    }
}
