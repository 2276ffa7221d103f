//! What of a topology a bundle is made from: topologies that it sees alike give it the same bytes, so that who
//! changes a topology knows which jobs that touches.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::plan::Plan;
use crate::topology::{
    Cluster, ClusterState, FlinkSettings, FlinkSources, FlinkVersion, KubernetesCluster, Placement, Topology,
};

/// What a bundle looks at in a topology; its manifest keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uses {
    /// Groups that sources are read from.
    read: BTreeSet<String>,
    /// Groups that rows are published to.
    written: BTreeSet<String>,
    /// A region that is not read, as it is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lost: Option<String>,
}

/// What it finds there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    read: Seats,
    written: Seats,
    sources: FlinkSources,
    version: FlinkVersion,
    base_image: Option<String>,
    /// Clusters that were read before and may still have a place in a job's state; of those that are read a job with
    /// dynamic sources reads these to their ends.
    retired: BTreeMap<String, String>,
    /// Settings by their names in the topology, where the job has a place.
    settings: BTreeMap<&'static str, String>,
    /// `primary` and `secondary`.
    places: BTreeMap<&'static str, String>,
}

/// Brokers by `region/group/cluster`.
type Seats = BTreeMap<String, String>;

impl Uses {
    pub(super) fn of(plan: &Plan, lost: Option<&str>) -> Self {
        Self {
            read: plan.sources().into_iter().map(|(_, source)| source.group.clone()).collect(),
            written: plan.publishers().into_iter().map(|(_, publish)| publish.group.clone()).collect(),
            lost: lost.map(str::to_owned),
        }
    }

    /// What is in a topology for this bundle, which has that place there.
    #[must_use]
    pub fn see(&self, topology: &Topology, placement: Option<&Placement>) -> Seen {
        let seat = |cluster: &Cluster| {
            let Cluster { region, group, name, bootstrap, .. } = cluster;
            (format!("{region}/{group}/{name}"), bootstrap.clone())
        };
        let is_lost = |cluster: &&Cluster| self.lost.as_deref() == Some(cluster.region.as_str());
        let sources = topology.flink.sources;
        let is_retired = |cluster: &&Cluster| cluster.state == ClusterState::Retired;
        let listed = self.read.iter().flat_map(|group| topology.group(group));
        let listed: Vec<_> = listed.filter(|cluster| !is_lost(cluster)).collect();
        let read = listed.iter().copied();
        let read = read.filter(|cluster| sources == FlinkSources::Dynamic || !is_retired(cluster));
        let retired = listed.iter().copied().filter(is_retired);
        let written = self.written.iter().flat_map(|group| topology.written(group));
        Seen {
            read: read.map(seat).collect(),
            written: written.map(seat).collect(),
            sources,
            version: topology.flink.version,
            base_image: topology.flink.base_image.clone(),
            retired: retired.map(|cluster| (seat(cluster).0, String::new())).collect(),
            settings: placement.map(|_| settings(topology)).unwrap_or_default(),
            places: placement.map(places).unwrap_or_default(),
        }
    }
}

fn settings(topology: &Topology) -> BTreeMap<&'static str, String> {
    let FlinkSettings {
        image,
        parallelism,
        clients,
        operator,
        sources: _,
        version: _,
        base_image: _,
        place: _,
    } = &topology.flink;
    [
        ("image", image.clone()),
        ("parallelism", parallelism.to_string()),
        ("clients", clients.clone().unwrap_or_default()),
        ("operator", operator.clone()),
    ]
    .into()
}

fn places(placement: &Placement) -> BTreeMap<&'static str, String> {
    let place = |cluster: &KubernetesCluster| {
        let KubernetesCluster { region, name, slots: _, checkpoints } = cluster;
        format!("{region}/{name} ({checkpoints})")
    };
    let secondary = placement.secondary.as_ref().map(|secondary| ("secondary", place(secondary)));
    [("primary", place(&placement.primary))].into_iter().chain(secondary).collect()
}

impl Seen {
    /// The brokers that the job may have to do with.
    pub(super) fn brokers(&self) -> BTreeSet<&str> {
        self.read.values().chain(self.written.values()).flat_map(|brokers| brokers.split(',')).collect()
    }

    /// Whether the state that a job goes on from may have positions of clusters that it no longer reads.
    pub(super) fn leaves_out_state(&self) -> bool {
        match self.sources {
            FlinkSources::Fixed => !self.retired.is_empty(),
            // Their source sees to that itself.
            FlinkSources::Dynamic => false,
        }
    }

    /// Everything about Kafka that is fixed when a job starts, for a hash.
    pub(super) fn clusters(&self) -> String {
        match self.sources {
            FlinkSources::Fixed => format!("{:?}\n{:?}", self.read, self.written),
            FlinkSources::Dynamic => format!("{:?}", self.written),
        }
    }

    /// What another topology changes, in words; none: it gives the same bundle.
    #[must_use]
    pub fn differences(&self, new: &Self) -> Vec<String> {
        let seats = [("reads", &self.read, &new.read), ("publishes to", &self.written, &new.written)];
        let seats = seats.into_iter().flat_map(|(verb, old, new)| of_seats(verb, old, new));
        let places =
            changes(&self.places, &new.places).into_iter().map(|(name, old, new)| match (old, new) {
                (Some(old), Some(new)) => format!("its {name} is {new}, was {old}"),
                (None, new) => format!("has a {name}: {}", new.unwrap_or_default()),
                (Some(_), None) => format!("has no {name} any more"),
            });
        let settings = changes(&self.settings, &new.settings).into_iter();
        // Of a job that is placed for the first or last time they are nothing of their own.
        let settings = settings.filter_map(|(name, old, new)| Some((name, old?, new?)));
        let settings = settings.map(|(name, old, new)| format!("flink.{name} is `{new}`, was `{old}`"));
        let retired = changes(&self.retired, &new.retired).into_iter();
        let retired = retired.filter_map(|(name, old, _)| match (new.sources, old) {
            (FlinkSources::Fixed, None) => Some(format!("may go on without the positions of {name}")),
            (FlinkSources::Fixed, Some(_)) => Some(format!("has no positions of {name} any more")),
            (FlinkSources::Dynamic, None) => Some(format!("reads {name} to its end, and then no longer")),
            (FlinkSources::Dynamic, Some(_)) => {
                new.read.contains_key(name).then(|| format!("reads {name} for good again"))
            }
        });
        let sources =
            (self.sources != new.sources).then(|| format!("its sources are {}", new.sources.name()));
        let version = (self.version != new.version).then(|| format!("runs on Flink {}", new.version.name()));
        let base_image =
            (self.base_image != new.base_image).then(|| "its image is made from another".to_owned());
        seats
            .chain(sources)
            .chain(version)
            .chain(base_image)
            .chain(retired)
            .chain(places)
            .chain(settings)
            .collect()
    }
}

fn of_seats(verb: &str, old: &Seats, new: &Seats) -> Vec<String> {
    let said = |(seat, old, new): (&String, Option<&str>, Option<&str>)| match (old, new) {
        (None, _) => format!("{verb} {seat} too"),
        (Some(_), None) => format!("{verb} {seat} no longer"),
        (Some(_), Some(brokers)) => format!("{verb} {seat} at {brokers}"),
    };
    changes(old, new).into_iter().map(said).collect()
}

/// Keys whose values differ, with both.
fn changes<'c, K: Ord>(
    old: &'c BTreeMap<K, String>,
    new: &'c BTreeMap<K, String>,
) -> Vec<(&'c K, Option<&'c str>, Option<&'c str>)> {
    let keys: BTreeSet<&K> = old.keys().chain(new.keys()).collect();
    let both = |key| (key, old.get(key).map(String::as_str), new.get(key).map(String::as_str));
    keys.into_iter().map(both).filter(|(_, old, new)| old != new).collect()
}
