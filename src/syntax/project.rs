//! `windrow.yaml`: the project's name, environments and deployments, as written.

use crate::diag::{Span, Spanned};
use crate::types::Duration;

use super::ast::Name;

/// The project file as written; paths are relative to its folder.
#[derive(Debug, Clone, Default)]
pub struct Project {
    pub name: Option<Name>,
    pub owners: Vec<Name>,
    pub defaults: Defaults,
    /// What every definition has to say of itself.
    pub require: Vec<Spanned<Requirement>>,
    pub environments: Vec<(Name, Environment)>,
    pub deployments: Vec<(Name, Vec<Name>)>,
}

/// Lengths of time for definitions that do not say theirs.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    /// Of sources and tables.
    pub retention: Option<Spanned<Duration>>,
    /// Of sources, and of tables with an event time.
    pub disorder: Option<Spanned<Duration>>,
    /// Of the same.
    pub ahead: Option<Spanned<Duration>>,
    /// Of joins.
    pub hold_for: Option<Spanned<Duration>>,
    /// Of joins.
    pub left_late: Option<Spanned<Duration>>,
}

/// `require: [doc, owner]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    Doc,
    Owner,
}

#[derive(Debug, Clone)]
pub struct Environment {
    pub topology: Option<Spanned<String>>,
    /// Where leases and checkpoints live: a folder or a URL.
    pub checkpoints: Option<Spanned<String>>,
}

/// `topology.yaml` as written: regions → groups → clusters → bootstrap servers.
#[derive(Debug, Clone, Default)]
pub struct TopologyText {
    pub generation: Option<Spanned<u64>>,
    pub retention: Option<Spanned<Duration>>,
    pub regions: Vec<(Name, Vec<(Name, Clusters)>)>,
    /// By region.
    pub kubernetes: Vec<(Name, Vec<(Name, KubernetesText)>)>,
    pub flink: FlinkText,
}

/// A Kubernetes cluster as written.
#[derive(Debug, Clone, Default)]
pub struct KubernetesText {
    pub slots: Option<Spanned<String>>,
    pub checkpoints: Option<Spanned<String>>,
}

/// `flink:` as written.
#[derive(Debug, Clone, Default)]
pub struct FlinkText {
    pub image: Option<Spanned<String>>,
    pub parallelism: Option<Spanned<String>>,
    pub clients: Option<Spanned<String>>,
    pub operator: Option<Spanned<String>>,
    /// dynamic | fixed
    pub sources: Option<Spanned<String>>,
    /// 2.2 | 2.3
    pub version: Option<Spanned<String>>,
    pub base_image: Option<Spanned<String>>,
    /// Of the key.
    pub place: Option<Span>,
}

/// The clusters of one group by name.
pub type Clusters = Vec<(Name, ClusterText)>;

/// One cluster: its bootstrap servers and librdkafka properties that override the defaults.
#[derive(Debug, Clone)]
pub struct ClusterText {
    pub bootstrap: Spanned<String>,
    pub properties: Vec<(Name, Spanned<String>)>,
    /// active | draining | retired
    pub state: Option<Spanned<String>>,
}
