//! What `topology.yaml` says of Kubernetes clusters and of Flink's jobs on them.

use crate::diag::Code;
use crate::syntax::ast::Name;
use crate::syntax::project::{FlinkText, KubernetesText};

use super::reader::{Entry, NodeKind};
use super::topology::word;
use super::values::Values;

const KEYS: [&str; 7] = ["image", "base_image", "parallelism", "clients", "operator", "sources", "version"];

/// The words after `sources:`.
pub(super) const SOURCES: [&str; 2] = ["dynamic", "fixed"];

/// The words after `version:`: see `topology::FlinkVersion`.
pub(super) const VERSIONS: [&str; 2] = ["2.2", "2.3"];

/// `kubernetes:` of a region; its other keys are read elsewhere.
pub(super) fn clusters(values: &mut Values<'_>, region: &Entry) -> Vec<(Name, KubernetesText)> {
    let mut clusters = Vec::new();
    let NodeKind::Map(entries) = &region.value.kind else { return clusters };
    for entry in entries.iter().filter(|entry| entry.key.text == "kubernetes") {
        for cluster in values.entries_of(entry, "a map of names and Kubernetes clusters") {
            clusters.push((values.label(&cluster.key), one(values, cluster)));
        }
    }
    clusters
}

fn one(values: &mut Values<'_>, cluster: &Entry) -> KubernetesText {
    let mut text = KubernetesText::default();
    for setting in values.entries_of(cluster, "a map with `slots:` and `checkpoints:`") {
        match setting.key.text.as_str() {
            "slots" => text.slots = values.count(setting),
            "checkpoints" => text.checkpoints = values.string(setting, "a URL like `s3://bucket/flink`"),
            _ => values.unknown(&setting.key, "a Kubernetes cluster", &["slots", "checkpoints"]),
        }
    }
    text
}

/// `flink:` of a topology.
pub(super) fn flink(values: &mut Values<'_>, entry: &Entry) -> FlinkText {
    let mut text = FlinkText { place: Some(entry.key.span), ..FlinkText::default() };
    for setting in values.entries_of(entry, "a map with `image:` and other settings") {
        match setting.key.text.as_str() {
            "image" => text.image = values.string(setting, "the name of an image"),
            "base_image" => text.base_image = values.string(setting, "an image with its digest"),
            "parallelism" => text.parallelism = values.count(setting),
            "clients" => text.clients = values.string(setting, "the name of a Secret"),
            "operator" => text.operator = values.string(setting, "the name of a namespace"),
            "sources" => {
                let what = "a way in which a job knows its clusters";
                text.sources = word(values, setting, &SOURCES, (Code::E0725, what));
            }
            "version" => {
                let what = "a version of Flink that bundles are made for";
                text.version = word(values, setting, &VERSIONS, (Code::E0851, what));
            }
            _ => values.unknown(&setting.key, "`flink`", &KEYS),
        }
    }
    text
}
