//! Rows as a Parquet file: each column cut into its leaves, with the levels that say where a value
//! stands in its lists and from where on it is null.

use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::column::writer::ColumnWriter;
use ::parquet::data_type::{ByteArray, FixedLenByteArray};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::{Type, TypePtr};

use crate::types::{DataType, Field, Row, Value};

/// Rows of a row group: enough to compress well, few enough to hold.
const GROUP_ROWS: usize = 100_000;
/// A decimal of 38 digits.
const DECIMAL_BYTES: i32 = 16;

/// The bytes of a file with those rows.
///
/// # Errors
/// When the library cannot write them.
pub fn parquet(fields: &[Field], rows: &[Row]) -> Result<Vec<u8>, String> {
    write(fields, rows).map_err(|error| error.to_string())
}

fn write(fields: &[Field], rows: &[Row]) -> Result<Vec<u8>, ParquetError> {
    let columns =
        fields.iter().map(|field| column(&field.name, field.data_type)).collect::<Result<_, _>>()?;
    let schema = Type::group_type_builder("rows").with_fields(columns).build()?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    for rows in rows.chunks(GROUP_ROWS) {
        let mut leaves: Vec<Leaf> = Vec::new();
        for field in fields {
            add_leaves(field.data_type, &mut leaves);
        }
        for row in rows {
            let mut at = 0;
            for (field, value) in fields.iter().zip(row) {
                shred(value, field.data_type, Levels::default(), &mut leaves, &mut at);
            }
        }
        let mut group = writer.next_row_group()?;
        let mut leaves = leaves.into_iter();
        while let Some(mut column) = group.next_column()? {
            let leaf = leaves.next().expect("a leaf for each column of the schema");
            leaf.write(column.untyped())?;
            column.close()?;
        }
        group.close()?;
    }
    writer.into_inner()
}

/// A nullable column of the schema.
fn column(name: &str, data_type: DataType) -> Result<TypePtr, ParquetError> {
    let scalar = |physical, logical| {
        let builder = Type::primitive_type_builder(name, physical).with_logical_type(logical);
        builder.with_repetition(Repetition::OPTIONAL)
    };
    let group = |fields: Vec<TypePtr>, logical, repetition, name: &str| {
        let builder = Type::group_type_builder(name).with_fields(fields);
        builder.with_logical_type(logical).with_repetition(repetition).build().map(Arc::new)
    };
    let built = match data_type {
        DataType::String => scalar(Physical::BYTE_ARRAY, Some(LogicalType::String)).build(),
        DataType::Bytes => scalar(Physical::BYTE_ARRAY, None).build(),
        DataType::Int => scalar(Physical::INT64, None).build(),
        DataType::Double => scalar(Physical::DOUBLE, None).build(),
        DataType::Bool => scalar(Physical::BOOLEAN, None).build(),
        DataType::Date => scalar(Physical::INT32, Some(LogicalType::Date)).build(),
        DataType::Timestamp => {
            let millis = LogicalType::timestamp(true, TimeUnit::MILLIS);
            scalar(Physical::INT64, Some(millis)).build()
        }
        DataType::Decimal { precision, scale } => {
            let (precision, scale) = (i32::from(precision), i32::from(scale));
            let logical = LogicalType::decimal(scale, precision);
            let scalar = scalar(Physical::FIXED_LEN_BYTE_ARRAY, Some(logical)).with_length(DECIMAL_BYTES);
            scalar.with_precision(precision).with_scale(scale).build()
        }
        DataType::List(element) => {
            let element = column("element", element.data_type)?;
            let list = group(vec![element], None, Repetition::REPEATED, "list")?;
            return group(vec![list], Some(LogicalType::List), Repetition::OPTIONAL, name);
        }
        DataType::Map(map) => {
            let key = required(column("key", map.key)?)?;
            let entry = vec![key, column("value", map.value.data_type)?];
            let entries = group(entry, None, Repetition::REPEATED, "key_value")?;
            return group(vec![entries], Some(LogicalType::Map), Repetition::OPTIONAL, name);
        }
        DataType::Struct(of) => {
            let fields = of.fields.iter().map(|field| column(&field.name, field.data_type));
            return group(fields.collect::<Result<_, _>>()?, None, Repetition::OPTIONAL, name);
        }
    };
    built.map(Arc::new)
}

/// A map's key is never null.
fn required(of: TypePtr) -> Result<TypePtr, ParquetError> {
    let Type::PrimitiveType { basic_info, physical_type, type_length, scale, precision } = &*of else {
        return Ok(of);
    };
    let builder = Type::primitive_type_builder(basic_info.name(), *physical_type)
        .with_logical_type(basic_info.logical_type_ref().cloned())
        .with_repetition(Repetition::REQUIRED);
    builder.with_length(*type_length).with_precision(*precision).with_scale(*scale).build().map(Arc::new)
}

/// The values of a leaf and, one per place, how much of the way to it is there and at which list it
/// repeats.
#[derive(Debug)]
struct Leaf {
    values: Vec<Value>,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, Default)]
struct Levels {
    definition: i16,
    /// At which list the next value is a repetition.
    repetition: i16,
    /// How many lists there are above.
    lists: i16,
}

fn add_leaves(data_type: DataType, leaves: &mut Vec<Leaf>) {
    match data_type {
        DataType::List(element) => add_leaves(element.data_type, leaves),
        DataType::Map(map) => {
            add_leaves(map.key, leaves);
            add_leaves(map.value.data_type, leaves);
        }
        DataType::Struct(of) => of.fields.iter().for_each(|field| add_leaves(field.data_type, leaves)),
        _ => leaves.push(Leaf { values: Vec::new(), definitions: Vec::new(), repetitions: Vec::new() }),
    }
}

fn leaves_of(data_type: DataType) -> usize {
    match data_type {
        DataType::List(element) => leaves_of(element.data_type),
        DataType::Map(map) => leaves_of(map.key) + leaves_of(map.value.data_type),
        DataType::Struct(of) => of.fields.iter().map(|field| leaves_of(field.data_type)).sum(),
        _ => 1,
    }
}

/// Puts a value into its leaves, from `at` on; `at` moves behind them.
fn shred(value: &Value, data_type: DataType, levels: Levels, leaves: &mut [Leaf], at: &mut usize) {
    let inside = Levels { definition: levels.definition + 1, ..levels };
    match (value, data_type) {
        (Value::List(elements), DataType::List(of)) => {
            let each = |element: &Value, levels, leaves: &mut [Leaf], at: &mut usize| {
                shred(element, of.data_type, levels, leaves, at);
            };
            repeat(elements, (leaves_of(data_type), inside), leaves, at, &each);
        }
        (Value::Map(entries), DataType::Map(of)) => {
            let each =
                |(key, value): &(Value, Value), levels: Levels, leaves: &mut [Leaf], at: &mut usize| {
                    // A key is required: its place is one level shorter.
                    let of_key = Levels { definition: levels.definition - 1, ..levels };
                    shred(key, of.key, of_key, leaves, at);
                    shred(value, of.value.data_type, levels, leaves, at);
                };
            repeat(entries, (leaves_of(data_type), inside), leaves, at, &each);
        }
        (Value::Struct(values), DataType::Struct(of)) => {
            for (value, field) in values.iter().zip(&of.fields) {
                shred(value, field.data_type, inside, leaves, at);
            }
        }
        (Value::Null, _) => nothing(leaves_of(data_type), levels, leaves, at),
        (scalar, _) => {
            leaves[*at].values.push(scalar.clone());
            nothing(1, inside, leaves, at);
        }
    }
}

/// The items of a list, which is there: an empty one leaves a mark, too.
fn repeat<T>(
    items: &[T],
    (width, inside): (usize, Levels),
    leaves: &mut [Leaf],
    at: &mut usize,
    each: &impl Fn(&T, Levels, &mut [Leaf], &mut usize),
) {
    if items.is_empty() {
        return nothing(width, inside, leaves, at);
    }
    let start = *at;
    for (position, item) in items.iter().enumerate() {
        let lists = inside.lists + 1;
        let repetition = if position == 0 { inside.repetition } else { lists };
        *at = start;
        each(item, Levels { definition: inside.definition + 1, repetition, lists }, leaves, at);
    }
}

fn nothing(width: usize, levels: Levels, leaves: &mut [Leaf], at: &mut usize) {
    for leaf in &mut leaves[*at..*at + width] {
        leaf.definitions.push(levels.definition);
        leaf.repetitions.push(levels.repetition);
    }
    *at += width;
}

impl Leaf {
    fn write(&self, column: &mut ColumnWriter<'_>) -> Result<usize, ParquetError> {
        let levels = (Some(self.definitions.as_slice()), Some(self.repetitions.as_slice()));
        let (definitions, repetitions) = levels;
        match column {
            ColumnWriter::BoolColumnWriter(writer) => {
                writer.write_batch(&self.each(bool_of), definitions, repetitions)
            }
            ColumnWriter::Int32ColumnWriter(writer) => {
                writer.write_batch(&self.each(date_of), definitions, repetitions)
            }
            ColumnWriter::Int64ColumnWriter(writer) => {
                writer.write_batch(&self.each(long_of), definitions, repetitions)
            }
            ColumnWriter::DoubleColumnWriter(writer) => {
                writer.write_batch(&self.each(double_of), definitions, repetitions)
            }
            ColumnWriter::ByteArrayColumnWriter(writer) => {
                writer.write_batch(&self.each(bytes_of), definitions, repetitions)
            }
            ColumnWriter::FixedLenByteArrayColumnWriter(writer) => {
                writer.write_batch(&self.each(decimal_of), definitions, repetitions)
            }
            ColumnWriter::Int96ColumnWriter(_) | ColumnWriter::FloatColumnWriter(_) => {
                unreachable!("no column has that type")
            }
        }
    }

    fn each<T>(&self, of: fn(&Value) -> Option<T>) -> Vec<T> {
        self.values.iter().map(|value| of(value).expect("a value is of its column's type")).collect()
    }
}

fn bool_of(value: &Value) -> Option<bool> {
    if let Value::Bool(value) = value { Some(*value) } else { None }
}

fn date_of(value: &Value) -> Option<i32> {
    if let Value::Date(date) = value { Some(date.days()) } else { None }
}

fn long_of(value: &Value) -> Option<i64> {
    match value {
        Value::Int(value) => Some(*value),
        Value::Timestamp(time) => Some(time.0),
        _ => None,
    }
}

fn double_of(value: &Value) -> Option<f64> {
    if let Value::Double(value) = value { Some(*value) } else { None }
}

fn bytes_of(value: &Value) -> Option<ByteArray> {
    match value {
        Value::String(text) => Some(ByteArray::from(text.as_bytes().to_vec())),
        Value::Bytes(bytes) => Some(ByteArray::from(bytes.to_vec())),
        _ => None,
    }
}

fn decimal_of(value: &Value) -> Option<FixedLenByteArray> {
    let Value::Decimal(decimal) = value else { return None };
    Some(FixedLenByteArray::from(decimal.units().to_be_bytes().to_vec()))
}
