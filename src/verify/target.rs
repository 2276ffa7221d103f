//! The definitions that have rows, and the plan of one of them.

use crate::diag::Span;
use crate::model::{Deployment, Format, GroupById, JoinId, Model, Publish, PublishMode};
use crate::plan::{self, Plan};

/// A definition that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    GroupBy(GroupById),
    Join(JoinId),
}

impl Target {
    pub(super) fn all(model: &Model) -> Vec<Self> {
        let group_bys = (0..model.group_bys.len()).map(|at| Self::GroupBy(GroupById(at)));
        group_bys.chain((0..model.joins.len()).map(|at| Self::Join(JoinId(at)))).collect()
    }

    pub(super) fn name(self, model: &Model) -> &str {
        match self {
            Self::GroupBy(id) => &model.group_by(id).name,
            Self::Join(id) => &model.join(id).name,
        }
    }

    fn span(self, model: &Model) -> Span {
        match self {
            Self::GroupBy(id) => model.group_by(id).span,
            Self::Join(id) => model.join(id).span,
        }
    }

    /// The model in which only this publishes, and every record is JSON.
    pub(super) fn alone(self, model: &Model) -> Model {
        let mut model = model.clone();
        for source in &mut model.sources {
            (source.format, source.history) = (Format::Json, Vec::new());
        }
        for table in &mut model.tables {
            (table.format, table.history) = (Format::Json, Vec::new());
        }
        model.group_bys.iter_mut().for_each(|group_by| group_by.publish = None);
        model.joins.iter_mut().for_each(|join| join.publish = None);
        match self {
            Self::GroupBy(id) => {
                let group_by = &mut model.group_bys[id.0];
                group_by.publish = Some(publish(group_by.span, PublishMode::Latest));
            }
            Self::Join(id) => {
                let join = &mut model.joins[id.0];
                join.publish = Some(publish(join.span, PublishMode::Events));
            }
        }
        model
    }

    /// The plan of a model in which only this publishes.
    pub(super) fn plan(self, alone: &Model) -> Plan {
        let (group_bys, joins) = match self {
            Self::GroupBy(id) => (vec![id], vec![]),
            Self::Join(id) => (vec![], vec![id]),
        };
        let span = self.span(alone);
        let deployment = Deployment { name: "verify".to_owned(), span, group_bys, joins };
        plan::optimize(plan::lower(alone, &deployment))
    }
}

fn publish(span: Span, mode: PublishMode) -> Publish {
    Publish { topic: "rows".to_owned(), group: "rows".to_owned(), mode, every_ms: 0, span }
}
