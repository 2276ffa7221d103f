//! CSV and JSON lines as raw records: what a producer would have written, byte for byte the same on
//! every run.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::plan::{Decode, DecodeField, WireType};
use crate::types::EventTime;

use super::Error;

/// A record before it is decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    /// The record's own timestamp, ms. Without an arrival column later than any event, so that no
    /// event leads it.
    pub timestamp_ms: i64,
    pub payload: Vec<u8>,
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
        _ => return Err(Error::UnknownFormat { path: path.to_owned() }),
    };
    if arrival.is_some() {
        records.sort_by_key(|record| record.timestamp_ms);
    }
    Ok(records)
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
        records.push(Raw { timestamp_ms, payload });
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
        records.push(Raw { timestamp_ms, payload: payload(&columns, &row) });
    }
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
        .map(|(field, at)| (field.wire_name.clone(), cell(&field.wire_type, row.get(*at).unwrap_or(""))))
        .collect();
    serde_json::to_vec(&object).expect("an object of texts and numbers is JSON")
}

/// Numbers stand as they are written; what is no number stays text, for the decoder to refuse.
fn cell(wire_type: &WireType, text: &str) -> serde_json::Value {
    let quoted = || serde_json::Value::String(text.to_owned());
    match (wire_type, text) {
        (_, "") => serde_json::Value::Null,
        (WireType::Int | WireType::Double | WireType::Stamp(_), _) => {
            text.parse::<serde_json::Number>().map_or_else(|_| quoted(), serde_json::Value::Number)
        }
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
