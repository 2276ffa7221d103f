//! Keyed windowed aggregation: what of a row is kept, and when a row of values may next change.

use crate::aggregates::{Inputs, Shape};
use crate::functions::{Expr, eval, is_true};
use crate::plan::{AggregateColumn, Window, WindowAggregate};
use crate::state::{Cell, Column, Layout, NEVER, Ring};
use crate::types::{DataType, Rounding, Schema, Value};

/// The layout of a node's events and the expressions that fill it.
pub(in crate::dataflow) struct Materialised {
    pub(in crate::dataflow) layout: Layout,
    pub(in crate::dataflow) filters: Vec<Expr>,
    pub(in crate::dataflow) inputs: Vec<Expr>,
}

/// Equal inputs, filters, cells and windows of the columns are kept once.
///
/// `meanings` says for each column what it computes, whatever its name and place. What is kept is laid out in
/// their order: a state stays readable when columns are renamed or stand elsewhere.
pub(in crate::dataflow) fn materialise(
    spec: &WindowAggregate,
    input: &Schema,
    meanings: &[String],
) -> Materialised {
    let mut layout = Layout { hashed: spec.event_id.is_some(), ttl_ms: spec.ttl_ms, ..Layout::default() };
    let (mut filters, mut inputs) = (Vec::new(), Vec::new());
    if spec.columns.iter().any(breaks_ties) {
        let of_slot = |slot: usize| {
            let field = &input.fields[slot];
            Expr::column(slot, field.data_type, field.nullable)
        };
        layout.id = spec.event_id.map(|slot| place(&mut inputs, of_slot(slot)));
        layout.origin = spec.origin.map(|slot| place(&mut inputs, of_slot(slot)));
    }
    let id_type = layout.id.map(|id| inputs[id].data_type);
    let mut order: Vec<usize> = (0..spec.columns.len()).collect();
    order.sort_by_key(|column| (&meanings[*column], *column));
    let mut columns = Vec::new();
    for at in order {
        let column = &spec.columns[at];
        let shape =
            Shape::of(column.kind, Inputs { id: id_type, ..inputs_of(column, spec.origin.is_some()) });
        let cell = Cell {
            shape,
            input: column.input.clone().map(|input| place(&mut inputs, input)),
            order: column.order.clone().map(|order| place(&mut inputs, order)),
            bucket: column.by.clone().map(|by| place(&mut inputs, by)),
            filter: column.filter.clone().map(|filter| place(&mut filters, filter)),
        };
        let column = Column {
            cell: place(&mut layout.cells, cell),
            window: place(&mut layout.windows, column.window),
            kind: column.kind,
            default: column.default.clone(),
            output: column.output,
        };
        columns.push((at, column));
    }
    columns.sort_by_key(|(at, _)| *at);
    layout.columns = columns.into_iter().map(|(_, column)| column).collect();
    layout.filters = filters.len();
    layout.inputs = inputs.iter().map(|input| input.data_type).collect();
    Materialised { layout, filters, inputs }
}

/// Whether events of one time must be told apart for it (rule S5).
fn breaks_ties(column: &AggregateColumn) -> bool {
    Shape::of(column.kind, inputs_of(column, false)).breaks_ties()
}

/// What a column aggregates: of a list its elements, of a map its values by key.
fn inputs_of(column: &AggregateColumn, origin: bool) -> Inputs {
    let data_type = |expr: &Option<Expr>| expr.as_ref().map(|expr| expr.data_type);
    let (value, key) = match data_type(&column.input) {
        Some(DataType::List(element)) => (Some(element.data_type), None),
        Some(DataType::Map(map)) => (Some(map.value.data_type), Some(map.key)),
        scalar => (scalar, None),
    };
    let bucket = key.or_else(|| data_type(&column.by));
    Inputs { value, order: data_type(&column.order), bucket, origin, id: None }
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
        (Value::List(elements), DataType::List(element)) => {
            let at_scale = |value: &Value| at_scale(value.clone(), element.data_type);
            Value::list(elements.iter().map(at_scale).collect::<Vec<_>>())
        }
        (Value::Map(entries), DataType::Map(map)) => {
            let at_scale = |(key, value): &(Value, Value)| {
                (at_scale(key.clone(), map.key), at_scale(value.clone(), map.value.data_type))
            };
            Value::map(entries.iter().map(at_scale).collect())
        }
        (value, _) => value,
    }
}

/// When W must look at a key again: the first instant at which an event leaves a window that holds
/// it as of `as_of`, moved up to the window's refresh grid, which `phase` shifts per key so that keys
/// do not all wake at once. [`NEVER`] if nothing can leave.
pub(in crate::dataflow) fn next_due(layout: &Layout, ring: &Ring, as_of: i64, phase: u64) -> i64 {
    let due = |window: &Option<Window>| {
        let Some(window) = window else {
            let forgets_at = layout.forgets_at(ring.newest()?);
            return (forgets_at > as_of).then_some(forgets_at);
        };
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
