//! One problem, and the collection of a run's problems.

use super::{Code, FileId, Span};

/// After so many errors a stage looks for no more. Of those that it finds all the same, and of warnings, more
/// are counted only: a text of mistakes must not take memory without end.
const PROBLEMS_MAX: usize = 500;

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
    /// What nobody may read, wherever a line that holds it is shown.
    pub hidden: Vec<Span>,
    /// What to do next.
    pub hint: Option<String>,
}

/// The problems of a run, in the order they were found; [`Diagnostics::sorted`] orders by place.
#[derive(Debug, Default, Clone)]
pub struct Diagnostics {
    items: Vec<Diagnostic>,
    /// All errors, also those that were left out.
    errors: usize,
    /// Problems that were counted only.
    left_out: usize,
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
        let (label, secondary, notes, hidden) = (String::new(), Vec::new(), Vec::new(), Vec::new());
        Self { code, severity, message, span, label, secondary, notes, hidden, hint: None }
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
    pub fn hide(mut self, secret: Span) -> Self {
        self.hidden.push(secret);
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
        let is_error = diagnostic.severity == Severity::Error;
        self.errors += usize::from(is_error);
        let warnings = || self.items.iter().filter(|item| item.severity == Severity::Warning).count();
        let too_many = if is_error {
            self.errors > PROBLEMS_MAX + 1
        } else {
            self.items.len() > PROBLEMS_MAX && warnings() >= PROBLEMS_MAX
        };
        if too_many {
            self.left_out += 1;
        } else {
            self.items.push(diagnostic);
        }
    }

    /// An error that takes time to put into words.
    pub fn push_error_with(&mut self, error: impl FnOnce() -> Diagnostic) {
        if self.is_full() {
            self.errors += 1;
            self.left_out += 1;
        } else {
            self.push(error());
        }
    }

    pub fn extend(&mut self, other: Self) {
        self.errors += other.errors;
        self.left_out += other.left_out;
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
        self.errors > PROBLEMS_MAX
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
        let held =
            |items: &[Diagnostic]| items.iter().filter(|item| item.severity == Severity::Error).count();
        let counted_only = self.errors - held(&self.items);
        let items: Vec<_> = self.items.into_iter().filter(|item| !codes.contains(&item.code)).collect();
        Self { errors: held(&items) + counted_only, items, left_out: self.left_out }
    }

    /// Says at the last place that there is more, if there is: for the end of a stage.
    #[must_use]
    pub fn rounded_off(mut self) -> Self {
        if !self.is_full() && self.left_out == 0 {
            return self;
        }
        let more = match std::mem::take(&mut self.left_out) {
            0 => format!("more than {PROBLEMS_MAX} errors: what follows was not looked at"),
            count => format!("and {count} more problems, which are not shown"),
        };
        let last = self.items.iter().filter_map(|item| item.span).max();
        let mut problem =
            Diagnostic::without_place(Code::E0640, more).hint("mend those above, and check again");
        problem.span = last;
        self.items.push(problem);
        self.errors += 1;
        self
    }

    /// By file and place, then code; places first, problems without a place at the front.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.items.sort_by(|a, b| (a.span, a.code, &a.message).cmp(&(b.span, b.code, &b.message)));
        self
    }
}
