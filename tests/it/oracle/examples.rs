//! The definitions in `features/` on their own data: engine against oracle.
#![expect(clippy::disallowed_methods, reason = "this test reads the examples themselves")]

use std::fs;

use windrow::dataflow::{
    Engine, Input, Options, Output, PartitionId, PartitionStatus, PartitionUpdate, Record,
};
use windrow::diag::SourceMap;
use windrow::model::{self, Model};
use windrow::oracle::{self, Comparison, Records};
use windrow::state::MemoryStore;
use windrow::syntax;
use windrow::types::EventTime;

use super::reader::Reader;
use super::scenario::plan_of;

/// Each slice of this many records is a step.
const STEP: usize = 97;

fn read(path: &str) -> String {
    fs::read_to_string(format!("{}/features/{path}", env!("CARGO_MANIFEST_DIR"))).expect("an example")
}

fn model_of(path: &str) -> Model {
    let mut sources = SourceMap::default();
    let file = sources.add(path, read(path));
    let (ast, problems) = syntax::parse(&sources, file);
    assert!(!problems.has_errors(), "{problems:?}");
    let (model, problems) = model::resolve(&[ast], None);
    assert!(!problems.has_errors(), "{problems:?}");
    model
}

/// JSON lines as records of a source.
fn records(lines: impl Iterator<Item = String>) -> Vec<oracle::Record> {
    // No example is about events of the future.
    lines.map(|line| oracle::Record::new(line.into_bytes(), i64::MAX / 2)).collect()
}

/// A CSV row of numbers and plain words as a JSON object.
fn json_of(header: &[&str], row: &str) -> String {
    let cell = |(name, cell): (&&str, &str)| match cell.parse::<i64>() {
        Ok(number) => format!("\"{name}\":{number}"),
        Err(_) => format!("\"{name}\":{}", serde_json::Value::from(cell)),
    };
    format!("{{{}}}", header.iter().zip(row.split(',')).map(cell).collect::<Vec<_>>().join(","))
}

/// Runs everything of a model over two partitions per source up to a cut after all events.
fn run(model: &Model, records: &Records) -> Comparison {
    let plan = plan_of(model);
    let q = 1_900_000_000_000;
    let (mut reader, mut store) = (Reader::new(model, &plan), MemoryStore::default());
    let options = Options {
        shards: 2,
        cut: Some(EventTime(q)),
        publish: true,
        lease: 1,
        start: 1,
        ..Options::default()
    };
    let mut engine = Engine::open(&plan, options, &store).expect("a fresh state");
    let mut step = |input: Input| {
        let Output { batch, publications, .. } = engine.step(input, &store).expect("a step");
        store.commit(batch);
        for publication in publications {
            reader.publish(publication).expect("in order");
        }
    };
    step(Input { partitions: partitions(records), ..Input::default() });
    let all = in_turns(records);
    for slice in all.chunks(STEP) {
        step(Input { records: slice.to_vec(), ..Input::default() });
    }
    step(Input { finish: true, ..Input::default() });
    reader.compare(model, records, q)
}

fn partitions(records: &Records) -> Vec<PartitionUpdate> {
    let numbered = (0..).zip(records.keys());
    let both = numbered.flat_map(|(number, source)| [(2 * number, source), (2 * number + 1, source)]);
    both.map(|(number, source)| PartitionUpdate {
        partition: PartitionId(number),
        source: source.clone(),
        status: PartitionStatus::Live,
    })
    .collect()
}

/// The sources' records by turns, as far along as each other, on two partitions each.
fn in_turns(records: &Records) -> Vec<Record> {
    let mut all = Vec::new();
    for (number, list) in (0..).zip(records.values()) {
        for (at, record) in list.iter().enumerate() {
            let record = Record {
                partition: PartitionId(2 * number + u32::from(at % 3 == 0)),
                offset: i64::try_from(at).expect("few"),
                timestamp_ms: record.timestamp_ms,
                payload: record.payload.clone(),
                deleted_key: record.deleted_key.clone(),
            };
            all.push((at * 1_000_000 / list.len(), record));
        }
    }
    all.sort_by_key(|(progress, _)| *progress);
    all.into_iter().map(|(_, record)| record).collect()
}

#[test]
fn the_flights_give_the_oracles_rows() {
    let text = read("flights/data/flights.csv");
    let header: Vec<_> = text.lines().next().expect("a header").split(',').collect();
    let rows = text.lines().skip(1).take(3_000).map(|row| json_of(&header, row));
    let records = Records::from([("flights".to_owned(), records(rows))]);
    let comparison = run(&model_of("flights/flights.wr"), &records);
    assert!(comparison.is_equal() && comparison.cells > 3_000 * 20, "{comparison}");
}

#[test]
fn the_purchases_give_the_oracles_rows() {
    let of = |name: &str| {
        let text = read(&format!("purchases/data/{name}.jsonl"));
        (name.to_owned(), records(text.lines().map(str::to_owned)))
    };
    let records = Records::from([of("purchases"), of("checkouts")]);
    let comparison = run(&model_of("purchases/purchases.yaml"), &records);
    assert!(comparison.is_equal() && comparison.cells > 500, "{comparison}");
}
