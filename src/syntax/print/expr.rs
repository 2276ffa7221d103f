//! Expressions, with as few parentheses as their precedence allows.

use crate::syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};

use super::types;
use super::word::{list, name, string};

/// How tight an expression binds, from loose to tight; as the parser has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
    Not,
    Comparison,
    Concat,
    Sum,
    Product,
    Sign,
    Operand,
}

pub(super) fn text(expr: &ExprKind) -> String {
    match expr {
        ExprKind::Null => "null".into(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Int(digits) | ExprKind::Decimal(digits) | ExprKind::Double(digits) => digits.clone(),
        ExprKind::String(value) => string(value),
        ExprKind::Timestamp(value) => format!("timestamp {}", string(value)),
        ExprKind::Date(value) => format!("date {}", string(value)),
        ExprKind::Path(names) => names.iter().map(|part| name(&part.value)).collect::<Vec<_>>().join("."),
        ExprKind::Field(operand, field) => format!("{}.{}", base(operand), name(&field.value)),
        ExprKind::Index(operand, index) => format!("{}[{}]", base(operand), text(&index.kind)),
        ExprKind::Unary(op, operand) => unary(*op, operand),
        ExprKind::Binary(op, left, right) => binary(*op, left, right),
        ExprKind::IsNull { operand, negated } => {
            format!("{} is {}null", tight(operand), if *negated { "not " } else { "" })
        }
        ExprKind::In { operand, list: items, negated } => {
            let items = list(items, |item| text(&item.kind));
            format!("{} {}in ({items})", tight(operand), not(*negated))
        }
        ExprKind::Between { operand, low, high, negated } => {
            format!("{} {}between {} and {}", tight(operand), not(*negated), tight(low), tight(high))
        }
        ExprKind::Like { operand, pattern, negated } => {
            format!("{} {}like {}", tight(operand), not(*negated), tight(pattern))
        }
        ExprKind::IsDistinctFrom { left, right, negated } => {
            let not = if *negated { "not " } else { "" };
            format!("{} is {not}distinct from {}", tight(left), tight(right))
        }
        ExprKind::Case { operand, arms, otherwise } => case(operand.as_deref(), arms, otherwise.as_deref()),
        ExprKind::Cast { operand, to, lenient } => {
            let word = if *lenient { "try_cast" } else { "cast" };
            format!("{word}({} as {})", text(&operand.kind), types::text(&to.value))
        }
        ExprKind::Call { function, arguments } => {
            format!("{}({})", name(&function.value), list(arguments, |argument| text(&argument.kind)))
        }
    }
}

const fn not(negated: bool) -> &'static str {
    if negated { "not " } else { "" }
}

/// In parentheses unless it binds at least as tight as its place wants.
fn at_least(level: Level, expr: &Expr) -> String {
    let text = text(&expr.kind);
    if level_of(&expr.kind) >= level { text } else { format!("({text})") }
}

/// An operand of a comparison: comparisons do not chain.
fn tight(expr: &Expr) -> String {
    at_least(Level::Concat, expr)
}

/// What `.field` or `[index]` is taken of: a number would take in the point.
fn base(expr: &Expr) -> String {
    match expr.kind {
        ExprKind::Path(_)
        | ExprKind::Field(..)
        | ExprKind::Index(..)
        | ExprKind::Call { .. }
        | ExprKind::Cast { .. } => text(&expr.kind),
        _ => format!("({})", text(&expr.kind)),
    }
}

fn unary(op: UnaryOp, operand: &Expr) -> String {
    match (op, &operand.kind) {
        (UnaryOp::Not, _) => format!("not {}", at_least(Level::Not, operand)),
        (UnaryOp::Negate, ExprKind::Unary(..)) => format!("-({})", text(&operand.kind)),
        (UnaryOp::Negate, _) => format!("-{}", at_least(Level::Sign, operand)),
    }
}

/// Operators of one level group to the left; comparisons not at all.
fn binary(op: BinaryOp, left: &Expr, right: &Expr) -> String {
    let (symbol, level) = operator(op);
    let (left_level, right_level) = match level {
        Level::Or => (Level::Or, Level::And),
        Level::And => (Level::And, Level::Not),
        Level::Concat => (Level::Concat, Level::Sum),
        Level::Sum => (Level::Sum, Level::Product),
        Level::Product => (Level::Product, Level::Sign),
        Level::Not | Level::Comparison | Level::Sign | Level::Operand => (Level::Concat, Level::Concat),
    };
    format!("{} {symbol} {}", at_least(left_level, left), at_least(right_level, right))
}

const fn operator(op: BinaryOp) -> (&'static str, Level) {
    match op {
        BinaryOp::Or => ("or", Level::Or),
        BinaryOp::And => ("and", Level::And),
        BinaryOp::Equal => ("=", Level::Comparison),
        BinaryOp::NotEqual => ("<>", Level::Comparison),
        BinaryOp::Less => ("<", Level::Comparison),
        BinaryOp::LessOrEqual => ("<=", Level::Comparison),
        BinaryOp::Greater => (">", Level::Comparison),
        BinaryOp::GreaterOrEqual => (">=", Level::Comparison),
        BinaryOp::Concat => ("||", Level::Concat),
        BinaryOp::Add => ("+", Level::Sum),
        BinaryOp::Subtract => ("-", Level::Sum),
        BinaryOp::Multiply => ("*", Level::Product),
        BinaryOp::Divide => ("/", Level::Product),
        BinaryOp::Modulo => ("%", Level::Product),
    }
}

const fn level_of(expr: &ExprKind) -> Level {
    match expr {
        ExprKind::Unary(UnaryOp::Not, _) => Level::Not,
        ExprKind::Unary(UnaryOp::Negate, _) => Level::Sign,
        ExprKind::Binary(op, ..) => operator(*op).1,
        ExprKind::IsNull { .. }
        | ExprKind::In { .. }
        | ExprKind::Between { .. }
        | ExprKind::Like { .. }
        | ExprKind::IsDistinctFrom { .. } => Level::Comparison,
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Decimal(_)
        | ExprKind::Double(_)
        | ExprKind::String(_)
        | ExprKind::Timestamp(_)
        | ExprKind::Date(_)
        | ExprKind::Path(_)
        | ExprKind::Field(..)
        | ExprKind::Index(..)
        | ExprKind::Case { .. }
        | ExprKind::Cast { .. }
        | ExprKind::Call { .. } => Level::Operand,
    }
}

fn case(operand: Option<&Expr>, arms: &[(Expr, Expr)], otherwise: Option<&Expr>) -> String {
    let operand = operand.map(|operand| format!(" {}", text(&operand.kind)));
    let arm = |(when, then): &(Expr, Expr)| format!(" when {} then {}", text(&when.kind), text(&then.kind));
    let arms: String = arms.iter().map(arm).collect();
    let otherwise = otherwise.map(|otherwise| format!(" else {}", text(&otherwise.kind)));
    format!("case{}{arms}{} end", operand.unwrap_or_default(), otherwise.unwrap_or_default())
}
