//! Training rows, the cells of a key explained, histories and binary files: `windrow preview`.

use crate::support::Scratch;
use crate::support::binary::{Run, windrow_in};

const DEFINITIONS: &str = "
source buys {
  topic b in ingest
  format json
  schema { id string  user string  n int  ts timestamp_ms }
  event_time ts
  event_id id
  disorder 1s
}
source visits {
  topic v in ingest
  format json
  schema { id string  user string  ts timestamp_ms }
  event_time ts
  event_id id
  disorder 1s
}
group_by g {
  from buys
  key user
  n = count() over 10s
  big = sum(n) where n > 1 over 10s
}
join j {
  left visits
  features g on user
}
";

fn preview(scratch: &Scratch, args: &[&str]) -> Run {
    windrow_in(scratch.path(), &[&["preview", "d.wr"], args].concat())
}

/// One of the buys arrives long after the visit that it belongs before.
fn scratch() -> Scratch {
    let scratch = Scratch::new();
    scratch.file("d.wr", DEFINITIONS);
    scratch.file(
        "buys.csv",
        "id,user,n,ts,at\nb1,a,1,1000,1000\nb3,a,2,15000,15000\nb2,a,5,2000,16000\nb4,b,7,30000,30000\n",
    );
    scratch.file("visits.csv", "id,user,ts\nv2,a,11001\nv1,a,3000\nv3,b,3000\n");
    scratch
}

const FILES: [&str; 4] = ["--source", "buys=buys.csv", "--left", "visits=visits.csv"];

fn training(scratch: &Scratch, more: &[&str]) -> Run {
    preview(scratch, &[&FILES, &["--of", "j", "--format", "csv"], more].concat())
}

#[test]
fn training_rows_see_all_that_belongs_before_them_whenever_it_arrived() {
    let run = training(&scratch(), &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let rows = "id,user,ts,g_n_10s,g_big_10s\n\
                v1,a,1970-01-01T00:00:03.000Z,2,5\n\
                v3,b,1970-01-01T00:00:03.000Z,0,\n\
                v2,a,1970-01-01T00:00:11.001Z,1,5\n";
    assert_eq!(run.stdout, rows);
    assert!(!run.stderr.contains("cells differ"), "without arrival times nothing is known of it");
}

#[test]
fn training_rows_as_known_miss_what_came_late_and_the_summary_counts_the_cells() {
    let run = training(&scratch(), &["--arrival", "at", "--view", "as-known"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let rows = "id,user,ts,g_n_10s,g_big_10s\n\
                v1,a,1970-01-01T00:00:03.000Z,1,\n\
                v3,b,1970-01-01T00:00:03.000Z,0,\n\
                v2,a,1970-01-01T00:00:11.001Z,0,\n";
    assert_eq!(run.stdout, rows);
    assert!(run.stderr.contains("4 of 6 cells differ between"), "{}", run.stderr);
    let all = training(&scratch(), &["--arrival", "at"]);
    assert_eq!(all.stdout, training(&scratch(), &[]).stdout);
    assert!(all.stderr.contains("4 of 6 cells differ between"), "{}", all.stderr);
}

#[test]
fn what_is_asked_of_training_rows_in_vain_is_coded() {
    let scratch = scratch();
    let check = |args: &[&str], words: &[&str]| {
        let run = preview(&scratch, args);
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        for word in words {
            assert!(run.stderr.contains(word), "{args:?}: {}", run.stderr);
        }
    };
    check(&[&FILES[..], &["--of", "j", "--view", "as-known"]].concat(), &["E0957", "--arrival COLUMN"]);
    check(&["--left", "buys=buys.csv", "--of", "g"], &["E0959", "`buys` is not what is on the left of `g`"]);
    check(&[&FILES[..], &["--of", "j", "--format", "parquet"]].concat(), &["E0956", "--out"]);
    let both = ["--source", "buys=buys.csv", "--source", "visits=visits.csv"];
    check(&[&both[..], &["--of", "j", "--explain", "a"]].concat(), &["E0960"]);
}

#[test]
fn a_keys_cells_are_explained_event_by_event() {
    let at = ["--source", "buys=buys.csv", "--of", "g", "--explain", "a", "--until", "11001"];
    let run = preview(&scratch(), &at);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let table = "\
┌────────────────────────────────┬──────────┬────────────────────┬────────────────────┐
│ event time                     ┆ event id ┆ n_10s              ┆ big_10s            │
╞════════════════════════════════╪══════════╪════════════════════╪════════════════════╡
│ as of 1970-01-01T00:00:11.001Z ┆          ┆ = 1                ┆ = 5                │
│ 1970-01-01T00:00:15.000Z       ┆ b3       ┆ - 3s 999ms too new ┆ - 3s 999ms too new │
│ 1970-01-01T00:00:02.000Z       ┆ b2       ┆ counts             ┆ counts 5           │
│ 1970-01-01T00:00:01.000Z       ┆ b1       ┆ - 1ms too old      ┆ - 1ms too old      │
└────────────────────────────────┴──────────┴────────────────────┴────────────────────┘
";
    assert_eq!(run.stdout, table);
}

#[test]
fn parquet_that_was_written_is_a_file_of_events_again() {
    let scratch = scratch();
    let rows = ["--source", "buys=buys.csv", "--of", "g", "--until", "11001"];
    let csv = preview(&scratch, &[&rows[..], &["--format", "csv"]].concat());
    let run = preview(&scratch, &[&rows[..], &["--format", "parquet", "--out", "rows.parquet"]].concat());
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
    assert_eq!(csv.stdout, "user,n_10s,big_10s\na,1,5\n");
    scratch.file(
        "e.wr",
        "source rows {\n  topic r in ingest\n  format json\n  schema { user string  n_10s int  big_10s int?  ts timestamp_ms }\n  event_time ts\n}\n\
         group_by back { from rows  key user  n = sum(n_10s) over 1h }\n",
    );
    let run = windrow_in(
        scratch.path(),
        &["preview", "e.wr", "--source", "rows=rows.parquet", "--of", "back", "--format", "csv"],
    );
    // The rows have no event time of their own: each is a dead letter that says so.
    assert!(run.stderr.contains("1 dead letters `missing_field`"), "{}", run.stderr);
}

#[test]
fn the_history_of_a_source_is_read_up_to_its_end() {
    let scratch = scratch();
    let history = "disorder 1s\n  history \"past/buys-*.csv\" until '1970-01-01T00:00:15Z'\n  retention 3650d\n}\nsource visits";
    scratch.file("d.wr", DEFINITIONS.replacen("disorder 1s\n}\nsource visits", history, 1));
    let run = preview(&scratch, &["--source", "buys=buys.csv", "--of", "g"]);
    assert!(run.stderr.contains("E0953") || run.stderr.contains("E0958"), "{}", run.stderr);
    scratch.file("past/buys-1.csv", "id,user,n,ts\nh1,c,2,14999\nh2,c,3,15000\n");
    scratch.file("past/buys-2.csv", "id,user,n,ts\nh3,c,4,14000\n");
    scratch.file("past/other.csv", "id,user,n,ts\nh4,c,8,14000\n");
    let args = ["--source", "buys=buys.csv", "--of", "g", "--format", "csv", "--until", "16000"];
    let run = preview(&scratch, &args);
    assert_eq!(run.stdout, "user,n_10s,big_10s\na,1,2\nc,2,6\n", "{}", run.stderr);
}
