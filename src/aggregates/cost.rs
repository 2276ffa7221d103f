//! What aggregates keep of an event, in bytes: typical values, measured by a test of the state.

use crate::types::DataType;

use super::Kind;

/// A text of twelve letters, say.
const TEXT_BYTES: u64 = 12;
/// Elements of a list or map.
const ELEMENTS: u64 = 4;

/// Bytes that an aggregate adds to each event that is kept for it, over an input of that type. Aggregates
/// over one input share it; ties (rule S5) add the event id once.
#[must_use]
pub fn bytes_per_event(kind: Kind, input: Option<DataType>) -> u64 {
    // A row counts by being there.
    input.filter(|_| kind.output(input).is_ok()).map_or(0, value_bytes)
}

/// Bytes of a typical value of that type.
#[must_use]
pub fn value_bytes(data_type: DataType) -> u64 {
    match data_type {
        DataType::Bool => 1,
        // A tag, then seven bits a byte: numbers of four digits.
        DataType::Int => 3,
        DataType::Double => 9,
        DataType::Decimal { .. } | DataType::Date => 4,
        DataType::String | DataType::Bytes => 2 + TEXT_BYTES,
        DataType::Timestamp => 7,
        DataType::List(element) => 2 + ELEMENTS * value_bytes(element.data_type),
        DataType::Map(map) => 2 + ELEMENTS * (value_bytes(map.key) + value_bytes(map.value.data_type)),
        DataType::Struct(fields) => fields.fields.iter().map(|field| value_bytes(field.data_type)).sum(),
    }
}
