//! What both front ends parse to. Every node knows its place; nothing is looked up, nothing typed.
//!
//! Missing clauses are `None`: the model decides which are required, so that both front ends share
//! one set of messages.

use crate::diag::{Span, Spanned};
use crate::types::Duration;

pub type Name = Spanned<String>;

/// All definitions of one file, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ast {
    pub definitions: Vec<Definition>,
    /// Text that could have been a definition was not read, which was reported.
    pub incomplete: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Definition {
    Source(Source),
    GroupBy(GroupBy),
    Join(Join),
}

/// `source NAME { … }`: an append-only event stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    pub name: Name,
    pub doc: Option<Spanned<String>>,
    pub owner: Option<Name>,
    pub topic: Option<TopicRef>,
    pub format: Option<Name>,
    pub schema: Vec<FieldDef>,
    pub event_time: Option<Name>,
    pub event_id: Option<Name>,
    pub disorder: Option<Spanned<Duration>>,
    pub ahead: Option<Spanned<Duration>>,
    pub retention: Option<Spanned<Duration>>,
    /// A part of it could not be read, which was reported: what is missing may be there.
    pub incomplete: bool,
}

/// `TOPIC in GROUP` (reading) or `TOPIC to GROUP` (publishing).
#[derive(Debug, Clone, PartialEq)]
pub struct TopicRef {
    pub topic: Spanned<String>,
    pub group: Name,
}

/// `name type?`, with `from "wire name"`.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldDef {
    pub name: Name,
    pub data_type: Spanned<TypeName>,
    pub nullable: bool,
    pub wire_name: Option<Spanned<String>>,
}

/// A type as written: `decimal(12,2)` is name `decimal`, arguments 12 and 2.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeName {
    pub name: String,
    pub arguments: Vec<Spanned<String>>,
}

/// `group_by NAME { … }`: keyed aggregations over a source.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupBy {
    pub name: Name,
    pub doc: Option<Spanned<String>>,
    pub owner: Option<Name>,
    pub from: Option<Name>,
    pub filter: Option<Expr>,
    pub lets: Vec<Binding>,
    pub key: Vec<Name>,
    pub features: Vec<Feature>,
    pub publish: Option<Publish>,
    /// A part of it could not be read, which was reported: what is missing may be there.
    pub incomplete: bool,
}

/// `NAME = EXPR`: a let or a derived column.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    pub name: Name,
    pub expr: Expr,
}

/// `NAME = FUNCTION(ARGS) [where E] [over W, …] [tail T]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    pub name: Name,
    pub function: Name,
    pub arguments: Vec<Expr>,
    pub filter: Option<Expr>,
    /// The windows as written and as lengths; the spelling becomes part of the column's name.
    pub windows: Vec<Spanned<Window>>,
    pub tail: Option<Spanned<Tail>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    pub text: String,
    pub length: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    Exact,
    /// `tail hop` (`None`: the default hop of the window) or `tail hop 10m`.
    Hop(Option<Duration>),
}

/// `join NAME { … }`: a left stream enriched point-in-time.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    pub name: Name,
    pub doc: Option<Spanned<String>>,
    pub owner: Option<Name>,
    pub left: Option<Name>,
    pub parts: Vec<JoinPart>,
    pub derived: Vec<Binding>,
    pub hold_for: Option<Spanned<Duration>>,
    pub left_late: Option<Spanned<Duration>>,
    pub publish: Option<Publish>,
    /// A part of it could not be read, which was reported: what is missing may be there.
    pub incomplete: bool,
}

/// `features GROUP_BY on a = k, b [as ALIAS]`.
#[derive(Debug, Clone, PartialEq)]
pub struct JoinPart {
    pub group_by: Name,
    pub on: Vec<KeyMapping>,
    pub alias: Option<Name>,
}

/// `left = key`, or a bare `left` that is named like the key.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyMapping {
    pub left: Name,
    pub key: Option<Name>,
}

/// `publish TOPIC to GROUP [as latest | as events]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Publish {
    pub to: TopicRef,
    pub mode: Option<Spanned<PublishMode>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublishMode {
    /// The newest row per key.
    Latest,
    /// One row per event.
    Events,
}

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
    /// `column` or `alias.column`.
    Path(Vec<Name>),
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

impl Source {
    /// A source without clauses.
    #[must_use]
    pub const fn named(name: Name) -> Self {
        Self {
            name,
            doc: None,
            owner: None,
            topic: None,
            format: None,
            schema: Vec::new(),
            event_time: None,
            event_id: None,
            disorder: None,
            ahead: None,
            retention: None,
            incomplete: false,
        }
    }
}

impl GroupBy {
    /// A group by without clauses.
    #[must_use]
    pub const fn named(name: Name) -> Self {
        Self {
            name,
            doc: None,
            owner: None,
            from: None,
            filter: None,
            lets: Vec::new(),
            key: Vec::new(),
            features: Vec::new(),
            publish: None,
            incomplete: false,
        }
    }
}

impl Join {
    /// A join without clauses.
    #[must_use]
    pub const fn named(name: Name) -> Self {
        Self {
            name,
            doc: None,
            owner: None,
            left: None,
            parts: Vec::new(),
            derived: Vec::new(),
            hold_for: None,
            left_late: None,
            publish: None,
            incomplete: false,
        }
    }
}

impl Definition {
    #[must_use]
    pub const fn name(&self) -> &Name {
        match self {
            Self::Source(source) => &source.name,
            Self::GroupBy(group_by) => &group_by.name,
            Self::Join(join) => &join.name,
        }
    }

    /// Whether a part of it could not be read.
    #[must_use]
    pub const fn is_incomplete(&self) -> bool {
        match self {
            Self::Source(source) => source.incomplete,
            Self::GroupBy(group_by) => group_by.incomplete,
            Self::Join(join) => join.incomplete,
        }
    }

    pub(super) const fn set_incomplete(&mut self) {
        match self {
            Self::Source(source) => source.incomplete = true,
            Self::GroupBy(group_by) => group_by.incomplete = true,
            Self::Join(join) => join.incomplete = true,
        }
    }
}
