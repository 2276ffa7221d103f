//! What the project demands of every definition: `require: [doc, owner]`.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::resolve::names::Names;
use crate::syntax::ast::{About, Definition};
use crate::syntax::{Project, Requirement};

/// Reports definitions that do not say what the project demands.
pub(in crate::model) fn check(project: &Project, names: &Names, diagnostics: &mut Diagnostics) {
    for definition in names.definitions().filter(|definition| !definition.is_incomplete()) {
        let Some(about) = about(definition) else { continue };
        for demand in &project.require {
            let (code, what, example) = match demand.value {
                Requirement::Doc if about.doc.is_none() => {
                    (Code::E0213, "documentation", "`doc \"what it is\"`")
                }
                Requirement::Owner if about.owner.is_none() => (Code::E0214, "owner", "`owner NAME`"),
                Requirement::Doc | Requirement::Owner => continue,
            };
            let name = definition.name();
            let error = Diagnostic::error(code, name.span, format!("`{}` has no {what}", name.value));
            let error = error.also(demand.span, "the project demands it here");
            diagnostics.push(error.hint(format!("add {example}")));
        }
    }
}

/// What the definition says of itself, if it can.
const fn about(definition: &Definition) -> Option<&About> {
    match definition {
        Definition::Source(source) => Some(&source.about),
        Definition::Table(table) => Some(&table.about),
        Definition::Stream(stream) => Some(&stream.about),
        Definition::GroupBy(group_by) => Some(&group_by.about),
        Definition::Join(join) => Some(&join.about),
        Definition::Constants(_) | Definition::Test(_) => None,
    }
}
