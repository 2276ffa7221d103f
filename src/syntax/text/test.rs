//! The steps of a test.

use super::Lines;
use super::expr::expr;
use crate::syntax::ast::{Expectation, Name, Test, TestStep, TestTime, TestValue};

pub(super) fn test_text(test: &Test) -> String {
    let of = test.of.as_ref().map(|of| format!("{} ", of.value)).unwrap_or_default();
    let mut lines = Lines(format!("test {of}{:?}\n", test.title.value));
    lines.quoted("date", test.date.as_ref());
    for step in &test.steps {
        match step {
            TestStep::Event { source, at, fields, arrives } => {
                lines.line("event", arrival(source, at.as_ref(), fields, arrives.as_ref()));
            }
            TestStep::Deleted { table, at, fields, arrives } => {
                lines.line("deleted", arrival(table, at.as_ref(), fields, arrives.as_ref()));
            }
            TestStep::Nothing { source } => lines.line("no events from", &source.value),
            TestStep::Clock(time) => lines.line("clock", format_args!("{:?}", time.value)),
            TestStep::Expect(expected) => lines.line("expect", expectation(expected)),
        }
    }
    lines.0
}

fn arrival(
    name: &Name,
    at: Option<&TestTime>,
    fields: &[(Name, TestValue)],
    arrives: Option<&TestTime>,
) -> String {
    format!("{}{} {}{}", name.value, time("at", at), row(fields), time("arrives", arrives))
}

fn time(word: &str, time: Option<&TestTime>) -> String {
    time.map(|time| format!(" {word} {:?}", time.value)).unwrap_or_default()
}

fn expectation(expected: &Expectation) -> String {
    match expected {
        Expectation::Row { at, fields, .. } => format!("row{} {}", time("at", at.as_ref()), row(fields)),
        Expectation::NoRow { at, fields, .. } => format!("no row{} {}", time("at", at.as_ref()), row(fields)),
        Expectation::DeadLetter { reason, source } => {
            let source = source.as_ref().map(|source| format!(" from {}", source.value)).unwrap_or_default();
            format!("dead letter {}{source}", reason.value)
        }
        Expectation::Counter { counter, count } => format!("{} = {}", counter.value, count.value),
        Expectation::Error { code, definition } => format!("error {} in {:?}", code.value, definition.value),
    }
}

fn row(fields: &[(Name, TestValue)]) -> String {
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| format!("{}: {}", name.value, value_text(value))).collect();
    format!("{{{}}}", fields.join(", "))
}

fn value_text(value: &TestValue) -> String {
    match value {
        TestValue::Scalar(scalar) => expr(scalar),
        TestValue::List(values, _) => {
            format!("[{}]", values.iter().map(value_text).collect::<Vec<_>>().join(", "))
        }
        TestValue::Object(entries, _) => {
            let entries: Vec<_> = entries
                .iter()
                .map(|(key, value)| format!("{:?}: {}", key.value, value_text(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}
