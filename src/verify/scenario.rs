//! One scenario: records of every source that a definition reads, and the cut at which rows are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::dataflow::{self, Caller};
use crate::model::{JoinMode, Model, Target};
use crate::oracle::{self, Models, Records, Table};
use crate::plan::{self, Plan};

use super::execution::Mishap;
use super::records::{self, Arrival};
use super::rng::Rng;

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
    /// What goes wrong around an executor.
    pub(super) mishap: Option<Mishap>,
    /// Who answers the engine's model calls, and who the oracle's.
    pub(super) caller: Option<Arc<dyn Caller>>,
    pub(super) models: Option<Arc<dyn Models>>,
}

impl Scenario {
    /// The error says why the definition cannot be compared.
    pub(super) fn random(model: &Model, target: Target, rng: &mut Rng) -> Result<Self, String> {
        let model = alone(model, target);
        let plan = plan::alone(&model, target);
        let refusals = dataflow::refusals(&plan);
        if let Some(problem) = refusals.iter().next() {
            return Err(problem.message.clone());
        }
        if matches!(target, Target::Join(id) if model.join(id).mode == JoinMode::Fresh) {
            return Err(
                "its rows show what is known when they come: `mode fresh` is outside of rule S0".to_owned()
            );
        }
        let (arrivals, q) = records::random(&model, &plan, target, rng);
        Ok(Self {
            target,
            model,
            plan,
            arrivals,
            q,
            finishes: true,
            mishap: None,
            caller: None,
            models: None,
        })
    }

    /// What is wrong with its model calls.
    pub(super) fn uncallable(&self) -> Option<String> {
        let problems = self.caller.as_ref()?.ready(&self.plan);
        problems.iter().next().map(|problem| problem.message.clone())
    }

    /// The oracle's rows.
    pub(super) fn expected(&self) -> Table {
        let records = self.records();
        match self.target {
            Target::GroupBy(id) => oracle::group_by_table(&self.model, id, &records, self.q),
            Target::Join(id) => oracle::join_table(&self.model, id, &records, self.q),
        }
    }

    /// All records, and who answers the oracle's model calls.
    pub(super) fn records(&self) -> Records {
        let of =
            |(name, all): (&String, &Vec<Arrival>)| (name.clone(), all.iter().map(Arrival::record).collect());
        let records: Records = self.arrivals.iter().map(of).collect();
        records.with_models(self.models.clone())
    }

    /// The sources whose events have rows of their own in the target; none for a group by.
    pub(super) fn left_sources(&self) -> BTreeSet<String> {
        let Target::Join(id) = self.target else { return BTreeSet::new() };
        let sources = self.model.sources_of(self.model.join(id).left);
        sources.into_iter().map(|id| self.model.source(id).name.clone()).collect()
    }

    pub(super) const fn is_join(&self) -> bool {
        matches!(self.target, Target::Join(_))
    }

    /// Whether that is a table whose rows hold at all times.
    pub(super) fn is_static(&self, name: &str) -> bool {
        self.model.tables.iter().any(|table| table.name == name && table.event_time.is_none())
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

/// The target publishes as it says, of records that are written as it says.
fn alone(model: &Model, target: Target) -> Model {
    let mut alone = model.alone(target).without_histories();
    for (source, declared) in alone.sources.iter_mut().zip(&model.sources) {
        source.format = declared.format.clone();
    }
    for (table, declared) in alone.tables.iter_mut().zip(&model.tables) {
        table.format = declared.format.clone();
    }
    match target {
        Target::Join(id) => {
            if let (Some(publish), Some(declared)) = (&mut alone.joins[id.0].publish, &model.join(id).publish)
            {
                publish.mode = declared.mode;
                publish.every_ms = declared.every_ms;
            }
        }
        Target::GroupBy(id) => {
            let publish = &mut alone.group_bys[id.0].publish;
            if let (Some(publish), Some(declared)) = (publish, &model.group_by(id).publish) {
                publish.every_ms = declared.every_ms;
            }
        }
    }
    alone
}
