//! Which definitions a definition names, and what follows from that alone.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::syntax::ast::{About, Binding, Definition, Expr, Feature, Name};

use super::names::{self, Names};

/// The definitions that it reads.
pub(in crate::model) fn of(definition: &Definition) -> Vec<&Name> {
    match definition {
        // What a test names is checked where tests are run.
        Definition::Source(_) | Definition::Table(_) | Definition::Constants(_) | Definition::Test(_) => {
            vec![]
        }
        Definition::Stream(stream) => stream.from.iter().chain(&stream.union).collect(),
        Definition::GroupBy(group_by) => {
            group_by.from.iter().chain(group_by.lookups.iter().map(|lookup| &lookup.table)).collect()
        }
        Definition::Join(join) => join
            .left
            .iter()
            .chain(join.parts.iter().map(|part| &part.group_by))
            .chain(join.lookups.iter().map(|lookup| &lookup.table))
            .collect(),
    }
}

/// The expressions that it computes with.
pub(in crate::model) fn expressions(definition: &Definition) -> Vec<&Expr> {
    match definition {
        // The values of a test are written out.
        Definition::Source(_) | Definition::Table(_) | Definition::Test(_) => vec![],
        Definition::Constants(constants) => exprs(&constants.bindings).collect(),
        Definition::Stream(stream) => exprs(&stream.lets)
            .chain(&stream.filter)
            .chain(stream.select.iter().map(|item| &item.expr))
            .chain(stream.call.iter().flat_map(|call| &call.arguments))
            .collect(),
        Definition::GroupBy(group_by) => {
            let of_features = group_by.features.iter().flat_map(|feature| {
                let Feature { arguments, filter, by, default, .. } = feature;
                arguments.iter().chain(filter).chain(by).chain(default)
            });
            exprs(&group_by.lets).chain(&group_by.filter).chain(of_features).collect()
        }
        Definition::Join(join) => exprs(&join.derived).collect(),
    }
}

fn exprs(bindings: &[Binding]) -> impl Iterator<Item = &Expr> {
    bindings.iter().map(|binding| &binding.expr)
}

/// All that these names need, themselves included.
pub(in crate::model) fn closure<'a>(names: &Names<'a>, from: Vec<&'a str>) -> BTreeSet<&'a str> {
    let (mut found, mut open) = (BTreeSet::new(), from);
    while let Some(next) = open.pop() {
        if found.insert(next) {
            let used = names.by_name(next).map(of).unwrap_or_default();
            open.extend(used.into_iter().map(|name| name.value.as_str()));
        }
    }
    found
}

/// A deprecated definition that another one, which is not, still reads.
pub(in crate::model) fn warn_deprecated(names: &Names, diagnostics: &mut Diagnostics) {
    for definition in names.definitions().filter(|definition| !is_deprecated(definition)) {
        for name in of(definition) {
            let Some(used) = names.by_name(&name.value) else { continue };
            let Some(why) = about(used).and_then(|about| about.deprecated.as_ref()) else { continue };
            let message = format!("the {} `{}` is deprecated: {}", names::kind(used), name.value, why.value);
            diagnostics.push(
                Diagnostic::warning(Code::W0202, name.span, message)
                    .also(why.span, "says why")
                    .hint("use what it names instead, or mark this definition as deprecated too"),
            );
        }
    }
}

fn is_deprecated(definition: &Definition) -> bool {
    about(definition).is_some_and(|about| about.deprecated.is_some())
}

/// What a definition says of itself; constants and tests say nothing.
pub(in crate::model) const fn about(definition: &Definition) -> Option<&About> {
    match definition {
        Definition::Source(source) => Some(&source.about),
        Definition::Table(table) => Some(&table.about),
        Definition::Stream(stream) => Some(&stream.about),
        Definition::GroupBy(group_by) => Some(&group_by.about),
        Definition::Join(join) => Some(&join.about),
        Definition::Constants(_) | Definition::Test(_) => None,
    }
}
