//! Avro's binary form by its writer schema: bytes → what stands in them, field by field.
//!
//! Written from Avro's specification: the schema is read as the JSON it is, values one after the other.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::model::{SourceField, WireElement, WireField, WireType};
use crate::types::{DataType, Date, Decimal, Row, TimeUnit, Value};

use super::decode::{read, stamp};

/// Zero and the number of the schema, as clients of a schema registry write it.
const REGISTRY_HEADER: usize = 5;

/// What stands in the bytes.
#[derive(Debug, Clone)]
enum Datum {
    Null,
    Bool(bool),
    Int(i64),
    Long(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
    /// Digits as the bytes of a big-endian number, and how many of them stand behind the point.
    Decimal(Vec<u8>, u32),
    Days(i64),
    Stamp(i64, TimeUnit),
    List(Vec<Datum>),
    /// By name; of a map in any order.
    Fields(Vec<(String, Datum)>),
}

/// The bytes that are still to be read, and the types that the schema has named so far.
struct Reader<'p> {
    rest: &'p [u8],
    names: BTreeMap<String, Json>,
}

/// The declared fields, or the dead letter's reason.
pub(super) fn fields(schema: &str, declared: &[SourceField], payload: &[u8]) -> Result<Row, &'static str> {
    let schema: Json = serde_json::from_str(schema).expect("the model has read the schema");
    let has_header = payload.len() >= REGISTRY_HEADER && payload[0] == 0;
    let plain = whole(&schema, payload);
    let behind = || if has_header { whole(&schema, &payload[REGISTRY_HEADER..]) } else { None };
    let Some(Datum::Fields(record)) = plain.or_else(behind) else { return Err("not_avro") };
    let field = |of: &SourceField| {
        optional(found(&record, &of.wire_name), of.field.nullable, &of.wire_type, of.field.data_type)
    };
    declared.iter().map(field).collect()
}

/// All of the bytes, and nothing behind them.
fn whole(schema: &Json, bytes: &[u8]) -> Option<Datum> {
    let mut reader = Reader { rest: bytes, names: BTreeMap::new() };
    reader.name_all(schema);
    let datum = reader.datum(schema)?;
    reader.rest.is_empty().then_some(datum)
}

fn found<'d>(record: &'d [(String, Datum)], name: &str) -> Option<&'d Datum> {
    record.iter().find(|(of, _)| of == name).map(|(_, datum)| datum)
}

impl Reader<'_> {
    /// Types are named where they are defined, and may be used anywhere behind.
    fn name_all(&mut self, schema: &Json) {
        match schema {
            Json::Array(variants) => variants.iter().for_each(|variant| self.name_all(variant)),
            Json::Object(object) => {
                if let Some(Json::String(name)) = object.get("name") {
                    self.names.insert(name.clone(), schema.clone());
                }
                for inside in ["type", "items", "values"].iter().filter_map(|part| object.get(*part)) {
                    self.name_all(inside);
                }
                if let Some(Json::Array(fields)) = object.get("fields") {
                    fields.iter().filter_map(|field| field.get("type")).for_each(|of| self.name_all(of));
                }
            }
            _ => {}
        }
    }

    fn take(&mut self, count: usize) -> Option<Vec<u8>> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken.to_vec())
    }

    /// Seven bits per byte, the least first; even numbers are the positive ones. Of what ten bytes hold, the least
    /// 64 bits count, as for Avro's own readers.
    fn whole_number(&mut self) -> Option<i64> {
        let mut bits: u128 = 0;
        for place in 0..10 {
            let byte = self.take(1)?[0];
            bits |= u128::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                let bits = bits % (1 << 64);
                let half = i128::try_from(bits / 2).ok()?;
                return i64::try_from(if bits.is_multiple_of(2) { half } else { -half - 1 }).ok();
            }
        }
        None
    }

    fn long_bytes(&mut self) -> Option<Vec<u8>> {
        let count = usize::try_from(self.whole_number()?).ok()?;
        self.take(count)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.long_bytes()?).ok()
    }

    fn datum(&mut self, schema: &Json) -> Option<Datum> {
        match schema {
            Json::String(name) => match self.names.get(name).cloned() {
                Some(named) => self.datum(&named),
                None => self.simple(name, schema),
            },
            Json::Array(variants) => {
                let at = usize::try_from(self.whole_number()?).ok()?;
                self.datum(variants.get(at)?)
            }
            Json::Object(object) => match object.get("type")? {
                Json::String(name) => self.simple(name, schema),
                inside => self.datum(inside),
            },
            _ => None,
        }
    }

    fn simple(&mut self, name: &str, schema: &Json) -> Option<Datum> {
        let logical = schema.get("logicalType").and_then(Json::as_str).unwrap_or("");
        Some(match name {
            "null" => Datum::Null,
            "boolean" => match self.take(1)?[0] {
                0 => Datum::Bool(false),
                1 => Datum::Bool(true),
                _ => return None,
            },
            "int" => int_of(i32::try_from(self.whole_number()?).ok()?.into(), logical),
            "long" => long_of(self.whole_number()?, logical),
            "float" => Datum::Real(f32::from_le_bytes(self.take(4)?.try_into().ok()?).into()),
            "double" => Datum::Real(f64::from_le_bytes(self.take(8)?.try_into().ok()?)),
            "bytes" => bytes_of(self.long_bytes()?, logical, schema),
            "fixed" => {
                let size = usize::try_from(schema.get("size")?.as_u64()?).ok()?;
                bytes_of(self.take(size)?, logical, schema)
            }
            "string" => Datum::Text(self.text()?),
            "enum" => {
                let at = usize::try_from(self.whole_number()?).ok()?;
                Datum::Text(schema.get("symbols")?.get(at)?.as_str()?.to_owned())
            }
            "array" => {
                let of = schema.get("items")?;
                Datum::List(self.blocks(|reader| reader.datum(of))?)
            }
            "map" => {
                let of = schema.get("values")?;
                Datum::Fields(self.blocks(|reader| Some((reader.text()?, reader.datum(of)?)))?)
            }
            "record" => {
                let of = |field: &Json| {
                    Some((field.get("name")?.as_str()?.to_owned(), self.datum(field.get("type")?)?))
                };
                Datum::Fields(schema.get("fields")?.as_array()?.iter().map(of).collect::<Option<_>>()?)
            }
            _ => return None,
        })
    }

    /// Blocks of items, each behind their count; a negative count is followed by the block's size. None ends.
    fn blocks<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut items = Vec::new();
        loop {
            let count = self.whole_number()?;
            if count < 0 {
                self.whole_number()?;
            }
            if count == 0 {
                return Some(items);
            }
            for _ in 0..count.unsigned_abs() {
                items.push(item(self)?);
            }
        }
    }
}

fn int_of(number: i64, logical: &str) -> Datum {
    if logical == "date" { Datum::Days(number) } else { Datum::Int(number) }
}

fn long_of(number: i64, logical: &str) -> Datum {
    match logical {
        "timestamp-millis" | "local-timestamp-millis" => Datum::Stamp(number, TimeUnit::Millis),
        "timestamp-micros" | "local-timestamp-micros" => Datum::Stamp(number, TimeUnit::Micros),
        "timestamp-nanos" | "local-timestamp-nanos" => Datum::Stamp(number, TimeUnit::Nanos),
        _ => Datum::Long(number),
    }
}

fn bytes_of(bytes: Vec<u8>, logical: &str, schema: &Json) -> Datum {
    let scale = schema.get("scale").and_then(Json::as_u64).unwrap_or(0);
    match logical {
        "decimal" => Datum::Decimal(bytes, u32::try_from(scale).expect("a few digits")),
        _ => Datum::Bytes(bytes),
    }
}

fn optional(
    datum: Option<&Datum>,
    nullable: bool,
    wire: &WireType,
    data_type: DataType,
) -> Result<Value, &'static str> {
    match datum {
        None | Some(Datum::Null) if nullable => Ok(Value::Null),
        None | Some(Datum::Null) => Err("missing_field"),
        Some(datum) => value(datum, wire, data_type),
    }
}

fn value(datum: &Datum, wire: &WireType, data_type: DataType) -> Result<Value, &'static str> {
    match (wire, datum) {
        (WireType::String, Datum::Text(text)) => Ok(Value::string(text.as_str())),
        (WireType::Int, Datum::Int(number) | Datum::Long(number)) => Ok(Value::Int(*number)),
        (WireType::Double, Datum::Int(number)) => {
            Ok(super::number::double(super::number::double_of(i128::from(*number))))
        }
        (WireType::Double, Datum::Real(number)) if number.is_finite() => Ok(super::number::double(*number)),
        (WireType::Double, Datum::Real(_)) => Err("out_of_range"),
        (WireType::Bool, Datum::Bool(bool)) => Ok(Value::Bool(*bool)),
        (WireType::Bytes, Datum::Bytes(bytes)) => Ok(Value::bytes(bytes.clone())),
        (WireType::Date, Datum::Days(days)) => Date::from_days(*days).map(Value::Date).ok_or("out_of_range"),
        (WireType::Decimal, Datum::Decimal(bytes, scale)) => decimal(bytes, *scale, data_type),
        // What the schema says of the unit counts; what it does not say was declared.
        (WireType::Stamp(_) | WireType::IsoTimestamp, Datum::Stamp(number, unit))
        | (WireType::Stamp(unit), Datum::Int(number) | Datum::Long(number)) => stamp(*number, *unit),
        // What has no type of its own stands as in JSON.
        (WireType::IsoTimestamp | WireType::Date | WireType::Decimal, Datum::Text(text)) => {
            read(&Json::String(text.clone()), wire, data_type)
        }
        (WireType::Decimal, Datum::Int(number) | Datum::Long(number)) => {
            read(&Json::from(*number), wire, data_type)
        }
        (WireType::List(of), Datum::List(list)) => {
            let values: Result<Row, _> = list.iter().map(|datum| element(datum, of)).collect();
            values.map(Value::list)
        }
        (WireType::Map { key, value }, Datum::Fields(entries)) => {
            let DataType::Map(map) = data_type else { return Err("wrong_type") };
            let entry = |(text, datum): &(String, Datum)| {
                Ok((super::decode::map_key(text, key, map.key)?, element(datum, value)?))
            };
            // Of two entries of one name the later one stays, then they are in order of their names.
            let named: BTreeMap<String, Datum> = entries.iter().cloned().collect();
            named.into_iter().map(|named| entry(&named)).collect::<Result<_, _>>().map(Value::map)
        }
        (WireType::Struct(fields), Datum::Fields(record)) => {
            let field = |of: &WireField| {
                let datum = found(record, &of.wire_name);
                optional(datum, of.field.nullable, &of.wire_type, of.field.data_type)
            };
            fields.iter().map(field).collect::<Result<Row, _>>().map(Value::structure)
        }
        _ => Err("wrong_type"),
    }
}

fn element(datum: &Datum, of: &WireElement) -> Result<Value, &'static str> {
    optional(Some(datum), of.nullable, &of.wire_type, of.data_type)
}

/// The bytes of a number, the first one with its sign, as a decimal of exactly the declared type. No bytes are no
/// number: nothing writes a zero that way, and Java does not read it.
fn decimal(bytes: &[u8], scale: u32, data_type: DataType) -> Result<Value, &'static str> {
    let DataType::Decimal { precision, scale: declared } = data_type else { return Err("wrong_type") };
    if bytes.is_empty() {
        return Err("out_of_range");
    }
    let mut units: i128 = if bytes.first().is_some_and(|byte| *byte >= 0x80) { -1 } else { 0 };
    for byte in bytes {
        units = units.checked_mul(256).ok_or("out_of_range")? + i128::from(*byte);
    }
    let mut digits = scale;
    while digits > u32::from(declared) && units % 10 == 0 {
        (units, digits) = (units / 10, digits - 1);
    }
    while digits < u32::from(declared) {
        (units, digits) = (units.checked_mul(10).ok_or("out_of_range")?, digits + 1);
    }
    let fits = digits == u32::from(declared) && units.unsigned_abs() < 10_u128.pow(u32::from(precision));
    if fits {
        Ok(Value::Decimal(Decimal::new(units, declared).ok_or("out_of_range")?))
    } else {
        Err("out_of_range")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_zigzags_of_seven_bits() {
        let read = |bytes: &[u8]| Reader { rest: bytes, names: BTreeMap::new() }.whole_number();
        assert_eq!(read(&[0]), Some(0));
        assert_eq!(read(&[1]), Some(-1));
        assert_eq!(read(&[0x80, 0x01]), Some(64));
        assert_eq!(read(&[0xff; 9]), None);
        let least = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(read(&least), Some(i64::MIN));
        let beyond = [0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7e];
        assert_eq!(read(&beyond), Some(1));
    }

    #[test]
    fn a_decimal_is_the_bytes_of_a_number_with_its_sign() {
        let to = DataType::Decimal { precision: 5, scale: 2 };
        let text = |bytes: &[u8], scale| decimal(bytes, scale, to).map(|value| value.to_string());
        assert_eq!(text(&[0x01, 0x00], 2).as_deref(), Ok("2.56"));
        assert_eq!(text(&[0xff], 1).as_deref(), Ok("-0.10"));
        assert_eq!(text(&[100], 4).as_deref(), Ok("0.01"));
        assert_eq!(text(&[101], 4), Err("out_of_range"));
        assert_eq!(text(&[0x7f, 0xff, 0xff], 2), Err("out_of_range"));
        assert_eq!(text(&[], 2), Err("out_of_range"));
    }
}
