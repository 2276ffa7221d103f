//! Parquet files as raw records, row group by row group.

use std::fs::File;
use std::path::Path;

use ::parquet::data_type::Decimal;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::{Field, Row};

use crate::types::TimeUnit;

use super::Error;
use super::cell::Cell;

/// Calls `each` with the number of every row, from 1, and its cells by name.
pub(super) fn read(
    path: &Path,
    file: File,
    each: &mut dyn FnMut(u64, Vec<(String, Cell)>) -> Result<(), Error>,
) -> Result<(), Error> {
    let fail =
        |line, error: &ParquetError| Error::Format { path: path.to_owned(), line, what: error.to_string() };
    let reader = SerializedFileReader::new(file).map_err(|error| fail(1, &error))?;
    let rows = reader.get_row_iter(None).map_err(|error| fail(1, &error))?;
    for (number, row) in (1..).zip(rows) {
        each(number, columns(row.map_err(|error| fail(number, &error))?))?;
    }
    Ok(())
}

fn columns(row: Row) -> Vec<(String, Cell)> {
    row.into_columns().into_iter().map(|(name, field)| (name, cell(field))).collect()
}

fn cell(field: Field) -> Cell {
    match field {
        Field::Null => Cell::Null,
        Field::Bool(value) => Cell::Bool(value),
        Field::Byte(value) => Cell::Int(value.into()),
        Field::Short(value) => Cell::Int(value.into()),
        Field::Int(value) | Field::TimeMillis(value) => Cell::Int(value.into()),
        Field::Long(value) | Field::TimeMicros(value) => Cell::Int(value.into()),
        Field::UByte(value) => Cell::Int(value.into()),
        Field::UShort(value) => Cell::Int(value.into()),
        Field::UInt(value) => Cell::Int(value.into()),
        Field::ULong(value) => Cell::Int(value.into()),
        Field::Float16(value) => Cell::Double(value.to_f64()),
        Field::Float(value) => Cell::Double(value.into()),
        Field::Double(value) => Cell::Double(value),
        Field::Decimal(value) => decimal(&value),
        Field::Str(text) => Cell::Text(text),
        Field::Bytes(bytes) => Cell::Bytes(bytes.data().to_vec()),
        Field::Date(days) => Cell::Date(days),
        Field::TimestampMillis(stamp) => Cell::Stamp(stamp, TimeUnit::Millis),
        Field::TimestampMicros(stamp) => Cell::Stamp(stamp, TimeUnit::Micros),
        Field::Group(row) => Cell::Struct(columns(row)),
        Field::ListInternal(list) => Cell::List(list.elements().iter().cloned().map(cell).collect()),
        Field::MapInternal(map) => {
            let entry = |(key, value): &(Field, Field)| (cell(key.clone()), cell(value.clone()));
            Cell::Map(map.entries().iter().map(entry).collect())
        }
    }
}

fn decimal(value: &Decimal) -> Cell {
    match u8::try_from(value.scale()) {
        Ok(scale) => Cell::Decimal(value.data().to_vec(), scale),
        Err(_) => Cell::Bytes(value.data().to_vec()),
    }
}
