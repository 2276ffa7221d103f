//! Plan → [`Program`]: keyed nodes first, then what they read of each other, then the row steps from
//! every source down to them.

use crate::plan::{
    self, JoinInput, JoinMode, NodeId, Operator, Plan, PointInTimeJoin, Publish, PublishMode,
    WindowAggregate, fingerprint,
};
use crate::state::Slot;

use super::calling;
use super::decode::Decoder;
use super::operator::{self, publish};
use super::program::{
    Above, Aggregate, Call, Join, Keyed, Lookup, OutOp, OutStep, Program, Right, RightRows, RowOp, RowStep,
    Source, SourceDecode, Table, TableReader, keyed_nodes,
};

/// `slots`: one for each of [`keyed_nodes`], all below their number.
pub(super) fn build(plan: &Plan, slots: &[Slot]) -> Program {
    let mut builder = Builder { plan, program: Program::default() };
    for (id, slot) in keyed_nodes(plan).into_iter().zip(slots) {
        builder.add_keyed(id, *slot);
    }
    let order = plan.topological();
    for id in &order {
        builder.link_join(*id);
    }
    for id in &order {
        builder.add_source(*id);
    }
    for lookup in 0..builder.program.lookups.len() {
        let id = builder.program.lookups[lookup].id;
        // Its rows come from several sources, but below a lookup nothing asks which.
        let (next, keyed) = builder.next(id, usize::MAX);
        (builder.program.lookups[lookup].next, builder.program.lookups[lookup].keyed) = (next, keyed);
    }
    let mut program = builder.program;
    for node in &mut program.aggregates {
        let disorder = node.above.sources.iter().map(|source| program.sources[*source].disorder_ms);
        node.ahead_of_watermark_ms = disorder.min().unwrap_or(0);
    }
    program
}

struct Builder<'a> {
    plan: &'a Plan,
    program: Program,
}

impl Builder<'_> {
    fn add_keyed(&mut self, id: NodeId, slot: Slot) {
        match &self.plan.node(id).operator {
            Operator::WindowAggregate(spec) => self.add_aggregate(id, slot, spec),
            Operator::PointInTimeJoin(spec) => self.add_join(id, slot, spec),
            Operator::Table(spec) => {
                let source = self.above(id).sources[0];
                let (keys, event_id) = (spec.keys.clone(), spec.event_id);
                let (is_static, kept_ms) = (spec.event_time.is_none(), spec.kept_ms);
                let readers = Vec::new();
                let table = Table { id, slot, source, keys, event_id, is_static, kept_ms, readers };
                self.program.tables.push(table);
            }
            Operator::Lookup(spec) => {
                let above = self.above(id);
                let table = self.table(self.plan.inputs(id)[1]);
                let reader = self.read_table(table, TableReader::Lookup(self.program.lookups.len()));
                self.program.lookups.push(Lookup {
                    id,
                    slot,
                    above,
                    table,
                    reader,
                    on: spec.on.clone(),
                    columns: spec.columns.clone(),
                    hold_for_ms: spec.hold_for_ms,
                    next: Vec::new(),
                    keyed: Vec::new(),
                });
            }
            Operator::Source(_)
            | Operator::Decode(_)
            | Operator::Watermark(_)
            | Operator::Filter { .. }
            | Operator::Project { .. }
            | Operator::Union
            | Operator::Call(_)
            | Operator::KeyBy { .. }
            | Operator::Derive { .. }
            | Operator::Publish(_) => return,
        }
        self.program.keyed.push(Keyed { id, slot });
    }

    fn add_aggregate(&mut self, id: NodeId, slot: Slot, spec: &WindowAggregate) {
        let above = self.above(id);
        let input = &self.plan.node(self.plan.inputs(id)[0]).output;
        let columns = fingerprint::of_columns(self.plan, id);
        let meanings = &columns[columns.len() - spec.columns.len()..];
        let operator::Materialised { layout, filters, inputs } = operator::materialise(spec, input, meanings);
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
            above,
            out,
            every_ms: publishers.iter().map(|id| self.publish(*id).every_ms).max().unwrap_or(0),
            // Known when the watermarks are.
            ahead_of_watermark_ms: 0,
            published: !publishers.is_empty(),
            readers: Vec::new(),
            kept_ms: spec.kept_ms,
        });
    }

    fn add_join(&mut self, id: NodeId, slot: Slot, spec: &PointInTimeJoin) {
        let above = self.above(id);
        let out = self.outs(id);
        let mut publishers = Vec::new();
        self.program.publishers(&out, &mut publishers);
        let (latest, others): (Vec<_>, Vec<_>) =
            publishers.into_iter().partition(|id| self.publish(*id).mode == PublishMode::Latest);
        let every_ms = latest.iter().map(|id| self.publish(*id).every_ms).collect();
        // Left columns, which stand first in every row that is made of them.
        let keys = latest.iter().filter(|_| others.is_empty()).flat_map(|id| self.publish(*id).keys.clone());
        let keys = keys.collect();
        self.program.joins.push(Join {
            id,
            slot,
            above,
            rights: Vec::new(),
            is_fresh: spec.mode == JoinMode::Fresh,
            hold_for_ms: spec.hold_for_ms,
            left_late_ms: spec.left_late_ms,
            event_id: spec.event_id,
            latest,
            every_ms,
            keys,
            out,
        });
    }

    fn publish(&self, id: NodeId) -> &Publish {
        match &self.plan.node(id).operator {
            Operator::Publish(publish) => publish,
            other => unreachable!("{other:?} publishes nothing"),
        }
    }

    /// What a node's rows come through; a table is looked up, its rows are not among them.
    fn above(&mut self, id: NodeId) -> Above {
        let mut above = Above::default();
        let mut open = vec![self.plan.inputs(id)[0]];
        while let Some(id) = open.pop() {
            match &self.plan.node(id).operator {
                Operator::Source(source) => above.sources.push(self.source(&source.source.clone())),
                Operator::Lookup(_) => {
                    let at = self.program.lookups.iter().position(|lookup| lookup.id == id);
                    above.lookups.push(at.expect("what feeds a node stands before it"));
                    open.push(self.plan.inputs(id)[0]);
                }
                Operator::Decode(_)
                | Operator::Watermark(_)
                | Operator::Filter { .. }
                | Operator::Project { .. }
                | Operator::Union
                | Operator::Call(_)
                | Operator::KeyBy { .. }
                | Operator::Table(_)
                | Operator::WindowAggregate(_)
                | Operator::PointInTimeJoin(_)
                | Operator::Derive { .. }
                | Operator::Publish(_) => open.extend(self.plan.inputs(id)),
            }
        }
        for list in [&mut above.sources, &mut above.lookups] {
            list.sort_unstable();
            list.dedup();
        }
        above
    }

    fn source(&mut self, name: &str) -> usize {
        let sources = &mut self.program.sources;
        sources.iter().position(|source| source.name == name).unwrap_or_else(|| {
            sources.push(Source {
                name: name.to_owned(),
                disorder_ms: 0,
                is_static: false,
                is_table: false,
                decodes: Vec::new(),
            });
            sources.len() - 1
        })
    }

    fn table(&self, id: NodeId) -> usize {
        let table = self.program.tables.iter().position(|table| table.id == id);
        table.expect("a table stands before what reads it")
    }

    /// The reader's number.
    fn read_table(&mut self, table: usize, reader: TableReader) -> usize {
        let readers = &mut self.program.tables[table].readers;
        readers.push(reader);
        readers.len() - 1
    }

    fn link_join(&mut self, id: NodeId) {
        let Operator::PointInTimeJoin(spec) = &self.plan.node(id).operator else {
            return;
        };
        let join = self.program.joins.iter().position(|join| join.id == id).expect("added before");
        for right in &spec.rights {
            let right = self.right(join, right);
            self.program.joins[join].rights.push(right);
        }
    }

    fn right(&mut self, join: usize, input: &JoinInput) -> Right {
        let on = input.on.clone();
        let aggregate = self.program.aggregates.iter().position(|node| node.id == input.right);
        let Some(aggregate) = aggregate else {
            let table = self.table(input.right);
            let reader = self.read_table(table, TableReader::Join(join));
            return Right { rows: RightRows::Table(table), reader, on, select: input.select.clone() };
        };
        let node = &mut self.program.aggregates[aggregate];
        node.readers.push(join);
        let (keys, reader) = (node.keys.len(), node.readers.len() - 1);
        let select = input.select.iter().map(|slot| slot - keys).collect();
        Right { rows: RightRows::Aggregate(aggregate), reader, on, select }
    }

    fn add_source(&mut self, id: NodeId) {
        let Operator::Source(spec) = &self.plan.node(id).operator else {
            return;
        };
        let source = self.source(&spec.source);
        self.program.sources[source].is_table = spec.is_table;
        for (below, _) in self.plan.outputs(id) {
            let node = self.plan.node(below);
            let Operator::Decode(decode) = &node.operator else {
                continue;
            };
            self.program.sources[source].is_static = decode.event_time.is_none();
            let (next, keyed) = self.next(below, source);
            self.program.sources[source].decodes.push(SourceDecode {
                decoder: Decoder::new(decode),
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
            for step in self.row_steps(below, port, source) {
                keyed.extend_from_slice(&step.keyed);
                self.program.steps.push(step);
                next.push(self.program.steps.len() - 1);
            }
        }
        (next, keyed)
    }

    fn row_steps(&mut self, id: NodeId, port: u8, source: usize) -> Vec<RowStep> {
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
            Operator::KeyBy { keys } => return self.key_by(id, keys, source),
            Operator::Union => {
                let origin = self.origin(id, source);
                RowOp::Union { origin, width: self.plan.node(id).output.len() }
            }
            Operator::WindowAggregate(_) => {
                let at = self.program.aggregates.iter().position(|node| node.id == id).expect("added before");
                return vec![to_keyed(RowOp::Aggregate(at), self.program.aggregates[at].slot)];
            }
            Operator::Table(_) => {
                let at = self.table(id);
                return vec![to_keyed(RowOp::Table(at), self.program.tables[at].slot)];
            }
            Operator::Lookup(_) if port == 0 => {
                let at = self.program.lookups.iter().position(|node| node.id == id).expect("added before");
                return vec![to_keyed(RowOp::Lookup(at), self.program.lookups[at].slot)];
            }
            Operator::PointInTimeJoin(_) if port == 0 => {
                let at = self.program.joins.iter().position(|node| node.id == id).expect("added before");
                return vec![to_keyed(RowOp::JoinLeft(at), self.program.joins[at].slot)];
            }
            Operator::Call(call) => RowOp::Call(self.call(id, call)),
            Operator::Lookup(_)
            | Operator::PointInTimeJoin(_)
            | Operator::Source(_)
            | Operator::Decode(_)
            | Operator::Publish(_) => return Vec::new(),
        };
        let (next, keyed) = self.next(id, source);
        vec![RowStep { op, next, keyed }]
    }

    /// The call's number: rows of several sources may come to it.
    fn call(&mut self, id: NodeId, spec: &plan::Call) -> usize {
        let calls = &mut self.program.calls;
        calls.iter().position(|call| call.id == id).unwrap_or_else(|| {
            let node = self.plan.node(id);
            calls.push(Call {
                id,
                stream: node.definition.clone(),
                spec: spec.clone(),
                answers: Decoder::new(&calling::answers(spec)),
                begins_at: spec.begins_at(&node.output),
            });
            calls.len() - 1
        })
    }

    /// Rows without a key belong to no aggregate and no table. What looks up gets them in any case:
    /// there a null key finds nothing (rule S6).
    fn key_by(&mut self, id: NodeId, keys: &[usize], source: usize) -> Vec<RowStep> {
        let (mut next, mut keyed, mut steps) = (Vec::new(), Vec::new(), Vec::new());
        for (below, port) in self.plan.outputs(id) {
            for step in self.row_steps(below, port, source) {
                if matches!(step.op, RowOp::Lookup(_)) {
                    steps.push(step);
                    continue;
                }
                keyed.extend_from_slice(&step.keyed);
                self.program.steps.push(step);
                next.push(self.program.steps.len() - 1);
            }
        }
        if !next.is_empty() {
            steps.push(RowStep { op: RowOp::KeyBy(keys.to_vec()), next, keyed });
        }
        steps
    }

    /// The place of a source among those of a union, by name.
    fn origin(&self, union: NodeId, source: usize) -> i64 {
        let mut names = Vec::new();
        let mut open = vec![union];
        while let Some(id) = open.pop() {
            match &self.plan.node(id).operator {
                Operator::Source(source) => names.push(source.source.as_str()),
                _ => open.extend(self.plan.inputs(id)),
            }
        }
        names.sort_unstable();
        names.dedup();
        let name = &self.program.sources[source].name;
        let at = names.iter().position(|other| other == name).expect("the row came through it");
        i64::try_from(at).expect("few sources")
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

/// The way ends at a keyed node.
fn to_keyed(op: RowOp, slot: Slot) -> RowStep {
    RowStep { op, next: Vec::new(), keyed: vec![slot] }
}
