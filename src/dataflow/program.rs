//! The plan as the engine walks it: sources with the row operators below them, keyed nodes with what
//! their rows go through on the way out.

use crate::functions::Expr;
use crate::plan::{Decode, NodeId, Operator, Plan};
use crate::state::{Layout, Slot};
use crate::types::Row;

use super::operator::{self, publish};

/// Everything but state.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) sources: Vec<Source>,
    pub(super) steps: Vec<RowStep>,
    pub(super) aggregates: Vec<Aggregate>,
    pub(super) joins: Vec<Join>,
    /// All keyed nodes in plan order.
    pub(super) keyed: Vec<Keyed>,
    pub(super) outs: Vec<OutStep>,
}

#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) disorder_ms: i64,
    pub(super) decodes: Vec<SourceDecode>,
}

/// One way of reading a source, and where its rows go.
#[derive(Debug)]
pub(super) struct SourceDecode {
    pub(super) spec: Decode,
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
    Derive { columns: Vec<Expr>, select: Vec<usize> },
    KeyBy(Vec<usize>),
    Aggregate(usize),
    JoinLeft(usize),
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
    pub(super) source: usize,
    pub(super) out: Vec<usize>,
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
    pub(super) source: usize,
    pub(super) rights: Vec<Right>,
    pub(super) hold_for_ms: i64,
    pub(super) left_late_ms: i64,
    /// Whether left rows carry hashes that make copies count once.
    pub(super) hashed: bool,
    pub(super) out: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct Right {
    pub(super) aggregate: usize,
    /// The join's number among the aggregation's readers.
    pub(super) reader: usize,
    pub(super) on: Vec<usize>,
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

impl Program {
    /// `slots`: one for each of [`keyed_nodes`], all below their number.
    pub(super) fn new(plan: &Plan, slots: &[Slot]) -> Self {
        let mut builder = Builder { plan, slots, program: Self::default() };
        let order = plan.topological();
        for id in keyed_nodes(plan) {
            builder.add_keyed(id);
        }
        for id in &order {
            builder.link_join(*id);
        }
        for id in &order {
            builder.add_source(*id);
        }
        builder.program
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
        Operator::WindowAggregate(_) | Operator::PointInTimeJoin(_) => true,
        Operator::Source(_)
        | Operator::Decode(_)
        | Operator::Watermark(_)
        | Operator::Filter { .. }
        | Operator::Project { .. }
        | Operator::Union
        | Operator::Call(_)
        | Operator::Table(_)
        | Operator::Lookup(_)
        | Operator::KeyBy { .. }
        | Operator::Derive { .. }
        | Operator::Publish(_) => false,
    };
    plan.topological().into_iter().filter(keyed).collect()
}

struct Builder<'a> {
    plan: &'a Plan,
    slots: &'a [Slot],
    program: Program,
}

impl Builder<'_> {
    fn add_keyed(&mut self, id: NodeId) {
        let node = self.plan.node(id);
        let slot = self.slots[self.program.keyed.len()];
        let source = self.source_above(id);
        match &node.operator {
            Operator::WindowAggregate(spec) => {
                let input = &self.plan.node(self.plan.inputs(id)[0]).output;
                let operator::Materialised { layout, filters, inputs } = operator::materialise(spec, input);
                let out = self.outs(id);
                let mut publishers = Vec::new();
                self.program.publishers(&out, &mut publishers);
                self.program.aggregates.push(Aggregate {
                    id,
                    slot,
                    keys: spec.keys.clone(),
                    filters,
                    inputs,
                    empty: publish::row_hash(&layout.empty_row()),
                    layout,
                    source,
                    out,
                    published: !publishers.is_empty(),
                    readers: Vec::new(),
                    kept_ms: spec.kept_ms,
                });
            }
            Operator::PointInTimeJoin(spec) => {
                let out = self.outs(id);
                self.program.joins.push(Join {
                    id,
                    slot,
                    source,
                    rights: Vec::new(),
                    hold_for_ms: spec.hold_for_ms,
                    left_late_ms: spec.left_late_ms,
                    hashed: spec.event_id.is_some(),
                    out,
                });
            }
            Operator::Source(_)
            | Operator::Decode(_)
            | Operator::Watermark(_)
            | Operator::Filter { .. }
            | Operator::Project { .. }
            | Operator::Union
            | Operator::Call(_)
            | Operator::Table(_)
            | Operator::Lookup(_)
            | Operator::KeyBy { .. }
            | Operator::Derive { .. }
            | Operator::Publish(_) => return,
        }
        self.program.keyed.push(Keyed { id, slot });
    }

    /// The source above a node, following first inputs.
    fn source_above(&mut self, id: NodeId) -> usize {
        let mut above = id;
        loop {
            if let Operator::Source(source) = &self.plan.node(above).operator {
                return self.source(&source.source.clone());
            }
            above = self.plan.inputs(above)[0];
        }
    }

    fn source(&mut self, name: &str) -> usize {
        let sources = &mut self.program.sources;
        sources.iter().position(|source| source.name == name).unwrap_or_else(|| {
            sources.push(Source { name: name.to_owned(), disorder_ms: 0, decodes: Vec::new() });
            sources.len() - 1
        })
    }

    fn link_join(&mut self, id: NodeId) {
        let Operator::PointInTimeJoin(spec) = &self.plan.node(id).operator else {
            return;
        };
        let join = self.program.joins.iter().position(|join| join.id == id).expect("added before");
        for right in &spec.rights {
            let aggregate = self.program.aggregates.iter().position(|node| node.id == right.right);
            let aggregate = aggregate.expect("a join reads aggregations of its plan");
            let readers = &mut self.program.aggregates[aggregate].readers;
            readers.push(join);
            let reader = readers.len() - 1;
            self.program.joins[join].rights.push(Right { aggregate, reader, on: right.on.clone() });
        }
    }

    fn add_source(&mut self, id: NodeId) {
        let Operator::Source(spec) = &self.plan.node(id).operator else {
            return;
        };
        let source = self.source(&spec.source);
        for (below, _) in self.plan.outputs(id) {
            let node = self.plan.node(below);
            let Operator::Decode(decode) = &node.operator else {
                continue;
            };
            let (next, keyed) = self.next(below, source);
            self.program.sources[source].decodes.push(SourceDecode {
                spec: decode.clone(),
                slots: node.output.len(),
                next,
                keyed,
            });
        }
    }

    /// The row steps below a node and the keyed nodes they lead to.
    fn next(&mut self, id: NodeId, source: usize) -> (Vec<usize>, Vec<Slot>) {
        let (mut next, mut keyed) = (Vec::new(), Vec::new());
        for (below, port) in self.plan.outputs(id) {
            if let Some(step) = self.row_step(below, port, source) {
                keyed.extend_from_slice(&step.keyed);
                self.program.steps.push(step);
                next.push(self.program.steps.len() - 1);
            }
        }
        (next, keyed)
    }

    fn row_step(&mut self, id: NodeId, port: u8, source: usize) -> Option<RowStep> {
        let op = match &self.plan.node(id).operator {
            Operator::Watermark(watermark) => {
                self.program.sources[source].disorder_ms = watermark.disorder_ms;
                RowOp::Pass
            }
            Operator::Filter { predicate } => RowOp::Filter(predicate.clone()),
            Operator::Project { columns } => RowOp::Project(columns.clone()),
            Operator::Derive { columns, select } => {
                RowOp::Derive { columns: columns.clone(), select: select.clone() }
            }
            Operator::KeyBy { keys } => RowOp::KeyBy(keys.clone()),
            Operator::WindowAggregate(_) => {
                let at = self.program.aggregates.iter().position(|node| node.id == id)?;
                let keyed = vec![self.program.aggregates[at].slot];
                return Some(RowStep { op: RowOp::Aggregate(at), next: Vec::new(), keyed });
            }
            Operator::PointInTimeJoin(_) if port == 0 => {
                let at = self.program.joins.iter().position(|node| node.id == id)?;
                let keyed = vec![self.program.joins[at].slot];
                return Some(RowStep { op: RowOp::JoinLeft(at), next: Vec::new(), keyed });
            }
            Operator::Union | Operator::Call(_) | Operator::Table(_) | Operator::Lookup(_) => {
                unreachable!("plans with these are refused before they are run")
            }
            Operator::PointInTimeJoin(_)
            | Operator::Source(_)
            | Operator::Decode(_)
            | Operator::Publish(_) => return None,
        };
        let (next, keyed) = self.next(id, source);
        Some(RowStep { op, next, keyed })
    }

    /// The steps a keyed node's rows go through, joins left out: they ask for rows themselves.
    fn outs(&mut self, id: NodeId) -> Vec<usize> {
        let mut outs = Vec::new();
        for (below, _) in self.plan.outputs(id) {
            let op = match &self.plan.node(below).operator {
                Operator::Watermark(_) | Operator::KeyBy { .. } => OutOp::Pass,
                Operator::Filter { predicate } => OutOp::Filter(predicate.clone()),
                Operator::Project { columns } => OutOp::Project(columns.clone()),
                Operator::Derive { columns, select } => {
                    OutOp::Derive { columns: columns.clone(), select: select.clone() }
                }
                Operator::Publish(spec) => OutOp::Publish { node: below, keys: spec.keys.clone() },
                Operator::Source(_)
                | Operator::Decode(_)
                | Operator::Union
                | Operator::Call(_)
                | Operator::Table(_)
                | Operator::Lookup(_)
                | Operator::WindowAggregate(_)
                | Operator::PointInTimeJoin(_) => continue,
            };
            let next = self.outs(below);
            self.program.outs.push(OutStep { op, next });
            outs.push(self.program.outs.len() - 1);
        }
        outs
    }
}
