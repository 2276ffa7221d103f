//! A bundle from and to real Kafka clusters: what every region holds in the end, read with windrow's own
//! codec, is what the oracle says, although a cluster was dead and a region frozen.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use serde_json::Value as Json;
use windrow::oracle::Table;
use windrow::plan::{Operator, Plan};
use windrow::types::{DataType, Field};
use windrow::wire::{Headers, Version, decode_key, decode_row, partition};

use super::project::features;
use super::rows::{assert_equal, expected, records};
use crate::support::flink::{run, turn};
use crate::support::{Scratch, cache, root};

/// The jar of Flink's Kafka connector, if tests/setup has put it there.
pub(super) fn connector() -> Option<PathBuf> {
    let cache = cache()?;
    let jars = fs::read_dir(cache.join("kafka-connector")).ok()?;
    let is_connector = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "jar");
    cache.join("kafka/libs").is_dir().then(|| jars.map(|jar| jar.unwrap().path()).find(is_connector))?
}

pub(super) fn bytes(json: &Json) -> Option<Vec<u8>> {
    json.as_str().map(|text| base64::prelude::BASE64_STANDARD.decode(text).unwrap())
}

/// A record of a publication.
pub(super) struct Published {
    pub(super) key: Vec<u8>,
    /// `None`: the key has left.
    pub(super) value: Option<Vec<u8>>,
    pub(super) headers: Headers,
    partition: u64,
}

/// All records of a topic on a cluster, as they were left in a file.
pub(super) fn records_of(file: &Path) -> Vec<Published> {
    let read = |line: &str| {
        let record: Json = serde_json::from_str(line).unwrap();
        let headers = record["headers"].as_object().unwrap();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name, bytes(value).unwrap())).collect();
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        Published {
            // Dead letters have none.
            key: bytes(&record["key"]).unwrap_or_default(),
            value: bytes(&record["value"]),
            headers: Headers::decode(headers).unwrap(),
            partition: record["partition"].as_u64().unwrap(),
        }
    };
    fs::read_to_string(file).unwrap().lines().map(read).collect()
}

/// The highest version of each key over the clusters of a region.
struct Region {
    newest: BTreeMap<Vec<u8>, (Version, Option<Vec<u8>>)>,
    records: usize,
}

fn region(work: &Path, clusters: &[&str]) -> Region {
    let mut region = Region { newest: BTreeMap::new(), records: 0 };
    let mut versions = BTreeMap::new();
    for cluster in clusters {
        for record in records_of(&work.join(format!("{cluster}.jsonl"))) {
            let (key, version, value) = (record.key, record.headers.version, record.value);
            assert_eq!(version.lease, 3, "the lease that was given");
            assert_eq!(record.partition, u64::from(partition(&key, 4)), "{key:?}");
            let known = versions.entry((key.clone(), version)).or_insert_with(|| value.clone());
            assert_eq!(*known, value, "{version:?} of {key:?} has two payloads");
            region.records += 1;
            let newest = region.newest.entry(key).or_insert((version, value.clone()));
            if version > newest.0 {
                *newest = (version, value);
            }
        }
    }
    region
}

/// A region's rows as a table.
fn table(region: &Region, expected: &Table, fields: &[Field]) -> Table {
    let mut table = expected.emptied();
    for (key, (_, value)) in &region.newest {
        let row = value.as_ref().map(|value| decode_row(fields, value).unwrap()[1..].to_vec());
        table.set(decode_key(&[DataType::String], key).unwrap(), row);
    }
    table
}

/// In `project`, without a topology.
pub(super) fn copy_of_features() -> Scratch {
    let scratch = Scratch::new();
    for name in ["windrow.yaml", "purchases/purchases.yaml", "flights/flights.wr", "payments/payments.wr"] {
        scratch.file(&format!("project/{name}"), fs::read(root().join("features").join(name)).unwrap());
    }
    scratch
}

/// What a publication's rows are made of.
pub(super) fn published(plan: &Plan) -> Vec<Field> {
    let fields = plan.topological().into_iter().find_map(|id| match plan.node(id).operator {
        Operator::Publish(_) => Some(plan.node(id).output.fields.clone()),
        _ => None,
    });
    fields.unwrap()
}

#[test]
fn every_region_gets_every_row_although_one_is_frozen_and_a_cluster_dead() {
    let Some(_turn) = turn("a bundle from and to real Kafka clusters") else { return };
    let Some(connector) = connector() else {
        assert!(std::env::var_os("WINDROW_TEST_KAFKA").is_none(), "tests/setup has not put Kafka there");
        return;
    };
    let (scratch, project) = (copy_of_features(), features());
    let text = fs::read_to_string(root().join("features/purchases/data/purchases.jsonl")).unwrap();
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let time = |line: &String| serde_json::from_str::<Json>(line).unwrap()["ts"].as_i64().unwrap();
    let q = lines.iter().map(time).max().unwrap() + 1;
    let records = records(&[("purchases", lines)]);
    let wanted = expected(&project, "user_spend", &records, q);
    let mut command = Command::new("python3");
    command.arg("-B").arg(root().join("tests/flink/regions.py")).arg("--work").arg(scratch.path());
    command.args(["--windrow", env!("CARGO_BIN_EXE_windrow"), "--until", &q.to_string()]);
    command.arg("--lines").arg(root().join("features/purchases/data/purchases.jsonl"));
    command.args(["--keys", &wanted.rows.len().to_string()]).env("WINDROW_FLINK_CONNECTOR", connector);
    run("a bundle from and to real Kafka clusters", &mut command, &scratch.path().join("log"));
    check(&scratch, &project, &wanted);
}

fn check(scratch: &Scratch, project: &super::project::Project, wanted: &Table) {
    let fields = published(&project.plan(&project.deployment("spend")));
    for (name, clusters) in [("west", &["west-3", "west-4"][..]), ("east", &["east-3"])] {
        let region = region(scratch.path(), clusters);
        assert_equal(name, wanted, &table(&region, wanted, &fields), 100);
        assert!(
            region.records > 2 * region.newest.len() || name == "east",
            "{name}: each key has several rows"
        );
    }
    let dead = fs::read_to_string(scratch.path().join("dead.jsonl")).unwrap();
    let dead: Vec<Json> = dead.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(dead.len(), 1);
    let letter: Json = serde_json::from_slice(&bytes(&dead[0]["value"]).unwrap()).unwrap();
    assert_eq!(letter["payload"], "{\"purchase_id\": 7}");
    assert_eq!((&letter["source"], &letter["cluster"]), (&Json::from("purchases"), &Json::from("west-1")));
    assert!(letter["reason"].is_string() && letter["offset"].is_i64(), "{letter}");
}
