//! The plan as the engine walks it: sources with the row operators below them, keyed nodes with what
//! their rows go through on the way out.

use crate::functions::Expr;
use crate::plan::{self, NodeId, Operator, Plan};
use crate::state::{Layout, Slot};
use crate::types::Row;

use super::decode::Decoder;
use super::operator;

/// Everything but state.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) sources: Vec<Source>,
    pub(super) steps: Vec<RowStep>,
    pub(super) aggregates: Vec<Aggregate>,
    pub(super) joins: Vec<Join>,
    pub(super) tables: Vec<Table>,
    /// In plan order: what feeds one stands before it.
    pub(super) lookups: Vec<Lookup>,
    /// In plan order.
    pub(super) calls: Vec<Call>,
    /// All keyed nodes in plan order.
    pub(super) keyed: Vec<Keyed>,
    pub(super) outs: Vec<OutStep>,
}

#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) disorder_ms: i64,
    /// A static table: without event time, complete once it has been read to the end.
    pub(super) is_static: bool,
    pub(super) is_table: bool,
    pub(super) decodes: Vec<SourceDecode>,
}

/// One way of reading a source, and where its rows go.
#[derive(Debug)]
pub(super) struct SourceDecode {
    pub(super) decoder: Decoder,
    pub(super) slots: usize,
    pub(super) next: Vec<usize>,
    /// Slots of the keyed nodes below.
    pub(super) keyed: Vec<Slot>,
}

/// A row operator between a source and the keyed nodes.
#[derive(Debug)]
pub(super) struct RowStep {
    pub(super) op: RowOp,
    pub(super) next: Vec<usize>,
    /// Slots of the keyed nodes below: a row dropped here is counted at each.
    pub(super) keyed: Vec<Slot>,
}

#[derive(Debug)]
pub(super) enum RowOp {
    Pass,
    Filter(Expr),
    Project(Vec<Expr>),
    Derive {
        columns: Vec<Expr>,
        select: Vec<usize>,
    },
    KeyBy(Vec<usize>),
    /// The row's source is the one at `origin` of those below the union; rows are `width` wide.
    Union {
        origin: i64,
        width: usize,
    },
    Call(usize),
    Aggregate(usize),
    JoinLeft(usize),
    Lookup(usize),
    Table(usize),
}

/// A model that is called for each row.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) id: NodeId,
    /// The stream, by which the ledger knows it.
    pub(super) stream: String,
    pub(super) spec: plan::Call,
    /// Reads what it answers.
    pub(super) answers: Decoder,
    /// Where the answer's columns begin in its rows.
    pub(super) begins_at: usize,
}

/// What a node's rows come through: the watermark of their sources, held by rows that wait.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Above {
    /// In order, each once.
    pub(super) sources: Vec<usize>,
    pub(super) lookups: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct Keyed {
    pub(super) id: NodeId,
    pub(super) slot: Slot,
}

/// A windowed aggregation.
#[derive(Debug)]
pub(super) struct Aggregate {
    pub(super) id: NodeId,
    pub(super) slot: Slot,
    pub(super) keys: Vec<usize>,
    /// What of a row is kept.
    pub(super) filters: Vec<Expr>,
    pub(super) inputs: Vec<Expr>,
    pub(super) layout: Layout,
    pub(super) above: Above,
    pub(super) out: Vec<usize>,
    /// Least time between two rows of a key, and how much newer than W events are.
    pub(super) every_ms: i64,
    pub(super) ahead_of_watermark_ms: i64,
    /// Whether its rows are published somewhere.
    pub(super) published: bool,
    /// Joins that read it; a position here is the reader's number in the key state.
    pub(super) readers: Vec<usize>,
    /// How much longer than its windows joins may ask: their largest `left_late`.
    pub(super) kept_ms: i64,
    /// Hash of V(∅), which an unpublished key stands for.
    pub(super) empty: u128,
}

#[derive(Debug)]
pub(super) struct Join {
    pub(super) id: NodeId,
    pub(super) slot: Slot,
    pub(super) above: Above,
    pub(super) rights: Vec<Right>,
    /// Does not wait for its rights.
    pub(super) is_fresh: bool,
    pub(super) hold_for_ms: i64,
    pub(super) left_late_ms: i64,
    /// Slot of the event id in a left row: copies count once.
    pub(super) event_id: Option<usize>,
    /// The publications of which readers keep the newest row per key.
    pub(super) latest: Vec<NodeId>,
    /// Of each of them the least time between two rows of a key.
    pub(super) every_ms: Vec<i64>,
    /// Where all of its publications are such: the slots of their keys in a left row. One that has a null there has
    /// no row (rule S6).
    pub(super) keys: Vec<usize>,
    pub(super) out: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct Right {
    pub(super) rows: RightRows,
    /// The join's number among the right's readers.
    pub(super) reader: usize,
    pub(super) on: Vec<usize>,
    /// What is taken: of an aggregation's row without its key, of a table's whole row.
    pub(super) select: Vec<usize>,
}

/// An aggregation or a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RightRows {
    Aggregate(usize),
    Table(usize),
}

/// The versions of a table's rows.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) id: NodeId,
    pub(super) slot: Slot,
    pub(super) source: usize,
    pub(super) keys: Vec<usize>,
    pub(super) event_id: Option<usize>,
    pub(super) is_static: bool,
    /// How long before its W a lookup may still ask.
    pub(super) kept_ms: i64,
    /// In order; a position here is the reader's number.
    pub(super) readers: Vec<TableReader>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TableReader {
    Lookup(usize),
    Join(usize),
}

/// Rows that take a table's columns along.
#[derive(Debug)]
pub(super) struct Lookup {
    pub(super) id: NodeId,
    pub(super) slot: Slot,
    pub(super) above: Above,
    pub(super) table: usize,
    pub(super) reader: usize,
    pub(super) on: Vec<usize>,
    pub(super) columns: Vec<usize>,
    pub(super) hold_for_ms: i64,
    /// Row steps below, and the slots of the keyed nodes they lead to.
    pub(super) next: Vec<usize>,
    pub(super) keyed: Vec<Slot>,
}

/// What a keyed node's row goes through.
#[derive(Debug)]
pub(super) struct OutStep {
    pub(super) op: OutOp,
    pub(super) next: Vec<usize>,
}

#[derive(Debug)]
pub(super) enum OutOp {
    Pass,
    Filter(Expr),
    Project(Vec<Expr>),
    Derive { columns: Vec<Expr>, select: Vec<usize> },
    Publish { node: NodeId, keys: Vec<usize> },
}

impl Above {
    pub(super) fn of(source: usize) -> Self {
        Self { sources: vec![source], lookups: Vec::new() }
    }

    /// Whether nothing waits on the way.
    pub(super) fn is_direct(&self) -> bool {
        self.lookups.is_empty()
    }
}

impl Program {
    /// `slots`: one for each of [`keyed_nodes`], all below their number.
    pub(super) fn new(plan: &Plan, slots: &[Slot]) -> Self {
        super::build::build(plan, slots)
    }

    /// Puts a keyed node's row through its way out; calls `publish` with node, key and row.
    pub(super) fn emit(&self, out: &[usize], row: &Row, publish: &mut dyn FnMut(NodeId, Row, Row)) {
        for step in out.iter().map(|i| &self.outs[*i]) {
            match &step.op {
                OutOp::Pass => self.emit(&step.next, row, publish),
                OutOp::Filter(predicate) => {
                    if operator::filter(predicate, row) {
                        self.emit(&step.next, row, publish);
                    }
                }
                OutOp::Project(columns) => self.emit(&step.next, &operator::project(columns, row), publish),
                OutOp::Derive { columns, select } => {
                    self.emit(&step.next, &operator::derive(columns, select, row), publish);
                }
                OutOp::Publish { node, keys } => publish(*node, operator::select(keys, row), row.clone()),
            }
        }
    }

    /// The nodes that publish what a keyed node puts out.
    pub(super) fn publishers(&self, out: &[usize], found: &mut Vec<NodeId>) {
        for step in out.iter().map(|i| &self.outs[*i]) {
            match &step.op {
                OutOp::Publish { node, .. } => found.push(*node),
                OutOp::Pass | OutOp::Filter(_) | OutOp::Project(_) | OutOp::Derive { .. } => {
                    self.publishers(&step.next, found);
                }
            }
        }
    }
}

/// The keyed nodes of a plan, in plan order.
pub(super) fn keyed_nodes(plan: &Plan) -> Vec<NodeId> {
    let keyed = |id: &NodeId| match &plan.node(*id).operator {
        Operator::WindowAggregate(_)
        | Operator::PointInTimeJoin(_)
        | Operator::Table(_)
        | Operator::Lookup(_) => true,
        Operator::Source(_)
        | Operator::Decode(_)
        | Operator::Watermark(_)
        | Operator::Filter { .. }
        | Operator::Project { .. }
        | Operator::Union
        | Operator::Call(_)
        | Operator::KeyBy { .. }
        | Operator::Derive { .. }
        | Operator::Publish(_) => false,
    };
    plan.topological().into_iter().filter(keyed).collect()
}
