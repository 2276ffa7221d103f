//! One scenario: records of every source that a definition reads, and the cut at which rows are compared.

use std::collections::{BTreeMap, BTreeSet};

use crate::dataflow;
use crate::model::{JoinMode, Model, SourceField, Target};
use crate::oracle::{self, Records, Table};
use crate::plan::{self, Plan};
use crate::types::DataType;

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
}

impl Scenario {
    /// The error says why the definition cannot be compared.
    pub(super) fn random(model: &Model, target: Target, rng: &mut Rng) -> Result<Self, String> {
        let model = model.alone(target).without_histories();
        let plan = plan::alone(&model, target);
        let refusals = dataflow::refusals(&plan);
        if let Some(problem) = refusals.iter().next() {
            return Err(problem.message.clone());
        }
        if let Some(what) = unknown_to_the_oracle(&model, target) {
            return Err(format!("the oracle does not know {what} yet"));
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

/// What the target has that the oracle cannot compute.
fn unknown_to_the_oracle(model: &Model, target: Target) -> Option<&'static str> {
    let (inputs, lookups) = match target {
        Target::GroupBy(id) => (vec![model.group_by(id).from], model.group_by(id).lookups.len()),
        Target::Join(id) => {
            let join = model.join(id);
            if join.mode == JoinMode::Fresh {
                // What was known when is no function of the events: outside rule S0.
                return Some("rows of `mode fresh`");
            }
            let parts: Vec<_> = join.parts.iter().map(|part| model.group_by(part.group_by)).collect();
            let lookups = join.lookups.len() + parts.iter().map(|part| part.lookups.len()).sum::<usize>();
            (parts.iter().map(|part| part.from).chain([join.left]).collect(), lookups)
        }
    };
    if lookups > 0 {
        return Some("lookups");
    }
    let sources = inputs.into_iter().flat_map(|input| model.sources_of(input));
    let mut fields = sources.flat_map(|id| &model.source(id).fields);
    let is_unknown = |field: &SourceField| !is_known(field.field.data_type);
    fields.any(is_unknown).then_some("dates, bytes, structs, or maps by other keys than text")
}

fn is_known(data_type: DataType) -> bool {
    match data_type {
        DataType::Date | DataType::Bytes | DataType::Struct(_) => false,
        DataType::List(of) => is_known(of.data_type),
        DataType::Map(of) => of.key == DataType::String && is_known(of.value.data_type),
        DataType::String
        | DataType::Int
        | DataType::Double
        | DataType::Bool
        | DataType::Decimal { .. }
        | DataType::Timestamp => true,
    }
}
