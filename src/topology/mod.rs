//! Regions, groups, clusters, generations: the pure model of `topology.yaml`.
#![deny(clippy::disallowed_methods)]

use std::collections::BTreeMap;

/// Where the clusters are. Everything is ordered by name, so that all that follows is deterministic.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Topology {
    /// Rises with every change; a lower one is refused.
    pub generation: u64,
    /// What the clusters keep unless a source says otherwise, in ms.
    pub retention_ms: i64,
    pub clusters: Vec<Cluster>,
}

/// One Kafka cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    pub region: String,
    pub group: String,
    /// Unique in the whole topology.
    pub name: String,
    /// `host:port,…`
    pub bootstrap: String,
    /// Client properties of this cluster, over the defaults.
    pub properties: BTreeMap<String, String>,
}

impl Topology {
    /// The clusters of a group in all regions, in order of region and name.
    pub fn group<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a Cluster> {
        self.clusters.iter().filter(move |cluster| cluster.group == group)
    }

    /// The regions, in order.
    #[must_use]
    pub fn regions(&self) -> Vec<&str> {
        let mut regions: Vec<_> = self.clusters.iter().map(|cluster| cluster.region.as_str()).collect();
        regions.sort_unstable();
        regions.dedup();
        regions
    }
}
