//! What one topology has otherwise than another, part by part, in order.

use std::collections::{BTreeMap, BTreeSet};

use super::{Cluster, FlinkSettings, KubernetesCluster, Topology};
use crate::types::Duration;

/// One thing that is otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Like `west/ingest/west-1`, `kubernetes west/west-a`, `retention`.
    pub part: String,
    pub change: Change,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Added,
    Removed,
    /// A property of the part; `None`: it has none.
    Changed {
        property: String,
        old: Option<String>,
        new: Option<String>,
    },
}

/// The parts of a topology, each with its properties.
type Parts = BTreeMap<String, BTreeMap<String, String>>;

impl Topology {
    /// What `new` has otherwise, but for the generation.
    #[must_use]
    pub fn differences(&self, new: &Self) -> Vec<Difference> {
        let (old, new) = (parts(self), parts(new));
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let of = |name: &&String| between(name, old.get(*name), new.get(*name));
        names.iter().flat_map(of).collect()
    }
}

fn between(
    part: &str,
    old: Option<&BTreeMap<String, String>>,
    new: Option<&BTreeMap<String, String>>,
) -> Vec<Difference> {
    let one = |change| Difference { part: part.to_owned(), change };
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (None, _) => return vec![one(Change::Added)],
        (Some(_), None) => return vec![one(Change::Removed)],
    };
    let properties: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed = properties.into_iter().filter(|property| old.get(*property) != new.get(*property));
    let change = |property: &String| Change::Changed {
        property: property.clone(),
        old: old.get(property).cloned(),
        new: new.get(property).cloned(),
    };
    changed.map(|property| one(change(property))).collect()
}

fn parts(topology: &Topology) -> Parts {
    let Topology { generation: _, retention_ms, clusters, kubernetes, flink } = topology;
    let retention = (String::new(), Duration::from_ms(*retention_ms).to_string());
    let settings = [("flink".to_owned(), settings(flink)), ("retention".to_owned(), [retention].into())];
    clusters.iter().map(cluster).chain(kubernetes.iter().map(place)).chain(settings).collect()
}

fn cluster(cluster: &Cluster) -> (String, BTreeMap<String, String>) {
    let Cluster { region, group, name, bootstrap, properties, properties_place: _, state } = cluster;
    let own = [("brokers", bootstrap.clone()), ("state", state.name().to_owned())];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    let client = properties.iter().map(|(name, value)| (name.clone(), value.clone()));
    (format!("{region}/{group}/{name}"), own.into_iter().chain(client).collect())
}

fn place(cluster: &KubernetesCluster) -> (String, BTreeMap<String, String>) {
    let KubernetesCluster { region, name, slots, checkpoints } = cluster;
    let own = [("slots", slots.to_string()), ("checkpoints", checkpoints.clone())];
    (format!("kubernetes {region}/{name}"), own.map(|(name, value)| (name.to_owned(), value)).into())
}

fn settings(flink: &FlinkSettings) -> BTreeMap<String, String> {
    let FlinkSettings { image, parallelism, clients, operator, sources, version, base_image, place: _ } =
        flink;
    let own = [
        ("image", image.clone()),
        ("operator", operator.clone()),
        ("parallelism", parallelism.to_string()),
        ("sources", sources.name().to_owned()),
        ("version", version.name().to_owned()),
    ];
    let optional = [("base_image", base_image.clone()), ("clients", clients.clone())];
    let optional = optional.into_iter().filter_map(|(name, value)| Some((name, value?)));
    own.into_iter().chain(optional).map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::ClusterState;

    fn topology() -> Topology {
        let cluster = |name: &str| Cluster {
            region: "west".into(),
            group: "g".into(),
            name: name.into(),
            bootstrap: "h:1".into(),
            properties: [("acks".to_owned(), "all".to_owned())].into(),
            ..Cluster::default()
        };
        Topology { generation: 1, clusters: vec![cluster("a"), cluster("b")], ..Topology::default() }
    }

    #[test]
    fn everything_that_is_otherwise_is_named_once_and_in_order() {
        let (old, mut new) = (topology(), topology());
        assert_eq!(old.differences(&new), []);
        new.generation = 9;
        new.clusters[0].state = ClusterState::Draining;
        new.clusters[0].properties.clear();
        new.clusters[1].name = "c".into();
        new.flink.clients = Some("secret-of-clients".into());
        let changed = |part: &str, property: &str, old: Option<&str>, new: Option<&str>| Difference {
            part: part.into(),
            change: Change::Changed {
                property: property.into(),
                old: old.map(str::to_owned),
                new: new.map(str::to_owned),
            },
        };
        let whole = |part: &str, change| Difference { part: part.into(), change };
        let expected = [
            changed("flink", "clients", None, Some("secret-of-clients")),
            changed("west/g/a", "acks", Some("all"), None),
            changed("west/g/a", "state", Some("active"), Some("draining")),
            whole("west/g/b", Change::Removed),
            whole("west/g/c", Change::Added),
        ];
        assert_eq!(old.differences(&new), expected);
    }
}
