//! Keyed windowed aggregation: what of a row is kept, and when a row of values may next change.

use crate::aggregates::Shape;
use crate::functions::{Expr, eval, is_true};
use crate::plan::{Window, WindowAggregate};
use crate::state::{Cell, Column, Layout, NEVER, Ring};
use crate::types::{DataType, Rounding, Schema, Value};

/// The layout of a node's events and the expressions that fill it.
pub(in crate::dataflow) struct Materialised {
    pub(in crate::dataflow) layout: Layout,
    pub(in crate::dataflow) filters: Vec<Expr>,
    pub(in crate::dataflow) inputs: Vec<Expr>,
}

/// Equal inputs, filters, cells and windows of the columns are kept once.
pub(in crate::dataflow) fn materialise(spec: &WindowAggregate, input: &Schema) -> Materialised {
    let mut layout = Layout { hashed: spec.event_id.is_some(), ..Layout::default() };
    let (mut filters, mut inputs) = (Vec::new(), Vec::new());
    let ordered = spec.columns.iter().any(|column| column.kind.is_ordered());
    let id = spec.event_id.filter(|_| ordered).map(|slot| {
        let field = &input.fields[slot];
        Expr::column(slot, field.data_type, field.nullable)
    });
    let id_type = id.as_ref().map(|id| id.data_type);
    layout.id = id.map(|id| place(&mut inputs, id));
    for column in &spec.columns {
        let cell = Cell {
            shape: Shape::of(column.kind, column.input.as_ref().map(|input| input.data_type), id_type),
            input: column.input.clone().map(|input| place(&mut inputs, input)),
            filter: column.filter.clone().map(|filter| place(&mut filters, filter)),
        };
        layout.columns.push(Column {
            cell: place(&mut layout.cells, cell),
            window: place(&mut layout.windows, column.window.expect("lifetime columns are refused before")),
            kind: column.kind,
            output: column.output,
        });
    }
    layout.filters = filters.len();
    layout.inputs = inputs.iter().map(|input| input.data_type).collect();
    Materialised { layout, filters, inputs }
}

/// The position of an equal item, which is added if there is none.
fn place<T: PartialEq>(items: &mut Vec<T>, item: T) -> usize {
    items.iter().position(|other| *other == item).unwrap_or_else(|| {
        items.push(item);
        items.len() - 1
    })
}

/// Appends what is kept of a row.
pub(in crate::dataflow) fn put_inputs(
    out: &mut Vec<u8>,
    layout: &Layout,
    filters: &[Expr],
    inputs: &[Expr],
    row: &[Value],
) {
    let filters: Vec<bool> = filters.iter().map(|filter| is_true(filter, row)).collect();
    let inputs: Vec<Value> = inputs.iter().map(|input| at_scale(eval(input, row), input.data_type)).collect();
    layout.put_event(out, &filters, &inputs);
}

/// Decimals are kept as units, so they must stand at their type's scale.
fn at_scale(value: Value, data_type: DataType) -> Value {
    match (value, data_type) {
        (Value::Decimal(decimal), DataType::Decimal { scale, .. }) if decimal.scale() != scale => {
            decimal.rescale(scale, Rounding::HalfUp).map_or(Value::Null, Value::Decimal)
        }
        (value, _) => value,
    }
}

/// When W must look at a key again: the first instant at which an event leaves a window that holds
/// it as of `as_of`, moved up to the window's refresh grid, which `phase` shifts per key so that keys
/// do not all wake at once. [`NEVER`] if nothing can leave.
pub(in crate::dataflow) fn next_due(layout: &Layout, ring: &Ring, as_of: i64, phase: u64) -> i64 {
    let due = |window: &Window| {
        let oldest = ring.oldest_from(window.start(as_of))?;
        Some(on_grid(window.leaves_at(oldest), window.refresh_ms, phase))
    };
    layout.windows.iter().filter_map(due).min().unwrap_or(NEVER)
}

/// The first instant from `at` on that is `phase` beyond a multiple of `refresh_ms`.
fn on_grid(at: i64, refresh_ms: i64, phase: u64) -> i64 {
    let refresh = refresh_ms.max(1);
    let phase = i64::try_from(phase % refresh.unsigned_abs()).unwrap_or(0);
    at.saturating_add((phase - at.rem_euclid(refresh)).rem_euclid(refresh))
}
