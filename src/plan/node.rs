//! The nodes of a plan: what each operator does, with types, without syntax.

use std::fmt;

use crate::aggregates::Kind;
use crate::diag::Span;
use crate::functions::Expr;
pub use crate::model::{
    Call, Format, History, JoinMode, PublishMode, Tail, Window, WireElement, WireField, WireType,
};
use crate::types::{DataType, Field, Schema, Value};

/// A node's place in its plan; stable for one set of definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node-{}", self.0)
    }
}

/// One operator of the plan.
#[derive(Debug, Clone)]
pub struct Node {
    /// `<definition>.<operator>`, for people and metrics.
    pub name: String,
    /// The definition it came from.
    pub definition: String,
    pub origin: Span,
    pub operator: Operator,
    /// Columns of the rows it puts out.
    pub output: Schema,
    /// Canonical meaning of this node and everything above it (hex); not names, docs or order.
    pub fingerprint: String,
}

impl Node {
    /// A node without a fingerprint: that is given once the plan is whole.
    pub(super) fn new(
        definition: &str,
        operator_name: &str,
        origin: Span,
        operator: Operator,
        output: Schema,
    ) -> Self {
        let name = format!("{definition}.{operator_name}");
        Self { name, definition: definition.to_owned(), origin, operator, output, fingerprint: String::new() }
    }
}

/// What a node does. Inputs come along the graph's edges; a join's ports are numbered.
#[derive(Debug, Clone)]
pub enum Operator {
    /// Raw records of a topic, from every cluster of the group in every region.
    Source(SourceNode),
    /// Bytes → typed row; dead letters otherwise.
    Decode(Decode),
    /// Names the event time and how far the watermark trails it.
    Watermark(Watermark),
    /// Keeps rows whose predicate is true.
    Filter {
        predicate: Expr,
    },
    /// Computes the output columns from the input row.
    Project {
        columns: Vec<Expr>,
    },
    /// Routes rows by key; rows with a null key part are counted `null_key` and go no further.
    KeyBy {
        keys: Vec<usize>,
    },
    /// The rows of all inputs, which have one shape; its last column is [`crate::model::ORIGIN`].
    Union,
    /// Adds what a model returns for each row, before [`crate::model::ORIGIN`] if the rows have it.
    Call(Call),
    /// The versions of a table's rows. Its input comes from a `KeyBy`.
    Table(Table),
    /// Appends a table's columns as of each row's event time (rule S9). Port 0 are the rows, routed by a
    /// `KeyBy` of `on`; port 1 is the table.
    Lookup(Lookup),
    WindowAggregate(WindowAggregate),
    PointInTimeJoin(PointInTimeJoin),
    /// Appends derived columns, each may use those before it; then `select` picks the output order.
    Derive {
        columns: Vec<Expr>,
        select: Vec<usize>,
    },
    Publish(Publish),
}

/// A logical topic of an HA group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceNode {
    /// The source's or table's name, to which files and topics are bound.
    pub source: String,
    pub topic: String,
    pub group: String,
    pub retention_ms: i64,
    pub history: Vec<History>,
    /// Of a table: all its records are read, however old, and a record without value deletes its key.
    pub is_table: bool,
}

/// How bytes become a row. Every declared field is checked; only materialised ones are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decode {
    pub format: Format,
    pub fields: Vec<DecodeField>,
    /// Index in `fields` of the event time; only a static table has none.
    pub event_time: Option<usize>,
    /// Index in `fields` of the event id.
    pub event_id: Option<usize>,
    pub ahead_ms: i64,
    /// Of a table: indexes in `fields` of the key, which a deletion's record key gives.
    pub keys: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeField {
    pub field: Field,
    pub wire_name: String,
    pub wire_type: WireType,
    /// Slot in the output row; `None`: checked, then dropped (column pruning).
    pub slot: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watermark {
    /// Slot of the event time in the input row.
    pub event_time: usize,
    pub disorder_ms: i64,
}

/// The newest row of a table per key as of any instant that may still be asked for. Ties: event time, event
/// id, value bytes (rule S5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Slots of the key in the input row, as in the `KeyBy` above.
    pub keys: Vec<usize>,
    /// Slot of the event time; `None`: static, the last row read holds at all times.
    pub event_time: Option<usize>,
    pub event_id: Option<usize>,
    /// How long before W a row may still be asked for.
    pub kept_ms: i64,
}

/// Rows that wait for the table's watermark, then take its columns along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// Slot of the event time in the input row.
    pub event_time: usize,
    /// Slots of the input row that supply the table's key, in its key order.
    pub on: Vec<usize>,
    /// Slots of the table's rows that are appended.
    pub columns: Vec<usize>,
    pub hold_for_ms: i64,
}

/// Keyed windowed aggregation. Input rows come from a `KeyBy`.
#[derive(Debug, Clone)]
pub struct WindowAggregate {
    /// Slots of the key in the input row, as in the `KeyBy` above.
    pub keys: Vec<usize>,
    /// Slot of the event time in the input row.
    pub event_time: usize,
    /// Slot of the event id, if the source declares one.
    pub event_id: Option<usize>,
    /// Slot of [`crate::model::ORIGIN`] below a union.
    pub origin: Option<usize>,
    pub columns: Vec<AggregateColumn>,
    /// The longest `Window::reach_ms` of its columns.
    pub reach_ms: i64,
    /// How long a key without events keeps its lifetime columns; `None`: forever, or there are none.
    pub ttl_ms: Option<i64>,
    /// How much longer joins may ask about the past: their largest `left_late`.
    pub kept_ms: i64,
}

/// One output column: an aggregate over one window.
#[derive(Debug, Clone)]
pub struct AggregateColumn {
    pub name: String,
    pub kind: Kind,
    /// Over the input row; `None`: counts rows.
    pub input: Option<Expr>,
    /// What `top_k` and `bottom_k` order by; `None`: the value itself.
    pub order: Option<Expr>,
    pub filter: Option<Expr>,
    /// The bucket: the output is a map from it.
    pub by: Option<Expr>,
    /// `None`: all events since the beginning.
    pub window: Option<Window>,
    /// What stands where the aggregate has nothing.
    pub default: Option<Value>,
    pub output: DataType,
    pub nullable: bool,
}

/// Left rows enriched with V(key, q) of each right (rule S9). Port 0 is the left; port i + 1 is `rights[i]`.
#[derive(Debug, Clone)]
pub struct PointInTimeJoin {
    /// Slot of the event time in the left row.
    pub event_time: usize,
    /// Slot of the event id in the left row.
    pub event_id: Option<usize>,
    pub mode: JoinMode,
    pub rights: Vec<JoinInput>,
    pub hold_for_ms: i64,
    pub left_late_ms: i64,
}

#[derive(Debug, Clone)]
pub struct JoinInput {
    /// The window aggregate or table it reads.
    pub right: NodeId,
    /// Left slots that supply its key, in its key order.
    pub on: Vec<usize>,
    /// Slots of its output rows that are taken.
    pub select: Vec<usize>,
    /// Output names of these, `<alias>_<column>`.
    pub columns: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Publish {
    pub topic: String,
    pub group: String,
    pub mode: PublishMode,
    /// Slots of the record key in the input row. For `as events` without a key: empty.
    pub keys: Vec<usize>,
    /// At most one row per key in this time; 0: each change.
    pub every_ms: i64,
}

impl AggregateColumn {
    /// All expressions over the input row.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expr> {
        self.input.iter().chain(&self.order).chain(&self.filter).chain(&self.by)
    }
}
