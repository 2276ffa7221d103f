//! `topology.yaml` as written → [`Topology`], and whether it has what a model needs.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Code, Diagnostic, Diagnostics, Span, Spanned, nearest};
use crate::syntax::ast::{Ast, Definition, Name};
use crate::syntax::project::{ClusterText, TopologyText};
use crate::topology::{Cluster, ClusterState, Place, Topology};
use crate::types::Duration;

use super::check::duration;
use super::kubernetes;

/// What clusters keep unless the topology says otherwise.
const RETENTION: Duration = Duration::from_ms(7 * 86_400_000);

/// Checks a topology and orders its clusters by region, group and name.
#[must_use]
pub fn resolve_topology(text: &TopologyText) -> (Topology, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    if text.generation.is_none() {
        let message = "the topology has no `generation`";
        diagnostics.push(at_start(text, Code::E0701, message).hint("add `generation: 1`"));
    }
    if text.regions.is_empty() {
        let message = "the topology has no regions";
        let hint = "add `regions: {west: {groups: {ingest: {west-1: \"host:9092\"}}}}`";
        diagnostics.push(at_start(text, Code::E0702, message).hint(hint));
    }
    if let Some(retention) = &text.retention {
        duration(retention, &mut diagnostics);
    }
    let mut clusters = clusters(text, &mut diagnostics);
    clusters.sort_by(|a, b| (&a.region, &a.group, &a.name).cmp(&(&b.region, &b.group, &b.name)));
    warn_uneven(text, &mut diagnostics);
    let topology = Topology {
        generation: text.generation.as_ref().map_or(0, |generation| generation.value),
        retention_ms: text.retention.as_ref().map_or(RETENTION, |retention| retention.value).ms(),
        clusters,
        kubernetes: kubernetes::clusters(text, &mut diagnostics),
        flink: kubernetes::flink(&text.flink, &mut diagnostics),
    };
    (topology, diagnostics.sorted())
}

/// An error about the whole file: at what is written first, if anything is.
fn at_start(text: &TopologyText, code: Code, message: &str) -> Diagnostic {
    let generation = text.generation.as_ref().map(|generation| generation.span);
    match generation.or_else(|| text.regions.first().map(|(region, _)| region.span)) {
        Some(span) => Diagnostic::error(code, span, message),
        None => Diagnostic::without_place(code, message),
    }
}

fn clusters(text: &TopologyText, diagnostics: &mut Diagnostics) -> Vec<Cluster> {
    let (mut regions, mut names) = (BTreeMap::new(), BTreeMap::new());
    let mut clusters = Vec::new();
    for (region, groups) in &text.regions {
        unique("regions", region, &mut regions, diagnostics);
        not_empty("region", region, "groups", groups.is_empty(), diagnostics);
        let mut group_names = BTreeMap::new();
        for (group, members) in groups {
            unique("groups of one region", group, &mut group_names, diagnostics);
            not_empty("group", group, "clusters", members.is_empty(), diagnostics);
            for (name, cluster) in members {
                unique("clusters", name, &mut names, diagnostics);
                check_bootstrap(name, &cluster.bootstrap, diagnostics);
                check_secrets(name, cluster, diagnostics);
                let state = state(cluster.state.as_ref());
                clusters.push(resolved((region, group, name), cluster, state));
            }
        }
    }
    clusters
}

/// What nobody but the cluster may know is written as a reference.
fn check_secrets(name: &Name, cluster: &ClusterText, diagnostics: &mut Diagnostics) {
    let is_secret = |property: &str| {
        let property = property.to_ascii_lowercase();
        ["password", "secret", "token", "key.pem"].iter().any(|word| property.ends_with(word))
    };
    let is_reference = |value: &str| value.starts_with("${") && value.ends_with('}');
    let written =
        cluster.properties.iter().filter(|(of, value)| is_secret(&of.value) && !is_reference(&value.value));
    for (Name { value: property, span }, secret) in written {
        let message = format!("the cluster `{}` has its `{property}` written in the topology", name.value);
        let hint = format!("write a reference: `{property}: \"${{env:NAME}}\"` or `\"${{file:PATH}}\"`");
        diagnostics.push(Diagnostic::error(Code::E0714, *span, message).hide(secret.span).hint(hint));
    }
}

/// The words are checked where they are read.
fn state(written: Option<&Spanned<String>>) -> ClusterState {
    let is_it = |state: &ClusterState| written.is_some_and(|written| written.value == state.name());
    ClusterState::ALL.into_iter().find(is_it).unwrap_or_default()
}

fn resolved(
    (region, group, name): (&Name, &Name, &Name),
    cluster: &ClusterText,
    state: ClusterState,
) -> Cluster {
    Cluster {
        region: region.value.clone(),
        group: group.value.clone(),
        name: name.value.clone(),
        bootstrap: cluster.bootstrap.value.clone(),
        properties: cluster
            .properties
            .iter()
            .map(|(name, value)| (name.value.clone(), value.value.clone()))
            .collect(),
        properties_place: Place(cluster.properties.first().map(|(name, _)| name.span)),
        state,
    }
}

fn unique(what: &str, name: &Name, seen: &mut BTreeMap<String, Span>, diagnostics: &mut Diagnostics) {
    let key = name.value.to_ascii_lowercase();
    if let Some(first) = seen.get(&key) {
        diagnostics.push(
            Diagnostic::error(Code::E0703, name.span, format!("two {what} are called `{}`", name.value))
                .also(*first, "the first")
                .hint("rename one of them"),
        );
    } else {
        seen.insert(key, name.span);
    }
}

fn not_empty(what: &str, name: &Name, parts: &str, empty: bool, diagnostics: &mut Diagnostics) {
    if empty {
        let message = format!("the {what} `{}` has no {parts}", name.value);
        diagnostics.push(Diagnostic::error(Code::E0702, name.span, message).hint("add one, or remove it"));
    }
}

fn check_bootstrap(cluster: &Name, bootstrap: &Spanned<String>, diagnostics: &mut Diagnostics) {
    let is_broker = |server: &str| {
        let (host, port) = server.trim().rsplit_once(':').unwrap_or_default();
        !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    let Some(wrong) = bootstrap.value.split(',').find(|server| !is_broker(server)) else { return };
    let message = if bootstrap.value.trim().is_empty() {
        format!("the cluster `{}` has no bootstrap servers", cluster.value)
    } else {
        format!("`{}` is not a broker: expected `host:port`", wrong.trim())
    };
    diagnostics.push(
        Diagnostic::error(Code::E0704, bootstrap.span, message).hint("write `\"host:9092,other:9092\"`"),
    );
}

/// A region without a group that another region has.
fn warn_uneven(text: &TopologyText, diagnostics: &mut Diagnostics) {
    let of = |groups: &[(Name, Vec<(Name, ClusterText)>)]| -> BTreeSet<String> {
        groups.iter().map(|(group, _)| group.value.clone()).collect()
    };
    let all: BTreeSet<String> = text.regions.iter().flat_map(|(_, groups)| of(groups)).collect();
    for (region, groups) in text.regions.iter().filter(|(_, groups)| !groups.is_empty()) {
        for group in all.difference(&of(groups)) {
            let message =
                format!("the region `{}` has no group `{group}`, which another region has", region.value);
            let hint = format!("add `{group}`; until then nothing is read from or published to it there");
            diagnostics.push(Diagnostic::warning(Code::W0701, region.span, message).hint(hint));
        }
    }
}

/// Reports the groups that definitions read from or publish to and no region has.
#[must_use]
pub fn check_groups<'a>(asts: impl Iterator<Item = &'a Ast>, topology: &Topology) -> Diagnostics {
    let known: BTreeSet<_> = topology.clusters.iter().map(|cluster| cluster.group.as_str()).collect();
    let mut diagnostics = Diagnostics::default();
    for group in asts.flat_map(|ast| &ast.definitions).filter_map(group_of) {
        if known.contains(group.value.as_str()) {
            continue;
        }
        let hint = match nearest(&group.value, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "add it to the topology".into(),
        };
        let message = format!("no region has a group `{}`", group.value);
        diagnostics.push(Diagnostic::error(Code::E0705, group.span, message).hint(hint));
    }
    diagnostics.sorted()
}

/// The group that a definition reads from or publishes to.
fn group_of(definition: &Definition) -> Option<&Name> {
    match definition {
        Definition::Source(source) => source.topic.as_ref(),
        Definition::Table(table) => table.topic.as_ref(),
        Definition::GroupBy(group_by) => group_by.publish.as_ref().map(|publish| &publish.to),
        Definition::Join(join) => join.publish.as_ref().map(|publish| &publish.to),
        Definition::Stream(_) | Definition::Constants(_) | Definition::Test(_) => None,
    }
    .map(|topic| &topic.group)
}
