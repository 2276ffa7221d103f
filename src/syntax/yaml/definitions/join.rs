//! Joins: a left stream and what it is enriched with.

use crate::syntax::ast::{Join, Name};
use crate::syntax::dsl::read;
use crate::syntax::words::Kind;
use crate::syntax::yaml::reader::Entry;
use crate::syntax::yaml::values::Values;

use super::{PUBLISH, about, bindings, lookup::lookups, unknown_clause};

pub(super) fn join(values: &mut Values<'_>, name: Name, clauses: &[Entry]) -> Join {
    let mut join = Join::named(name);
    for entry in clauses {
        match entry.key.text.as_str() {
            "left" => join.left = values.read(entry, "a source or stream", read::name),
            "features" => {
                for item in values.items(entry, "a list of `group_by on key as alias`") {
                    let wanted = "a text like `user_spend on user_id`";
                    join.parts.extend(values.read_item(item, wanted, read::part));
                }
            }
            "lookup" => join.lookups = lookups(values, entry),
            "derive" => join.derived = bindings(values, entry),
            "mode" => join.mode = values.read(entry, "`complete` or `fresh`", read::join_mode),
            "hold_for" => join.hold_for = values.duration(entry),
            "left_late" => join.left_late = values.duration(entry),
            "publish" => join.publish = values.read(entry, PUBLISH, read::publish),
            _ if about(values, &mut join.about, entry) => {}
            _ => unknown_clause(values, Kind::Join, entry),
        }
    }
    join
}
