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
fn the_cells_of_a_left_row_are_explained_group_by_by_group_by() {
    let run = preview(&scratch(), &[&FILES[..], &["--of", "j", "--explain", "v2"]].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let lines: Vec<_> = run.stdout.lines().filter(|line| line.starts_with("│ 1970")).collect();
    assert!(run.stdout.contains("│ as of 1970-01-01T00:00:11.001Z ┆          ┆ = 1 "), "{}", run.stdout);
    assert!(lines.iter().any(|line| line.contains("b1") && line.contains("- 1ms too old")), "{lines:#?}");
    assert!(run.stderr.contains("`g` of `a` as of 1970-01-01T00:00:11.001Z"), "{}", run.stderr);
    let none = preview(&scratch(), &[&FILES[..], &["--of", "j", "--explain", "v9"]].concat());
    assert!(none.stderr.contains("E0960") && none.stderr.contains("no row of `visits` has the id `v9`"));
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

/// What a user had bought, computed plainly: events of [q - w, q), copies once, the newest first.
struct Plain {
    /// ts, id, user, price.
    buys: Vec<(i64, String, String, Option<i64>)>,
}

impl Plain {
    fn window(&self, user: &str, q: i64, from: i64) -> Vec<(i64, &str, Option<i64>)> {
        let inside = self.buys.iter().filter(|(ts, _, of, _)| of == user && (from..q).contains(ts));
        let mut events: Vec<_> = inside.map(|(ts, id, _, price)| (*ts, id.as_str(), *price)).collect();
        events.sort_unstable();
        events.dedup();
        events.reverse();
        events
    }

    /// `count, sum, last three`, as CSV has them.
    fn cells(&self, user: &str, q: i64, from: i64) -> [String; 3] {
        let events = self.window(user, q, from);
        let prices: Vec<i64> = events.iter().filter_map(|(_, _, price)| *price).collect();
        let text = |price: &i64| price.to_string();
        let sum = if prices.is_empty() { String::new() } else { prices.iter().sum::<i64>().to_string() };
        let last: Vec<String> = prices.iter().take(3).map(text).collect();
        let last = match last.len() {
            0 => String::new(),
            1 => format!("[{}]", last[0]),
            _ => format!("\"[{}]\"", last.join(", ")),
        };
        [events.len().to_string(), sum, last]
    }
}

const DAY: i64 = 86_400_000;

const SHOP: &str = "
source buys {
  topic b in ingest
  format json
  schema { id string  user string  price int?  ts timestamp_ms }
  event_time ts
  event_id id
  disorder 1m
  retention 400d
}
source visits {
  topic v in ingest
  format json
  schema { id string  user string  ts timestamp_ms }
  event_time ts
  event_id id
  disorder 1m
}
table users {
  topic u in ingest
  format json
  schema { user string  since date  verified bool }
  key user
}
group_by g {
  from buys
  key user
  n    = count()          over 3d, 14d, 30d
  paid = sum(price)       over 3d, 14d, 30d
  last = last_k(price, 3) over 3d, 14d, 30d
  hops = last_k(price, 3) over 3d, 14d, 30d tail hop
}
join j {
  left visits
  features g on user
  lookup users on user { since, verified }
}
";

/// Numbers that look random and are the same in every run.
fn mixed(seed: i64) -> i64 {
    let mut x = seed.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^= x >> 32;
    x = x.wrapping_mul(0xd6e8_feb8_6659_fd93);
    (x >> 33).cast_signed()
}

/// Buys of forty days, some at one instant, some twice, some without a price; visits at window edges and between.
fn shop(scratch: &Scratch) -> (Plain, Vec<(String, i64)>) {
    let (mut plain, mut visits) = (Plain { buys: Vec::new() }, Vec::new());
    let (mut buys, mut lefts) = ("id,user,price,ts\n".to_owned(), "id,user,ts\n".to_owned());
    for i in 0..400 {
        let ts = 1_700_000_000_000 + mixed(i) % 80 * (DAY / 2) + mixed(-i) % 3;
        let (id, user) = (format!("b{:03}", mixed(i * 7) % 380), format!("u{}", mixed(i * 3) % 6));
        let price = (mixed(i * 5) % 9 > 0).then(|| mixed(i * 11) % 500);
        let row = (ts, id.clone(), user.clone(), price);
        for _ in 0..=i64::from(i % 20 == 0) {
            buys +=
                &format!("{id},{user},{},{ts}\n", price.map(|price| price.to_string()).unwrap_or_default());
        }
        plain.buys.push(row);
    }
    for (number, (ts, _, user, _)) in plain.buys.iter().enumerate().filter(|(i, _)| i % 4 == 0) {
        for (edge, days) in [(0, 3), (1, 3), (0, 14), (1, 30), (-1, 0), (0, 0), (1, 0)] {
            let q = ts + days * DAY + edge;
            lefts += &format!("v{number}_{edge}_{days},{user},{q}\n");
            visits.push((user.clone(), q));
        }
    }
    scratch.file("shop.wr", SHOP);
    scratch.file("buys.csv", buys);
    scratch.file("visits.csv", lefts);
    scratch.file(
        "users.csv",
        "user,since,verified\nu0,2019-06-17,true\nu1,2020-07-26,false\nu2,2021-01-01,true\n",
    );
    (plain, visits)
}

#[test]
fn training_rows_with_lists_and_a_table_are_those_of_a_plain_computation() {
    let scratch = Scratch::new();
    let (plain, visits) = shop(&scratch);
    let files = ["--source", "buys=buys.csv", "--source", "users=users.csv", "--left", "visits=visits.csv"];
    let args = [&["preview", "shop.wr"], &files[..], &["--of", "j", "--format", "csv"]].concat();
    let run = windrow_in(scratch.path(), &args);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let mut expected: Vec<String> = visits.iter().map(|(user, q)| expected_row(&plain, user, *q)).collect();
    let shown = |line: &str| line.split_once(',').expect("an id stands first").1.to_owned();
    let mut rows: Vec<String> = run.stdout.lines().skip(1).map(shown).collect();
    expected.sort();
    rows.sort();
    assert_eq!(rows.len(), visits.len());
    for (row, expected) in rows.iter().zip(&expected) {
        assert_eq!(row, expected);
    }
}

/// The row of a visit without its id.
fn expected_row(plain: &Plain, user: &str, q: i64) -> String {
    let hop = |days: i64| if days >= 12 { DAY } else { DAY / 24 };
    let exact = [3, 14, 30].map(|days| plain.cells(user, q, q - days * DAY));
    let hops = [3, 14, 30].map(|days| {
        let start = (q - days * DAY).div_euclid(hop(days)) * hop(days);
        plain.cells(user, q, start)[2].clone()
    });
    let of = |at: usize| exact.iter().map(move |cells| cells[at].clone());
    let known = match user {
        "u0" => "2019-06-17,true",
        "u1" => "2020-07-26,false",
        "u2" => "2021-01-01,true",
        _ => ",",
    };
    let time = windrow::types::EventTime(q).to_string();
    let cells = [user.to_owned(), time].into_iter().chain(of(0)).chain(of(1)).chain(of(2)).chain(hops);
    cells.chain([known.to_owned()]).collect::<Vec<_>>().join(",")
}
