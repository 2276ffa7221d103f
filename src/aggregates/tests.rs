//! Each aggregate over small sets, in every order and split.

use super::*;
use crate::types::bytes::Reader;
use crate::types::{DataType, Decimal, EventTime, Rounding, Value};

const DECIMAL2: DataType = DataType::Decimal { precision: 12, scale: 2 };

fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().expect("a decimal"))
}

/// The value over `events` (ts, id, value), the same in forward, backward and merged order.
fn check(kind: Kind, input: DataType, events: &[(i64, &str, Value)], expected: &Value) {
    let events: Vec<_> =
        events.iter().map(|(ts, id, value)| (*ts, *id, value.clone(), Value::Null)).collect();
    check_ordered(kind, (Some(input), None), &events, expected);
}

/// As [`check`], of events with what they are ordered by.
fn check_ordered(
    kind: Kind,
    (input, order): (Option<DataType>, Option<DataType>),
    events: &[(i64, &str, Value, Value)],
    expected: &Value,
) {
    let inputs = Inputs { value: input, order, id: Some(DataType::String), ..Inputs::default() };
    let shape = Shape::of(kind, inputs);
    let output = kind.output(input).expect("the aggregate applies");
    let feed = |accumulator: &mut Accumulator, (ts, id, value, order): &(i64, &str, Value, Value)| {
        if !value.is_null() {
            let (id, order, value) = (Datum::String(id), Datum::of(order), Datum::of(value));
            accumulator.add(&Given { ts: *ts, id, order, value, ..Given::default() });
        }
    };
    let mut straight = Accumulator::new(shape);
    for event in events {
        feed(&mut straight, event);
    }
    let mut backward = Accumulator::new(shape);
    for event in events.iter().rev() {
        feed(&mut backward, event);
    }
    let got = straight.value(kind, output);
    assert_eq!(&got, expected, "{kind} of {events:?}");
    assert_eq!(backward.value(kind, output), got, "backward");
    // All splits of a few events, some of many.
    for split in (0..=events.len()).step_by(1 + events.len() / 50) {
        let mut merged = Accumulator::new(shape);
        for part in [&events[split..], &events[..split]] {
            let mut partial = Accumulator::new(shape);
            for event in part {
                feed(&mut partial, event);
            }
            let mut bytes = Vec::new();
            partial.write(&mut bytes);
            let mut reader = Reader::new(&bytes);
            merged.merge_bytes(&mut reader).expect("own bytes");
            assert!(reader.is_empty(), "all bytes are read");
        }
        assert_eq!(merged.value(kind, output), got, "merged at {split}");
        assert_eq!(merged.is_empty(), straight.is_empty());
        merged.clear();
        assert!(merged.is_empty(), "nothing is left");
    }
}

fn values(values: impl IntoIterator<Item = Value>) -> Vec<(i64, &'static str, Value)> {
    values.into_iter().map(|value| (0, "", value)).collect()
}

fn doubles(list: &[f64]) -> Vec<(i64, &'static str, Value)> {
    values(list.iter().map(|value| Value::double(*value)))
}

#[test]
fn count_counts_what_is_not_null() {
    check(Kind::Count, DataType::Int, &values([Value::Int(1), Value::Null]), &Value::Int(1));
    check(Kind::Count, DataType::Int, &[], &Value::Int(0));
}

#[test]
fn sums_of_ints_are_exact_and_null_only_if_the_output_does_not_fit() {
    let ints = |list: &[i64]| values(list.iter().map(|value| Value::Int(*value)));
    check(Kind::Sum, DataType::Int, &ints(&[i64::MAX, 1, -1]), &Value::Int(i64::MAX));
    check(Kind::Sum, DataType::Int, &ints(&[i64::MAX, 1]), &Value::Null);
    check(Kind::Sum, DataType::Int, &[], &Value::Null);
    check(
        Kind::Avg,
        DataType::Int,
        &ints(&[i64::MAX, i64::MAX]),
        &Value::double(9_223_372_036_854_775_807.0),
    );
    check(Kind::Avg, DataType::Int, &ints(&[1, 2]), &Value::double(1.5));
}

#[test]
fn sums_of_decimals_survive_totals_beyond_128_bits_on_the_way() {
    let wide = DataType::Decimal { precision: 38, scale: 0 };
    let nines = Decimal::new(10_i128.pow(38) - 1, 0).expect("38 digits");
    let up = Value::Decimal(nines);
    let down = Value::Decimal(nines.negated());
    check(Kind::Sum, wide, &values([up.clone(), up.clone(), down.clone()]), &up);
    check(Kind::Sum, wide, &values([up.clone(), up.clone()]), &Value::Null);
    check(Kind::Sum, wide, &values([down.clone(), down.clone(), up.clone()]), &down);
    check(Kind::Sum, DECIMAL2, &values([decimal("0.10"), decimal("0.20")]), &decimal("0.30"));
}

#[test]
fn averages_of_decimals_round_half_up_at_six_digits_or_more() {
    let three = ["0.01", "0.00", "0.00"].map(decimal);
    check(Kind::Avg, DECIMAL2, &values(three), &decimal("0.003333"));
    check(Kind::Avg, DECIMAL2, &values(["0.01", "0.01", "0.00"].map(decimal)), &decimal("0.006667"));
    check(Kind::Avg, DECIMAL2, &values(["-0.01", "-0.01", "0.00"].map(decimal)), &decimal("-0.006667"));
    let fine = DataType::Decimal { precision: 20, scale: 8 };
    check(Kind::Avg, fine, &values(["0.00000001", "0.00000000"].map(decimal)), &decimal("0.00000001"));
}

#[test]
fn averages_of_decimals_too_large_for_the_scale_are_null() {
    let wide = DataType::Decimal { precision: 38, scale: 0 };
    let nines = Value::Decimal(Decimal::new(10_i128.pow(38) - 1, 0).expect("38 digits"));
    check(Kind::Avg, wide, &values([nines.clone(), nines]), &Value::Null);
}

#[test]
fn sums_of_doubles_are_rounded_once() {
    check(Kind::Sum, DataType::Double, &doubles(&[1e16, 1.0, -1e16]), &Value::double(1.0));
    check(Kind::Sum, DataType::Double, &doubles(&[1e308, 1e308, -1e308]), &Value::double(1e308));
    check(Kind::Sum, DataType::Double, &doubles(&[1e308, 1e308]), &Value::Null);
    check(Kind::Sum, DataType::Double, &doubles(&[0.1, 0.2, 0.3]), &Value::double(0.6));
    check(Kind::Sum, DataType::Double, &doubles(&[5e-324, 5e-324]), &Value::double(1e-323));
    check(Kind::Sum, DataType::Double, &doubles(&[-1.5, 1.5]), &Value::double(0.0));
    check(Kind::Avg, DataType::Double, &doubles(&[1e16, 1.0, -1e16]), &Value::double(1.0 / 3.0));
    // Half a unit in the last place ties to even; a hair above does not.
    let unit = 9_007_199_254_740_992.0;
    check(Kind::Sum, DataType::Double, &doubles(&[unit, 1.0]), &Value::double(unit));
    check(Kind::Sum, DataType::Double, &doubles(&[unit, 1.0, 1e-300]), &Value::double(unit + 2.0));
    check(Kind::Sum, DataType::Double, &doubles(&[f64::MAX, f64::MAX, -f64::MAX]), &Value::double(f64::MAX));
    let tiny = f64::MIN_POSITIVE;
    check(Kind::Sum, DataType::Double, &doubles(&[tiny, -5e-324]), &Value::double(tiny - 5e-324));
}

#[test]
fn extremes_order_strings_by_bytes() {
    let texts = values(["b", "a", "é", "Z"].map(Value::string));
    check(Kind::Min, DataType::String, &texts, &Value::string("Z"));
    check(Kind::Max, DataType::String, &texts, &Value::string("é"));
    check(Kind::Max, DataType::Double, &doubles(&[-1.0, -2.0]), &Value::double(-1.0));
    check(Kind::Min, DataType::Bool, &values([Value::Bool(true), Value::Bool(false)]), &Value::Bool(false));
    check(Kind::Min, DataType::Int, &[], &Value::Null);
}

#[test]
fn last_takes_the_newest_then_the_greatest_id_then_the_greatest_value() {
    let event = |ts, id, value| (ts, id, Value::Int(value));
    check(Kind::Last, DataType::Int, &[event(2, "a", 1), event(1, "z", 9)], &Value::Int(1));
    check(Kind::Last, DataType::Int, &[event(1, "a", 9), event(1, "b", 1)], &Value::Int(1));
    check(Kind::Last, DataType::Int, &[event(1, "a", 1), event(1, "a", 2)], &Value::Int(2));
    check(Kind::Last, DataType::Int, &[event(1, "a", 1), (9, "b", Value::Null)], &Value::Int(1));
    check(Kind::Last, DataType::Int, &[event(-5, "a", 1)], &Value::Int(1));
}

#[test]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "whole numbers below 2^60")]
fn sums_of_any_doubles_agree_with_a_wide_integer() {
    use proptest::prelude::*;
    // Multiples of 2^-20 below 2^40: their sum is exact in i128, whose conversion rounds once.
    proptest!(|(list in proptest::collection::vec(-(1_i64 << 60)..(1_i64 << 60), 0..40))| {
        let step = 2_f64.powi(-20);
        let mut sum = ExactSum::default();
        let mut exact = 0_i128;
        for units in list {
            // What a double keeps of it.
            let double = units as f64;
            exact += double as i128;
            sum.add(double * step);
        }
        prop_assert_eq!(sum.rounded().map(f64::to_bits), Some((exact as f64 * step + 0.0).to_bits()));
    });
}

/// A literal of the catalog's examples, with its type.
fn literal(text: &str) -> (Value, Option<DataType>) {
    match text {
        "null" => (Value::Null, None),
        _ if text.starts_with('\'') => (Value::string(text.trim_matches('\'')), Some(DataType::String)),
        _ if text.contains('e') => (Value::double(text.parse().expect("a double")), Some(DataType::Double)),
        _ if text.contains('.') => {
            let value: Decimal = text.parse().expect("a decimal");
            (Value::Decimal(value), Some(DataType::Decimal { precision: 12, scale: value.scale() }))
        }
        _ => (Value::Int(text.parse().expect("an int")), Some(DataType::Int)),
    }
}

/// The value of an example's call.
fn run(entry: &Entry, example: &Example) -> Value {
    let arguments = example.call.split_once('(').expect("a call").1.trim_end_matches(')');
    let arguments: Vec<&str> = arguments.split(", ").filter(|argument| !argument.is_empty()).collect();
    let parameters: Vec<Value> = arguments
        .iter()
        .filter(|text| **text != "x" && **text != "order")
        .map(|text| literal(text).0)
        .collect();
    let kind = entry.kind(&parameters).expect("an example's parameters");
    let given: Vec<_> = example
        .values
        .iter()
        .map(|text| text.split_once(": ").unwrap_or((text, "null")))
        .map(|(value, order)| (literal(value), literal(order)))
        .collect();
    let types = |of: &dyn Fn(usize) -> Option<DataType>| (0..given.len()).find_map(of);
    let value = types(&|i| given[i].0.1).or(Some(DataType::Int)).filter(|_| arguments.contains(&"x"));
    let order = types(&|i| given[i].1.1).filter(|_| arguments.contains(&"order"));
    let mut accumulator = Accumulator::new(Shape::of(kind, Inputs { value, order, ..Inputs::default() }));
    for (ts, ((one, _), (by, _))) in (0..).zip(&given) {
        let one = if value.is_some() { Datum::of(one) } else { Datum::Bool(true) };
        if !one.is_null() {
            accumulator.add(&Given { ts, value: one, order: Datum::of(by), ..Given::default() });
        }
    }
    accumulator.value(kind, kind.output(value).expect("an example's types"))
}

#[test]
fn the_catalogs_examples_hold() {
    for entry in Entry::all() {
        assert!(!entry.examples.is_empty(), "{} has no example", entry.name);
        for example in entry.examples {
            assert!(example.call.starts_with(entry.name), "{}", example.call);
            let got = run(entry, example);
            let shown = if got.is_null() { "null".to_owned() } else { got.to_string() };
            assert_eq!(shown, example.result, "{} of {:?}", example.call, example.values);
        }
    }
}

#[test]
fn the_language_reference_has_every_aggregate() {
    let page = include_str!("../../grammar/reference/group_by.md");
    for entry in Entry::all() {
        let line = format!("| `{}` | {} |", entry.signature(), entry.doc);
        assert!(page.contains(&line), "grammar/reference/group_by.md needs {line}");
    }
}

#[test]
fn parameters_are_checked_and_named() {
    let entry = |name| Entry::by_name(name).expect("it is there");
    let decimal = |text| Value::Decimal(str::parse(text).expect("a decimal"));
    assert_eq!(entry("TOP_K").kind(&[Value::Int(3)]), Ok(Kind::TopK(3)));
    assert_eq!(entry("sum").kind(&[]), Ok(Kind::Sum));
    let percentile = entry("approx_percentile");
    for (value, shown) in
        [(decimal("0.95"), "0.95"), (Value::Int(1), "1"), (Value::Int(0), "0"), (Value::Double(0.5), "0.5")]
    {
        let kind = percentile.kind(&[value]).expect("a fraction");
        assert_eq!(kind.to_string(), format!("approx_percentile({shown})"));
    }
    let refusals = [
        ("last_k", Value::Int(0), "expected a whole number from 1 to 1000, found 0"),
        ("last_k", Value::Int(1_001), "expected a whole number from 1 to 1000, found 1001"),
        ("last_k", decimal("2.5"), "expected a whole number from 1 to 1000, found 2.5"),
        ("last_k", Value::Null, "expected a whole number from 1 to 1000, found null"),
        (
            "approx_percentile",
            decimal("1.01"),
            "expected a number from 0 to 1 with at most nine decimals, found 1.01",
        ),
    ];
    for (name, value, expected) in refusals {
        assert_eq!(entry(name).kind(&[value]).map_err(|error| error.to_string()), Err(expected.to_owned()));
    }
    assert_eq!(entry("sum").kind(&[Value::Int(1)]), Err(ParameterError::Count { expected: 0, found: 1 }));
    assert_eq!(entry("top_k").signature(), "top_k(x, k[, order])");
    assert_eq!(entry("count").signature(), "count([x])");
}

#[test]
fn types_are_refused_with_what_was_expected() {
    let list = DataType::list(DataType::Int, false);
    let refused = |kind: Kind, input| kind.output(input).map_err(|error| error.to_string());
    assert_eq!(refused(Kind::Sum, Some(DataType::String)), Err("expected numbers, found string".to_owned()));
    assert_eq!(
        refused(Kind::Min, Some(list)),
        Err("expected a value without parts, found list<int>".to_owned())
    );
    assert_eq!(refused(Kind::Min, None), Err("expected an expression, found nothing".to_owned()));
    assert_eq!(
        refused(Kind::Histogram, Some(DataType::Double)),
        Err("expected texts, ints, decimals, booleans or times, found double".to_owned())
    );
    assert_eq!(Kind::TopK(2).output(Some(DataType::Int)), Ok(list));
    assert_eq!(Kind::Variance.output(Some(DECIMAL2)), Ok(DataType::Double));
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "a part of it is compared with a bound")]
fn approximations_stay_within_their_documented_error() {
    // Numbers with a long tail, in any order: the walk is through all of them once.
    const MODULUS: i64 = 100_003;
    let walk = (0..MODULUS).scan(1_i64, |at, _| {
        *at = *at * 5 % MODULUS;
        Some(*at)
    });
    let values: Vec<i64> = walk.map(|at| at * at).collect();
    let of = |kind: Kind| {
        let inputs = Inputs { value: Some(DataType::Int), ..Inputs::default() };
        let mut accumulator = Accumulator::new(Shape::of(kind, inputs));
        for value in &values {
            accumulator.add(&Given { value: Datum::Int(*value), ..Given::default() });
        }
        match accumulator.value(kind, DataType::Int) {
            Value::Int(value) => value as f64,
            other => panic!("{other:?}"),
        }
    };
    let mut sorted = values.clone();
    sorted.sort_unstable();
    for p in [0, 1, 10_000_000, 500_000_000, 950_000_000, 999_999_999] {
        let exact = sorted[usize::try_from(i64::from(p) * MODULUS / 1_000_000_000).expect("small")] as f64;
        let error = (of(Kind::ApproxPercentile(p)) - exact).abs() / exact;
        assert!(error <= 1.0 / 128.0, "{p}: {error}");
    }
    sorted.dedup();
    let error = of(Kind::ApproxUniqueCount) / sorted.len() as f64 - 1.0;
    assert!(error.abs() < 3.0 * 0.022, "three standard errors: {error}");
}

/// The cases that the Java accumulators of bundles run too.
#[test]
fn cases_shared_with_other_engines() {
    let files = [
        ("count", include_str!("../../tests/cases/aggregates/count.json")),
        ("sum", include_str!("../../tests/cases/aggregates/sum.json")),
        ("avg", include_str!("../../tests/cases/aggregates/avg.json")),
        ("min", include_str!("../../tests/cases/aggregates/min.json")),
        ("max", include_str!("../../tests/cases/aggregates/max.json")),
        ("variance", include_str!("../../tests/cases/aggregates/variance.json")),
        ("stddev", include_str!("../../tests/cases/aggregates/stddev.json")),
        ("first", include_str!("../../tests/cases/aggregates/first.json")),
        ("last", include_str!("../../tests/cases/aggregates/last.json")),
        ("first_k", include_str!("../../tests/cases/aggregates/first_k.json")),
        ("last_k", include_str!("../../tests/cases/aggregates/last_k.json")),
        ("top_k", include_str!("../../tests/cases/aggregates/top_k.json")),
        ("bottom_k", include_str!("../../tests/cases/aggregates/bottom_k.json")),
        ("unique_count", include_str!("../../tests/cases/aggregates/unique_count.json")),
        ("approx_unique_count", include_str!("../../tests/cases/aggregates/approx_unique_count.json")),
        ("approx_percentile", include_str!("../../tests/cases/aggregates/approx_percentile.json")),
        ("histogram", include_str!("../../tests/cases/aggregates/histogram.json")),
    ];
    assert_eq!(files.map(|(name, _)| name).to_vec(), Entry::all().map(|e| e.name).collect::<Vec<_>>());
    for (name, text) in files {
        let cases: Vec<serde_json::Value> = serde_json::from_str(text).expect("JSON");
        assert!(cases.len() > 5, "{name}");
        for case in &cases {
            check_case(Entry::by_name(name).expect("it is there"), case);
        }
    }
}

fn check_case(entry: &Entry, case: &serde_json::Value) {
    let parameter = |parameter| match parameter {
        Parameter::Length => value(&case["k"], DataType::Int),
        Parameter::Fraction => value(&case["p"], DataType::Decimal { precision: 10, scale: 9 }),
    };
    let parameters: Vec<Value> = entry.parameters().map(parameter).collect();
    let kind = entry.kind(&parameters).expect("a case's parameters");
    let (input, order) = (case["type"].as_str().map(data_type), case["order"].as_str().map(data_type));
    let (from, to) = (case["window"][0].as_i64(), case["window"][1].as_i64());
    let written = case["events"].as_array().expect("events").iter().map(|event| {
        let one = input.map_or(Value::Bool(true), |input| value(&event["v"], input));
        let by = order.map_or(Value::Null, |order| value(&event["o"], order));
        (event["ts"].as_i64().expect("a time"), event["id"].as_str().expect("an id"), one, by)
    });
    // `upto`: the ints from 0, one a millisecond.
    let counted = (0..case["upto"].as_i64().unwrap_or(0)).map(|i| (i, "", Value::Int(i), Value::Null));
    let events: Vec<_> =
        written.chain(counted).filter(|(ts, ..)| Some(*ts) >= from && Some(*ts) < to).collect();
    let output = kind.output(input).expect("the aggregate applies");
    let expected = case["result"].as_str().expect("a type").replace("timestamp_ms", "timestamp");
    assert_eq!(output.to_string(), expected, "{case}");
    check_ordered(kind, (input, order), &events, &value(&case["expect"], output));
}

fn data_type(text: &str) -> DataType {
    match text {
        "int" => DataType::Int,
        "double" => DataType::Double,
        "bool" => DataType::Bool,
        "string" => DataType::String,
        "timestamp_ms" => DataType::Timestamp,
        decimal => {
            let inside = decimal.trim_start_matches("decimal(").trim_end_matches(')');
            let (precision, scale) = inside.split_once(',').expect("precision and scale");
            let number = |text: &str| text.parse().expect("a number");
            DataType::Decimal { precision: number(precision), scale: number(scale) }
        }
    }
}

fn value(json: &serde_json::Value, data_type: DataType) -> Value {
    match (json, data_type) {
        (serde_json::Value::Null, _) => Value::Null,
        (json, DataType::Bool) => {
            let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
            Value::Bool(text.parse().expect("a boolean"))
        }
        // The keys of a JSON object are texts.
        (json, DataType::Int) => {
            let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
            Value::Int(text.parse().expect("an int"))
        }
        (json, DataType::Double) => Value::double(json.as_f64().expect("a double")),
        (json, DataType::Timestamp) => Value::Timestamp(EventTime(json.as_i64().expect("ms"))),
        (json, DataType::String) => Value::string(json.as_str().expect("a string")),
        (json, DataType::List(element)) => {
            let elements = json.as_array().expect("a list").iter();
            Value::list(elements.map(|json| value(json, element.data_type)).collect::<Vec<_>>())
        }
        (json, DataType::Map(map)) => {
            let entry = |(key, json): (&String, &serde_json::Value)| {
                (value(&serde_json::Value::from(key.as_str()), map.key), value(json, map.value.data_type))
            };
            Value::map(json.as_object().expect("a map").iter().map(entry).collect())
        }
        (_, other @ (DataType::Bytes | DataType::Date | DataType::Struct(_))) => {
            panic!("no shared case has a {other} yet")
        }
        (json, DataType::Decimal { scale, .. }) => {
            let decimal: Decimal = json.as_str().expect("digits").parse().expect("a decimal");
            Value::Decimal(decimal.rescale(scale, Rounding::Exact).expect("it fits"))
        }
    }
}
