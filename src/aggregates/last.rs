//! `last(x)`: the value of the newest event that has one. Ties go to the greater event id, then to
//! the greater value (rule S5): never to arrival.

use super::datum::{Datum, Held};

/// The newest value so far and what it is ordered by.
#[derive(Debug, Clone, Default)]
pub struct Last {
    ts: i64,
    id: Held,
    value: Held,
}

impl Last {
    pub fn clear(&mut self) {
        self.value.set(Datum::Null);
    }

    pub fn add(&mut self, ts: i64, id: Datum<'_>, value: Datum<'_>) {
        let order = ts
            .cmp(&self.ts)
            .then_with(|| id.compare(&self.id.get()))
            .then_with(|| value.compare(&self.value.get()));
        if self.value.get().is_null() || order.is_gt() {
            self.ts = ts;
            self.id.set(id);
            self.value.set(value);
        }
    }

    #[must_use]
    pub fn get(&self) -> (i64, Datum<'_>, Datum<'_>) {
        (self.ts, self.id.get(), self.value.get())
    }
}
