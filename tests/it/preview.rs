//! `windrow preview` over files.

use crate::support::Scratch;
use crate::support::binary::{Run, windrow, windrow_in};

const FLIGHTS: &str = "flights=features/flights/data/flights.csv";
const PURCHASES: &str = "purchases=features/purchases/data/purchases.jsonl";
const CHECKOUTS: &str = "checkouts=features/purchases/data/checkouts.jsonl";

const DEFINITIONS: &str = "
source clicks {
  topic t in ingest
  format json
  schema { id string  user string?  n int?  ts timestamp_ms }
  event_time ts
  event_id id
  disorder 1s
}
group_by g {
  from clicks
  key user
  n = count() over 1h, 2h
  total = sum(n) over 1h
}
join j {
  left clicks
  features g on user
}
";

fn preview(scratch: &Scratch, args: &[&str]) -> Run {
    windrow_in(scratch.path(), &[&["preview", "d.wr"], args].concat())
}

fn scratch() -> Scratch {
    let scratch = Scratch::new();
    scratch.file("d.wr", DEFINITIONS);
    scratch.file(
        "clicks.csv",
        "id,user,n,ts\ne1,a,1,1000\ne2,b,2,2000\ne1,a,1,1000\ne3,,3,3000\ne4,a,x,4000\ne5,a,5,3601000\n",
    );
    scratch
}

#[test]
fn a_group_by_shows_the_row_of_each_key_at_the_cut() {
    let run = preview(&scratch(), &["--source", "clicks=clicks.csv", "--of", "g", "--format", "csv"]);
    assert_eq!(run.stdout, "user,n_1h,n_2h,total_1h\na,1,2,5\nb,1,1,2\n");
    assert_eq!(run.code, Some(0));
    assert!(run.stderr.contains("2 rows of `g` as of 1970-01-01T01:00:01.001Z"), "{}", run.stderr);
    let letter =
        "1 dead letters `wrong_type`, the first: record 5 of `clicks`: field `n`: expected an integer";
    assert!(run.stderr.contains(letter), "{}", run.stderr);
}

#[test]
fn an_earlier_or_later_cut_gives_the_row_of_that_instant() {
    let scratch = scratch();
    let at = |until: &str| {
        let args = ["--source", "clicks=clicks.csv", "--of", "g", "--format", "csv", "--until", until];
        preview(&scratch, &args).stdout
    };
    assert_eq!(at("1000"), "user,n_1h,n_2h,total_1h\n", "an event is not before its own time");
    assert_eq!(at("1001"), "user,n_1h,n_2h,total_1h\na,1,1,1\n");
    assert_eq!(at("3601000"), "user,n_1h,n_2h,total_1h\na,1,1,1\nb,1,1,2\n");
    assert_eq!(at("1970-01-01T01:00:01.001Z"), at("3601001"));
    assert_eq!(at("7202001"), "user,n_1h,n_2h,total_1h\na,0,1,\n");
}

#[test]
fn a_join_shows_one_row_per_left_event_in_order_of_time() {
    let run = preview(&scratch(), &["--source", "clicks=clicks.csv", "--of", "j", "--format", "jsonl"]);
    let rows: Vec<serde_json::Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let seen: Vec<_> = rows.iter().map(|row| (row["id"].as_str().unwrap(), row["g_n_2h"].clone())).collect();
    assert_eq!(seen, [("e1", 0.into()), ("e2", 0.into()), ("e3", serde_json::Value::Null), ("e5", 1.into())]);
}

#[test]
fn arrival_orders_the_records_and_bounds_the_future() {
    let scratch = scratch();
    scratch.file("late.csv", "id,user,n,ts,at\ne2,a,1,9000,3000\ne1,a,1,1000,2000\n");
    let args = ["--source", "clicks=late.csv", "--of", "g", "--format", "csv", "--arrival", "at"];
    let run = preview(&scratch, &args);
    assert_eq!(run.stdout, "user,n_1h,n_2h,total_1h\na,1,1,1\n");
    assert!(run.stderr.contains("1 dead letters `future`, the first: record 2 of"), "{}", run.stderr);
}

#[test]
fn the_output_file_holds_what_stdout_would() {
    let scratch = scratch();
    let args = ["--source", "clicks=clicks.csv", "--of", "g"];
    let shown = preview(&scratch, &args);
    let run = preview(&scratch, &[&args[..], &["--out", "rows.txt"]].concat());
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""));
    assert_eq!(std::fs::read_to_string(scratch.path().join("rows.txt")).unwrap(), shown.stdout);
    let run = preview(&scratch, &[&args[..], &["--out", "no/such/folder/rows.txt"]].concat());
    assert_eq!(run.code, Some(3));
}

#[test]
fn what_is_wrong_is_coded_and_exits_accordingly() {
    let scratch = scratch();
    scratch.file("clicks.txt", "");
    scratch.file("bad.csv", "id,ts\n1\n");
    let check = |args: &[&str], exit: i32, words: &[&str]| {
        let run = preview(&scratch, args);
        assert_eq!((run.code, run.stdout.as_str()), (Some(exit), ""), "{args:?}: {}", run.stderr);
        for word in words {
            assert!(run.stderr.contains(word), "{args:?}: {}", run.stderr);
        }
    };
    let file = ["--source", "clicks=clicks.csv"];
    check(&[&file[..], &["--of", "gg"]].concat(), 2, &["E0950", "did you mean `g`?"]);
    check(&["--source", "click=clicks.csv", "--of", "g"], 2, &["E0952", "--source clicks=FILE"]);
    let twice = [&file[..], &["--source", "click=clicks.csv", "--of", "g"]].concat();
    check(&twice, 2, &["E0951", "did you mean `clicks`?"]);
    check(&["--source", "clicks=none.csv", "--of", "g"], 3, &["E0953", "none.csv"]);
    check(&["--source", "clicks=clicks.txt", "--of", "g"], 3, &["E0954", ".jsonl"]);
    check(&["--source", "clicks=bad.csv", "--of", "g"], 3, &["E0954", "line 2"]);
    check(&[&file[..], &["--of", "g", "--arrival", "at"]].concat(), 3, &["E0954", "`at` is missing"]);
    check(&["--source", "clicks", "--of", "g"], 2, &["expected NAME=FILE"]);
}

#[test]
fn the_features_run_on_their_data() {
    let rows = |args: &[&str]| {
        let run = windrow(&[&["preview", "features", "--format", "jsonl"], args].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run.stdout.lines().count()
    };
    assert_eq!(rows(&["--source", FLIGHTS, "--of", "airport_departures"]), 10);
    assert_eq!(rows(&["--source", PURCHASES, "--of", "user_spend"]), 12);
    assert_eq!(rows(&["--source", PURCHASES, "--source", CHECKOUTS, "--of", "checkout"]), 90);
}
