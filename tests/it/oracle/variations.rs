//! Aggregations that the texts of the pool do not have: any kind over any input, buckets, defaults, orders,
//! columns of all time.

use windrow::aggregates::{Entry, Kind, Parameter, Role};
use windrow::functions::Expr;
use windrow::model::{Aggregate, GroupBy, Input, Model};
use windrow::types::{DataType, Date, Decimal, EventTime, Field, Value};

use super::rng::Rng;

/// Changes some aggregations of each group by. `in_time`: no event comes after its watermark, so that a key
/// may be forgotten when it had no event for a time.
pub(super) fn vary(rng: &mut Rng, model: &mut Model, in_time: bool) {
    let fields: Vec<Vec<Field>> = model.group_bys.iter().map(|group_by| fields(model, group_by)).collect();
    for (group_by, fields) in model.group_bys.iter_mut().zip(&fields) {
        for aggregate in &mut group_by.aggregates {
            if rng.percent(70) {
                vary_one(rng, aggregate, fields);
            }
        }
        let lengths: &[i64] = if in_time { &[1, 1_000, 3_600_000, 604_800_000] } else { &[i64::MAX / 4] };
        let is_lifetime = group_by.aggregates.iter().any(|aggregate| aggregate.window.is_none());
        group_by.ttl_ms = (is_lifetime && rng.percent(60)).then(|| *rng.pick(lengths));
    }
    // They were typed with what the features were before.
    for join in &mut model.joins {
        join.derived.clear();
        join.derived_order.clear();
    }
}

/// The columns of a group by's input.
fn fields(model: &Model, group_by: &GroupBy) -> Vec<Field> {
    match group_by.from {
        Input::Source(id) => model.source(id).fields.iter().map(|field| field.field.clone()).collect(),
        Input::Stream(id) => model.stream(id).fields.clone(),
    }
}

fn column(rng: &mut Rng, fields: &[Field], fits: impl Fn(DataType) -> bool) -> Expr {
    let fitting: Vec<usize> = (0..fields.len()).filter(|slot| fits(fields[*slot].data_type)).collect();
    let slot = *rng.pick(&fitting);
    Expr::column(slot, fields[slot].data_type, fields[slot].nullable)
}

fn vary_one(rng: &mut Rng, aggregate: &mut Aggregate, fields: &[Field]) {
    let entries: Vec<&Entry> = Entry::all().collect();
    let entry = *rng.pick(&entries);
    let parameters: Vec<Value> = entry.parameters().map(|parameter| parameter_of(rng, parameter)).collect();
    aggregate.kind = entry.kind(&parameters).expect("it fits");
    let kind = aggregate.kind;
    let takes = |data_type| output(kind, data_type).is_some();
    let keeps = aggregate.input.as_ref().is_some_and(|input| takes(input.data_type));
    if !keeps || rng.percent(50) {
        aggregate.input = Some(column(rng, fields, takes));
    }
    let has_order = entry.arguments.iter().any(|argument| argument.role == Role::Order);
    aggregate.order = (has_order && rng.percent(60)).then(|| column(rng, fields, DataType::is_scalar));
    let input = aggregate.input.as_ref().map_or(DataType::Bool, |input| input.data_type);
    let value = output(kind, input).expect("it is taken");
    aggregate.by = (input.is_scalar() && rng.percent(35)).then(|| column(rng, fields, DataType::is_map_key));
    let by = aggregate.by.as_ref();
    aggregate.output = by.map_or(value, |by| DataType::map(by.data_type, value, true));
    aggregate.default = rng.percent(30).then(|| default(aggregate.output));
    aggregate.nullable = true;
    if rng.percent(25) {
        aggregate.window = None;
    }
}

/// Of a list what its elements give, of a map that for each key.
fn output(kind: Kind, input: DataType) -> Option<DataType> {
    match input {
        DataType::List(element) => kind.output(Some(element.data_type)).ok(),
        DataType::Map(map) => {
            let value = kind.output(Some(map.value.data_type)).ok()?;
            Some(DataType::map(map.key, value, true))
        }
        scalar => kind.output(Some(scalar)).ok(),
    }
}

fn parameter_of(rng: &mut Rng, parameter: Parameter) -> Value {
    match parameter {
        Parameter::Length => Value::Int(*rng.pick(&[1, 2, 3, 5, 1_000])),
        Parameter::Fraction => {
            let billionths = *rng.pick(&[0, 1, 333_333_333, 500_000_000, 950_000_000, 1_000_000_000]);
            Value::Decimal(Decimal::new(billionths, 9).expect("small"))
        }
    }
}

fn default(data_type: DataType) -> Value {
    match data_type {
        DataType::String => Value::string("none"),
        DataType::Int => Value::Int(-7),
        DataType::Double => Value::Double(0.5),
        DataType::Bool => Value::Bool(true),
        DataType::Bytes => Value::bytes(*b"\0"),
        DataType::Date => Value::Date(Date::from_days(1).expect("a day")),
        DataType::Decimal { scale, .. } => Value::Decimal(Decimal::new(1, scale).expect("small")),
        DataType::Timestamp => Value::Timestamp(EventTime(1)),
        DataType::List(_) => Value::list([]),
        DataType::Map(_) => Value::map(Vec::new()),
        DataType::Struct(_) => unreachable!("no aggregate gives a struct"),
    }
}
