//! The oracle's interpreter against the catalog's evaluator: any typed expression, any values.

use proptest::prelude::*;

use crate::functions::{CastRule, Expr, ExprKind, FunctionId, Type, cast_rule, eval};
use crate::oracle::compare::is_identical;
use crate::oracle::expr::evaluate;
use crate::types::{DataType, Decimal, EventTime, Value};

fn data_type() -> impl Strategy<Value = DataType> {
    prop_oneof![
        Just(DataType::String),
        Just(DataType::Int),
        Just(DataType::Double),
        Just(DataType::Bool),
        Just(DataType::Timestamp),
        (1_u8..=38).prop_flat_map(|precision| {
            (0..=precision).prop_map(move |scale| DataType::Decimal { precision, scale })
        }),
    ]
}

fn value(data_type: DataType) -> BoxedStrategy<Value> {
    let some = match data_type {
        DataType::String => prop_oneof![
            "[ab%_]{0,4}",
            "[-+]?[0-9]{0,25}(\\.[0-9]{0,20})?(e[-+]?[0-9]{1,2})?",
            Just("TRUE".to_owned()),
            Just("2024-02-29T12:00:00.0009Z".to_owned()),
            any::<String>(),
        ]
        .prop_map(Value::string)
        .boxed(),
        DataType::Int => int().prop_map(Value::Int).boxed(),
        DataType::Double => double().prop_map(Value::double).boxed(),
        DataType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        DataType::Timestamp => int().prop_map(|ms| Value::Timestamp(EventTime(ms))).boxed(),
        DataType::Decimal { precision, scale } => {
            let bound = 10_i128.pow(u32::from(precision));
            prop_oneof![(1 - bound)..bound, -99_i128..99, Just(bound - 1), Just(1 - bound)]
                .prop_map(move |units| units % bound)
                .prop_map(move |units| Value::Decimal(Decimal::new(units, scale).expect("in bounds")))
                .boxed()
        }
        DataType::Bytes | DataType::Date | DataType::List(_) | DataType::Map(_) | DataType::Struct(_) => {
            panic!("no strategy draws a {data_type}")
        }
    };
    prop_oneof![1 => Just(Value::Null), 6 => some].boxed()
}

fn int() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), -9_i64..9, Just(i64::MAX), Just(i64::MIN), Just(1 << 53)]
}

fn double() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), -9.0..9.0, Just(9_223_372_036_854_775_808.0), Just(-0.0), Just(2.5)]
}

fn literal() -> impl Strategy<Value = Expr> {
    data_type().prop_flat_map(|data_type| {
        value(data_type).prop_map(move |value| Expr {
            kind: ExprKind::Literal(value),
            data_type,
            nullable: true,
        })
    })
}

/// The expression in another type, as the model writes it: a cast where the type differs.
fn coerced(expr: Expr, to: DataType) -> Expr {
    if expr.data_type == to {
        return expr;
    }
    Expr { kind: ExprKind::Cast(Box::new(expr)), data_type: to, nullable: true }
}

/// A call with these arguments, if the function takes them.
fn call(function: FunctionId, arguments: Vec<Expr>) -> Option<Expr> {
    let types: Vec<_> = arguments.iter().map(Type::of).collect();
    let signature = function.entry().signature(&types).ok()?;
    let arguments = arguments
        .into_iter()
        .zip(&signature.arguments)
        .map(|(argument, to)| coerced(argument, *to))
        .collect();
    let kind = ExprKind::Call { function, arguments };
    Some(Expr { kind, data_type: signature.result, nullable: true })
}

fn tree() -> impl Strategy<Value = Expr> {
    literal().prop_recursive(3, 12, 3, |inner| {
        let calls = (prop::sample::select(&FunctionId::ALL[..]), prop::collection::vec(inner.clone(), 1..=3));
        prop_oneof![
            4 => calls.prop_filter_map("no such call", |(function, arguments)| {
                (1..=arguments.len()).rev().find_map(|count| call(function, arguments[..count].to_vec()))
            }),
            1 => (inner, data_type()).prop_filter_map("no such cast", |(operand, to)| {
                let is_allowed = cast_rule(operand.data_type, to) != CastRule::Refused;
                is_allowed.then(|| Expr { kind: ExprKind::Cast(Box::new(operand)), data_type: to, nullable: true })
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_local_rejects: 1_000_000, ..ProptestConfig::default() })]

    #[test]
    fn the_catalogs_evaluator_and_the_oracles_agree_on_any_expression(expr in tree()) {
        let (expected, actual) = (evaluate(&expr, &[]), eval(&expr, &[]));
        prop_assert!(is_identical(&expected, &actual), "expected {expected:?}, found {actual:?}\n{expr:?}");
    }
}
