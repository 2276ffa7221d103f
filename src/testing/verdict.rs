//! What came of a test.

use crate::diag::{Diagnostic, Diagnostics, Span};

/// The outcome of one test.
#[derive(Debug)]
pub enum Verdict {
    /// Everything was as expected.
    Passed,
    /// In order of the expectations.
    Failed(Vec<Failure>),
    /// The test could not be run: what it tests cannot be, or an event lacks a field.
    Refused(Diagnostics),
}

/// One expectation that did not hold.
#[derive(Debug)]
pub struct Failure {
    /// The expectation.
    pub span: Span,
    /// What is wrong, in a sentence.
    pub message: String,
    /// Of rows: every cell that was compared, equal ones too.
    pub cells: Vec<CellDifference>,
}

/// A cell as it was expected and as it is; texts as people read values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellDifference {
    pub column: String,
    pub expected: String,
    pub found: String,
    pub is_equal: bool,
}

impl Failure {
    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), cells: Vec::new() }
    }
}

impl Verdict {
    #[must_use]
    pub const fn has_passed(&self) -> bool {
        matches!(self, Self::Passed)
    }

    pub(super) fn refused(problem: Diagnostic) -> Self {
        let mut problems = Diagnostics::default();
        problems.push(problem);
        Self::Refused(problems)
    }
}
