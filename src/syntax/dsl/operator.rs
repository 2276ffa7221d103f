//! Operators: how tight they bind and what they are in the tree.

use crate::syntax::ast::BinaryOp;

use super::{Pair, Rule};

/// How tight operators bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Or,
    And,
    Not,
    Comparison,
    Concat,
    Sum,
    Product,
    Sign,
}

impl Level {
    /// The level of the right operand: the operators of one level group to the left.
    pub(super) const fn next(self) -> Self {
        match self {
            Self::Or => Self::And,
            Self::And => Self::Not,
            Self::Not => Self::Comparison,
            Self::Comparison => Self::Concat,
            Self::Concat => Self::Sum,
            Self::Sum => Self::Product,
            Self::Product | Self::Sign => Self::Sign,
        }
    }

    /// The level of an operator or test; operands have none.
    pub(super) fn of(pair: &Pair<'_>) -> Option<Self> {
        match pair.as_rule() {
            Rule::kw_or => Some(Self::Or),
            Rule::kw_and => Some(Self::And),
            Rule::between | Rule::like | Rule::distinct | Rule::is_null | Rule::is_bool | Rule::in_list => {
                Some(Self::Comparison)
            }
            Rule::symbol => Some(Self::of_symbol(pair.as_str())),
            _ => None,
        }
    }

    fn of_symbol(symbol: &str) -> Self {
        match symbol {
            "||" => Self::Concat,
            "+" | "-" => Self::Sum,
            "*" | "/" | "%" => Self::Product,
            _ => Self::Comparison,
        }
    }
}

/// The operator of two operands; `None` is `like` or `is distinct from`.
pub(super) fn binary(operator: &Pair<'_>) -> Option<BinaryOp> {
    Some(match (operator.as_rule(), operator.as_str()) {
        (Rule::kw_or, _) => BinaryOp::Or,
        (Rule::kw_and, _) => BinaryOp::And,
        (Rule::like | Rule::distinct, _) => return None,
        (_, "=") => BinaryOp::Equal,
        (_, "<>") => BinaryOp::NotEqual,
        (_, "<") => BinaryOp::Less,
        (_, "<=") => BinaryOp::LessOrEqual,
        (_, ">") => BinaryOp::Greater,
        (_, ">=") => BinaryOp::GreaterOrEqual,
        (_, "+") => BinaryOp::Add,
        (_, "-") => BinaryOp::Subtract,
        (_, "*") => BinaryOp::Multiply,
        (_, "/") => BinaryOp::Divide,
        (_, "%") => BinaryOp::Modulo,
        _ => BinaryOp::Concat,
    })
}

/// The operator on one line, for messages.
pub(super) fn short(operator: &Pair<'_>) -> String {
    operator.as_str().split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}
