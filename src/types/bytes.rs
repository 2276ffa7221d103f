//! Compact bytes of numbers and values, shared by everything that is kept or compared as bytes.
//!
//! Integers are variable-length, least significant seven bits first; signed ones zigzag. A reader
//! never panics: what cannot be read is [`Malformed`].

use super::{Date, Decimal, EventTime, Row, Value};

/// The bytes end too early or hold what was never written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed bytes")]
pub struct Malformed;

pub fn put_u64(out: &mut Vec<u8>, value: u64) {
    put_u128(out, u128::from(value));
}

pub fn put_u128(out: &mut Vec<u8>, mut value: u128) {
    while value >= 0x80 {
        out.push(low_bits(value) | 0x80);
        value >>= 7;
    }
    out.push(low_bits(value));
}

const fn low_bits(value: u128) -> u8 {
    (value & 0x7f) as u8
}

pub fn put_i64(out: &mut Vec<u8>, value: i64) {
    put_u64(out, (value << 1 ^ value >> 63).cast_unsigned());
}

pub fn put_i128(out: &mut Vec<u8>, value: i128) {
    put_u128(out, (value << 1 ^ value >> 127).cast_unsigned());
}

pub fn put_f64(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(&value.to_bits().to_le_bytes());
}

/// Eight bytes, for hashes: they do not get shorter.
pub fn put_fixed(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// Sixteen bytes.
pub fn put_hash(out: &mut Vec<u8>, value: u128) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// Length and bytes.
pub fn put_bytes(out: &mut Vec<u8>, value: &[u8]) {
    put_u64(out, value.len() as u64);
    out.extend_from_slice(value);
}

/// How deep values nest at most; a definition's limit is the same.
const DEPTH_MAX: usize = 64;

/// A tag and the value, readable without its type.
pub fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(0),
        Value::Bool(false) => out.push(1),
        Value::Bool(true) => out.push(2),
        Value::Int(int) => {
            out.push(3);
            put_i64(out, *int);
        }
        Value::Double(double) => {
            out.push(4);
            put_f64(out, *double);
        }
        Value::Decimal(decimal) => {
            out.extend_from_slice(&[5, decimal.scale()]);
            put_i128(out, decimal.units());
        }
        Value::String(text) => {
            out.push(6);
            put_bytes(out, text.as_bytes());
        }
        Value::Timestamp(time) => {
            out.push(7);
            put_i64(out, time.0);
        }
        Value::Bytes(bytes) => {
            out.push(8);
            put_bytes(out, bytes);
        }
        Value::Date(date) => {
            out.push(9);
            put_i64(out, date.days().into());
        }
        Value::List(elements) => {
            out.push(10);
            put_row(out, elements);
        }
        Value::Map(entries) => {
            out.push(11);
            put_u64(out, entries.len() as u64);
            for (key, value) in entries.iter() {
                put_value(out, key);
                put_value(out, value);
            }
        }
        Value::Struct(fields) => {
            out.push(12);
            put_row(out, fields);
        }
    }
}

/// The number of values, then each.
pub fn put_row(out: &mut Vec<u8>, row: &[Value]) {
    put_u64(out, row.len() as u64);
    for value in row {
        put_value(out, value);
    }
}

/// Reads what the functions above have written, front to back.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What has not been read.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub fn u8(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.rest.split_first().ok_or(Malformed)?;
        self.rest = rest;
        Ok(*first)
    }

    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (head, rest) = self.rest.split_at_checked(count).ok_or(Malformed)?;
        self.rest = rest;
        Ok(head)
    }

    pub fn u64(&mut self) -> Result<u64, Malformed> {
        u64::try_from(self.u128()?).map_err(|_| Malformed)
    }

    pub fn u128(&mut self) -> Result<u128, Malformed> {
        let mut value = 0_u128;
        for shift in (0..128).step_by(7) {
            let byte = self.u8()?;
            value |= u128::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    /// A count or length; checked against what is left, so that a damaged one cannot fill the memory.
    pub fn len(&mut self) -> Result<usize, Malformed> {
        let len = usize::try_from(self.u64()?).map_err(|_| Malformed)?;
        if len <= self.rest.len() { Ok(len) } else { Err(Malformed) }
    }

    pub fn i64(&mut self) -> Result<i64, Malformed> {
        let value = self.u64()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    pub fn i128(&mut self) -> Result<i128, Malformed> {
        let value = self.u128()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    pub fn f64(&mut self) -> Result<f64, Malformed> {
        self.fixed().map(f64::from_bits)
    }

    pub fn fixed(&mut self) -> Result<u64, Malformed> {
        self.take(8)?.try_into().map(u64::from_le_bytes).map_err(|_| Malformed)
    }

    pub fn hash(&mut self) -> Result<u128, Malformed> {
        self.take(16)?.try_into().map(u128::from_le_bytes).map_err(|_| Malformed)
    }

    pub fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let len = self.len()?;
        self.take(len)
    }

    pub fn text(&mut self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Malformed)
    }

    pub fn value(&mut self) -> Result<Value, Malformed> {
        self.value_within(DEPTH_MAX)
    }

    fn value_within(&mut self, depth: usize) -> Result<Value, Malformed> {
        Ok(match self.u8()? {
            0 => Value::Null,
            1 => Value::Bool(false),
            2 => Value::Bool(true),
            3 => Value::Int(self.i64()?),
            4 => Value::double(self.f64()?),
            5 => {
                let scale = self.u8()?;
                Value::Decimal(Decimal::new(self.i128()?, scale).ok_or(Malformed)?)
            }
            6 => Value::string(self.text()?),
            7 => Value::Timestamp(EventTime(self.i64()?)),
            8 => Value::bytes(self.bytes()?),
            9 => Value::Date(Date::from_days(self.i64()?).ok_or(Malformed)?),
            10 => Value::list(self.values(depth)?),
            11 => self.entries(depth)?,
            12 => Value::structure(self.values(depth)?),
            _ => return Err(Malformed),
        })
    }

    /// What `put_row` wrote, one level down.
    fn values(&mut self, depth: usize) -> Result<Row, Malformed> {
        let depth = depth.checked_sub(1).ok_or(Malformed)?;
        let len = self.len()?;
        (0..len).map(|_| self.value_within(depth)).collect()
    }

    fn entries(&mut self, depth: usize) -> Result<Value, Malformed> {
        let depth = depth.checked_sub(1).ok_or(Malformed)?;
        let len = self.len()?;
        let entry = |_| Ok((self.value_within(depth)?, self.value_within(depth)?));
        // Written in order of their keys; damaged ones are put in order again.
        (0..len).map(entry).collect::<Result<_, _>>().map(Value::map)
    }

    pub fn row(&mut self) -> Result<Row, Malformed> {
        let len = self.len()?;
        (0..len).map(|_| self.value()).collect()
    }
}
