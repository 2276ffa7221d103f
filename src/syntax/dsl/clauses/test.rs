//! The steps of a test.

use crate::syntax::ast::{Expectation, Name, Test, TestRow, TestStep, TestTime, TestValue};
use crate::syntax::dsl::builder::{Builder, only, parts};
use crate::syntax::dsl::{Pair, Rule};

use super::{Clauses, Seen};

pub(in crate::syntax::dsl) struct TestClauses {
    node: Test,
    seen: Seen,
}

/// What `event`, `row` and `deleted` have behind their word.
struct Arrival {
    name: Name,
    at: Option<TestTime>,
    fields: TestRow,
    arrives: Option<TestTime>,
}

impl TestClauses {
    pub(in crate::syntax::dsl) fn new(of: Option<Name>, title: Name) -> Self {
        Self { node: Test { of, ..Test::titled(title) }, seen: Seen::default() }
    }
}

impl Clauses for TestClauses {
    type Node = Test;

    fn take(&mut self, builder: &mut Builder<'_, '_>, clause: Pair<'_>) {
        if clause.as_rule() != Rule::test_date {
            self.node.steps.extend(builder.test_step(&clause));
        } else if self.seen.first(builder, &clause) {
            self.node.date = Some(builder.text(&only(&clause)));
        }
    }

    fn finish(self) -> Test {
        self.node
    }
}

impl Builder<'_, '_> {
    /// A step; `None` if a value in it is wrong, which is reported.
    fn test_step(&mut self, pair: &Pair<'_>) -> Option<TestStep> {
        Some(match pair.as_rule() {
            Rule::event => {
                let Arrival { name, at, fields, arrives } = self.arrival(pair)?;
                TestStep::Event { source: name, at, fields, arrives }
            }
            Rule::deleted => {
                let Arrival { name, at, fields, arrives } = self.arrival(pair)?;
                TestStep::Deleted { table: name, at, fields, arrives }
            }
            Rule::nothing => TestStep::Nothing { source: self.name(&only(pair)) },
            Rule::clock => TestStep::Clock(self.instant(&only(pair))),
            _ => TestStep::Expect(self.expectation(pair)?),
        })
    }

    fn arrival(&mut self, pair: &Pair<'_>) -> Option<Arrival> {
        let name = self.name(&only(pair));
        let mut arrival = Arrival { name, at: None, fields: Vec::new(), arrives: None };
        for part in parts(pair).skip(1) {
            match part.as_rule() {
                Rule::at => arrival.at = Some(self.instant(&only(&part))),
                Rule::arrives => arrival.arrives = Some(self.instant(&only(&part))),
                _ => arrival.fields = self.row(&part)?,
            }
        }
        Some(arrival)
    }

    fn expectation(&mut self, pair: &Pair<'_>) -> Option<Expectation> {
        let span = self.span(pair);
        let kind = only(pair);
        let mut inner = parts(&kind);
        let mut name = || inner.next().expect("the grammar gives this expectation its parts");
        Some(match kind.as_rule() {
            Rule::expect_error => {
                let (code, definition) = (name(), name());
                // Line ends change nothing.
                let definition = self.label(&definition).map(|text| text.replace("\r\n", "\n"));
                Expectation::Error { code: self.name(&code), definition }
            }
            Rule::expect_letter => {
                let reason = self.name(&name());
                Expectation::DeadLetter { reason, source: inner.next().map(|source| self.name(&source)) }
            }
            Rule::expect_count => {
                let (counter, count) = (name(), name());
                Expectation::Counter { counter: self.name(&counter), count: self.count(&count)? }
            }
            rule => {
                let (mut at, mut fields) = (None, Vec::new());
                for part in inner {
                    match part.as_rule() {
                        Rule::at => at = Some(self.instant(&only(&part))),
                        _ => fields = self.row(&part)?,
                    }
                }
                if rule == Rule::expect_no_row {
                    Expectation::NoRow { at, fields, span }
                } else {
                    Expectation::Row { at, fields, span }
                }
            }
        })
    }

    /// `'10:00'`, or milliseconds.
    fn instant(&mut self, pair: &Pair<'_>) -> TestTime {
        let written = only(pair);
        self.text(&written)
    }

    /// `{ column: value, … }`; `None` if a value is wrong.
    fn row(&mut self, pair: &Pair<'_>) -> Option<TestRow> {
        let mut row = Some(TestRow::new());
        for cell in parts(pair) {
            let mut inner = parts(&cell);
            let (name, value) = inner.next().zip(inner.next())?;
            let cell = (self.name(&name), self.test_value(&value));
            row = row.zip(cell.1).map(|(mut row, value)| {
                row.push((cell.0, value));
                row
            });
        }
        row
    }

    /// Recursion ends at the scanner's nesting limit.
    fn test_value(&mut self, pair: &Pair<'_>) -> Option<TestValue> {
        let kind = only(pair);
        let span = self.span(&kind);
        match kind.as_rule() {
            Rule::list => {
                let values: Vec<_> = parts(&kind).map(|value| self.test_value(&value)).collect();
                Some(TestValue::List(values.into_iter().collect::<Option<_>>()?, span))
            }
            Rule::object => {
                let entries: Vec<_> = parts(&kind).map(|entry| self.entry(&entry)).collect();
                Some(TestValue::Object(entries.into_iter().collect::<Option<_>>()?, span))
            }
            _ => self.expr(kind).map(TestValue::Scalar),
        }
    }

    fn entry(&mut self, pair: &Pair<'_>) -> Option<(Name, TestValue)> {
        let mut inner = parts(pair);
        let (key, value) = inner.next().zip(inner.next())?;
        Some((self.text(&key), self.test_value(&value)?))
    }
}
