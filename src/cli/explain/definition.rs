//! A definition of any kind, by its name.

use crate::diag::Span;
use crate::model::{Deployment, GroupById, Input, JoinId, Model, SourceId};

/// Which definition of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Definition {
    Source(SourceId),
    GroupBy(GroupById),
    Join(JoinId),
}

impl Definition {
    pub(super) fn all(model: &Model) -> impl Iterator<Item = Self> + use<> {
        let sources = (0..model.sources.len()).map(|index| Self::Source(SourceId(index)));
        let group_bys = (0..model.group_bys.len()).map(|index| Self::GroupBy(GroupById(index)));
        let joins = (0..model.joins.len()).map(|index| Self::Join(JoinId(index)));
        sources.chain(group_bys).chain(joins)
    }

    /// Names are unique also case-insensitively, so case does not matter here.
    pub(super) fn find(model: &Model, name: &str) -> Option<Self> {
        Self::all(model).find(|definition| definition.name(model).eq_ignore_ascii_case(name))
    }

    pub(super) fn name(self, model: &Model) -> &str {
        match self {
            Self::Source(id) => &model.source(id).name,
            Self::GroupBy(id) => &model.group_by(id).name,
            Self::Join(id) => &model.join(id).name,
        }
    }

    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Source(_) => "source",
            Self::GroupBy(_) => "group by",
            Self::Join(_) => "join",
        }
    }

    pub(super) fn span(self, model: &Model) -> Span {
        match self {
            Self::Source(id) => model.source(id).span,
            Self::GroupBy(id) => model.group_by(id).span,
            Self::Join(id) => model.join(id).span,
        }
    }

    pub(super) fn doc(self, model: &Model) -> Option<&str> {
        match self {
            Self::Source(id) => model.source(id).about.doc.as_deref(),
            Self::GroupBy(id) => model.group_by(id).about.doc.as_deref(),
            Self::Join(id) => model.join(id).about.doc.as_deref(),
        }
    }

    pub(super) fn owner(self, model: &Model) -> Option<&str> {
        match self {
            Self::Source(id) => model.source(id).about.owner.as_deref(),
            Self::GroupBy(id) => model.group_by(id).about.owner.as_deref(),
            Self::Join(id) => model.join(id).about.owner.as_deref(),
        }
    }

    /// The definition as a deployment of its own; a source alone computes nothing.
    pub(super) fn deployment(self, model: &Model) -> Deployment {
        let (group_bys, joins) = match self {
            Self::Source(_) => (vec![], vec![]),
            Self::GroupBy(id) => (vec![id], vec![]),
            Self::Join(id) => (vec![], vec![id]),
        };
        Deployment { name: self.name(model).to_owned(), span: self.span(model), group_bys, joins }
    }

    /// The definitions that read this one.
    pub(super) fn used_by(self, model: &Model) -> Vec<String> {
        let group_bys = model.group_bys.iter().filter(|group_by| reads(model, group_by.from, self));
        let joins = model.joins.iter().filter(|join| match self {
            Self::Source(_) => reads(model, join.left, self),
            Self::GroupBy(id) => join.parts.iter().any(|part| part.group_by == id),
            Self::Join(_) => false,
        });
        let names = group_bys.map(|group_by| &group_by.name).chain(joins.map(|join| &join.name));
        names.cloned().collect()
    }
}

/// Whether something that reads `input` reads that source.
fn reads(model: &Model, input: Input, definition: Definition) -> bool {
    model.sources_of(input).into_iter().any(|id| definition == Definition::Source(id))
}
