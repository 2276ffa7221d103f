//! `count()` counts rows, `count(x)` those where x is not null.

/// How many values there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count(pub u64);

impl Count {
    /// The output: an int.
    #[must_use]
    pub fn value(self) -> crate::types::Value {
        crate::types::Value::Int(i64::try_from(self.0).unwrap_or(i64::MAX))
    }
}
