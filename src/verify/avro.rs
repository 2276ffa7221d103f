//! Typed values as the bytes that a producer with an Avro schema would have written.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::plan::{Decode, WireType};
use crate::types::{TimeUnit, Value};

/// What is written of a record: its fields' values by name.
type Fields<'v> = BTreeMap<&'v str, (&'v Value, &'v WireType)>;

/// The record of `values`, which are positions of the decoder's fields and what they hold. What the schema has
/// beside them is the least of its type.
pub(super) fn payload(schema: &str, spec: &Decode, values: &[(usize, Value)]) -> Vec<u8> {
    let schema: Json = serde_json::from_str(schema).unwrap_or(Json::Null);
    let mut writer = Writer::default();
    writer.name_all(&schema);
    let mut fields = Fields::new();
    for (index, value) in values {
        let field = &spec.fields[*index];
        fields.insert(&field.wire_name, (value, &field.wire_type));
    }
    writer.record(&schema, &fields);
    writer.out
}

#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    names: BTreeMap<String, Json>,
}

impl Writer {
    fn name_all(&mut self, schema: &Json) {
        if let (Some(name), Some(_)) = (schema.get("name").and_then(Json::as_str), schema.get("type")) {
            self.names.insert(name.to_owned(), schema.clone());
        }
        let inside: Vec<&Json> = match schema {
            Json::Array(variants) => variants.iter().collect(),
            Json::Object(object) => ["type", "items", "values"]
                .iter()
                .filter_map(|part| object.get(*part))
                .chain(object.get("fields").and_then(Json::as_array).into_iter().flatten())
                .collect(),
            _ => Vec::new(),
        };
        for schema in inside {
            self.name_all(schema);
        }
    }

    fn record(&mut self, schema: &Json, fields: &Fields<'_>) {
        let Some(of) = schema.get("fields").and_then(Json::as_array) else { return };
        for field in of {
            let name = field.get("name").and_then(Json::as_str).unwrap_or("");
            let found = fields.get(name).copied().unwrap_or((&Value::Null, &WireType::Int));
            self.value(field.get("type").unwrap_or(&Json::Null), found);
        }
    }

    fn value(&mut self, schema: &Json, (value, wire): (&Value, &WireType)) {
        match schema {
            Json::String(name) => match self.names.get(name).cloned() {
                Some(named) => self.value(&named, (value, wire)),
                None => self.simple(name, schema, (value, wire)),
            },
            Json::Array(variants) => {
                let is_null = |variant: &Json| variant.as_str() == Some("null");
                let at = variants.iter().position(|variant| is_null(variant) == value.is_null()).unwrap_or(0);
                self.count(at);
                self.value(&variants[at], (value, wire));
            }
            Json::Object(object) => match object.get("type") {
                Some(Json::String(name)) => self.simple(name, schema, (value, wire)),
                Some(inside) => self.value(inside, (value, wire)),
                None => {}
            },
            _ => {}
        }
    }

    fn simple(&mut self, name: &str, schema: &Json, (value, wire): (&Value, &WireType)) {
        match name {
            "boolean" => self.out.push(u8::from(matches!(value, Value::Bool(true)))),
            "int" => self.whole(whole(value, schema).clamp(i32::MIN.into(), i32::MAX.into())),
            "long" => self.whole(whole(value, schema)),
            #[expect(clippy::cast_possible_truncation, reason = "as a producer would round it")]
            "float" => self.out.extend((double(value) as f32).to_le_bytes()),
            "double" => self.out.extend(double(value).to_le_bytes()),
            "bytes" => self.bytes(&bytes(value)),
            "string" => self.bytes(text(value, wire).as_bytes()),
            "enum" => {
                let symbols = schema.get("symbols").and_then(Json::as_array).cloned().unwrap_or_default();
                let symbol = text(value, wire);
                self.count(symbols.iter().position(|of| of.as_str() == Some(&symbol)).unwrap_or(0));
            }
            "fixed" => {
                let size = schema.get("size").and_then(Json::as_u64).unwrap_or(0);
                self.out.extend(sized(&bytes(value), usize::try_from(size).unwrap_or(0)));
            }
            "array" => self.array(schema, value, wire),
            "map" => self.map(schema, value, wire),
            "record" => self.structure(schema, value, wire),
            _ => {}
        }
    }

    fn array(&mut self, schema: &Json, value: &Value, wire: &WireType) {
        if let (Value::List(elements), WireType::List(of), Some(items)) = (value, wire, schema.get("items"))
            && !elements.is_empty()
        {
            self.count(elements.len());
            elements.iter().for_each(|element| self.value(items, (element, &of.wire_type)));
        }
        self.count(0);
    }

    fn map(&mut self, schema: &Json, value: &Value, wire: &WireType) {
        if let (Value::Map(entries), WireType::Map { key, value: of }, Some(values)) =
            (value, wire, schema.get("values"))
            && !entries.is_empty()
        {
            self.count(entries.len());
            for (name, value) in entries.iter() {
                self.bytes(text(name, key).as_bytes());
                self.value(values, (value, &of.wire_type));
            }
        }
        self.count(0);
    }

    fn structure(&mut self, schema: &Json, value: &Value, wire: &WireType) {
        let mut fields = Fields::new();
        if let (Value::Struct(values), WireType::Struct(of)) = (value, wire) {
            for (field, value) in of.iter().zip(values.iter()) {
                fields.insert(&field.wire_name, (value, &field.wire_type));
            }
        }
        self.record(schema, &fields);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.out.extend(bytes);
    }

    fn count(&mut self, count: usize) {
        self.whole(i64::try_from(count).unwrap_or(0));
    }

    /// Zigzag, seven bits per byte.
    fn whole(&mut self, number: i64) {
        let mut bits = (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned();
        loop {
            let low = (bits & 0x7f).to_le_bytes()[0];
            bits >>= 7;
            if bits == 0 {
                return self.out.push(low);
            }
            self.out.push(low | 0x80);
        }
    }
}

fn whole(value: &Value, schema: &Json) -> i64 {
    match value {
        Value::Int(int) => *int,
        Value::Bool(bool) => i64::from(*bool),
        Value::Date(date) => i64::from(date.days()),
        Value::Timestamp(time) => {
            let unit = match schema.get("logicalType").and_then(Json::as_str).unwrap_or("") {
                unit if unit.ends_with("micros") => 1_000,
                unit if unit.ends_with("nanos") => 1_000_000,
                _ => 1,
            };
            time.millis().saturating_mul(unit)
        }
        _ => 0,
    }
}

fn double(value: &Value) -> f64 {
    if let Value::Double(value) = value { *value } else { 0.0 }
}

fn bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::Bytes(bytes) => bytes.to_vec(),
        Value::Decimal(decimal) => decimal.units().to_be_bytes().to_vec(),
        _ => Vec::new(),
    }
}

/// The last of the bytes, or with zeros in front.
fn sized(bytes: &[u8], size: usize) -> Vec<u8> {
    let skipped = bytes.len().saturating_sub(size);
    let fill = if bytes.first().is_some_and(|first| *first >= 0x80) { 0xff } else { 0 };
    let mut sized = vec![fill; size.saturating_sub(bytes.len())];
    sized.extend(&bytes[skipped..]);
    sized
}

fn text(value: &Value, wire: &WireType) -> String {
    match (value, wire) {
        (Value::Timestamp(time), WireType::Stamp(unit)) => {
            let ms = time.millis();
            match unit {
                TimeUnit::Seconds => ms.div_euclid(1_000),
                TimeUnit::Millis => ms,
                TimeUnit::Micros => ms.saturating_mul(1_000),
                TimeUnit::Nanos => ms.saturating_mul(1_000_000),
            }
            .to_string()
        }
        (value, _) => value.to_string(),
    }
}
