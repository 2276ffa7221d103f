//! Bytes → typed row, or a dead letter. Every declared field is checked, whatever the plan needs of
//! it, at every depth; fields that are not declared are ignored.

pub(super) mod avro;
mod json;
mod number;
mod typed;

use twox_hash::XxHash64;

use crate::plan::{Decode, DecodeField};
use crate::state::Hashes;
use crate::types::{DataType, EventTime, Field, Row, Value};
use crate::wire;

use avro::AvroReader;
use typed::Wrong;

/// Hashes are kept: the seed never changes.
const HASH_SEED: u64 = 0;

/// A record that was read.
#[derive(Debug)]
pub struct Decoded {
    pub ts: i64,
    /// Event id and value bytes; zero if the source declares no id.
    pub hashes: Hashes,
    /// The materialised fields.
    pub row: Row,
}

/// Why a record was not read: a stable word, and the field and what was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    pub reason: &'static str,
    pub detail: String,
}

impl Refused {
    fn new(reason: &'static str, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }

    fn field(field: &DecodeField, wrong: &Wrong) -> Self {
        Self::new(wrong.reason, format!("field `{}{}`: {}", field.wire_name, wrong.path(), wrong.detail))
    }
}

/// Reads one record of a decode node.
///
/// # Errors
/// With the dead letter's reason.
///
/// # Panics
/// When the schema of its format cannot be read.
pub fn decode(spec: &Decode, slots: usize, payload: &[u8], timestamp_ms: i64) -> Result<Decoded, Refused> {
    Decoder::new(spec).decode(slots, payload, timestamp_ms)
}

/// Reads the records of a decode node.
#[derive(Debug)]
pub(super) struct Decoder {
    pub(super) spec: Decode,
    avro: Option<AvroReader>,
}

impl Decoder {
    /// # Panics
    /// When the schema cannot be read: such plans are refused before.
    pub(super) fn new(spec: &Decode) -> Self {
        let avro = AvroReader::new(spec).expect("plans with bad schemas are refused before they are run");
        Self { spec: spec.clone(), avro }
    }

    /// Reads one record.
    ///
    /// # Errors
    /// With the dead letter's reason.
    pub(super) fn decode(&self, slots: usize, payload: &[u8], timestamp_ms: i64) -> Result<Decoded, Refused> {
        let spec = &self.spec;
        if let Some(avro) = &self.avro {
            let values = avro.fields(spec, payload)?.into_iter().map(Ok);
            return decoded(spec, slots, values, payload, timestamp_ms);
        }
        let cells = json::fields(spec, payload)?;
        let values = spec.fields.iter().zip(cells).map(|(field, cell)| json_value(field, cell));
        decoded(spec, slots, values, payload, timestamp_ms)
    }
}

/// A declared field's value.
fn json_value(field: &DecodeField, cell: Option<serde_json::Value>) -> Result<Value, Refused> {
    let DecodeField { field: Field { nullable, data_type, .. }, wire_type, .. } = field;
    typed::optional(cell, *nullable, wire_type, *data_type).map_err(|wrong| Refused::field(field, &wrong))
}

/// `values`: those of the declared fields, in declared order.
fn decoded(
    spec: &Decode,
    slots: usize,
    values: impl Iterator<Item = Result<Value, Refused>>,
    payload: &[u8],
    timestamp_ms: i64,
) -> Result<Decoded, Refused> {
    let mut row = vec![Value::Null; slots];
    let (mut ts, mut id_hash) = (None, 0);
    for (i, (field, value)) in spec.fields.iter().zip(values).enumerate() {
        let value = value?;
        if Some(i) == spec.event_time {
            ts = event_time(&value);
        }
        if spec.event_id == Some(i) {
            id_hash = XxHash64::oneshot(HASH_SEED, value.to_string().as_bytes());
        }
        if let Some(slot) = field.slot {
            row[slot] = value;
        }
    }
    let hashes =
        if spec.event_id.is_some() { [id_hash, XxHash64::oneshot(HASH_SEED, payload)] } else { [0, 0] };
    let Some(index) = spec.event_time else {
        // A static table: its rows hold at all times.
        return Ok(Decoded { ts: i64::MIN, hashes, row });
    };
    let Some(ts) = ts else {
        let wrong = Wrong::new("missing_field", "the event time is null");
        return Err(Refused::field(&spec.fields[index], &wrong));
    };
    if ts > timestamp_ms.saturating_add(spec.ahead_ms) {
        let detail = format!(
            "event time {} leads the record's own {} by more than {} ms",
            EventTime(ts),
            EventTime(timestamp_ms),
            spec.ahead_ms
        );
        return Err(Refused::new("future", detail));
    }
    Ok(Decoded { ts, hashes, row })
}

/// A record without value: the row of a table's key, all else null, as of the record's own time.
///
/// # Errors
/// When the record's key is not one of the table's.
pub(super) fn deletion(
    spec: &Decode,
    slots: usize,
    key: &[u8],
    timestamp_ms: i64,
) -> Result<Decoded, Refused> {
    let types: Vec<DataType> = spec.keys.iter().map(|key| spec.fields[*key].field.data_type).collect();
    let values = wire::decode_key(&types, key).map_err(|error| Refused::new("bad_key", error.to_string()))?;
    let mut row = vec![Value::Null; slots];
    for (field, value) in spec.keys.iter().zip(values) {
        if let Some(slot) = spec.fields[*field].slot {
            row[slot] = value;
        }
    }
    let ts = if spec.event_time.is_some() { timestamp_ms } else { i64::MIN };
    Ok(Decoded { ts, hashes: [0, 0], row })
}

fn event_time(value: &Value) -> Option<i64> {
    match value {
        Value::Timestamp(time) => Some(time.0),
        _ => None,
    }
}

#[cfg(test)]
mod avro_tests;
#[cfg(test)]
mod tests;
