//! Where the jobs of a project's deployments run in Kubernetes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::json;

use crate::diag::{Code, Diagnostic, nearest};
use crate::emit::Manifests;
use crate::model::{Deployment, Model};
use crate::topology::{self, KubernetesCluster, NoRoom, Topology};

use super::Failure;
use super::output::write_file;

/// What Flink's operator takes as a job's name.
const NAME_MAX: usize = 45;

/// The manifests of every deployment; none if the topology has no Kubernetes clusters. All deployments
/// are placed, whichever are compiled, so that one compiled alone is where it is with the others.
pub(super) fn sites(
    model: &Model,
    topology: Option<&Topology>,
    lost: Option<&str>,
) -> Result<BTreeMap<String, Manifests>, Failure> {
    let Some(topology) = topology.filter(|topology| !topology.kubernetes.is_empty()) else {
        return lost.map_or(Ok(BTreeMap::new()), |lost| Err(no_region(lost, &BTreeSet::new())));
    };
    let regions: BTreeSet<&str> = topology.kubernetes.iter().map(|cluster| cluster.region.as_str()).collect();
    if let Some(lost) = lost.filter(|lost| !regions.contains(lost)) {
        return Err(no_region(lost, &regions));
    }
    check_names(model)?;
    let names: Vec<&str> = model.deployments.iter().map(|deployment| deployment.name.as_str()).collect();
    let placements = topology::place(topology, &names).map_err(|no_room| full(&no_room))?;
    let mut sites = BTreeMap::new();
    for deployment in &model.deployments {
        let team = team(model, deployment);
        let manifests = Manifests {
            namespace: Manifests::name_of(&team),
            team,
            name: Manifests::name_of(&deployment.name),
            placement: placements[&deployment.name].clone(),
            lost: lost.map(str::to_owned),
        };
        sites.insert(deployment.name.clone(), manifests);
    }
    Ok(sites)
}

/// Beside the bundles: which jobs share the clusters' slots, and where each of them is.
const PLACEMENT: &str = "placement.json";

/// Writes down where every deployment of the project has its place, also those that were not compiled.
pub(super) fn write(sites: &BTreeMap<String, Manifests>, out: &Path) -> Result<(), Failure> {
    let name = |cluster: &KubernetesCluster| format!("{}/{}", cluster.region, cluster.name);
    let place = |Manifests { placement, .. }: &Manifests| json!({"primary": name(&placement.primary), "secondary": placement.secondary.as_ref().map(name)});
    let all: BTreeMap<_, _> = sites.iter().map(|(deployment, site)| (deployment, place(site))).collect();
    let text = serde_json::to_string_pretty(&all).expect("maps with text keys always serialize");
    write_file(&out.join(PLACEMENT), format!("{text}\n").as_bytes())
}

/// The deployments that were placed together when a folder was written; `None`: nothing says so.
pub(super) fn placed_together(out: &Path) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(out.join(PLACEMENT)).ok()?;
    let all: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).ok()?;
    Some(all.into_keys().collect())
}

/// The one owner of what a deployment names; what nobody or several own is windrow's.
fn team(model: &Model, deployment: &Deployment) -> String {
    let group_bys = deployment.group_bys.iter().map(|id| &model.group_by(*id).about.owner);
    let joins = deployment.joins.iter().map(|id| &model.join(*id).about.owner);
    let owners: BTreeSet<&String> = group_bys.chain(joins).flatten().collect();
    match owners.into_iter().collect::<Vec<_>>().as_slice() {
        [only] => (*only).clone(),
        _ => "windrow".to_owned(),
    }
}

fn check_names(model: &Model) -> Result<(), Failure> {
    let mut first: BTreeMap<String, &str> = BTreeMap::new();
    for deployment in &model.deployments {
        let name = Manifests::name_of(&deployment.name);
        let problem = if name.len() > NAME_MAX {
            Some(format!(
                "`{}` is longer than the {NAME_MAX} characters that a job's name may have",
                deployment.name
            ))
        } else {
            let other = first.insert(name.clone(), &deployment.name);
            other.map(|other| {
                format!("`{}` and `{other}` would both be `{name}` in Kubernetes", deployment.name)
            })
        };
        if let Some(message) = problem {
            let problem = Diagnostic::without_place(Code::E0861, message);
            return Err(Failure::usage(problem.hint("rename the deployment")));
        }
    }
    Ok(())
}

pub(super) fn full(no_room: &[NoRoom]) -> Failure {
    let of = |none: &NoRoom| {
        format!("`{}`{}", none.deployment, if none.is_secondary { " (its secondary)" } else { "" })
    };
    let all: Vec<String> = no_room.iter().map(of).collect();
    let slots = no_room.first().map_or(0, |none| none.slots);
    let message = format!("no Kubernetes cluster has {slots} slots left for: {}", all.join(", "));
    let problem = Diagnostic::without_place(Code::E0860, message);
    Failure::usage(problem.hint("give a cluster of the topology more `slots`"))
}

fn no_region(lost: &str, regions: &BTreeSet<&str>) -> Failure {
    let message = format!("the topology has no Kubernetes clusters in a region `{lost}`");
    let hint = match nearest(lost, regions.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "the regions are those of the topology that have `kubernetes:`".into(),
    };
    Failure::usage(Diagnostic::without_place(Code::E0862, message).hint(hint))
}
