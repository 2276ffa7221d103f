//! Which Kubernetes clusters a deployment's job runs on: a primary, and a secondary in another region
//! that takes over when the primary's region is lost.
//!
//! Every deployment ranks the clusters by a hash of both names, so that a deployment or a cluster more
//! moves few of the others; capacity is handed out in order of the deployments' names.

use std::collections::BTreeMap;

use super::{KubernetesCluster, Topology};

/// Where a deployment's job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    pub primary: KubernetesCluster,
    /// `None`: there is no other region.
    pub secondary: Option<KubernetesCluster>,
}

/// A deployment for which no cluster has enough slots left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoRoom {
    pub deployment: String,
    pub slots: u32,
    /// Whether it is the secondary that has no place.
    pub is_secondary: bool,
}

/// Places every deployment, or says for which there is no room. A secondary's slots are held free.
///
/// # Errors
/// When a deployment fits nowhere, or in no other region than its primary's.
pub fn place(topology: &Topology, deployments: &[&str]) -> Result<BTreeMap<String, Placement>, Vec<NoRoom>> {
    let slots = topology.flink.parallelism;
    let mut left: BTreeMap<&str, u32> =
        topology.kubernetes.iter().map(|cluster| (cluster.name.as_str(), cluster.slots)).collect();
    let has_regions =
        topology.kubernetes.iter().any(|cluster| cluster.region != topology.kubernetes[0].region);
    let mut names = deployments.to_vec();
    names.sort_unstable();
    let (mut placed, mut no_room) = (BTreeMap::new(), Vec::new());
    for deployment in names {
        let missing = |is_secondary| NoRoom { deployment: deployment.to_owned(), slots, is_secondary };
        let ranked = ranked(topology, deployment);
        let Some(primary) = take(&ranked, &mut left, slots, None) else {
            no_room.push(missing(false));
            continue;
        };
        let secondary = take(&ranked, &mut left, slots, Some(&primary.region));
        if secondary.is_none() && has_regions {
            no_room.push(missing(true));
        }
        placed.insert(deployment.to_owned(), Placement { primary, secondary });
    }
    if no_room.is_empty() { Ok(placed) } else { Err(no_room) }
}

/// The clusters in a deployment's own order.
fn ranked<'t>(topology: &'t Topology, deployment: &str) -> Vec<&'t KubernetesCluster> {
    let mut ranked: Vec<_> = topology.kubernetes.iter().collect();
    ranked.sort_by_cached_key(|cluster| rank(deployment, &cluster.name));
    ranked
}

/// FNV-1a, and a last mix: names that differ in their last letter are ranked apart too.
fn rank(deployment: &str, cluster: &str) -> u64 {
    // A byte that no name has keeps `a`, `bc` apart from `ab`, `c`.
    let bytes = deployment.bytes().chain([0]).chain(cluster.bytes());
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325, step);
    let hash = (hash ^ hash >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ hash >> 33
}

fn take(
    ranked: &[&KubernetesCluster],
    left: &mut BTreeMap<&str, u32>,
    slots: u32,
    not_in: Option<&str>,
) -> Option<KubernetesCluster> {
    let fits = |cluster: &&&KubernetesCluster| {
        not_in != Some(cluster.region.as_str())
            && left.get(cluster.name.as_str()).is_some_and(|left| *left >= slots)
    };
    let cluster: &KubernetesCluster = ranked.iter().find(fits)?;
    let free = left.iter_mut().find(|(name, _)| **name == cluster.name);
    if let Some((_, free)) = free {
        *free -= slots;
    }
    Some(cluster.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(region: &str, name: &str, slots: u32) -> KubernetesCluster {
        let (region, name) = (region.to_owned(), name.to_owned());
        KubernetesCluster { region, name, slots, checkpoints: "s3://b/f".into() }
    }

    fn topology(slots: u32) -> Topology {
        let kubernetes = ["e1", "e2"]
            .map(|name| cluster("east", name, slots))
            .into_iter()
            .chain(["w1", "w2"].map(|name| cluster("west", name, slots)));
        Topology { kubernetes: kubernetes.collect(), ..Topology::default() }
    }

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("d{n}")).collect()
    }

    #[test]
    fn primary_and_secondary_are_in_two_regions_and_no_cluster_has_more_than_it_can_take() {
        let names = names(8);
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        // 8 deployments of 4 slots, twice: 64 slots on 4 clusters.
        let placed = place(&topology(20), &names).unwrap();
        let mut used: BTreeMap<String, u32> = BTreeMap::new();
        for placement in placed.values() {
            let secondary = placement.secondary.as_ref().unwrap();
            assert_ne!(placement.primary.region, secondary.region);
            for cluster in [&placement.primary, secondary] {
                *used.entry(cluster.name.clone()).or_default() += 4;
            }
        }
        assert!(used.values().all(|used| *used <= 20) && used.len() == 4, "{used:?}");
        let mut reversed = names.clone();
        reversed.reverse();
        assert_eq!(place(&topology(20), &reversed).unwrap(), placed, "order does not matter");
    }

    #[test]
    fn a_deployment_more_moves_no_other_while_there_is_room() {
        let all = names(9);
        let all: Vec<_> = all.iter().map(String::as_str).collect();
        let (few, many) = (place(&topology(100), &all[..8]).unwrap(), place(&topology(100), &all).unwrap());
        assert!(few.iter().all(|(name, placement)| many[name] == *placement));
    }

    #[test]
    fn no_room_is_said_for_each_deployment() {
        let no_room = place(&topology(3), &["a", "b"]).unwrap_err();
        let shown: Vec<_> =
            no_room.iter().map(|none| (none.deployment.as_str(), none.is_secondary)).collect();
        assert_eq!(shown, [("a", false), ("b", false)]);
        let mut one_region = topology(8);
        one_region.kubernetes.truncate(2);
        assert_eq!(place(&one_region, &["a"]).unwrap()["a"].secondary, None);
    }
}
