//! A small plan, and an engine over a store in memory that is driven by hand.

use std::collections::BTreeMap;

use crate::aggregates::Kind;
use crate::dataflow::tuning::Tuning;
use crate::dataflow::*;
use crate::diag::{FileId, Span};
use crate::functions::{Expr, ExprKind, FunctionId};
use crate::plan::*;
use crate::state::{MemoryStore, Store};
use crate::types::{DataType, EventTime, Field, Row, Schema, TimeUnit, Value};

pub(super) const HOUR: i64 = 3_600_000;
pub(super) const AMOUNT: DataType = DataType::Decimal { precision: 12, scale: 2 };

/// One event of the test's source.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) ts: i64,
    pub(super) id: u32,
    pub(super) key: Option<&'static str>,
    pub(super) n: Option<i64>,
    pub(super) x: f64,
    pub(super) cents: i64,
    pub(super) text: &'static str,
}

impl Event {
    pub(super) fn payload(&self) -> Vec<u8> {
        let key = self.key.map_or("null".to_owned(), |key| format!("\"{key}\""));
        let n = self.n.map_or("null".to_owned(), |n| n.to_string());
        let sign = if self.cents < 0 { "-" } else { "" };
        let cents = self.cents.unsigned_abs();
        format!(
            r#"{{"ts":{},"id":"e{:04}","k":{key},"n":{n},"x":{:?},"d":"{sign}{}.{:02}","s":"{}"}}"#,
            self.ts,
            self.id,
            self.x,
            cents / 100,
            cents % 100,
            self.text
        )
        .into_bytes()
    }
}

/// An event that is read without trouble; tests change what they are about.
pub(super) fn event(ts: i64, id: u32, key: &'static str) -> Event {
    Event { ts, id, key: Some(key), n: Some(1), x: 0.5, cents: 100, text: "a" }
}

pub(super) fn node(name: &str, operator: Operator, output: Vec<Field>) -> Node {
    Node {
        name: name.to_owned(),
        definition: "test".to_owned(),
        origin: Span::new(FileId(0), 0, 0),
        operator,
        output: Schema { fields: output },
        fingerprint: format!("fp-{name}"),
    }
}

fn fields() -> Vec<(Field, WireType)> {
    vec![
        (Field::new("ts", DataType::Timestamp, false), WireType::Stamp(TimeUnit::Millis)),
        (Field::new("id", DataType::String, false), WireType::String),
        (Field::new("k", DataType::String, true), WireType::String),
        (Field::new("n", DataType::Int, true), WireType::Int),
        (Field::new("x", DataType::Double, false), WireType::Double),
        (Field::new("d", AMOUNT, false), WireType::Decimal),
        (Field::new("s", DataType::String, false), WireType::String),
    ]
}

fn schema() -> Vec<Field> {
    fields().into_iter().map(|(field, _)| field).collect()
}

/// Source, decode, watermark.
fn source(plan: &mut Plan, name: &str, disorder_ms: i64) -> NodeId {
    let spec = SourceNode {
        source: name.to_owned(),
        topic: name.to_owned(),
        group: "g".to_owned(),
        retention_ms: 7 * 24 * HOUR,
        history: Vec::new(),
        is_table: false,
    };
    let source = plan.add(node(name, Operator::Source(spec), Vec::new()), &[]);
    let field = |(slot, (field, wire_type)): (usize, (Field, WireType))| DecodeField {
        wire_name: field.name.clone(),
        field,
        wire_type,
        slot: Some(slot),
    };
    let decode = Decode {
        format: Format::Json,
        keys: Vec::new(),
        fields: fields().into_iter().enumerate().map(field).collect(),
        event_time: Some(0),
        event_id: Some(1),
        ahead_ms: 0,
    };
    let decode = plan.add(node("decode", Operator::Decode(decode), schema()), &[source]);
    let watermark = Operator::Watermark(Watermark { event_time: 0, disorder_ms });
    plan.add(node("watermark", watermark, schema()), &[decode])
}

/// The columns that the reference computes too: every kind over exact and hopping windows.
pub(super) fn columns() -> Vec<AggregateColumn> {
    let exact = |size_ms| Window { size_ms, tail: Tail::Exact, refresh_ms: 1000 };
    let hop = Window { size_ms: 2 * HOUR, tail: Tail::Hop { hop_ms: 600_000 }, refresh_ms: 60_000 };
    let n = || Some(Expr::column(3, DataType::Int, true));
    let x = || Some(Expr::column(4, DataType::Double, false));
    let d = || Some(Expr::column(5, AMOUNT, false));
    let s = || Some(Expr::column(6, DataType::String, false));
    let positive = || {
        let zero = Expr { kind: ExprKind::Literal(Value::Int(0)), data_type: DataType::Int, nullable: false };
        let arguments = vec![Expr::column(3, DataType::Int, true), zero];
        let kind = ExprKind::Call { function: FunctionId::Greater, arguments };
        Some(Expr { kind, data_type: DataType::Bool, nullable: true })
    };
    let list = [
        (Kind::Count, None, None, exact(HOUR)),
        (Kind::Count, n(), positive(), hop),
        (Kind::Sum, n(), None, exact(HOUR)),
        (Kind::Sum, x(), None, hop),
        (Kind::Sum, d(), positive(), exact(1000)),
        (Kind::Avg, n(), None, exact(3 * HOUR)),
        (Kind::Avg, d(), None, hop),
        (Kind::Avg, x(), None, exact(HOUR)),
        (Kind::Min, d(), None, exact(HOUR)),
        (Kind::Max, s(), None, hop),
        (Kind::Last, s(), None, exact(3 * HOUR)),
        (Kind::Last, n(), positive(), exact(HOUR)),
    ];
    let column = |(kind, input, filter, window): (Kind, Option<Expr>, Option<Expr>, Window)| {
        let output = kind.output(input.as_ref().map(|input| input.data_type)).expect("it applies");
        AggregateColumn {
            name: kind.name().to_owned(),
            kind,
            input,
            order: None,
            filter,
            by: None,
            window: Some(window),
            default: None,
            output,
            nullable: true,
        }
    };
    list.into_iter().map(column).collect()
}

/// `events` grouped by k and published; with `join`, also `lefts` enriched with them.
#[derive(Debug, Clone)]
pub(super) struct TestPlan {
    pub(super) plan: Plan,
    pub(super) group: NodeId,
    pub(super) join: Option<NodeId>,
}

pub(super) fn plan(join: bool, disorder_ms: i64) -> TestPlan {
    let left_late_ms = HOUR;
    let mut plan = Plan::new("test");
    let events = source(&mut plan, "events", disorder_ms);
    let key_by = plan.add(node("key_by", Operator::KeyBy { keys: vec![2] }, schema()), &[events]);
    let columns = columns();
    let mut output = vec![Field::new("k", DataType::String, false)];
    output.extend(columns.iter().map(|column| Field::new(column.name.clone(), column.output, true)));
    let spec = WindowAggregate {
        keys: vec![2],
        event_time: 0,
        event_id: Some(1),
        origin: None,
        ttl_ms: None,
        reach_ms: columns
            .iter()
            .filter_map(|column| column.window)
            .map(|window| window.reach_ms())
            .max()
            .expect("some"),
        kept_ms: if join { left_late_ms } else { 0 },
        columns: columns.clone(),
    };
    let aggregate = plan.add(node("aggregate", Operator::WindowAggregate(spec), output.clone()), &[key_by]);
    let publish = |mode, keys| {
        Operator::Publish(Publish { topic: "t".to_owned(), group: "s".to_owned(), mode, keys, every_ms: 0 })
    };
    let latest = publish(PublishMode::Latest, vec![0]);
    let group = plan.add(node("publish", latest, output.clone()), &[aggregate]);
    let join = join.then(|| {
        let lefts = source(&mut plan, "lefts", disorder_ms);
        let spec = PointInTimeJoin {
            event_time: 0,
            event_id: Some(1),
            mode: JoinMode::Complete,
            rights: vec![JoinInput {
                right: aggregate,
                on: vec![2],
                select: (1..=columns.len()).collect(),
                columns: columns.iter().map(|column| column.name.clone()).collect(),
            }],
            hold_for_ms: 300_000,
            left_late_ms,
        };
        let mut fields = schema();
        fields.extend(output[1..].to_vec());
        let join = node("join", Operator::PointInTimeJoin(spec), fields.clone());
        let join = plan.add(join, &[lefts, aggregate]);
        plan.add(node("publish_join", publish(PublishMode::Events, vec![1]), fields), &[join])
    });
    TestPlan { plan, group, join }
}

/// What is done with an engine beside feeding it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course {
    pub(super) shards: usize,
    pub(super) partitions: usize,
    /// Drop the engine after each step and open it again.
    pub(super) reopen: bool,
    /// A redo tail and cache so small that everything is written back and loaded again.
    pub(super) tight: bool,
    /// Keys per step that are looked at because a timer in the store is due.
    pub(super) woken: usize,
}

pub(super) const STRAIGHT: Course =
    Course { shards: 1, partitions: 1, reopen: false, tight: false, woken: 1000 };

/// An engine, its store, and the reader's view of what it has put out.
#[derive(Debug)]
pub(super) struct Rig {
    pub(super) plan: TestPlan,
    pub(super) course: Course,
    pub(super) options: Options,
    pub(super) store: MemoryStore,
    pub(super) engine: Option<Engine>,
    /// Highest version per node and key.
    pub(super) rows: BTreeMap<(NodeId, String), (Version, Option<Row>)>,
    pub(super) publications: Vec<Publication>,
    pub(super) dead_letters: Vec<DeadLetter>,
    pub(super) watermarks: Vec<i64>,
    offset: i64,
}

impl Rig {
    pub(super) fn new(plan: TestPlan, course: Course, cut: Option<i64>) -> Self {
        let options = Options {
            shards: course.shards,
            cut: cut.map(EventTime),
            publish: true,
            hold_for_ms: 300_000,
            lease: 1,
            start: 0,
            caller: None,
        };
        let mut rig = Self {
            plan,
            course,
            options,
            store: MemoryStore::default(),
            engine: None,
            rows: BTreeMap::new(),
            publications: Vec::new(),
            dead_letters: Vec::new(),
            watermarks: Vec::new(),
            offset: 0,
        };
        rig.reopen();
        let declare = |partition: usize| PartitionUpdate {
            partition: PartitionId(u32::try_from(partition).expect("small")),
            source: if partition < rig.course.partitions { "events" } else { "lefts" }.to_owned(),
            status: PartitionStatus::Live,
        };
        let partitions = (0..rig.course.partitions * 2).map(declare).collect();
        rig.step(Input { partitions, ..Input::default() });
        rig
    }

    pub(super) fn reopen(&mut self) {
        self.options.start += 1;
        self.options.shards = if self.options.start.is_multiple_of(2) { 1 } else { self.course.shards };
        let tuning = if self.course.tight {
            Tuning {
                redo_effects_max: 3,
                debts_per_step: 1,
                woken_per_step: self.course.woken,
                written_back_per_step: 1,
                memory_bytes_max: 0,
                table_keys_max: 0,
                records_per_thread: 1,
            }
        } else {
            Tuning { woken_per_step: self.course.woken, ..Tuning::default() }
        };
        let opened = Engine::open_tuned(&self.plan.plan, self.options.clone(), tuning, &self.store);
        self.engine = Some(opened.expect("the state opens"));
    }

    /// A record of `events` (or `lefts`) in its partition.
    pub(super) fn record(&mut self, left: bool, event: &Event) -> Record {
        self.offset += 1;
        let partition =
            event.id as usize % self.course.partitions + if left { self.course.partitions } else { 0 };
        Record {
            partition: PartitionId(u32::try_from(partition).expect("small")),
            offset: self.offset,
            timestamp_ms: event.ts,
            payload: event.payload(),
            deleted_key: None,
        }
    }

    pub(super) fn feed(&mut self, events: &[(bool, Event)]) {
        let records = events.iter().map(|(left, event)| self.record(*left, event)).collect();
        self.step(Input { records, ..Input::default() });
    }

    pub(super) fn step(&mut self, input: Input) {
        let output = self.engine.as_mut().expect("open").step(input, &self.store).expect("the step runs");
        self.take(output);
        if self.course.reopen {
            self.reopen();
        }
    }

    pub(super) fn finish(&mut self) {
        self.step(Input { finish: true, ..Input::default() });
    }

    pub(super) fn rebroadcast(&mut self, limit: usize) {
        loop {
            let engine = self.engine.as_mut().expect("open");
            let (output, done) = engine.rebroadcast(limit, &self.store).expect("it runs");
            self.take(output);
            if done {
                return;
            }
        }
    }

    /// Of the group by.
    pub(super) fn put_out_again(&mut self, keys: &[&str]) {
        let keys: Vec<_> = keys.iter().map(|key| (self.plan.group, vec![Value::string(*key)])).collect();
        let engine = self.engine.as_mut().expect("open");
        let output = engine.put_out_again(&keys, &self.store).expect("it runs");
        self.take(output);
        if self.course.reopen {
            self.reopen();
        }
    }

    fn take(&mut self, output: Output) {
        self.store.commit(output.batch);
        self.dead_letters.extend(output.dead_letters);
        if !output.watermarks.is_empty() {
            self.watermarks = output.watermarks.iter().map(|(_, watermark)| watermark.0).collect();
        }
        let mut last = None;
        for publication in output.publications {
            assert!(last < Some(publication.version), "versions rise");
            last = Some(publication.version);
            let key = (publication.node, publication.key.iter().map(ToString::to_string).collect());
            let row = (publication.version, publication.row.clone());
            let before = self.rows.insert(key, row);
            assert!(before.is_none_or(|(version, _)| version < publication.version), "never two payloads");
            self.publications.push(publication);
        }
        self.check_ledger();
    }

    fn check_ledger(&self) {
        let ledger = self.engine.as_ref().expect("open").ledger();
        for (name, source) in &ledger.sources {
            assert_eq!(source.consumed, source.decoded + source.dead_lettered, "{name}");
        }
        for (id, node) in &ledger.nodes {
            let sum = node.applied + node.filtered + node.null_key + node.duplicate + node.expired;
            assert_eq!(node.decoded, sum, "{id} {node:?}");
        }
    }

    pub(super) fn ledger(&self) -> Ledger {
        self.engine.as_ref().expect("open").ledger()
    }

    /// The current row of a key of the group by: its aggregates, V(∅) where there is none.
    pub(super) fn group_row(&self, key: &str) -> Row {
        match self.rows.get(&(self.plan.group, key.to_owned())) {
            Some((_, Some(row))) => row[1..].to_vec(),
            Some((_, None)) | None => super::reference::empty(),
        }
    }

    /// Records of the store below a table's code.
    pub(super) fn records(&self, table: crate::state::keys::Table) -> usize {
        let prefix = crate::state::keys::table(table);
        let mut count = 0;
        let end = crate::state::keys::after_prefix(&prefix);
        self.store
            .scan(&prefix, &end, &mut |_, _| {
                count += 1;
                std::ops::ControlFlow::Continue(())
            })
            .expect("memory");
        count
    }
}
