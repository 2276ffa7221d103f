//! Keys and values of published rows: the cases that the Java side runs too.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use windrow::types::{DataType, EventTime, Field, Value};
use windrow::wire::{encode_key, encode_row, partition};

use crate::support::root;

fn data_type(text: &str) -> DataType {
    match text {
        "bool" => DataType::Bool,
        "int" => DataType::Int,
        "double" => DataType::Double,
        "string" => DataType::String,
        "timestamp" => DataType::Timestamp,
        "bytes" => DataType::Bytes,
        "date" => DataType::Date,
        decimal => {
            let digits = decimal.trim_start_matches("decimal(").trim_end_matches(')');
            let (precision, scale) = digits.split_once(',').unwrap();
            DataType::Decimal { precision: precision.parse().unwrap(), scale: scale.parse().unwrap() }
        }
    }
}

fn value(data_type: DataType, json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) if data_type == DataType::Double => {
            Value::double(number.to_string().parse().unwrap())
        }
        Json::Number(ms) if data_type == DataType::Timestamp => {
            Value::Timestamp(EventTime(ms.as_i64().unwrap()))
        }
        Json::Number(number) => Value::Int(number.as_i64().unwrap()),
        Json::String(digits) if matches!(data_type, DataType::Decimal { .. }) => {
            Value::Decimal(digits.parse().unwrap())
        }
        Json::String(text) if data_type == DataType::Bytes => Value::bytes(STANDARD.decode(text).unwrap()),
        Json::String(day) if data_type == DataType::Date => Value::Date(day.parse().unwrap()),
        Json::String(text) => Value::string(text.as_str()),
        Json::Array(_) | Json::Object(_) => panic!("{json} is no value of these cases"),
    }
}

/// What a case gives: the record's key, value, and partition among twelve.
fn outcome(case: &Json) -> Json {
    let list = |name: &str| case[name].as_array().unwrap();
    let types = list("types").iter().map(|text| data_type(text.as_str().unwrap()));
    let fields =
        list("names").iter().zip(types).map(|(name, of)| Field::new(name.as_str().unwrap(), of, true));
    let fields: Vec<Field> = fields.collect();
    let row: Vec<Value> =
        fields.iter().zip(list("values")).map(|(field, json)| value(field.data_type, json)).collect();
    let keys = list("keys").iter().map(|slot| row[usize::try_from(slot.as_u64().unwrap()).unwrap()].clone());
    let key = encode_key(&keys.collect::<Vec<_>>());
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    json!({ "key": text(&key), "row": text(&encode_row(&fields, &row)), "partition": partition(&key, 12) })
}

#[test]
fn the_shared_cases_of_the_wire_hold() {
    let file = root().join("tests/cases/wire/rows.json");
    let cases: Vec<Json> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert!(cases.len() > 400);
    for case in cases {
        assert_eq!(outcome(&case), case["expect"], "{case}");
    }
}
