//! Shared, never freed parts of nested types, so that a [`super::DataType`] stays a small `Copy` value.
//!
//! Each distinct part is kept once per process: what a project declares is bounded, and so is this.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{LazyLock, Mutex, PoisonError};

/// A part of a type that lives as long as the process. Compares by value.
#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Interned<T: 'static>(&'static T);

impl<T> Clone for Interned<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Interned<T> {}

impl<T> Deref for Interned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0
    }
}

impl<T: fmt::Display> fmt::Display for Interned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The parts of one kind that were seen so far.
pub(super) struct Pool<T: 'static>(LazyLock<Mutex<HashSet<ByValue<T>>>>);

struct ByValue<T: 'static>(&'static T);

impl<T: Hash> Hash for ByValue<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T: PartialEq> PartialEq for ByValue<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T: Eq> Eq for ByValue<T> {}

impl<T> Borrow<T> for ByValue<T> {
    fn borrow(&self) -> &T {
        self.0
    }
}

impl<T: Eq + Hash> Pool<T> {
    pub(super) const fn new() -> Self {
        Self(LazyLock::new(Mutex::default))
    }

    /// The one copy of `part`.
    pub(super) fn intern(&self, part: T) -> Interned<T> {
        // A panic cannot leave the set half-changed: insert is its last act.
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = seen.get(&part) {
            return Interned(known.0);
        }
        let part: &'static T = Box::leak(Box::new(part));
        seen.insert(ByValue(part));
        Interned(part)
    }
}
