//! Whether a running deployment may go from one topology to another. Refused changes are refused whole: a file
//! that was half written, written by hand in a hurry, or rolled back must change nothing.

use std::fmt;

use super::{Cluster, ClusterState, Topology};
use crate::diag::Code;

/// Why a topology is not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A rising generation says which of two files is the newer one.
    NotRaised { current: u64, found: u64 },
    /// A cluster that is neither draining nor retired has gone: it may still hold what nobody has read.
    NotDrained { clusters: Vec<String> },
    /// Positions and homes are kept by cluster, in its group and region.
    Moved { cluster: String, from: String, to: String },
    /// Every cluster of a group is draining or retired: nobody could write to it.
    NoneActive { region: String, group: String },
}

impl Topology {
    /// # Errors
    /// Why `next` must not be applied after this one.
    pub fn may_become(&self, next: &Self) -> Result<(), Refusal> {
        if next.generation <= self.generation {
            return Err(Refusal::NotRaised { current: self.generation, found: next.generation });
        }
        next.has_active()?;
        let mut gone = Vec::new();
        for cluster in &self.clusters {
            match next.cluster(&cluster.name) {
                None if cluster.state == ClusterState::Active => gone.push(cluster.name.clone()),
                Some(found) if place(found) != place(cluster) => {
                    let (from, to) = (place(cluster), place(found));
                    return Err(Refusal::Moved { cluster: cluster.name.clone(), from, to });
                }
                None | Some(_) => {}
            }
        }
        if gone.is_empty() { Ok(()) } else { Err(Refusal::NotDrained { clusters: gone }) }
    }

    /// A cluster by its name.
    #[must_use]
    pub fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| cluster.name == name)
    }

    fn has_active(&self) -> Result<(), Refusal> {
        let is_active = |of: &Cluster| {
            let beside = |cluster: &Cluster| cluster.region == of.region && cluster.group == of.group;
            self.clusters.iter().any(|cluster| beside(cluster) && cluster.state == ClusterState::Active)
        };
        match self.clusters.iter().find(|cluster| !is_active(cluster)) {
            Some(cluster) => {
                Err(Refusal::NoneActive { region: cluster.region.clone(), group: cluster.group.clone() })
            }
            None => Ok(()),
        }
    }
}

fn place(cluster: &Cluster) -> String {
    format!("{}/{}", cluster.region, cluster.group)
}

impl Refusal {
    /// The page that explains it.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::NotRaised { .. } => Code::E0707,
            Self::NotDrained { .. } => Code::E0708,
            Self::Moved { .. } => Code::E0709,
            Self::NoneActive { .. } => Code::E0710,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRaised { current, found } => {
                write!(f, "generation {found} is not above {current}, which runs")
            }
            Self::NotDrained { clusters } => {
                write!(f, "{} would go without having been drained", clusters.join(", "))
            }
            Self::Moved { cluster, from, to } => write!(f, "{cluster} would move from {from} to {to}"),
            Self::NoneActive { region, group } => {
                write!(f, "no cluster of {region}/{group} would be active")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topology(generation: u64, clusters: &[(&str, &str, ClusterState)]) -> Topology {
        let cluster = |(group, name, state): &(&str, &str, ClusterState)| Cluster {
            region: "west".into(),
            group: (*group).into(),
            name: (*name).into(),
            bootstrap: "127.0.0.1:1".into(),
            state: *state,
            ..Cluster::default()
        };
        Topology { generation, clusters: clusters.iter().map(cluster).collect(), ..Topology::default() }
    }

    use ClusterState::{Active, Draining, Retired};

    const BOTH: [(&str, &str, ClusterState); 2] = [("g", "a", Active), ("g", "b", Active)];

    #[test]
    fn what_is_added_drained_retired_and_then_removed_is_taken() {
        let steps = [
            topology(1, &BOTH),
            topology(2, &[BOTH[0], BOTH[1], ("g", "c", Active)]),
            topology(4, &[("g", "a", Draining), BOTH[1], ("g", "c", Active)]),
            topology(5, &[("g", "a", Retired), BOTH[1], ("g", "c", Active)]),
            topology(6, &[BOTH[1], ("g", "c", Active)]),
            topology(7, &[BOTH[0], BOTH[1], ("g", "c", Active)]),
        ];
        for pair in steps.windows(2) {
            assert_eq!(pair[0].may_become(&pair[1]), Ok(()));
        }
    }

    #[test]
    fn what_may_be_half_of_a_file_or_an_old_one_is_refused() {
        let now = topology(5, &BOTH);
        let refused =
            |generation, clusters: &[_]| now.may_become(&topology(generation, clusters)).unwrap_err();
        for generation in [0, 4, 5] {
            assert_eq!(refused(generation, &BOTH), Refusal::NotRaised { current: 5, found: generation });
        }
        assert_eq!(refused(6, &BOTH[..1]), Refusal::NotDrained { clusters: vec!["b".into()] });
        let moved = refused(6, &[BOTH[0], ("h", "b", Active)]);
        assert_eq!(moved.to_string(), "b would move from west/g to west/h");
        let idle = refused(6, &[("g", "a", Draining), ("g", "b", Retired)]);
        assert_eq!(idle, Refusal::NoneActive { region: "west".into(), group: "g".into() });
    }
}
