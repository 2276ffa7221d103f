//! Engines that compute a scenario's rows.

use crate::model::PublishMode;
use crate::oracle::Table;
use crate::plan::{NodeId, Operator};
use crate::sim::{self, Feed, Options, Raw};
use crate::types::{EventTime, Row};

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

/// Rows as the oracle has them: of a group by without the key columns in front.
fn table(scenario: &Scenario, node: NodeId, rows: Vec<(Row, EventTime, Row)>) -> Table {
    let mut table = scenario.emptied();
    let Operator::Publish(publish) = &scenario.plan.node(node).operator else { return table };
    for (key, _, mut row) in rows {
        match publish.mode {
            PublishMode::Latest => {
                let cells = if scenario.is_join() { row } else { row.split_off(publish.keys.len()) };
                table.set(key, Some(cells));
            }
            PublishMode::Events => table.add(key, row),
        }
    }
    table
}
