//! Group bys: keys and aggregates.

use crate::syntax::ast::{GroupBy, Name};
use crate::syntax::dsl::read;
use crate::syntax::words::Kind;
use crate::syntax::yaml::reader::Entry;
use crate::syntax::yaml::values::Values;

use super::{PUBLISH, about, bindings, lookup::lookups, names, unknown_clause};

pub(super) fn group_by(values: &mut Values<'_>, name: Name, clauses: &[Entry]) -> GroupBy {
    let mut group_by = GroupBy::named(name);
    for entry in clauses {
        match entry.key.text.as_str() {
            "from" => group_by.from = values.read(entry, "a source or stream", read::name),
            "lookup" => group_by.lookups = lookups(values, entry),
            "where" => group_by.filter = values.read(entry, "a condition", read::expr),
            "let" => group_by.lets = bindings(values, entry),
            "key" => group_by.key = names(values, entry),
            "features" => {
                for feature in values.entries_of(entry, "a map of features and aggregates") {
                    let name = values.name(&feature.key);
                    let wanted = "an aggregate like `sum(x) over 1h`";
                    let feature = values.read(feature, wanted, |builder| read::feature(builder, name));
                    group_by.features.extend(feature);
                }
            }
            "refresh" => group_by.refresh = values.duration(entry),
            "ttl" => group_by.ttl = values.duration(entry),
            "unbounded" => {
                group_by.unbounded = values.flag(entry).and_then(|set| set.then_some(entry.key.span));
            }
            "publish" => group_by.publish = values.read(entry, PUBLISH, read::publish),
            _ if about(values, &mut group_by.about, entry) => {}
            _ => unknown_clause(values, Kind::GroupBy, entry),
        }
    }
    group_by
}
