//! Model → [`Plan`], one file per kind of definition. Writes the graph down plainly: what can be
//! shared, moved or left out is the passes' business.

mod group_by;
mod join;
mod lets;
mod source;
mod stream;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Deployment, GroupById, JoinId, Model, SourceId, StreamId, TableId};

use super::{NodeId, Plan, passes};

/// The plan of a deployment, not yet optimized. What a join uses is included, published or not.
#[must_use]
pub fn lower(model: &Model, deployment: &Deployment) -> Plan {
    let mut lowering = Lowering::new(model, &deployment.name);
    let group_bys = group_bys(model, deployment);
    lowering.tables_kept_ms = table::kept_ms(model, &group_bys, &deployment.joins);
    for id in group_bys {
        lowering.group_by(id, kept_ms(model, &deployment.joins, id));
    }
    for id in &deployment.joins {
        lowering.join(*id);
    }
    passes::renumber(&lowering.plan)
}

/// The graph so far, and which node stands for what.
struct Lowering<'m> {
    model: &'m Model,
    plan: Plan,
    /// The watermark node of each source.
    sources: BTreeMap<SourceId, NodeId>,
    /// The last node of each stream.
    streams: BTreeMap<StreamId, NodeId>,
    /// The rows of each table by key.
    tables: BTreeMap<TableId, NodeId>,
    /// How long before the watermark each table may still be asked.
    tables_kept_ms: BTreeMap<TableId, i64>,
    /// The window aggregate of each group by.
    aggregates: BTreeMap<GroupById, NodeId>,
}

impl<'m> Lowering<'m> {
    fn new(model: &'m Model, name: &str) -> Self {
        Self {
            model,
            plan: Plan::new(name),
            sources: BTreeMap::new(),
            streams: BTreeMap::new(),
            tables: BTreeMap::new(),
            tables_kept_ms: BTreeMap::new(),
            aggregates: BTreeMap::new(),
        }
    }
}

/// The group bys of a deployment and those its joins read.
fn group_bys(model: &Model, deployment: &Deployment) -> BTreeSet<GroupById> {
    let used = deployment.joins.iter().flat_map(|id| &model.join(*id).parts).map(|part| part.group_by);
    deployment.group_bys.iter().copied().chain(used).collect()
}

/// How long after its event a join may still ask for a group by's value (rule S9).
fn kept_ms(model: &Model, joins: &[JoinId], group_by: GroupById) -> i64 {
    let uses = |id: &&JoinId| model.join(**id).parts.iter().any(|part| part.group_by == group_by);
    joins.iter().filter(uses).map(|id| model.join(*id).left_late_ms).max().unwrap_or(0)
}
