//! The page of a code, and the code as text.

use super::{Code, pages};

/// What a code means, for `windrow explain CODE`.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    pub code: Code,
    /// One line, as in a list.
    pub title: &'static str,
    /// Why it is an error and how to get out of it.
    pub text: &'static str,
}

impl Code {
    /// The page of a code by its name, in any case.
    #[must_use]
    pub fn page(name: &str) -> Option<&'static Page> {
        pages().iter().find(|page| page.code.as_str().eq_ignore_ascii_case(name))
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
