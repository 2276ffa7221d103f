//! Edges of decimals, times and durations.

use super::*;

fn dec(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

#[test]
fn decimals_print_as_they_were_written() {
    for text in ["0", "-1", "12.50", "-0.05", "99999999999999999999999999999999999999"] {
        assert_eq!(dec(text).to_string(), text);
    }
    assert!("100000000000000000000000000000000000000".parse::<Decimal>().is_err());
    assert!(
        "".parse::<Decimal>().is_err()
            && ".".parse::<Decimal>().is_err()
            && "1_0".parse::<Decimal>().is_err()
    );
}

#[test]
fn decimal_products_and_quotients_round_half_up_once() {
    assert_eq!(dec("1.25").checked_mul(dec("0.1"), 2).map(|d| d.to_string()), Some("0.13".into()));
    assert_eq!(dec("-1.25").checked_mul(dec("0.1"), 2).map(|d| d.to_string()), Some("-0.13".into()));
    assert_eq!(dec("1").checked_div(dec("3"), 6).map(|d| d.to_string()), Some("0.333333".into()));
    assert_eq!(dec("2").checked_div(dec("3"), 6).map(|d| d.to_string()), Some("0.666667".into()));
    assert!(dec("1").checked_div(dec("0"), 6).is_none());
    let big = dec("9999999999999999999.999999999999999999");
    assert_eq!(
        big.checked_mul(dec("0.5"), 18).map(|d| d.to_string()),
        Some("5000000000000000000.000000000000000000".into())
    );
}

#[test]
fn decimals_compare_by_value_even_where_scales_cannot_be_aligned() {
    assert_eq!(dec("1.0"), dec("1.00"));
    let wide = Decimal::new(10_i128.pow(38) - 1, 0).expect("38 digits");
    let fine = Decimal::new(5, 38).expect("scale 38");
    assert!(fine < wide && wide.negated() < fine && fine.negated() > wide.negated());
}

#[test]
fn durations_read_and_print() {
    for (text, ms) in
        [("500ms", 500), ("10s", 10_000), ("5m", 300_000), ("1h", 3_600_000), ("7d", 604_800_000)]
    {
        let duration: Duration = text.parse().expect("a duration");
        assert_eq!((duration.ms(), duration.to_string().as_str()), (ms, text));
    }
    for text in ["", "h", "1", "1 h", "-1h", "1w", "99999999999999999999d", "1.5h"] {
        assert!(text.parse::<Duration>().is_err(), "{text}");
    }
}

#[test]
fn times_are_floored_to_milliseconds_and_text_without_a_zone_is_utc() {
    assert_eq!(EventTime::from_stamp(-1, TimeUnit::Micros), Some(EventTime(-1)));
    assert_eq!("2024-05-01T12:00:00Z".parse::<EventTime>(), "2024-05-01 12:00:00".parse());
    assert_eq!("2024-05-01".parse::<EventTime>(), "2024-05-01T00:00:00Z".parse());
    assert_eq!("1714564800000".parse::<EventTime>(), "2024-05-01T12:00:00Z".parse());
    assert_eq!(EventTime(1).to_string(), "1970-01-01T00:00:00.001Z");
    assert!("yesterday".parse::<EventTime>().is_err());
}

#[test]
fn doubles_are_finite_and_have_one_zero() {
    assert!(Value::double(f64::NAN).is_null() && Value::double(f64::INFINITY).is_null());
    assert!(matches!(Value::double(-0.0), Value::Double(z) if z.is_sign_positive()));
}

#[test]
fn decimal_sums_and_remainders_are_exact_beyond_128_bits() {
    let wide = dec("99999999999999999999999999999999999999");
    let fine = Decimal::new(1, 38).expect("scale 38");
    assert_eq!(wide.add_at(fine, 0).map(|d| d.to_string()), Some(wide.to_string()));
    assert_eq!(wide.add_at(dec("0.5"), 0), None);
    let nines = dec("9999999999999999999999999999.9999999999");
    assert_eq!(
        nines.add_at(nines, 9).map(|d| d.to_string()),
        Some("20000000000000000000000000000.000000000".into())
    );
    assert_eq!(dec("1.05").add_at(dec("-3"), 1).map(|d| d.to_string()), Some("-2.0".into()));
    let third = Decimal::new(3, 38).expect("scale 38");
    assert_eq!(wide.checked_rem(third).map(Decimal::units), Some(0));
    assert_eq!(dec("10").checked_rem(Decimal::new(7, 38).expect("fits")).map(Decimal::units), Some(6));
    assert_eq!(fine.checked_rem(wide), Some(fine));
    assert_eq!(dec("1").checked_rem(dec("0")), None);
}

#[test]
fn decimals_are_read_from_texts_of_any_length_and_rounded_once() {
    let read = |text, scale| Decimal::read(text, scale, Rounding::HalfUp).map(|d| d.to_string());
    for (text, scale, expected) in [
        ("1.2345678901234567e-25", 30, Some("0.000000000000000000000000123457")),
        ("0.1000000000000000000000000000000000000000000000000001", 2, Some("0.10")),
        ("0.0049999999999999999999999999999999999999999999999999", 2, Some("0.00")),
        ("-.5", 0, Some("-1")),
        ("5e-2", 0, Some("0")),
        (".0e-99999", 1, Some("0.0")),
        ("1e37", 0, Some("10000000000000000000000000000000000000")),
        ("1e38", 0, None),
        ("99999999999999999999999999999999999999.5", 0, None),
        ("1e2147483647", 0, None),
        ("1e-2147483647", 38, Some("0.00000000000000000000000000000000000000")),
        ("", 0, None),
        ("1e", 0, None),
        ("--1", 0, None),
    ] {
        assert_eq!(read(text, scale).as_deref(), expected, "{text}");
    }
    let exact = |text| Decimal::read(text, 2, Rounding::Exact).map(|d| d.to_string());
    assert_eq!(exact("12.3400000000000000000000000000000000000000000").as_deref(), Some("12.34"));
    assert_eq!((exact("12.345"), exact("1e-3")), (None, None));
}

#[test]
fn dates_are_days_of_the_calendar() {
    let day = |text: &str| text.parse::<Date>().map(|date| (date.days(), date.to_string()));
    assert_eq!(day("1970-01-01"), Ok((0, "1970-01-01".into())));
    assert_eq!(day("1969-12-31"), Ok((-1, "1969-12-31".into())));
    assert_eq!(day("2024-02-29"), Ok((19_782, "2024-02-29".into())));
    assert_eq!(day("0001-01-01").map(|(days, _)| days), Ok(-719_162));
    for text in ["2023-02-29", "2023-13-01", "2023-1-01", "20230101", "2023-W01-1", "2023-01-01T00:00", ""] {
        assert!(day(text).is_err(), "{text}");
    }
    assert_eq!(Date::of(EventTime(-1)).map(|date| date.to_string()), Some("1969-12-31".into()));
    assert_eq!(Date::of(EventTime(i64::MAX)), None);
}

#[test]
fn nested_types_are_equal_by_what_they_are_of() {
    let point = || DataType::structure(vec![Field::new("x", DataType::Int, true)]);
    assert_eq!(DataType::list(point(), true), DataType::list(point(), true));
    assert_ne!(DataType::list(point(), true), DataType::list(point(), false));
    let map = DataType::map(DataType::String, DataType::list(point(), false), true);
    assert_eq!(map.to_string(), "map<string, list<struct{x int?}>?>");
}

#[test]
fn a_map_keeps_the_last_entry_of_a_key_in_order_of_keys() {
    let entry = |key: i64, value: &str| (Value::Int(key), Value::string(value));
    let map = Value::map(vec![entry(2, "a"), entry(1, "b"), entry(2, "c")]);
    assert_eq!(map, Value::Map([entry(1, "b"), entry(2, "c")].into()));
    assert_eq!(map.to_string(), "{1: b, 2: c}");
}

#[test]
fn nested_values_come_back_from_their_bytes() {
    let list = Value::list(vec![Value::Null, Value::bytes([1, 2])]);
    let map = Value::map(vec![(Value::string("k"), list.clone())]);
    let row = vec![Value::structure(vec![map, Value::Date(Date::from_days(-3).expect("a day"))]), list];
    let mut out = Vec::new();
    bytes::put_row(&mut out, &row);
    assert_eq!(bytes::Reader::new(&out).row(), Ok(row));
    // A thousand lists in one another: refused, not a deep recursion.
    assert!(bytes::Reader::new(&[10, 1].repeat(1_000)).value().is_err());
}
