//! Keyed nodes: a generated class, the view it reads, the view that calls it.

use crate::aggregates::Kind;
use crate::emit::context::{
    Argument, Call, Constant, EventId, Feature, IdForm, KeyColumn, Node as Context, Trailing,
};
use crate::functions::Expr;
use crate::functions::flink::type_name;
use crate::plan::{AggregateColumn, Node, Tail, Window, WindowAggregate};
use crate::types::{DataType, Schema, Value};
use crate::wire;

use super::build::{AS_OF, Builder, Relation};
use super::{names, rows};

/// Prints the rows that a window aggregate reads, which joins read too.
pub(super) fn input(
    builder: &mut Builder,
    node: &Node,
    aggregate: &WindowAggregate,
    input: &Relation,
    schema: &Schema,
) -> Context {
    let context = context(node, aggregate, input, schema);
    builder.add_view(&names::input(&node.definition), "sql/view.input.sql", &context);
    context
}

/// Prints a window aggregate whose rows are published, at most one per key in `every_ms`.
pub(super) fn print(builder: &mut Builder, node: &Node, context: &Context, every_ms: i64) -> Relation {
    let name = &node.definition;
    let context = &Context { every_ms: Some(every_ms).filter(|ms| *ms > 0), ..context.clone() };
    builder.add_function(&format!("wr_node:{name}"), &names::class_name(&context.class));
    builder.add_file(&names::class_file(&context.class), "job/Node.java", context);
    builder.add_view(name, "sql/view.node.sql", context);
    let columns = rows::names_of(&node.output);
    Relation { view: name.clone(), columns, has_copy: false, has_record: false, as_of: AS_OF }
}

fn context(node: &Node, aggregate: &WindowAggregate, input: &Relation, schema: &Schema) -> Context {
    let mut columns = Vec::new();
    let features = aggregate.columns.iter().map(|column| feature(column, input, &mut columns)).collect();
    let null_keys = aggregate.keys.iter().filter(|slot| schema.fields[**slot].nullable);
    Context {
        name: node.definition.clone(),
        class: names::node_class(&node.definition),
        uid: names::uid(&node.definition, &node.fingerprint),
        from: input.view.clone(),
        keys: aggregate
            .keys
            .iter()
            .zip(&node.output.fields)
            .map(|(slot, field)| key(&input.columns[*slot], &field.name))
            .collect(),
        null_keys: null_keys.map(|slot| input.columns[*slot].clone()).collect(),
        event_id: aggregate.event_id.map(|slot| event_id(input, schema, slot)),
        origin: aggregate.origin.map(|slot| input.columns[slot].clone()),
        ttl_ms: aggregate.ttl_ms,
        every_ms: None,
        columns,
        features,
        table: None,
    }
}

pub(super) fn key(from: &str, output: &str) -> KeyColumn {
    let name = (from != output).then(|| output.to_owned());
    KeyColumn { from: from.to_owned(), name, output: output.to_owned() }
}

pub(super) fn event_id(input: &Relation, schema: &Schema, slot: usize) -> EventId {
    let form = match schema.fields[slot].data_type {
        DataType::String => IdForm::Text,
        DataType::Int => IdForm::Number,
        DataType::Timestamp => IdForm::Instant,
        DataType::Bool => IdForm::Truth,
        DataType::Double
        | DataType::Decimal { .. }
        | DataType::Bytes
        | DataType::Date
        | DataType::List(_)
        | DataType::Map(_)
        | DataType::Struct(_) => {
            unreachable!("ids that have no ordered text were refused before anything is printed")
        }
    };
    EventId { column: input.columns[slot].clone(), form }
}

fn feature(column: &AggregateColumn, input: &Relation, columns: &mut Vec<Argument>) -> Feature {
    let AggregateColumn {
        name,
        kind,
        input: argument,
        order,
        filter,
        by,
        window,
        default,
        output,
        nullable: _,
    } = column;
    let mut column_of = |expr: &Option<Expr>| expr.as_ref().map(|expr| shared(expr, input, columns));
    let constant = |value: &Value| constant(*output, value);
    let call = Call {
        aggregate: kind.entry().java.to_owned(),
        argument: column_of(argument),
        filter: column_of(filter),
        order: column_of(order),
        by: column_of(by),
        parameter: parameter(*kind),
        default: default.as_ref().map(constant),
    };
    let trailing = |window: &Window| Trailing {
        size_ms: window.size_ms,
        hop_ms: match window.tail {
            Tail::Exact => None,
            Tail::Hop { hop_ms } => Some(hop_ms),
        },
        refresh_ms: window.refresh_ms,
    };
    let window = window.as_ref().map(trailing);
    Feature { name: name.clone(), call, window, sql_type: type_name(*output) }
}

/// The length of a list; a fraction in billionths.
fn parameter(kind: Kind) -> Option<i64> {
    match kind {
        Kind::FirstK(number)
        | Kind::LastK(number)
        | Kind::TopK(number)
        | Kind::BottomK(number)
        | Kind::ApproxPercentile(number) => Some(i64::from(number)),
        Kind::Count
        | Kind::Sum
        | Kind::Avg
        | Kind::Min
        | Kind::Max
        | Kind::Variance
        | Kind::Stddev
        | Kind::First
        | Kind::Last
        | Kind::UniqueCount
        | Kind::ApproxUniqueCount
        | Kind::Histogram => None,
    }
}

/// A constant as Java reads it: what is no plain text, as a record has it in JSON, with instants in ms.
fn constant(data_type: DataType, value: &Value) -> Constant {
    let text = match value {
        Value::Double(double) => format!("{double:E}"),
        Value::Timestamp(time) => time.millis().to_string(),
        Value::String(text) => text.to_string(),
        Value::Bool(_) | Value::Int(_) | Value::Decimal(_) | Value::Date(_) => value.to_string(),
        Value::Null | Value::Bytes(_) | Value::List(_) | Value::Map(_) | Value::Struct(_) => {
            wire::encode_value(data_type, value)
        }
    };
    let data_type = data_type.to_string();
    let is_nested = matches!(value, Value::List(_) | Value::Map(_) | Value::Struct(_));
    let data_type = if is_nested { data_type.replace("timestamp", "timestamp_ms") } else { data_type };
    Constant { data_type, text }
}

/// The column that holds an expression: equal ones share it.
fn shared(expr: &Expr, input: &Relation, columns: &mut Vec<Argument>) -> String {
    let (sql, data_type) = (rows::sql(expr, input), expr.data_type.to_string());
    let known = columns.iter().find(|known| (&known.sql, &known.data_type) == (&sql, &data_type));
    if let Some(known) = known {
        return known.name.clone();
    }
    let name = format!("wr_a{}", columns.len());
    columns.push(Argument { name: name.clone(), sql, data_type });
    name
}
