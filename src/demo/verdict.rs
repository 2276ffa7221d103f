//! The comparison: what every region's readers see against what the oracle computes from the log of
//! what was fed. The oracle has seen neither the executor nor Kafka.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::executor::{Group, View, ViewRow, read_view};
use crate::model::{Deployment, Model};
use crate::oracle::{Key, Record, Records, Table, compare, group_by_table, join_table};
use crate::plan::{self, Node, Publish, PublishMode};
use crate::topology::Topology;
use crate::types::{Row, Value};
use crate::wire;

use super::feed::Fed;
use super::{Error, Summary, project};

/// How long reading one topic back may take.
const READ_BACK: Duration = Duration::from_secs(30);
/// How many differences the summary shows.
const DIFFERENCES_SHOWN: usize = 10;

/// Compares every region's rows of every published topic, and enters the figures into the summary.
pub(super) fn judge(
    compiled: &(Model, Deployment),
    topology: &Topology,
    log: &[Fed],
    cut: i64,
    summary: &mut Summary,
) -> Result<(), Error> {
    let (model, deployment) = compiled;
    let records = records(log);
    let plan = plan::lower(model, deployment);
    for (id, publish) in plan.publishers() {
        let node = plan.node(id);
        let table = expected(model, &node.definition, &records, cut);
        let history = if publish.mode == PublishMode::Events { history(log) } else { BTreeSet::new() };
        let what = Group {
            topic: publish.topic.clone(),
            group: Some(publish.group.clone()),
            region: None,
            verify: false,
        };
        let view =
            read_view(topology, &what, READ_BACK).map_err(|error| Error::ReadBack(error.to_string()))?;
        enter(&view, node, publish, &Expected { table, history }, summary)?;
    }
    Ok(())
}

/// What a topic must hold.
struct Expected {
    table: Table,
    /// Keys whose rows may be missing.
    history: BTreeSet<Key>,
}

impl Expected {
    /// The rows that must be there beside these: all, but of the history only what is there.
    fn beside(&self, actual: &Table) -> Table {
        let mut due = self.table.clone();
        due.rows.retain(|key, _| actual.rows.contains_key(key) || !self.history.contains(key));
        due
    }
}

fn records(log: &[Fed]) -> Records {
    let record = |fed: &Fed| Record::new(fed.payload.clone(), fed.timestamp_ms);
    Records::from([(project::SOURCE.to_owned(), log.iter().map(record).collect())])
}

fn expected(model: &Model, definition: &str, records: &Records, cut: i64) -> Table {
    use crate::model::{GroupById, JoinId};
    let group_by = model.group_bys.iter().position(|group_by| group_by.name == definition);
    let join = model.joins.iter().position(|join| join.name == definition);
    match (group_by, join) {
        (Some(at), _) => group_by_table(model, GroupById(at), records, cut),
        (None, at) => {
            join_table(model, JoinId(at.expect("a publisher is a group by or a join")), records, cut)
        }
    }
}

fn enter(
    view: &View,
    node: &Node,
    publish: &Publish,
    expected: &Expected,
    summary: &mut Summary,
) -> Result<(), Error> {
    if !view.unreachable.is_empty() {
        return Err(Error::ReadBack(format!("{} did not answer", view.unreachable.join(", "))));
    }
    summary.repeats += view.repeats;
    summary.conflicting_repeats += view.conflicts;
    summary.records += view.records;
    for region in project::REGIONS {
        let actual = actual(view, region, node, publish, &expected.table)?;
        *summary.rows.entry(region.to_owned()).or_default() += actual.rows.len();
        let comparison = compare(&expected.beside(&actual), &actual);
        summary.cells += comparison.cells;
        summary.differing_cells += comparison.differing.len();
        let room = DIFFERENCES_SHOWN.saturating_sub(summary.differences.len());
        let shown = comparison.differing.iter().take(room);
        summary.differences.extend(shown.map(|one| format!("{region} {}: {one:?}", node.definition)));
    }
    Ok(())
}

/// The events that were history when the executor first started. Their rows are not published, save
/// those that still waited for the watermark when it went live; what is published must be right.
fn history(log: &[Fed]) -> BTreeSet<Key> {
    log.iter().filter(|fed| fed.is_history).map(|fed| Key(vec![Value::string(fed.id)])).collect()
}

/// A region's rows in the shape of the expected ones: the key apart, a group by's key columns left out.
fn actual(
    view: &View,
    region: &str,
    node: &Node,
    publish: &Publish,
    expected: &Table,
) -> Result<Table, Error> {
    let mut table = expected.emptied();
    let is_keyed = expected.absent.is_some();
    for row in view.regions.get(region).into_iter().flat_map(|rows| rows.values()) {
        let ViewRow { value: Some(value), .. } = row else { continue };
        let row = wire::decode_row(&node.output.fields, value)
            .map_err(|error| Error::ReadBack(error.to_string()))?;
        let key: Row = publish.keys.iter().map(|slot| row[*slot].clone()).collect();
        let is_shown = |slot: &usize| !(is_keyed && publish.keys.contains(slot));
        let cells = (0..row.len()).filter(is_shown).map(|slot| row[slot].clone()).collect();
        table.set(key, Some(cells));
    }
    Ok(table)
}
