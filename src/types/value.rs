//! Values and rows.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use super::{Date, Decimal, EventTime};

/// One value of some [`super::DataType`], or null.
#[derive(Debug, Clone)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    /// Finite, never `-0.0`: built by [`Value::double`].
    Double(f64),
    Decimal(Decimal),
    String(Arc<str>),
    Timestamp(EventTime),
    Bytes(Arc<[u8]>),
    Date(Date),
    /// The elements, in order.
    List(Arc<[Value]>),
    /// Ordered by key, each key once: built by [`Value::map`].
    Map(Arc<[(Value, Value)]>),
    /// The fields' values, in the type's order.
    Struct(Arc<[Value]>),
}

/// The values of one row, in schema order.
pub type Row = Vec<Value>;

impl Value {
    /// A double by rule S7: not finite is null, `-0.0` is `0.0`.
    #[must_use]
    pub fn double(value: f64) -> Self {
        if value.is_finite() { Self::Double(value + 0.0) } else { Self::Null }
    }

    #[must_use]
    pub fn string(value: impl Into<Arc<str>>) -> Self {
        Self::String(value.into())
    }

    #[must_use]
    pub fn bytes(value: impl Into<Arc<[u8]>>) -> Self {
        Self::Bytes(value.into())
    }

    #[must_use]
    pub fn list(elements: impl Into<Arc<[Self]>>) -> Self {
        Self::List(elements.into())
    }

    #[must_use]
    pub fn structure(fields: impl Into<Arc<[Self]>>) -> Self {
        Self::Struct(fields.into())
    }

    /// A map of those entries; of several with one key the last stays.
    #[must_use]
    pub fn map(mut entries: Vec<(Self, Self)>) -> Self {
        // Stable, so that the last of equal keys is the last of its run.
        entries.sort_by(|a, b| a.0.total_cmp(&b.0));
        entries.reverse();
        entries.dedup_by(|later, kept| later.0 == kept.0);
        entries.reverse();
        Self::Map(entries.into())
    }

    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Total order within one type, nulls first; strings by UTF-8 bytes. Values of different
    /// types never meet in typed code; they order by type so that the order stays total.
    #[must_use]
    pub fn total_cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Double(a), Self::Double(b)) => a.total_cmp(b),
            (Self::Decimal(a), Self::Decimal(b)) => a.cmp(b),
            (Self::String(a), Self::String(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Self::Timestamp(a), Self::Timestamp(b)) => a.cmp(b),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::List(a), Self::List(b)) | (Self::Struct(a), Self::Struct(b)) => compare_rows(a, b),
            (Self::Map(a), Self::Map(b)) => cmp_entries(a, b),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Int(_) => 2,
            Self::Double(_) => 3,
            Self::Decimal(_) => 4,
            Self::String(_) => 5,
            Self::Timestamp(_) => 6,
            Self::Bytes(_) => 7,
            Self::Date(_) => 8,
            Self::List(_) => 9,
            Self::Map(_) => 10,
            Self::Struct(_) => 11,
        }
    }
}

/// Rows and lists, element by element; of two with one beginning the shorter is less.
#[must_use]
pub fn compare_rows(a: &[Value], b: &[Value]) -> Ordering {
    let differing = a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
    differing.unwrap_or_else(|| a.len().cmp(&b.len()))
}

fn cmp_entries(a: &[(Value, Value)], b: &[(Value, Value)]) -> Ordering {
    let each =
        |(a, b): (&(Value, Value), &(Value, Value))| a.0.total_cmp(&b.0).then_with(|| a.1.total_cmp(&b.1));
    a.iter().zip(b).map(each).find(|order| order.is_ne()).unwrap_or_else(|| a.len().cmp(&b.len()))
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.total_cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

impl fmt::Display for Value {
    /// The value as a person reads it in a table; null is empty.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Double(value) => write!(f, "{value:?}"),
            Self::Decimal(value) => write!(f, "{value}"),
            Self::String(value) => f.write_str(value),
            Self::Timestamp(value) => write!(f, "{value}"),
            Self::Date(value) => write!(f, "{value}"),
            Self::Bytes(value) => value.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            Self::List(elements) => write_all(f, '[', elements, ']'),
            Self::Struct(fields) => write_all(f, '(', fields, ')'),
            Self::Map(entries) => write_entries(f, entries),
        }
    }
}

fn write_all(f: &mut fmt::Formatter<'_>, open: char, values: &[Value], close: char) -> fmt::Result {
    f.write_char(open)?;
    for (position, value) in values.iter().enumerate() {
        f.write_str(if position == 0 { "" } else { ", " })?;
        write_part(f, value)?;
    }
    f.write_char(close)
}

fn write_entries(f: &mut fmt::Formatter<'_>, entries: &[(Value, Value)]) -> fmt::Result {
    f.write_char('{')?;
    for (position, (key, value)) in entries.iter().enumerate() {
        write!(f, "{}{key}: ", if position == 0 { "" } else { ", " })?;
        write_part(f, value)?;
    }
    f.write_char('}')
}

/// Inside a list, empty would be nothing: null is said.
fn write_part(f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
    if value.is_null() { f.write_str("null") } else { write!(f, "{value}") }
}
