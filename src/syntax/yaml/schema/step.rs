//! The steps of a test: maps that one key tells apart.

use serde_json::{Value, json};

use crate::syntax::yaml::definitions::{EXPECTATIONS, STEPS};

use super::shape::{closed, count, either, named, text};

pub(super) fn step() -> Value {
    either(STEPS.into_iter().map(of).collect())
}

fn of(word: &'static str) -> Value {
    match word {
        "event" | "row" | "deleted" => {
            let keys = [(word, text()), ("at", text()), ("values", row()), ("arrives", text())];
            closed(keys.into_iter(), &[word, "values"])
        }
        "expect" => {
            let expectation = either(EXPECTATIONS.into_iter().map(expectation).collect());
            closed([(word, expectation)].into_iter(), &[word])
        }
        _ => closed([(word, text())].into_iter(), &[word]),
    }
}

fn expectation(word: &'static str) -> Value {
    match word {
        "row" | "no_row" => closed([(word, row()), ("at", text())].into_iter(), &[word]),
        "counter" => closed([(word, text()), ("count", count())].into_iter(), &[word, "count"]),
        "dead_letter" => closed([(word, text()), ("from", text())].into_iter(), &[word]),
        _ => closed([(word, text()), ("in", text())].into_iter(), &[word, "in"]),
    }
}

/// Columns and values of any kind, null too.
fn row() -> Value {
    named(&json!(true))
}
