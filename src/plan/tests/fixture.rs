//! Two sources, a group by with a let and a condition, and a join with two derived columns.

use crate::aggregates::Kind;
use crate::diag::{FileId, Span};
use crate::functions::{Expr, ExprKind, FunctionId};
use crate::model::{
    About, Aggregate, Column, Deployment, Format, GroupBy, GroupById, Input, Join, JoinId, JoinMode,
    JoinPart, Model, Publish, PublishMode, Source, SourceField, SourceId, Tail, Window, WireType,
};
use crate::plan::{Plan, lower};
use crate::types::{DataType, Field, TimeUnit, Value};

pub(super) fn span() -> Span {
    Span::new(FileId(0), 0, 0)
}

pub(super) fn int(value: i64) -> Expr {
    Expr { kind: ExprKind::Literal(Value::Int(value)), data_type: DataType::Int, nullable: false }
}

pub(super) fn boolean(value: bool) -> Expr {
    Expr { kind: ExprKind::Literal(Value::Bool(value)), data_type: DataType::Bool, nullable: false }
}

pub(super) fn int_column(slot: usize) -> Expr {
    Expr::column(slot, DataType::Int, false)
}

pub(super) fn call(function: FunctionId, arguments: Vec<Expr>) -> Expr {
    Expr { kind: ExprKind::Call { function, arguments }, data_type: DataType::Int, nullable: true }
}

pub(super) fn plus(a: Expr, b: Expr) -> Expr {
    call(FunctionId::Add, vec![a, b])
}

pub(super) fn test(function: FunctionId, arguments: Vec<Expr>) -> Expr {
    Expr { data_type: DataType::Bool, ..call(function, arguments) }
}

fn field(name: &str, data_type: DataType, wire_type: WireType) -> SourceField {
    let field = Field::new(name, data_type, false);
    SourceField { field, wire_name: name.into(), wire_type, span: span() }
}

fn source(name: &str, fields: Vec<SourceField>, event_time: usize, event_id: usize) -> Source {
    Source {
        name: name.into(),
        span: span(),
        about: About::default(),
        topic: format!("shop.{name}"),
        group: "ingest".into(),
        format: Format::Json,
        history: Vec::new(),
        fields,
        event_time,
        event_id: Some(event_id),
        disorder_ms: 10_000,
        ahead_ms: 10_000,
        retention_ms: 7 * 86_400_000,
    }
}

fn aggregate(feature: &str, kind: Kind, input: Option<Expr>, size: (&str, i64)) -> Aggregate {
    Aggregate {
        feature: feature.into(),
        column: format!("{feature}_{}", size.0),
        kind,
        output: DataType::Int,
        nullable: kind.nullable(),
        input,
        order: None,
        filter: None,
        by: None,
        window: Some(Window { size_ms: size.1, tail: Tail::Exact, refresh_ms: size.1 / 60 }),
        default: None,
        span: span(),
    }
}

fn publish(topic: &str, mode: PublishMode) -> Publish {
    Publish { topic: topic.into(), group: "serving".into(), mode, every_ms: 0, span: span() }
}

/// `cents = amount + 1`; `where amount > 0 and cents > 5`; slots 0..5 are fields, 5 is the let.
fn user_spend() -> GroupBy {
    let positive = test(FunctionId::Greater, vec![int_column(1), int(0)]);
    let large = test(FunctionId::Greater, vec![int_column(5), int(5)]);
    GroupBy {
        name: "user_spend".into(),
        span: span(),
        about: About::default(),
        from: Input::Source(SourceId(0)),
        lookups: Vec::new(),
        lets: vec![column("cents", plus(int_column(1), int(1)))],
        filter: Some(test(FunctionId::And, vec![positive, large])),
        keys: vec![0],
        aggregates: vec![
            aggregate("amount", Kind::Sum, Some(int_column(5)), ("1h", 3_600_000)),
            aggregate("txns", Kind::Count, None, ("7d", 7 * 86_400_000)),
        ],
        ttl_ms: None,
        publish: Some(publish("features.user_spend", PublishMode::Latest)),
    }
}

fn column(name: &str, expr: Expr) -> Column {
    Column { name: name.into(), expr, span: span() }
}

/// Declared `ratio` then `half`; computed the other way round.
fn checkout() -> Join {
    Join {
        name: "checkout".into(),
        span: span(),
        about: About::default(),
        left: Input::Source(SourceId(1)),
        parts: vec![JoinPart { group_by: GroupById(0), alias: "spend".into(), on: vec![0], span: span() }],
        lookups: Vec::new(),
        derived: vec![
            column("half", plus(int_column(3), int_column(4))),
            column("ratio", plus(int_column(5), int_column(3))),
        ],
        derived_order: vec![1, 0],
        mode: JoinMode::Complete,
        hold_for_ms: 300_000,
        left_late_ms: 3_600_000,
        publish: Some(publish("features.checkout", PublishMode::Events)),
    }
}

pub(super) fn model() -> Model {
    let text = |name| field(name, DataType::String, WireType::String);
    let stamp = || field("ts", DataType::Timestamp, WireType::Stamp(TimeUnit::Millis));
    let amount = field("amount", DataType::Int, WireType::Int);
    Model {
        sources: vec![
            source("purchases", vec![text("user_id"), amount, stamp(), text("id"), text("unused")], 2, 3),
            source("checkouts", vec![text("user_id"), stamp(), text("checkout_id")], 1, 2),
        ],
        group_bys: vec![user_spend()],
        joins: vec![checkout()],
        ..Model::default()
    }
}

pub(super) fn deployment() -> Deployment {
    Deployment { name: "shop".into(), span: span(), group_bys: vec![], joins: vec![JoinId(0)] }
}

pub(super) fn lowered(model: &Model) -> Plan {
    lower(model, &deployment())
}

pub(super) fn add_let(model: &mut Model, name: &str, expr: Expr) {
    model.group_bys[0].lets.push(column(name, expr));
}
