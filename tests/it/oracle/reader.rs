//! The reader of everything a plan publishes: the newest row per key of a group by, every row of a
//! join. Compares what it has with the oracle.

use std::collections::BTreeMap;

use windrow::dataflow::{Publication, Version};
use windrow::model::{GroupById, JoinId, Model};
use windrow::oracle::{self, Comparison, Records, Table};
use windrow::plan::{NodeId, Operator, Plan, PublishMode};
use windrow::types::Row;

/// What has been read, by publish node.
pub(super) struct Reader {
    sinks: Vec<Sink>,
}

struct Sink {
    node: NodeId,
    definition: Definition,
    /// Positions of the compared columns in a published row.
    slots: Vec<usize>,
    table: Table,
    versions: BTreeMap<oracle::Key, Version>,
    /// Only the newest row of a key counts.
    is_latest: bool,
}

#[derive(Clone, Copy)]
enum Definition {
    GroupBy(GroupById),
    Join(JoinId),
}

impl Reader {
    pub(super) fn new(model: &Model, plan: &Plan) -> Self {
        let nodes = plan.publishers().into_iter();
        Self { sinks: nodes.map(|(node, _)| Sink::new(model, plan, node)).collect() }
    }

    /// Reader's rule (R2): versions rise per key, and none comes twice.
    pub(super) fn publish(&mut self, publication: Publication) -> Result<(), String> {
        let sink = self.sinks.iter_mut().find(|sink| sink.node == publication.node);
        let sink = sink.ok_or_else(|| format!("{} publishes nothing", publication.node))?;
        let row =
            publication.row.map(|row| -> Row { sink.slots.iter().map(|slot| row[*slot].clone()).collect() });
        match (sink.definition, row) {
            (Definition::Join(_), None) => return Err("a join published a tombstone".to_owned()),
            (Definition::Join(_), Some(row)) if !sink.is_latest => sink.table.add(publication.key, row),
            (Definition::GroupBy(_) | Definition::Join(_), row) => {
                let key = oracle::Key(publication.key.clone());
                let before = sink.versions.insert(key, publication.version);
                if before.is_some_and(|before| before >= publication.version) {
                    let (key, version) = (publication.key, publication.version);
                    return Err(format!("version {version:?} of {key:?} after {before:?}"));
                }
                sink.table.set(publication.key, row);
            }
        }
        Ok(())
    }

    /// Forgets all rows of group bys.
    pub(super) fn forget(&mut self) {
        for sink in &mut self.sinks {
            if matches!(sink.definition, Definition::GroupBy(_)) {
                sink.table = sink.table.emptied();
            }
        }
    }

    pub(super) fn into_tables(self) -> Vec<Table> {
        self.sinks.into_iter().map(|sink| sink.table).collect()
    }

    /// All rows against those the oracle has for a model as of `q`.
    pub(super) fn compare(&self, model: &Model, records: &Records, q: i64) -> Comparison {
        let mut result = Comparison::default();
        for sink in &self.sinks {
            let expected = match sink.definition {
                Definition::GroupBy(id) => oracle::group_by_table(model, id, records, q),
                Definition::Join(id) => oracle::join_table(model, id, records, q),
            };
            result.extend(oracle::compare(&expected, &sink.table));
        }
        result
    }
}

impl Sink {
    fn new(model: &Model, plan: &Plan, node: NodeId) -> Self {
        let nothing = Records::new();
        let name = &plan.node(node).definition;
        let group_by = model.group_bys.iter().position(|group_by| group_by.name == *name).map(GroupById);
        let join = model.joins.iter().position(|join| join.name == *name).map(JoinId);
        let (definition, table) = match (group_by, join) {
            (Some(id), _) => (Definition::GroupBy(id), oracle::group_by_table(model, id, &nothing, 0)),
            (None, Some(id)) => (Definition::Join(id), oracle::join_table(model, id, &nothing, 0)),
            (None, None) => panic!("`{name}` is published and unknown"),
        };
        let output = &plan.node(node).output;
        let slot = |column: &String| output.index_of(column).expect("a published row has all columns");
        let slots = table.columns.iter().map(slot).collect();
        let Operator::Publish(publish) = &plan.node(node).operator else {
            panic!("`{name}` is no publish node")
        };
        let is_latest = publish.mode == PublishMode::Latest;
        Self { node, definition, slots, table, versions: BTreeMap::new(), is_latest }
    }
}
