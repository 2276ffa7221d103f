//! Plan → equal, cheaper Plan: one rewrite per file, in a fixed order.
//!
//! A pass changes how a plan computes, never what: every published value, dead letter and
//! watermark stays the same.

mod column_pruning;
mod constant_folding;
mod predicate_pushdown;
mod rebuild;
mod sharing;

use super::{Plan, fingerprint};
use rebuild::Rebuild;

/// One rewrite and its name.
pub type Pass = (&'static str, fn(&Plan) -> Plan);

/// The passes in the order they run. Folding first: it may free a predicate of a let. Pruning last:
/// what is shared or moved decides which columns are still needed.
pub const PASSES: [Pass; 4] = [
    ("constant_folding", constant_folding::run),
    ("predicate_pushdown", predicate_pushdown::run),
    ("sharing", sharing::run),
    ("column_pruning", column_pruning::run),
];

/// Runs all passes.
#[must_use]
pub fn optimize(plan: Plan) -> Plan {
    PASSES.iter().fold(plan, |plan, (_, pass)| renumber(&pass(&plan)))
}

/// Gives nodes their ids, in an order that depends on names only, and their fingerprints.
#[must_use]
pub fn renumber(plan: &Plan) -> Plan {
    let mut rebuild = Rebuild::new(plan);
    for id in plan.topological_by(|id| plan.node(id).name.clone()) {
        rebuild.keep(id);
    }
    let mut plan = rebuild.plan;
    fingerprint::set(&mut plan);
    plan
}
