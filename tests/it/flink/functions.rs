//! The examples of the catalog on a real Flink: a function is used in bundles if all its forms give what
//! the evaluator gives. Left out, and said so, unless WINDROW_TEST_FLINK is set.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::process::Command;

use windrow::functions::{Expr, ExprKind, FunctionId, eval, flink};
use windrow::topology::FlinkVersion;
use windrow::types::{Date, EventTime, Field, Value};
use windrow::wire;

use super::bench::Bench;
use super::project::features;
use crate::support::flink::{python, run, turn};
use crate::support::{Scratch, root};

/// Where engines' calendars differ: about 1970, a leap day, before the Gregorian calendar, in the year 1.
const EDGES_MS: [i64; 5] =
    [-1, 951_868_799_999, -2_203_977_600_001, -14_830_974_000_001, -62_135_596_799_999];

/// An example whose form Flink is asked for.
struct Asked {
    function: FunctionId,
    shown: String,
    sql: String,
    expr: Expr,
}

fn asked() -> Vec<Asked> {
    let mut asked = Vec::new();
    for function in FunctionId::ALL {
        let entry = function.entry();
        for example in entry.examples {
            let expr = example.call(function).unwrap();
            // What has no form is refused, and that is tested where bundles are.
            let at_edges = EDGES_MS
                .into_iter()
                .filter_map(|ms| Some((at(&expr, ms)?, format!("{}, at {ms}", example.text(entry)))));
            for (expr, shown) in [(expr.clone(), example.text(entry))].into_iter().chain(at_edges) {
                let Ok(sql) = flink::form(&expr, &|slot| format!("c{slot}")) else { continue };
                asked.push(Asked { function, shown, sql, expr });
            }
        }
    }
    asked
}

/// The same about another instant, or its day.
fn at(expr: &Expr, ms: i64) -> Option<Expr> {
    let ExprKind::Call { function, arguments } = &expr.kind else { return None };
    let other = |argument: &Expr| match argument.kind {
        ExprKind::Literal(Value::Timestamp(_)) => Some(Value::Timestamp(EventTime(ms))),
        ExprKind::Literal(Value::Date(_)) => Some(Value::Date(Date::from_days(ms.div_euclid(86_400_000))?)),
        _ => None,
    };
    let first = arguments.iter().position(|argument| other(argument).is_some())?;
    let mut arguments = arguments.clone();
    arguments[first].kind = ExprKind::Literal(other(&arguments[first])?);
    Some(Expr { kind: ExprKind::Call { function: *function, arguments }, ..expr.clone() })
}

fn is_equal(asked: &Asked, expected: &Value, found: &str) -> bool {
    let field = Field::new("v", asked.expr.data_type, true);
    let fields = std::slice::from_ref(&field);
    if wire::encode_row(fields, std::slice::from_ref(expected)) == found.as_bytes() {
        return true;
    }
    let found = wire::decode_row(fields, found.as_bytes());
    match (expected, found.as_deref()) {
        (Value::Double(expected), Ok([Value::Double(found)])) if asked.function.is_approximate() => {
            (expected - found).abs() <= 1e-9 * expected.abs().max(1.0)
        }
        _ => false,
    }
}

/// What a real Flink says to each.
fn answers(asked: &[Asked]) -> Vec<(Option<String>, Option<String>)> {
    let scratch = Scratch::new();
    let project = features();
    let bench = Bench::new(&project.bundle(&project.deployment("spend")), Vec::new());
    let questions: Vec<_> = asked.iter().map(|asked| &asked.sql).collect();
    let given = scratch.file("given.json", serde_json::to_string(&questions).unwrap());
    let out = scratch.path().join("out.json");
    let mut command = Command::new(python(FlinkVersion::default()));
    command.arg("-B").arg(root().join("tests/flink/functions.py")).arg(bench.jar()).arg(given).arg(&out);
    command.env("JVM_ARGS", "-Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1");
    run("the examples of functions", &mut command, &scratch.path().join("log"));
    serde_json::from_str(&fs::read_to_string(out).unwrap()).unwrap()
}

#[test]
fn every_function_that_bundles_use_has_run_beside_the_evaluator() {
    let Some(_turn) = turn("the examples of functions on Flink") else { return };
    let asked = asked();
    assert!(asked.len() > 150, "only {} forms", asked.len());
    let answers = answers(&asked);
    assert_eq!(answers.len(), asked.len());
    let mut is_right: BTreeMap<&str, bool> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (asked, (value, error)) in asked.iter().zip(&answers) {
        let expected = eval(&asked.expr, &[]);
        let is_equal = value.as_deref().is_some_and(|found| is_equal(asked, &expected, found));
        *is_right.entry(asked.function.entry().name).or_insert(true) &= is_equal;
        if !is_equal {
            let found = error.as_ref().or(value.as_ref());
            wrong.push(format!("{}: expected {expected:?}, found {found:?}\n  {}", asked.shown, asked.sql));
        }
    }
    let proven: BTreeSet<&str> =
        is_right.iter().filter(|(_, right)| **right).map(|(name, _)| *name).collect();
    let (forms, right) = (asked.len(), asked.len() - wrong.len());
    let _ = writeln!(
        std::io::stderr(),
        "{right} of {forms} examples are equal on Flink; {} of {} functions are used:\n{}",
        proven.len(),
        is_right.len(),
        wrong.join("\n")
    );
    let text: String = proven.iter().flat_map(|name| [*name, "\n"]).collect();
    let list = root().join("src/functions/flink_proven.txt");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|value| value == "always") {
        fs::write(&list, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(list).unwrap(), text, "write it anew with INSTA_UPDATE=always");
}

#[test]
fn the_list_of_proven_functions_is_of_functions() {
    let names: BTreeSet<&str> = FunctionId::ALL.iter().map(|function| function.entry().name).collect();
    let list = fs::read_to_string(root().join("src/functions/flink_proven.txt")).unwrap();
    assert!(list.lines().count() > 50 && list.lines().all(|name| names.contains(name)), "{list}");
}
