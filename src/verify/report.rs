//! What was compared, per definition and engine.

use std::collections::BTreeMap;

use crate::oracle::Comparison;

/// One definition on one engine.
#[derive(Debug, Clone, Default)]
pub struct Line {
    pub scenarios: u64,
    pub cells: u64,
    pub differing_cells: u64,
    /// Scenarios that the engine did not finish.
    pub failures: u64,
    /// How often an executor was killed on the way.
    pub kills: u64,
    /// The first difference or failure, and its scenario.
    pub first: Option<(u64, String)>,
}

/// The whole comparison.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// By definition and engine.
    pub lines: BTreeMap<(String, String), Line>,
    /// Definitions that were left out, and why.
    pub skipped: BTreeMap<String, String>,
}

impl Report {
    #[must_use]
    pub fn cells(&self) -> u64 {
        self.lines.values().map(|line| line.cells).sum()
    }

    #[must_use]
    pub fn differing_cells(&self) -> u64 {
        self.lines.values().map(|line| line.differing_cells).sum()
    }

    /// Scenarios that an engine did not finish.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.lines.values().map(|line| line.failures).sum()
    }

    pub(super) fn skip(&mut self, definition: &str, reason: &str) {
        self.skipped.insert(definition.to_owned(), reason.to_owned());
    }

    pub(super) fn add(&mut self, definition: &str, engine: &str, scenario: u64, compared: &Comparison) {
        let line = self.line(definition, engine);
        line.scenarios += 1;
        line.cells += compared.cells as u64;
        line.differing_cells += compared.differing.len() as u64;
        if line.first.is_none() && !compared.differing.is_empty() {
            line.first = Some((scenario, compared.to_string()));
        }
    }

    pub(super) fn fail(&mut self, definition: &str, engine: &str, scenario: u64, error: &str) {
        let line = self.line(definition, engine);
        line.scenarios += 1;
        line.failures += 1;
        line.first.get_or_insert_with(|| (scenario, error.to_owned()));
    }

    pub(super) fn killed(&mut self, definition: &str, engine: &str, kills: u64) {
        self.line(definition, engine).kills += kills;
    }

    fn line(&mut self, definition: &str, engine: &str) -> &mut Line {
        self.lines.entry((definition.to_owned(), engine.to_owned())).or_default()
    }
}
