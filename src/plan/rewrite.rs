//! An operator over other expressions or another row layout. The full matches name every place
//! where an operator holds an expression or a slot of its (first) input.

use crate::functions::Expr;

use super::{AggregateColumn, Operator, PointInTimeJoin, Publish, Watermark, WindowAggregate};

impl Operator {
    /// The same operator with each expression replaced.
    pub(super) fn map_expressions(&self, change: &impl Fn(&Expr) -> Expr) -> Self {
        match self {
            Self::Source(_)
            | Self::Decode(_)
            | Self::Watermark(_)
            | Self::KeyBy { .. }
            | Self::PointInTimeJoin(_)
            | Self::Publish(_) => self.clone(),
            Self::Filter { predicate } => Self::Filter { predicate: change(predicate) },
            Self::Project { columns } => Self::Project { columns: columns.iter().map(change).collect() },
            Self::Derive { columns, select } => {
                Self::Derive { columns: columns.iter().map(change).collect(), select: select.clone() }
            }
            Self::WindowAggregate(aggregate) => Self::WindowAggregate(WindowAggregate {
                columns: aggregate.columns.iter().map(|column| column.map_expressions(change)).collect(),
                ..aggregate.clone()
            }),
        }
    }

    /// The same operator over input rows in which a slot stands elsewhere. A derive's own columns
    /// follow its input's: it, like a decode, is left to those who know the widths.
    pub(super) fn map_slots(&self, at: &impl Fn(usize) -> usize) -> Self {
        if matches!(self, Self::Derive { .. }) {
            return self.clone();
        }
        let mapped = self.map_expressions(&|expr| expr.remap(at));
        let all = |slots: &[usize]| slots.iter().map(|slot| at(*slot)).collect();
        match mapped {
            Self::Source(_)
            | Self::Decode(_)
            | Self::Filter { .. }
            | Self::Project { .. }
            | Self::Derive { .. } => mapped,
            Self::Watermark(watermark) => {
                Self::Watermark(Watermark { event_time: at(watermark.event_time), ..watermark })
            }
            Self::KeyBy { keys } => Self::KeyBy { keys: all(&keys) },
            Self::WindowAggregate(aggregate) => Self::WindowAggregate(WindowAggregate {
                keys: all(&aggregate.keys),
                event_time: at(aggregate.event_time),
                event_id: aggregate.event_id.map(at),
                ..aggregate
            }),
            Self::PointInTimeJoin(mut join) => {
                join.rights.iter_mut().for_each(|right| right.on = all(&right.on));
                let (event_time, event_id) = (at(join.event_time), join.event_id.map(at));
                Self::PointInTimeJoin(PointInTimeJoin { event_time, event_id, ..join })
            }
            Self::Publish(publish) => Self::Publish(Publish { keys: all(&publish.keys), ..publish }),
        }
    }
}

impl AggregateColumn {
    fn map_expressions(&self, change: &impl Fn(&Expr) -> Expr) -> Self {
        let (input, filter) = (self.input.as_ref().map(change), self.filter.as_ref().map(change));
        Self { input, filter, ..self.clone() }
    }
}
