//! The oracle's interpreter against the catalog's evaluator: the catalog's examples, every function
//! on arguments drawn for it, any typed expression, any values.

use proptest::prelude::*;
use proptest::strategy::Union;

use super::values::{coerced, data_type, literal, literal_of, value};
use crate::functions::{CastRule, literal as text};
use crate::functions::{Expr, ExprKind, FunctionId, Parameter, Presence, Takes, Type, cast_rule, eval};
use crate::oracle::compare::is_identical;
use crate::oracle::expr::evaluate;
use crate::types::{DataType, Value};

/// Zones with what zones have: halves of hours, days that are left out, hours that come twice,
/// midnights that are skipped, offsets in seconds.
const ZONES: [&str; 9] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "America/Toronto",
    "Australia/Lord_Howe",
    "Africa/Monrovia",
];

#[test]
fn the_catalogs_examples_hold_on_the_oracle() {
    for function in FunctionId::ALL {
        for example in function.entry().examples {
            let call = example.call(function).unwrap();
            let value = evaluate(&call, &[]);
            assert_eq!(text::sql(&value), example.result, "{} {example:?}", function.entry().name);
        }
    }
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

fn of_types(types: Vec<DataType>) -> BoxedStrategy<Expr> {
    prop::sample::select(types).prop_flat_map(literal_of).boxed()
}

fn decimal(precision: u8, scale: u8) -> DataType {
    DataType::Decimal { precision, scale }
}

/// A literal that the parameter takes; literal texts are those of the function's own examples.
fn argument(function: FunctionId, position: usize, parameter: &Parameter) -> BoxedStrategy<Expr> {
    use DataType as T;
    let numbers = vec![T::Int, T::Double, decimal(12, 2), decimal(38, 10), decimal(25, 20)];
    let lists = || {
        let elements = [T::Int, T::Double, T::String, decimal(12, 2), T::Date];
        elements.into_iter().map(|element| T::list(element, true)).collect::<Vec<_>>()
    };
    let maps = || vec![T::map(T::String, T::Int, true), T::map(T::Int, T::String, false)];
    match parameter.takes {
        Takes::Any => prop_oneof![2 => of_types(vec![T::Int, T::String]), 1 => literal()].boxed(),
        Takes::Bool => of_types(vec![T::Bool]),
        Takes::Text => of_types(vec![T::String]),
        Takes::Int => of_types(vec![T::Int]),
        Takes::Number | Takes::Double => of_types(numbers),
        Takes::Exact => of_types(vec![T::Int, decimal(12, 2), decimal(38, 0)]),
        Takes::Timestamp => of_types(vec![T::Timestamp]),
        Takes::Date => of_types(vec![T::Date]),
        Takes::TimestampOrDate => of_types(vec![T::Timestamp, T::Date]),
        Takes::Bytes => of_types(vec![T::Bytes]),
        Takes::TextOrBytes => of_types(vec![T::String, T::Bytes]),
        Takes::List => of_types(lists()),
        Takes::Map => of_types(maps()),
        Takes::ListOrMap => of_types([lists(), maps()].concat()),
        Takes::TextOrList => of_types([lists(), vec![T::String]].concat()),
        Takes::Hashable => of_types(vec![T::String, T::Bytes, T::Int]),
        Takes::LiteralInt { least, most } => {
            let most = most.min(least + 40);
            (least..=most).prop_map(|value| Expr::literal(Value::Int(value), T::Int)).boxed()
        }
        Takes::LiteralText(literal) => {
            let mut texts: Vec<Value> = ZONES.iter().map(|zone| Value::string(*zone)).collect();
            if literal.what != "an IANA time zone" {
                let calls =
                    function.entry().examples.iter().filter_map(|example| example.call(function).ok());
                texts = calls.filter_map(|call| literal_at(&call, position)).collect();
            }
            prop::sample::select(texts).prop_map(|text| Expr::literal(text, T::String)).boxed()
        }
    }
}

fn literal_at(call: &Expr, position: usize) -> Option<Value> {
    match &call.kind {
        ExprKind::Call { arguments, .. } => match &arguments.get(position)?.kind {
            ExprKind::Literal(value) => Some(value.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// A call whose arguments were drawn for the function; refused where they do not go together.
fn fitting_call() -> impl Strategy<Value = Expr> {
    let of = |function: FunctionId| {
        let parameters = function.entry().parameters;
        let least = parameters.iter().filter(|parameter| parameter.presence != Presence::Optional).count();
        let is_open = parameters.last().is_some_and(|last| last.presence == Presence::Repeated);
        let most = if is_open { least + 2 } else { parameters.len() };
        let calls = (least..=most).map(|count| {
            let at = |position: usize| &parameters[position.min(parameters.len() - 1)];
            (0..count).map(|position| argument(function, position, at(position))).collect::<Vec<_>>().boxed()
        });
        let arguments = Union::new(calls);
        arguments
            .prop_filter_map("arguments that go together", move |arguments| call(function, arguments))
            .boxed()
    };
    prop::sample::select(&FunctionId::ALL[..]).prop_flat_map(of)
}

fn tree() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![literal(), fitting_call()];
    leaf.prop_recursive(3, 12, 3, |inner| {
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

/// Values in two types of one shape: casts that can be, part by part.
fn castable() -> impl Strategy<Value = (Expr, DataType)> {
    let pair = (data_type(), data_type());
    let nested = pair.prop_flat_map(|(from, to)| {
        let list = Just((DataType::list(from, true), DataType::list(to, false)));
        let map = Just((DataType::map(DataType::Int, from, true), DataType::map(DataType::String, to, true)));
        prop_oneof![Just((from, to)), list, map]
    });
    nested
        .prop_filter("no such cast", |(from, to)| cast_rule(*from, *to) != CastRule::Refused)
        .prop_flat_map(|(from, to)| (literal_of(from), Just(to)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, max_local_rejects: 1_000_000, ..ProptestConfig::default() })]

    #[test]
    fn the_catalogs_evaluator_and_the_oracles_agree_on_any_expression(expr in tree()) {
        let (expected, actual) = (evaluate(&expr, &[]), eval(&expr, &[]));
        prop_assert!(is_identical(&expected, &actual), "expected {expected:?}, found {actual:?}\n{expr:?}");
    }

    #[test]
    fn casts_agree_part_by_part((operand, to) in castable()) {
        let rule = cast_rule(operand.data_type, to);
        let may_be_null = rule != CastRule::Allowed { nullable: false };
        let cast = Expr { kind: ExprKind::Cast(Box::new(operand.clone())), data_type: to, nullable: true };
        let (expected, actual) = (evaluate(&cast, &[]), eval(&cast, &[]));
        prop_assert!(is_identical(&expected, &actual), "expected {expected:?}, found {actual:?}\n{cast:?}");
        prop_assert!(may_be_null || !actual.is_null() || eval(&operand, &[]).is_null(), "null against the rule: {cast:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_500, max_local_rejects: 1_000_000, max_global_rejects: 1_000_000, ..ProptestConfig::default() })]

    #[test]
    fn every_function_agrees_on_arguments_drawn_for_it(call in fitting_call()) {
        let (expected, actual) = (evaluate(&call, &[]), eval(&call, &[]));
        prop_assert!(is_identical(&expected, &actual), "expected {expected:?}, found {actual:?}\n{call:?}");
    }

    /// Where a type rule says `never null`, only a null argument gives null.
    #[test]
    fn a_call_that_is_never_null_is_not(call in fitting_call()) {
        let ExprKind::Call { function, arguments } = &call.kind else { unreachable!() };
        let solid: Vec<_> = arguments.iter().map(|argument| Expr { nullable: false, ..argument.clone() }).collect();
        let types: Vec<_> = solid.iter().map(Type::of).collect();
        prop_assume!(arguments.iter().all(|argument| !eval(argument, &[]).is_null()));
        let signature = function.entry().signature(&types);
        let may_be_null = signature.is_ok_and(|signature| signature.nullable);
        prop_assert!(may_be_null || !eval(&call, &[]).is_null(), "{call:?}");
    }
}

#[test]
fn strategies_draw_every_type() {
    // A strategy for a type that it forgets would panic here, not in one run of a thousand.
    for data_type in [DataType::Bytes, DataType::Date, DataType::list(DataType::Int, true)] {
        let _ = value(data_type);
    }
}
