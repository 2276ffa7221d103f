//! Rows of a bundle's output file, and the same rows by the oracle and by the executor's operators.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use serde_json::Value as Json;
use windrow::model::GroupBy;
use windrow::oracle::{Comparison, Record, Records, Table, compare, group_by_table};
use windrow::plan::{self, Operator};
use windrow::sim::{self, Feed, Raw};
use windrow::types::{EventTime, Field, Row, Value};

use super::project::Project;

/// The last row of each key, read from the JSON lines that a bundle wrote.
pub(super) fn last_rows(project: &Project, group_by: &str, file: &Path, expected: &Table) -> Table {
    let definition = project.model.group_by(project.group_by(group_by));
    let (keys, columns) = fields(project, definition);
    let mut table = expected.emptied();
    let mut newest: BTreeMap<String, i64> = BTreeMap::new();
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let json: Json = serde_json::from_str(line).unwrap();
        let row =
            |fields: &[Field]| fields.iter().map(|field| value(&json[&field.name], field)).collect::<Row>();
        let (key, as_of) = (row(&keys), json["wr_as_of"].as_i64().expect("a row says when it holds"));
        let before = newest.insert(format!("{key:?}"), as_of);
        assert!(before.is_none_or(|before| before <= as_of), "{key:?} goes back in time: {line}");
        table.set(key, (json["wr_gone"] != true).then(|| row(&columns)));
    }
    table
}

fn fields(project: &Project, group_by: &GroupBy) -> (Vec<Field>, Vec<Field>) {
    let scope = project.model.group_by_scope(group_by);
    let key = |slot: &usize| scope[*slot].clone();
    let feature = |a: &windrow::model::Aggregate| Field::new(&a.column, a.output, a.nullable);
    (group_by.keys.iter().map(key).collect(), group_by.aggregates.iter().map(feature).collect())
}

/// A cell as the wire has it.
pub(super) fn value(json: &Json, field: &Field) -> Value {
    let row = serde_json::json!({ &field.name: json }).to_string();
    windrow::wire::decode_row(std::slice::from_ref(field), row.as_bytes()).unwrap().remove(0)
}

/// Lines of files have no arrival stamp: none is too early.
pub(super) fn records(sources: &[(&'static str, Vec<String>)]) -> Records {
    let record = |line: &String| Record::new(line.as_bytes().to_vec(), i64::MAX);
    let of_source = |(source, lines): &(&'static str, Vec<String>)| {
        ((*source).to_owned(), lines.iter().map(record).collect())
    };
    sources.iter().map(of_source).collect()
}

/// V(key, q) by the oracle.
pub(super) fn expected(project: &Project, group_by: &str, records: &Records, q: i64) -> Table {
    group_by_table(&project.model, project.group_by(group_by), records, q)
}

/// All that the executor's operators publish until a cut, as `windrow preview` shows it.
pub(super) fn outcome(project: &Project, records: &Records, q: i64) -> (plan::Plan, sim::Outcome) {
    let plan = project.plan(&project.everything());
    let feed = |(source, records): (&String, &Vec<Record>)| Feed {
        source: source.clone(),
        records: records.iter().map(|r| Raw::new(r.timestamp_ms, r.payload.clone())).collect(),
    };
    let options = sim::Options { until: Some(EventTime(q)), ..sim::Options::default() };
    let used = records.iter().filter(|(source, _)| is_read(&plan, source));
    let outcome = sim::run(&plan, used.map(feed).collect(), options).unwrap();
    (plan, outcome)
}

fn is_read(plan: &plan::Plan, source: &str) -> bool {
    plan.sources().iter().any(|(_, read)| read.source == source)
}

/// V(key, q) by the executor's operators.
pub(super) fn previewed(
    project: &Project,
    group_by: &str,
    records: &Records,
    expected: &Table,
    q: i64,
) -> Table {
    let (plan, outcome) = outcome(project, records, q);
    let is_of = |id: &&plan::NodeId| plan.node(**id).definition == group_by;
    let node = outcome.tables.keys().find(is_of).expect("the group by publishes");
    let Operator::Publish(publish) = &plan.node(*node).operator else {
        panic!("only publications have tables")
    };
    let mut table = expected.emptied();
    for (key, _, row) in &outcome.tables[node].rows {
        table.set(key.clone(), Some(row[publish.keys.len()..].to_vec()));
    }
    table
}

/// Bit by bit, and over enough cells to mean something.
pub(super) fn assert_equal(what: &str, expected: &Table, actual: &Table, cells_min: usize) {
    let comparison: Comparison = compare(expected, actual);
    assert!(comparison.is_equal(), "{what}: {comparison}");
    assert!(comparison.cells >= cells_min, "{what}: only {} cells were compared", comparison.cells);
    table_line(what, comparison.cells);
}

/// A line of the table that the test command prints: what was compared, how many cells, how many differ.
pub(super) fn table_line(what: &str, cells: usize) {
    // Past the test harness, which keeps to itself what a test that passed has printed.
    let _ = writeln!(std::io::stderr(), "{what:<70} {cells:>7} cells  0 differing");
}
