//! Ast → [`Model`]: names are ids, expressions are typed, windows and defaults explicit.
//!
//! User mistakes end here; what a target cannot express is a diagnostic of `emit`.

#![deny(clippy::disallowed_methods)]

mod beside;
mod check;
mod definition;
mod expr;
mod folded;
mod ids;
mod images;
mod kubernetes;
mod outputs;
mod project;
mod query;
mod resolve;
mod rows;
mod target;
pub mod tested;
mod text;
mod topology;

pub use beside::{Beside, schema_files};
pub use definition::{
    About, Aggregate, Call, Column, Derivation, Format, GroupBy, History, Join, JoinMode, JoinPart, Lookup,
    ORIGIN, Publish, PublishMode, Source, SourceField, Stream, StreamBody, Table, Tail, Window, WireElement,
    WireField, WireType,
};
pub use ids::{GroupById, Input, JoinId, SourceId, StreamId, TableId};
pub use project::{Checkpoints, Deployment, Environment};
pub use query::{Asked, Shown, asked, over_files};
pub use resolve::{resolve, resolve_beside};
pub use rows::Rows;
pub use target::Target;
pub use text::text;
pub use topology::{check_groups, resolve_topology};

/// The whole project, resolved and typed. Definitions are in order of file and place.
#[derive(Debug, Clone, Default)]
pub struct Model {
    pub sources: Vec<Source>,
    pub tables: Vec<Table>,
    pub streams: Vec<Stream>,
    pub group_bys: Vec<GroupBy>,
    pub joins: Vec<Join>,
    pub tests: Vec<tested::Test>,
    pub deployments: Vec<Deployment>,
    pub environments: Vec<Environment>,
}

impl Model {
    #[must_use]
    pub fn source(&self, id: SourceId) -> &Source {
        &self.sources[id.0]
    }

    #[must_use]
    pub fn table(&self, id: TableId) -> &Table {
        &self.tables[id.0]
    }

    #[must_use]
    pub fn stream(&self, id: StreamId) -> &Stream {
        &self.streams[id.0]
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
pub(crate) fn group_by_keys(model: &Model, group_by: &GroupBy) -> Vec<String> {
    let scope = model.group_by_scope(group_by);
    group_by.keys.iter().map(|slot| scope[*slot].name.clone()).collect()
}
