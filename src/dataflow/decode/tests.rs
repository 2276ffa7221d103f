//! What is read and what becomes a dead letter.

use super::*;
use crate::plan::{Format, WireElement, WireField, WireType};
use crate::types::TimeUnit;

fn field(name: &str, data_type: DataType, wire_type: WireType, nullable: bool, slot: usize) -> DecodeField {
    let field = Field::new(name, data_type, nullable);
    DecodeField { field, wire_name: name.to_owned(), wire_type, slot: Some(slot) }
}

fn spec() -> Decode {
    let decimal = DataType::Decimal { precision: 5, scale: 2 };
    Decode {
        fields: vec![
            field("ts", DataType::Timestamp, WireType::Stamp(TimeUnit::Millis), false, 0),
            field("n", DataType::Int, WireType::Int, true, 1),
            field("d", decimal, WireType::Decimal, true, 2),
            field("x", DataType::Double, WireType::Double, true, 3),
            field("s", DataType::String, WireType::String, true, 4),
        ],
        format: Format::Json,
        keys: Vec::new(),
        event_time: Some(0),
        event_id: Some(4),
        ahead_ms: 10,
    }
}

/// The row of `{"ts":1, …}` as text, or the reason.
fn check(fields: &str, expected: &str) {
    let payload = format!("{{\"ts\":1{}{fields}}}", if fields.is_empty() { "" } else { "," });
    let got = match Decoder::new(&spec()).decode(5, payload.as_bytes(), 100) {
        Ok(decoded) => decoded.row[1..].iter().map(ToString::to_string).collect::<Vec<_>>().join("|"),
        Err(refused) => refused.reason.to_owned(),
    };
    assert_eq!(got, expected, "{payload}");
}

#[test]
fn ints_are_integer_tokens() {
    check(r#""n":12"#, "12|||");
    check(r#""n":-0"#, "0|||");
    check(r#""n":1.0"#, "wrong_type");
    check(r#""n":1e3"#, "wrong_type");
    check(r#""n":"1""#, "wrong_type");
    check(r#""n":9223372036854775808"#, "out_of_range");
    check(r#""n":{"$serde_json::private::Number":"1"}"#, "not_json");
}

#[test]
fn decimals_come_as_numbers_or_text_and_lose_no_digit() {
    check(r#""d":1.5"#, "|1.50||");
    check(r#""d":"-1.50000000000000000000000000000000000000000000""#, "|-1.50||");
    check(r#""d":1e2"#, "|100.00||");
    check(r#""d":"0e99""#, "|0.00||");
    check(r#""d":1.005"#, "out_of_range");
    check(r#""d":1000"#, "out_of_range");
    check(r#""d":1e999999999"#, "out_of_range");
    check(r#""d":" 1""#, "wrong_type");
    check(r#""d":"""#, "wrong_type");
}

#[test]
fn doubles_are_finite() {
    check(r#""x":-0.0"#, "||0.0|");
    check(r#""x":1e400"#, "out_of_range");
    check(r#""x":3"#, "||3.0|");
}

#[test]
fn records_that_are_no_object_or_not_text_are_not_json() {
    let reason = |payload: &[u8]| Decoder::new(&spec()).decode(5, payload, 100).expect_err("refused").reason;
    for payload in [&b"[]"[..], b"", b"{", b"{\"ts\":1} x", b"\xff", b"{\"ts\":1,\"s\":\"\\ud800\"}"] {
        assert_eq!(reason(payload), "not_json");
    }
    assert_eq!(reason(b"{}"), "missing_field");
    assert_eq!(reason(b"{\"ts\":null}"), "missing_field");
    assert_eq!(reason(b"{\"ts\":1,\"n\":\"x\",\"deep\":[}"), "not_json", "broken bytes outrank a bad field");
}

#[test]
fn an_event_may_lead_its_record_by_so_much() {
    let at =
        |ts: i64| Decoder::new(&spec()).decode(5, format!("{{\"ts\":{ts}}}").as_bytes(), 100).map(|d| d.ts);
    assert_eq!(at(110), Ok(110));
    assert_eq!(at(111).expect_err("refused").reason, "future");
}

#[test]
fn copies_have_both_hashes_and_undeclared_fields_are_part_of_the_bytes() {
    let hashes =
        |payload: &str| Decoder::new(&spec()).decode(5, payload.as_bytes(), 100).expect("read").hashes;
    let one = hashes(r#"{"ts":1,"s":"a"}"#);
    assert_eq!(one, hashes(r#"{"ts":1,"s":"a"}"#));
    let other = hashes(r#"{"ts":1,"s":"a","more":1}"#);
    assert_eq!(one[0], other[0]);
    assert_ne!(one[1], other[1]);
}

/// The cases that the Java decoder of bundles reads too.
#[test]
fn cases_shared_with_other_engines() {
    let cases = include_str!("../../../tests/cases/decode/json.json");
    assert!(check_cases(cases) > 100);
}

#[test]
fn cases_of_nested_values() {
    assert!(check_cases(include_str!("../../../tests/cases/decode/nested.json")) > 40);
}

/// Beside each the schema of its one field.
#[test]
fn cases_of_avro() {
    assert!(check_cases(include_str!("../../../tests/cases/decode/avro.json")) > 90);
}

/// A record with the one field `v`: its value, or the reason and, if given, a part of the detail.
fn check_cases(cases: &str) -> usize {
    let cases: Vec<serde_json::Value> = serde_json::from_str(cases).expect("JSON");
    for case in &cases {
        let (name, declared) = (text(case, "name"), text(case, "type"));
        let (data_type, wire_type) = declared_type(declared.trim_end_matches('?'));
        let time = field("ts", DataType::Timestamp, WireType::Stamp(TimeUnit::Millis), true, 0);
        let spec = Decode {
            fields: vec![time, field("v", data_type, wire_type, declared.ends_with('?'), 1)],
            format: format(case),
            keys: Vec::new(),
            event_time: Some(0),
            event_id: None,
            ahead_ms: 0,
        };
        let payload = case["payload"]
            .as_str()
            .map_or_else(|| base64(text(case, "payload_base64")), |payload| payload.as_bytes().to_vec());
        let got = match AvroReader::new(&spec).expect(name) {
            Some(avro) => avro.fields(&spec, &payload).map(|mut row| row.remove(1)),
            None => {
                json::fields(&spec, &payload).and_then(|mut cells| checked(&spec.fields[1], cells.remove(1)))
            }
        };
        match (case.get("reason"), got) {
            (Some(reason), got) => {
                let refused = got.expect_err(name);
                assert_eq!(refused.reason, reason, "{declared} {name}");
                let detail = case.get("detail").and_then(serde_json::Value::as_str).unwrap_or_default();
                assert!(refused.detail.contains(detail), "{name}: {}", refused.detail);
            }
            (None, got) => assert_eq!(got.expect(name), expected_value(&case["expect"], data_type), "{name}"),
        }
    }
    cases.len()
}

fn format(case: &serde_json::Value) -> Format {
    let Some(of) = case.get("schema") else { return Format::Json };
    let field = serde_json::json!({"name": "v", "type": of});
    let schema = serde_json::json!({"type": "record", "name": "of_v", "fields": [field]}).to_string();
    Format::Avro { file: "v.avsc".to_owned(), schema }
}

fn checked(field: &DecodeField, cell: Option<serde_json::Value>) -> Result<Value, Refused> {
    let of = &field.field;
    let value = typed::optional(cell, of.nullable, &field.wire_type, of.data_type);
    value.map_err(|wrong| Refused::field(field, &wrong))
}

fn text<'a>(case: &'a serde_json::Value, name: &str) -> &'a str {
    case[name].as_str().unwrap_or_else(|| panic!("`{name}` of {case}"))
}

fn declared_type(text: &str) -> (DataType, WireType) {
    if let Some(inside) = text.strip_prefix("list<") {
        let element = element(inside.strip_suffix('>').expect("closed"));
        return (DataType::list(element.data_type, element.nullable), WireType::List(element.into()));
    }
    if let Some(inside) = text.strip_prefix("map<") {
        let (key, value) = inside.strip_suffix('>').and_then(|inside| inside.split_once(", ")).expect("two");
        let ((key_type, key), value) = (declared_type(key), element(value));
        let data_type = DataType::map(key_type, value.data_type, value.nullable);
        return (data_type, WireType::Map { key: key.into(), value: value.into() });
    }
    if let Some(inside) = text.strip_prefix("struct{") {
        let fields: Vec<_> = inside.strip_suffix('}').expect("closed").split("; ").map(wire_field).collect();
        let data_type = DataType::structure(fields.iter().map(|field| field.field.clone()).collect());
        return (data_type, WireType::Struct(fields.into()));
    }
    match text {
        "bytes" => (DataType::Bytes, WireType::Bytes),
        "date" => (DataType::Date, WireType::Date),
        "int" => (DataType::Int, WireType::Int),
        "double" => (DataType::Double, WireType::Double),
        "bool" => (DataType::Bool, WireType::Bool),
        "string" => (DataType::String, WireType::String),
        "timestamp" => (DataType::Timestamp, WireType::IsoTimestamp),
        "timestamp_s" => (DataType::Timestamp, WireType::Stamp(TimeUnit::Seconds)),
        "timestamp_ms" => (DataType::Timestamp, WireType::Stamp(TimeUnit::Millis)),
        "timestamp_us" => (DataType::Timestamp, WireType::Stamp(TimeUnit::Micros)),
        "timestamp_ns" => (DataType::Timestamp, WireType::Stamp(TimeUnit::Nanos)),
        decimal => {
            let inside = decimal.trim_start_matches("decimal(").trim_end_matches(')');
            let (precision, scale) = inside.split_once(',').expect("precision and scale");
            let number = |text: &str| text.parse().expect("a number");
            (DataType::Decimal { precision: number(precision), scale: number(scale) }, WireType::Decimal)
        }
    }
}

fn element(text: &str) -> WireElement {
    let (data_type, wire_type) = declared_type(text.trim_end_matches('?'));
    WireElement { wire_type, data_type, nullable: text.ends_with('?') }
}

fn wire_field(text: &str) -> WireField {
    let (name, declared) = text.split_once(' ').expect("name and type");
    let element = element(declared);
    let field = Field::new(name, element.data_type, element.nullable);
    WireField { field, wire_name: name.to_owned(), wire_type: element.wire_type }
}

fn expected_value(json: &serde_json::Value, data_type: DataType) -> Value {
    match (json, data_type) {
        (serde_json::Value::Null, _) => Value::Null,
        (json, DataType::Bool) => Value::Bool(json.as_bool().expect("a boolean")),
        (json, DataType::Int) => Value::Int(json.as_i64().expect("an int")),
        (json, DataType::Double) => Value::double(json.as_f64().expect("a double")),
        (json, DataType::Timestamp) => Value::Timestamp(EventTime(json.as_i64().expect("ms"))),
        (json, DataType::String) => Value::string(json.as_str().expect("a string")),
        (json, DataType::Decimal { .. }) => {
            Value::Decimal(json.as_str().expect("digits").parse().expect("a decimal"))
        }
        (json, DataType::Bytes) => Value::bytes(json.as_str().expect("text").as_bytes()),
        (json, DataType::Date) => Value::Date(json.as_str().expect("text").parse().expect("a date")),
        (json, DataType::List(of)) => {
            let elements = json.as_array().expect("an array").iter();
            Value::list(elements.map(|json| expected_value(json, of.data_type)).collect::<Vec<_>>())
        }
        // Pairs: keys that are no text can be told from those that are.
        (json, DataType::Map(of)) => {
            let entries = json.as_array().expect("pairs").iter();
            let pair = |json: &serde_json::Value| {
                (expected_value(&json[0], of.key), expected_value(&json[1], of.value.data_type))
            };
            Value::map(entries.map(pair).collect())
        }
        (json, DataType::Struct(of)) => {
            let values = json.as_array().expect("an array").iter().zip(&of.fields);
            Value::structure(
                values.map(|(json, field)| expected_value(json, field.data_type)).collect::<Vec<_>>(),
            )
        }
    }
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = Vec::new();
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let digit = DIGITS.iter().position(|other| *other == byte).expect("base64");
        bits.extend((0..6).rev().map(|bit| digit >> bit & 1 == 1));
    }
    let byte = |bits: &[bool]| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
    bits.chunks_exact(8).map(byte).collect()
}
