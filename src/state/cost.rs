//! What a layout costs in the store: a key with events of typical values is written, and its bytes are counted.
//! This is what `windrow explain` shows.

use crate::types::{DataType, Date, Decimal, EventTime, Value};

use super::{Cells, Event, KeyState, Layout, WriteBatch, keys};

/// Bytes of the store, without what its own compression saves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Of an event, as long as a window holds it.
    pub event_bytes: u64,
    /// Of an event that only columns of all time have seen.
    pub old_event_bytes: u64,
    /// Of a key that has events, beside them.
    pub key_bytes: u64,
}

/// Enough that chunks are full, and what a key costs does not show.
const EVENTS: i64 = 1_024;
/// Of which so many are enough to see what an event adds.
const FEW: i64 = 256;
/// Five minutes from one event to the next.
const STEP_MS: i64 = 300_000;
const START_MS: i64 = 1_700_000_000_000;

impl Layout {
    /// Measured over keys of such columns.
    #[must_use]
    pub fn cost(&self, key: &[DataType]) -> Cost {
        let mut encoded = Vec::new();
        keys::put_key(&mut encoded, &key.iter().map(|of| typical(*of, 1)).collect::<Vec<_>>());
        let measured = |events, old| stored_bytes(self, &encoded, events, old);
        let each = |more: u64, few: u64| more.saturating_sub(few) / (EVENTS - FEW).cast_unsigned();
        let event_bytes = each(measured(EVENTS, false), measured(FEW, false));
        if !self.is_lifetime() {
            let key_bytes = measured(1, false).saturating_sub(event_bytes);
            return Cost { event_bytes, old_event_bytes: 0, key_bytes };
        }
        let old_event_bytes = each(measured(EVENTS, true), measured(FEW, true));
        let key_bytes = measured(FEW, true).saturating_sub(old_event_bytes * FEW.cast_unsigned());
        Cost { event_bytes, old_event_bytes, key_bytes }
    }
}

/// The bytes of one key with events some minutes apart; `old`: no window has any of them.
fn stored_bytes(layout: &Layout, key: &[u8], events: i64, old: bool) -> u64 {
    let mut state = KeyState::default();
    let end = START_MS + events * STEP_MS;
    (state.as_of, state.published, state.timer) = (end, Some(1 << 127), end);
    for i in 0..events {
        let mut data = Vec::new();
        let inputs: Vec<Value> = layout.inputs.iter().map(|of| typical(*of, i)).collect();
        layout.put_event(&mut data, &vec![true; layout.filters], &inputs);
        let hashes = if layout.hashed { [i.cast_unsigned(), 1] } else { [0, 0] };
        state.ring.insert(layout, &Event { ts: START_MS + i * STEP_MS, hashes, data: &data });
    }
    // A row makes partials, which are kept where they are small.
    Cells::new(layout).row(layout, &mut state.ring, end).expect("own bytes");
    if old {
        state.ring.trim(layout, layout.leaves_last(end)).expect("own bytes");
    }
    let mut batch = WriteBatch::default();
    state.write_back(&mut batch, 2, key, 300);
    batch.size()
}

/// A value of usual length: numbers of four digits, texts of a dozen letters, four elements.
#[must_use]
pub fn typical(data_type: DataType, i: i64) -> Value {
    match data_type {
        DataType::Bool => Value::Bool(i % 2 == 0),
        DataType::Int => Value::Int(1_000 + i * 37 % 9_000),
        DataType::Double => Value::double(0.1 + f64::from(i32::try_from(i).unwrap_or(0))),
        DataType::Decimal { scale, .. } => {
            Decimal::new(i128::from(i) * 9_973 % 90_000 + 9_000, scale).map_or(Value::Null, Value::Decimal)
        }
        DataType::String => Value::string(format!("value-{:06}", i * 7 % 900)),
        DataType::Bytes => Value::bytes(format!("value-{:06}", i * 7 % 900).into_bytes()),
        DataType::Timestamp => Value::Timestamp(EventTime(START_MS + i * STEP_MS)),
        DataType::Date => Date::from_days(19_000 + i % 365).map_or(Value::Null, Value::Date),
        DataType::List(of) => Value::list((0..4).map(|at| typical(of.data_type, i + at)).collect::<Vec<_>>()),
        DataType::Map(of) => {
            let entry = |at| (typical(of.key, i + at), typical(of.value.data_type, i + at));
            Value::map((0..4).map(entry).collect())
        }
        DataType::Struct(of) => {
            Value::structure(of.fields.iter().map(|field| typical(field.data_type, i)).collect::<Vec<_>>())
        }
    }
}
