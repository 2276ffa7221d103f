//! Rows of a join: those a bundle wrote, the oracle's, and those of the executor's operators.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Json;
use windrow::model::{JoinId, PublishMode};
use windrow::oracle::{Records, join_rows};
use windrow::plan::{NodeId, Operator};
use windrow::types::{Field, Row, Value};

use super::project::Project;
use super::rows::{outcome, table_line, value};

/// A join that is published.
pub(super) struct Joined<'p> {
    project: &'p Project,
    id: JoinId,
    node: NodeId,
    fields: Vec<Field>,
    keys: Vec<usize>,
    mode: PublishMode,
    /// Rows may be published later, with `every`.
    waits: bool,
    /// Where the event time is in a row.
    time: usize,
}

impl<'p> Joined<'p> {
    pub(super) fn new(project: &'p Project, name: &str) -> Self {
        let plan = project.plan(&project.everything());
        let id = JoinId(project.model.joins.iter().position(|join| join.name == name).unwrap());
        let find = |id: &NodeId| {
            let node = plan.node(*id);
            node.definition == name && matches!(node.operator, Operator::Publish(_))
        };
        let node = plan.topological().into_iter().find(find).expect("the join publishes");
        let Operator::Publish(publish) = &plan.node(node).operator else { unreachable!("found as one") };
        let fields = plan.node(node).output.fields.clone();
        let joins = |id: &NodeId| match &plan.node(*id).operator {
            Operator::PointInTimeJoin(join) if plan.node(*id).definition == name => Some(join.event_time),
            _ => None,
        };
        let time = plan.topological().iter().find_map(joins).expect("a join has a left");
        let waits = publish.every_ms > 0;
        Self { project, id, node, fields, keys: publish.keys.clone(), mode: publish.mode, waits, time }
    }

    /// The JSON lines of a bundle.
    pub(super) fn written(&self, file: &Path) -> Vec<Row> {
        self.shown(self.lines(file).into_iter().map(|(row, _)| row).collect())
    }

    /// As of when each key has rows, in their order, and of how many of them that is later than their own time.
    pub(super) fn as_ofs(&self, file: &Path) -> (BTreeMap<String, Vec<i64>>, usize) {
        let (mut of_keys, mut waited) = (BTreeMap::new(), 0);
        for (row, as_of) in self.lines(file) {
            waited += usize::from(as_of > self.time_of(&row));
            of_keys.entry(self.key(&row)).or_insert_with(Vec::new).push(as_of);
        }
        (of_keys, waited)
    }

    /// A row holds as of its own event time; where it may have waited, as of a later one.
    fn lines(&self, file: &Path) -> Vec<(Row, i64)> {
        let read = |line: &str| {
            let json: Json = serde_json::from_str(line).unwrap();
            let row: Row = self.fields.iter().map(|field| value(&json[&field.name], field)).collect();
            let as_of = json["wr_as_of"].as_i64().unwrap();
            assert!(as_of == self.time_of(&row) || self.waits && as_of > self.time_of(&row), "{line}");
            (row, as_of)
        };
        std::fs::read_to_string(file).unwrap().lines().map(read).collect()
    }

    pub(super) fn expected(&self, records: &Records, q: i64) -> Vec<Row> {
        let rows = join_rows(&self.project.model, self.id, records, q);
        self.newest(rows.into_iter().map(|(_, row)| row).collect())
    }

    pub(super) fn previewed(&self, records: &Records, q: i64) -> Vec<Row> {
        let (_, outcome) = outcome(self.project, records, q);
        sorted(outcome.tables[&self.node].rows.iter().map(|(_, _, row)| row.clone()).collect())
    }

    fn time_of(&self, row: &Row) -> i64 {
        match &row[self.time] {
            Value::Timestamp(time) => time.millis(),
            other => panic!("{other:?} is no event time"),
        }
    }

    /// Rows as a reader has them in the end: all of them, or the last of each key.
    fn shown(&self, rows: Vec<Row>) -> Vec<Row> {
        match self.mode {
            PublishMode::Events => sorted(rows),
            PublishMode::Latest => sorted(self.last(rows)),
        }
    }

    /// As published: the newest of each key where only that is kept, and a row without a key is nobody's (S6).
    fn newest(&self, mut rows: Vec<Row>) -> Vec<Row> {
        if self.mode == PublishMode::Latest {
            rows.retain(|row| self.keys.iter().all(|key| row[*key] != Value::Null));
        }
        rows.sort_by_key(|row| self.time_of(row));
        self.shown(rows)
    }

    fn last(&self, rows: Vec<Row>) -> Vec<Row> {
        let last: BTreeMap<String, Row> = rows.into_iter().map(|row| (self.key(&row), row)).collect();
        last.into_values().collect()
    }

    fn key(&self, row: &Row) -> String {
        format!("{:?}", self.keys.iter().map(|slot| &row[*slot]).collect::<Vec<_>>())
    }
}

fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_cached_key(|row| format!("{row:?}"));
    rows
}

/// Row by row, and over enough rows to mean something.
pub(super) fn assert_rows_equal(what: &str, expected: &[Row], rows: &[Row], rows_min: usize) {
    let differs = expected.iter().zip(rows).find(|(expected, row)| expected != row);
    assert!(differs.is_none(), "{what}: {differs:#?}");
    assert_eq!(expected.len(), rows.len(), "{what}");
    assert!(rows.len() >= rows_min, "{what}: only {} rows were compared", rows.len());
    table_line(what, rows.iter().map(Vec::len).sum());
}
