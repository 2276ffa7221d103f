//! The YAML front end: the same tree as the DSL, the same words, expressions by the same grammar.
//!
//! Reads the event layer of the YAML library rather than its serde layer: a map of names needs the
//! place of each key and value, and an expression needs the place of each of its characters.

mod definitions;
mod kubernetes;
mod place;
mod project;
mod reader;
mod remarks;
mod schema;
mod topology;
mod values;

use crate::diag::{Code, Diagnostic, Diagnostics, FileId, Span, nearest};

use super::ast::{Ast, Definition};
use super::words::{KINDS_SHOWN, Kind, kind_elsewhere};
use reader::{Entry, Node};
use values::Values;

pub use project::parse_project;
pub(super) use remarks::{Remark, remarks};
pub use schema::{definitions_schema, project_schema, topology_schema};
pub use topology::parse_topology;

/// Parses a whole YAML definition file.
pub(super) fn parse(file: FileId, text: &str) -> (Ast, Diagnostics) {
    let mut problems = Diagnostics::default();
    let mut ast = Ast::default();
    if let Some(root) = root(file, text, &mut problems) {
        ast.incomplete = problems.has_errors();
        let mut values = Values::new(file, &mut problems);
        for entry in values.entries(&root, "a map with keys like `source:`, `group_by:` and `join:`") {
            section(&mut values, entry, &mut ast);
        }
    } else {
        ast.incomplete = true;
    }
    (ast, problems)
}

/// The document's node; a file of `---` alone is as empty as an empty one.
fn root(file: FileId, text: &str, problems: &mut Diagnostics) -> Option<Node> {
    let root = reader::read(file, text, problems)?;
    if root.is_null() {
        let error =
            Diagnostic::error(Code::E0002, Span::new(file, 0, 0), "expected a map, found an empty document");
        problems.push(error.hint("delete the file, or define something"));
        return None;
    }
    Some(root)
}

/// `source:`, `group_by:` and so on with its named definitions; `constants:` with its values.
fn section(values: &mut Values<'_>, entry: &Entry, ast: &mut Ast) {
    let word = entry.key.text.as_str();
    let Some(kind) = Kind::by_word(word) else {
        values.report(unknown_section(word, entry.key.span));
        ast.incomplete = true;
        return;
    };
    if kind == Kind::Constants {
        let known = values.error_count();
        let mut constants = definitions::constants(values, entry);
        constants.incomplete = ast.incomplete || values.error_count() > known;
        ast.definitions.push(Definition::Constants(constants));
        return;
    }
    for definition in values.entries_of(entry, "a map of names and definitions") {
        // An error of the reader may be anywhere: it makes every definition incomplete.
        let known = if ast.incomplete { 0 } else { values.error_count() };
        let read = definitions::definition(values, kind, definition);
        ast.incomplete |= read.is_none();
        ast.definitions.extend(read.map(|mut definition| {
            if values.error_count() > known {
                definition.set_incomplete();
            }
            definition
        }));
    }
}

fn unknown_section(word: &str, span: Span) -> Diagnostic {
    if ["generation", "regions", "environments", "deployments"].contains(&word) {
        let message = format!("expected a kind of definition, found `{word}`");
        let hint = "a topology is named by an environment of windrow.yaml; only the file `windrow.yaml` is a project";
        return Diagnostic::error(Code::E0102, span, message).hint(hint);
    }
    let hint = match (kind_elsewhere(word), nearest(word, Kind::ALL.map(Kind::word))) {
        (Some(hint), _) => hint.into(),
        (None, Some(known)) => format!("did you mean `{known}`?"),
        (None, None) => format!("the keys at the top level are {KINDS_SHOWN}"),
    };
    Diagnostic::error(Code::E0102, span, format!("unknown kind of definition `{word}`")).hint(hint)
}

#[cfg(test)]
mod tests;
