//! Kubernetes clusters and Flink's settings of a topology, checked.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics, Span, Spanned};
use crate::syntax::ast::Name;
use crate::syntax::project::{FlinkText, KubernetesText, TopologyText};
use crate::topology::{FlinkSettings, FlinkSources, FlinkVersion, KubernetesCluster, Place};

use super::images::{check_base, check_image};

/// A name that DNS takes, and so Kubernetes.
const LABEL_MAX: usize = 63;

/// Where Flink can keep checkpoints; each has a file system that comes with Flink.
const STORES: [&str; 5] = ["s3://", "gs://", "abfss://", "hdfs://", "file:///"];

/// The clusters in order of region and name.
pub(super) fn clusters(text: &TopologyText, diagnostics: &mut Diagnostics) -> Vec<KubernetesCluster> {
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    let mut clusters = Vec::new();
    for (region, members) in &text.kubernetes {
        for (name, cluster) in members {
            if let Some(first) = seen.insert(name.value.to_ascii_lowercase(), name.span) {
                let message = format!("two Kubernetes clusters are called `{}`", name.value);
                let problem = Diagnostic::error(Code::E0703, name.span, message);
                diagnostics.push(problem.also(first, "the first").hint("rename one of them"));
            }
            if let Some(cluster) = resolved(region, name, cluster, diagnostics) {
                clusters.push(cluster);
            }
        }
    }
    clusters.sort_by(|a, b| (&a.region, &a.name).cmp(&(&b.region, &b.name)));
    clusters
}

fn resolved(
    region: &Name,
    name: &Name,
    text: &KubernetesText,
    diagnostics: &mut Diagnostics,
) -> Option<KubernetesCluster> {
    let slots = text.slots.as_ref().map_or(Some(0), |slots| positive(slots, diagnostics));
    if text.slots.is_none() {
        let message = format!("the Kubernetes cluster `{}` has no `slots`", name.value);
        let hint = "say how many task slots windrow's jobs may have there, like `slots: 32`";
        diagnostics.push(Diagnostic::error(Code::E0720, name.span, message).hint(hint));
    }
    let Some(checkpoints) = &text.checkpoints else {
        let message = format!("the Kubernetes cluster `{}` has no `checkpoints`", name.value);
        let hint = "name a place in the region's object store, like `checkpoints: s3://bucket/flink`";
        diagnostics.push(Diagnostic::error(Code::E0721, name.span, message).hint(hint));
        return None;
    };
    check_store(checkpoints, diagnostics);
    let (region, name) = (region.value.clone(), name.value.clone());
    let checkpoints = checkpoints.value.trim_end_matches('/').to_owned();
    Some(KubernetesCluster { region, name, slots: slots?, checkpoints })
}

fn positive(text: &Spanned<String>, diagnostics: &mut Diagnostics) -> Option<u32> {
    let number = text.value.parse().ok().filter(|number: &u32| (1..=100_000).contains(number));
    if number.is_none() {
        let message = format!("`{}` is not a number of slots", text.value);
        let hint = "write a whole number from 1 to 100000";
        diagnostics.push(Diagnostic::error(Code::E0720, text.span, message).hint(hint));
    }
    number
}

/// Everybody who can read a manifest can read a URL in it.
fn check_store(url: &Spanned<String>, diagnostics: &mut Diagnostics) {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./@:".contains(c);
    let store = STORES.iter().find_map(|store| Some((*store, url.value.strip_prefix(store)?)));
    // abfss://container@account is a place, anything else before an @ a credential.
    let (message, hint) = match store {
        None => (
            format!("`{}` is no place that Flink can keep checkpoints in", url.value),
            "write a URL like `s3://bucket/flink`, or with gs, abfss, hdfs or file:///",
        ),
        Some((store, rest)) if store != "abfss://" && rest.contains('@') || !rest.chars().all(is_plain) => (
            format!("`{}` holds more than a place", url.value),
            "leave credentials and queries out: give the pods an identity that may write there",
        ),
        Some((_, "")) => (format!("`{}` names no place", url.value), "write a URL like `s3://bucket/flink`"),
        Some(_) => return,
    };
    diagnostics.push(Diagnostic::error(Code::E0721, url.span, message).hint(hint));
}

/// What jobs share, with the defaults.
pub(super) fn flink(text: &FlinkText, diagnostics: &mut Diagnostics) -> FlinkSettings {
    let defaults = FlinkSettings::default();
    for name in text.clients.iter().chain(&text.operator) {
        label(name, diagnostics);
    }
    let version = text.version.as_ref().and_then(version).unwrap_or(defaults.version);
    if let Some(image) = &text.image {
        check_image(image, diagnostics);
    }
    if let Some(image) = &text.base_image {
        check_base(image, version, diagnostics);
    }
    if let Some(word) = text.sources.as_ref().filter(|word| sources(word) == Some(FlinkSources::Fixed)) {
        diagnostics.push(fixed_sources(word.span));
    }
    let parallelism = text.parallelism.as_ref().and_then(|text| positive(text, diagnostics));
    let or =
        |text: &Option<Spanned<String>>, default: String| text.as_ref().map_or(default, |t| t.value.clone());
    FlinkSettings {
        image: or(&text.image, defaults.image),
        parallelism: parallelism.unwrap_or(defaults.parallelism),
        clients: text.clients.as_ref().map(|clients| clients.value.clone()),
        operator: or(&text.operator, defaults.operator),
        sources: text.sources.as_ref().and_then(sources).unwrap_or(defaults.sources),
        version,
        base_image: text.base_image.as_ref().map(|image| image.value.clone()),
        place: Place(text.place),
    }
}

/// The words are checked where they are read.
fn sources(word: &Spanned<String>) -> Option<FlinkSources> {
    FlinkSources::ALL.into_iter().find(|sources| sources.name() == word.value)
}

fn version(word: &Spanned<String>) -> Option<FlinkVersion> {
    FlinkVersion::ALL.into_iter().find(|version| version.name() == word.value)
}

fn fixed_sources(span: Span) -> Diagnostic {
    let message =
        "with fixed sources a job passes over what a log has lost, and needs every cluster at its start";
    Diagnostic::warning(Code::W0835, span, message)
        .hint("leave `sources` out: a job then watches a file of clusters, and has neither fault")
}

fn label(name: &Spanned<String>, diagnostics: &mut Diagnostics) {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let text = &name.value;
    let is_label = !text.is_empty() && text.len() <= LABEL_MAX && text.chars().all(fits);
    if !is_label || text.starts_with('-') || text.ends_with('-') {
        let message = format!("`{text}` is not a name that Kubernetes takes");
        let hint = "use at most 63 lower case letters, digits and `-`, which neither begins nor ends it";
        diagnostics.push(Diagnostic::error(Code::E0722, name.span, message).hint(hint));
    }
}
