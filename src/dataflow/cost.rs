//! What the state of a plan's operators costs: records of typical values are written as a step would write
//! them, and their bytes are counted.

use crate::plan::{NodeId, Operator, Plan, PointInTimeJoin, Table, WindowAggregate};
use crate::state::{Cost, WriteBatch, typical};
use crate::types::{Row, Schema, Value};
use crate::wire;

use super::operator::join_buffer::Buffer;
use super::operator::join_history::History;
use super::operator::materialise;
use super::operator::versions::{Home, Version, Versions};
use super::route::key_of;

/// Bytes of the store, without what its own compression saves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateCost {
    Aggregate(Cost),
    /// Of a row of a table, for as long as it is kept.
    Table {
        row_bytes: u64,
    },
    /// Of a row while it waits, and of its id, by which copies are known afterwards.
    Waiting {
        row_bytes: u64,
        id_bytes: u64,
    },
}

/// So many rows come in one step: the records of a step are shared by them.
const ROWS: i64 = 256;

/// What each keyed operator's state costs, in plan order.
#[must_use]
pub fn state_costs(plan: &Plan) -> Vec<(NodeId, StateCost)> {
    let cost = |id: NodeId| {
        let rows = plan.inputs(id).first().map(|input| &plan.node(*input).output)?;
        match &plan.node(id).operator {
            Operator::WindowAggregate(spec) => Some(StateCost::Aggregate(aggregate(spec, rows))),
            Operator::Table(table) => Some(StateCost::Table { row_bytes: row_bytes(table, rows) }),
            Operator::PointInTimeJoin(join) => {
                Some(StateCost::Waiting { row_bytes: waiting_bytes(rows), id_bytes: id_bytes(join) })
            }
            Operator::Lookup(_) => Some(StateCost::Waiting { row_bytes: waiting_bytes(rows), id_bytes: 0 }),
            Operator::Source(_)
            | Operator::Decode(_)
            | Operator::Watermark(_)
            | Operator::Filter { .. }
            | Operator::Project { .. }
            | Operator::KeyBy { .. }
            | Operator::Union
            | Operator::Call(_)
            | Operator::Derive { .. }
            | Operator::Publish(_) => None,
        }
    };
    plan.topological().into_iter().filter_map(|id| Some((id, cost(id)?))).collect()
}

fn aggregate(spec: &WindowAggregate, rows: &Schema) -> Cost {
    // Costs do not depend on the order of columns.
    let meanings = vec![String::new(); spec.columns.len()];
    let keys: Vec<_> = spec.keys.iter().map(|slot| rows.fields[*slot].data_type).collect();
    materialise(spec, rows, &meanings).layout.cost(&keys)
}

fn row(rows: &Schema, i: i64) -> Row {
    rows.fields.iter().map(|field| typical(field.data_type, i)).collect()
}

fn row_bytes(table: &Table, rows: &Schema) -> u64 {
    let row = row(rows, 1);
    let (key, payload) = (key_of(&table.keys, &row), wire::encode_row(&rows.fields, &row));
    let id = table.event_id.map_or(Value::Null, |slot| row[slot].clone());
    let version =
        Version { ts: if table.event_time.is_some() { 0 } else { i64::MIN }, id, payload, row: Some(row) };
    let mut batch = WriteBatch::default();
    Versions::default().insert(version, i64::MIN, Home { slot: 0, key: &key }, &mut batch);
    batch.size()
}

fn waiting_bytes(rows: &Schema) -> u64 {
    let (mut buffer, mut batch) = (Buffer::default(), WriteBatch::default());
    let times: Vec<i64> = (0..ROWS).collect();
    for ts in &times {
        buffer.push(*ts, [1, 1], row(rows, *ts));
    }
    buffer.write(&times, 0, &mut batch);
    batch.size() / ROWS.cast_unsigned()
}

fn id_bytes(join: &PointInTimeJoin) -> u64 {
    if join.event_id.is_none() {
        return 0;
    }
    let ids: Vec<_> = (0..ROWS).map(|ts| (1_700_000_000_000 + ts, [ts.cast_unsigned(), 1])).collect();
    let mut batch = WriteBatch::default();
    History::default().write(&ids, i64::MIN, (0, 1), &mut batch);
    batch.size() / ROWS.cast_unsigned()
}
