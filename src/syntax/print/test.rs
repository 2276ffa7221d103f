//! Tests inside definitions.

use crate::syntax::ast::{Expectation, Test, TestRow, TestStep, TestTime, TestValue};
use crate::syntax::words;

use super::clause::{Block, Clauses};
use super::expr;
use super::word::{at, list, name, quoted, string};

pub(super) fn block(node: &Test) -> Block {
    let mut clauses = Clauses::default();
    if let Some(date) = &node.date {
        clauses.add(at(date), format!("date {}", string(&date.value)));
    }
    let mut place = 0;
    for step in &node.steps {
        // Steps happen in their order, which is kept whatever places they have.
        place = place_of(step).max(place);
        clauses.add(place, step_text(step));
    }
    let of = node.of.as_ref().map(|of| format!(" {}", name(&of.value))).unwrap_or_default();
    clauses.block(at(&node.title), format!("test{of} {}", quoted(&node.title.value)))
}

const fn place_of(step: &TestStep) -> u32 {
    match step {
        TestStep::Event { source, .. } | TestStep::Nothing { source } => at(source),
        TestStep::Deleted { table, .. } => at(table),
        TestStep::Clock(time) => at(time),
        TestStep::Expect(Expectation::Row { span, .. } | Expectation::NoRow { span, .. }) => span.start,
        TestStep::Expect(Expectation::DeadLetter { reason, .. }) => at(reason),
        TestStep::Expect(Expectation::Counter { counter, .. }) => at(counter),
        TestStep::Expect(Expectation::Error { code, .. }) => at(code),
    }
}

fn step_text(step: &TestStep) -> String {
    match step {
        TestStep::Event { source, at, fields, arrives } => {
            format!(
                "event {}{} {}{}",
                name(&source.value),
                at_text(at.as_ref()),
                row(fields),
                arrives_text(arrives.as_ref())
            )
        }
        TestStep::Deleted { table, at, fields, arrives } => {
            format!(
                "deleted {}{} {}{}",
                name(&table.value),
                at_text(at.as_ref()),
                row(fields),
                arrives_text(arrives.as_ref())
            )
        }
        TestStep::Nothing { source } => format!("no events from {}", name(&source.value)),
        TestStep::Clock(time) => format!("clock {}", string(&time.value)),
        TestStep::Expect(expectation) => expect(expectation),
    }
}

fn expect(expectation: &Expectation) -> String {
    match expectation {
        Expectation::Row { at, fields, .. } => format!("expect{} {}", at_text(at.as_ref()), row(fields)),
        Expectation::NoRow { at, fields, .. } => {
            format!("expect no row{} {}", at_text(at.as_ref()), row(fields))
        }
        Expectation::DeadLetter { reason, source } => {
            let from = source.as_ref().map(|source| format!(" from {}", name(&source.value)));
            format!("expect dead letter {}{}", name(&reason.value), from.unwrap_or_default())
        }
        Expectation::Counter { counter, count } => {
            format!("expect {} = {}", name(&counter.value), count.value)
        }
        Expectation::Error { code, definition } => {
            format!("expect error {} in {}", name(&code.value), quoted(&definition.value))
        }
    }
}

fn at_text(time: Option<&TestTime>) -> String {
    time.map(|time| format!(" at {}", string(&time.value))).unwrap_or_default()
}

fn arrives_text(time: Option<&TestTime>) -> String {
    time.map(|time| format!(" arrives {}", string(&time.value))).unwrap_or_default()
}

fn row(fields: &TestRow) -> String {
    if fields.is_empty() {
        return "{}".into();
    }
    format!("{{ {} }}", list(fields, |(column, field)| format!("{}: {}", name(&column.value), value(field))))
}

fn value(of: &TestValue) -> String {
    match of {
        TestValue::Scalar(scalar) => expr::text(&scalar.kind),
        TestValue::List(items, _) => format!("[{}]", list(items, value)),
        TestValue::Object(entries, _) if entries.is_empty() => "{}".into(),
        TestValue::Object(entries, _) => {
            let entry = |(key, of): &(crate::diag::Spanned<String>, TestValue)| {
                let key = &key.value;
                let is_plain = words::is_identifier(key) && !words::is_reserved(key);
                format!("{}: {}", if is_plain { key.clone() } else { string(key) }, value(of))
            };
            format!("{{ {} }}", list(entries, entry))
        }
    }
}
