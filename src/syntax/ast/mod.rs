//! What both front ends parse to. Every node knows its place; nothing is looked up, nothing typed.
//!
//! Missing clauses are `None`: the model decides which are required, so that both front ends share
//! one set of messages.

mod expr;
mod group_by;
mod join;
mod query;
mod source;
mod stream;
mod test;

use crate::diag::Spanned;
use crate::types::Duration;

pub use expr::{BinaryOp, Expr, ExprKind, UnaryOp};
pub use group_by::{Feature, GroupBy, Tail, Window};
pub use join::{Join, JoinMode, JoinPart};
pub use query::{Query, QueryGroup, QueryItem, QueryOrder};
pub use source::{ElementType, FieldDef, Format, History, Source, Table, TypeName};
pub use stream::{Call, SelectItem, Stream};
pub use test::{Expectation, Test, TestRow, TestStep, TestTime, TestValue};

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
    Table(Table),
    Stream(Stream),
    GroupBy(GroupBy),
    Join(Join),
    Constants(Constants),
    Test(Test),
}

/// What every definition may say of itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct About {
    pub doc: Option<Spanned<String>>,
    pub owner: Option<Name>,
    /// `tags a, b`
    pub tags: Vec<Name>,
    /// `deprecated "use other_spend"`
    pub deprecated: Option<Spanned<String>>,
}

/// `constants { NAME = EXPR … }`: values that expressions of all files may name. A file may have several.
#[derive(Debug, Clone, PartialEq)]
pub struct Constants {
    /// The word `constants` itself: the block has no name.
    pub word: Name,
    pub bindings: Vec<Binding>,
    /// A part of it could not be read, which was reported: what is missing may be there.
    pub incomplete: bool,
}

/// `NAME = EXPR`: a constant, a let or a derived column.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    pub name: Name,
    pub expr: Expr,
}

/// `TOPIC in GROUP` (reading) or `TOPIC to GROUP` (publishing).
#[derive(Debug, Clone, PartialEq)]
pub struct TopicRef {
    pub topic: Spanned<String>,
    pub group: Name,
}

/// `lookup TABLE on a = k, b { column, … } [as ALIAS]`, in a group by or a join.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    pub table: Name,
    pub on: Vec<KeyMapping>,
    pub columns: Vec<Name>,
    pub alias: Option<Name>,
}

/// `left = key`, or a bare `left` that is named like the key.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyMapping {
    pub left: Name,
    pub key: Option<Name>,
}

/// `publish TOPIC to GROUP [as latest | as events] [every 500ms]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Publish {
    pub to: TopicRef,
    pub mode: Option<Spanned<PublishMode>>,
    /// At most one row per key in this time.
    pub every: Option<Spanned<Duration>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublishMode {
    /// The newest row per key.
    Latest,
    /// One row per event.
    Events,
}

impl Definition {
    /// Its name; of constants the word itself, of a test its title.
    #[must_use]
    pub const fn name(&self) -> &Name {
        match self {
            Self::Source(source) => &source.name,
            Self::Table(table) => &table.name,
            Self::Stream(stream) => &stream.name,
            Self::GroupBy(group_by) => &group_by.name,
            Self::Join(join) => &join.name,
            Self::Constants(constants) => &constants.word,
            Self::Test(test) => &test.title,
        }
    }

    /// Whether a part of it could not be read.
    #[must_use]
    pub const fn is_incomplete(&self) -> bool {
        match self {
            Self::Source(source) => source.incomplete,
            Self::Table(table) => table.incomplete,
            Self::Stream(stream) => stream.incomplete,
            Self::GroupBy(group_by) => group_by.incomplete,
            Self::Join(join) => join.incomplete,
            Self::Constants(constants) => constants.incomplete,
            Self::Test(test) => test.incomplete,
        }
    }

    pub(super) const fn set_incomplete(&mut self) {
        match self {
            Self::Source(source) => source.incomplete = true,
            Self::Table(table) => table.incomplete = true,
            Self::Stream(stream) => stream.incomplete = true,
            Self::GroupBy(group_by) => group_by.incomplete = true,
            Self::Join(join) => join.incomplete = true,
            Self::Constants(constants) => constants.incomplete = true,
            Self::Test(test) => test.incomplete = true,
        }
    }
}
