//! What a function takes, argument by argument: checked here once for all entries.

use std::fmt::Write as _;

use crate::types::{DataType, Value};

use super::entry::{Type, TypeError};

/// One argument of a function.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    pub name: &'static str,
    pub takes: Takes,
    pub presence: Presence,
}

/// Whether and how often an argument is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Required,
    Optional,
    /// Once or more; only the last parameter.
    Repeated,
}

/// The types an argument may have; `null` literals take any of them.
#[derive(Debug, Clone, Copy)]
pub enum Takes {
    Any,
    Bool,
    Text,
    Int,
    /// An int, a decimal or a double, as it is.
    Number,
    /// Any number, made a double.
    Double,
    /// An int or a decimal.
    Exact,
    Timestamp,
    Date,
    TimestampOrDate,
    Bytes,
    TextOrBytes,
    List,
    Map,
    ListOrMap,
    TextOrList,
    /// A string, bytes or an int: what has bytes that all engines share.
    Hashable,
    /// A text that is known, and checked, before any row is.
    LiteralText(&'static LiteralText),
    /// A literal int in a range.
    LiteralInt {
        least: i64,
        most: i64,
    },
}

/// What a literal text must be, and the check of it: `Err` says what is wrong.
#[derive(Debug)]
pub struct LiteralText {
    pub what: &'static str,
    pub check: fn(&str) -> Result<(), String>,
}

pub(super) const fn required(name: &'static str, takes: Takes) -> Parameter {
    Parameter { name, takes, presence: Presence::Required }
}

pub(super) const fn optional(name: &'static str, takes: Takes) -> Parameter {
    Parameter { name, takes, presence: Presence::Optional }
}

pub(super) const fn repeated(name: &'static str, takes: Takes) -> Parameter {
    Parameter { name, takes, presence: Presence::Repeated }
}

impl Takes {
    /// For messages: what was expected.
    #[must_use]
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::Bool => "a condition (bool)",
            Self::Text => "a string",
            Self::Int | Self::LiteralInt { .. } => "an int",
            Self::Number | Self::Double => "a number",
            Self::Exact => "an int or a decimal",
            Self::Timestamp => "a timestamp",
            Self::Date => "a date",
            Self::TimestampOrDate => "a timestamp or a date",
            Self::Bytes => "bytes",
            Self::TextOrBytes => "a string or bytes",
            Self::List => "a list",
            Self::Map => "a map",
            Self::ListOrMap => "a list or a map",
            Self::TextOrList => "a string or a list",
            Self::Hashable => "a string, bytes or an int",
            Self::LiteralText(literal) => literal.what,
        }
    }

    /// For signatures: the types by their names.
    #[must_use]
    pub const fn types(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Bool => "bool",
            Self::Text => "string",
            Self::Int => "int",
            Self::Number => "number",
            Self::Double => "double",
            Self::Exact => "int|decimal",
            Self::Timestamp => "timestamp",
            Self::Date => "date",
            Self::TimestampOrDate => "timestamp|date",
            Self::Bytes => "bytes",
            Self::TextOrBytes => "string|bytes",
            Self::List => "list",
            Self::Map => "map",
            Self::ListOrMap => "list|map",
            Self::TextOrList => "string|list",
            Self::Hashable => "string|bytes|int",
            Self::LiteralText(_) => "'…'",
            Self::LiteralInt { .. } => "literal int",
        }
    }

    /// Whether the argument must be written as a literal.
    #[must_use]
    pub const fn is_literal(self) -> bool {
        matches!(self, Self::LiteralText(_) | Self::LiteralInt { .. })
    }

    fn allows(self, found: DataType) -> bool {
        use DataType as T;
        match self {
            Self::Any => true,
            Self::Bool => found == T::Bool,
            Self::Text | Self::LiteralText(_) => found == T::String,
            Self::Int | Self::LiteralInt { .. } => found == T::Int,
            Self::Number | Self::Double => found.is_numeric(),
            Self::Exact => matches!(found, T::Int | T::Decimal { .. }),
            Self::Timestamp => found == T::Timestamp,
            Self::Date => found == T::Date,
            Self::TimestampOrDate => matches!(found, T::Timestamp | T::Date),
            Self::Bytes => found == T::Bytes,
            Self::TextOrBytes => matches!(found, T::String | T::Bytes),
            Self::List => matches!(found, T::List(_)),
            Self::Map => matches!(found, T::Map(_)),
            Self::ListOrMap => matches!(found, T::List(_) | T::Map(_)),
            Self::TextOrList => matches!(found, T::String | T::List(_)),
            Self::Hashable => matches!(found, T::String | T::Bytes | T::Int),
        }
    }

    /// What the argument is cast to; of a `null` literal the first type there is.
    pub(super) const fn target(self, found: Option<DataType>) -> Option<DataType> {
        match (self, found) {
            (Self::Double, _) => Some(DataType::Double),
            (_, Some(found)) => Some(found),
            (Self::Bool, None) => Some(DataType::Bool),
            (
                Self::Text | Self::TextOrBytes | Self::TextOrList | Self::Hashable | Self::LiteralText(_),
                None,
            ) => Some(DataType::String),
            (Self::Int | Self::Number | Self::Exact | Self::LiteralInt { .. }, None) => Some(DataType::Int),
            (Self::Timestamp | Self::TimestampOrDate, None) => Some(DataType::Timestamp),
            (Self::Date, None) => Some(DataType::Date),
            (Self::Bytes, None) => Some(DataType::Bytes),
            (Self::Any | Self::List | Self::Map | Self::ListOrMap, None) => None,
        }
    }

    fn check(self, position: usize, argument: &Type) -> Result<(), TypeError> {
        if let Some(found) = argument.data_type.filter(|found| !self.allows(*found)) {
            return Err(TypeError::Argument { position, expected: self.expected(), found });
        }
        match (self, argument.literal) {
            (Self::LiteralText(literal), Some(Value::String(text))) => {
                (literal.check)(text).map_err(|problem| TypeError::BadLiteral { position, problem })
            }
            (Self::LiteralInt { least, most }, Some(Value::Int(value))) => {
                let problem = || format!("expected {least} to {most}, found {value}");
                let is_in_range = (least..=most).contains(value);
                is_in_range
                    .then_some(())
                    .ok_or_else(|| TypeError::BadLiteral { position, problem: problem() })
            }
            (Self::LiteralText(_) | Self::LiteralInt { .. }, _) => {
                Err(TypeError::NotLiteral { position, expected: self.expected() })
            }
            _ => Ok(()),
        }
    }
}

/// The parameter of the argument at `position`.
#[must_use]
pub fn at(parameters: &[Parameter], position: usize) -> Option<&Parameter> {
    let repeated = parameters.last().filter(|last| last.presence == Presence::Repeated);
    parameters.get(position).or(repeated)
}

/// Their number and the type of each.
pub(super) fn check(parameters: &[Parameter], arguments: &[Type]) -> Result<(), TypeError> {
    let (least, most) = counts(parameters);
    if arguments.len() < least || most.is_some_and(|most| arguments.len() > most) {
        return Err(TypeError::Count { expected: counted(least, most), found: arguments.len() });
    }
    for (position, argument) in arguments.iter().enumerate() {
        if let Some(parameter) = at(parameters, position) {
            parameter.takes.check(position, argument)?;
        }
    }
    Ok(())
}

/// How many arguments there are at least and at most.
#[must_use]
pub fn counts(parameters: &[Parameter]) -> (usize, Option<usize>) {
    let least = parameters.iter().filter(|parameter| parameter.presence != Presence::Optional).count();
    let is_open = parameters.last().is_some_and(|last| last.presence == Presence::Repeated);
    (least, (!is_open).then_some(parameters.len()))
}

fn counted(least: usize, most: Option<usize>) -> String {
    let arguments = |count| if count == 1 { "argument" } else { "arguments" };
    match most {
        None => format!("at least {least} {}", arguments(least)),
        Some(most) if most == least => format!("{least} {}", arguments(least)),
        Some(most) => format!("{least} to {most} arguments"),
    }
}

/// `text string, from int[, length int]`
#[must_use]
pub fn text(parameters: &[Parameter]) -> String {
    let mut text = String::new();
    for (position, parameter) in parameters.iter().enumerate() {
        let comma = if position == 0 { "" } else { ", " };
        let (name, types) = (parameter.name, parameter.takes.types());
        let _ = match parameter.presence {
            Presence::Required => write!(text, "{comma}{name} {types}"),
            Presence::Optional => write!(text, "[{comma}{name} {types}]"),
            Presence::Repeated => write!(text, "{comma}{name} {types}, …"),
        };
    }
    text
}
