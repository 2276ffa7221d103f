//! Plays a test and holds each expectation against what came out.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dataflow::Caller;
use crate::diag::{Code, Diagnostic, Span};
use crate::model::Model;
use crate::model::tested::{Counter, Expected, Test, TestStep};
use crate::sim::{Happening, Played};
use crate::types::{EventTime, Row};

use super::compare::Found;
use super::prepare::{self, Prepared};
use super::verdict::{Failure, Verdict};

/// Checks a definition text beside the project's.
pub trait Definitions {
    /// The codes of the problems that the text adds.
    fn problems(&self, text: &str) -> Vec<String>;
}

/// Runs one test of a model. `caller` answers its model calls.
#[must_use]
pub fn run(
    model: &Model,
    test: &Test,
    definitions: &dyn Definitions,
    caller: Option<&Arc<dyn Caller>>,
) -> Verdict {
    let mut failures = errors(test, definitions);
    if let Some(of) = test.of {
        let prepared = match prepare::plan(model, of, caller) {
            Ok(prepared) => prepared,
            Err(problems) => return Verdict::Refused(problems),
        };
        match Play::of(model, test, prepared).and_then(|play| play.failures(test)) {
            Ok(more) => failures.extend(more),
            Err(problem) => return Verdict::refused(*problem),
        }
    }
    if failures.is_empty() { Verdict::Passed } else { Verdict::Failed(failures) }
}

/// Expected problems of definition texts.
fn errors(test: &Test, definitions: &dyn Definitions) -> Vec<Failure> {
    let mut failures = Vec::new();
    for step in &test.steps {
        let TestStep::Expect(Expected::Error { code, definition, span }) = step else { continue };
        let found = definitions.problems(definition);
        if !found.contains(code) {
            let found = if found.is_empty() {
                "the text has no problem".to_owned()
            } else {
                format!("the text has {}", found.join(", "))
            };
            failures.push(Failure::new(*span, format!("expected {code}; {found}")));
        }
    }
    failures
}

struct Play<'m> {
    model: &'m Model,
    prepared: Prepared,
    /// Each with the position of its step.
    happenings: Vec<(usize, Happening)>,
}

impl<'m> Play<'m> {
    fn of(model: &'m Model, test: &Test, prepared: Prepared) -> Result<Self, Box<Diagnostic>> {
        let happenings = prepare::happenings(model, &prepared.plan, test)?;
        Ok(Self { model, prepared, happenings })
    }

    /// What happened before a step, played to a cut or as it is live.
    fn play(&self, before: usize, cut: Option<i64>, span: Span) -> Result<Played, Box<Diagnostic>> {
        let so_far = self.happenings.iter().take_while(|(step, _)| *step < before);
        let so_far: Vec<Happening> = so_far.map(|(_, happening)| happening.clone()).collect();
        self.prepared
            .play(&so_far, cut.map(EventTime))
            .map_err(|error| Box::new(Diagnostic::error(Code::E0955, span, error.to_string())))
    }

    fn failures(&self, test: &Test) -> Result<Vec<Failure>, Box<Diagnostic>> {
        let mut failures = Vec::new();
        for (position, step) in test.steps.iter().enumerate() {
            let TestStep::Expect(expected) = step else { continue };
            match expected {
                Expected::Row { at, cells, span } => {
                    let played = self.play(position, *at, *span)?;
                    failures.extend(self.rows(&played, |rows| rows.row(cells, *span)));
                }
                Expected::NoRow { at, cells, span } => {
                    let played = self.play(position, *at, *span)?;
                    failures.extend(self.rows(&played, |rows| rows.no_row(cells, *span)));
                }
                Expected::Counter { counter, count, span } => {
                    let played = self.play(position, None, *span)?;
                    failures.extend(self.counter(&played, *counter, *count, *span));
                }
                Expected::DeadLetter { .. } | Expected::Error { .. } => {}
            }
        }
        failures.extend(self.dead_letters(test)?);
        Ok(failures)
    }

    fn rows<T>(&self, played: &Played, compare: impl FnOnce(Found<'_>) -> T) -> T {
        let Prepared { plan, publisher, keys, .. } = &self.prepared;
        let table = played.outcome.tables.get(publisher);
        let rows = table.into_iter().flat_map(|table| &table.rows).map(|(_, _, row)| row).collect();
        let fields = &plan.node(*publisher).output.fields;
        let empty: Option<&Row> = played.empty.get(publisher);
        compare(Found { fields, rows, keys: *keys, empty })
    }

    /// Of all keyed nodes of the tested definition.
    fn counter(&self, played: &Played, counter: Counter, expected: u64, span: Span) -> Option<Failure> {
        let of_target = |id| self.prepared.plan.node(id).definition == self.prepared.definition;
        let nodes = played.outcome.ledger.nodes.iter().filter(|(id, _)| of_target(*id));
        let found: u64 = nodes
            .map(|(_, counts)| match counter {
                Counter::Applied => counts.applied,
                Counter::Filtered => counts.filtered,
                Counter::NullKey => counts.null_key,
                Counter::Duplicate => counts.duplicate,
                Counter::Expired => counts.expired,
                Counter::IdConflict => counts.id_conflict,
                Counter::Missed => counts.missed,
                Counter::LookupMissed => counts.lookup_missed,
                Counter::CallFailed => counts.call_failed,
            })
            .sum();
        (found != expected)
            .then(|| Failure::new(span, format!("expected {} = {expected}, found {found}", counter.name())))
    }

    /// Every dead letter is expected, and every expected one is there.
    fn dead_letters(&self, test: &Test) -> Result<Vec<Failure>, Box<Diagnostic>> {
        let played = self.play(usize::MAX, None, test.span)?;
        let mut letters: BTreeMap<(String, &str), Vec<&str>> = BTreeMap::new();
        for refused in &played.outcome.dead_letters {
            let key = (refused.source.clone(), refused.letter.reason);
            letters.entry(key).or_default().push(&refused.letter.detail);
        }
        let mut failures = Vec::new();
        for step in &test.steps {
            let TestStep::Expect(Expected::DeadLetter { reason, source, span }) = step else { continue };
            let source = source.map(|id| &self.model.source(id).name);
            let found = letters.iter_mut().find(|((of, why), details)| {
                why == reason && source.is_none_or(|source| of == source) && !details.is_empty()
            });
            match found {
                Some((_, details)) => drop(details.pop()),
                None => {
                    failures.push(Failure::new(*span, format!("there is no such dead letter `{reason}`")));
                }
            }
        }
        for ((source, reason), details) in letters {
            failures.extend(details.into_iter().map(|detail| {
                Failure::new(
                    test.span,
                    format!("a record of `{source}` is a dead letter, `{reason}`: {detail}"),
                )
            }));
        }
        Ok(failures)
    }
}
