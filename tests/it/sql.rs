//! `windrow sql`: queries over files, and what is said of those that are wrong.

use crate::support::Scratch;
use crate::support::binary::{Run, windrow_in};
use crate::support::snapshots::settings;

const DEFINITIONS: &str = "
source buys {
  topic b in ingest
  format json
  schema { id string  user string  country string?  amount decimal(8,2)?  ts timestamp_ms }
  event_time ts
  event_id id
  disorder 1s
}
stream large { from buys  where amount >= 5  select id, user, amount, ts }
table users { topic u in ingest  format json  schema { user string  age int }  key user }
";

const BUYS: &str = "id,user,country,amount,ts\n\
    b1,a,DE,1.00,1000\nb2,b,de,20.00,2000\nb3,a,FR,5.50,3000\nb3,a,FR,5.50,3000\nb4,c,,7.00,86400000\nb5,a,DE,,90000000\n";

fn scratch() -> Scratch {
    let scratch = Scratch::new();
    scratch.file("d.wr", DEFINITIONS);
    scratch.file("buys.csv", BUYS);
    scratch
}

fn sql(scratch: &Scratch, query: &str, more: &[&str]) -> Run {
    let args = ["sql", query, "d.wr", "--input", "buys=buys.csv"];
    windrow_in(scratch.path(), &[&args, more].concat())
}

/// The rows of a query as CSV.
fn rows(query: &str, more: &[&str]) -> String {
    let run = sql(&scratch(), query, &[&["--format", "csv"], more].concat());
    assert_eq!(run.code, Some(0), "{query}: {}", run.stderr);
    run.stdout
}

#[test]
fn rows_are_filtered_and_computed_one_by_one() {
    let query = "select user, amount * 2 as twice from buys where amount > 1 order by twice";
    assert_eq!(
        rows(query, &[]),
        "user,twice\na,11.00\nc,14.00\nb,40.00\n",
        "copies once, neither time nor id shown"
    );
    let all = rows("SELECT * FROM buys WHERE user = 'b';", &[]);
    assert_eq!(all, "id,user,country,amount,ts\nb2,b,de,20.00,1970-01-01T00:00:02.000Z\n");
    let more = rows("select *, upper(country) as code from buys order by id desc limit 2", &[]);
    let seen: Vec<_> = more.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(seen, ["id", "b5", "b4"]);
    assert!(more.starts_with("id,user,country,amount,ts,code\n"), "{more}");
    assert_eq!(rows("select user from buys order by amount desc, ts limit 3", &[]), "user\nb\nc\na\n");
    assert_eq!(
        rows("select id as n, ts as at from large limit 1", &[]),
        "n,at\nb2,1970-01-01T00:00:02.000Z\n"
    );
}

#[test]
fn aggregates_have_a_row_per_key_as_of_an_instant() {
    let query = "select user, sum(amount) over 2d as spend, count() over 1h, 2d as n, count(*) as ever \
        from buys where country is not null group by user order by user";
    assert_eq!(rows(query, &[]), "user,spend,n_1h,n_2d,ever\na,6.50,1,3,3\nb,20.00,0,1,1\n");
    assert_eq!(rows(query, &["--as-of", "3000"]), "user,spend,n_1h,n_2d,ever\na,1.00,1,1,1\nb,20.00,1,1,1\n");
    // Longer than the source's log: files hold what they hold.
    assert_eq!(rows("select count() over 30d as n from buys", &[]), "n\n5\n");
}

#[test]
fn groups_are_columns_expressions_aliases_numbers_or_all() {
    let expected = "code,n\nDE,3\nFR,1\n,1\n";
    for group in ["upper(country)", "code", "1", "all"] {
        let query = format!(
            "select upper(country) as code, count() over 7d as n from buys group by {group} order by n desc, code"
        );
        // An event without a country has no row: a null key is no key.
        assert_eq!(rows(&query, &[]), expected.replace(",1\n,1\n", ",1\n"), "{group}");
    }
    assert_eq!(rows("select user from buys group by user order by 1", &[]), "user\na\nb\nc\n");
    let hidden = "select count() over 7d as n from buys group by user, country order by n";
    assert_eq!(rows(hidden, &[]), "n\n1\n1\n2\n");
}

#[test]
fn a_suffix_of_an_aggregate_is_what_it_is_in_a_definition() {
    let query = "select user, count() where amount > 2 over 7d as big, sum(amount) filter (where country = 'FR') over 7d as fr, \
        last_k(amount, 2) over 7d, avg(amount) over 7d tail hop as mean, max(amount) over 1h default 0 as top \
        from buys group by user order by user";
    assert_eq!(
        rows(query, &[]),
        "user,big,fr,last_k_amount_7d,mean,top\n\
         a,1,5.50,\"[5.50, 1.00]\",3.250000,0.00\nb,1,,[20.00],20.000000,0.00\nc,1,,[7.00],7.000000,0.00\n"
    );
}

#[test]
fn other_forms_of_output_and_explanations_are_those_of_a_preview() {
    let scratch = scratch();
    let lines = sql(&scratch, "select user, amount from buys limit 1", &["--format", "jsonl"]);
    assert_eq!(lines.stdout, "{\"user\":\"a\",\"amount\":\"1.00\"}\n");
    let query = "select user, count() over 1d as n from buys group by user";
    let parquet = sql(&scratch, query, &["--format", "parquet", "--out", "rows.parquet"]);
    assert_eq!((parquet.code, parquet.stdout.as_str()), (Some(0), ""), "{}", parquet.stderr);
    assert!(std::fs::read(scratch.path().join("rows.parquet")).unwrap().starts_with(b"PAR1"));
    let explained = sql(&scratch, query, &["--explain", "a", "--as-of", "86401001"]);
    assert!(explained.stdout.contains("- 1ms too old"), "{}{}", explained.stdout, explained.stderr);
    let missing = windrow_in(scratch.path(), &["sql", "select user from buys", "d.wr"]);
    assert!(missing.stderr.contains("E0952"), "{}", missing.stderr);
}

/// What is wrong in a query is shown at its place in the query.
#[test]
fn wrong_queries_are_explained_where_they_are_wrong() {
    let scratch = scratch();
    let queries = [
        "select user, sum(amonut) over 7d as s from buys group by user",
        "select user, amount from buys group by user",
        "select user, count() over 7d as n from buys",
        "select *, count() over 7d from buys group by user",
        "select user from bys",
        "select user from users",
        "select user, amount * 2 from buys",
        "select user, summ(amount) over 7d from buys group by user",
        "select user, sum(amount) over (partition by user) from buys group by user",
        "select user, sum(amount) over 7 as s from buys group by user",
        "select user, sum(amount) over 7d / 2 as half from buys group by user",
        "select user u from buys",
        "select user from buys join users on user",
        "select user, count(distinct country) from buys group by user",
        "select user, count() over 7d as n from buys group by user having n > 1",
        "select user from buys where user == 'a'",
        "select user from buys order by amuont",
        "select user, sum(amount) over 7d as spend from buys group by user order by spent",
        "select user from buys group by 2",
        "select user from buys limit x",
        "update buys",
        "select",
        "",
    ];
    let mut shown = String::new();
    for query in queries {
        let run = sql(&scratch, query, &[]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{query}: {}", run.stderr);
        shown += &format!("$ windrow sql \"{query}\"\n{}\n", run.stderr);
    }
    settings("sql").bind(|| insta::assert_snapshot!("wrong", shown));
}

/// What one command has written another reads, in every form.
#[test]
fn rows_that_were_written_are_events_again() {
    let scratch = scratch();
    let query = "select user, sum(amount) over 7d as spend, max(ts) over 7d as newest from buys group by user order by user";
    let expected = sql(&scratch, query, &["--format", "csv"]).stdout;
    assert!(expected.starts_with("user,spend,newest\na,6.50,1970-01-02T01:00:00.000Z\n"), "{expected}");
    for format in ["csv", "jsonl", "parquet"] {
        let file = format!("copy.{format}");
        let written = sql(&scratch, "select * from buys", &["--format", format, "--out", &file]);
        assert_eq!(written.code, Some(0), "{}", written.stderr);
        let source = format!("buys={file}");
        let args = ["sql", query, "d.wr", "--input", &source, "--format", "csv"];
        assert_eq!(windrow_in(scratch.path(), &args).stdout, expected, "{format}");
    }
}
