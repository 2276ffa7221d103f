//! What the catalog knows of one function: spelling, type rule, evaluator, Flink form, documentation.

use crate::types::{DataType, Value};

use super::{Expr, FunctionId};

/// One function or operator.
#[derive(Debug)]
pub struct Entry {
    pub id: FunctionId,
    /// The spelling: `+`, `is null`, `abs`.
    pub name: &'static str,
    pub notation: Notation,
    /// Argument types → what the arguments are cast to, and the result.
    pub rule: fn(&[Type]) -> Result<Signature, TypeError>,
    pub evaluator: Evaluator,
    pub flink: Flink,
    /// One line for the language reference.
    pub doc: &'static str,
    /// Tests on every engine.
    pub examples: &'static [Example],
}

/// How a call is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// `a + b`
    Infix,
    /// `not a`, `-a`
    Prefix,
    /// `a is null`
    Postfix,
    /// `a in (b, c)`
    List,
    /// `abs(a)`
    Call,
}

/// An argument's or a result's type. `data_type` is `None` for the literal `null`, whose type comes
/// from its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Type {
    pub data_type: Option<DataType>,
    pub nullable: bool,
}

/// What a type rule grants: the types the arguments must be cast to, and the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub arguments: Vec<DataType>,
    pub result: DataType,
    pub nullable: bool,
}

/// Why a type rule refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TypeError {
    #[error("expected {expected}, found {found}")]
    Count { expected: &'static str, found: usize },
    /// The argument at `position` is of a type the function does not take.
    #[error("expected {expected}, found {found}")]
    Argument { position: usize, expected: &'static str, found: DataType },
    /// The argument at `position` has nothing in common with the one at 0.
    #[error("{left} and {right} have no common type")]
    Mismatch { position: usize, left: DataType, right: DataType },
    /// All there is are `null` literals.
    #[error("the type of null is not known here")]
    UntypedNull,
}

/// How the value is computed. The data type is the result's.
#[derive(Debug, Clone, Copy)]
pub enum Evaluator {
    /// A null argument gives null; the function never sees one.
    Unary(fn(&Value, DataType) -> Value),
    /// As `Unary`, with two arguments.
    Binary(fn(&Value, &Value, DataType) -> Value),
    /// Decides itself which arguments to evaluate, and what null means.
    Lazy(fn(&[Expr], &[Value]) -> Value),
}

/// The Flink SQL form, equal bit by bit, or why there is none.
#[derive(Debug, Clone, Copy)]
pub enum Flink {
    /// `{0}`, `{1}` stand for the printed arguments, `{*}` for all, separated by commas.
    Template(&'static str),
    /// The form depends on the types or on a literal argument.
    Build(fn(&[Printed], DataType) -> Result<String, NoForm>),
}

/// A printed argument and what its printer knew.
#[derive(Debug, Clone)]
pub struct Printed<'a> {
    /// Bracketed where it needs to be.
    pub sql: String,
    pub expr: &'a Expr,
}

/// Flink SQL has no form that is equal in every case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{what}` has no exact form in Flink SQL: {why}")]
pub struct NoForm {
    pub what: String,
    pub why: &'static str,
}

/// `name(arguments) = result`, all as SQL literals.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    pub arguments: &'static [&'static str],
    pub result: &'static str,
}

impl Type {
    #[must_use]
    pub const fn new(data_type: DataType, nullable: bool) -> Self {
        Self { data_type: Some(data_type), nullable }
    }

    /// The literal `null`.
    pub const NULL: Self = Self { data_type: None, nullable: true };
}

impl Example {
    pub(super) const fn new(arguments: &'static [&'static str], result: &'static str) -> Self {
        Self { arguments, result }
    }
}
