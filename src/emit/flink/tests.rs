//! Names and lengths of time as a bundle spells them.

use super::avro;
use super::names::class;
use super::sources::interval;

#[test]
fn classes_are_java_names_whatever_the_definition_is_called() {
    let classes = ["user_spend", "window", "_", "_1", "a__b", "userSpend"].map(|name| class(name, "Node"));
    assert_eq!(classes, ["UserSpendNode", "WindowNode", "_Node", "_1Node", "ABNode", "UserSpendNode"]);
}

#[test]
fn intervals_have_days_and_milliseconds() {
    assert_eq!(interval(0), "0 00:00:00.000");
    assert_eq!(interval(999 * 86_400_000 + 86_399_999), "999 23:59:59.999");
    assert_eq!(interval(10_000), "0 00:00:10.000");
}

/// The fields' types of a schema as it is printed.
fn printed(fields: &str) -> Result<String, String> {
    let schema = format!(r#"{{"type": "record", "name": "a.b.R", "fields": {fields}}}"#);
    let fields = avro::fields(&schema)?;
    Ok(fields.iter().map(|field| format!("{}: {}", field.name, field.schema)).collect::<Vec<_>>().join("\n"))
}

#[test]
fn a_schema_is_printed_with_what_reading_needs() {
    let fields = r#"[
        {"name": "id", "type": {"type": "string", "logicalType": "uuid"}, "doc": "an id", "aliases": ["key"]},
        {"name": "n", "type": ["null", {"type": "int"}], "default": null},
        {"name": "d", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "f", "type": {"type": "fixed", "name": "x.F", "size": 4, "logicalType": "decimal", "precision": 9}},
        {"name": "e", "type": {"type": "enum", "name": "E", "namespace": "y", "symbols": ["p", "q"], "default": "p"}},
        {"name": "r", "type": {"type": "record", "name": "In", "fields": [
            {"name": "g", "type": ["null", "x.F"]}, {"name": "h", "type": {"type": "map", "values": "y.E"}}]}},
        {"name": "again", "type": {"type": "array", "items": "In"}},
        {"name": "full", "type": {"type": "a.b.In"}},
        {"name": "ts", "type": {"type": "long", "logicalType": "local-timestamp-micros"}},
        {"name": "clock", "type": {"type": "int", "logicalType": "time-millis"}}
    ]"#;
    let expected = r#"id: "string"
n: ["null","int"]
d: {"type":"bytes","logicalType":"decimal","scale":2}
f: {"type":"fixed","name":"t0","size":4,"logicalType":"decimal","scale":0}
e: {"type":"enum","name":"t1","symbols":["p","q"]}
r: {"type":"record","name":"t2","fields":[{"name":"g","type":["null","t0"]},{"name":"h","type":{"type":"map","values":"t1"}}]}
again: {"type":"array","items":"t2"}
full: "t2"
ts: {"type":"long","logicalType":"local-timestamp-micros"}
clock: "int""#;
    assert_eq!(printed(fields).as_deref(), Ok(expected));
}

#[test]
fn what_is_no_schema_is_told() {
    let problem = |of: &str| printed(&format!(r#"[{{"name": "v", "type": {of}}}]"#)).expect_err(of);
    assert_eq!(problem(r#""text""#), "there is no type `text` before it is used");
    assert_eq!(problem(r#"["null", "R"]"#), "the type `R` holds itself, which windrow does not read");
    assert_eq!(
        problem(r#"{"type": "array", "items": "a.b.R"}"#),
        "the type `a.b.R` holds itself, which windrow does not read"
    );
    assert_eq!(problem(r#"{"type": "fixed", "name": "R", "size": 1}"#), "the type `a.b.R` is defined twice");
    assert_eq!(problem(r#"{"type": "fixed", "name": "F"}"#), "a fixed without `size`");
    assert_eq!(problem("7"), "7 is no type");
    assert_eq!(avro::fields("\"long\"").expect_err("no record"), "the schema is not that of a record");
    assert!(avro::fields("{").is_err());
}
