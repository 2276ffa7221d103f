//! Avro records: what is read, with and without a registry's header, and what becomes a dead letter.

use apache_avro::types::Value as Avro;
use apache_avro::writer::datum::GenericDatumWriter;
use apache_avro::{Decimal as AvroDecimal, Schema};

use super::*;
use crate::plan::{Format, WireElement, WireField, WireType};
use crate::types::TimeUnit;

const SCHEMA: &str = r#"{"type": "record", "name": "purchase", "fields": [
    {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
    {"name": "n", "type": ["null", "long"]},
    {"name": "small", "type": "int"},
    {"name": "x", "type": "float"},
    {"name": "d", "type": {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 4}},
    {"name": "day", "type": ["null", {"type": "int", "logicalType": "date"}]},
    {"name": "state", "type": {"type": "enum", "name": "state", "symbols": ["open", "closed"]}},
    {"name": "raw", "type": {"type": "fixed", "name": "two", "size": 2}},
    {"name": "items", "type": {"type": "array", "items":
        {"type": "record", "name": "item", "fields": [{"name": "p", "type": ["null", "string"]}]}}},
    {"name": "first", "type": ["null", "item"]},
    {"name": "tags", "type": {"type": "map", "values": "int"}},
    {"name": "not_declared", "type": "string"}
]}"#;

fn field(name: &str, data_type: DataType, wire_type: WireType, nullable: bool, slot: usize) -> DecodeField {
    let field = Field::new(name, data_type, nullable);
    DecodeField { field, wire_name: name.to_owned(), wire_type, slot: Some(slot) }
}

fn spec(schema: &str) -> Decode {
    let item = [WireField {
        field: Field::new("p", DataType::String, true),
        wire_name: "p".to_owned(),
        wire_type: WireType::String,
    }];
    let item_type = DataType::structure(vec![item[0].field.clone()]);
    let item = WireType::Struct(item.into());
    let element = |wire_type, data_type| WireElement { wire_type, data_type, nullable: false };
    let decimal = DataType::Decimal { precision: 36, scale: 2 };
    let fields = vec![
        field("at", DataType::Timestamp, WireType::Stamp(TimeUnit::Seconds), false, 0),
        field("n", DataType::Int, WireType::Int, true, 1),
        field("small", DataType::Int, WireType::Int, false, 2),
        field("x", DataType::Double, WireType::Double, false, 3),
        field("d", decimal, WireType::Decimal, false, 4),
        field("day", DataType::Date, WireType::Date, true, 5),
        field("state", DataType::String, WireType::String, false, 6),
        field("raw", DataType::Bytes, WireType::Bytes, false, 7),
        field(
            "items",
            DataType::list(item_type, false),
            WireType::List(element(item.clone(), item_type).into()),
            false,
            8,
        ),
        field("first", item_type, item, true, 9),
        field(
            "tags",
            DataType::map(DataType::String, DataType::Int, false),
            WireType::Map {
                key: WireType::String.into(),
                value: element(WireType::Int, DataType::Int).into(),
            },
            false,
            10,
        ),
    ];
    Decode {
        format: Format::Avro { file: "p.avsc".to_owned(), schema: schema.to_owned() },
        fields,
        event_time: Some(0),
        event_id: Some(2),
        ahead_ms: 0,
        keys: Vec::new(),
    }
}

fn some(variant: u32, value: Avro) -> Avro {
    Avro::Union(variant, Box::new(value))
}

fn item(p: Option<&str>) -> Avro {
    let p = p.map_or(some(0, Avro::Null), |p| some(1, Avro::String(p.to_owned())));
    Avro::Record(vec![("p".to_owned(), p)])
}

/// The record whose fields are as in `SCHEMA`, in its order, with `changed` in place of some.
fn payload(changed: &[(&str, Avro)]) -> Vec<u8> {
    let mut fields = vec![
        ("at", Avro::TimestampMicros(1_999)),
        ("n", some(1, Avro::Long(i64::MIN))),
        ("small", Avro::Int(-7)),
        ("x", Avro::Float(0.5)),
        ("d", Avro::Decimal(AvroDecimal::from((-1_500_000_i128).to_be_bytes()))),
        ("day", some(1, Avro::Date(19_782))),
        ("state", Avro::Enum(1, "closed".to_owned())),
        ("raw", Avro::Fixed(2, vec![0, 255])),
        ("items", Avro::Array(vec![item(Some("é")), item(None)])),
        ("first", some(1, item(Some("a")))),
        ("tags", Avro::Map([("b".to_owned(), Avro::Int(2)), ("a".to_owned(), Avro::Int(1))].into())),
        ("not_declared", Avro::String("ignored".to_owned())),
    ];
    for (name, value) in changed {
        let at = fields.iter().position(|(other, _)| other == name).expect("a field");
        fields[at].1 = value.clone();
    }
    let record = Avro::Record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
    let schema = Schema::parse_str(SCHEMA).expect("a schema");
    written(&schema, record)
}

fn written(schema: &Schema, record: Avro) -> Vec<u8> {
    let mut out = Vec::new();
    let writer = GenericDatumWriter::builder(schema).build().expect("a schema");
    writer.write_value(&mut out, record).expect("it fits the schema");
    out
}

fn read(payload: &[u8]) -> Result<Decoded, Refused> {
    Decoder::new(&spec(SCHEMA)).decode(11, payload, i64::MAX)
}

fn shown(payload: &[u8]) -> String {
    let row = read(payload).expect("it is read").row;
    row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")
}

const WHOLE: &str = "1970-01-01T00:00:00.001Z|-9223372036854775808|-7|0.5|-150.00|2024-02-29|closed|00ff|\
                     [(é), (null)]|(a)|{a: 1, b: 2}";

#[test]
fn every_type_is_read_by_the_writer_schema() {
    assert_eq!(shown(&payload(&[])), WHOLE);
    let nulls = [
        ("n", some(0, Avro::Null)),
        ("day", some(0, Avro::Null)),
        ("first", some(0, Avro::Null)),
        ("items", Avro::Array(vec![])),
    ];
    let row = "1970-01-01T00:00:00.001Z||-7|0.5|-150.00||closed|00ff|[]||{a: 1, b: 2}";
    assert_eq!(shown(&payload(&nulls)), row);
}

#[test]
fn a_registrys_header_is_accepted_and_is_part_of_the_bytes() {
    let plain = payload(&[]);
    let with_header = [&[0, 0, 0, 0, 9][..], &plain].concat();
    assert_eq!(shown(&with_header), WHOLE);
    // A record that begins with a zero byte of its own: event time 0.
    let zero = payload(&[("at", Avro::TimestampMicros(0))]);
    assert_eq!(zero[0], 0);
    assert_eq!(shown(&zero), WHOLE.replace("00.001Z", "00.000Z"));
}

#[test]
fn decimals_are_exact_at_38_digits() {
    let decimal = |units: i128| ("d", Avro::Decimal(AvroDecimal::from(units.to_be_bytes())));
    let widest = 99_999_999_999_999_999_999_999_999_999_999_999_900_i128;
    let row = read(&payload(&[decimal(widest)])).expect("it is read").row;
    assert_eq!(row[4].to_string(), "9999999999999999999999999999999999.99");
    let refused = read(&payload(&[decimal(1)])).expect_err("0.0001 is no decimal(36,2)");
    assert_eq!(refused.reason, "out_of_range");
    assert!(refused.detail.contains("field `d`"), "{}", refused.detail);
}

#[test]
fn bytes_that_are_no_such_record_are_dead_letters() {
    let whole = payload(&[]);
    let reason = |bytes: &[u8]| read(bytes).expect_err("refused").reason;
    for cut in [0, 1, whole.len() / 2, whole.len() - 1] {
        assert_eq!(reason(&whole[..cut]), "not_avro", "{cut} bytes");
    }
    assert_eq!(reason(&[whole.as_slice(), &[0]].concat()), "not_avro");
    assert_eq!(reason(br#"{"at": 1}"#), "not_avro");
    // A length that no memory holds.
    assert_eq!(reason(&[2, 0, 0, 0, 0, 0, 0, 0, 254, 255, 255, 255, 255, 255, 255, 255, 127]), "not_avro");
}

#[test]
fn values_of_other_types_are_refused_with_their_place() {
    let refused = |name: &str, declared: &str, value: Avro| {
        let schema = format!(
            r#"{{"type": "record", "name": "r", "fields": [
                {{"name": "at", "type": {{"type": "long", "logicalType": "timestamp-millis"}}}},
                {{"name": "{name}", "type": {declared}}}]}}"#
        );
        let mut spec = spec(&schema);
        spec.fields.retain(|field| field.wire_name == name || field.wire_name == "at");
        spec.event_id = None;
        let record =
            Avro::Record(vec![("at".to_owned(), Avro::TimestampMillis(0)), (name.to_owned(), value)]);
        let schema = Schema::parse_str(&schema).expect("a schema");
        let bytes = written(&schema, record);
        let refused = Decoder::new(&spec).decode(11, &bytes, i64::MAX).expect_err("refused");
        format!("{}: {}", refused.reason, refused.detail)
    };
    let text = |text: &str| Avro::String(text.to_owned());
    assert_eq!(
        refused("small", "\"string\"", text("1")),
        "wrong_type: field `small`: expected an int or a long, found a string"
    );
    assert_eq!(
        refused("x", "\"double\"", Avro::Double(f64::NAN)),
        "out_of_range: field `x`: no finite number"
    );
    assert_eq!(
        refused("state", "[\"null\", \"string\"]", some(0, Avro::Null)),
        "missing_field: field `state`: null in a required field"
    );
    assert_eq!(
        refused("d", "\"string\"", text("1.005")),
        "out_of_range: field `d`: does not fit decimal(36,2) exactly"
    );
    let long_map = r#"{"type": "map", "values": "string"}"#;
    assert_eq!(
        refused("tags", long_map, Avro::Map([("k".to_owned(), text("1"))].into())),
        "wrong_type: field `tags['k']`: expected an int or a long, found a string"
    );
    let items = r#"{"type": "array", "items": {"type": "record", "name": "i", "fields":
        [{"name": "p", "type": "boolean"}]}}"#;
    let item = Avro::Record(vec![("p".to_owned(), Avro::Boolean(true))]);
    assert_eq!(
        refused("items", items, Avro::Array(vec![item])),
        "wrong_type: field `items[1].p`: expected a string, found a boolean"
    );
}

#[test]
fn schemas_that_do_not_fit_are_told() {
    let problem = |schema: &str| AvroReader::new(&spec(schema)).err();
    assert!(problem("{").is_some());
    assert_eq!(problem("\"long\"").expect("told"), "the schema is not that of a record");
    let own = r#"{"type": "record", "name": "r", "fields": [{"name": "next", "type": ["null", "r"]}]}"#;
    assert_eq!(problem(own).expect("told"), "the type `r` holds itself, which windrow does not read");
    let few = r#"{"type": "record", "name": "r", "fields": [{"name": "at", "type": "long"}]}"#;
    let missing = avro::missing_fields(&spec(few));
    assert_eq!(missing.len(), 10);
    assert_eq!(missing[0], "n");
}
