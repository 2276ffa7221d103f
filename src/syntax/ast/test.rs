//! Tests inside definitions: events in order of arrival, and what is expected of them.

use crate::diag::{Span, Spanned};

use super::{Expr, Name};

/// `test NAME "title" { … }`. The steps happen in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The group by, join, stream or deployment it is about; none for a test that expects a diagnostic.
    pub of: Option<Name>,
    pub title: Name,
    /// `date '2024-05-01'`: the day of times that are written without one.
    pub date: Option<Spanned<String>>,
    pub steps: Vec<TestStep>,
    /// A part of it could not be read, which was reported: what is missing may be there.
    pub incomplete: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TestStep {
    /// `event SOURCE at '10:00' { user_id: 'u1', amount: 5.00 } [arrives '10:05']`, for a table `row TABLE …`.
    Event {
        source: Name,
        at: Option<TestTime>,
        fields: TestRow,
        arrives: Option<TestTime>,
    },
    /// `deleted TABLE at '10:00' { key }`: a tombstone.
    Deleted {
        table: Name,
        at: Option<TestTime>,
        fields: TestRow,
        arrives: Option<TestTime>,
    },
    /// `no events from SOURCE`: says that none are meant to be.
    Nothing {
        source: Name,
    },
    /// `clock '11:00'`: every log is read to its end, and it is that time.
    Clock(TestTime),
    Expect(Expectation),
}

#[derive(Debug, Clone)]
pub enum Expectation {
    /// `expect at '11:00' { user_id: 'u1', spend_1h: 5.00 }`: the row of that key as of then; columns
    /// that are not named may be anything. Of a join or stream without `at`: a row that was put out.
    Row { at: Option<TestTime>, fields: TestRow, span: Span },
    /// `expect no row at '11:00' { user_id: 'u2' }`
    NoRow { at: Option<TestTime>, fields: TestRow, span: Span },
    /// `expect dead letter REASON [from SOURCE]`, as often as it is written.
    DeadLetter { reason: Name, source: Option<Name> },
    /// `expect COUNTER = 1`: a counter of the ledger, such as `expired`.
    Counter { counter: Name, count: Spanned<String> },
    /// `expect error E0307 in "group_by bad { … }"`: the definition text, checked beside the project's, is refused so.
    Error { code: Name, definition: Spanned<String> },
}

/// ISO 8601, milliseconds, or a time of the test's day: `'10:00'`, `'10:00:00.250'`.
pub type TestTime = Spanned<String>;

/// Columns and values, in written order.
pub type TestRow = Vec<(Name, TestValue)>;

#[derive(Debug, Clone)]
pub enum TestValue {
    /// A literal or constant expression.
    Scalar(Expr),
    List(Vec<TestValue>, Span),
    /// A map or a struct.
    Object(Vec<(Spanned<String>, TestValue)>, Span),
}

impl Test {
    /// A test without steps.
    #[must_use]
    pub const fn titled(title: Name) -> Self {
        Self { of: None, title, date: None, steps: Vec::new(), incomplete: false }
    }
}

/// Ignores places, as everywhere in the tree.
impl PartialEq for Expectation {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Row { at, fields, .. }, Self::Row { at: other_at, fields: others, .. })
            | (Self::NoRow { at, fields, .. }, Self::NoRow { at: other_at, fields: others, .. }) => {
                at == other_at && fields == others
            }
            (
                Self::DeadLetter { reason, source },
                Self::DeadLetter { reason: other_reason, source: other_source },
            ) => reason == other_reason && source == other_source,
            (Self::Counter { counter, count }, Self::Counter { counter: other_counter, count: others }) => {
                counter == other_counter && count == others
            }
            (Self::Error { code, definition }, Self::Error { code: other_code, definition: others }) => {
                code == other_code && definition == others
            }
            (
                Self::Row { .. }
                | Self::NoRow { .. }
                | Self::DeadLetter { .. }
                | Self::Counter { .. }
                | Self::Error { .. },
                _,
            ) => false,
        }
    }
}

/// Ignores places, as everywhere in the tree.
impl PartialEq for TestValue {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Scalar(value), Self::Scalar(others)) => value == others,
            (Self::List(values, _), Self::List(others, _)) => values == others,
            (Self::Object(entries, _), Self::Object(others, _)) => entries == others,
            (Self::Scalar(_) | Self::List(..) | Self::Object(..), _) => false,
        }
    }
}
