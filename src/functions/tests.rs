//! The catalog's examples, the type rules, and the edges of casts.

use crate::types::{DataType, EventTime, Value};

use super::example::{call, read};
use super::*;

#[test]
fn every_example_of_the_catalog_holds() {
    let mut wrong = Vec::new();
    for function in FunctionId::ALL {
        let entry = function.entry();
        assert_eq!(entry.id, function);
        assert!(entry.examples.len() >= 2, "{}", entry.name);
        for example in entry.examples {
            let text = example.text(entry);
            let expr = match call(function, example.arguments) {
                Ok(expr) => expr,
                Err(error) => {
                    wrong.push(format!("{text}: {error}"));
                    continue;
                }
            };
            let value = eval(&expr, &[]);
            let found = literal::sql(&value);
            if found != example.result || value.is_null() && !expr.nullable {
                wrong.push(format!("{text} is {found}, not {}", example.result));
            }
        }
    }
    assert!(wrong.is_empty(), "{} examples do not hold:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_function_has_its_place_in_the_list_and_a_name_of_its_own() {
    for (position, function) in FunctionId::ALL.into_iter().enumerate() {
        assert_eq!(function as usize, position);
    }
    for function in FunctionId::named() {
        assert_eq!(FunctionId::by_name(&function.entry().name.to_uppercase()), Some(function));
    }
    assert_eq!(FunctionId::by_name("+"), None);
}

#[track_caller]
fn check_type(function: FunctionId, arguments: &[&str], expected: &str) {
    let found = match call(function, arguments) {
        Ok(expr) => expr.data_type.to_string(),
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected);
}

#[test]
fn decimal_results_have_flinks_types() {
    use FunctionId::{Add, Divide, Modulo, Multiply, Subtract};
    check_type(Add, &["12.50", "1.5"], "decimal(5,2)");
    check_type(Subtract, &["12.50", "1"], "decimal(22,2)");
    check_type(Multiply, &["12.50", "1.5"], "decimal(7,3)");
    check_type(Multiply, &["0.5", "0.05"], "decimal(6,3)");
    check_type(Divide, &["12.50", "1.5"], "decimal(9,6)");
    check_type(Modulo, &["12.50", "1.5"], "decimal(3,2)");
    let wide = "1234567890123456789012345678.0123456789";
    check_type(Add, &[wide, wide], "decimal(38,9)");
    check_type(Multiply, &[wide, wide], "decimal(38,6)");
    check_type(Divide, &[wide, "0.00000000000000000001"], "decimal(38,6)");
}

#[test]
fn operands_widen_from_int_to_decimal_to_double_only() {
    use FunctionId::{Add, Coalesce, Concat, Divide, Equal, Less, Modulo, Negate, Not};
    check_type(Add, &["1", "2"], "int");
    check_type(Divide, &["1", "2"], "double");
    check_type(Add, &["1.5", "2e0"], "double");
    check_type(Add, &["null", "2"], "int");
    check_type(Coalesce, &["1", "2.50"], "decimal(21,2)");
    check_type(Add, &["1", "'2'"], "expected a number, found string");
    check_type(Add, &["null", "null"], "the type of null is not known here");
    check_type(Equal, &["1", "'1'"], "int and string have no common type");
    check_type(Less, &["true", "1"], "bool and int have no common type");
    check_type(Modulo, &["1e0", "2"], "expected an int or a decimal, found double");
    check_type(Concat, &["'a'", "1"], "expected a string, found int");
    check_type(Not, &["1"], "expected a condition (bool), found int");
    check_type(Negate, &["1", "2"], "expected 1 argument, found 2");
}

#[test]
fn a_decimal_that_does_not_fit_is_null() {
    let nines = "99999999999999999999999999999999999999";
    let wide = literal::decimal(&format!("{nines}.")).unwrap();
    let sum = Expr {
        kind: ExprKind::Call {
            function: FunctionId::Add,
            arguments: vec![Expr::literal(wide.0.clone(), wide.1), Expr::literal(wide.0, wide.1)],
        },
        data_type: wide.1,
        nullable: true,
    };
    assert_eq!(eval(&sum, &[]), Value::Null);
}

#[track_caller]
fn check_cast(text: &str, to: DataType, expected: &str) {
    let (value, from) = read(text);
    assert_eq!(literal::sql(&cast(&value, from.unwrap_or(DataType::Int), to)), expected, "{text} to {to}");
}

#[test]
fn casts_round_truncate_or_give_null() {
    let money = DataType::Decimal { precision: 5, scale: 2 };
    check_cast("2.9e0", DataType::Int, "2");
    check_cast("-2.9e0", DataType::Int, "-2");
    check_cast("9223372036854775807e0", DataType::Int, "null");
    check_cast("-9223372036854775808e0", DataType::Int, "-9223372036854775808");
    check_cast("-2.99", DataType::Int, "-2");
    check_cast("99999999999999999999.5", DataType::Int, "null");
    check_cast("1.005", money, "1.01");
    check_cast("-1.005", money, "-1.01");
    check_cast("1.005e0", money, "1.01");
    check_cast("1e-300", money, "0.00");
    check_cast("1e300", money, "null");
    check_cast("999.995", money, "null");
    check_cast("1000", money, "null");
    check_cast("1.50", DataType::String, "'1.50'");
    check_cast("true", DataType::String, "'true'");
    check_cast("-7", DataType::String, "'-7'");
    check_cast("1.1", DataType::Double, "1.1e0");
    check_cast("null", DataType::String, "null");
}

#[test]
fn texts_are_read_whole_or_give_null() {
    check_cast("'42'", DataType::Int, "42");
    for text in ["' 42'", "'42.0'", "''", "'9223372036854775808'", "'4_2'"] {
        check_cast(text, DataType::Int, "null");
    }
    check_cast("'-0'", DataType::Double, "0e0");
    check_cast("'1e2'", DataType::Double, "1e2");
    for text in ["'inf'", "'NaN'", "'1e999'", "'x'"] {
        check_cast(text, DataType::Double, "null");
    }
    check_cast("'12.345'", DataType::Decimal { precision: 5, scale: 2 }, "12.35");
    check_cast("'TRUE'", DataType::Bool, "true");
    check_cast("'yes'", DataType::Bool, "null");
    let time = cast(&Value::string("2024-05-01T00:00:01Z"), DataType::String, DataType::Timestamp);
    assert_eq!(time, Value::Timestamp(EventTime(1_714_521_601_000)));
}

#[test]
fn only_texts_need_try_cast_and_doubles_have_no_text() {
    assert_eq!(cast_rule(DataType::String, DataType::Int), CastRule::OnlyLenient);
    assert_eq!(cast_rule(DataType::Double, DataType::String), CastRule::Refused);
    assert_eq!(cast_rule(DataType::Int, DataType::INT_AS_DECIMAL), CastRule::Allowed { nullable: false });
    let (wide, narrow) = (DataType::wide_decimal(2), DataType::Decimal { precision: 9, scale: 2 });
    assert_eq!(cast_rule(wide, narrow), CastRule::Allowed { nullable: true });
    assert_eq!(cast_rule(narrow, wide), CastRule::Allowed { nullable: false });
}

#[test]
fn case_takes_the_first_true_arm_and_columns_come_from_the_row() {
    let when = Expr::column(0, DataType::Bool, true);
    let then = Expr::column(1, DataType::Int, false);
    let otherwise = Box::new(Expr::literal(Value::Null, DataType::Int));
    let kind = ExprKind::Case { arms: vec![(when, then)], otherwise };
    let case = Expr { kind, data_type: DataType::Int, nullable: true };
    assert_eq!(eval(&case, &[Value::Bool(true), Value::Int(7)]), Value::Int(7));
    assert_eq!(eval(&case, &[Value::Null, Value::Int(7)]), Value::Null);
}

#[track_caller]
fn check_flink(function: FunctionId, arguments: &[&str], expected: &str) {
    let printed = match flink::sql(&call(function, arguments).unwrap(), &|slot| format!("c{slot}")) {
        Ok(sql) => sql,
        Err(refused) => refused.to_string(),
    };
    assert_eq!(printed, expected);
}

#[test]
fn flink_forms_guard_what_flink_does_differently() {
    use FunctionId::{Divide, In, Length, Less, Like, NullIf};
    check_flink(
        Divide,
        &["1.50", "0.5"],
        "(CAST('1.50' AS DECIMAL(3, 2)) / NULLIF(CAST('0.5' AS DECIMAL(2, 1)), 0))",
    );
    check_flink(Length, &["'{0}'"], "CAST(CHAR_LENGTH(CAST('{0}' AS STRING)) AS BIGINT)");
    check_flink(In, &["true", "false"], "(TRUE = FALSE)");
    check_flink(NullIf, &["true", "false"], "(CASE WHEN TRUE = FALSE THEN NULL ELSE TRUE END)");
    check_flink(Like, &["'a'", "'a.\\%_'"], r"REGEXP(CAST('a' AS STRING), '(?s)\Aa\.\\.*.\z')");
    check_flink(Less, &["'a'", "'b'"], "(HEX(CAST('a' AS STRING)) < HEX(CAST('b' AS STRING)))");
    let pattern = Expr::column(0, DataType::String, false);
    let like = ExprKind::Call { function: Like, arguments: vec![pattern.clone(), pattern] };
    let like = Expr { kind: like, data_type: DataType::Bool, nullable: false };
    let refused = flink::sql(&like, &|_| String::new()).unwrap_err().to_string();
    assert_eq!(refused, "`like` has no exact form in Flink SQL: its pattern must be a literal");
    let mut deep = Expr::column(0, DataType::Double, false);
    for _ in 0..60 {
        let arguments = vec![Expr::column(1, DataType::Double, false), deep.clone()];
        let kind = ExprKind::Call { function: Divide, arguments };
        deep = Expr { kind, data_type: DataType::Double, nullable: true };
    }
    assert!(flink::sql(&deep, &|_| "c".into()).unwrap_err().to_string().contains("longer than 100 kB"));
    let sum = flink::sql(&call(FunctionId::Add, &["1e0", "2e0"]).unwrap(), &|_| String::new()).unwrap();
    assert!(sum.contains("CAST(1E0 AS DOUBLE) + CAST(2E0 AS DOUBLE)") && sum.contains("E308"), "{sum}");
}
