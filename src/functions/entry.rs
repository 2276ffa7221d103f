//! What the catalog knows of one function: spelling, type rule, evaluator, Flink form, documentation.

use crate::types::{DataType, Value};

use super::parameter::{self, Parameter};
use super::{Expr, ExprKind, FunctionId, rule};

/// One function or operator.
#[derive(Debug)]
pub struct Entry {
    pub id: FunctionId,
    /// The spelling: `+`, `is null`, `abs`.
    pub name: &'static str,
    pub notation: Notation,
    pub parameters: &'static [Parameter],
    /// Argument types → what the arguments are cast to, and the result.
    pub rule: Rule,
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
    /// `a[b]`, also written as a call
    Subscript,
}

/// The result's type and whether it may be null. All but `Of` say that a null argument gives null.
#[derive(Debug, Clone, Copy)]
pub enum Rule {
    /// That type; null only for a null argument.
    Total(DataType),
    /// That type; null also for other reasons.
    Partial(DataType),
    /// The first argument's type; null only for a null argument.
    TotalAsFirst,
    /// The first argument's type; null also for other reasons.
    PartialAsFirst,
    /// How the result is named in the documentation, and the rule.
    Of(&'static str, fn(&[Type]) -> Result<Signature, TypeError>),
}

/// An argument's type. `data_type` is `None` for the literal `null`, whose type comes from its
/// neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Type<'a> {
    pub data_type: Option<DataType>,
    pub nullable: bool,
    /// The value, if it is written as a literal.
    pub literal: Option<&'a Value>,
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
    Count { expected: String, found: usize },
    /// The argument at `position` is of a type the function does not take.
    #[error("expected {expected}, found {found}")]
    Argument { position: usize, expected: &'static str, found: DataType },
    /// The argument at `position` has nothing in common with the one at 0.
    #[error("{left} and {right} have no common type")]
    Mismatch { position: usize, left: DataType, right: DataType },
    /// The argument at `position` must be known before any row is.
    #[error("expected {expected}, written as a literal")]
    NotLiteral { position: usize, expected: &'static str },
    /// The literal at `position` is none that the function can use.
    #[error("{problem}")]
    BadLiteral { position: usize, problem: String },
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
    /// As `Unary`, with any number of arguments.
    Strict(fn(&[&Value], DataType) -> Value),
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
    /// None, and why.
    Refused(&'static str),
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

impl Entry {
    /// What these arguments are cast to, and the result's type.
    ///
    /// # Errors
    /// When the function does not take them.
    pub fn signature(&self, arguments: &[Type]) -> Result<Signature, TypeError> {
        parameter::check(self.parameters, arguments)?;
        let (result, may_be_null) = match self.rule {
            Rule::Of(_, rule) => return rule(arguments),
            Rule::Total(result) => (Some(result), false),
            Rule::Partial(result) => (Some(result), true),
            Rule::TotalAsFirst => (None, false),
            Rule::PartialAsFirst => (None, true),
        };
        let arguments_nullable = arguments.iter().any(|argument| argument.nullable);
        let targets = rule::targets(self.parameters, arguments)?;
        let result = result.unwrap_or(targets[0]);
        Ok(Signature { arguments: targets, result, nullable: may_be_null || arguments_nullable })
    }

    /// `substring(text string, from int[, length int]) → string`
    #[must_use]
    pub fn signature_text(&self) -> String {
        // The instant of functions of now is no argument that is written.
        let parameters = parameter::text(&self.parameters[usize::from(self.id.is_of_now())..]);
        let result = match self.rule {
            Rule::Total(result) => result.to_string(),
            Rule::Partial(result) => format!("{result}?"),
            Rule::TotalAsFirst => self.parameters[0].takes.types().to_owned(),
            Rule::PartialAsFirst => format!("{}?", self.parameters[0].takes.types()),
            Rule::Of(result, _) => result.to_owned(),
        };
        format!("{}({parameters}) → {result}", self.name)
    }
}

impl Type<'_> {
    #[must_use]
    pub const fn new(data_type: DataType, nullable: bool) -> Self {
        Self { data_type: Some(data_type), nullable, literal: None }
    }

    /// The literal `null`.
    pub const NULL: Self = Self { data_type: None, nullable: true, literal: None };
}

impl<'a> Type<'a> {
    /// An argument's type and, if it is one, its literal.
    #[must_use]
    pub fn of(expr: &'a Expr) -> Self {
        match &expr.kind {
            ExprKind::Literal(Value::Null) => Self::NULL,
            ExprKind::Literal(value) => {
                Self { data_type: Some(expr.data_type), nullable: expr.nullable, literal: Some(value) }
            }
            _ => Self::new(expr.data_type, expr.nullable),
        }
    }
}

impl Example {
    pub(super) const fn new(arguments: &'static [&'static str], result: &'static str) -> Self {
        Self { arguments, result }
    }
}
