//! The steps of a test: each is a map whose keys say what happens.

use crate::diag::{Code, Diagnostic, nearest, shortened};
use crate::syntax::ast::{Expectation, TestRow, TestStep, TestTime};
use crate::syntax::dsl::read;
use crate::syntax::yaml::reader::{Entry, Node, NodeKind, has};
use crate::syntax::yaml::values::Values;

use super::test::row;

/// The key that says what a step is.
pub(in crate::syntax::yaml) const STEPS: [&str; 6] =
    ["event", "row", "deleted", "no_events", "clock", "expect"];
pub(in crate::syntax::yaml) const EXPECTATIONS: [&str; 5] =
    ["row", "no_row", "dead_letter", "counter", "error"];
const TIME: &str = "a time like `'10:00'`";

/// A step; `None` if it is wrong, which is reported.
pub(super) fn step(values: &mut Values<'_>, node: &Node) -> Option<TestStep> {
    let NodeKind::Map(entries) = &node.kind else {
        values.item_map(node, "a step like `{clock: '11:00'}`");
        return None;
    };
    let word = discriminator(values, node, entries, &STEPS, "step")?;
    match word.key.text.as_str() {
        "event" | "row" => {
            let source = values.read(word, "a name", read::name);
            let (at, fields, arrives) = arrival(values, word, entries)?;
            Some(TestStep::Event { source: source?, at, fields, arrives })
        }
        "deleted" => {
            let table = values.read(word, "a table", read::name);
            let (at, fields, arrives) = arrival(values, word, entries)?;
            Some(TestStep::Deleted { table: table?, at, fields, arrives })
        }
        "expect" => {
            only(values, entries, &["expect"], "an expectation's step");
            let inner = values.entries_of(word, "a map like `{at: '11:00', row: {…}}`");
            expectation(values, word, inner).map(TestStep::Expect)
        }
        "clock" => {
            only(values, entries, &["clock"], "a step `clock`");
            values.string(word, TIME).map(TestStep::Clock)
        }
        _ => {
            only(values, entries, &["no_events"], "a step `no_events`");
            values.read(word, "a source", read::name).map(|source| TestStep::Nothing { source })
        }
    }
}

type Arrival = (Option<TestTime>, TestRow, Option<TestTime>);

/// `at:`, `values:` and `arrives:` beside the word.
fn arrival(values: &mut Values<'_>, word: &Entry, entries: &[Entry]) -> Option<Arrival> {
    let (mut at, mut fields, mut arrives) = (None, None, None);
    for entry in entries.iter().filter(|entry| entry.key.text != word.key.text) {
        match entry.key.text.as_str() {
            "at" => at = values.string(entry, TIME),
            "values" => fields = row(values, entry),
            "arrives" => arrives = values.string(entry, TIME),
            _ => values.unknown(
                &entry.key,
                &format!("a step `{}`", word.key.text),
                &["at", "values", "arrives"],
            ),
        }
    }
    if !has(entries, "values") {
        values.missing(word.key.span, "`values:`", "write the row: `values: {user_id: u1}`");
    }
    Some((at, fields?, arrives))
}

fn expectation(values: &mut Values<'_>, word: &Entry, entries: &[Entry]) -> Option<Expectation> {
    let NodeKind::Map(_) = word.value.kind else { return None };
    let kind = discriminator(values, &word.value, entries, &EXPECTATIONS, "expectation")?;
    let text = kind.key.text.as_str();
    let other = |name: &str| entries.iter().find(|entry| entry.key.text == name);
    let allowed: &[&str] = match text {
        "row" => &["row", "at"],
        "no_row" => &["no_row", "at"],
        "dead_letter" => &["dead_letter", "from"],
        "counter" => &["counter", "count"],
        _ => &["error", "in"],
    };
    only(values, entries, allowed, &format!("an expected `{text}`"));
    let span = word.key.span;
    match text {
        "row" | "no_row" => {
            let at = other("at").map(|at| values.string(at, TIME));
            let fields = row(values, kind)?;
            let at = at.map_or(Some(None), |at| at.map(Some))?;
            let expected = Expectation::Row { at: at.clone(), fields: fields.clone(), span };
            Some(if text == "row" { expected } else { Expectation::NoRow { at, fields, span } })
        }
        "dead_letter" => {
            let reason = values.read(kind, "a reason like `missing_field`", read::name);
            let source = other("from").and_then(|from| values.read(from, "a source", read::name));
            Some(Expectation::DeadLetter { reason: reason?, source })
        }
        "counter" => {
            let counter = values.read(kind, "a counter like `expired`", read::name);
            let count =
                needed(values, kind, other("count"), "`count:`").and_then(|count| values.count(count));
            Some(Expectation::Counter { counter: counter?, count: count? })
        }
        _ => {
            let code = values.read(kind, "a code like `E0307`", read::name);
            let definition = needed(values, kind, other("in"), "`in:`")
                .and_then(|definition| values.string(definition, "the text of a definition"));
            Some(Expectation::Error { code: code?, definition: definition? })
        }
    }
}

fn needed<'n>(
    values: &mut Values<'_>,
    kind: &Entry,
    other: Option<&'n Entry>,
    what: &str,
) -> Option<&'n Entry> {
    if other.is_none() {
        let hint = match what {
            "`count:`" => "write it like `{counter: expired, count: 1}`",
            _ => "write it like `{error: E0307, in: \"group_by bad { … }\"}`",
        };
        values.missing(kind.key.span, what, hint);
    }
    other
}

/// The one key that says what a map is.
fn discriminator<'n>(
    values: &mut Values<'_>,
    node: &Node,
    entries: &'n [Entry],
    words: &[&str],
    what: &str,
) -> Option<&'n Entry> {
    if let Some(entry) = entries.iter().find(|entry| words.contains(&entry.key.text.as_str())) {
        return Some(entry);
    }
    let known: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    let misspelt = entries.iter().find_map(|entry| {
        let shown = shortened(&entry.key.text);
        nearest(&shown, words.iter().copied()).map(|word| (entry, word))
    });
    let span = misspelt.map_or(node.span, |(entry, _)| entry.key.span);
    let hint = misspelt.map_or_else(
        || format!("one of its keys must be {}", known.join(", ")),
        |(_, word)| format!("did you mean `{word}`?"),
    );
    let message = format!("no key says what this {what} is");
    values.report(Diagnostic::error(Code::E0128, Values::first_line(span), message).hint(hint));
    None
}

/// Keys that the map has besides those allowed.
fn only(values: &mut Values<'_>, entries: &[Entry], allowed: &[&str], what: &str) {
    for entry in entries.iter().filter(|entry| !allowed.contains(&entry.key.text.as_str())) {
        values.unknown(&entry.key, what, allowed);
    }
}
