//! A plan with a union, a table, a lookup and a join, and an engine that is driven by hand: two sources
//! as one, enriched from a table, grouped, published and joined, with the table joined once more.

use std::collections::BTreeMap;

use super::rig::node;
use crate::aggregates::Kind;
use crate::dataflow::tuning::Tuning;
use crate::dataflow::*;
use crate::functions::Expr;
use crate::model::ORIGIN;
use crate::plan::*;
use crate::state::keys::Table as Records;
use crate::state::{MemoryStore, Store, keys};
use crate::types::{DataType, EventTime, Field, Row, TimeUnit, Value};

pub(super) const HOUR: i64 = 3_600_000;
pub(super) const DISORDER: i64 = 60_000;
const SOURCES: [&str; 4] = ["a", "b", "rates", "lefts"];
pub(super) const RATES: usize = 2;
pub(super) const LEFTS: usize = 3;

/// A record of one of the sources. Of a table's: `n` is its value, none a deletion of `m`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) source: usize,
    pub(super) ts: i64,
    pub(super) id: u32,
    pub(super) k: &'static str,
    pub(super) m: Option<&'static str>,
    pub(super) n: Option<i64>,
}

impl Given {
    pub(super) fn is_deletion(&self) -> bool {
        self.source == RATES && self.n.is_none()
    }

    pub(super) fn payload(&self) -> Vec<u8> {
        let Self { ts, id, k, m, n, .. } = self;
        let text = |text: Option<&str>| text.map_or("null".to_owned(), |text| format!("\"{text}\""));
        let n = n.map_or("null".to_owned(), |n| n.to_string());
        format!(r#"{{"ts":{ts},"id":"e{id:04}","k":"{k}","m":{},"n":{n}}}"#, text(*m)).into_bytes()
    }

    pub(super) fn record(&self, offset: i64) -> Record {
        let deleted = self.is_deletion();
        Record {
            partition: PartitionId(u32::try_from(self.source * 2).expect("small") + self.id % 2),
            offset,
            timestamp_ms: self.ts,
            payload: if deleted { Vec::new() } else { self.payload() },
            deleted_key: deleted.then(|| self.m.unwrap_or_default().as_bytes().to_vec()),
        }
    }
}

fn fields() -> Vec<(Field, WireType)> {
    vec![
        (Field::new("ts", DataType::Timestamp, false), WireType::Stamp(TimeUnit::Millis)),
        (Field::new("id", DataType::String, false), WireType::String),
        (Field::new("k", DataType::String, false), WireType::String),
        (Field::new("m", DataType::String, true), WireType::String),
        (Field::new("n", DataType::Int, true), WireType::Int),
    ]
}

fn schema() -> Vec<Field> {
    fields().into_iter().map(|(field, _)| field).collect()
}

fn source(plan: &mut Plan, name: &str, is_static: bool) -> NodeId {
    let is_table = name == SOURCES[RATES];
    let spec = SourceNode {
        source: name.to_owned(),
        topic: name.to_owned(),
        group: "g".to_owned(),
        retention_ms: 7 * 24 * HOUR,
        history: Vec::new(),
        is_table,
    };
    let field = |(slot, (field, wire_type)): (usize, (Field, WireType))| DecodeField {
        wire_name: field.name.clone(),
        field,
        wire_type,
        slot: Some(slot),
    };
    let decode = Decode {
        format: Format::Json,
        keys: if is_table { vec![3] } else { Vec::new() },
        fields: fields().into_iter().enumerate().map(field).collect(),
        event_time: (!is_static).then_some(0),
        event_id: Some(1),
        ahead_ms: 0,
    };
    let source = plan.add(node(name, Operator::Source(spec), Vec::new()), &[]);
    let decode = plan.add(node("decode", Operator::Decode(decode), schema()), &[source]);
    if is_static {
        return decode;
    }
    let watermark = Operator::Watermark(Watermark { event_time: 0, disorder_ms: DISORDER });
    plan.add(node("watermark", watermark, schema()), &[decode])
}

fn column(name: &str, kind: Kind, input: Option<(usize, DataType)>) -> AggregateColumn {
    AggregateColumn {
        name: name.to_owned(),
        kind,
        input: input.map(|(slot, data_type)| Expr::column(slot, data_type, true)),
        order: None,
        filter: None,
        by: None,
        window: Some(Window { size_ms: HOUR, tail: Tail::Exact, refresh_ms: 1000 }),
        default: None,
        output: DataType::Int,
        nullable: true,
    }
}

/// How the plan is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) is_static: bool,
    pub(super) mode: JoinMode,
    /// Of the group by, and of the join as latest.
    pub(super) every_ms: i64,
    /// The publications of the join, and the left column that is their key.
    pub(super) published: &'static [(PublishMode, usize)],
    pub(super) left_late_ms: i64,
}

pub(super) const PLAIN: Shape = Shape {
    is_static: false,
    mode: JoinMode::Complete,
    every_ms: 0,
    published: &[(PublishMode::Events, 1)],
    left_late_ms: 0,
};

#[derive(Debug, Clone)]
pub(super) struct Enriched {
    pub(super) plan: Plan,
    pub(super) group: NodeId,
    pub(super) join: NodeId,
    pub(super) lookup: NodeId,
    pub(super) table: NodeId,
}

fn plan(shape: Shape) -> Enriched {
    let mut plan = Plan::new("test");
    let table = source(&mut plan, SOURCES[RATES], shape.is_static);
    let table = plan.add(node("by_m", Operator::KeyBy { keys: vec![3] }, schema()), &[table]);
    let spec =
        Table { keys: vec![3], event_time: (!shape.is_static).then_some(0), event_id: Some(1), kept_ms: 0 };
    let table = plan.add(node("table", Operator::Table(spec), schema()), &[table]);
    let inputs = [source(&mut plan, "a", false), source(&mut plan, "b", false)];
    let mut rows = schema();
    rows.push(Field::new(ORIGIN, DataType::Int, false));
    let union = plan.add(node("union", Operator::Union, rows.clone()), &inputs);
    let asked = plan.add(node("by_m", Operator::KeyBy { keys: vec![3] }, rows.clone()), &[union]);
    rows.push(Field::new("rate", DataType::Int, true));
    let spec = Lookup { event_time: 0, on: vec![3], columns: vec![4], hold_for_ms: 300_000 };
    let lookup = plan.add(node("lookup", Operator::Lookup(spec), rows.clone()), &[asked, table]);
    let key_by = plan.add(node("by_k", Operator::KeyBy { keys: vec![2] }, rows.clone()), &[lookup]);
    let columns = vec![
        column("count", Kind::Count, None),
        column("rates", Kind::Sum, Some((6, DataType::Int))),
        column("ns", Kind::Sum, Some((4, DataType::Int))),
    ];
    let mut output = vec![Field::new("k", DataType::String, false)];
    output.extend(columns.iter().map(|column| Field::new(column.name.clone(), column.output, true)));
    let spec = WindowAggregate {
        keys: vec![2],
        event_time: 0,
        event_id: Some(1),
        origin: Some(5),
        ttl_ms: None,
        reach_ms: HOUR,
        kept_ms: HOUR,
        columns,
    };
    let aggregate = plan.add(node("aggregate", Operator::WindowAggregate(spec), output.clone()), &[key_by]);
    let publish = |mode, keys, every_ms| {
        Operator::Publish(Publish { topic: "t".to_owned(), group: "s".to_owned(), mode, keys, every_ms })
    };
    let latest = publish(PublishMode::Latest, vec![0], shape.every_ms);
    let group = plan.add(node("publish", latest, output.clone()), &[aggregate]);
    let lefts = source(&mut plan, "lefts", false);
    let mut fields = schema();
    fields.extend(output[1..].to_vec());
    fields.push(Field::new("rate", DataType::Int, true));
    let names = |fields: &[Field]| fields.iter().map(|field| field.name.clone()).collect();
    let spec = PointInTimeJoin {
        event_time: 0,
        event_id: Some(1),
        mode: shape.mode,
        rights: vec![
            JoinInput { right: aggregate, on: vec![2], select: vec![1, 2, 3], columns: names(&output[1..]) },
            JoinInput { right: table, on: vec![3], select: vec![4], columns: vec!["rate".to_owned()] },
        ],
        hold_for_ms: 300_000,
        left_late_ms: shape.left_late_ms,
    };
    let join = node("join", Operator::PointInTimeJoin(spec), fields.clone());
    let join = plan.add(join, &[lefts, aggregate, table]);
    let mut rows = Vec::new();
    for (mode, key) in shape.published {
        let every_ms = if *mode == PublishMode::Latest { shape.every_ms } else { 0 };
        rows.push(plan.add(node("rows", publish(*mode, vec![*key], every_ms), fields.clone()), &[join]));
    }
    Enriched { plan, group, join: rows[0], lookup, table }
}

/// An engine over a store in memory, and what was put out.
pub(super) struct Rig {
    pub(super) of: Enriched,
    pub(super) shards: usize,
    pub(super) tuning: Tuning,
    pub(super) reopens: bool,
    pub(super) options: Options,
    pub(super) store: MemoryStore,
    pub(super) engine: Engine,
    pub(super) latest: BTreeMap<String, Option<Row>>,
    pub(super) joined: Vec<Row>,
    pub(super) publications: Vec<Publication>,
    pub(super) offset: i64,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Course {
    pub(super) shards: usize,
    pub(super) reopens: bool,
    pub(super) tight: bool,
}

pub(super) const STRAIGHT: Course = Course { shards: 1, reopens: false, tight: false };

impl Rig {
    pub(super) fn new(shape: Shape, course: Course, cut: Option<i64>) -> Self {
        let of = plan(shape);
        let options = Options {
            shards: course.shards,
            cut: cut.map(EventTime),
            publish: true,
            hold_for_ms: 300_000,
            lease: 1,
            start: 1,
            caller: None,
        };
        let few = Tuning {
            redo_effects_max: 3,
            debts_per_step: 1,
            woken_per_step: Tuning::default().woken_per_step,
            written_back_per_step: 1,
            memory_bytes_max: 500,
            table_keys_max: 1,
            records_per_thread: 1,
        };
        let tuning = if course.tight { few } else { Tuning::default() };
        let store = MemoryStore::default();
        let engine = Engine::open_tuned(&of.plan, options.clone(), tuning, &store).expect("it opens");
        let mut rig = Self {
            of,
            shards: course.shards,
            tuning,
            reopens: course.reopens,
            options,
            store,
            engine,
            latest: BTreeMap::new(),
            joined: Vec::new(),
            publications: Vec::new(),
            offset: 0,
        };
        let all = (0..SOURCES.len() * 2).map(|partition| Rig::status(partition, PartitionStatus::Live));
        let partitions = all.collect();
        rig.step(Input { partitions, ..Input::default() });
        rig
    }

    pub(super) fn status(partition: usize, status: PartitionStatus) -> PartitionUpdate {
        let source = SOURCES[partition / 2].to_owned();
        PartitionUpdate { partition: PartitionId(u32::try_from(partition).expect("small")), source, status }
    }

    /// All partitions of a source.
    pub(super) fn tell(&mut self, source: usize, status: PartitionStatus) {
        let partitions = (0..2).map(|i| Self::status(source * 2 + i, status)).collect();
        self.step(Input { partitions, ..Input::default() });
    }

    pub(super) fn feed(&mut self, given: &[Given]) {
        self.offset += 1;
        let records = given.iter().map(|given| given.record(self.offset)).collect();
        self.step(Input { records, ..Input::default() });
    }

    /// Both partitions of each source but those of the table at a time.
    pub(super) fn tick(&mut self, sources: &[usize], ts: i64) {
        let tick = |(source, id)| Given { source, ts, id, k: "clock", m: Some("clock"), n: Some(0) };
        let ticks: Vec<_> = sources.iter().flat_map(|source| [(*source, 9_000), (*source, 9_001)]).collect();
        self.feed(&ticks.into_iter().map(tick).collect::<Vec<_>>());
    }

    pub(super) fn step(&mut self, input: Input) {
        let output = self.engine.step(input, &self.store).expect("the step runs");
        self.take(output);
    }

    /// Of the join.
    pub(super) fn put_out_again(&mut self, key: &str) {
        let key = vec![Value::string(key)];
        let output = self.engine.put_out_again(&[(self.of.join, key)], &self.store).expect("it runs");
        self.take(output);
    }

    fn take(&mut self, output: Output) {
        self.store.commit(output.batch);
        assert!(output.dead_letters.is_empty(), "{:?}", output.dead_letters);
        for row in output.publications {
            if row.node == self.of.group {
                self.latest.insert(row.key[0].to_string(), row.row.clone());
            } else {
                self.joined.push(row.row.clone().expect("no tombstones"));
            }
            self.publications.push(row);
        }
        if self.reopens {
            self.options.start += 1;
            self.options.shards = if self.options.start.is_multiple_of(2) { 1 } else { self.shards };
            let opened = Engine::open_tuned(&self.of.plan, self.options.clone(), self.tuning, &self.store);
            self.engine = opened.expect("it opens again");
        }
        for (id, node) in self.engine.ledger().nodes {
            let sum = node.applied + node.filtered + node.null_key + node.duplicate + node.expired;
            assert_eq!(node.decoded, sum, "{id} {node:?}");
        }
    }

    pub(super) fn finish(&mut self) {
        self.step(Input { finish: true, ..Input::default() });
    }

    pub(super) fn row(&self, key: &str) -> Row {
        match self.latest.get(key) {
            Some(Some(row)) => row[1..].to_vec(),
            Some(None) | None => vec![Value::Int(0), Value::Null, Value::Null],
        }
    }

    pub(super) fn ledger(&self, id: NodeId) -> NodeLedger {
        let nodes = self.engine.ledger().nodes;
        nodes.into_iter().find(|(node, _)| *node == id).expect("a keyed node").1
    }

    pub(super) fn records(&self, table: Records) -> usize {
        self.dump(table).len()
    }

    pub(super) fn dump(&self, table: Records) -> Vec<(Vec<u8>, Vec<u8>)> {
        let prefix = keys::table(table);
        let mut found = Vec::new();
        let end = keys::after_prefix(&prefix);
        let scanned = self.store.scan(&prefix, &end, &mut |key, value| {
            found.push((key.to_vec(), value.to_vec()));
            std::ops::ControlFlow::Continue(())
        });
        scanned.expect("memory");
        found
    }
}
