//! `windrow.yaml` → [`Project`].

use crate::diag::{Code, Diagnostic, Diagnostics, FileId, SourceMap, Spanned, nearest, shortened};
use crate::syntax::parse::unreadable;
use crate::syntax::project::{Environment, Project, Requirement};

use super::reader::{Entry, Scalar};
use super::root;
use super::values::Values;

/// Lengths of time that definitions may leave to the project.
pub(super) const DEFAULTS: [&str; 5] = ["retention", "disorder", "ahead", "hold_for", "left_late"];

pub(super) const KEYS: [&str; 10] = [
    "name",
    "owners",
    DEFAULTS[0],
    DEFAULTS[1],
    DEFAULTS[2],
    DEFAULTS[3],
    DEFAULTS[4],
    "require",
    "environments",
    "deployments",
];

/// Parses a project file.
#[must_use]
pub fn parse_project(sources: &SourceMap, file: FileId) -> (Project, Diagnostics) {
    let mut problems = Diagnostics::default();
    let mut project = Project::default();
    if let Some(problem) = unreadable(sources, file) {
        problems.push(problem);
    } else if let Some(root) = root(file, sources.text(file), &mut problems) {
        let mut values = Values::new(file, &mut problems);
        for entry in values.entries(&root, "a map with `name:`, `environments:` and `deployments:`") {
            setting(&mut values, entry, &mut project);
        }
    }
    (project, problems)
}

fn setting(values: &mut Values<'_>, entry: &Entry, project: &mut Project) {
    match entry.key.text.as_str() {
        "name" => project.name = values.scalar(entry, "a name").map(|name| values.label(name)),
        "retention" => project.defaults.retention = values.duration(entry),
        "disorder" => project.defaults.disorder = values.duration(entry),
        "ahead" => project.defaults.ahead = values.duration(entry),
        "hold_for" => project.defaults.hold_for = values.duration(entry),
        "left_late" => project.defaults.left_late = values.duration(entry),
        "owners" => {
            for item in values.items(entry, "a list of owners") {
                let owner = values.item(item, "a name");
                project.owners.extend(owner.map(|owner| values.label(owner)));
            }
        }
        "require" => {
            for item in values.items(entry, "a list like `[doc, owner]`") {
                let word = values.item(item, "`doc` or `owner`");
                project.require.extend(word.and_then(|word| requirement(values, word)));
            }
        }
        "environments" => {
            for environment in values.entries_of(entry, "a map of names and environments") {
                let name = values.label(&environment.key);
                project.environments.push((name, environment_of(values, environment)));
            }
        }
        "deployments" => {
            for deployment in values.entries_of(entry, "a map of names and lists of definitions") {
                let name = values.label(&deployment.key);
                let mut definitions = Vec::new();
                for item in values.items(deployment, "a list of definitions") {
                    let definition = values.item(item, "the name of a definition");
                    definitions.extend(definition.map(|definition| values.name(definition)));
                }
                project.deployments.push((name, definitions));
            }
        }
        _ => values.unknown(&entry.key, "`windrow.yaml`", &KEYS),
    }
}

fn requirement(values: &mut Values<'_>, word: &Scalar) -> Option<Spanned<Requirement>> {
    let requirement = match word.text.as_str() {
        "doc" => Requirement::Doc,
        "owner" => Requirement::Owner,
        _ => {
            let shown = shortened(&word.text);
            let hint = nearest(&shown, ["doc", "owner"]).map_or_else(
                || "a project can require `doc` and `owner`".into(),
                |known| format!("did you mean `{known}`?"),
            );
            let message = format!("`{shown}` is nothing that a project can require");
            values.report(Diagnostic::error(Code::E0129, word.span, message).hint(hint));
            return None;
        }
    };
    Some(Spanned::new(requirement, word.span))
}

fn environment_of(values: &mut Values<'_>, entry: &Entry) -> Environment {
    let mut environment = Environment { topology: None, checkpoints: None };
    for setting in values.entries_of(entry, "a map with `topology:` and `checkpoints:`") {
        match setting.key.text.as_str() {
            "topology" => environment.topology = values.string(setting, "the path of a topology file"),
            "checkpoints" => environment.checkpoints = values.string(setting, "the path of a folder"),
            _ => values.unknown(&setting.key, "an environment", &["topology", "checkpoints"]),
        }
    }
    environment
}
