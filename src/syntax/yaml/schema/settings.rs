//! `windrow.yaml` and topologies.

use serde_json::{Value, json};

use crate::syntax::yaml::project::{DEFAULTS, KEYS};

use super::shape::{closed, count, duration, either, label, labelled, list, name, number_of, one_of, text};

pub(super) fn project() -> Value {
    let environment = closed([("topology", text()), ("checkpoints", text())].into_iter(), &[]);
    let value = |key: &'static str| match key {
        _ if DEFAULTS.contains(&key) => (key, duration()),
        "require" => (key, list(&one_of(&["doc", "owner"]))),
        "owners" => (key, list(&label())),
        "environments" => (key, labelled(&environment)),
        "deployments" => (key, labelled(&list(&name()))),
        _ => (key, label()),
    };
    closed(KEYS.into_iter().map(value), &[])
}

pub(super) fn topology() -> Value {
    let properties = json!({"type": "object", "additionalProperties": text()});
    let state = one_of(&crate::syntax::yaml::topology::STATES);
    let keys = [("bootstrap", text()), ("properties", properties), ("state", state)];
    let cluster = either(vec![text(), closed(keys.into_iter(), &["bootstrap"])]);
    let keys = [("slots", count()), ("checkpoints", text())];
    let kubernetes = labelled(&closed(keys.into_iter(), &[]));
    let keys = [("groups", labelled(&labelled(&cluster))), ("kubernetes", kubernetes)];
    let region = closed(keys.into_iter(), &[]);
    let sources = one_of(&crate::syntax::yaml::kubernetes::SOURCES);
    let version = number_of(&crate::syntax::yaml::kubernetes::VERSIONS);
    let keys = [
        ("image", text()),
        ("base_image", text()),
        ("parallelism", count()),
        ("clients", text()),
        ("operator", text()),
        ("sources", sources),
        ("version", version),
    ];
    let flink = closed(keys.into_iter(), &[]);
    let keys = [
        ("generation", count()),
        ("retention", duration()),
        ("regions", labelled(&region)),
        ("flink", flink),
    ];
    closed(keys.into_iter(), &[])
}
