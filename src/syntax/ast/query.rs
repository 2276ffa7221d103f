//! A query as people type it on the command line: a definition without a name.

use crate::diag::{Span, Spanned};

use super::{Expr, Feature, Name, SelectItem};

/// `select … from NAME [where E] [group by …] [order by …] [limit N]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub select: Vec<QueryItem>,
    pub from: Name,
    pub filter: Option<Expr>,
    pub group: QueryGroup,
    pub order: Vec<QueryOrder>,
    /// Digits as written.
    pub limit: Option<Spanned<String>>,
}

/// What is selected.
#[derive(Debug, Clone, PartialEq)]
pub enum QueryItem {
    /// `*`
    All(Span),
    /// A function call with suffixes that only aggregates have, `count(*)`, or any bare call.
    Call {
        /// Under the alias, or under the function's own name.
        feature: Box<Feature>,
        is_named: bool,
        /// Whether it can only be an aggregate.
        has_suffixes: bool,
        span: Span,
    },
    /// Any other expression.
    Column(SelectItem),
}

/// `group by`.
#[derive(Debug, Clone, PartialEq)]
pub enum QueryGroup {
    None,
    /// `group by all`: by whatever is selected and is no aggregate.
    All,
    By(Vec<Expr>),
}

/// `order by COLUMN [asc | desc]`.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryOrder {
    pub by: Expr,
    pub descending: bool,
}
