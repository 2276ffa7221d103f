//! Files as raw records: the JSON that a producer would have written, byte for byte the same on every
//! run, whatever the format of the source's topic.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use crate::plan::{Decode, DecodeField, History, WireType};
use crate::types::{EventTime, TimeUnit};

use super::cell::{self, Cell};
use super::{Error, avro_in, parquet_in};

/// A record before it is decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    /// The record's own timestamp, ms. Without an arrival column later than any event, so that no
    /// event leads it.
    pub timestamp_ms: i64,
    pub payload: Vec<u8>,
    /// Of a record without value: its key, which a table takes for a deletion.
    pub deleted_key: Option<Vec<u8>>,
}

impl Raw {
    #[must_use]
    pub const fn new(timestamp_ms: i64, payload: Vec<u8>) -> Self {
        Self { timestamp_ms, payload, deleted_key: None }
    }

    /// A record without value.
    #[must_use]
    pub const fn deletion(timestamp_ms: i64, key: Vec<u8>) -> Self {
        Self { timestamp_ms, payload: Vec::new(), deleted_key: Some(key) }
    }
}

/// The records of one partition of a source, in order of arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    pub source: String,
    pub records: Vec<Raw>,
}

/// Reads a file by its extension. `arrival` names the column of the record timestamp; then records
/// are in its order, else in the file's.
///
/// # Errors
/// When the file cannot be read or is not of its format. Records that do not fit the source are no
/// error here: they become dead letters.
pub fn read_file(path: &Path, spec: &Decode, arrival: Option<&str>) -> Result<Vec<Raw>, Error> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let mut records = match extension.to_ascii_lowercase().as_str() {
        "csv" => read_csv(path, spec, arrival)?,
        "jsonl" | "ndjson" => read_lines(path, arrival)?,
        "parquet" => read_cells(path, spec, arrival, parquet_in::read)?,
        "avro" => read_cells(path, spec, arrival, avro_in::read)?,
        _ => return Err(Error::UnknownFormat { path: path.to_owned() }),
    };
    if arrival.is_some() {
        records.sort_by_key(|record| record.timestamp_ms);
    }
    Ok(records)
}

/// The files of a source's history, in order of path: records before its `until`. `*` in the last part
/// of the path stands for any text.
///
/// # Errors
/// When it is not on this machine, no file is there, or one cannot be read.
pub fn read_history(root: &Path, source: &str, history: &History, spec: &Decode) -> Result<Vec<Raw>, Error> {
    let fail = |what: &str| Error::History {
        pattern: history.files.clone(),
        source_name: source.to_owned(),
        what: what.to_owned(),
    };
    if history.files.contains("://") {
        return Err(fail("is not on this machine: fetch it, and name the copy"));
    }
    let paths = matching(root, &history.files)?;
    if paths.is_empty() {
        return Err(fail("matches no file"));
    }
    let mut records = Vec::new();
    for path in paths {
        records.extend(read_file(&path, spec, None)?);
    }
    if let Some(until_ms) = history.until_ms {
        // Without a time it is a dead letter, which should be seen.
        records.retain(|raw| event_time(spec, &raw.payload).is_none_or(|ts| ts < until_ms));
    }
    Ok(records)
}

fn matching(root: &Path, pattern: &str) -> Result<Vec<PathBuf>, Error> {
    let whole = root.join(pattern);
    let name = whole.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    if !name.contains('*') {
        return Ok(vec![whole]);
    }
    let folder = whole.parent().unwrap_or(root).to_owned();
    let fail = |source| Error::Read { path: folder.clone(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        if entry.file_name().to_str().is_some_and(|file| is_like(&name, file)) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a name is like a pattern in which `*` stands for any text.
fn is_like(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, rest)) => name.strip_prefix(before).is_some_and(|name| {
            let starts = name.char_indices().map(|(at, _)| at).chain([name.len()]);
            starts.into_iter().any(|at| is_like(rest, &name[at..]))
        }),
    }
}

/// Records that have no arrival of their own arrive with their event time.
pub fn arrives_with_its_time(spec: &Decode, records: &mut [Raw]) {
    for raw in records {
        raw.timestamp_ms = event_time(spec, &raw.payload).unwrap_or(i64::MAX);
    }
}

/// The event time of a JSON record, if it can be read.
fn event_time(spec: &Decode, payload: &[u8]) -> Option<i64> {
    let field = &spec.fields[spec.event_time?];
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(payload).ok()?;
    match (object.get(&field.wire_name)?, &field.wire_type) {
        (serde_json::Value::Number(stamp), WireType::Stamp(unit)) => {
            EventTime::from_stamp(stamp.as_str().parse().ok()?, *unit).map(EventTime::millis)
        }
        (serde_json::Value::String(text), _) => EventTime::from_iso(text).ok().map(EventTime::millis),
        _ => None,
    }
}

#[expect(clippy::disallowed_methods, reason = "the readers of sim open files")]
fn open(path: &Path) -> Result<File, Error> {
    File::open(path).map_err(|source| Error::Read { path: path.to_owned(), source })
}

fn read_lines(path: &Path, arrival: Option<&str>) -> Result<Vec<Raw>, Error> {
    let mut records = Vec::new();
    for (i, line) in (1..).zip(BufReader::new(open(path)?).split(b'\n')) {
        let mut payload = line.map_err(|source| Error::Read { path: path.to_owned(), source })?;
        if payload.last() == Some(&b'\r') {
            payload.pop();
        }
        if payload.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let timestamp_ms = match arrival {
            Some(column) => arrival_of(path, i, column, json_text(&payload, column).as_deref())?,
            None => i64::MAX,
        };
        records.push(Raw::new(timestamp_ms, payload));
    }
    Ok(records)
}

/// A field of a JSON object as text, whatever else the object is.
fn json_text(payload: &[u8], column: &str) -> Option<String> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(payload).ok()?;
    match object.get(column)? {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn arrival_of(path: &Path, line: u64, column: &str, text: Option<&str>) -> Result<i64, Error> {
    let fail = |what| Error::Arrival { path: path.to_owned(), line, column: column.to_owned(), what };
    let text = text.ok_or_else(|| fail("is missing"))?;
    let time: EventTime = text.parse().map_err(|_| fail("is neither ISO 8601 nor milliseconds"))?;
    Ok(time.0)
}

fn read_csv(path: &Path, spec: &Decode, arrival: Option<&str>) -> Result<Vec<Raw>, Error> {
    let mut reader = csv::Reader::from_reader(BufReader::new(open(path)?));
    let header = reader.headers().map_err(|error| csv_error(path, &error))?.clone();
    let place = |name: &str| header.iter().position(|column| column == name);
    let columns: Vec<_> =
        spec.fields.iter().filter_map(|field| Some((field, place(&field.wire_name)?))).collect();
    let arrival = match arrival {
        Some(column) => {
            let fail = || arrival_of(path, 1, column, None).map(|_| 0);
            Some((column, place(column).map_or_else(fail, Ok::<usize, Error>)?))
        }
        None => None,
    };
    let mut records = Vec::new();
    let mut row = csv::StringRecord::new();
    while reader.read_record(&mut row).map_err(|error| csv_error(path, &error))? {
        let line = row.position().map_or(0, csv::Position::line);
        let timestamp_ms = match arrival {
            Some((column, at)) => arrival_of(path, line, column, row.get(at))?,
            None => i64::MAX,
        };
        records.push(Raw::new(timestamp_ms, payload(&columns, &row)));
    }
    Ok(records)
}

/// Calls its last argument with each row of a file.
type Reader =
    fn(&Path, File, &mut dyn FnMut(u64, Vec<(String, Cell)>) -> Result<(), Error>) -> Result<(), Error>;

fn read_cells(path: &Path, spec: &Decode, arrival: Option<&str>, read: Reader) -> Result<Vec<Raw>, Error> {
    let mut records = Vec::new();
    read(path, open(path)?, &mut |number, cells| {
        let mut cells: BTreeMap<String, Cell> = cells.into_iter().collect();
        let timestamp_ms = match arrival {
            Some(column) => {
                let text = cells.get(column).filter(|cell| **cell != Cell::Null).cloned().map(Cell::text);
                arrival_of(path, number, column, text.as_deref())?
            }
            None => i64::MAX,
        };
        let declared = spec.fields.iter().filter_map(|field| {
            Some((field.wire_name.clone(), cells.remove(&field.wire_name)?.json(&field.wire_type)))
        });
        records.push(Raw::new(timestamp_ms, cell::payload(declared)));
        Ok(())
    })?;
    Ok(records)
}

fn csv_error(path: &Path, error: &csv::Error) -> Error {
    let path = path.to_owned();
    let line = error.position().map_or(1, csv::Position::line);
    Error::Format { path, line, what: error.to_string() }
}

/// The declared fields of a row as a JSON object, in declared order; an empty cell is null.
fn payload(columns: &[(&DecodeField, usize)], row: &csv::StringRecord) -> Vec<u8> {
    let object: serde_json::Map<String, serde_json::Value> = columns
        .iter()
        .map(|(field, at)| (field.wire_name.clone(), csv_cell(&field.wire_type, row.get(*at).unwrap_or(""))))
        .collect();
    serde_json::to_vec(&object).expect("an object of texts and numbers is JSON")
}

/// Numbers stand as they are written; what is no number stays text, for the decoder to refuse.
fn csv_cell(wire_type: &WireType, text: &str) -> serde_json::Value {
    let quoted = || serde_json::Value::String(text.to_owned());
    match (wire_type, text) {
        (_, "") => serde_json::Value::Null,
        (WireType::Int | WireType::Double, _) => {
            text.parse::<serde_json::Number>().map_or_else(|_| quoted(), serde_json::Value::Number)
        }
        // A cell has no type: a stamp may stand there as people write a time, as windrow's own CSV does.
        (WireType::Stamp(_), _) => match text.parse::<serde_json::Number>() {
            Ok(stamp) => serde_json::Value::Number(stamp),
            Err(_) => EventTime::from_iso(text)
                .map_or_else(|_| quoted(), |time| Cell::Stamp(time.0, TimeUnit::Millis).json(wire_type)),
        },
        (WireType::Bool, "true") => serde_json::Value::Bool(true),
        (WireType::Bool, "false") => serde_json::Value::Bool(false),
        // A list, map or struct stands in its cell as JSON.
        (WireType::List(_) | WireType::Map { .. } | WireType::Struct(_), _) => {
            serde_json::from_str(text).unwrap_or_else(|_| quoted())
        }
        (
            WireType::String
            | WireType::Bool
            | WireType::Decimal
            | WireType::IsoTimestamp
            | WireType::Date
            | WireType::Bytes,
            _,
        ) => quoted(),
    }
}
