//! The definitions of a YAML file, key by key, a file per kind.

mod group_by;
mod history;
mod join;
mod lookup;
mod source;
mod steps;
mod stream;
mod test;
mod types;

pub(super) use lookup::KEYS as LOOKUP_KEYS;
pub(super) use steps::{EXPECTATIONS, STEPS};
pub(super) use stream::CALL_KEYS;
pub(super) use types::FORMS as TYPE_FORMS;

use crate::diag::Spanned;
use crate::syntax::ast::{About, Binding, Constants, Definition, Name, Table};
use crate::syntax::dsl::read;
use crate::syntax::words::Kind;

use super::reader::{Entry, NodeKind};
use super::values::Values;

const PUBLISH: &str = "a topic and a group, like `t to serving as latest`";

/// One named definition. Wrong keys are reported, the rest is read.
pub(super) fn definition(values: &mut Values<'_>, kind: Kind, entry: &Entry) -> Option<Definition> {
    // A test has a title, not a name.
    let name = if kind == Kind::Test {
        Spanned::new(entry.key.text.clone(), entry.key.span)
    } else {
        values.name(&entry.key)
    };
    let clauses = match &entry.value.kind {
        NodeKind::Map(clauses) => clauses.as_slice(),
        NodeKind::Null | NodeKind::Refused | NodeKind::Scalar(_) | NodeKind::List(_) => {
            values.entries_of(entry, &format!("the clauses of a `{}` as a map", kind.word()));
            return None;
        }
    };
    Some(match kind {
        Kind::Source => Definition::Source(source::source(values, name, clauses)),
        Kind::Table => {
            let (records, key) = source::table(values, name, clauses);
            Definition::Table(Table::of(records, key))
        }
        Kind::Stream => Definition::Stream(stream::stream(values, name, clauses)),
        Kind::GroupBy => Definition::GroupBy(group_by::group_by(values, name, clauses)),
        Kind::Join => Definition::Join(join::join(values, name, clauses)),
        Kind::Constants => Definition::Constants(constants(values, entry)),
        Kind::Test => Definition::Test(test::test(values, name, clauses)),
    })
}

/// `constants:` with names and values.
pub(super) fn constants(values: &mut Values<'_>, entry: &Entry) -> Constants {
    let word = Spanned::new(entry.key.text.clone(), entry.key.span);
    Constants { word, bindings: bindings(values, entry), incomplete: false }
}

/// `doc`, `owner`, `tags`, `deprecated`; false if the key is another.
fn about(values: &mut Values<'_>, about: &mut About, entry: &Entry) -> bool {
    match entry.key.text.as_str() {
        "doc" => about.doc = values.string(entry, "a text"),
        "owner" => about.owner = values.read(entry, "a name", read::label),
        "tags" => about.tags = tags(values, entry),
        "deprecated" => about.deprecated = values.string(entry, "a text that says what to use instead"),
        _ => return false,
    }
    true
}

fn tags(values: &mut Values<'_>, entry: &Entry) -> Vec<Name> {
    if let NodeKind::List(items) = &entry.value.kind {
        return items.iter().filter_map(|item| values.read_item(item, "a tag", read::label)).collect();
    }
    values.read(entry, "tags like `a, b`, or a list of tags", read::labels).unwrap_or_default()
}

fn bindings(values: &mut Values<'_>, entry: &Entry) -> Vec<Binding> {
    let mut bindings = Vec::new();
    for binding in values.entries_of(entry, "a map of names and expressions") {
        let name = values.name(&binding.key);
        let expr = values.read(binding, "an expression", read::expr);
        bindings.extend(expr.map(|expr| Binding { name, expr }));
    }
    bindings
}

/// `key: a, b` or a list of names.
fn names(values: &mut Values<'_>, entry: &Entry) -> Vec<Name> {
    if let NodeKind::List(items) = &entry.value.kind {
        return items.iter().filter_map(|item| values.read_item(item, "a name", read::name)).collect();
    }
    values.read(entry, "names like `a, b`, or a list of names", read::names).unwrap_or_default()
}

fn unknown_clause(values: &mut Values<'_>, kind: Kind, entry: &Entry) {
    values.unknown(&entry.key, &format!("a `{}`", kind.word()), &kind.yaml_keys());
}
