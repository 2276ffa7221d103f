//! `topology.yaml` → [`TopologyText`].

use crate::diag::{Code, Diagnostic, Diagnostics, FileId, SourceMap, Spanned, nearest, shortened};
use crate::syntax::ast::Name;
use crate::syntax::parse::unreadable;
use crate::syntax::project::{ClusterText, Clusters, TopologyText};

use super::reader::{Entry, NodeKind};
use super::values::Values;
use super::{kubernetes, root};

/// States of a cluster: see `topology::ClusterState`.
pub(super) const STATES: [&str; 3] = ["active", "draining", "retired"];
const CLUSTER_WANTED: &str = "bootstrap servers like `host:port,…`, or a map with `bootstrap:`";

/// Parses a topology file.
#[must_use]
pub fn parse_topology(sources: &SourceMap, file: FileId) -> (TopologyText, Diagnostics) {
    let mut problems = Diagnostics::default();
    let mut topology = TopologyText::default();
    if let Some(problem) = unreadable(sources, file) {
        problems.push(problem);
    } else if let Some(root) = root(file, sources.text(file), &mut problems) {
        let mut values = Values::new(file, &mut problems);
        for entry in values.entries(&root, "a map with `generation:` and `regions:`") {
            match entry.key.text.as_str() {
                "generation" => topology.generation = generation(&mut values, entry),
                "retention" => topology.retention = values.duration(entry),
                "regions" => {
                    for region in values.entries_of(entry, "a map of names and regions") {
                        topology.regions.push((values.label(&region.key), groups(&mut values, region)));
                        let clusters = kubernetes::clusters(&mut values, region);
                        topology.kubernetes.push((values.label(&region.key), clusters));
                    }
                }
                "flink" => topology.flink = kubernetes::flink(&mut values, entry),
                _ => {
                    values.unknown(
                        &entry.key,
                        "a topology",
                        &["generation", "retention", "regions", "flink"],
                    );
                }
            }
        }
    }
    (topology, problems)
}

fn generation(values: &mut Values<'_>, entry: &Entry) -> Option<Spanned<u64>> {
    let scalar = values.scalar(entry, "a whole number")?;
    let number = scalar.text.parse().ok();
    if number.is_none() {
        let shown = shortened(&scalar.text);
        let error = Diagnostic::error(Code::E0112, scalar.span, format!("`{shown}` is not a generation"));
        values.report(
            error.hint("a generation is a whole number that rises with each change, like `generation: 1`"),
        );
    }
    number.map(|number| Spanned::new(number, scalar.span))
}

/// `groups:` of a region.
fn groups(values: &mut Values<'_>, region: &Entry) -> Vec<(Name, Clusters)> {
    let mut groups = Vec::new();
    for entry in values.entries_of(region, "a map with `groups:`") {
        match entry.key.text.as_str() {
            "groups" => {}
            "kubernetes" => continue,
            _ => {
                values.unknown(&entry.key, "a region", &["groups", "kubernetes"]);
                continue;
            }
        }
        for group in values.entries_of(entry, "a map of names and groups") {
            groups.push((values.label(&group.key), clusters(values, group)));
        }
    }
    groups
}

fn clusters(values: &mut Values<'_>, group: &Entry) -> Clusters {
    let mut clusters = Vec::new();
    for entry in values.entries_of(group, "a map of clusters and bootstrap servers") {
        let name = values.label(&entry.key);
        clusters.extend(cluster(values, entry).map(|cluster| (name, cluster)));
    }
    clusters
}

fn state(values: &mut Values<'_>, setting: &Entry) -> Option<Spanned<String>> {
    word(values, setting, &STATES, (Code::E0706, "a state of a cluster"))
}

/// One of the words; another is reported as not what it has to be.
pub(super) fn word(
    values: &mut Values<'_>,
    setting: &Entry,
    words: &[&str],
    (code, what): (Code, &str),
) -> Option<Spanned<String>> {
    let all = words.join(", ");
    let word = values.string(setting, &format!("one of: {all}"))?;
    if words.contains(&word.value.as_str()) {
        return Some(word);
    }
    let hint = match nearest(&word.value, words.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write one of: {all}"),
    };
    let message = format!("`{}` is not {what}", word.value);
    values.report(Diagnostic::error(code, word.span, message).hint(hint));
    None
}

fn cluster(values: &mut Values<'_>, entry: &Entry) -> Option<ClusterText> {
    let NodeKind::Map(settings) = &entry.value.kind else {
        let bootstrap = values.string(entry, CLUSTER_WANTED)?;
        return Some(ClusterText { bootstrap, properties: Vec::new(), state: None });
    };
    let (mut bootstrap, mut properties, mut state) = (None, Vec::new(), None);
    for setting in settings {
        match setting.key.text.as_str() {
            "bootstrap" => bootstrap = values.string(setting, "bootstrap servers like `host:port,…`"),
            "properties" => {
                for property in values.entries_of(setting, "a map of properties") {
                    let value = values.string(property, "a text");
                    let name = Spanned::new(property.key.text.clone(), property.key.span);
                    properties.extend(value.map(|value| (name, value)));
                }
            }
            "state" => state = self::state(values, setting),
            _ => values.unknown(&setting.key, "a cluster", &["bootstrap", "properties", "state"]),
        }
    }
    if bootstrap.is_none() && !settings.iter().any(|setting| setting.key.text == "bootstrap") {
        let message = format!("the cluster `{}` has no `bootstrap`", entry.key.text);
        values.report(
            Diagnostic::error(Code::E0126, entry.key.span, message).hint("add `bootstrap: \"host:port,…\"`"),
        );
    }
    bootstrap.map(|bootstrap| ClusterText { bootstrap, properties, state })
}
