//! A definition of any kind, by its name.

use crate::diag::Span;
use crate::model::{
    About, Deployment, GroupById, Input, JoinId, Model, SourceId, StreamBody, StreamId, TableId,
};

/// Which definition of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Definition {
    Source(SourceId),
    Table(TableId),
    Stream(StreamId),
    GroupBy(GroupById),
    Join(JoinId),
}

impl Definition {
    pub(super) fn all(model: &Model) -> impl Iterator<Item = Self> + use<> {
        let sources = (0..model.sources.len()).map(|index| Self::Source(SourceId(index)));
        let tables = (0..model.tables.len()).map(|index| Self::Table(TableId(index)));
        let streams = (0..model.streams.len()).map(|index| Self::Stream(StreamId(index)));
        let group_bys = (0..model.group_bys.len()).map(|index| Self::GroupBy(GroupById(index)));
        let joins = (0..model.joins.len()).map(|index| Self::Join(JoinId(index)));
        sources.chain(tables).chain(streams).chain(group_bys).chain(joins)
    }

    /// Names are unique also case-insensitively, so case does not matter here.
    pub(super) fn find(model: &Model, name: &str) -> Option<Self> {
        Self::all(model).find(|definition| definition.name(model).eq_ignore_ascii_case(name))
    }

    pub(super) fn name(self, model: &Model) -> &str {
        match self {
            Self::Source(id) => &model.source(id).name,
            Self::Table(id) => &model.table(id).name,
            Self::Stream(id) => &model.stream(id).name,
            Self::GroupBy(id) => &model.group_by(id).name,
            Self::Join(id) => &model.join(id).name,
        }
    }

    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Source(_) => "source",
            Self::Table(_) => "table",
            Self::Stream(_) => "stream",
            Self::GroupBy(_) => "group by",
            Self::Join(_) => "join",
        }
    }

    pub(super) fn span(self, model: &Model) -> Span {
        match self {
            Self::Source(id) => model.source(id).span,
            Self::Table(id) => model.table(id).span,
            Self::Stream(id) => model.stream(id).span,
            Self::GroupBy(id) => model.group_by(id).span,
            Self::Join(id) => model.join(id).span,
        }
    }

    pub(super) fn about(self, model: &Model) -> &About {
        match self {
            Self::Source(id) => &model.source(id).about,
            Self::Table(id) => &model.table(id).about,
            Self::Stream(id) => &model.stream(id).about,
            Self::GroupBy(id) => &model.group_by(id).about,
            Self::Join(id) => &model.join(id).about,
        }
    }

    /// The definition as a deployment of its own; what only is read computes nothing.
    pub(super) fn deployment(self, model: &Model) -> Deployment {
        let (group_bys, joins) = match self {
            Self::Source(_) | Self::Table(_) | Self::Stream(_) => (vec![], vec![]),
            Self::GroupBy(id) => (vec![id], vec![]),
            Self::Join(id) => (vec![], vec![id]),
        };
        Deployment { name: self.name(model).to_owned(), span: self.span(model), group_bys, joins }
    }

    /// The definitions that read this one.
    pub(super) fn used_by(self, model: &Model) -> Vec<String> {
        let streams = model.streams.iter().filter(|stream| match &stream.body {
            StreamBody::Derive(derivation) => self.is(derivation.from),
            StreamBody::Union(inputs) => inputs.iter().any(|input| self.is(*input)),
        });
        let group_bys = model.group_bys.iter().filter(|group_by| {
            self.is(group_by.from) || group_by.lookups.iter().any(|lookup| self == Self::Table(lookup.table))
        });
        let joins = model.joins.iter().filter(|join| {
            self.is(join.left)
                || join.parts.iter().any(|part| self == Self::GroupBy(part.group_by))
                || join.lookups.iter().any(|lookup| self == Self::Table(lookup.table))
        });
        let names = streams.map(|stream| &stream.name).chain(group_bys.map(|group_by| &group_by.name));
        names.chain(joins.map(|join| &join.name)).cloned().collect()
    }

    fn is(self, input: Input) -> bool {
        match input {
            Input::Source(id) => self == Self::Source(id),
            Input::Stream(id) => self == Self::Stream(id),
        }
    }
}
