//! An operator over other expressions or another row layout. The full matches name every place
//! where an operator holds an expression or a slot of its (first) input.

use crate::functions::Expr;

use super::{
    AggregateColumn, Call, Lookup, Operator, PointInTimeJoin, Publish, Table, Watermark, WindowAggregate,
};

impl Operator {
    /// The same operator with each expression replaced.
    pub(super) fn map_expressions(&self, change: &impl Fn(&Expr) -> Expr) -> Self {
        match self {
            Self::Source(_)
            | Self::Decode(_)
            | Self::Watermark(_)
            | Self::Union
            | Self::KeyBy { .. }
            | Self::Table(_)
            | Self::Lookup(_)
            | Self::PointInTimeJoin(_)
            | Self::Publish(_) => self.clone(),
            Self::Call(call) => {
                Self::Call(Call { arguments: call.arguments.iter().map(change).collect(), ..call.clone() })
            }
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
            | Self::Union
            | Self::Call(_)
            | Self::Derive { .. } => mapped,
            Self::Watermark(watermark) => {
                Self::Watermark(Watermark { event_time: at(watermark.event_time), ..watermark })
            }
            Self::KeyBy { keys } => Self::KeyBy { keys: all(&keys) },
            Self::Table(table) => Self::Table(Table {
                keys: all(&table.keys),
                event_time: table.event_time.map(at),
                event_id: table.event_id.map(at),
                ..table
            }),
            Self::Lookup(lookup) => {
                Self::Lookup(Lookup { event_time: at(lookup.event_time), on: all(&lookup.on), ..lookup })
            }
            Self::WindowAggregate(aggregate) => Self::WindowAggregate(WindowAggregate {
                keys: all(&aggregate.keys),
                event_time: at(aggregate.event_time),
                event_id: aggregate.event_id.map(at),
                origin: aggregate.origin.map(at),
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
        let all = |expr: &Option<Expr>| expr.as_ref().map(change);
        let (input, order) = (all(&self.input), all(&self.order));
        Self { input, order, filter: all(&self.filter), by: all(&self.by), ..self.clone() }
    }
}
