//! Engines that compute a scenario's rows.

use serde_json::Value as Json;

use crate::model::PublishMode;
use crate::oracle::Table;
use crate::plan::{NodeId, Operator, Publish};
use crate::sim::{self, Feed, Options, Raw};
use crate::types::{EventTime, Row};
use crate::wire;

use super::records::Arrival;
use super::rng::Rng;
use super::scenario::Scenario;

/// Something that computes rows from records.
pub trait Engine {
    fn name(&self) -> &'static str;

    /// The rows of the scenario's definition at its cut. `seed` chooses what no value may depend on: the
    /// split into partitions, steps, shards.
    ///
    /// # Errors
    /// When the engine fails; the text says how.
    fn rows(&self, scenario: &Scenario, seed: u64) -> Result<Table, String>;
}

/// The operators that executor, backfill and preview share, run in this process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Simulation;

impl Engine for Simulation {
    fn name(&self) -> &'static str {
        "sim"
    }

    fn rows(&self, scenario: &Scenario, seed: u64) -> Result<Table, String> {
        let mut rng = Rng::new(seed, "sim", 0);
        let feeds = feeds(scenario, &mut rng);
        let options = Options {
            until: Some(EventTime(scenario.q)),
            step_records: *rng.pick(&[1, 3, 10, 1_000]),
            shards: 1 + rng.below(3),
            finishes: scenario.finishes,
            resume_steps: *rng.pick(&[0, 0, 1, 3]),
            caller: scenario.caller.clone(),
        };
        let outcome = sim::run(&scenario.plan, feeds, options).map_err(|error| error.to_string())?;
        let node = scenario.plan.publisher();
        let rows = outcome.tables.get(&node).map(|table| table.rows.clone()).unwrap_or_default();
        Ok(table(scenario, node, rows))
    }
}

/// Each source's records dealt out to a few partitions, each in order of arrival.
fn feeds(scenario: &Scenario, rng: &mut Rng) -> Vec<Feed> {
    let mut feeds = Vec::new();
    for (source, arrivals) in &scenario.arrivals {
        // The last row of a static table that is read wins: only within a partition is there a last one.
        let partitions = if scenario.is_static(source) { 1 } else { 1 + rng.below(3) };
        let mut split = vec![Vec::new(); partitions];
        for arrival in arrivals {
            split[rng.below(partitions)].push(raw(arrival));
        }
        feeds.extend(split.into_iter().map(|records| Feed { source: source.clone(), records }));
    }
    feeds
}

fn raw(arrival: &Arrival) -> Raw {
    Raw {
        timestamp_ms: arrival.timestamp_ms,
        payload: arrival.payload.clone(),
        deleted_key: arrival.deleted_key.clone(),
    }
}

fn table(scenario: &Scenario, node: NodeId, rows: Vec<(Row, EventTime, Row)>) -> Table {
    let mut table = scenario.emptied();
    let Operator::Publish(publish) = &scenario.plan.node(node).operator else { return table };
    for (key, _, row) in rows {
        put(&mut table, scenario, publish, key, row);
    }
    table
}

/// The last row of each key, or all rows of a join.
pub(super) fn table_of_lines(scenario: &Scenario, text: &str) -> Result<Table, String> {
    let node = scenario.plan.node(scenario.plan.publisher());
    let Operator::Publish(publish) = &node.operator else {
        return Err("nothing is published".to_owned());
    };
    let mut table = scenario.emptied();
    for line in text.lines() {
        let row: Row = wire::decode_row(&node.output.fields, line.as_bytes())
            .map_err(|error| format!("{error} in {line}"))?;
        let key: Row = publish.keys.iter().map(|slot| row[*slot].clone()).collect();
        if is_gone(line)? {
            table.set(key, None);
        } else {
            put(&mut table, scenario, publish, key, row);
        }
    }
    Ok(table)
}

/// Whether a bundle's line says that its key has left: it stands for a record without a value.
fn is_gone(line: &str) -> Result<bool, String> {
    let json: Json = serde_json::from_str(line).map_err(|error| format!("{error} in {line}"))?;
    Ok(json["wr_gone"] == true)
}

/// Adds a row as the oracle has it: of a group by without the key columns in front.
fn put(table: &mut Table, scenario: &Scenario, publish: &Publish, key: Row, mut row: Row) {
    match publish.mode {
        PublishMode::Latest => {
            let cells = if scenario.is_join() { row } else { row.split_off(publish.keys.len()) };
            table.set(key, Some(cells));
        }
        PublishMode::Events => table.add(key, row),
    }
}
