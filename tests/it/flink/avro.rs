//! Records in Avro: the class of their source, what runs over files ask for, schemas that are refused.
//! Values are compared with the oracle's where all definitions are, in `verified.rs`.

use super::commands::check;
use super::project::{Project, with_schema};
use super::scan;
use crate::support::Scratch;
use crate::support::snapshots::settings;

const READINGS: &str = r#"source readings {
  topic t.readings in g  format avro "reading.avsc"  event_time ts  event_id id  disorder 10s
  schema { id string  state string  paid decimal(9,2)?  place struct{zip int}?  ts timestamp_ms }
}
group_by by_state { from readings  key state  n = count() over 1h  zips = sum(place.zip) over 1h  publish o to g }
"#;

/// Fields that are not declared are written too, whatever they are called.
const SCHEMA: &str = r#"{"type": "record", "name": "Reading", "namespace": "of.sensors", "doc": "*/ not needed", "fields": [
  {"name": "id", "type": "string"},
  {"name": "a'b`c\\d${path}*/\"", "type": {"type": "map", "values": {"type": "string", "logicalType": "uuid"}}},
  {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["on", "off"]}},
  {"name": "before", "type": ["null", "State"], "default": null},
  {"name": "paid", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}]},
  {"name": "place", "type": ["null", {"type": "record", "name": "Place", "fields": [{"name": "zip", "type": "int"}]}]},
  {"name": "ts", "type": {"type": "long", "logicalType": "timestamp-millis"}}
]}"#;

fn readings(schema: &str) -> Project {
    with_schema(READINGS, ("reading.avsc", schema))
}

#[test]
fn the_class_of_a_source_has_all_that_its_records_are_written_with() {
    let project = readings(SCHEMA);
    let bundle = project.bundle(&project.everything());
    scan::well_formed(&bundle);
    let class = &bundle.files["java/dev/windrow/job/ReadingsSource.java"].text;
    assert!(scan::java_literals(class).contains(&r#"a'b`c\d${path}*/""#.to_owned()), "{class}");
    let readme = &bundle.files["README.md"].text;
    let shown = format!("{class}\n{readme}");
    settings("bundle").bind(|| insta::assert_snapshot!("avro", shown));
}

#[test]
fn a_run_over_files_asks_for_lines_that_hold_the_records() {
    let project = readings(SCHEMA);
    let scratch = Scratch::new();
    for (path, file) in &project.bundle(&project.everything()).files {
        scratch.file(&format!("bundle/{path}"), &file.text);
    }
    scratch.file("in.lines", "1 base64\tAA==\n");
    let said = "no line holds a record in Avro as it is, and those of readings are";
    check(&scratch, "python3", "--until 1 --input in.lines --out o", 2, said);
    check(&scratch, "no-python", "--until 1 --stamped --input in.lines --out o", 3, "no-python is not there");
}

#[test]
fn a_schema_that_cannot_be_read_is_refused() {
    let next = r#"{"name": "next", "type": ["null", "Reading"]}"#;
    let project = readings(&SCHEMA.replacen("{\"name\": \"id\"", &format!("{next}, {{\"name\": \"id\""), 1));
    let refusal = project.refusal(&project.everything());
    settings("bundle").bind(|| insta::assert_snapshot!("refused@avro", refusal));
}
