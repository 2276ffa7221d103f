//! Resolved tests: events and clock steps in order, and what is expected of them.

use crate::diag::Span;
use crate::types::{Row, Value};

use super::{SourceId, TableId, Target};

/// A resolved `test`.
#[derive(Debug, Clone)]
pub struct Test {
    pub title: String,
    pub span: Span,
    /// `None`: it only expects diagnostics.
    pub of: Option<Target>,
    pub steps: Vec<TestStep>,
}

/// Where a test's record goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TestInput {
    Source(SourceId),
    Table(TableId),
}

/// One step; they happen in order.
#[derive(Debug, Clone)]
pub enum TestStep {
    Event(TestEvent),
    /// A record without value: the key is no longer in the table.
    Deleted {
        table: TableId,
        key: Row,
        at_ms: i64,
    },
    /// No events of this input are meant to be.
    Nothing(TestInput),
    /// Every log is read to its end, and it is that time (ms).
    Clock(i64),
    Expect(Expected),
}

/// A record as the test writes it.
#[derive(Debug, Clone)]
pub struct TestEvent {
    pub input: TestInput,
    /// Slots of the input's fields and their values, in slot order; the event time is among them.
    pub values: Vec<(usize, Value)>,
    /// The record's own timestamp, ms.
    pub arrival_ms: i64,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum Expected {
    /// `at`: the row of V(key, at); else the newest row that was put out.
    Row {
        at: Option<i64>,
        cells: Vec<Cell>,
        span: Span,
    },
    NoRow {
        at: Option<i64>,
        cells: Vec<Cell>,
        span: Span,
    },
    /// Dead letters of that reason, one for each time it is expected.
    DeadLetter {
        reason: String,
        source: Option<SourceId>,
        span: Span,
    },
    /// A counter of the ledger.
    Counter {
        counter: Counter,
        count: u64,
        span: Span,
    },
    /// The text beside the project's definitions has a problem of this code.
    Error {
        code: String,
        definition: String,
        span: Span,
    },
}

/// A column of the target's rows and its expected value.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Position among the target's output columns.
    pub column: usize,
    pub value: Value,
    pub span: Span,
}

/// The counters of a keyed node that a test may expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    Applied,
    Filtered,
    NullKey,
    Duplicate,
    Expired,
    IdConflict,
    Missed,
    LookupMissed,
    CallFailed,
}

impl Counter {
    pub const ALL: [Self; 9] = [
        Self::Applied,
        Self::Filtered,
        Self::NullKey,
        Self::Duplicate,
        Self::Expired,
        Self::IdConflict,
        Self::Missed,
        Self::LookupMissed,
        Self::CallFailed,
    ];

    /// The word for it, as in the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Filtered => "filtered",
            Self::NullKey => "null_key",
            Self::Duplicate => "duplicate",
            Self::Expired => "expired",
            Self::IdConflict => "id_conflict",
            Self::Missed => "missed",
            Self::LookupMissed => "lookup_missed",
            Self::CallFailed => "call_failed",
        }
    }
}
