//! Regions, groups, clusters, generations: the pure model of `topology.yaml`.
#![deny(clippy::disallowed_methods)]

mod change;
mod difference;
mod placement;

use std::collections::BTreeMap;

use crate::diag::Span;

pub use change::Refusal;
pub use difference::{Change, Difference};
pub use placement::{NoRoom, Placement, place};

/// Where the clusters are. Everything is ordered by name, so that all that follows is deterministic.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Topology {
    /// Rises with every change; a lower one is refused.
    pub generation: u64,
    /// What the clusters keep unless a source says otherwise, in ms.
    pub retention_ms: i64,
    pub clusters: Vec<Cluster>,
    /// Where jobs of other engines may run, in order of region and name.
    pub kubernetes: Vec<KubernetesCluster>,
    pub flink: FlinkSettings,
}

/// A Kubernetes cluster with Flink's operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubernetesCluster {
    pub region: String,
    /// Unique in the whole topology.
    pub name: String,
    /// How many task slots windrow's jobs may have here.
    pub slots: u32,
    /// A place in the region's object store, as a URL without credentials.
    pub checkpoints: String,
}

/// What all Flink jobs share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlinkSettings {
    /// The image's name; a job's tag is a hash of what is in its image.
    pub image: String,
    /// Slots of a job.
    pub parallelism: u32,
    /// A Secret in the job's namespace with `<cluster>.properties` for Kafka clients that need any.
    pub clients: Option<String>,
    /// The namespace of Flink's operator.
    pub operator: String,
    pub sources: FlinkSources,
    pub version: FlinkVersion,
    /// What a job's image is made from, with its digest; `None`: the release's own, which has none.
    pub base_image: Option<String>,
    pub place: Place,
}

/// Where something is written, which makes it no other thing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place(pub Option<Span>);

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Place {}

/// A line of Flink's releases that bundles are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FlinkVersion {
    #[default]
    V2_2,
    V2_3,
}

impl FlinkVersion {
    pub const ALL: [Self; 2] = [Self::V2_2, Self::V2_3];

    /// As topologies write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V2_2 => "2.2",
            Self::V2_3 => "2.3",
        }
    }
}

/// How jobs of Flink know the clusters that they read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FlinkSources {
    /// A file that the running job looks at again and again. A cluster that is down is waited for, and no longer than `hold_for`.
    #[default]
    Dynamic,
    /// A table for each, written into the job: another cluster is another job, which goes on from the state of the one before.
    Fixed,
}

impl FlinkSources {
    pub const ALL: [Self; 2] = [Self::Dynamic, Self::Fixed];

    /// As topologies write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Dynamic => "dynamic",
        }
    }
}

impl Default for FlinkSettings {
    fn default() -> Self {
        Self {
            image: "windrow-job".into(),
            parallelism: 4,
            clients: None,
            operator: "flink-operator".into(),
            sources: FlinkSources::default(),
            version: FlinkVersion::default(),
            base_image: None,
            place: Place::default(),
        }
    }
}

/// One Kafka cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cluster {
    pub region: String,
    pub group: String,
    /// Unique in the whole topology.
    pub name: String,
    /// `host:port,…`
    pub bootstrap: String,
    /// Client properties of this cluster, over the defaults.
    pub properties: BTreeMap<String, String>,
    /// Of the first of them.
    pub properties_place: Place,
    pub state: ClusterState,
}

/// Where a cluster stands between being added and being removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClusterState {
    /// Read, and written to.
    #[default]
    Active,
    /// Read on; nothing new is written to it.
    Draining,
    /// To be read no more, as soon as everything of it has been.
    Retired,
}

impl ClusterState {
    pub const ALL: [Self; 3] = [Self::Active, Self::Draining, Self::Retired];

    /// As topologies and the status write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Draining => "draining",
            Self::Retired => "retired",
        }
    }
}

impl Topology {
    /// The clusters of a group in all regions, in order of region and name.
    pub fn group<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a Cluster> {
        self.clusters.iter().filter(move |cluster| cluster.group == group)
    }

    /// The clusters of a group that are read: all that are not retired.
    pub fn read<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a Cluster> {
        self.group(group).filter(|cluster| cluster.state != ClusterState::Retired)
    }

    /// The clusters of a group that are written to: the active ones of each region; all of a region's if none is.
    pub fn written<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a Cluster> {
        let is_active = |cluster: &Cluster| cluster.state == ClusterState::Active;
        self.group(group).filter(move |cluster| {
            let mut beside = self.group(group).filter(|other| other.region == cluster.region);
            is_active(cluster) || !beside.any(is_active)
        })
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
