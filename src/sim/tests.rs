//! Files into records, and a run to the cut.

use std::path::PathBuf;

use super::*;
use crate::plan::{Decode, DecodeField, Format, WireType};
use crate::types::{DataType, Field, TimeUnit};

fn spec() -> Decode {
    let field = |name: &str, data_type, wire_type, nullable| DecodeField {
        field: Field::new(name, data_type, nullable),
        wire_name: name.to_owned(),
        wire_type,
        slot: None,
    };
    Decode {
        fields: vec![
            field("ts", DataType::Timestamp, WireType::Stamp(TimeUnit::Millis), false),
            field("x", DataType::Double, WireType::Double, true),
            field("s", DataType::String, WireType::String, true),
            field("b", DataType::Bool, WireType::Bool, true),
        ],
        format: Format::Json,
        keys: Vec::new(),
        event_time: Some(0),
        event_id: None,
        ahead_ms: 0,
    }
}

struct Scratch(tempfile::TempDir);

impl Scratch {
    #[expect(clippy::disallowed_methods, reason = "the readers are given real files")]
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).expect("the scratch folder takes files");
        path
    }
}

fn scratch() -> Scratch {
    Scratch(tempfile::tempdir().expect("a scratch folder"))
}

fn texts(records: &[Raw]) -> Vec<&str> {
    records.iter().map(|raw| std::str::from_utf8(&raw.payload).expect("text")).collect()
}

#[test]
fn csv_cells_become_json_by_declared_type() {
    let scratch = scratch();
    let path = scratch.file("a.csv", "s,other,x,ts,b\n\"a,\"\"b\",1,1.50,5,true\n,,nan,6,yes\n");
    let records = read_file(&path, &spec(), None).expect("read");
    assert_eq!(
        texts(&records),
        [r#"{"ts":5,"x":1.50,"s":"a,\"b","b":true}"#, r#"{"ts":6,"x":"nan","s":null,"b":"yes"}"#]
    );
    assert!(records.iter().all(|raw| raw.timestamp_ms == i64::MAX));
}

#[test]
fn lines_are_records_as_they_stand_and_arrival_orders_them() {
    let scratch = scratch();
    let path = scratch.file("a.jsonl", "{\"ts\":1, \"at\":9}\r\n\n{\"ts\":2,\"at\":\"1970-01-01\"}\n");
    assert_eq!(
        texts(&read_file(&path, &spec(), None).expect("read")),
        ["{\"ts\":1, \"at\":9}", "{\"ts\":2,\"at\":\"1970-01-01\"}"]
    );
    let records = read_file(&path, &spec(), Some("at")).expect("read");
    assert_eq!(records.iter().map(|raw| raw.timestamp_ms).collect::<Vec<_>>(), [0, 9]);
}

#[test]
fn what_is_wrong_with_a_file_is_named() {
    let scratch = scratch();
    let message = |path: PathBuf, arrival: Option<&str>| {
        let error = read_file(&path, &spec(), arrival).expect_err("refused").to_string();
        error.replace(&scratch.0.path().display().to_string(), "DIR")
    };
    assert!(message(scratch.0.path().join("none.csv"), None).starts_with("`DIR/none.csv` cannot be read"));
    let text = message(scratch.file("a.txt", ""), None);
    assert_eq!(text, "`DIR/a.txt`: expected a file name that ends in .csv, .jsonl or .ndjson");
    assert!(message(scratch.file("a.csv", "ts,x\n1\n"), None).starts_with("`DIR/a.csv`, line 2: "));
    let text = message(scratch.file("b.csv", "ts\n1\n"), Some("at"));
    assert_eq!(text, "`DIR/b.csv`, line 1: the arrival column `at` is missing");
    let text = message(scratch.file("c.jsonl", "{\"at\":1}\n{\"at\":\"x\"}\n"), Some("at"));
    assert_eq!(text, "`DIR/c.jsonl`, line 2: the arrival column `at` is neither ISO 8601 nor milliseconds");
}
