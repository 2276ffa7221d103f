//! Types and values of every kind, biased to the edges.

use proptest::prelude::*;

use crate::functions::{Expr, ExprKind};
use crate::types::{DataType, Date, Decimal, EventTime, Field, Value};

pub(super) fn scalar_type() -> impl Strategy<Value = DataType> {
    prop_oneof![
        Just(DataType::String),
        Just(DataType::Int),
        Just(DataType::Double),
        Just(DataType::Bool),
        Just(DataType::Timestamp),
        Just(DataType::Date),
        Just(DataType::Bytes),
        (1_u8..=38).prop_flat_map(|precision| {
            (0..=precision).prop_map(move |scale| DataType::Decimal { precision, scale })
        }),
    ]
}

pub(super) fn data_type() -> impl Strategy<Value = DataType> {
    let nested = scalar_type().prop_flat_map(|part| {
        let both = vec![Field::new("a", part, true), Field::new("b", DataType::Int, false)];
        prop_oneof![
            any::<bool>().prop_map(move |nullable| DataType::list(part, nullable)),
            Just(DataType::map(DataType::String, part, true)),
            Just(DataType::structure(both)),
        ]
    });
    prop_oneof![5 => scalar_type(), 1 => nested]
}

/// A value of the type, or null.
pub(super) fn value(data_type: DataType) -> BoxedStrategy<Value> {
    prop_oneof![1 => Just(Value::Null), 6 => present(data_type)].boxed()
}

fn part(data_type: DataType, nullable: bool) -> BoxedStrategy<Value> {
    if nullable { value(data_type) } else { present(data_type) }
}

fn present(data_type: DataType) -> BoxedStrategy<Value> {
    match data_type {
        DataType::String => text().prop_map(Value::string).boxed(),
        DataType::Int => int().prop_map(Value::Int).boxed(),
        DataType::Double => double().prop_map(finite).boxed(),
        DataType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        DataType::Timestamp => instant().prop_map(|ms| Value::Timestamp(EventTime(ms))).boxed(),
        DataType::Date => day().prop_map(Value::Date).boxed(),
        DataType::Bytes => prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::bytes).boxed(),
        DataType::Decimal { precision, scale } => {
            let bound = 10_i128.pow(u32::from(precision));
            prop_oneof![(1 - bound)..bound, -99_i128..99, Just(bound - 1), Just(1 - bound)]
                .prop_map(move |units| units % bound)
                .prop_map(move |units| Value::Decimal(Decimal::new(units, scale).expect("in bounds")))
                .boxed()
        }
        DataType::List(element) => {
            let element = part(element.data_type, element.nullable);
            prop::collection::vec(element, 0..6).prop_map(Value::list).boxed()
        }
        DataType::Map(map) => {
            let entry = (present(map.key), part(map.value.data_type, map.value.nullable));
            prop::collection::vec(entry, 0..5).prop_map(Value::map).boxed()
        }
        DataType::Struct(fields) => {
            let parts: Vec<_> =
                fields.fields.iter().map(|field| part(field.data_type, field.nullable)).collect();
            parts.prop_map(Value::structure).boxed()
        }
    }
}

thread_local! {
    /// Its patterns take longer to compile than all else here.
    static TEXT: BoxedStrategy<String> = new_text();
}

fn text() -> BoxedStrategy<String> {
    TEXT.with(Clone::clone)
}

fn new_text() -> BoxedStrategy<String> {
    prop_oneof![
        "[ab%_ ]{0,5}",
        "[aé😀,-]{0,6}",
        "[-+]?[0-9]{0,25}(\\.[0-9]{0,20})?(e[-+]?[0-9]{1,2})?",
        "(https?|ftp)://([a-z]@)?[A-Za-z.]{0,5}(:[0-9]{2})?(/[a-z]?){0,2}(\\?[a-c]=[a-z%+0-9]{0,5}(&[a-c]=x)?)?(#f)?",
        "20[0-9]{2}-[01][0-9]-[0-3][0-9]( [0-2][0-9]:[0-5][0-9])?",
        "[0-3][0-9]\\.[01][0-9]\\.20[0-9]{2} [0-2][0-9]:[0-5][0-9]",
        "\\{\"a\": ?(-?[0-9]{1,20}(\\.[0-9]{1,3}([eE][+-]?[0-9]{1,3})?)?|true|null|\"x\\\\u00e9\"|\\[1, ?\"b\"\\]|\\{\"b\": ?\\[1, \"x\"\\]\\})\\}",
        "([0-9a-fA-F]{2}){0,4}",
        "[A-Za-z0-9+/]{0,9}={0,2}",
        Just("TRUE".to_owned()),
        Just("2024-02-29T12:00:00.0009Z".to_owned()),
        any::<String>(),
    ]
    .boxed()
}

fn int() -> impl Strategy<Value = i64> {
    prop_oneof![
        any::<i64>(),
        -9_i64..9,
        -9_i64..9,
        -200_i64..3_000,
        Just(i64::MAX),
        Just(i64::MIN),
        Just(1 << 53)
    ]
}

fn double() -> impl Strategy<Value = f64> {
    let money = (-100_000_i32..100_000).prop_map(|cents| f64::from(cents) / 1000.0);
    prop_oneof![
        any::<f64>(),
        -9.0..9.0,
        money,
        Just(9_223_372_036_854_775_808.0),
        Just(-0.0),
        Just(2.5),
        Just(1e-30)
    ]
}

/// An expression holds no other doubles.
fn finite(value: f64) -> Value {
    Value::double(if value.is_finite() { value } else { 0.5 })
}

/// Mostly of the last and the next century, to the second, the minute, the hour.
fn instant() -> impl Strategy<Value = i64> {
    let usual = -2_208_988_800_000_i64..4_102_444_800_000;
    prop_oneof![
        4 => usual.clone(),
        2 => usual.clone().prop_map(|ms| ms / 3_600_000 * 3_600_000),
        2 => usual.prop_map(|ms| ms / 86_400_000 * 86_400_000 - 1),
        1 => int(),
        1 => -377_705_116_800_000_i64..253_402_300_800_000,
    ]
}

fn day() -> impl Strategy<Value = Date> {
    let days = prop_oneof![4 => -40_000_i64..50_000, 1 => -4_371_587_i64..=2_932_896];
    days.prop_map(|days| Date::from_days(days).expect("a day of the calendar"))
}

pub(super) fn literal_of(data_type: DataType) -> BoxedStrategy<Expr> {
    let literal = move |value| Expr { kind: ExprKind::Literal(value), data_type, nullable: true };
    value(data_type).prop_map(literal).boxed()
}

pub(super) fn literal() -> impl Strategy<Value = Expr> {
    data_type().prop_flat_map(literal_of)
}

/// The expression in another type, as the model writes it: a cast where the type differs.
pub(super) fn coerced(expr: Expr, to: DataType) -> Expr {
    if expr.data_type == to {
        return expr;
    }
    Expr { kind: ExprKind::Cast(Box::new(expr)), data_type: to, nullable: true }
}
