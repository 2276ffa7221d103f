//! One problem, and the collection of a run's problems.

use super::{Code, FileId, Span};

/// After so many errors a stage looks for no more.
const ERRORS_MAX: usize = 500;

/// How bad it is: errors stop at the next stage border, warnings do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

/// A problem in a text: what, where, and the way out.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    /// Lower case, names in back-ticks, what was expected and found.
    pub message: String,
    /// The place; `None` only where no text exists (a missing file).
    pub span: Option<Span>,
    /// Short words at the caret; may be empty.
    pub label: String,
    /// The other sides of a conflict.
    pub secondary: Vec<(Span, String)>,
    pub notes: Vec<String>,
    /// What to do next.
    pub hint: Option<String>,
}

/// The problems of a run, in the order they were found; [`Diagnostics::sorted`] orders by place.
#[derive(Debug, Default, Clone)]
pub struct Diagnostics {
    items: Vec<Diagnostic>,
    errors: usize,
}

impl Severity {
    /// As it is written in every output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl Diagnostic {
    #[must_use]
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, Some(span), message.into())
    }

    #[must_use]
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, Some(span), message.into())
    }

    /// An error that has no text to point into.
    #[must_use]
    pub fn without_place(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, None, message.into())
    }

    fn new(code: Code, severity: Severity, span: Option<Span>, message: String) -> Self {
        let (label, secondary, notes) = (String::new(), Vec::new(), Vec::new());
        Self { code, severity, message, span, label, secondary, notes, hint: None }
    }

    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    #[must_use]
    pub fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.secondary.push((span, label.into()));
        self
    }

    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Diagnostics {
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.severity == Severity::Error);
        self.items.push(diagnostic);
    }

    pub fn extend(&mut self, other: Self) {
        self.errors += other.errors;
        self.items.extend(other.items);
    }

    #[must_use]
    pub const fn error_count(&self) -> usize {
        self.errors
    }

    #[must_use]
    pub const fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Whether there are more errors than anybody reads: who finds them may stop.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.errors > ERRORS_MAX
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.items.iter()
    }

    /// Gives those without a place the beginning of this file.
    #[must_use]
    pub fn in_file(mut self, file: FileId) -> Self {
        for item in &mut self.items {
            item.span.get_or_insert(Span::new(file, 0, 0));
        }
        self
    }

    /// Those that stand in this file, or nowhere.
    #[must_use]
    pub fn only_in(self, file: FileId) -> Self {
        let mut inside = Self::default();
        for item in self.items.into_iter().filter(|item| item.span.is_none_or(|span| span.file == file)) {
            inside.push(item);
        }
        inside
    }

    /// All but those of some codes.
    #[must_use]
    pub fn without(self, codes: &[Code]) -> Self {
        let mut others = Self::default();
        for item in self.items.into_iter().filter(|item| !codes.contains(&item.code)) {
            others.push(item);
        }
        others
    }

    /// By file and place, then code; places first, problems without a place at the front.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.items.sort_by(|a, b| (a.span, a.code, &a.message).cmp(&(b.span, b.code, &b.message)));
        self
    }
}
