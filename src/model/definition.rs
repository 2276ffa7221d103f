//! Resolved definitions. Slots index the definition's scope: for a group by the source's fields
//! followed by its lets; for a join the left fields, each part's columns, then the derived columns.

use crate::aggregates::Kind;
use crate::diag::Span;
use crate::functions::Expr;
use crate::types::{DataType, Field, TimeUnit};

use super::{GroupById, SourceId};
pub use crate::syntax::ast::PublishMode;

/// A resolved `source`.
#[derive(Debug, Clone)]
pub struct Source {
    pub name: String,
    pub span: Span,
    pub doc: Option<String>,
    pub owner: Option<String>,
    pub topic: String,
    /// The group of every region that has the topic.
    pub group: String,
    pub fields: Vec<SourceField>,
    /// Slot of the event time field.
    pub event_time: usize,
    /// Slot of the event id field; without one the input is at-least-once (rule S10).
    pub event_id: Option<usize>,
    pub disorder_ms: i64,
    /// How far an event may lead its record's timestamp (rule S1).
    pub ahead_ms: i64,
    pub retention_ms: i64,
}

/// One declared field and how it is written on the wire.
#[derive(Debug, Clone)]
pub struct SourceField {
    pub field: Field,
    pub wire_name: String,
    pub wire_type: WireType,
    pub span: Span,
}

/// How a field's value is written in a JSON record (or a CSV cell).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WireType {
    String,
    /// A JSON integer.
    Int,
    /// A JSON number.
    Double,
    Bool,
    /// A JSON number or a string of digits; exact, refused where digits would be lost.
    Decimal,
    /// An integer stamp of this unit.
    Stamp(TimeUnit),
    /// ISO 8601 text.
    IsoTimestamp,
}

/// A named, typed expression: a let or a derived column.
#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    pub expr: Expr,
    pub span: Span,
}

/// A resolved `group_by`.
#[derive(Debug, Clone)]
pub struct GroupBy {
    pub name: String,
    pub span: Span,
    pub doc: Option<String>,
    pub owner: Option<String>,
    pub from: SourceId,
    pub lets: Vec<Column>,
    pub filter: Option<Expr>,
    /// Slots of the key columns, in declared order.
    pub keys: Vec<usize>,
    /// One per output column, in declared order.
    pub aggregates: Vec<Aggregate>,
    pub publish: Option<Publish>,
}

/// One output column of a group by: one feature over one window.
#[derive(Debug, Clone)]
pub struct Aggregate {
    /// The feature's name as declared.
    pub feature: String,
    /// `<feature>_<window>`.
    pub column: String,
    pub kind: Kind,
    /// `None`: `count()` of rows.
    pub input: Option<Expr>,
    pub filter: Option<Expr>,
    pub window: Window,
    pub output: DataType,
    pub nullable: bool,
    pub span: Span,
}

/// A trailing window `[q - size, q)` (rules S2, S3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    pub size_ms: i64,
    pub tail: Tail,
    /// How far a value that changes by expiry alone may trail (rule S4).
    pub refresh_ms: i64,
}

/// Where a window starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tail {
    /// At `q - size`, to the millisecond.
    Exact,
    /// At `floor((q - size) / hop) * hop`.
    Hop { hop_ms: i64 },
}

/// A resolved `join`.
#[derive(Debug, Clone)]
pub struct Join {
    pub name: String,
    pub span: Span,
    pub doc: Option<String>,
    pub owner: Option<String>,
    pub left: SourceId,
    pub parts: Vec<JoinPart>,
    /// In an order in which each uses only columns before it.
    pub derived: Vec<Column>,
    /// Output order of the derived columns: positions in `derived` in declared order.
    pub derived_order: Vec<usize>,
    pub hold_for_ms: i64,
    pub left_late_ms: i64,
    pub publish: Option<Publish>,
}

/// One group by joined to the left stream.
#[derive(Debug, Clone)]
pub struct JoinPart {
    pub group_by: GroupById,
    /// The alias, or the group by's name: the prefix of its output columns.
    pub alias: String,
    /// Per key column of the group by, the left slot that supplies it.
    pub on: Vec<usize>,
    pub span: Span,
}

/// Where a definition's rows go: the group of that name in every region.
#[derive(Debug, Clone)]
pub struct Publish {
    pub topic: String,
    pub group: String,
    pub mode: PublishMode,
    pub span: Span,
}

impl Window {
    /// Inclusive start of the window as of `q`.
    #[must_use]
    pub const fn start(&self, q: i64) -> i64 {
        let start = q.saturating_sub(self.size_ms);
        match self.tail {
            Tail::Exact => start,
            Tail::Hop { hop_ms } => start.div_euclid(hop_ms).saturating_mul(hop_ms),
        }
    }

    /// How long after its event time an event may still be inside: an event with this age or more is outside.
    #[must_use]
    pub const fn reach_ms(&self) -> i64 {
        match self.tail {
            Tail::Exact => self.size_ms,
            Tail::Hop { hop_ms } => self.size_ms.saturating_add(hop_ms),
        }
    }

    /// The first as-of time at which an event of `ts` is outside again: the least q with `start(q) > ts`.
    #[must_use]
    pub const fn leaves_at(&self, ts: i64) -> i64 {
        match self.tail {
            Tail::Exact => ts.saturating_add(self.size_ms).saturating_add(1),
            Tail::Hop { hop_ms } => {
                let next_start = ts.div_euclid(hop_ms).saturating_add(1).saturating_mul(hop_ms);
                next_start.saturating_add(self.size_ms)
            }
        }
    }
}
