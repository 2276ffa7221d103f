//! Resolved definitions. Slots index the definition's scope: for a group by the input's columns, each
//! lookup's columns, then its lets; for a join the left columns, each part's columns, each lookup's
//! columns, then the derived columns.

use std::sync::Arc;

use crate::aggregates::Kind;
use crate::diag::{Span, Spanned};
use crate::functions::Expr;
use crate::types::{DataType, Field, Schema, TimeUnit, Value};

use super::{GroupById, Input, TableId};
pub use crate::syntax::ast::{JoinMode, PublishMode};

/// What every definition says of itself.
#[derive(Debug, Clone, Default)]
pub struct About {
    pub doc: Option<String>,
    pub owner: Option<String>,
    pub tags: Vec<String>,
    /// Why, and what to use instead.
    pub deprecated: Option<String>,
}

/// A resolved `source`.
#[derive(Debug, Clone)]
pub struct Source {
    pub name: String,
    pub span: Span,
    pub about: About,
    pub topic: String,
    /// The group of every region that has the topic.
    pub group: String,
    pub format: Format,
    pub history: Vec<History>,
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

/// A resolved `table`: the latest row per key of a change topic, with its history for as-of lookups.
#[derive(Debug, Clone)]
pub struct Table {
    pub name: String,
    pub span: Span,
    pub about: About,
    pub topic: String,
    pub group: String,
    pub format: Format,
    pub history: Vec<History>,
    pub fields: Vec<SourceField>,
    /// Slots of the key fields, in declared order.
    pub keys: Vec<usize>,
    /// Slot of the event time; without one the table is static: its rows hold at all times.
    pub event_time: Option<usize>,
    pub event_id: Option<usize>,
    pub disorder_ms: i64,
    pub ahead_ms: i64,
    pub retention_ms: i64,
}

/// How records are written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Format {
    Json,
    /// Avro's binary form by the writer schema of that file, whose text is here.
    Avro {
        file: String,
        schema: String,
    },
}

/// Files that hold what a topic lost.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct History {
    /// A path relative to the project's folder or an object store's address, with `*`.
    pub files: String,
    /// Events from this instant on (ms) are the topic's.
    pub until_ms: Option<i64>,
}

/// The last column of a union's rows and of streams below it: an int, the position of the row's source in
/// order of the sources' names. It breaks ties before the event id (rule S5), and two sources never have
/// copies of each other. No definition can name it, and no join or publication has it.
pub const ORIGIN: &str = "$origin";

/// A resolved `stream`: stateless, row by row. Slots of its expressions are the input's columns, then lets.
#[derive(Debug, Clone)]
pub struct Stream {
    pub name: String,
    pub span: Span,
    pub about: About,
    pub body: StreamBody,
    /// Its columns.
    pub fields: Vec<Field>,
    pub event_time: usize,
    pub event_id: Option<usize>,
}

#[derive(Debug, Clone)]
pub enum StreamBody {
    Derive(Box<Derivation>),
    /// Inputs of one shape, in order of their sources' names (rule S5 breaks ties by it).
    Union(Vec<Input>),
}

/// What a stream makes of one input, row by row.
#[derive(Debug, Clone)]
pub struct Derivation {
    pub from: Input,
    pub lets: Vec<Column>,
    pub filter: Option<Expr>,
    /// What is selected, over the input's columns and lets; [`ORIGIN`] last, if the input has it.
    pub select: Vec<Column>,
    /// Over the selected columns; what it returns stands behind them (but before [`ORIGIN`]).
    pub call: Option<Spanned<Call>>,
}

/// A model call per row.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// `module:function`
    pub function: String,
    pub arguments: Vec<Expr>,
    /// What the function's answer has: read as the fields of a JSON object are.
    pub returns: Vec<WireField>,
    pub timeout_ms: i64,
    /// Calls in flight at once.
    pub concurrency: u32,
    /// Tries after the first.
    pub retry: u32,
}

impl Call {
    /// Where what it returns begins in its rows: behind those it was called for, but before [`ORIGIN`].
    #[must_use]
    pub fn begins_at(&self, output: &Schema) -> usize {
        let has_origin = output.fields.last().is_some_and(|field| field.name == ORIGIN);
        output.len() - self.returns.len() - usize::from(has_origin)
    }

    /// Whether a row goes on without an answer: all that it returns may be null.
    #[must_use]
    pub fn may_be_null(&self) -> bool {
        self.returns.iter().all(|returned| returned.field.nullable)
    }
}

/// A lookup of a table's columns as of the row's event time (rule S9).
#[derive(Debug, Clone)]
pub struct Lookup {
    pub table: TableId,
    /// The alias, or the table's name.
    pub alias: String,
    /// Per key column of the table, the slot of the row that supplies it.
    pub on: Vec<usize>,
    /// Slots of the table's fields that are looked up, in written order.
    pub columns: Vec<usize>,
    pub span: Span,
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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
    /// `YYYY-MM-DD`.
    Date,
    /// Base64 text.
    Bytes,
    /// A JSON array of such.
    List(Arc<WireElement>),
    /// A JSON object; its keys are texts of `key`.
    Map {
        key: Arc<WireType>,
        value: Arc<WireElement>,
    },
    /// A JSON object with these fields.
    Struct(Arc<[WireField]>),
}

/// A list's element or a map's value on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WireElement {
    pub wire_type: WireType,
    pub data_type: DataType,
    pub nullable: bool,
}

/// A field of a struct on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WireField {
    pub field: Field,
    pub wire_name: String,
    pub wire_type: WireType,
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
    pub about: About,
    pub from: Input,
    pub lookups: Vec<Lookup>,
    pub lets: Vec<Column>,
    pub filter: Option<Expr>,
    /// Slots of the key columns, in declared order.
    pub keys: Vec<usize>,
    /// One per output column, in declared order.
    pub aggregates: Vec<Aggregate>,
    /// How long a key without events keeps its lifetime columns; `None`: forever, or there are none.
    pub ttl_ms: Option<i64>,
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
    /// `None`: `count()` of rows. A list is flattened, a map aggregated per key.
    pub input: Option<Expr>,
    /// What `top_k` and `bottom_k` order by; `None`: the value itself.
    pub order: Option<Expr>,
    pub filter: Option<Expr>,
    /// The bucket: the output is a map from it to what the aggregate gives.
    pub by: Option<Expr>,
    /// `None`: all events since the beginning (rule S13).
    pub window: Option<Window>,
    /// What stands where the aggregate has nothing; of the output's type, never null.
    pub default: Option<Value>,
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
    pub about: About,
    pub left: Input,
    pub parts: Vec<JoinPart>,
    pub lookups: Vec<Lookup>,
    /// In an order in which each uses only columns before it.
    pub derived: Vec<Column>,
    /// Output order of the derived columns: positions in `derived` in declared order.
    pub derived_order: Vec<usize>,
    pub mode: JoinMode,
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
    /// At most one row per key in this time; 0: each change.
    pub every_ms: i64,
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

impl GroupBy {
    /// The longest time an event may still be inside some window after its event time.
    #[must_use]
    pub fn reach_ms(&self) -> i64 {
        let windows = self.aggregates.iter().filter_map(|aggregate| aggregate.window);
        windows.map(|window| window.reach_ms()).max().unwrap_or(0)
    }
}
