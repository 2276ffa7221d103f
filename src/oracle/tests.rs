//! The oracle against numbers worked out by hand, and its arithmetic against the hardware's.

mod calls;
mod expressions;
mod values;

use proptest::prelude::{any, prop_assert_eq, proptest};

use super::big::Big;
use super::expr::evaluate;
use super::number::{double_units, nearest_double};
use super::*;
use crate::aggregates::Kind;
use crate::diag::{FileId, Span};
use crate::functions::{Expr, ExprKind, FunctionId};
use crate::model::{
    About, Aggregate, Column, Format, GroupBy, GroupById, Input, Join, JoinId, JoinMode, JoinPart, Model,
    Publish, PublishMode, Source, SourceField, SourceId, Tail, Window, WireType,
};
use crate::types::{DataType, Decimal, EventTime, Field, Row, Value};

const HOUR: i64 = 3_600_000;

fn span() -> Span {
    Span::new(FileId(0), 0, 0)
}

/// `s { id string, ts timestamp_ms, k string?, n int?, x double?, d decimal(12,2)? }`
fn source(name: &str) -> Source {
    let fields = [
        ("id", DataType::String, WireType::String, false),
        ("ts", DataType::Timestamp, WireType::Stamp(crate::types::TimeUnit::Millis), false),
        ("k", DataType::String, WireType::String, true),
        ("n", DataType::Int, WireType::Int, true),
        ("x", DataType::Double, WireType::Double, true),
        ("d", DataType::Decimal { precision: 12, scale: 2 }, WireType::Decimal, true),
    ];
    let field = |(name, data_type, wire_type, nullable): (&str, _, _, _)| SourceField {
        field: Field::new(name, data_type, nullable),
        wire_name: name.to_owned(),
        wire_type,
        span: span(),
    };
    Source {
        name: name.to_owned(),
        span: span(),
        about: About::default(),
        topic: name.to_owned(),
        group: "ingest".to_owned(),
        format: Format::Json,
        history: Vec::new(),
        fields: fields.into_iter().map(field).collect(),
        event_time: 1,
        event_id: Some(0),
        disorder_ms: 10_000,
        ahead_ms: 10_000,
        retention_ms: 7 * 24 * HOUR,
    }
}

fn column(slot: usize, data_type: DataType) -> Expr {
    Expr::column(slot, data_type, true)
}

fn aggregate(kind: Kind, input: Option<Expr>, tail: Tail) -> Aggregate {
    let output = kind.output(input.as_ref().map(|input| input.data_type)).expect("it applies");
    let window = Window { size_ms: HOUR, tail, refresh_ms: 1000 };
    let (feature, column) = (kind.name().to_owned(), format!("{}_1h", kind.name()));
    let nullable = kind.nullable();
    Aggregate {
        feature,
        column,
        kind,
        input,
        order: None,
        filter: None,
        by: None,
        window: Some(window),
        default: None,
        output,
        nullable,
        span: span(),
    }
}

/// Sources `s` and `l`, one group by on `k` of `s`, and a join of `l` with it on `k`, with `n + count`.
fn model(aggregates: Vec<Aggregate>) -> Model {
    let sum = Expr {
        kind: ExprKind::Call {
            function: FunctionId::Add,
            arguments: vec![column(3, DataType::Int), column(6, DataType::Int)],
        },
        data_type: DataType::Int,
        nullable: true,
    };
    let group_by = GroupBy {
        name: "g".to_owned(),
        span: span(),
        about: About::default(),
        from: Input::Source(SourceId(0)),
        lookups: Vec::new(),
        lets: vec![],
        filter: None,
        keys: vec![2],
        aggregates,
        ttl_ms: None,
        publish: None,
    };
    let join = Join {
        name: "j".to_owned(),
        span: span(),
        about: About::default(),
        left: Input::Source(SourceId(1)),
        parts: vec![JoinPart { group_by: GroupById(0), alias: "g".to_owned(), on: vec![2], span: span() }],
        lookups: Vec::new(),
        derived: vec![Column { name: "n1".to_owned(), expr: sum, span: span() }],
        derived_order: vec![0],
        mode: JoinMode::Complete,
        hold_for_ms: 0,
        left_late_ms: HOUR,
        publish: None,
    };
    let sources = vec![source("s"), source("l")];
    Model { sources, group_bys: vec![group_by], joins: vec![join], ..Model::default() }
}

/// Records of `s`: each an id, a time and the remaining fields as JSON; its timestamp is its time.
fn records(of: &str, events: &[(&str, i64, &str)]) -> Records {
    let record = |(id, ts, rest): &(&str, i64, &str)| {
        Record::new(format!(r#"{{"id":"{id}","ts":{ts},{rest}}}"#).into_bytes(), *ts)
    };
    Records::from([(of.to_owned(), events.iter().map(record).collect())])
}

/// The row of key `a` as of `q`, as text.
fn row(aggregates: Vec<Aggregate>, events: &[(&str, i64, &str)], q: i64) -> String {
    let rows = group_by_rows(&model(aggregates), GroupById(0), &records("s", events), q);
    let key = Key(vec![Value::string("a")]);
    rows.get(&key).map_or("no row".to_owned(), text)
}

fn text(row: &Row) -> String {
    let shown = |value: &Value| if value.is_null() { "null".to_owned() } else { value.to_string() };
    row.iter().map(shown).collect::<Vec<_>>().join(" ")
}

fn count() -> Aggregate {
    aggregate(Kind::Count, None, Tail::Exact)
}

fn of(kind: Kind, slot: usize, data_type: DataType) -> Aggregate {
    aggregate(kind, Some(column(slot, data_type)), Tail::Exact)
}

#[test]
fn a_window_includes_its_start_and_excludes_q() {
    let event = [("e", 10 * HOUR, r#""k":"a""#)];
    for (q, expected) in [(10 * HOUR, "no row"), (10 * HOUR + 1, "1"), (11 * HOUR, "1"), (11 * HOUR + 1, "0")]
    {
        assert_eq!(row(vec![count()], &event, q), expected, "q = 10h + {}", q - 10 * HOUR);
    }
}

#[test]
fn a_hop_tail_rounds_the_start_down_also_before_1970() {
    let hop = Tail::Hop { hop_ms: 300_000 };
    for (ts, q, expected) in [
        (10 * HOUR, 11 * HOUR + 299_999, "1"),
        (10 * HOUR, 11 * HOUR + 300_000, "0"),
        (-300_000, HOUR - 1, "1"),
        (-300_000, HOUR, "0"),
    ] {
        let events = [("e", ts, r#""k":"a""#)];
        assert_eq!(row(vec![aggregate(Kind::Count, None, hop)], &events, q), expected, "{ts} {q}");
    }
}

#[test]
fn aggregates_ignore_nulls_and_of_nothing_are_null_but_counts() {
    let all: Vec<_> = [Kind::Count, Kind::Sum, Kind::Avg, Kind::Min, Kind::Max, Kind::Last]
        .into_iter()
        .map(|kind| of(kind, 3, DataType::Int))
        .collect();
    assert_eq!(row(all.clone(), &[("e", 5, r#""k":"a","n":null"#)], 6), "0 null null null null null");
    let events = [("e", 5, r#""k":"a","n":2"#), ("f", 6, r#""k":"a""#), ("g", 4, r#""k":"a","n":5"#)];
    assert_eq!(row(all, &events, 7), "2 7 3.5 2 5 2");
}

#[test]
fn many_values_are_approximated_as_the_rule_says() {
    let values: Vec<Value> = (0..5_000).map(Value::Int).collect();
    let references: Vec<&Value> = values.iter().collect();
    let p95 = |count: usize| super::approximate::percentile(&references[..count], 950_000_000, DataType::Int);
    assert_eq!(p95(1_024), Value::Int(972), "exact");
    assert_eq!(p95(1_025), Value::Int(972), "973 lies in the bucket of 968 to 975");
    assert_eq!(p95(5_000), Value::Int(4_768), "4750 lies in the bucket of 4736 to 4799");
    let doubles: Vec<Value> = (0..5_000).map(|i| Value::Double(f64::from(i) * -0.25)).collect();
    let references_to_doubles: Vec<&Value> = doubles.iter().collect();
    let p = super::approximate::percentile(&references_to_doubles, 0, DataType::Double);
    assert_eq!(p, Value::Double(-1_256.0), "-1249.75 lies in the bucket from -1248 to -1264");
    assert_eq!(super::approximate::unique_count(&references[..2_047]), Value::Int(2_047));
    let Value::Int(estimate) = super::approximate::unique_count(&references) else { panic!("an int") };
    assert!((4_600..5_400).contains(&estimate), "{estimate}");
}

#[test]
fn variances_are_exact_and_rounded_once() {
    let both = || vec![of(Kind::Variance, 4, DataType::Double), of(Kind::Stddev, 4, DataType::Double)];
    let events = |list: [&str; 3]| {
        let event = |(i, x): (i64, &str)| ("e", i + 1, format!("\"k\":\"a\",\"x\":{x}"));
        (0..).zip(list).map(event).collect::<Vec<_>>()
    };
    let shown = |list: [&str; 3]| {
        let owned = events(list);
        let borrowed: Vec<_> = owned.iter().map(|(id, ts, text)| (*id, *ts, text.as_str())).collect();
        row(both(), &borrowed, 9)
    };
    assert_eq!(shown(["0.1", "0.1", "0.1"]), "0.0 0.0");
    assert_eq!(shown(["1", "2", "3"]), "0.6666666666666666 0.816496580927726");
    assert_eq!(shown(["1e16", "1", "-1e16"]), "6.666666666666667e31 8164965809277260.0");
    assert_eq!(shown(["1.7e308", "-1.7e308", "0"]), "null 1.3880441875771342e308");
    assert_eq!(shown(["5e-324", "0", "0"]), "0.0 0.0");
}

#[test]
fn sums_of_doubles_are_exact_and_rounded_once() {
    let events =
        [("e", 1, r#""k":"a","x":1e16"#), ("f", 2, r#""k":"a","x":1"#), ("g", 3, r#""k":"a","x":-1e16"#)];
    let both = || vec![of(Kind::Sum, 4, DataType::Double), of(Kind::Avg, 4, DataType::Double)];
    assert_eq!(row(both(), &events, 9), "1.0 0.3333333333333333");
    let too_large = [("e", 1, r#""k":"a","x":1.7e308"#), ("f", 2, r#""k":"a","x":1.7e308"#)];
    assert_eq!(row(both(), &too_large, 9), "null null");
}

#[test]
fn sums_of_ints_that_do_not_fit_are_null_and_averages_are_not() {
    let max = r#""k":"a","n":9223372036854775807"#;
    let both = || vec![of(Kind::Sum, 3, DataType::Int), of(Kind::Avg, 3, DataType::Int)];
    assert_eq!(row(both(), &[("e", 1, max), ("f", 2, max)], 9), "null 9.223372036854776e18");
    let back = [("e", 1, max), ("f", 2, max), ("g", 3, r#""k":"a","n":-9223372036854775807"#)];
    assert_eq!(row(both(), &back, 9), "9223372036854775807 3.0744573456182584e18");
}

#[test]
fn averages_of_decimals_are_half_up_at_six_digits() {
    let both = vec![of(Kind::Sum, 5, DataType::Decimal { precision: 12, scale: 2 })];
    let mut both = both;
    both.push(of(Kind::Avg, 5, DataType::Decimal { precision: 12, scale: 2 }));
    let events =
        [("e", 1, r#""k":"a","d":1.00"#), ("f", 2, r#""k":"a","d":"0.5""#), ("g", 3, r#""k":"a","d":0.50"#)];
    assert_eq!(row(both.clone(), &events, 9), "2.00 0.666667");
    assert_eq!(row(both, &[("e", 1, r#""k":"a","d":-0.01"#)], 9), "-0.01 -0.010000");
}

#[test]
fn last_breaks_ties_by_event_id_then_value() {
    let last = || vec![of(Kind::Last, 3, DataType::Int)];
    let events = [("b", 5, r#""k":"a","n":1"#), ("a", 5, r#""k":"a","n":9"#), ("z", 4, r#""k":"a","n":8"#)];
    assert_eq!(row(last(), &events, 6), "1");
    let conflict = [("b", 5, r#""k":"a","n":1"#), ("b", 5, r#""k":"a","n":7"#), ("c", 5, r#""k":"a""#)];
    assert_eq!(row(last(), &conflict, 6), "7");
}

#[test]
fn a_copy_is_the_same_bytes_and_counts_once() {
    let one = ("e", 5, r#""k":"a","n":1"#);
    assert_eq!(row(vec![count()], &[one, one], 6), "1");
    assert_eq!(row(vec![count()], &[one, ("e", 5, r#""k":"a", "n":1"#)], 6), "2", "an id conflict");
    let mut without_id = model(vec![count()]);
    without_id.sources[0].event_id = None;
    let rows = group_by_rows(&without_id, GroupById(0), &records("s", &[one, one]), 6);
    assert_eq!(rows.values().map(text).collect::<Vec<_>>(), ["2"], "at least once");
}

#[test]
fn an_event_too_far_ahead_of_its_record_is_a_dead_letter() {
    let model = model(vec![count()]);
    let decode = |ts: i64| {
        let payload = format!(r#"{{"id":"e","ts":{ts}}}"#).into_bytes();
        decode::decode(&decode::Declared::source(&model.sources[0]), &Record::new(payload, 1000))
            .map(|event| event.ts)
    };
    assert_eq!(decode(11_000), Ok(11_000));
    assert_eq!(decode(11_001), Err("future"));
}

#[test]
fn fields_are_read_strictly() {
    let model = model(vec![count()]);
    let decode = |fields: &str| {
        let payload = format!(r#"{{"id":"e","ts":5{fields}}}"#).into_bytes();
        let decoded = decode::decode(&decode::Declared::source(&model.sources[0]), &Record::new(payload, 5));
        decoded.map(|event| text(&event.row[3..].to_vec()))
    };
    for (fields, expected) in [
        ("", Ok("null null null")),
        (r#","n":-0,"x":-0.0,"d":-0"#, Ok("0 0.0 0.00")),
        (r#","n":1,"x":1,"d":1e2"#, Ok("1 1.0 100.00")),
        (r#","d":12.3400"#, Ok("null null 12.34")),
        (r#","d":12.345"#, Err("out_of_range")),
        (r#","d":10000000000"#, Err("out_of_range")),
        (r#","d":"9999999999.99""#, Ok("null null 9999999999.99")),
        (r#","d":"a""#, Err("wrong_type")),
        (r#","n":1.0"#, Err("wrong_type")),
        (r#","n":"1""#, Err("wrong_type")),
        (r#","n":9223372036854775808"#, Err("out_of_range")),
        (r#","x":"1""#, Err("wrong_type")),
        (r#","x":1e999"#, Err("out_of_range")),
        (r#","id":null"#, Err("missing_field")),
        (r#","unknown":[1]"#, Ok("null null null")),
        (",", Err("not_json")),
    ] {
        assert_eq!(decode(fields), expected.map(str::to_owned), "{fields}");
    }
}

#[test]
fn a_null_key_has_no_row_and_joins_to_nulls_an_unseen_key_to_the_empty_row() {
    let model = model(vec![count()]);
    let mut all = records("s", &[("e", 5, r#""k":null"#), ("f", 5, r#""k":"a""#), ("g", 7, r#""k":"a""#)]);
    assert_eq!(group_by_rows(&model, GroupById(0), &all, 9).len(), 1);
    all.extend(records(
        "l",
        &[
            ("1", 5, r#""k":"a","n":10"#),
            ("2", 6, r#""k":"a","n":10"#),
            ("3", 6, r#""k":"b","n":10"#),
            ("4", 6, r#""k":null,"n":10"#),
            ("5", 9, r#""k":"a","n":10"#),
        ],
    ));
    let rows = join_rows(&model, JoinId(0), &all, 9);
    let shown: Vec<_> =
        rows.iter().map(|(id, row)| format!("{}: {}", id[0], text(&row[6..].to_vec()))).collect();
    assert_eq!(shown, ["1: 0 10", "2: 1 11", "3: 0 10", "4: null null"]);
    let mut latest = model;
    let (topic, group, mode) = ("t".to_owned(), "g".to_owned(), PublishMode::Latest);
    latest.joins[0].publish = Some(Publish { topic, group, mode, every_ms: 0, span: span() });
    let rows = join_table(&latest, JoinId(0), &all, 9).rows;
    let shown: Vec<_> =
        rows.iter().map(|(key, rows)| format!("{}: {} of {}", key.0[0], rows[0][0], rows.len())).collect();
    assert_eq!(shown, ["a: 2 of 1", "b: 3 of 1"]);
}

fn call(function: FunctionId, arguments: &[Value]) -> Value {
    let argument = |value: &Value| Expr {
        kind: ExprKind::Literal(value.clone()),
        data_type: DataType::Int,
        nullable: true,
    };
    let arguments = arguments.iter().map(argument).collect();
    let data_type = DataType::Decimal { precision: 10, scale: 2 };
    evaluate(&Expr { kind: ExprKind::Call { function, arguments }, data_type, nullable: true }, &[])
}

#[test]
fn logic_has_three_values() {
    use FunctionId::{And, Equal, In, NullIf, Or};
    let (yes, no, null) = (Value::Bool(true), Value::Bool(false), Value::Null);
    assert_eq!(call(And, &[no.clone(), null.clone()]), no);
    assert_eq!(call(And, &[yes.clone(), null.clone()]), null);
    assert_eq!(call(Or, &[yes.clone(), null.clone()]), yes);
    assert_eq!(call(Or, &[no.clone(), null.clone()]), null);
    let int = Value::Int;
    assert_eq!(call(In, &[int(1), null.clone(), int(1)]), yes);
    assert_eq!(call(In, &[int(1), null.clone(), int(2)]), null);
    assert_eq!(call(In, &[int(1), int(2)]), no);
    assert_eq!(call(Equal, &[null.clone(), null.clone()]), null);
    assert_eq!(call(NullIf, &[int(1), int(1)]), null);
    assert_eq!(call(NullIf, &[int(1), null]), int(1));
}

#[test]
fn arithmetic_is_null_where_it_has_no_answer() {
    use FunctionId::{Abs, Add, Divide, Modulo, Multiply, Negate};
    let (int, double) = (Value::Int, Value::Double);
    assert_eq!(call(Divide, &[int(5), int(2)]), double(2.5));
    assert!(call(Divide, &[int(5), int(0)]).is_null() && call(Modulo, &[int(5), int(0)]).is_null());
    assert_eq!(call(Modulo, &[int(i64::MIN), int(-1)]), int(0));
    assert!(call(Add, &[int(i64::MAX), int(1)]).is_null() && call(Negate, &[int(i64::MIN)]).is_null());
    assert!(
        call(Abs, &[int(i64::MIN)]).is_null() && call(Multiply, &[double(1e308), double(10.0)]).is_null()
    );
    let decimal = |text: &str| Value::Decimal(text.parse().expect("a decimal"));
    assert_eq!(call(Divide, &[decimal("-1"), decimal("8")]).to_string(), "-0.13");
    assert_eq!(call(Modulo, &[decimal("-7.5"), decimal("2")]).to_string(), "-1.50");
    assert!(call(Multiply, &[decimal("99999999.99"), decimal("2")]).is_null());
}

#[test]
fn like_matches_characters() {
    let like = |text: &str, pattern: &str| {
        call(FunctionId::Like, &[Value::string(text), Value::string(pattern)]) == Value::Bool(true)
    };
    assert!(like("grün", "gr_n") && like("abcbc", "a%bc") && like("", "%") && like("%", "_"));
    assert!(!like("grn", "gr_n") && !like("a", "") && !like("ab", "b%"));
}

#[test]
fn tables_differ_by_bits_and_a_missing_row_is_the_empty_one() {
    let model = model(vec![count(), of(Kind::Avg, 4, DataType::Double)]);
    let events = records("s", &[("e", 5, r#""k":"a","x":1.5"#)]);
    let expected = group_by_table(&model, GroupById(0), &events, 6);
    assert_eq!(compare(&expected, &expected.clone()).to_string(), "2 cells compared, 0 differ");
    let mut actual = expected.emptied();
    actual.set(vec![Value::string("a")], Some(vec![Value::Int(1), Value::Double(1.500_000_000_000_000_2)]));
    actual.set(vec![Value::string("b")], Some(vec![Value::Int(0), Value::Null]));
    assert_eq!(
        compare(&expected, &actual).to_string(),
        "4 cells compared, 1 differ\n  key  column  expected  actual\n  \"a\"  avg_1h  1.5       1.5000000000000002"
    );
    actual.set(vec![Value::string("a")], None);
    assert_eq!(compare(&expected, &actual).differing.len(), 2);
}

#[test]
fn join_tables_compare_as_bags_of_rows() {
    let model = model(vec![count()]);
    let events = records("l", &[("1", 5, r#""n":1"#), ("1", 5, r#""n":2"#)]);
    let expected = join_table(&model, JoinId(0), &events, 9);
    assert_eq!(expected.columns, ["id", "ts", "k", "n", "x", "d", "g_count_1h", "n1"]);
    let mut actual = expected.emptied();
    for rows in expected.rows.values() {
        rows.iter().rev().for_each(|row| actual.add(vec![Value::string("1")], row.clone()));
    }
    assert_eq!(compare(&expected, &actual).to_string(), "16 cells compared, 0 differ");
    let again = actual.rows.values().next().expect("a key")[0].clone();
    actual.add(vec![Value::string("1")], again);
    assert_eq!(compare(&expected, &actual).differing.len(), 8);
}

#[test]
fn keys_order_by_their_parts_nulls_first() {
    let key = |parts: &[Value]| Key(parts.to_vec());
    assert!(key(&[Value::Null]) < key(&[Value::Int(-1)]));
    assert!(key(&[Value::string("Z")]) < key(&[Value::string("ä")]));
    let decimal = |units, scale| Value::Decimal(Decimal::new(units, scale).expect("small"));
    assert_eq!(key(&[decimal(10, 1)]), key(&[decimal(1, 0)]));
    assert!(
        key(&[Value::Timestamp(EventTime(1)), Value::Int(2)])
            > key(&[Value::Timestamp(EventTime(1)), Value::Int(1)])
    );
}

proptest! {
    #[test]
    fn the_exact_sum_of_two_doubles_is_rounded_as_the_hardware_does(a: u64, b: u64) {
        let (a, b) = (f64::from_bits(a), f64::from_bits(b));
        if a.is_finite() && b.is_finite() {
            let sum = nearest_double(&double_units(a).plus(&double_units(b)));
            prop_assert_eq!((sum + 0.0).to_bits(), (a + b + 0.0).to_bits());
        }
    }

    #[test]
    fn near_doubles_too(a: f64, ulps in -70_i64..70) {
        let b = -f64::from_bits(a.to_bits().wrapping_add_signed(ulps));
        if a.is_finite() && b.is_finite() {
            let sum = nearest_double(&double_units(a).plus(&double_units(b)));
            prop_assert_eq!((sum + 0.0).to_bits(), (a + b + 0.0).to_bits());
        }
    }

    #[test]
    fn big_integers_agree_with_the_machine(a in any::<i64>(), b in any::<i64>()) {
        let (a, b) = (i128::from(a), i128::from(b));
        let (big_a, big_b) = (Big::from_i128(a), Big::from_i128(b));
        prop_assert_eq!(big_a.times(&big_b).to_i128(), Some(a * b));
        prop_assert_eq!(big_a.minus(&big_b).to_i128(), Some(a - b));
        prop_assert_eq!(big_a.cmp(&big_b), a.cmp(&b));
        if b != 0 {
            let (quotient, rest) = big_a.times(&big_b).plus(&big_a).divided(&big_b);
            prop_assert_eq!(quotient.to_i128(), Some((a * b + a) / b));
            prop_assert_eq!(rest.to_i128(), Some((a * b + a) % b));
        }
    }
}
