//! Random tests as definitions hold them: steps, expectations, rows.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use windrow::syntax::ast::{Expectation, Test, TestRow, TestStep, TestTime, TestValue};

use super::random::{expr, name, nowhere, spanned, text};

fn time() -> BoxedStrategy<TestTime> {
    prop_oneof!["[0-9]{2}:[0-9]{2}", text()].prop_map(spanned).boxed()
}

fn value() -> BoxedStrategy<TestValue> {
    expr()
        .prop_map(TestValue::Scalar)
        .prop_recursive(3, 8, 3, |inner| {
            let key = prop_oneof![text(), "[a-z]{1,4}"].prop_map(spanned);
            prop_oneof![
                vec(inner.clone(), 0..3).prop_map(|items| TestValue::List(items, nowhere())),
                vec((key, inner), 0..3).prop_map(|entries| TestValue::Object(entries, nowhere())),
            ]
        })
        .boxed()
}

fn row() -> BoxedStrategy<TestRow> {
    vec((name(), value()), 0..3).boxed()
}

fn expectation() -> BoxedStrategy<Expectation> {
    let definition = prop_oneof![text(), Just("group_by g {\n  from \"x\"\n\n}\n".to_owned())];
    let code = "E[0-9]{4}".prop_map(spanned);
    let count = "[0-9]{1,4}".prop_map(spanned);
    prop_oneof![
        (option::of(time()), row()).prop_map(|(at, fields)| Expectation::Row { at, fields, span: nowhere() }),
        (option::of(time()), row()).prop_map(|(at, fields)| Expectation::NoRow {
            at,
            fields,
            span: nowhere()
        }),
        (name(), option::of(name())).prop_map(|(reason, source)| Expectation::DeadLetter { reason, source }),
        (name(), count).prop_map(|(counter, count)| Expectation::Counter { counter, count }),
        (code, definition)
            .prop_map(|(code, definition)| Expectation::Error { code, definition: spanned(definition) }),
    ]
    .boxed()
}

fn step() -> BoxedStrategy<TestStep> {
    let times = || (option::of(time()), option::of(time()));
    prop_oneof![
        (name(), row(), times()).prop_map(|(source, fields, (at, arrives))| TestStep::Event {
            source,
            at,
            fields,
            arrives
        }),
        (name(), row(), times()).prop_map(|(table, fields, (at, arrives))| TestStep::Deleted {
            table,
            at,
            fields,
            arrives
        }),
        name().prop_map(|source| TestStep::Nothing { source }),
        time().prop_map(TestStep::Clock),
        expectation().prop_map(TestStep::Expect),
    ]
    .boxed()
}

pub(super) fn test() -> BoxedStrategy<Test> {
    (option::of(name()), text(), option::of(text()), vec(step(), 0..4))
        .prop_map(|(of, title, date, steps)| Test {
            of,
            date: date.map(spanned),
            steps,
            ..Test::titled(spanned(title))
        })
        .boxed()
}
