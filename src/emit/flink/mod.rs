//! Bundles for Apache Flink. One file per thing that is printed; templates/flink/README.md says what
//! a bundle is made of.

mod avro;
mod build;
mod calls;
mod derive;
mod explain;
mod files;
mod job;
mod joins;
mod kubernetes;
mod names;
mod nodes;
mod refuse;
mod release;
mod rows;
mod sinks;
mod sources;
mod zones;

use crate::diag::{Diagnostic, Diagnostics};
use crate::plan::Plan;
use crate::topology::Topology;

use super::{Bundle, Manifests, Modules, Site, Uses};
use release::Release;

pub(super) fn render(
    plan: &Plan,
    topology: Option<&Topology>,
    manifests: Option<&Manifests>,
    modules: &Modules,
) -> Result<Bundle, Diagnostics> {
    let problems = refuse::problems(plan, topology, modules);
    if problems.has_errors() {
        return Err(problems.sorted());
    }
    let site = topology.zip(manifests).map(|(topology, manifests)| Site { topology, manifests });
    let uses = topology.map(|_| Uses::of(plan, manifests.and_then(|manifests| manifests.lost.as_deref())));
    let target = Release::of(topology).target();
    Ok(build::bundle(plan, topology, site.as_ref(), modules).seal(plan, &target, uses))
}

/// What may go wrong with jobs of a topology, though nothing of it is wrong.
pub(super) fn warnings(topology: &Topology) -> Option<Diagnostic> {
    release::unpinned(topology)
}

/// What each node becomes.
pub(super) fn explain(
    plan: &Plan,
    topology: Option<&Topology>,
    modules: &Modules,
) -> Result<String, Diagnostics> {
    let problems = refuse::problems(plan, topology, modules);
    if problems.has_errors() { Err(problems.sorted()) } else { Ok(explain::explain(plan)) }
}

#[cfg(test)]
mod tests;
