//! `min(x)` and `max(x)`: the least and the greatest value; strings by their UTF-8 bytes.

use std::cmp::Ordering;

use super::datum::{Datum, Held};

/// The best value so far.
#[derive(Debug, Clone, Default)]
pub struct Extreme {
    best: Held,
}

impl Extreme {
    pub fn clear(&mut self) {
        self.best.set(Datum::Null);
    }

    /// Keeps `value` if it compares to the best as `wanted`: less for min, greater for max.
    pub fn add(&mut self, value: Datum<'_>, wanted: Ordering) {
        if self.best.get().is_null() || value.compare(&self.best.get()) == wanted {
            self.best.set(value);
        }
    }

    #[must_use]
    pub fn get(&self) -> Datum<'_> {
        self.best.get()
    }
}
