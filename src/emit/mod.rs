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

pub use bundle::{Bundle, File, MANIFEST, is_manifest};

use crate::diag::Diagnostics;
use crate::plan::Plan;
use crate::topology::Topology;

/// The engine a bundle is for.
#[derive(Debug, Clone, Copy)]
pub enum Target<'t> {
    /// Apache Flink; without a topology the job reads files only.
    Flink { topology: Option<&'t Topology> },
}

/// The bundle of an optimized plan: the same bytes for the same plan and topology.
///
/// # Errors
/// Everything in the plan that the target cannot do, each at its definition.
pub fn render(plan: &Plan, target: Target) -> Result<Bundle, Diagnostics> {
    match target {
        Target::Flink { topology } => flink::render(plan, topology),
    }
}

#[cfg(test)]
mod tests;
