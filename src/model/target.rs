//! Definitions that have rows of their own, and the model in which one of them alone puts them out.

use crate::diag::Span;

use super::{
    About, Deployment, Format, GroupById, Input, Join, JoinId, JoinMode, Model, Publish, PublishMode,
};

/// A definition that has rows of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    GroupBy(GroupById),
    Join(JoinId),
}

impl Target {
    /// Group bys, then joins, in order of file and place.
    pub fn all(model: &Model) -> impl Iterator<Item = Self> + use<> {
        let group_bys = (0..model.group_bys.len()).map(|at| Self::GroupBy(GroupById(at)));
        group_bys.chain((0..model.joins.len()).map(|at| Self::Join(JoinId(at))))
    }

    /// The one of that name.
    #[must_use]
    pub fn named(model: &Model, name: &str) -> Option<Self> {
        Self::all(model).find(|target| target.name(model) == name)
    }

    #[must_use]
    pub fn name(self, model: &Model) -> &str {
        match self {
            Self::GroupBy(id) => &model.group_by(id).name,
            Self::Join(id) => &model.join(id).name,
        }
    }

    /// Where it is defined.
    #[must_use]
    pub fn span(self, model: &Model) -> Span {
        match self {
            Self::GroupBy(id) => model.group_by(id).span,
            Self::Join(id) => model.join(id).span,
        }
    }

    /// A deployment of it and what it uses.
    #[must_use]
    pub fn deployment(self, model: &Model) -> Deployment {
        let (group_bys, joins) = match self {
            Self::GroupBy(id) => (vec![id], vec![]),
            Self::Join(id) => (vec![], vec![id]),
        };
        Deployment { name: self.name(model).to_owned(), span: self.span(model), group_bys, joins }
    }
}

impl Model {
    /// The model in which only `target` publishes, whether it does so otherwise or not, and every record is
    /// JSON, whatever its topic's format is: files, tests and made-up records hold values, not bytes.
    #[must_use]
    pub fn alone(&self, target: Target) -> Self {
        let mut model = self.clone();
        model.sources.iter_mut().for_each(|source| source.format = Format::Json);
        model.tables.iter_mut().for_each(|table| table.format = Format::Json);
        model.group_bys.iter_mut().for_each(|group_by| group_by.publish = None);
        model.joins.iter_mut().for_each(|join| join.publish = None);
        let span = target.span(self);
        let rows = |mode| {
            let (topic, group) = ("rows".to_owned(), "rows".to_owned());
            Some(Publish { topic, group, mode, every_ms: 0, span })
        };
        match target {
            Target::GroupBy(id) => model.group_bys[id.0].publish = rows(PublishMode::Latest),
            Target::Join(id) => model.joins[id.0].publish = rows(PublishMode::Events),
        }
        model
    }

    /// The model in which the rows of a source or stream can be had: those of a join that adds nothing.
    #[must_use]
    pub fn showing(&self, input: Input) -> (Self, Target) {
        let mut model = self.clone();
        let (name, span) = match input {
            Input::Source(id) => (self.source(id).name.clone(), self.source(id).span),
            Input::Stream(id) => (self.stream(id).name.clone(), self.stream(id).span),
        };
        model.joins.push(Join {
            name,
            span,
            about: About::default(),
            left: input,
            parts: Vec::new(),
            lookups: Vec::new(),
            derived: Vec::new(),
            derived_order: Vec::new(),
            mode: JoinMode::Fresh,
            hold_for_ms: 0,
            // No row is too late to be shown, and every sum with it fits.
            left_late_ms: i64::MAX / 4,
            publish: None,
        });
        let target = Target::Join(JoinId(model.joins.len() - 1));
        (model, target)
    }

    /// The model in which nothing is known but what is fed.
    #[must_use]
    pub fn without_histories(mut self) -> Self {
        self.sources.iter_mut().for_each(|source| source.history.clear());
        self.tables.iter_mut().for_each(|table| table.history.clear());
        self
    }
}
