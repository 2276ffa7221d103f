//! What is defined and no deployment needs, by what is written: also broken definitions use others.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::resolve::names::{self, Names};
use crate::model::resolve::{order, uses};
use crate::syntax::Project;
use crate::syntax::ast::{Binding, Definition};

use super::publish;

/// Warns of unused definitions and constants. Tests are deployed with nothing.
pub(super) fn warn(project: &Project, names: &Names, diagnostics: &mut Diagnostics) {
    let members = project.deployments.iter().flat_map(|(_, members)| members);
    // What has tests is being worked on, or is there to learn from.
    let tested = names.tests().filter_map(|test| test.of.as_ref());
    let used = uses::closure(names, members.chain(tested).map(|name| name.value.as_str()).collect());
    for definition in names.definitions() {
        match definition {
            Definition::Constants(_) | Definition::Test(_) => {}
            Definition::Source(_)
            | Definition::Table(_)
            | Definition::Stream(_)
            | Definition::GroupBy(_)
            | Definition::Join(_) => {
                if !used.contains(definition.name().value.as_str()) {
                    diagnostics.push(unused_definition(definition));
                }
            }
        }
    }
    warn_of_constants(&used, names, diagnostics);
}

fn unused_definition(definition: &Definition) -> Diagnostic {
    let (kind, name) = (names::kind(definition), definition.name());
    let message = format!("no deployment needs the {kind} `{}`", name.value);
    let hint = match publish::of(definition) {
        Some(_) => "add it to a deployment",
        None => "remove it, or use it",
    };
    Diagnostic::warning(Code::W0601, name.span, message).hint(hint)
}

/// A constant is needed by the definitions that name it, and by constants that are needed.
fn warn_of_constants(used: &BTreeSet<&str>, names: &Names, diagnostics: &mut Diagnostics) {
    let constants: BTreeMap<&str, &Binding> =
        names.constants().map(|binding| (binding.name.value.as_str(), binding)).collect();
    if constants.is_empty() {
        return;
    }
    let readers = used.iter().filter_map(|name| names.by_name(name));
    let mut open: Vec<_> = readers.flat_map(uses::expressions).collect();
    let mut needed = BTreeSet::new();
    while let Some(expr) = open.pop() {
        order::visit(expr, &mut |name| {
            if let Some((name, binding)) = constants.get_key_value(name)
                && needed.insert(*name)
            {
                open.push(&binding.expr);
            }
        });
    }
    for (name, binding) in constants.iter().filter(|(name, _)| !needed.contains(*name)) {
        let message = format!("no deployment needs the constant `{name}`");
        let problem = Diagnostic::warning(Code::W0601, binding.name.span, message);
        diagnostics.push(problem.hint("remove it, or use it"));
    }
}
