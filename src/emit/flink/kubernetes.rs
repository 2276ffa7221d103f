//! Manifests: a job on its primary and its secondary Kubernetes cluster, each with its namespace, access
//! and network. Nothing in them is secret: what is, is named.

use std::collections::BTreeSet;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::emit::{Manifests, Site};
use crate::plan::{Plan, fingerprint};
use crate::topology::{KubernetesCluster, Topology};

use super::build::Builder;

/// Slots of one task manager: two share a JVM and its RocksDB caches.
const SLOTS_PER_MANAGER: u32 = 2;

/// What the templates of a cluster's folder are given.
#[derive(Debug, Serialize)]
struct Context<'c> {
    deployment: &'c str,
    team: &'c str,
    namespace: &'c str,
    name: &'c str,
    role: String,
    plan: String,
    image: String,
    restart_nonce: i64,
    slots_per_manager: String,
    cpu: i64,
    parallelism: i64,
    store: String,
    plugin: Option<String>,
    clients: Option<&'c str>,
    operator: &'c str,
    broker_ports: Vec<i64>,
    state: &'static str,
}

#[derive(Debug, Serialize)]
struct Failover<'c> {
    deployment: &'c str,
    namespace: &'c str,
    name: &'c str,
    image: String,
    lost: &'c str,
    from: &'c str,
    to: &'c str,
    from_folder: String,
    to_folder: String,
}

/// Prints the folders of a job's clusters.
pub(super) fn print(builder: &mut Builder, plan: &Plan, site: &Site) {
    let Manifests { placement, lost, .. } = &site.manifests;
    let moved = lost.as_deref() == Some(placement.primary.region.as_str());
    let of_primary = if moved { "suspended" } else { "running" };
    folder(builder, plan, site, (&placement.primary, "its primary", of_primary));
    let Some(secondary) = &placement.secondary else { return };
    let of_secondary = if moved { "running" } else { "suspended" };
    folder(
        builder,
        plan,
        site,
        (secondary, "its secondary, for the loss of the primary's region", of_secondary),
    );
    if let Some(lost) = lost.as_deref().filter(|_| moved) {
        failover(builder, plan, site, (lost, secondary));
    }
}

fn folder(
    builder: &mut Builder,
    plan: &Plan,
    site: &Site,
    (cluster, role, state): (&KubernetesCluster, &str, &'static str),
) {
    let Site { topology, manifests } = site;
    let context = Context {
        deployment: &plan.deployment,
        team: &manifests.team,
        namespace: &manifests.namespace,
        name: &manifests.name,
        role: format!("{role}, {state}"),
        plan: fingerprint::of_plan(plan),
        image: image(topology, plan),
        restart_nonce: restart_nonce(plan, site),
        slots_per_manager: SLOTS_PER_MANAGER.to_string(),
        cpu: i64::from(SLOTS_PER_MANAGER),
        parallelism: i64::from(topology.flink.parallelism),
        store: format!("{}/{}/{}", cluster.checkpoints, manifests.namespace, manifests.name),
        plugin: plugin(&cluster.checkpoints),
        clients: topology.flink.clients.as_deref(),
        operator: &topology.flink.operator,
        broker_ports: broker_ports(plan, topology),
        state,
    };
    let path = path(cluster);
    for (number, file) in [("00", "namespace"), ("10", "access"), ("20", "network"), ("30", "flink")] {
        builder.add_file(
            &format!("{path}/{number}_{file}.yaml"),
            &format!("kubernetes/{file}.yaml"),
            &context,
        );
    }
}

fn failover(builder: &mut Builder, plan: &Plan, site: &Site, (lost, secondary): (&str, &KubernetesCluster)) {
    let primary = &site.manifests.placement.primary;
    let folder = |cluster: &KubernetesCluster| format!("{}/{}", cluster.region, cluster.name);
    let context = Failover {
        deployment: &plan.deployment,
        namespace: &site.manifests.namespace,
        name: &site.manifests.name,
        image: image(site.topology, plan),
        lost,
        from: &primary.name,
        to: &secondary.name,
        from_folder: folder(primary),
        to_folder: folder(secondary),
    };
    builder.add_file("kubernetes/FAILOVER.md", "kubernetes/FAILOVER.md", &context);
}

fn path(cluster: &KubernetesCluster) -> String {
    format!("kubernetes/{}/{}", cluster.region, cluster.name)
}

fn image(topology: &Topology, plan: &Plan) -> String {
    format!("{}:{}", topology.flink.image, fingerprint::of_plan(plan))
}

/// The file system that a place needs and that Flink's image has, but not on its path.
fn plugin(checkpoints: &str) -> Option<String> {
    let name = match checkpoints.split_once("://")?.0 {
        "s3" => "flink-s3-fs-presto",
        "gs" => "flink-gs-fs-hadoop",
        "abfss" => "flink-azure-fs-hadoop",
        _ => return None,
    };
    let version = super::TARGET.rsplit(' ').next()?;
    Some(format!("{name}-{version}.jar"))
}

/// The groups that a plan reads and publishes to.
pub(super) fn groups(plan: &Plan) -> BTreeSet<&str> {
    let read = plan.sources().into_iter().map(|(_, source)| source.group.as_str());
    let published = plan.publishers().into_iter().map(|(_, publish)| publish.group.as_str());
    read.chain(published).collect()
}

fn broker_ports(plan: &Plan, topology: &Topology) -> Vec<i64> {
    let groups = groups(plan);
    let clusters = topology.clusters.iter().filter(|cluster| groups.contains(cluster.group.as_str()));
    let servers = clusters.flat_map(|cluster| cluster.bootstrap.split(','));
    let ports: BTreeSet<i64> =
        servers.filter_map(|server| server.rsplit(':').next()?.trim().parse().ok()).collect();
    ports.into_iter().collect()
}

/// A number that changes when something the job uses of the topology does, and only then.
fn restart_nonce(plan: &Plan, site: &Site) -> i64 {
    let groups = groups(plan);
    let mut hash = Sha256::new();
    for cluster in site.topology.clusters.iter().filter(|cluster| groups.contains(cluster.group.as_str())) {
        hash.update(format!(
            "{}\n{}\n{}\n{}\n",
            cluster.region, cluster.group, cluster.name, cluster.bootstrap
        ));
    }
    hash.update(format!("{:?}", site.manifests.lost));
    let digest = hash.finalize();
    // Kubernetes' numbers are signed, and people read this one.
    i64::from(u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]) >> 1)
}
