//! Texts, round trips, and Kafka's own vectors.

use proptest::prelude::*;

use super::*;
use crate::types::{DataType, Date, Decimal, EventTime, Field, Row, Value};

const DECIMAL: DataType = DataType::Decimal { precision: 12, scale: 2 };

fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().expect("a decimal"))
}

#[test]
fn partitions_are_those_of_the_java_client() {
    // From Kafka's own UtilsTest.
    let vectors: [(&str, i32); 7] = [
        ("21", -973_932_308),
        ("foobar", -790_332_482),
        ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ("abc", 479_470_107),
        ("", 275_646_681),
    ];
    for (text, hash) in vectors {
        assert_eq!(murmur2(text.as_bytes()).cast_signed(), hash, "{text}");
    }
    assert_eq!(partition(b"foobar", 12), 6);
}

fn check_key(types: &[DataType], values: &[Value], text: &str) {
    assert_eq!(String::from_utf8(encode_key(values)).expect("text"), text);
    assert_eq!(decode_key(types, text.as_bytes()).expect("a key"), values);
}

#[test]
fn one_key_column_is_plain_text_several_are_an_array() {
    check_key(&[DataType::String], &[Value::string("a \"b\"")], "a \"b\"");
    check_key(&[DataType::Int], &[Value::Int(-7)], "-7");
    check_key(&[DECIMAL], &[decimal("1.50")], "1.50");
    check_key(&[DataType::Timestamp], &[Value::Timestamp(EventTime(5))], "5");
    check_key(&[], &[], "");
    let types = [DataType::String, DataType::Int, DECIMAL, DataType::Bool];
    let values = [Value::string("a\"b"), Value::Int(1), decimal("1.50"), Value::Bool(true)];
    check_key(&types, &values, r#"["a\"b",1,"1.50",true]"#);
    assert!(decode_key(&types, b"[1]").is_err() && decode_key(&types, b"x").is_err());
}

/// What keys and event ids may be of.
const KEYS: [DataType; 7] = [
    DataType::String,
    DataType::Int,
    DataType::Bool,
    DataType::Timestamp,
    DataType::Date,
    DataType::Bytes,
    DECIMAL,
];

fn key_part(data_type: DataType) -> BoxedStrategy<Value> {
    match data_type {
        // Among them what looks like the form of others.
        DataType::String => prop_oneof![any::<String>(), "[a\"\\\\,\\[\\]]{0,4}", "null|1|\"\""]
            .prop_map(Value::string)
            .boxed(),
        DataType::Int => any::<i64>().prop_map(Value::Int).boxed(),
        DataType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        DataType::Timestamp => any::<i64>().prop_map(|ms| Value::Timestamp(EventTime(ms))).boxed(),
        DataType::Date => (-800_000_i64..3_000_000)
            .prop_filter_map("in the calendar", |days| Date::from_days(days).map(Value::Date))
            .boxed(),
        DataType::Bytes => any::<Vec<u8>>().prop_map(Value::bytes).boxed(),
        DataType::Decimal { scale, .. } => (-999_999_999_999_i128..=999_999_999_999)
            .prop_filter_map("of few digits", move |units| Decimal::new(units, scale).map(Value::Decimal))
            .boxed(),
        DataType::Double | DataType::List(_) | DataType::Map(_) | DataType::Struct(_) => {
            unreachable!("no key is of {data_type}")
        }
    }
}

/// The types of a key's columns, and a key; of several columns each may be null.
fn key() -> impl Strategy<Value = (Vec<DataType>, Row)> {
    proptest::collection::vec(proptest::sample::select(KEYS.to_vec()), 0..4).prop_flat_map(|types| {
        let is_alone = types.len() == 1;
        let part = |data_type: &DataType| {
            let value = key_part(*data_type);
            if is_alone { value } else { prop_oneof![1 => Just(Value::Null), 4 => value].boxed() }
        };
        let values: Vec<_> = types.iter().map(part).collect();
        (Just(types), values)
    })
}

proptest! {
    /// What can be read back is told apart from every other key.
    #[test]
    fn no_two_keys_have_the_same_bytes((types, key) in key()) {
        prop_assert_eq!(decode_key(&types, &encode_key(&key)), Ok(key));
    }
}

#[test]
fn a_null_is_the_empty_text_only_where_it_is_alone() {
    let (null, text) = (Value::Null, |text: &str| Value::string(text));
    assert_eq!(encode_key(std::slice::from_ref(&null)), encode_key(&[text("")]));
    let several = [
        [null.clone(), text("")],
        [text(""), null.clone()],
        [null.clone(), text("null")],
        [text("null"), null],
        [text("a"), text("")],
        [text(""), text("a")],
        [text("a\",\""), text("b")],
        [text("a"), text("\",\"b")],
    ];
    let bytes: std::collections::BTreeSet<_> = several.iter().map(|key| encode_key(key)).collect();
    assert_eq!(bytes.len(), several.len());
}

#[test]
fn nested_values_are_json_of_their_shape() {
    let point = DataType::structure(vec![
        Field::new("x", DataType::Int, false),
        Field::new("on", DataType::Date, true),
    ]);
    let fields = [
        Field::new("list", DataType::list(DECIMAL, true), true),
        Field::new("map", DataType::map(DataType::Timestamp, point, true), true),
        Field::new("raw", DataType::Bytes, true),
    ];
    let on = Value::Date("2024-02-29".parse().expect("a date"));
    let row = vec![
        Value::list(vec![decimal("1.50"), Value::Null]),
        Value::map(vec![
            (Value::Timestamp(EventTime(9)), Value::Null),
            (Value::Timestamp(EventTime(5)), Value::structure(vec![Value::Int(1), on])),
        ]),
        Value::bytes([0, 255]),
    ];
    let text = r#"{"list":["1.50",null],"map":{"5":{"x":1,"on":"2024-02-29"},"9":null},"raw":"AP8="}"#;
    assert_eq!(String::from_utf8(encode_row(&fields, &row)).expect("text"), text);
    assert_eq!(decode_row(&fields, text.as_bytes()).expect("a row"), row);
    assert!(decode_row(&fields, br#"{"map":{"x":null}}"#).is_err());
    assert!(decode_row(&fields, br#"{"raw":"?"}"#).is_err());
}

#[test]
fn rows_are_objects_in_declared_order() {
    let fields = [
        Field::new("z", DataType::Int, true),
        Field::new("a", DataType::Double, true),
        Field::new("d", DECIMAL, true),
        Field::new("t", DataType::Timestamp, true),
        Field::new("s", DataType::String, true),
        Field::new("n", DataType::Bool, true),
    ];
    let row = vec![
        Value::Int(i64::MIN),
        Value::double(0.1),
        decimal("-0.05"),
        Value::Timestamp(EventTime(-1)),
        Value::string("é\n"),
        Value::Null,
    ];
    let text = "{\"z\":-9223372036854775808,\"a\":0.1,\"d\":\"-0.05\",\"t\":-1,\"s\":\"é\\n\",\"n\":null}";
    assert_eq!(String::from_utf8(encode_row(&fields, &row)).expect("text"), text);
    assert_eq!(decode_row(&fields, text.as_bytes()).expect("a row"), row);
    assert!(decode_row(&fields, b"{\"z\":\"1\"}").is_err());
}

#[test]
fn doubles_read_back_bit_by_bit() {
    let field = [Field::new("x", DataType::Double, false)];
    for double in [1e16, 5e-324, f64::MAX, -0.1, 100.0, 123_456_789.123_456_79] {
        let bytes = encode_row(&field, &[Value::double(double)]);
        assert_eq!(decode_row(&field, &bytes).expect("a row"), [Value::double(double)]);
    }
}

#[test]
fn versions_order_by_lease_then_start_then_seq() {
    let version = |text: &str| text.parse::<Version>().expect("a version");
    assert!(version("1.2.10") > version("1.2.9") && version("2.0.0") > version("1.9.9"));
    assert_eq!(version("1.2.3").to_string(), "1.2.3");
    assert!("1.2".parse::<Version>().is_err() && "1.2.x".parse::<Version>().is_err());
    let headers = Headers { version: version("1.2.3"), as_of: EventTime(9), plan: "ab".to_owned() };
    let encoded = headers.encode();
    let again = Headers::decode(encoded.iter().map(|(name, value)| (*name, value.as_bytes())));
    assert_eq!(again, Ok(headers));
    assert_eq!(Headers::decode([]), Err(WireError::Header { name: HEADER_VERSION }));
}
