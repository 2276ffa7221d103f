//! What a definition keeps, for how long, and about how much of it: from its plan.

use std::collections::BTreeSet;

use crate::plan::{Operator, Plan, PointInTimeJoin, Table, WindowAggregate};
use crate::types::{DataType, Schema};

use super::times::duration;

/// One sentence per kind of state of the definition's own operators, and of the tables it asks.
pub(super) fn lines(plan: &Plan, definition: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for id in plan.topological() {
        let node = plan.node(id);
        let rows = plan.inputs(id).first().map(|input| &plan.node(*input).output);
        match (&node.operator, rows) {
            (Operator::WindowAggregate(aggregate), Some(rows)) if node.definition == definition => {
                lines.extend(aggregated(aggregate, rows));
            }
            (Operator::Table(table), Some(rows)) => lines.push(tabled(&node.definition, table, rows)),
            (Operator::PointInTimeJoin(join), Some(rows)) if node.definition == definition => {
                lines.push(waiting(join, rows));
            }
            _ => {}
        }
    }
    lines
}

fn aggregated(aggregate: &WindowAggregate, rows: &Schema) -> Vec<String> {
    const TIME_AND_PLACE: usize = 16;
    const ID: usize = 24;
    let mut slots = BTreeSet::new();
    let mut used = Vec::new();
    for column in &aggregate.columns {
        for expr in column.input.iter().chain(&column.order).chain(&column.filter).chain(&column.by) {
            expr.collect_columns(&mut used);
        }
    }
    slots.extend(used);
    let values: usize = slots.iter().map(|slot| bytes(rows.fields[*slot].data_type)).sum();
    let per_event = TIME_AND_PLACE + values + if aggregate.event_id.is_some() { ID } else { 0 };
    let columns = aggregate.columns.iter();
    let per_key: usize = 64 + columns.map(|column| bytes(column.output)).sum::<usize>();
    let mut lines = vec![];
    if aggregate.reach_ms > 0 {
        let kept = duration(aggregate.reach_ms.saturating_add(aggregate.kept_ms));
        lines.push(format!("Each event for {kept}, about {per_event} bytes."));
    }
    lines.push(format!("Each key with something left, about {per_key} bytes."));
    lines
}

fn tabled(name: &str, table: &Table, rows: &Schema) -> String {
    let row: usize = rows.fields.iter().map(|field| bytes(field.data_type)).sum();
    let versions = match table.event_time {
        None => "the last row of each key".to_owned(),
        Some(_) if table.kept_ms >= FOREVER_MS => "every row of each key".to_owned(),
        Some(_) => format!("the newest row of each key and those of the last {}", duration(table.kept_ms)),
    };
    format!("Of {name} {versions}, about {} bytes a row.", row + 32)
}

/// What a lifetime column may ask for has no bound.
const FOREVER_MS: i64 = 36_500 * 86_400_000;

fn waiting(join: &PointInTimeJoin, rows: &Schema) -> String {
    let row: usize = rows.fields.iter().map(|field| bytes(field.data_type)).sum();
    let guard = if join.event_id.is_some() { " Their ids are kept as long." } else { "" };
    format!(
        "Left events while they wait, about {} bytes each; those up to {} late are still enriched.{guard}",
        row + 32,
        duration(join.left_late_ms)
    )
}

/// About as many bytes as a value takes; texts and collections are guessed.
fn bytes(data_type: DataType) -> usize {
    match data_type {
        DataType::Bool => 1,
        DataType::Date => 4,
        DataType::Int | DataType::Double | DataType::Timestamp => 8,
        DataType::Decimal { .. } | DataType::String | DataType::Bytes => 16,
        DataType::List(element) => 8 * bytes(element.data_type),
        DataType::Map(map) => 8 * (bytes(map.key) + bytes(map.value.data_type)),
        DataType::Struct(fields) => fields.fields.iter().map(|field| bytes(field.data_type)).sum(),
    }
}
