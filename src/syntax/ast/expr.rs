//! Scalar expressions as written.

use crate::diag::{Span, Spanned};

use super::{Name, TypeName};

/// A scalar expression as written. Equality ignores the place, as everywhere in the tree.
#[derive(Debug, Clone)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    Null,
    Bool(bool),
    /// Digits, maybe too many for an int: the model says so.
    Int(String),
    /// Digits with a point.
    Decimal(String),
    /// Digits with an exponent.
    Double(String),
    String(String),
    /// `timestamp '2024-05-01T12:00:00Z'`
    Timestamp(String),
    /// `date '2024-05-01'`
    Date(String),
    /// `column`, `alias.column`, and fields of structs behind them: `column.field`.
    Path(Vec<Name>),
    /// `EXPR.field`, where the operand is no path.
    Field(Box<Expr>, Name),
    /// `list[1]` (from 1) or `map['k']`.
    Index(Box<Expr>, Box<Expr>),
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    IsNull {
        operand: Box<Expr>,
        negated: bool,
    },
    In {
        operand: Box<Expr>,
        list: Vec<Expr>,
        negated: bool,
    },
    Between {
        operand: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        negated: bool,
    },
    Like {
        operand: Box<Expr>,
        pattern: Box<Expr>,
        negated: bool,
    },
    IsDistinctFrom {
        left: Box<Expr>,
        right: Box<Expr>,
        negated: bool,
    },
    Case {
        operand: Option<Box<Expr>>,
        arms: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    Cast {
        operand: Box<Expr>,
        to: Spanned<TypeName>,
        lenient: bool,
    },
    Call {
        function: Name,
        arguments: Vec<Expr>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    Not,
    Negate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Concat,
}
