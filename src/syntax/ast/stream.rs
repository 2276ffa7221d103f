//! Streams: stateless derivations of sources and other streams.

use crate::diag::Spanned;
use crate::types::Duration;

use super::{About, Binding, Expr, FieldDef, Name};

/// `stream NAME { from x  where e  select a, e as b }` or `stream NAME { union x, y }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    pub name: Name,
    pub about: About,
    pub from: Option<Name>,
    /// `union x, y`: instead of `from`.
    pub union: Vec<Name>,
    pub lets: Vec<Binding>,
    pub filter: Option<Expr>,
    /// Nothing selected: all columns of the input pass.
    pub select: Vec<SelectItem>,
    pub call: Option<Call>,
    /// A part of it could not be read, which was reported: what is missing may be there.
    pub incomplete: bool,
}

/// `a` or `EXPR as b`.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectItem {
    pub expr: Expr,
    /// Needed unless the expression is a bare column.
    pub name: Option<Name>,
}

/// `call "module:function" (a, b) returns { score double? } [timeout 200ms] [concurrency 16] [retry 2]`:
/// a model call per row; its columns are appended to the row's.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub function: Spanned<String>,
    pub arguments: Vec<Expr>,
    pub returns: Vec<FieldDef>,
    pub timeout: Option<Spanned<Duration>>,
    /// Calls in flight at once; digits as written.
    pub concurrency: Option<Spanned<String>>,
    /// Tries after the first; digits as written.
    pub retry: Option<Spanned<String>>,
}

impl Stream {
    /// A stream without clauses.
    #[must_use]
    pub fn named(name: Name) -> Self {
        Self {
            name,
            about: About::default(),
            from: None,
            union: Vec::new(),
            lets: Vec::new(),
            filter: None,
            select: Vec::new(),
            call: None,
            incomplete: false,
        }
    }
}
