//! Keyed nodes: a generated class, the view it reads, the view that calls it.

use crate::aggregates::Kind;
use crate::emit::context::{Argument, EventId, Feature, IdForm, KeyColumn, Node as Context};
use crate::functions::Expr;
use crate::functions::flink::type_name;
use crate::plan::{AggregateColumn, Node, Tail, WindowAggregate};
use crate::types::{DataType, Schema};

use super::build::{Builder, Relation};
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

/// Prints a window aggregate whose rows are published.
pub(super) fn print(builder: &mut Builder, node: &Node, context: &Context) -> Relation {
    let name = &node.definition;
    builder.add_function(&format!("wr_node:{name}"), &names::class_name(&context.class));
    builder.add_file(&names::class_file(&context.class), "job/Node.java", context);
    builder.add_view(name, "sql/view.node.sql", context);
    let columns = rows::names_of(&node.output);
    Relation { view: name.clone(), columns, has_copy: false, as_of: "wr_as_of" }
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
        columns,
        features,
    }
}

fn key(from: &str, output: &str) -> KeyColumn {
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
        order: _,
        filter,
        by: _,
        window,
        default: _,
        output,
        nullable: _,
    } = column;
    let window = window.expect("lifetime columns were refused before anything is printed");
    let mut argument_of = |expr: &Option<Expr>| expr.as_ref().map(|expr| shared(expr, input, columns));
    Feature {
        name: name.clone(),
        aggregate: constant(*kind).to_owned(),
        argument: argument_of(argument),
        filter: argument_of(filter),
        size_ms: window.size_ms,
        hop_ms: match window.tail {
            Tail::Exact => None,
            Tail::Hop { hop_ms } => Some(hop_ms),
        },
        refresh_ms: window.refresh_ms,
        sql_type: type_name(*output),
    }
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

/// The constant in Aggregate.java.
fn constant(kind: Kind) -> &'static str {
    kind.entry().java.expect("aggregates without a Java form were refused before anything is printed")
}
