//! Names, texts and lengths of time as the language writes them.

use crate::diag::Spanned;
use crate::syntax::ast::{KeyMapping, Name, TopicRef};
use crate::syntax::words;

/// A name; one that is a word of SQL expressions in double quotes. `let` too: behind an operator
/// `let x =` begins the next clause.
pub(super) fn name(name: &str) -> String {
    let is_plain = words::is_identifier(name) && !words::is_reserved(name) && name != "let";
    if is_plain { name.to_owned() } else { quoted(name) }
}

/// A topic, group or owner.
pub(super) fn label(label: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !label.is_empty() && label.chars().all(fits) { label.to_owned() } else { quoted(label) }
}

pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A text of an expression.
pub(super) fn string(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub(super) fn names(names: &[Name]) -> String {
    list(names, |part| name(&part.value))
}

pub(super) fn list<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    items.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// `TOPIC in GROUP`, `TOPIC to GROUP`
pub(super) fn topic(topic: &TopicRef, preposition: &str) -> String {
    format!("{} {preposition} {}", label(&topic.topic.value), label(&topic.group.value))
}

/// `a = k, b`
pub(super) fn mappings(on: &[KeyMapping]) -> String {
    list(on, |mapping| match &mapping.key {
        Some(key) => format!("{} = {}", name(&mapping.left.value), name(&key.value)),
        None => name(&mapping.left.value),
    })
}

/// Where a part of a text stands.
pub(super) const fn at<T>(part: &Spanned<T>) -> u32 {
    part.span.start
}
