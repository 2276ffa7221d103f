//! Another state for a cluster of a topology file: its generation raised, everything else as it was written.

use crate::diag::SourceMap;
use crate::syntax::{self, project::TopologyText};
use crate::topology::ClusterState;

/// The text with that cluster in that state. `None`: there is no such cluster, or no generation to raise.
pub(super) fn with_state(text: &str, cluster: &str, state: ClusterState) -> Option<String> {
    let mut sources = SourceMap::default();
    let file = sources.add("topology.yaml", text);
    let (written, _) = syntax::parse_topology(&sources, file);
    let mut changes = vec![state_change(text, &written, cluster, state)?];
    let generation = written.generation.as_ref()?;
    changes.push((range(generation.span), (generation.value + 1).to_string()));
    // From the end: what stands before stays where it is.
    changes.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut text = text.to_owned();
    for (range, change) in changes {
        text.replace_range(range, &change);
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Some(text)
}

type Change = (std::ops::Range<usize>, String);

fn state_change(text: &str, written: &TopologyText, cluster: &str, state: ClusterState) -> Option<Change> {
    let mut clusters =
        written.regions.iter().flat_map(|(_, groups)| groups).flat_map(|(_, clusters)| clusters);
    let (name, found) = clusters.find(|(name, _)| name.value == cluster)?;
    if let Some(known) = &found.state {
        return Some((range(known.span), state.name().to_owned()));
    }
    let (after_name, bootstrap) = (range(name.span).end, range(found.bootstrap.span));
    let between = text.get(after_name..bootstrap.start)?;
    let Some(key) = between.rfind("bootstrap") else {
        // `west-1: "host:9092"`
        let whole = format!("{{bootstrap: {}, state: {}}}", &text[bootstrap.clone()], state.name());
        return Some((bootstrap, whole));
    };
    let key = after_name + key;
    let quoted = text[..key].ends_with(['"', '\'']);
    let key = key - usize::from(quoted);
    let added = if between.contains('{') {
        format!("state: {}, ", state.name())
    } else {
        let line = text[..key].rfind('\n').map_or(0, |at| at + 1);
        format!("state: {}\n{}", state.name(), " ".repeat(key - line))
    };
    Some((key..key, added))
}

fn range(span: crate::diag::Span) -> std::ops::Range<usize> {
    span.start as usize..span.end as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# ours\ngeneration: 9   # raise it\nregions:\n  west:\n    groups:\n      ingest:\n        a: \
                        \"h:1,g:1\"  # the old one\n        b: {bootstrap: h:2, properties: {acks: all}}\n        c:\n          \
                        bootstrap: \"h:3\"\n        d: {bootstrap: h:4, state: draining}\n";

    fn edited(cluster: &str, state: ClusterState) -> String {
        let edited = with_state(TEXT, cluster, state).unwrap();
        let mut sources = SourceMap::default();
        let file = sources.add("topology.yaml", edited.as_str());
        let (written, problems) = syntax::parse_topology(&sources, file);
        assert!(!problems.has_errors(), "{problems:?}\n{edited}");
        let (topology, problems) = crate::model::resolve_topology(&written);
        assert!(!problems.has_errors(), "{problems:?}\n{edited}");
        assert_eq!((topology.generation, topology.clusters.len()), (10, 4));
        assert_eq!(topology.cluster(cluster).unwrap().state, state, "{edited}");
        assert!(edited.starts_with("# ours\ngeneration: 10   # raise it\n"), "{edited}");
        edited
    }

    #[test]
    fn every_way_to_write_a_cluster_takes_a_state_and_the_rest_stays() {
        let draining = ClusterState::Draining;
        assert!(
            edited("a", draining).contains("a: {bootstrap: \"h:1,g:1\", state: draining}  # the old one")
        );
        assert!(
            edited("b", draining).contains("b: {state: draining, bootstrap: h:2, properties: {acks: all}}")
        );
        assert!(
            edited("c", draining).contains("c:\n          state: draining\n          bootstrap: \"h:3\"\n")
        );
        assert!(edited("d", ClusterState::Retired).contains("d: {bootstrap: h:4, state: retired}"));
    }

    #[test]
    fn what_is_not_there_is_not_changed() {
        assert_eq!(with_state(TEXT, "e", ClusterState::Draining), None);
        assert_eq!(
            with_state("regions: {w: {groups: {g: {a: \"h:1\"}}}}", "a", ClusterState::Draining),
            None
        );
    }
}
