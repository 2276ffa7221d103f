//! One scenario: records of every source that a definition reads, and the cut at which rows are compared.

use std::collections::{BTreeMap, BTreeSet};

use crate::dataflow;
use crate::model::Model;
use crate::oracle::{self, Records, Table};
use crate::plan::Plan;

use super::records::{self, Arrival};
use super::rng::Rng;
use super::target::Target;

/// What an engine is given.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub(super) target: Target,
    /// Only the target publishes.
    pub(super) model: Model,
    pub(super) plan: Plan,
    /// Per source, in order of arrival.
    pub(super) arrivals: BTreeMap<String, Vec<Arrival>>,
    /// The cut Q, ms.
    pub(super) q: i64,
    /// Whether the run ends at the cut; else what was put out by then counts.
    pub(super) finishes: bool,
}

impl Scenario {
    /// The error says why the definition cannot be compared.
    pub(super) fn random(model: &Model, target: Target, rng: &mut Rng) -> Result<Self, String> {
        let model = target.alone(model);
        let plan = target.plan(&model);
        let refusals = dataflow::refusals(&plan);
        if let Some(problem) = refusals.iter().next() {
            return Err(problem.message.clone());
        }
        let (arrivals, q) = records::random(&model, &plan, target, rng);
        Ok(Self { target, model, plan, arrivals, q, finishes: true })
    }

    /// The oracle's rows.
    pub(super) fn expected(&self) -> Table {
        let of = |arrival: &Arrival| oracle::Record {
            payload: arrival.payload.clone(),
            timestamp_ms: arrival.timestamp_ms,
        };
        let records: Records =
            self.arrivals.iter().map(|(name, all)| (name.clone(), all.iter().map(of).collect())).collect();
        match self.target {
            Target::GroupBy(id) => oracle::group_by_table(&self.model, id, &records, self.q),
            Target::Join(id) => oracle::join_table(&self.model, id, &records, self.q),
        }
    }

    /// The sources whose events have rows of their own in the target; none for a group by.
    pub(super) fn left_sources(&self) -> BTreeSet<String> {
        let Target::Join(id) = self.target else { return BTreeSet::new() };
        let sources = self.model.sources_of(self.model.join(id).left);
        sources.into_iter().map(|id| self.model.source(id).name.clone()).collect()
    }

    /// A table of the right shape without rows.
    pub(super) fn emptied(&self) -> Table {
        let nothing = Records::new();
        match self.target {
            Target::GroupBy(id) => oracle::group_by_table(&self.model, id, &nothing, self.q).emptied(),
            Target::Join(id) => oracle::join_table(&self.model, id, &nothing, self.q).emptied(),
        }
    }
}
