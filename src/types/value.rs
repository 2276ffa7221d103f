//! Values and rows.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::{Decimal, EventTime};

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
        }
    }
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
        }
    }
}
