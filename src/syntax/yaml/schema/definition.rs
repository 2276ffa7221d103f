//! One definition of each kind, and the shapes that several of them share.

use serde_json::{Value, json};

use crate::syntax::words::Kind;
use crate::syntax::yaml::definitions::{CALL_KEYS, LOOKUP_KEYS, TYPE_FORMS};

use super::shape::{
    bindings, closed, count, duration, either, flag, list, named, one_of, shared as see, text, texts,
};
use super::{describe, step, with_description};

/// A definition: a key per clause.
pub(super) fn schema(kind: Kind) -> Value {
    let keys = kind.yaml_keys();
    closed(
        keys.iter().map(|key| (*key, with_description(value(kind, key), &describe::clause(kind, key)))),
        &[],
    )
}

/// What stands behind a key.
fn value(kind: Kind, key: &str) -> Value {
    match (kind, key) {
        (_, "disorder" | "ahead" | "retention" | "refresh" | "ttl" | "hold_for" | "left_late") => duration(),
        (_, "key" | "tags" | "union") => texts(),
        (_, "let" | "derive") | (Kind::GroupBy, "features") => bindings(),
        (Kind::Join, "features") => list(&text()),
        (_, "select") => either(vec![bindings(), list(&text())]),
        (_, "schema") => see("fields"),
        (_, "history" | "lookup" | "call") => see(key),
        (_, "unbounded") => flag(),
        (_, "mode") => one_of(&["complete", "fresh"]),
        (Kind::Test, "steps") => list(&see("step")),
        _ => text(),
    }
}

/// What definitions refer to by name.
pub(super) fn shared() -> Vec<(&'static str, Value)> {
    vec![
        ("fields", named(&see("field"))),
        ("field", either(vec![text(), written_out(true)])),
        ("element", either(vec![text(), written_out(false)])),
        ("history", one_or_several(&history())),
        ("lookup", one_or_several(&lookup())),
        ("call", call()),
        ("step", step::step()),
    ]
}

/// A text, a map, or a list of both.
fn one_or_several(map: &Value) -> Value {
    either(vec![text(), map.clone(), list(&either(vec![text(), map.clone()]))])
}

fn history() -> Value {
    closed([("files", text()), ("until", text())].into_iter(), &["files"])
}

fn lookup() -> Value {
    let value = |key: &'static str| match key {
        "on" | "columns" => (key, texts()),
        _ => (key, text()),
    };
    closed(LOOKUP_KEYS.into_iter().map(value), &["table", "on", "columns"])
}

fn call() -> Value {
    let value = |key: &'static str| match key {
        "arguments" => (key, list(&text())),
        "returns" => (key, see("fields")),
        "timeout" => (key, duration()),
        "concurrency" | "retry" => (key, count()),
        _ => (key, text()),
    };
    closed(CALL_KEYS.into_iter().map(value), &["function", "returns"])
}

/// A type as a map: one of its forms, and whether null is allowed; of a field also its name in the record.
fn written_out(is_field: bool) -> Value {
    let form = |form: &'static str| match form {
        "struct" => (form, see("fields")),
        "map" => {
            let sides = [("key", see("element")), ("value", see("element"))];
            (form, closed(sides.into_iter(), &["key", "value"]))
        }
        _ => (form, see("element")),
    };
    let more = [("nullable", flag()), ("from", text())].into_iter().take(if is_field { 2 } else { 1 });
    let mut schema = closed(TYPE_FORMS.into_iter().map(form).chain(more), &[]);
    schema["oneOf"] = TYPE_FORMS.iter().map(|form| json!({"required": [form]})).collect();
    schema
}
