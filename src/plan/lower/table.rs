//! A table: its records, routed by key, and the rows that lookups and joins ask for.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{GroupBy, GroupById, JoinId, Lookup, Model, Table, TableId};
use crate::plan::{self, Decode, Node, NodeId, Operator, SourceNode, Watermark};
use crate::types::{Field, Schema};

use super::Lowering;
use super::source::decode_field;

/// How long rows wait for a table whose cluster is down.
const HOLD_FOR_MS: i64 = 5 * 60_000;

/// What a group by with a lifetime column may ask: as long as anything is kept.
const FOREVER_MS: i64 = 36_500 * 86_400_000;

impl Lowering<'_> {
    /// The node with the rows of a table by key, built on first use.
    pub(super) fn table(&mut self, id: TableId) -> NodeId {
        if let Some(node) = self.tables.get(&id) {
            return *node;
        }
        let table = self.model.table(id);
        let fields = Schema { fields: table.fields.iter().map(|field| field.field.clone()).collect() };
        let raw = self.plan.add(node(table, "source", read(table), Schema::default()), &[]);
        let mut last = self.plan.add(node(table, "decode", decode(table), fields.clone()), &[raw]);
        if let Some(event_time) = table.event_time {
            let watermark = Watermark { event_time, disorder_ms: table.disorder_ms };
            let watermark = node(table, "watermark", Operator::Watermark(watermark), fields.clone());
            last = self.plan.add(watermark, &[last]);
        }
        let keys = table.keys.clone();
        last = self.plan.add(node(table, "key_by", Operator::KeyBy { keys }, fields.clone()), &[last]);
        let operator = Operator::Table(plan::Table {
            keys: table.keys.clone(),
            event_time: table.event_time,
            event_id: table.event_id,
            kept_ms: self.tables_kept_ms.get(&id).copied().unwrap_or(0),
        });
        last = self.plan.add(node(table, "table", operator, fields), &[last]);
        self.tables.insert(id, last);
        last
    }

    /// Appends the columns of each lookup of a group by, in order.
    pub(super) fn lookups(&mut self, group_by: &GroupBy, event_time: usize, input: NodeId) -> NodeId {
        group_by.lookups.iter().fold(input, |rows, lookup| self.lookup(group_by, lookup, event_time, rows))
    }

    fn lookup(&mut self, group_by: &GroupBy, lookup: &Lookup, event_time: usize, rows: NodeId) -> NodeId {
        let table = self.table(lookup.table);
        let mut output = self.plan.node(rows).output.clone();
        let add = |operator: Operator, name: &str, output: Schema| {
            let name = format!("{name}_{}", lookup.alias);
            Node::new(&group_by.name, &name, lookup.span, operator, output)
        };
        let keyed = add(Operator::KeyBy { keys: lookup.on.clone() }, "key_by", output.clone());
        let keyed = self.plan.add(keyed, &[rows]);
        output.fields.extend(self.looked_up(lookup));
        let operator = Operator::Lookup(plan::Lookup {
            event_time,
            on: lookup.on.clone(),
            columns: lookup.columns.clone(),
            hold_for_ms: HOLD_FOR_MS,
        });
        self.plan.add(add(operator, "lookup", output), &[keyed, table])
    }

    /// The columns a lookup adds, under names that differ from all others.
    pub(super) fn looked_up(&self, lookup: &Lookup) -> Vec<Field> {
        let fields = self.model.looked_up(lookup).into_iter();
        fields.map(|field| Field { name: format!("{}_{}", lookup.alias, field.name), ..field }).collect()
    }
}

/// How long before the watermark the rows of each table may still be asked for: by late events that some
/// window still holds, and by late left rows.
pub(super) fn kept_ms(
    model: &Model,
    group_bys: &BTreeSet<GroupById>,
    joins: &[JoinId],
) -> BTreeMap<TableId, i64> {
    let mut kept = BTreeMap::new();
    let mut ask = |lookup: &Lookup, ms: i64| {
        let longest = kept.entry(lookup.table).or_insert(0);
        *longest = ms.max(*longest);
    };
    for group_by in group_bys.iter().map(|id| model.group_by(*id)) {
        let is_lifetime = group_by.aggregates.iter().any(|aggregate| aggregate.window.is_none());
        let ms = if is_lifetime { FOREVER_MS } else { group_by.reach_ms() };
        group_by.lookups.iter().for_each(|lookup| ask(lookup, ms));
    }
    for join in joins.iter().map(|id| model.join(*id)) {
        join.lookups.iter().for_each(|lookup| ask(lookup, join.left_late_ms));
    }
    kept
}

fn node(table: &Table, operator_name: &str, operator: Operator, output: Schema) -> Node {
    Node::new(&table.name, operator_name, table.span, operator, output)
}

fn read(table: &Table) -> Operator {
    Operator::Source(SourceNode {
        source: table.name.clone(),
        topic: table.topic.clone(),
        group: table.group.clone(),
        retention_ms: table.retention_ms,
        history: table.history.clone(),
        is_table: true,
    })
}

fn decode(table: &Table) -> Operator {
    Operator::Decode(Decode {
        format: table.format.clone(),
        fields: table.fields.iter().enumerate().map(|(slot, field)| decode_field(slot, field)).collect(),
        event_time: table.event_time,
        event_id: table.event_id,
        ahead_ms: table.ahead_ms,
        keys: table.keys.clone(),
    })
}
