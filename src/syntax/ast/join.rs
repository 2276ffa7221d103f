//! Joins: a left stream, enriched point-in-time.

use crate::diag::Spanned;
use crate::types::Duration;

use super::{About, Binding, KeyMapping, Lookup, Name, Publish};

/// `join NAME { … }`: a left source or stream enriched with group bys and tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    pub name: Name,
    pub about: About,
    pub left: Option<Name>,
    pub parts: Vec<JoinPart>,
    pub lookups: Vec<Lookup>,
    pub derived: Vec<Binding>,
    pub mode: Option<Spanned<JoinMode>>,
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

/// When a left row is put out (rule S9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JoinMode {
    /// Once all that belongs before it is known.
    Complete,
    /// At once, with what is known.
    Fresh,
}

impl Join {
    /// A join without clauses.
    #[must_use]
    pub fn named(name: Name) -> Self {
        Self {
            name,
            about: About::default(),
            left: None,
            parts: Vec::new(),
            lookups: Vec::new(),
            derived: Vec::new(),
            mode: None,
            hold_for: None,
            left_late: None,
            publish: None,
            incomplete: false,
        }
    }
}
