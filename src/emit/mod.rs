//! Plan → [`Bundle`]: the files of a job for another engine, one folder per target.
//!
//! Reads the plan alone, so that a bundle and the executor cannot drift by reading different things.
//! What a target cannot do exactly is refused at its definition, before any file is produced.
//! Owns minijinja: templates lay out text and decide nothing, see `engine.rs`.
#![deny(clippy::disallowed_methods)]

mod bundle;
mod context;
mod engine;
mod escape;
mod flink;
mod modules;
mod uses;

pub use bundle::{About, Bundle, File, MANIFEST, about};
pub use modules::{Files, Modules, NoModule, code};
pub use uses::{Seen, Uses};

/// A script that runs several bundles for Flink in one process.
pub const FLINK_RUNS: &str = include_str!("../../templates/flink/runs.py");

use crate::diag::{Diagnostic, Diagnostics};
use crate::plan::Plan;
use crate::topology::{Placement, Topology};

/// The engine a bundle is for.
#[derive(Debug, Clone, Copy)]
pub enum Target<'t> {
    /// Apache Flink; without a topology the job reads files only, without manifests it runs nowhere else.
    Flink { topology: Option<&'t Topology>, manifests: Option<&'t Manifests>, modules: &'t Modules },
}

/// Where a job runs in Kubernetes.
#[derive(Debug, Clone)]
pub struct Manifests {
    /// Whose it is.
    pub team: String,
    pub namespace: String,
    /// The job's name there.
    pub name: String,
    pub placement: Placement,
    /// A region that is lost: it is not read, and the job runs in another.
    pub lost: Option<String>,
}

/// The manifests of a job, and the topology they are for.
#[derive(Debug, Clone)]
struct Site<'t> {
    topology: &'t Topology,
    manifests: &'t Manifests,
}

impl Manifests {
    /// A name of windrow's as Kubernetes takes it: lower case, and `-` for everything else.
    #[must_use]
    pub fn name_of(text: &str) -> String {
        let lower = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let name: String = text.chars().map(lower).collect();
        let name = name.trim_matches('-');
        if name.starts_with(|c: char| c.is_ascii_lowercase()) { name.to_owned() } else { format!("w-{name}") }
    }
}

/// The bundle of an optimized plan: the same bytes for the same plan and topology.
///
/// # Errors
/// Everything in the plan that the target cannot do, each at its definition.
pub fn render(plan: &Plan, target: Target) -> Result<Bundle, Diagnostics> {
    match target {
        Target::Flink { topology, manifests, modules } => flink::render(plan, topology, manifests, modules),
    }
}

/// What is worth knowing before jobs of bundles are deployed to that topology.
#[must_use]
pub fn warnings(target: Target) -> Option<Diagnostic> {
    match target {
        Target::Flink { topology, manifests, modules: _ } => {
            manifests.and(topology).and_then(flink::warnings)
        }
    }
}

/// What each node of an optimized plan becomes for a target, and why.
///
/// # Errors
/// As [`render`].
pub fn explain(plan: &Plan, target: Target) -> Result<String, Diagnostics> {
    match target {
        Target::Flink { topology, manifests: _, modules } => flink::explain(plan, topology, modules),
    }
}

#[cfg(test)]
mod tests;
