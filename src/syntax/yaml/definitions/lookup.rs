//! `lookup:` a list of texts like `fx_rates on currency { rate } as fx`, or of maps.

use crate::syntax::ast::{KeyMapping, Lookup};
use crate::syntax::dsl::read;
use crate::syntax::yaml::reader::{Entry, Node, NodeKind, has};
use crate::syntax::yaml::values::Values;

use super::names;

const WANTED: &str = "a lookup like `fx_rates on currency { rate }`";
pub(in crate::syntax::yaml) const KEYS: [&str; 4] = ["table", "on", "columns", "as"];

pub(super) fn lookups(values: &mut Values<'_>, entry: &Entry) -> Vec<Lookup> {
    match &entry.value.kind {
        NodeKind::List(items) => items.iter().filter_map(|item| lookup(values, item)).collect(),
        NodeKind::Map(_) => lookup(values, &entry.value).into_iter().collect(),
        NodeKind::Null | NodeKind::Refused | NodeKind::Scalar(_) => {
            values.read(entry, WANTED, read::lookup).into_iter().collect()
        }
    }
}

fn lookup(values: &mut Values<'_>, node: &Node) -> Option<Lookup> {
    let NodeKind::Map(entries) = &node.kind else {
        return values.read_item(node, WANTED, read::lookup);
    };
    let (mut table, mut on, mut columns, mut alias) = (None, Vec::new(), Vec::new(), None);
    let known = values.error_count();
    for entry in entries {
        match entry.key.text.as_str() {
            "table" => table = values.read(entry, "a table", read::name),
            "on" => on = mappings(values, entry),
            "columns" => columns = names(values, entry),
            "as" => alias = values.read(entry, "a name", read::name),
            _ => values.unknown(&entry.key, "a lookup", &KEYS),
        }
    }
    for needed in ["table", "on", "columns"] {
        if !has(entries, needed) {
            let hint = "write it like `{table: fx_rates, on: currency, columns: rate}`";
            values.missing(node.span, &format!("`{needed}:`"), hint);
        }
    }
    let table = table.filter(|_| values.error_count() == known)?;
    Some(Lookup { table, on, columns, alias })
}

/// `on: a = k, b`, or a list of such texts.
fn mappings(values: &mut Values<'_>, entry: &Entry) -> Vec<KeyMapping> {
    let wanted = "columns like `a = key, b`";
    if let NodeKind::List(items) = &entry.value.kind {
        let mappings = items.iter().filter_map(|item| values.read_item(item, wanted, read::mappings));
        return mappings.flatten().collect();
    }
    values.read(entry, wanted, read::mappings).unwrap_or_default()
}
