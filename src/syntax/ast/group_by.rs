//! Group bys: keyed aggregations over windows.

use crate::diag::{Span, Spanned};
use crate::types::Duration;

use super::{About, Binding, Expr, Lookup, Name, Publish};

/// `group_by NAME { … }`: keyed aggregations over a source or stream.
#[derive(Debug, Clone)]
pub struct GroupBy {
    pub name: Name,
    pub about: About,
    pub from: Option<Name>,
    pub lookups: Vec<Lookup>,
    pub lets: Vec<Binding>,
    pub filter: Option<Expr>,
    pub key: Vec<Name>,
    pub features: Vec<Feature>,
    /// How far a value that changes by expiry alone may trail.
    pub refresh: Option<Spanned<Duration>>,
    /// How long a key without events keeps its lifetime columns.
    pub ttl: Option<Spanned<Duration>>,
    /// `unbounded`: lifetime columns are kept forever.
    pub unbounded: Option<Span>,
    pub publish: Option<Publish>,
    /// A part of it could not be read, which was reported: what is missing may be there.
    pub incomplete: bool,
}

/// Ignores the place of `unbounded`, as everywhere in the tree.
impl PartialEq for GroupBy {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            name,
            about,
            from,
            lookups,
            lets,
            filter,
            key,
            features,
            refresh,
            ttl,
            unbounded,
            publish,
            incomplete,
        } = self;
        (name, about, from, lookups) == (&other.name, &other.about, &other.from, &other.lookups)
            && (lets, filter, key, features) == (&other.lets, &other.filter, &other.key, &other.features)
            && (refresh, ttl, publish) == (&other.refresh, &other.ttl, &other.publish)
            && unbounded.is_some() == other.unbounded.is_some()
            && *incomplete == other.incomplete
    }
}

/// `NAME = FUNCTION(ARGS) [where E] [by E] [over W, …] [tail T] [default E]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    pub name: Name,
    pub function: Name,
    pub arguments: Vec<Expr>,
    pub filter: Option<Expr>,
    /// The bucket: the output is a map from it.
    pub by: Option<Expr>,
    /// The windows as written and as lengths; the spelling becomes part of the column's name. None: lifetime.
    pub windows: Vec<Spanned<Window>>,
    pub tail: Option<Spanned<Tail>>,
    /// Instead of null where nothing was aggregated.
    pub default: Option<Expr>,
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
    /// `tail chronon`: Chronon's hop, whatever the window.
    Chronon,
}

impl GroupBy {
    /// A group by without clauses.
    #[must_use]
    pub fn named(name: Name) -> Self {
        Self {
            name,
            about: About::default(),
            from: None,
            lookups: Vec::new(),
            lets: Vec::new(),
            filter: None,
            key: Vec::new(),
            features: Vec::new(),
            refresh: None,
            ttl: None,
            unbounded: None,
            publish: None,
            incomplete: false,
        }
    }
}
