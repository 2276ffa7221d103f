//! Manifests: a job on its primary and its secondary Kubernetes cluster, each with its namespace, access
//! and network. Nothing in them is secret: what is, is named.

use std::collections::BTreeSet;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::emit::bundle::of_files;
use crate::emit::{Manifests, Seen, Site, Uses};
use crate::plan::{Plan, fingerprint};
use crate::topology::KubernetesCluster;

use super::build::{Builder, CLUSTERS};
use super::release::Release;

/// Slots of one task manager: two share a JVM and its RocksDB caches.
const SLOTS_PER_MANAGER: u32 = 2;

/// Hexadecimal digits of an image's tag: 64 bits.
const TAG_LENGTH: usize = 16;

/// What the templates of a cluster's folder are given.
#[derive(Debug, Serialize)]
struct Context<'c> {
    deployment: &'c str,
    team: &'c str,
    namespace: &'c str,
    name: &'c str,
    role: String,
    plan: String,
    release: &'static Release,
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
    leaves_out_state: bool,
    /// What its dynamic sources watch.
    watched: Option<String>,
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

/// What of the image all manifests of a job show.
struct Job<'j> {
    plan: &'j Plan,
    site: &'j Site<'j>,
    image: String,
    seen: Seen,
}

/// Prints the folders of a job's clusters; everything that goes into its image is printed before.
pub(super) fn print(builder: &mut Builder, plan: &Plan, site: &Site) {
    let Manifests { placement, lost, .. } = &site.manifests;
    let seen = Uses::of(plan, lost.as_deref()).see(site.topology, Some(placement));
    // What the same plan is printed to depends on the topology, and on windrow.
    let tag = &of_files(&builder.bundle, is_of_image)[..TAG_LENGTH];
    let job = &Job { plan, site, image: format!("{}:{tag}", site.topology.flink.image), seen };
    let moved = lost.as_deref() == Some(placement.primary.region.as_str());
    let of_primary = if moved { "suspended" } else { "running" };
    folder(builder, job, (&placement.primary, "its primary", of_primary));
    let Some(secondary) = &placement.secondary else { return };
    let of_secondary = if moved { "running" } else { "suspended" };
    folder(builder, job, (secondary, "its secondary, for the loss of the primary's region", of_secondary));
    if let Some(lost) = lost.as_deref().filter(|_| moved) {
        failover(builder, job, (lost, secondary));
    }
}

/// What the README and the manifests say makes no other image.
fn is_of_image(path: &str) -> bool {
    path != "README.md" && path != "run-local" && path != CLUSTERS && !path.starts_with("kubernetes/")
}

fn folder(
    builder: &mut Builder,
    Job { plan, site, image, seen }: &Job,
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
        release: builder.release,
        image: image.clone(),
        restart_nonce: restart_nonce(seen, manifests.lost.as_deref()),
        slots_per_manager: SLOTS_PER_MANAGER.to_string(),
        cpu: i64::from(SLOTS_PER_MANAGER),
        parallelism: i64::from(topology.flink.parallelism),
        store: format!("{}/{}/{}", cluster.checkpoints, manifests.namespace, manifests.name),
        plugin: plugin(&cluster.checkpoints, builder.release),
        clients: topology.flink.clients.as_deref(),
        operator: &topology.flink.operator,
        broker_ports: broker_ports(seen),
        leaves_out_state: seen.leaves_out_state(),
        watched: builder.watched(),
        state,
    };
    let path = path(cluster);
    let watched = context.watched.is_some().then_some(("25", "clusters"));
    let files = [("00", "namespace"), ("10", "access"), ("20", "network")].into_iter().chain(watched);
    for (number, file) in files.chain([("30", "flink")]) {
        builder.add_file(
            &format!("{path}/{number}_{file}.yaml"),
            &format!("kubernetes/{file}.yaml"),
            &context,
        );
    }
}

fn failover(
    builder: &mut Builder,
    Job { plan, site, image, seen: _ }: &Job,
    (lost, secondary): (&str, &KubernetesCluster),
) {
    let primary = &site.manifests.placement.primary;
    let folder = |cluster: &KubernetesCluster| format!("{}/{}", cluster.region, cluster.name);
    let context = Failover {
        deployment: &plan.deployment,
        namespace: &site.manifests.namespace,
        name: &site.manifests.name,
        image: image.clone(),
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

/// The file system that a place needs and that Flink's image has, but not on its path.
fn plugin(checkpoints: &str, release: &Release) -> Option<String> {
    let name = match checkpoints.split_once("://")?.0 {
        "s3" => "flink-s3-fs-presto",
        "gs" => "flink-gs-fs-hadoop",
        "abfss" => "flink-azure-fs-hadoop",
        _ => return None,
    };
    Some(format!("{name}-{}.jar", release.flink))
}

fn broker_ports(seen: &Seen) -> Vec<i64> {
    let ports: BTreeSet<i64> =
        seen.brokers().iter().filter_map(|server| server.rsplit(':').next()?.trim().parse().ok()).collect();
    ports.into_iter().collect()
}

/// A number that changes when something the job uses of the topology does, and only then.
fn restart_nonce(seen: &Seen, lost: Option<&str>) -> i64 {
    let digest = Sha256::digest(format!("{}\n{lost:?}", seen.clusters()));
    // Kubernetes' numbers are signed, and people read this one.
    i64::from(u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]) >> 1)
}
