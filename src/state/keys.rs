//! The keys of the state store: a table's code, then what it is ordered by.
//!
//! Codes are append-only: a code is never given another meaning. 0x00..=0x7f are the engine's,
//! 0x80..=0xff are its driver's (outbox, positions), so that both may share one store and one batch.
//! Numbers are big-endian, signed ones with the sign bit flipped, so that bytes order as values do.

use crate::types::bytes::{Malformed, Reader};
use crate::types::{Date, Decimal, EventTime, Row, Value};

/// A table of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Table {
    /// One record: the keyed nodes this state belongs to.
    Plan = 0x01,
    /// One record: partitions, watermarks, step number.
    Clock = 0x02,
    /// One record: the ledger.
    Ledger = 0x03,
    /// Slot, key: a key's head; with a chunk number behind it: one chunk of its events.
    Key = 0x10,
    /// Slot, due time, key: nothing; when a key that may not be in memory must be looked at.
    Timer = 0x11,
    /// Step, shard: what the step did to the keys of the shard.
    Redo = 0x12,
    /// Slot, time, hashes, serial: a left row that waits.
    Pending = 0x13,
    /// Slot, step: which left rows came in that step.
    Guard = 0x14,
    /// Slot, publication, key: the newest row of a join that was put out as latest.
    Newest = 0x15,
    /// Slot, key, time, hash: a version of a table's row.
    Version = 0x20,
    /// Slot: up to when a table has been looked up, by reader.
    Asked = 0x21,
}

/// A keyed node's place in the state: its position among the keyed nodes of the plan.
pub type Slot = u16;

/// A table's only record, or the prefix of all its records.
#[must_use]
pub fn table(table: Table) -> Vec<u8> {
    vec![table as u8]
}

/// The least key above every key that starts with `prefix`. Prefixes here never end in all 0xff.
#[must_use]
pub fn after_prefix(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            break;
        }
    }
    end
}

/// All records of one keyed node in `table`.
#[must_use]
pub fn node(table: Table, slot: Slot) -> Vec<u8> {
    let mut key = vec![table as u8];
    key.extend_from_slice(&slot.to_be_bytes());
    key
}

/// The head of a key.
#[must_use]
pub fn head(slot: Slot, key: &[u8]) -> Vec<u8> {
    let mut record = node(Table::Key, slot);
    record.extend_from_slice(key);
    record
}

/// One chunk of a key.
#[must_use]
pub fn chunk(slot: Slot, key: &[u8], number: u32) -> Vec<u8> {
    let mut record = head(slot, key);
    record.extend_from_slice(&number.to_be_bytes());
    record
}

#[must_use]
pub fn timer(slot: Slot, due: i64, key: &[u8]) -> Vec<u8> {
    let mut record = timers_from(slot, due);
    record.extend_from_slice(key);
    record
}

/// The least timer key of a node that is due at `due`.
#[must_use]
pub fn timers_from(slot: Slot, due: i64) -> Vec<u8> {
    let mut record = node(Table::Timer, slot);
    record.extend_from_slice(&ordered(due));
    record
}

/// The key of a timer record.
pub fn read_timer(record: &[u8]) -> Result<&[u8], Malformed> {
    let mut reader = Reader::new(record);
    reader.take(1 + 2 + 8)?;
    Ok(reader.rest())
}

fn read_slot(reader: &mut Reader<'_>) -> Result<Slot, Malformed> {
    reader.take(2)?.try_into().map(Slot::from_be_bytes).map_err(|_| Malformed)
}

#[must_use]
pub fn redo(step: u64, shard: u16) -> Vec<u8> {
    let mut record = vec![Table::Redo as u8];
    record.extend_from_slice(&step.to_be_bytes());
    record.extend_from_slice(&shard.to_be_bytes());
    record
}

/// Step and shard of a redo record.
pub fn read_redo(record: &[u8]) -> Result<(u64, u16), Malformed> {
    let mut reader = Reader::new(record);
    reader.u8()?;
    let step = reader.take(8)?.try_into().map(u64::from_be_bytes).map_err(|_| Malformed)?;
    Ok((step, read_slot(&mut reader)?))
}

#[must_use]
pub fn pending(slot: Slot, ts: i64, hashes: [u64; 2], serial: u64) -> Vec<u8> {
    let mut record = node(Table::Pending, slot);
    record.extend_from_slice(&ordered(ts));
    for word in [hashes[0], hashes[1], serial] {
        record.extend_from_slice(&word.to_be_bytes());
    }
    record
}

#[must_use]
pub fn guard(slot: Slot, step: u64) -> Vec<u8> {
    let mut record = node(Table::Guard, slot);
    record.extend_from_slice(&step.to_be_bytes());
    record
}

/// What was put out last of a join's key; the key begins with the number of the publication.
#[must_use]
pub fn newest(slot: Slot, key: &[u8]) -> Vec<u8> {
    let mut record = node(Table::Newest, slot);
    record.extend_from_slice(key);
    record
}

/// All versions of a table's key.
#[must_use]
pub fn versions(slot: Slot, key: &[u8]) -> Vec<u8> {
    let mut record = node(Table::Version, slot);
    record.extend_from_slice(key);
    record
}

/// One version of a table's key; the hash tells versions of one time apart.
#[must_use]
pub fn version(slot: Slot, key: &[u8], ts: i64, hash: u128) -> Vec<u8> {
    let mut record = versions(slot, key);
    record.extend_from_slice(&ordered(ts));
    record.extend_from_slice(&hash.to_be_bytes());
    record
}

#[must_use]
pub fn asked(slot: Slot) -> Vec<u8> {
    node(Table::Asked, slot)
}

fn ordered(value: i64) -> [u8; 8] {
    (value ^ i64::MIN).to_be_bytes()
}

fn unordered(reader: &mut Reader<'_>) -> Result<i64, Malformed> {
    let bytes = reader.take(8)?.try_into().map_err(|_| Malformed)?;
    Ok(i64::from_be_bytes(bytes) ^ i64::MIN)
}

/// Appends a key's values: no encoding is the prefix of another, and bytes order as the values do.
pub fn put_key(out: &mut Vec<u8>, values: &[Value]) {
    for value in values {
        put_key_value(out, value);
    }
}

fn put_key_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(0),
        Value::Bool(bool) => out.extend_from_slice(&[1, u8::from(*bool)]),
        Value::Int(int) => {
            out.push(2);
            out.extend_from_slice(&ordered(*int));
        }
        Value::Double(double) => {
            // The checker refuses double keys; the bits keep the function total.
            out.push(3);
            out.extend_from_slice(&double.to_bits().to_be_bytes());
        }
        Value::Decimal(decimal) => {
            out.extend_from_slice(&[4, decimal.scale()]);
            out.extend_from_slice(&(decimal.units() ^ i128::MIN).to_be_bytes());
        }
        Value::String(text) => put_key_text(out, text),
        Value::Timestamp(time) => {
            out.push(6);
            out.extend_from_slice(&ordered(time.0));
        }
        Value::Date(date) => {
            out.push(7);
            out.extend_from_slice(&ordered(date.days().into()));
        }
        Value::Bytes(_) | Value::List(_) | Value::Map(_) | Value::Struct(_) => {
            unreachable!("the model refuses a key of that type")
        }
    }
}

/// A zero byte in the text is followed by 0xff, the end is a zero byte and 0x01.
fn put_key_text(out: &mut Vec<u8>, text: &str) {
    out.push(5);
    for byte in text.bytes() {
        out.push(byte);
        if byte == 0 {
            out.push(0xff);
        }
    }
    out.extend_from_slice(&[0, 1]);
}

/// The values of an encoded key.
pub fn read_key(key: &[u8]) -> Result<Row, Malformed> {
    let mut reader = Reader::new(key);
    let mut row = Row::new();
    while !reader.is_empty() {
        row.push(read_key_value(&mut reader)?);
    }
    Ok(row)
}

fn read_key_value(reader: &mut Reader<'_>) -> Result<Value, Malformed> {
    Ok(match reader.u8()? {
        0 => Value::Null,
        1 => Value::Bool(reader.u8()? == 1),
        2 => Value::Int(unordered(reader)?),
        3 => Value::double(f64::from_bits(u64::from_be_bytes(
            reader.take(8)?.try_into().map_err(|_| Malformed)?,
        ))),
        4 => {
            let scale = reader.u8()?;
            let units = i128::from_be_bytes(reader.take(16)?.try_into().map_err(|_| Malformed)?);
            Value::Decimal(Decimal::new(units ^ i128::MIN, scale).ok_or(Malformed)?)
        }
        5 => Value::string(read_key_text(reader)?),
        6 => Value::Timestamp(EventTime(unordered(reader)?)),
        7 => Value::Date(Date::from_days(unordered(reader)?).ok_or(Malformed)?),
        _ => return Err(Malformed),
    })
}

fn read_key_text(reader: &mut Reader<'_>) -> Result<String, Malformed> {
    let mut text = Vec::new();
    loop {
        match reader.u8()? {
            0 if reader.u8()? == 1 => return String::from_utf8(text).map_err(|_| Malformed),
            byte => text.push(byte),
        }
    }
}

/// The length of the encoded key at the front of `bytes` that has `columns` columns: what is behind
/// it in a record of [`Table::Key`] is the chunk number.
pub fn key_len(bytes: &[u8], columns: usize) -> Result<usize, Malformed> {
    let mut reader = Reader::new(bytes);
    for _ in 0..columns {
        read_key_value(&mut reader)?;
    }
    Ok(bytes.len() - reader.rest().len())
}
