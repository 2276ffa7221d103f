//! What is known of the definitions so far, by name, whether they made it into the model or not.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{GroupById, Input, JoinId, ORIGIN, TableId};
use crate::syntax::ast::Name;
use crate::types::{DataType, Duration};

use super::constants::Constants;
use super::scope::{Scope, Typed};

#[derive(Default)]
pub(in crate::model) struct Facts {
    pub(in crate::model) constants: Arc<Constants>,
    /// Sources and streams.
    pub(in crate::model) inputs: BTreeMap<String, InputFacts>,
    pub(in crate::model) tables: BTreeMap<String, TableFacts>,
    pub(in crate::model) group_bys: BTreeMap<String, GroupByFacts>,
    pub(in crate::model) joins: BTreeMap<String, Option<JoinId>>,
}

/// A name and, unless its definition is broken, its type.
pub(in crate::model) type Known = (String, Option<Typed>);

/// What those who read a source or stream need to know of it.
#[derive(Clone)]
pub(in crate::model) struct InputFacts {
    /// `None`: it is broken.
    pub(in crate::model) id: Option<Input>,
    pub(in crate::model) name: Name,
    /// In order; empty: not known. Without the origin of a union.
    pub(in crate::model) fields: Vec<Known>,
    /// Whether rows have the origin of a union behind their fields.
    pub(in crate::model) has_origin: bool,
    /// The slot of the event time, if it is sound.
    pub(in crate::model) event_time: Option<usize>,
    pub(in crate::model) event_id: EventId,
    /// The names of its sources.
    pub(in crate::model) sources: Vec<String>,
    pub(in crate::model) retention: Duration,
    /// Whether all its sources have files of what their topics lost.
    pub(in crate::model) has_history: bool,
    /// It, or something it reads, was not read as a whole.
    pub(in crate::model) incomplete: bool,
}

/// What identifies an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model) enum EventId {
    /// None was declared.
    None,
    /// Declared, and broken, which has been reported.
    Broken,
    Slot(usize),
}

impl EventId {
    pub(in crate::model) const fn slot(self) -> Option<usize> {
        match self {
            Self::Slot(slot) => Some(slot),
            Self::None | Self::Broken => None,
        }
    }
}

pub(in crate::model) struct TableFacts {
    pub(in crate::model) id: Option<TableId>,
    pub(in crate::model) fields: Vec<Known>,
    pub(in crate::model) keys: Vec<Known>,
    pub(in crate::model) incomplete: bool,
}

pub(in crate::model) struct GroupByFacts {
    pub(in crate::model) id: Option<GroupById>,
    pub(in crate::model) keys: Vec<Known>,
    /// Aggregate columns in order.
    pub(in crate::model) columns: Vec<Known>,
    pub(in crate::model) incomplete: bool,
}

impl Facts {
    /// The columns of a source or stream; a scope that stays quiet if they are not known.
    pub(in crate::model) fn scope_of(&self, input: Option<&InputFacts>) -> Scope {
        match input {
            Some(input) if !input.fields.is_empty() => Scope::of(&input.fields, Arc::clone(&self.constants)),
            Some(_) | None => Scope::unknown(),
        }
    }

    /// The same with the origin of a union, which has a slot and no name that can be written.
    pub(in crate::model) fn scope_with_origin(&self, input: Option<&InputFacts>) -> Scope {
        let mut scope = self.scope_of(input);
        if input.is_some_and(|input| input.has_origin) {
            scope.push(ORIGIN, Some(Typed { data_type: DataType::Int, nullable: false }));
        }
        scope
    }
}
