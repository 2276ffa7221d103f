//! Avro container files as raw records: they bring their own schema.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use apache_avro::types::Value;
use apache_avro::{Reader, Schema};

use crate::types::TimeUnit;

use super::Error;
use super::cell::Cell;

/// Calls `each` with the number of every record, from 1, and its cells by name.
pub(super) fn read(
    path: &Path,
    file: File,
    each: &mut dyn FnMut(u64, Vec<(String, Cell)>) -> Result<(), Error>,
) -> Result<(), Error> {
    let fail = |line, error: &apache_avro::Error| Error::Format {
        path: path.to_owned(),
        line,
        what: error.to_string(),
    };
    let reader = Reader::new(BufReader::new(file)).map_err(|error| fail(1, &error))?;
    let schema = reader.writer_schema().clone();
    let mut names = HashMap::new();
    collect(&schema, &mut names);
    for (number, value) in (1..).zip(reader) {
        let value = value.map_err(|error| fail(number, &error))?;
        let Cell::Struct(cells) = cell(value, &schema, &names) else {
            let what = "the file's schema is not that of a record".to_owned();
            return Err(Error::Format { path: path.to_owned(), line: number, what });
        };
        each(number, cells)?;
    }
    Ok(())
}

type Names<'s> = HashMap<String, &'s Schema>;

fn collect<'s>(schema: &'s Schema, names: &mut Names<'s>) {
    match schema {
        Schema::Record(record) => {
            names.insert(record.name.to_string(), schema);
            record.fields.iter().for_each(|field| collect(&field.schema, names));
        }
        Schema::Array(array) => collect(&array.items, names),
        Schema::Map(map) => collect(&map.types, names),
        Schema::Union(union) => union.variants().iter().for_each(|variant| collect(variant, names)),
        _ => {}
    }
}

/// The schema says what the value does not: a decimal's scale.
fn cell(value: Value, schema: &Schema, names: &Names<'_>) -> Cell {
    let schema = match schema {
        Schema::Ref { name } => names.get(&name.to_string()).copied().unwrap_or(schema),
        other => other,
    };
    match (value, schema) {
        (Value::Union(at, value), Schema::Union(union)) => {
            cell(*value, union.variants().get(at as usize).unwrap_or(schema), names)
        }
        (Value::Decimal(units), Schema::Decimal(of)) => {
            let bytes = Vec::<u8>::try_from(&units).unwrap_or_default();
            u8::try_from(of.scale).map_or(Cell::Null, |scale| Cell::Decimal(bytes, scale))
        }
        (Value::Array(values), Schema::Array(of)) => {
            Cell::List(values.into_iter().map(|value| cell(value, &of.items, names)).collect())
        }
        (Value::Map(entries), Schema::Map(of)) => {
            let mut entries: Vec<_> = entries.into_iter().collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            let entry = |(key, value)| (Cell::Text(key), cell(value, &of.types, names));
            Cell::Map(entries.into_iter().map(entry).collect())
        }
        (Value::Record(fields), Schema::Record(of)) => {
            let field = |((name, value), of): ((String, Value), &apache_avro::schema::RecordField)| {
                (name, cell(value, &of.schema, names))
            };
            Cell::Struct(fields.into_iter().zip(&of.fields).map(field).collect())
        }
        (value, _) => scalar(value),
    }
}

fn scalar(value: Value) -> Cell {
    match value {
        Value::Boolean(value) => Cell::Bool(value),
        Value::Int(value) | Value::TimeMillis(value) => Cell::Int(value.into()),
        Value::Long(value) | Value::TimeMicros(value) => Cell::Int(value.into()),
        Value::Float(value) => Cell::Double(value.into()),
        Value::Double(value) => Cell::Double(value),
        Value::Bytes(bytes) | Value::Fixed(_, bytes) => Cell::Bytes(bytes),
        Value::String(text) | Value::Enum(_, text) => Cell::Text(text),
        Value::Uuid(uuid) => Cell::Text(uuid.to_string()),
        Value::Date(days) => Cell::Date(days),
        Value::TimestampMillis(stamp) | Value::LocalTimestampMillis(stamp) => {
            Cell::Stamp(stamp, TimeUnit::Millis)
        }
        Value::TimestampMicros(stamp) | Value::LocalTimestampMicros(stamp) => {
            Cell::Stamp(stamp, TimeUnit::Micros)
        }
        Value::TimestampNanos(stamp) | Value::LocalTimestampNanos(stamp) => {
            Cell::Stamp(stamp, TimeUnit::Nanos)
        }
        Value::Null
        | Value::Union(..)
        | Value::Array(_)
        | Value::Map(_)
        | Value::Record(_)
        | Value::Decimal(_)
        | Value::BigDecimal(_)
        | Value::Duration(_) => Cell::Null,
    }
}
