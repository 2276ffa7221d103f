//! The nodes of a plan: what each operator does, with types, without syntax.

use std::fmt;

use crate::aggregates::Kind;
use crate::diag::Span;
use crate::functions::Expr;
pub use crate::model::{PublishMode, Tail, Window, WireType};
use crate::types::{DataType, Field, Schema};

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
    /// The source's name, to which files and topics are bound.
    pub source: String,
    pub topic: String,
    pub group: String,
    pub retention_ms: i64,
}

/// How bytes become a row. Every declared field is checked; only materialised ones are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decode {
    pub fields: Vec<DecodeField>,
    /// Index in `fields` of the event time.
    pub event_time: usize,
    /// Index in `fields` of the event id.
    pub event_id: Option<usize>,
    pub ahead_ms: i64,
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

/// Keyed windowed aggregation. Input rows come from a `KeyBy`.
#[derive(Debug, Clone)]
pub struct WindowAggregate {
    /// Slots of the key in the input row, as in the `KeyBy` above.
    pub keys: Vec<usize>,
    /// Slot of the event time in the input row.
    pub event_time: usize,
    /// Slot of the event id, if the source declares one.
    pub event_id: Option<usize>,
    pub columns: Vec<AggregateColumn>,
    /// The longest `Window::reach_ms` of its columns.
    pub reach_ms: i64,
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
    pub filter: Option<Expr>,
    pub window: Window,
    pub output: DataType,
}

/// Left rows enriched with V(key, q) of each right (rule S9). Port 0 is the left; port i + 1 is `rights[i]`.
#[derive(Debug, Clone)]
pub struct PointInTimeJoin {
    /// Slot of the event time in the left row.
    pub event_time: usize,
    /// Slot of the event id in the left row.
    pub event_id: Option<usize>,
    pub rights: Vec<JoinInput>,
    pub hold_for_ms: i64,
    pub left_late_ms: i64,
}

#[derive(Debug, Clone)]
pub struct JoinInput {
    /// The window aggregate it reads.
    pub aggregate: NodeId,
    /// Left slots that supply the aggregate's key, in its key order.
    pub on: Vec<usize>,
    /// Output names of its columns, `<alias>_<column>`.
    pub columns: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Publish {
    pub topic: String,
    pub group: String,
    pub mode: PublishMode,
    /// Slots of the record key in the input row. For `as events` without a key: empty.
    pub keys: Vec<usize>,
}
