//! Avro's binary form by a writer schema: bytes → the declared fields' values. The 5 bytes in front of
//! a record that a schema registry's clients write are accepted.
//!
//! The library reads schemas and bytes; what a value may become is decided here, with the schema at
//! its side: a decimal knows its scale from there.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::schema::{Name, RecordSchema};
use apache_avro::types::Value as Avro;

use crate::plan::{Decode, Format, WireElement, WireField, WireType};
use crate::types::{DataType, Date, Decimal, EventTime, Rounding, Row, TimeUnit, Value};

use super::Refused;
use super::typed::{self, Wrong};

/// 0x00 and four bytes of the schema's id.
const REGISTRY_HEADER_BYTES: usize = 5;

/// Reads records of one schema.
pub(in crate::dataflow) struct AvroReader {
    reader: GenericDatumReader<'static>,
    shape: &'static Shape,
}

impl std::fmt::Debug for AvroReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AvroReader").finish_non_exhaustive()
    }
}

/// A schema with its named types.
struct Shape {
    schema: Schema,
    names: BTreeMap<String, Schema>,
}

impl Shape {
    /// The record, enum or fixed type that a name stands for.
    fn resolve<'s>(&'s self, schema: &'s Schema) -> Option<&'s Schema> {
        match schema {
            Schema::Ref { name } => self.names.get(&key(name)),
            other => Some(other),
        }
    }
}

fn key(name: &Name) -> String {
    name.to_string()
}

/// The schemas that have been read: the library's readers borrow them, so they live as long as the
/// process, each once.
static SHAPES: Mutex<BTreeMap<String, &'static Shape>> = Mutex::new(BTreeMap::new());

fn shape(text: &str) -> Result<&'static Shape, String> {
    let mut shapes = SHAPES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = shapes.get(text) {
        return Ok(known);
    }
    let mut json: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    forget_unread(&mut json);
    let schema = Schema::parse(&json).map_err(|error| error.to_string())?;
    let mut names = BTreeMap::new();
    collect(&schema, &mut names);
    let shape = Shape { schema, names };
    check_depth(&shape, &shape.schema, &mut Vec::new())?;
    let shape: &'static Shape = Box::leak(Box::new(shape));
    shapes.insert(text.to_owned(), shape);
    Ok(shape)
}

/// The logical types that are read.
const LOGICAL: [&str; 8] = [
    "decimal",
    "date",
    "timestamp-millis",
    "timestamp-micros",
    "timestamp-nanos",
    "local-timestamp-millis",
    "local-timestamp-micros",
    "local-timestamp-nanos",
];

/// Others say nothing: what a schema calls a uuid is the text that stands there, not the library's form
/// of it, and is no reason to refuse a record.
fn forget_unread(schema: &mut serde_json::Value) {
    match schema {
        serde_json::Value::Object(object) => {
            let is_read = |of: &serde_json::Value| of.as_str().is_some_and(|name| LOGICAL.contains(&name));
            if object.get("logicalType").is_some_and(|of| !is_read(of)) {
                object.remove("logicalType");
            }
            object.values_mut().for_each(forget_unread);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(forget_unread),
        _ => {}
    }
}

fn collect(schema: &Schema, names: &mut BTreeMap<String, Schema>) {
    match schema {
        Schema::Record(record) => {
            names.insert(key(&record.name), schema.clone());
            record.fields.iter().for_each(|field| collect(&field.schema, names));
        }
        Schema::Enum(of) => drop(names.insert(key(&of.name), schema.clone())),
        Schema::Fixed(of) => drop(names.insert(key(&of.name), schema.clone())),
        Schema::Array(array) => collect(&array.items, names),
        Schema::Map(map) => collect(&map.types, names),
        Schema::Union(union) => union.variants().iter().for_each(|variant| collect(variant, names)),
        _ => {}
    }
}

/// A type that holds itself has no bound on its depth: a record could exhaust the stack.
fn check_depth<'s>(shape: &'s Shape, schema: &'s Schema, above: &mut Vec<&'s Name>) -> Result<(), String> {
    let inside: Vec<&Schema> = match schema {
        Schema::Record(record) => {
            above.push(&record.name);
            record.fields.iter().map(|field| &field.schema).collect()
        }
        Schema::Ref { name } if above.contains(&name) => {
            return Err(format!("the type `{name}` holds itself, which windrow does not read"));
        }
        Schema::Ref { .. } => shape.resolve(schema).into_iter().collect(),
        Schema::Array(array) => vec![&*array.items],
        Schema::Map(map) => vec![&*map.types],
        Schema::Union(union) => union.variants().iter().collect(),
        _ => Vec::new(),
    };
    inside.into_iter().try_for_each(|schema| check_depth(shape, schema, above))?;
    if matches!(schema, Schema::Record(_)) {
        above.pop();
    }
    Ok(())
}

impl AvroReader {
    /// The reader of a decode node; `None`: its format is another.
    ///
    /// # Errors
    /// When the schema's text is none, or is not of a record.
    pub(in crate::dataflow) fn new(spec: &Decode) -> Result<Option<Self>, String> {
        let Format::Avro { schema, .. } = &spec.format else { return Ok(None) };
        let shape = shape(schema)?;
        if record(shape).is_none() {
            return Err("the schema is not that of a record".to_owned());
        }
        let reader = GenericDatumReader::builder(&shape.schema).build().map_err(|error| error.to_string())?;
        Ok(Some(Self { reader, shape }))
    }

    /// The declared fields' values, in declared order.
    pub(super) fn fields(&self, spec: &Decode, payload: &[u8]) -> Result<Row, Refused> {
        let Avro::Record(mut cells) = self.datum(payload)? else {
            return Err(Refused::new("not_avro", "the schema is not that of a record"));
        };
        let schemas = record(self.shape).expect("checked when it was opened");
        let mut row = Row::with_capacity(spec.fields.len());
        for field in &spec.fields {
            let cell = take(&mut cells, schemas, &field.wire_name);
            let of = &field.field;
            let value = optional(self.shape, cell, of.nullable, &field.wire_type, of.data_type);
            row.push(value.map_err(|wrong| Refused::field(field, &wrong))?);
        }
        Ok(row)
    }

    /// One whole datum. A record may begin with a zero byte of its own, so it is read without a header
    /// first: one with a header begins with zeros, the least values there are, and has bytes left then.
    fn datum(&self, payload: &[u8]) -> Result<Avro, Refused> {
        let has_header = payload.len() >= REGISTRY_HEADER_BYTES && payload[0] == 0;
        let plain = match self.whole(payload) {
            Err(_) if has_header => self.whole(&payload[REGISTRY_HEADER_BYTES..]),
            plain => plain,
        };
        plain.map_err(|what| Refused::new("not_avro", what))
    }

    fn whole(&self, bytes: &[u8]) -> Result<Avro, String> {
        let mut strict = Strict { bytes, is_short: false };
        let value = self.reader.read_value(&mut strict).map_err(|error| error.to_string())?;
        match strict {
            Strict { is_short: true, .. } => Err("the bytes end too early".to_owned()),
            Strict { bytes: [], .. } => Ok(value),
            Strict { bytes, .. } => Err(format!("{} bytes too many", bytes.len())),
        }
    }
}

/// Notices when more is read than is there: the library takes a text that is cut off for an empty one.
struct Strict<'b> {
    bytes: &'b [u8],
    is_short: bool,
}

impl Read for Strict<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.is_short |= self.bytes.len() < out.len();
        self.bytes.read(out)
    }
}

/// What of a decode node's declared fields its schema cannot give.
pub(in crate::dataflow) fn missing_fields(spec: &Decode) -> Vec<String> {
    let Format::Avro { schema, .. } = &spec.format else { return Vec::new() };
    let Some(record) = shape(schema).ok().and_then(record) else { return Vec::new() };
    let is_missing = |name: &&str| !record.lookup.contains_key(*name);
    spec.fields.iter().map(|field| field.wire_name.as_str()).filter(is_missing).map(str::to_owned).collect()
}

fn record(shape: &'static Shape) -> Option<&'static RecordSchema> {
    match &shape.schema {
        Schema::Record(record) => Some(record),
        _ => None,
    }
}

/// A value and its schema.
type Cell<'s> = (Avro, &'s Schema);

fn take<'s>(cells: &mut [(String, Avro)], schemas: &'s RecordSchema, name: &str) -> Option<Cell<'s>> {
    let at = *schemas.lookup.get(name)?;
    // The library gives the fields in the schema's order.
    let value = std::mem::replace(&mut cells.get_mut(at)?.1, Avro::Null);
    Some((value, &schemas.fields[at].schema))
}

fn optional(
    shape: &Shape,
    cell: Option<Cell<'_>>,
    nullable: bool,
    wire_type: &WireType,
    data_type: DataType,
) -> Result<Value, Wrong> {
    match cell.map(|cell| chosen(shape, cell)) {
        None | Some((Avro::Null, _)) if nullable => Ok(Value::Null),
        None => Err(Wrong::new("missing_field", "required, and absent")),
        Some((Avro::Null, _)) => Err(Wrong::new("missing_field", "null in a required field")),
        Some(cell) => typed(shape, cell, wire_type, data_type),
    }
}

/// The value that a union holds, and names replaced by what they stand for.
fn chosen<'s>(shape: &'s Shape, (value, schema): Cell<'s>) -> Cell<'s> {
    let schema = shape.resolve(schema).unwrap_or(schema);
    match (value, schema) {
        (Avro::Union(at, value), Schema::Union(union)) => {
            let variant = union.variants().get(at as usize).unwrap_or(schema);
            (*value, shape.resolve(variant).unwrap_or(variant))
        }
        other => other,
    }
}

fn typed(
    shape: &Shape,
    (value, schema): Cell<'_>,
    wire_type: &WireType,
    data_type: DataType,
) -> Result<Value, Wrong> {
    let found = kind(&value);
    let plain = match (wire_type, value, schema) {
        (WireType::String, Avro::String(text) | Avro::Enum(_, text), _) => Some(Value::string(text)),
        (WireType::String, Avro::Uuid(uuid), _) => Some(Value::string(uuid.to_string())),
        (WireType::Int, Avro::Int(int), _) => Some(Value::Int(int.into())),
        (WireType::Int, Avro::Long(int), _) => Some(Value::Int(int)),
        (WireType::Double, Avro::Float(value), _) => return double(value.into()),
        (WireType::Double, Avro::Double(value), _) => return double(value),
        (WireType::Double, Avro::Int(value), _) => Some(Value::double(value.into())),
        (WireType::Bool, Avro::Boolean(value), _) => Some(Value::Bool(value)),
        (WireType::Bytes, Avro::Bytes(bytes) | Avro::Fixed(_, bytes), _) => Some(Value::bytes(bytes)),
        (WireType::Date, Avro::Date(days), _) => Some(date(days)?),
        (WireType::Decimal, Avro::Decimal(units), Schema::Decimal(of)) => {
            let bytes = Vec::<u8>::try_from(&units).map_err(|error| out_of_range(&error.to_string()))?;
            return decimal(&bytes, of.scale, data_type);
        }
        (WireType::List(element), Avro::Array(cells), Schema::Array(of)) => {
            return list(shape, cells, &of.items, element);
        }
        (WireType::Map { key, value }, Avro::Map(cells), Schema::Map(of)) => {
            return map(shape, cells, &of.types, (key, value), data_type);
        }
        (WireType::Struct(fields), Avro::Record(cells), Schema::Record(of)) => {
            return structure(shape, cells, of, fields);
        }
        (_, value, _) => return as_json(value, wire_type, data_type, found),
    };
    plain.ok_or_else(|| unexpected(wire_type, found))
}

/// What has no type of its own in Avro may stand as text or whole numbers, read as in JSON; instants
/// are those their schema says, whatever unit was declared.
fn as_json(
    value: Avro,
    wire_type: &WireType,
    data_type: DataType,
    found: &'static str,
) -> Result<Value, Wrong> {
    let stamped = |stamp: i64, unit| {
        EventTime::from_stamp(stamp, unit)
            .map(Value::Timestamp)
            .ok_or_else(|| out_of_range("beyond 64 bits of milliseconds"))
    };
    match (wire_type, value) {
        (
            WireType::Stamp(_) | WireType::IsoTimestamp,
            Avro::TimestampMillis(stamp) | Avro::LocalTimestampMillis(stamp),
        ) => stamped(stamp, TimeUnit::Millis),
        (
            WireType::Stamp(_) | WireType::IsoTimestamp,
            Avro::TimestampMicros(stamp) | Avro::LocalTimestampMicros(stamp),
        ) => stamped(stamp, TimeUnit::Micros),
        (
            WireType::Stamp(_) | WireType::IsoTimestamp,
            Avro::TimestampNanos(stamp) | Avro::LocalTimestampNanos(stamp),
        ) => stamped(stamp, TimeUnit::Nanos),
        (WireType::Stamp(unit), Avro::Long(stamp)) => stamped(stamp, *unit),
        (WireType::Stamp(unit), Avro::Int(stamp)) => stamped(stamp.into(), *unit),
        (WireType::IsoTimestamp | WireType::Date | WireType::Decimal, Avro::String(text)) => {
            typed::optional(Some(serde_json::Value::String(text)), false, wire_type, data_type)
        }
        (WireType::Decimal, Avro::Int(int)) => typed::optional(Some(int.into()), false, wire_type, data_type),
        (WireType::Decimal, Avro::Long(int)) => {
            typed::optional(Some(int.into()), false, wire_type, data_type)
        }
        _ => Err(unexpected(wire_type, found)),
    }
}

fn double(value: f64) -> Result<Value, Wrong> {
    let value = Value::double(value);
    if value.is_null() { Err(out_of_range("no finite number")) } else { Ok(value) }
}

fn date(days: i32) -> Result<Value, Wrong> {
    Date::from_days(days.into()).map(Value::Date).ok_or_else(|| out_of_range("outside the calendar"))
}

/// Big-endian two's complement, as many bytes as it takes.
fn decimal(bytes: &[u8], scale: usize, data_type: DataType) -> Result<Value, Wrong> {
    let misfit = || out_of_range(&format!("does not fit {data_type} exactly"));
    let DataType::Decimal { precision, scale: wanted } = data_type else {
        return Err(Wrong::new("wrong_type", "the field is not a decimal"));
    };
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let fill = if negative { 0xff } else { 0 };
    let extra = bytes.len().saturating_sub(16);
    if bytes[..extra].iter().any(|byte| *byte != fill) {
        return Err(misfit());
    }
    let mut units = [fill; 16];
    let kept = &bytes[extra..];
    units[16 - kept.len()..].copy_from_slice(kept);
    let scale = u8::try_from(scale).map_err(|_| misfit())?;
    let decimal = Decimal::new(i128::from_be_bytes(units), scale).ok_or_else(misfit)?;
    let decimal = decimal.rescale(wanted, Rounding::Exact).and_then(|decimal| decimal.fit(precision, wanted));
    decimal.map(Value::Decimal).ok_or_else(misfit)
}

fn list(shape: &Shape, cells: Vec<Avro>, of: &Schema, element: &WireElement) -> Result<Value, Wrong> {
    let mut elements = Row::with_capacity(cells.len());
    for (position, cell) in cells.into_iter().enumerate() {
        let WireElement { wire_type, data_type, nullable } = element;
        let value = optional(shape, Some((cell, of)), *nullable, wire_type, *data_type);
        elements.push(value.map_err(|wrong| wrong.below(|| format!("[{}]", position + 1)))?);
    }
    Ok(Value::list(elements))
}

fn map(
    shape: &Shape,
    cells: std::collections::HashMap<String, Avro>,
    of: &Schema,
    (key, element): (&WireType, &WireElement),
    data_type: DataType,
) -> Result<Value, Wrong> {
    let DataType::Map(map) = data_type else { return Err(Wrong::new("wrong_type", "the field is no map")) };
    // In order, so that of several problems always the same one is told.
    let cells: BTreeMap<String, Avro> = cells.into_iter().collect();
    let mut entries = Vec::with_capacity(cells.len());
    for (text, cell) in cells {
        let at = || format!("['{text}']");
        let of_key = typed::map_key(key, map.key, &text).map_err(|wrong| wrong.below(at))?;
        let WireElement { wire_type, data_type, nullable } = element;
        let value = optional(shape, Some((cell, of)), *nullable, wire_type, *data_type);
        entries.push((of_key, value.map_err(|wrong| wrong.below(at))?));
    }
    Ok(Value::map(entries))
}

fn structure(
    shape: &Shape,
    mut cells: Vec<(String, Avro)>,
    of: &RecordSchema,
    fields: &[WireField],
) -> Result<Value, Wrong> {
    let mut values = Row::with_capacity(fields.len());
    for field in fields {
        let cell = take(&mut cells, of, &field.wire_name);
        let (nullable, data_type) = (field.field.nullable, field.field.data_type);
        let value = optional(shape, cell, nullable, &field.wire_type, data_type);
        values.push(value.map_err(|wrong| wrong.below(|| format!(".{}", field.wire_name)))?);
    }
    Ok(Value::structure(values))
}

fn out_of_range(detail: &str) -> Wrong {
    Wrong::new("out_of_range", detail)
}

fn unexpected(wire_type: &WireType, found: &str) -> Wrong {
    Wrong::new("wrong_type", format!("expected {}, found {found}", expected(wire_type)))
}

const fn expected(wire_type: &WireType) -> &'static str {
    match wire_type {
        WireType::String => "a string",
        WireType::Int => "an int or a long",
        WireType::Double => "a float or a double",
        WireType::Bool => "a boolean",
        WireType::Decimal => "a decimal, a long or a string of digits",
        WireType::Stamp(_) => "a timestamp or a long",
        WireType::IsoTimestamp => "a timestamp or ISO 8601 text",
        WireType::Date => "a date",
        WireType::Bytes => "bytes",
        WireType::List(_) => "an array",
        WireType::Map { .. } => "a map",
        WireType::Struct(_) => "a record",
    }
}

const fn kind(value: &Avro) -> &'static str {
    match value {
        Avro::Null => "null",
        Avro::Boolean(_) => "a boolean",
        Avro::Int(_) => "an int",
        Avro::Long(_) => "a long",
        Avro::Float(_) => "a float",
        Avro::Double(_) => "a double",
        Avro::Bytes(_) | Avro::Fixed(..) => "bytes",
        Avro::String(_) | Avro::Uuid(_) => "a string",
        Avro::Enum(..) => "an enum's symbol",
        Avro::Union(..) => "a union",
        Avro::Array(_) => "an array",
        Avro::Map(_) => "a map",
        Avro::Record(_) => "a record",
        Avro::Date(_) => "a date",
        Avro::Decimal(_) | Avro::BigDecimal(_) => "a decimal",
        Avro::TimeMillis(_) | Avro::TimeMicros(_) => "a time of day",
        Avro::TimestampMillis(_)
        | Avro::TimestampMicros(_)
        | Avro::TimestampNanos(_)
        | Avro::LocalTimestampMillis(_)
        | Avro::LocalTimestampMicros(_)
        | Avro::LocalTimestampNanos(_) => "a timestamp",
        Avro::Duration(_) => "a duration",
    }
}
