//! Files into records, and a run to the cut.

use std::path::PathBuf;

use super::*;
use crate::plan::{Decode, DecodeField, Format, WireElement, WireField, WireType};
use crate::types::{DataType, EventTime, Field, Row, TimeUnit, Value};

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

    #[expect(clippy::disallowed_methods, reason = "the readers are given real files")]
    fn bytes(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).expect("the scratch folder takes files");
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
    assert_eq!(
        text,
        "`DIR/a.txt`: expected a file name that ends in .csv, .jsonl, .ndjson, .parquet or .avro"
    );
    assert!(message(scratch.file("a.csv", "ts,x\n1\n"), None).starts_with("`DIR/a.csv`, line 2: "));
    let text = message(scratch.file("b.csv", "ts\n1\n"), Some("at"));
    assert_eq!(text, "`DIR/b.csv`, line 1: the arrival column `at` is missing");
    let text = message(scratch.file("c.jsonl", "{\"at\":1}\n{\"at\":\"x\"}\n"), Some("at"));
    assert_eq!(text, "`DIR/c.jsonl`, line 2: the arrival column `at` is neither ISO 8601 nor milliseconds");
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of all types")]
fn parquet_that_was_written_is_read_again() {
    let decimal = DataType::Decimal { precision: 38, scale: 4 };
    let item = DataType::structure(vec![
        Field::new("p", DataType::Int, true),
        Field::new("q", DataType::list(DataType::String, true), true),
    ]);
    let wire = |wire_type, data_type| WireElement { wire_type, data_type, nullable: true };
    let strings = || WireType::List(wire(WireType::String, DataType::String).into());
    let item_wire = || {
        let field = |name: &str, data_type, wire_type| WireField {
            field: Field::new(name, data_type, true),
            wire_name: name.to_owned(),
            wire_type,
        };
        WireType::Struct(
            vec![
                field("p", DataType::Int, WireType::Int),
                field("q", DataType::list(DataType::String, true), strings()),
            ]
            .into(),
        )
    };
    let items = DataType::list(item, true);
    let map = DataType::map(DataType::Int, DataType::Double, true);
    let columns = [
        ("ts", DataType::Timestamp, WireType::Stamp(TimeUnit::Micros)),
        ("d", decimal, WireType::Decimal),
        ("day", DataType::Date, WireType::Date),
        ("raw", DataType::Bytes, WireType::Bytes),
        ("items", items, WireType::List(wire(item_wire(), item).into())),
        (
            "m",
            map,
            WireType::Map {
                key: WireType::Int.into(),
                value: wire(WireType::Double, DataType::Double).into(),
            },
        ),
        ("ok", DataType::Bool, WireType::Bool),
    ];
    let text = |text: &str| Value::string(text);
    let item_of = |p: Value, q: Value| Value::structure(vec![p, q]);
    let rows: Vec<Row> = vec![
        vec![
            Value::Timestamp(EventTime(-5)),
            Value::Decimal("-99999999999999999999999999999999.1234".parse().expect("38 digits")),
            Value::Date("2024-02-29".parse().expect("a day")),
            Value::bytes(vec![0, 255]),
            Value::list(vec![
                item_of(Value::Int(1), Value::list(vec![text("a"), Value::Null])),
                Value::Null,
                item_of(Value::Null, Value::list(vec![])),
                item_of(Value::Int(2), Value::Null),
            ]),
            Value::map(vec![(Value::Int(9), Value::double(0.1)), (Value::Int(10), Value::Null)]),
            Value::Bool(true),
        ],
        vec![Value::Null; 7],
        vec![
            Value::Timestamp(EventTime(1)),
            Value::Null,
            Value::Null,
            Value::Null,
            Value::list(vec![]),
            Value::map(vec![]),
            Value::Bool(false),
        ],
    ];
    let fields: Vec<Field> =
        columns.iter().map(|(name, data_type, _)| Field::new(*name, *data_type, true)).collect();
    let scratch = scratch();
    let path = scratch.bytes("a.parquet", &parquet(&fields, &rows).expect("written"));
    let decode_field = |(field, (name, _, wire_type)): (&Field, &(&str, DataType, WireType))| DecodeField {
        field: field.clone(),
        wire_name: (*name).to_owned(),
        wire_type: wire_type.clone(),
        slot: None,
    };
    let spec = Decode { fields: fields.iter().zip(&columns).map(decode_field).collect(), ..spec() };
    let expected = [
        r#"{"ts":-5000,"d":"-99999999999999999999999999999999.1234","day":"2024-02-29","raw":"AP8=","items":[{"p":1,"q":["a",null]},null,{"p":null,"q":[]},{"p":2,"q":null}],"m":{"9":0.1,"10":null},"ok":true}"#,
        r#"{"ts":null,"d":null,"day":null,"raw":null,"items":null,"m":null,"ok":null}"#,
        r#"{"ts":1000,"d":null,"day":null,"raw":null,"items":[],"m":{},"ok":false}"#,
    ];
    assert_eq!(texts(&read_file(&path, &spec, None).expect("read")), expected);
    let arrivals = read_file(
        &scratch.bytes("b.parquet", &parquet(&fields, &rows[2..]).expect("written")),
        &spec,
        Some("ts"),
    );
    assert_eq!(arrivals.expect("read")[0].timestamp_ms, 1);
}

#[test]
fn avro_files_bring_their_schema() {
    let schema = r#"{"type": "record", "name": "r", "fields": [
        {"name": "ts", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "x", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 1}]},
        {"name": "s", "type": "string"}, {"name": "more", "type": "int"}]}"#;
    let schema = apache_avro::Schema::parse_str(schema).expect("a schema");
    let mut writer = apache_avro::Writer::new(&schema, Vec::new()).expect("a writer");
    let mut record = apache_avro::types::Record::new(writer.schema()).expect("a record");
    record.put("ts", apache_avro::types::Value::TimestampMicros(5_999));
    let units = apache_avro::types::Value::Decimal(apache_avro::Decimal::from(15_i8.to_be_bytes()));
    record.put("x", apache_avro::types::Value::Union(1, Box::new(units)));
    record.put("s", "é");
    record.put("more", 1);
    writer.append_value(record).expect("it fits");
    let scratch = scratch();
    let path = scratch.bytes("a.avro", &writer.into_inner().expect("written"));
    let records = read_file(&path, &spec(), Some("ts")).expect("read");
    assert_eq!(texts(&records), [r#"{"ts":5,"x":"1.5","s":"é"}"#]);
    assert_eq!(records[0].timestamp_ms, 5);
    let garbage = scratch.file("b.avro", "Obj");
    assert!(matches!(read_file(&garbage, &spec(), None), Err(Error::Format { .. })));
    let garbage = scratch.file("b.parquet", "PAR1");
    assert!(matches!(read_file(&garbage, &spec(), None), Err(Error::Format { .. })));
}
