//! The examples of the catalog on a real Flink: a function is used in bundles if all its forms give what
//! the evaluator gives. Left out, and said so, unless WINDROW_TEST_FLINK is set.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::process::Command;

use windrow::functions::{Expr, ExprKind, FunctionId, eval, flink, zone};
use windrow::topology::FlinkVersion;
use windrow::types::{Date, EventTime, Field, Value};
use windrow::wire;

use super::bench::Bench;
use super::zones::in_zones;
use crate::support::flink::{python, run, turn};
use crate::support::{Scratch, root};

/// Where engines' calendars differ: about 1970, a leap day, before the Gregorian calendar, in the year 1.
const EDGES_MS: [i64; 5] =
    [-1, 951_868_799_999, -2_203_977_600_001, -14_830_974_000_001, -62_135_596_799_999];

/// About changes of clocks: hours that come twice or never, days that begin late or not at all, changes by
/// rules of other days, times before there was a standard.
const CHANGES: [(&str, &str); 22] = [
    ("Europe/Berlin", "2024-03-31T00:59:59.999Z"),
    ("Europe/Berlin", "2024-03-31T01:00:00Z"),
    ("Europe/Berlin", "2024-10-27T00:30:00Z"),
    ("Europe/Berlin", "2024-10-27T01:30:00Z"),
    ("Europe/Berlin", "2087-07-01T22:30:00Z"),
    ("Europe/Berlin", "1893-03-31T23:06:31Z"),
    ("Europe/Amsterdam", "1930-06-15T23:30:00Z"),
    ("America/New_York", "2024-03-10T07:00:00Z"),
    ("America/New_York", "2024-11-03T05:30:00Z"),
    ("America/New_York", "1883-11-18T16:59:59Z"),
    ("America/Sao_Paulo", "2018-11-04T03:00:00Z"),
    ("America/Sao_Paulo", "2018-11-04T02:59:59.999Z"),
    ("Pacific/Apia", "2011-12-30T09:59:59.999Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ("Africa/Cairo", "2030-04-25T22:00:00Z"),
    ("America/Nuuk", "2040-03-31T00:30:00Z"),
    ("Asia/Gaza", "2090-10-28T12:00:00Z"),
    ("Asia/Jerusalem", "2050-03-25T00:00:00Z"),
    ("Australia/Lord_Howe", "2024-10-05T15:30:00Z"),
    ("Australia/Lord_Howe", "2024-04-06T14:45:00Z"),
    ("Asia/Kathmandu", "1985-12-31T18:30:00Z"),
    ("Africa/Monrovia", "1972-01-07T00:44:29Z"),
];

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
            let in_zones = CHANGES.into_iter().filter_map(|(zone, time)| {
                let ms = time.parse::<EventTime>().unwrap().millis();
                Some((
                    at(&in_zone(&expr, zone)?, ms)?,
                    format!("{}, at {time} in {zone}", example.text(entry)),
                ))
            });
            let itself = (expr.clone(), example.text(entry));
            for (expr, shown) in [itself].into_iter().chain(at_edges).chain(in_zones) {
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

/// The same in another zone, if it has one.
fn in_zone(expr: &Expr, name: &str) -> Option<Expr> {
    let ExprKind::Call { function, arguments } = &expr.kind else { return None };
    zone::named_in(expr).first()?;
    let mut arguments = arguments.clone();
    arguments.last_mut()?.kind = ExprKind::Literal(Value::string(name));
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
    let zones: BTreeSet<_> = asked.iter().flat_map(|asked| zone::named_in(&asked.expr)).collect();
    let project = in_zones(zones.iter().map(String::as_str));
    let bundle = project.bundle(&project.everything());
    let bench = Bench::new(&bundle, Vec::new());
    let job = scratch.file("job.json", &bundle.files["job.json"].text);
    let questions: Vec<_> = asked.iter().map(|asked| &asked.sql).collect();
    let given = scratch.file("given.json", serde_json::to_string(&questions).unwrap());
    let out = scratch.path().join("out.json");
    let mut command = Command::new(python(FlinkVersion::default()));
    command
        .arg("-B")
        .arg(root().join("tests/flink/functions.py"))
        .arg(bench.jar())
        .arg(job)
        .arg(given)
        .arg(&out);
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
