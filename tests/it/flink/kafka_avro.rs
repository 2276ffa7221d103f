//! Records in Avro over real Kafka clusters, in the run of `kafka_tables.rs`: plain and framed as clients of a schema
//! registry write them, good and broken; what becomes of them is what the oracle says, and what is no row stands in
//! the topic of dead letters with its bytes and its place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base64::Engine as _;
use serde_json::Value as Json;
use windrow::oracle::{Record, Records, Table, dead_letter};
use windrow::types::DataType;
use windrow::wire::{Version, decode_key, decode_row};

use super::kafka_tables::{Sent, fields, published};
use super::project::Project;
use super::rows::{assert_equal, expected, table_line};

pub(super) const DEFINITIONS: &str = r#"
source readings { topic iot.readings in ingest  format avro "reading.avsc"  event_time ts  event_id id  disorder 5s  retention 3000h
  schema { id string  state string  paid decimal(18,2)?  place struct{zip int}?  ts timestamp_ms } }
group_by by_state { from readings  key state
  readings = count()        over 2000h
  paid     = sum(paid)      over 2000h
  zips     = sum(place.zip) over 2000h
  publish features.by_state to serving }
"#;

pub(super) const SCHEMA: &str = r#"{"type": "record", "name": "Reading", "fields": [
  {"name": "id", "type": "string"},
  {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["on", "off", "lost"]}},
  {"name": "not_needed", "type": ["null", {"type": "array", "items": "State"}]},
  {"name": "paid", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}]},
  {"name": "place", "type": ["null", {"type": "record", "name": "Place", "fields": [{"name": "zip", "type": "int"}]}]},
  {"name": "ts", "type": {"type": "long", "logicalType": "timestamp-millis"}}
]}"#;

const TOPIC: &str = "iot.readings";
/// Readings that count.
pub(super) const GOOD: i64 = 60;
const HOUR: i64 = 3_600_000;

/// An int as Avro has it: the sign last, seven bits per byte.
fn int(out: &mut Vec<u8>, number: i64) {
    let mut bits = (number << 1 ^ number >> 63).cast_unsigned();
    while bits >= 0x80 {
        out.push(u8::try_from(bits & 0x7f).unwrap() | 0x80);
        bits >>= 7;
    }
    out.push(u8::try_from(bits).unwrap());
}

fn text(out: &mut Vec<u8>, bytes: &[u8]) {
    int(out, i64::try_from(bytes.len()).unwrap());
    out.extend(bytes);
}

/// One reading, by [`SCHEMA`].
fn reading(n: i64, state: i64, cents: i64, ts: i64) -> Vec<u8> {
    let mut out = Vec::new();
    text(&mut out, format!("r{n}").as_bytes());
    int(&mut out, state);
    if n % 3 == 0 {
        int(&mut out, 0);
    } else {
        // An array of two blocks, the first with its size in bytes.
        for number in [1, -1, 1, 2, 1, 0, 0] {
            int(&mut out, number);
        }
    }
    if n % 5 == 0 {
        int(&mut out, 0);
    } else {
        int(&mut out, 1);
        text(&mut out, &cents.to_be_bytes());
    }
    int(&mut out, i64::from(n % 4 > 0));
    if n % 4 > 0 {
        int(&mut out, n * 7_919 - 100_000);
    }
    int(&mut out, ts);
    out
}

/// As clients of a schema registry write it.
fn framed(payload: &[u8]) -> Vec<u8> {
    [&[0, 0, 0, 0, 42][..], payload].concat()
}

/// What is no row, each in its own way; the last one is told by its record's own time alone.
fn broken(ts: i64) -> Vec<Vec<u8>> {
    let good = reading(1_001, 1, 250, ts);
    vec![
        // Avro's single-object form, a container file, JSON.
        [&[0xc3, 1, 8, 7, 6, 5, 4, 3, 2, 1][..], &good].concat(),
        [&b"Obj\x01"[..], &good].concat(),
        br#"{"id":"r1002","state":"on"}"#.to_vec(),
        good[..good.len() - 1].to_vec(),
        framed(&good[..good.len() - 1]),
        framed(&[]),
        [&good[..], &[0]].concat(),
        // A symbol that the schema has not, a sum that the declared type cannot hold, a frame around a frame.
        reading(1_003, 3, 250, ts),
        reading(1_004, 0, 2_000_000_000_000_000_000, ts),
        framed(&framed(&good)),
        reading(1_005, 0, 250, ts + 3 * HOUR),
    ]
}

/// Good ones and broken ones in turn, to every partition of both clusters.
pub(super) fn send(sent: &mut Sent, now_ms: i64) {
    let from = now_ms - 2 * HOUR;
    let broken = broken(from);
    let mut put = |place: i64, ts: i64, payload: &[u8]| {
        let value = format!("base64:{}", base64::prelude::BASE64_STANDARD.encode(payload));
        sent.add(TOPIC, place.unsigned_abs(), ts, ("-", &value));
    };
    for n in 0..GOOD {
        let ts = from + n * 7_919 % 60_000;
        let plain = reading(n, n / 2 % 3, n * 12_345 - 200_000, ts);
        put(n, ts, &if n % 2 == n / 4 % 2 { framed(&plain) } else { plain.clone() });
        if n % 9 == 0 {
            // The same again counts once.
            put(n + 1, ts, &if n % 2 == n / 4 % 2 { framed(&plain) } else { plain });
        }
        if let Some(payload) = usize::try_from(n).ok().and_then(|n| broken.get(n)) {
            put(n / 2, from, payload);
        }
    }
    sent.add(TOPIC, 3, from, ("-", "-"));
}

/// The bytes of a value in a file of lines.
pub(super) fn bytes(value: &str) -> Vec<u8> {
    match value.strip_prefix("base64:") {
        Some(text) => base64::prelude::BASE64_STANDARD.decode(text).unwrap(),
        None => value.as_bytes().to_vec(),
    }
}

pub(super) fn check(project: &Project, (work, records): (&Path, &Records), sent: &Sent, q: i64) {
    let (wanted, dead) = (expected(project, "by_state", records, q), dead_letters(project, sent));
    assert_eq!(dead.len(), broken(0).len() + 1, "{dead:#?}");
    for cluster in ["west-1", "east-1"] {
        let (states, letters) =
            (work.join(format!("{cluster}.states.jsonl")), work.join(format!("{cluster}.dead.jsonl")));
        for (lease, what) in [(1, "live"), (2, "at a cut")] {
            let table = table(project, &states, lease, &wanted);
            assert_equal(&format!("Avro from Kafka to {cluster} {what}"), &wanted, &table, 9);
            let found = written(&letters, lease);
            assert_eq!(found, dead, "the dead letters in {cluster} {what}");
            table_line(&format!("dead letters of Avro in {cluster} {what}"), found.len() * 5);
        }
    }
}

/// The newest row of each key.
fn table(project: &Project, file: &Path, lease: u64, like: &Table) -> Table {
    let fields = fields(project, "by_state");
    let mut newest: BTreeMap<Vec<u8>, (Version, Vec<u8>)> = BTreeMap::new();
    for (version, key, value) in published(file, lease) {
        if newest.get(&key).is_none_or(|known| known.0 < version) {
            newest.insert(key, (version, value));
        }
    }
    let mut table = like.emptied();
    for (key, (_, value)) in &newest {
        let row = decode_row(&fields, value).unwrap();
        table.set(decode_key(&[DataType::String], key).unwrap(), Some(row[1..].to_vec()));
    }
    table
}

/// Reason, bytes (`None`: there was no value), cluster, partition, offset.
type Letter = (String, Option<Vec<u8>>, String, i64, i64);

/// By the oracle, of all that was sent before anything ran.
fn dead_letters(project: &Project, sent: &Sent) -> Vec<Letter> {
    let source = project.model.sources.iter().find(|source| source.name == "readings").unwrap();
    let mut letters = Vec::new();
    for (name, lines) in &sent.0 {
        let Some(cluster) = name.strip_prefix(&format!("{TOPIC}@")) else { continue };
        let mut offsets: BTreeMap<i64, i64> = BTreeMap::new();
        for line in lines.lines() {
            let words: Vec<&str> = line.split('\t').collect();
            let (partition, timestamp) = (words[0].parse().unwrap(), words[1].parse().unwrap());
            let next = offsets.entry(partition).or_default();
            let offset = *next;
            *next += 1;
            let value = (words[3] != "-").then(|| bytes(words[3]));
            let record = Record::new(value.clone().unwrap_or_default(), timestamp);
            if let Some(reason) = dead_letter(source, &record) {
                letters.push((reason.to_owned(), value, cluster.to_owned(), partition, offset));
            }
        }
    }
    letters.sort();
    letters
}

/// Those of one run: each must be there once, however often the topic has it under one version.
fn written(file: &Path, lease: u64) -> Vec<Letter> {
    let once: BTreeSet<(Version, Vec<u8>)> =
        published(file, lease).into_iter().map(|(version, _, value)| (version, value)).collect();
    let letter = |(_, value): &(Version, Vec<u8>)| {
        let json: Json = serde_json::from_slice(value).unwrap();
        assert_eq!(json["source"], "readings", "{json}");
        let word = |name: &str| json[name].as_str().map(str::to_owned);
        let payload = super::kafka::bytes(&json["payload_base64"]);
        let payload = payload.or_else(|| word("payload").map(String::into_bytes));
        let number = |name: &str| json[name].as_i64().unwrap();
        (word("reason").unwrap(), payload, word("cluster").unwrap(), number("partition"), number("offset"))
    };
    let mut letters: Vec<Letter> = once.iter().map(letter).collect();
    letters.sort();
    letters
}
