//! Sources and tables: what is read, and the shape of its records.

use crate::diag::Spanned;
use crate::types::Duration;

use super::{About, Name, TopicRef};

/// `source NAME { … }`: an append-only event stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    pub name: Name,
    pub about: About,
    pub topic: Option<TopicRef>,
    pub format: Option<Format>,
    pub schema: Vec<FieldDef>,
    pub event_time: Option<Name>,
    pub event_id: Option<Name>,
    pub disorder: Option<Spanned<Duration>>,
    pub ahead: Option<Spanned<Duration>>,
    pub retention: Option<Spanned<Duration>>,
    pub history: Vec<History>,
    /// A part of it could not be read, which was reported: what is missing may be there.
    pub incomplete: bool,
}

/// `table NAME { … }`: the latest row per key of a change topic. Without event time it is static.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub name: Name,
    pub about: About,
    pub topic: Option<TopicRef>,
    pub format: Option<Format>,
    pub key: Vec<Name>,
    pub schema: Vec<FieldDef>,
    pub event_time: Option<Name>,
    pub event_id: Option<Name>,
    pub disorder: Option<Spanned<Duration>>,
    pub ahead: Option<Spanned<Duration>>,
    pub retention: Option<Spanned<Duration>>,
    pub history: Vec<History>,
    /// A part of it could not be read, which was reported: what is missing may be there.
    pub incomplete: bool,
}

/// `format json`, `format avro "purchase.avsc"`.
#[derive(Debug, Clone, PartialEq)]
pub struct Format {
    pub name: Name,
    /// The schema file, relative to the definition's file.
    pub schema_file: Option<Spanned<String>>,
}

/// `history "purchases/*.parquet" [until '2024-05-01']`: files that hold what the topic lost.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// A path or object store address with `*`; relative to the definition's file.
    pub files: Spanned<String>,
    /// Events from this instant on are the topic's.
    pub until: Option<Spanned<String>>,
}

/// `name type?`, with `from "wire name"`: a field of a schema or a struct.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldDef {
    pub name: Name,
    pub data_type: Spanned<TypeName>,
    pub nullable: bool,
    pub wire_name: Option<Spanned<String>>,
}

/// A type as written.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeName {
    /// `decimal(12,2)` is name `decimal`, arguments 12 and 2.
    Plain { name: String, arguments: Vec<Spanned<String>> },
    /// `list<int?>`
    List(Box<ElementType>),
    /// `map<string, int?>`
    Map { key: Box<Spanned<TypeName>>, value: Box<ElementType> },
    /// `struct{a int, b string?}`
    Struct(Vec<FieldDef>),
}

/// The type of a list's elements or a map's values.
#[derive(Debug, Clone, PartialEq)]
pub struct ElementType {
    pub data_type: Spanned<TypeName>,
    pub nullable: bool,
}

impl Source {
    /// A source without clauses.
    #[must_use]
    pub fn named(name: Name) -> Self {
        Self {
            name,
            about: About::default(),
            topic: None,
            format: None,
            schema: Vec::new(),
            event_time: None,
            event_id: None,
            disorder: None,
            ahead: None,
            retention: None,
            history: Vec::new(),
            incomplete: false,
        }
    }
}

impl Table {
    /// A table without clauses.
    #[must_use]
    pub fn named(name: Name) -> Self {
        Self {
            name,
            about: About::default(),
            topic: None,
            format: None,
            key: Vec::new(),
            schema: Vec::new(),
            event_time: None,
            event_id: None,
            disorder: None,
            ahead: None,
            retention: None,
            history: Vec::new(),
            incomplete: false,
        }
    }

    /// A table reads its records as a source does, and has a key.
    pub(in crate::syntax) fn of(records: Source, key: Vec<Name>) -> Self {
        Self {
            name: records.name,
            about: records.about,
            topic: records.topic,
            format: records.format,
            key,
            schema: records.schema,
            event_time: records.event_time,
            event_id: records.event_id,
            disorder: records.disorder,
            ahead: records.ahead,
            retention: records.retention,
            history: records.history,
            incomplete: records.incomplete,
        }
    }
}
