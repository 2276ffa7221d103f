//! Ast → [`Model`]: names are ids, expressions are typed, windows and defaults explicit.
//!
//! User mistakes end here; what a target cannot express is a diagnostic of `emit`.

#![deny(clippy::disallowed_methods)]

mod check;
mod definition;
mod expr;
mod ids;
mod project;
mod resolve;
mod text;
mod topology;

pub use definition::{
    Aggregate, Column, GroupBy, Join, JoinPart, Publish, PublishMode, Source, SourceField, Tail, Window,
    WireType,
};
pub use ids::{GroupById, JoinId, SourceId};
pub use project::{Deployment, Environment};
pub use resolve::resolve;
pub use text::text;
pub use topology::{check_groups, resolve_topology};

/// The whole project, resolved and typed. Definitions are in order of file and place.
#[derive(Debug, Clone, Default)]
pub struct Model {
    pub sources: Vec<Source>,
    pub group_bys: Vec<GroupBy>,
    pub joins: Vec<Join>,
    pub deployments: Vec<Deployment>,
    pub environments: Vec<Environment>,
}

impl Model {
    #[must_use]
    pub fn source(&self, id: SourceId) -> &Source {
        &self.sources[id.0]
    }

    #[must_use]
    pub fn group_by(&self, id: GroupById) -> &GroupBy {
        &self.group_bys[id.0]
    }

    #[must_use]
    pub fn join(&self, id: JoinId) -> &Join {
        &self.joins[id.0]
    }
}

/// The names of a group by's key columns, in declared order.
pub(crate) fn group_by_keys<'a>(model: &'a Model, group_by: &'a GroupBy) -> Vec<&'a str> {
    let fields = &model.source(group_by.from).fields;
    let name = |slot: usize| match fields.get(slot) {
        Some(field) => field.field.name.as_str(),
        None => group_by.lets[slot - fields.len()].name.as_str(),
    };
    group_by.keys.iter().map(|slot| name(*slot)).collect()
}
