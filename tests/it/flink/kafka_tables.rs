//! A bundle with tables over real Kafka clusters, live and to a cut: deletions, a late row of a table, a static
//! table that changes, records in Avro (see `kafka_avro.rs`). Left out, and said so, unless WINDROW_TEST_FLINK is set.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value as Json;
use windrow::oracle::{Record, Records, join_rows};
use windrow::types::{Field, Row};
use windrow::wire::{Version, decode_row};

use super::kafka::{connector, records_of};
use super::kafka_avro as readings;
use super::lookups::Dice;
use super::project::{Project, with_schema};
use super::rows::table_line;
use crate::support::Scratch;
use crate::support::flink::{run, turn};

const DEFINITIONS: &str = r"
table rates { topic ref.rates in ingest  format json  key currency  event_time ts  event_id id  disorder 5s
  schema { currency string  id string  rate decimal(12,2)  ts timestamp_ms } }
table users { topic crm.users in ingest  format json  key user_id  schema { user_id string  country string? } }
source orders { topic shop.orders in ingest  format json  event_time ts  event_id order_id  disorder 10s
  schema { order_id string  user_id string  currency string  amount decimal(12,2)  ts timestamp_ms } }
join priced { left orders
  lookup rates on currency { rate, id }
  lookup users on user_id { country }
  hold_for 20s
  worth = amount * rates.rate
  publish features.priced to serving as events }
group_by recent { from orders  key user_id  n = count() over 10s  paid = sum(amount) over 10s
  publish features.recent to serving }
join seen { left orders  lookup rates on currency { rate }  mode fresh  publish features.seen to serving as events }
";

/// With the readings.
fn definitions() -> String {
    [DEFINITIONS, readings::DEFINITIONS].concat()
}
const BASE: i64 = 1_700_000_000_000;
const HOUR: i64 = 3_600_000;
const ORDERS: u64 = 80;
const CURRENCIES: [&str; 3] = ["EUR", "NZD", "JPY"];

/// What is sent before anything runs, by topic and cluster.
#[derive(Default)]
pub(super) struct Sent(pub(super) BTreeMap<String, String>);

impl Sent {
    pub(super) fn add(&mut self, topic: &str, place: u64, ts: i64, (key, value): (&str, &str)) {
        let cluster = if place.is_multiple_of(2) { "west-1" } else { "east-1" };
        let line = format!("{}\t{ts}\t{key}\t{value}\n", place / 2 % 2);
        *self.0.entry(format!("{topic}@{cluster}")).or_default() += &line;
    }

    fn rate(&mut self, place: u64, (currency, id): (&str, &str), ts: i64) {
        let value =
            format!(r#"{{"currency":"{currency}","id":"{id}","rate":"{}.25","ts":{ts}}}"#, id.len() * 7);
        self.add("ref.rates", place, ts, (currency, &value));
    }

    fn order(&mut self, place: u64, id: &str, (user, currency): (&str, &str), ts: i64) {
        let value = format!(
            r#"{{"order_id":"{id}","user_id":"{user}","currency":"{currency}","amount":"10.00","ts":{ts}}}"#
        );
        self.add("shop.orders", place, ts, ("-", &value));
    }

    /// A key's rows stand in one partition: there they have an order.
    fn users(&mut self) {
        for (key, country) in [("u0", "a"), ("u1", "b"), ("u2", "c"), ("u1", "d"), ("u3", "e"), ("u1", "f")] {
            let place = if key == "u0" { 0 } else { u64::try_from(key.len()).unwrap() + 1 };
            let value = format!(r#"{{"user_id":"{key}","country":"{country}"}}"#);
            self.add("crm.users", place, BASE, (key, &value));
        }
        self.add("crm.users", 3, BASE, ("u2", "-"));
    }
}

fn sent(now_ms: i64) -> Sent {
    let (mut sent, mut dice) = (Sent::default(), Dice(7));
    readings::send(&mut sent, now_ms);
    sent.users();
    for n in 0..ORDERS {
        let at = BASE + i64::try_from(n).unwrap() * 60_000;
        let currency = CURRENCIES[usize::try_from(dice.below(3)).unwrap()];
        let place = dice.below(4);
        if n.is_multiple_of(7) {
            sent.add("ref.rates", place, at, (currency, "-"));
        } else {
            sent.rate(place, (currency, &"x".repeat(usize::try_from(n % 9 + 1).unwrap())), at);
        }
        let user = format!("u{}", dice.below(5));
        let currency = CURRENCIES[usize::try_from(dice.below(3)).unwrap()];
        sent.order(dice.below(4), &format!("e{n}"), (&user, currency), at);
    }
    // More than an hour behind what its partition has told, and of an order that waits for that partition.
    sent.order(0, "late", ("u3", "LATE"), BASE + 2 * HOUR);
    sent.rate(1, ("LATE", "late"), BASE - HOUR);
    for place in 0..4 {
        sent.rate(place, ("PUSH", &format!("push{place}")), BASE + 3 * HOUR);
        sent.order(place, &format!("push{place}"), ("nobody", "PUSH"), BASE + 3 * HOUR);
    }
    sent
}

/// What has been sent, as the oracle reads it; `is_wanted` by topic and timestamp.
fn records(work: &Path, is_wanted: impl Fn(&str, i64) -> bool) -> Records {
    let mut records = Records::new();
    for line in std::fs::read_to_string(work.join("sent")).unwrap().lines() {
        let words: Vec<&str> = line.split('\t').collect();
        let [topic, timestamp, key, value] = words[..] else { panic!("{line}") };
        let timestamp: i64 = timestamp.parse().unwrap();
        if !is_wanted(topic, timestamp) {
            continue;
        }
        let source = topic.split('.').next_back().unwrap().to_owned();
        let record = if value == "-" {
            Record {
                payload: Vec::new(),
                timestamp_ms: timestamp,
                deleted_key: Some(key.as_bytes().to_vec()),
            }
        } else {
            Record::new(readings::bytes(value), timestamp)
        };
        records.entry(source).or_default().push(record);
    }
    records
}

fn shown(rows: impl Iterator<Item = Row>) -> Vec<String> {
    let mut rows: Vec<String> = rows.map(|row| format!("{row:?}")).collect();
    rows.sort();
    rows
}

fn expected(project: &Project, records: &Records, q: i64) -> Vec<String> {
    let id = windrow::model::JoinId(0);
    shown(join_rows(&project.model, id, records, q).into_iter().map(|(_, row)| row))
}

/// What a topic has of one of the runs: version, key and value of each record.
pub(super) fn published(file: &Path, lease: u64) -> Vec<(Version, Vec<u8>, Vec<u8>)> {
    let of_run = records_of(file).into_iter().filter(|record| record.headers.version.lease == lease);
    of_run.map(|record| (record.headers.version, record.key, record.value.unwrap())).collect()
}

/// What the rows of a definition are made of.
pub(super) fn fields(project: &Project, definition: &str) -> Vec<Field> {
    let plan = project.plan(&project.everything());
    let publishers = plan.publishers();
    let of_it = publishers.iter().find(|publisher| plan.node(publisher.0).definition == definition);
    plan.node(of_it.unwrap().0).output.fields.clone()
}

/// The rows that a cluster got of one of the runs.
fn rows(project: &Project, work: &Path, cluster: &str, lease: u64) -> Vec<Row> {
    let fields = fields(project, "priced");
    let records = published(&work.join(format!("{cluster}.jsonl")), lease);
    records.into_iter().map(|(_, _, value)| decode_row(&fields, &value).unwrap()).collect()
}

/// Each user has left ten seconds after its last order, which no event brought about: the last word on it is a record
/// without a value. Of those who were there for no time at all nothing else need be sent.
fn check_recent(work: &Path, cluster: &str) {
    let mut last: BTreeMap<String, i64> = BTreeMap::new();
    for line in std::fs::read_to_string(work.join("sent")).unwrap().lines() {
        let value = line.split('\t').next_back().filter(|_| line.starts_with("shop.orders\t"));
        let Some(order) = value.map(|value| serde_json::from_str::<Json>(value).unwrap()) else { continue };
        let (user, ts) = (order["user_id"].as_str().unwrap().to_owned(), order["ts"].as_i64().unwrap());
        last.entry(user).and_modify(|newest| *newest = ts.max(*newest)).or_insert(ts);
    }
    let (mut newest, mut counted) = (BTreeMap::new(), BTreeSet::new());
    for record in records_of(&work.join(format!("{cluster}.recent.jsonl"))) {
        let user = String::from_utf8(record.key).unwrap();
        let row: Option<Json> = record.value.map(|value| serde_json::from_slice(&value).unwrap());
        if row.as_ref().is_some_and(|row| row["n_10s"].as_i64() > Some(0) && row["paid_10s"].is_string()) {
            counted.insert(user.clone());
        }
        let said = (record.headers.version, record.headers.as_of, row);
        let known = newest.entry(user).or_insert_with(|| said.clone());
        if said.0 > known.0 {
            *known = said;
        }
    }
    assert!(last.len() > 5 && newest.keys().eq(last.keys()) && counted.contains("u0"), "{newest:?}");
    for (user, (_, as_of, row)) in newest {
        assert_eq!(row, None, "{user} has left");
        assert!(as_of.millis() > last[&user] + 10_000, "{user} left as of {as_of:?}, too early");
    }
}

#[test]
fn tables_over_real_clusters_are_those_of_the_oracle_live_and_at_a_cut() {
    let Some(_turn) = turn("a bundle with tables over real Kafka clusters") else { return };
    let Some(connector) = connector() else {
        assert!(std::env::var_os("WINDROW_TEST_KAFKA").is_none(), "tests/setup has not put Kafka there");
        return;
    };
    let scratch = Scratch::new();
    scratch.file("project/shop.wr", definitions());
    scratch.file("project/reading.avsc", readings::SCHEMA);
    scratch.file("project/windrow.yaml", SETTINGS);
    // Live orders are of now: a partition without events vouches for the time until now.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let now_ms = i64::try_from(now).unwrap();
    for (name, lines) in sent(now_ms).0 {
        scratch.file(&format!("records/{name}"), lines);
    }
    let q = now_ms + 1_000 * HOUR;
    let mut command = Command::new("python3");
    command
        .arg("-B")
        .arg(crate::support::root().join("tests/flink/tables.py"))
        .arg("--work")
        .arg(scratch.path());
    command.args(["--windrow", env!("CARGO_BIN_EXE_windrow"), "--until", &q.to_string()]);
    command.args(["--first", &(ORDERS + 1).to_string(), "--readings", &readings::GOOD.to_string()]);
    command.env("WINDROW_FLINK_CONNECTOR", connector);
    run("a bundle with tables over real Kafka clusters", &mut command, &scratch.path().join("log"));
    let project = with_schema(&definitions(), ("reading.avsc", readings::SCHEMA));
    check(&project, scratch.path(), q);
    let (all, now) = (records(scratch.path(), |_, _| true), sent(now_ms));
    readings::check(&project, (scratch.path(), &all), &now, q);
}

const SETTINGS: &str = "name: shop\nenvironments: {local: {topology: topology.yaml, checkpoints: .checkpoints}}\ndeployments: {shop: [priced, seen, recent, by_state]}\n";

fn check(project: &Project, work: &Path, q: i64) {
    let all = expected(project, &records(work, |_, _| true), q);
    // The live job knew another row of the static table when it put these out.
    let first = records(work, |_, timestamp| timestamp <= BASE + 3 * HOUR);
    let first = expected(project, &first, BASE + 2 * HOUR + 1);
    assert_eq!(first.len() as u64, ORDERS + 1);
    assert!(first.iter().any(|row| row.contains("late") && row.contains("units: 2825")), "{first:#?}");
    let ids: Vec<&str> = first.iter().map(|row| row.split(',').next().unwrap()).collect();
    for cluster in ["west-1", "east-1"] {
        check_recent(work, cluster);
        let bounded = shown(rows(project, work, cluster, 2).into_iter());
        assert_eq!(bounded, all, "{cluster} at the cut");
        table_line(&format!("priced from Kafka to {cluster} at a cut"), bounded.len() * 9);
        let live = shown(rows(project, work, cluster, 1).into_iter());
        let live: Vec<String> =
            live.into_iter().filter(|row| ids.contains(&row.split(',').next().unwrap())).collect();
        assert_eq!(live, first, "{cluster} live");
        table_line(&format!("priced from Kafka to {cluster} live"), live.len() * 9);
    }
}
