//! `windrow.yaml`: defaults, owners, environments, deployments.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::diag::{Code, Diagnostic, Diagnostics, Span, nearest};
use crate::model::resolve::facts::Facts;
use crate::model::resolve::names::Names;
use crate::model::{Environment, Model};
use crate::syntax::Project;
use crate::syntax::ast::Name;
use crate::types::Duration;

use super::{Broken, deployment};

/// What the project sets for all definitions.
pub(in crate::model) struct Settings {
    pub(in crate::model) retention: Duration,
    /// Empty: any owner.
    owners: Vec<String>,
}

impl Settings {
    pub(in crate::model) fn of(project: Option<&Project>) -> Self {
        let retention = project.and_then(|project| project.retention.as_ref());
        let owners = project.map_or(&[][..], |project| &project.owners);
        Self {
            retention: retention.map_or(Duration::from_ms(7 * 86_400_000), |retention| retention.value),
            owners: owners.iter().map(|owner| owner.value.clone()).collect(),
        }
    }

    /// The owner of a definition, if it names one that the project knows.
    pub(super) fn owner(
        &self,
        owner: Option<&Name>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Option<String>, Broken> {
        let Some(owner) = owner else { return Ok(None) };
        if self.owners.is_empty() || self.owners.contains(&owner.value) {
            return Ok(Some(owner.value.clone()));
        }
        let hint = match nearest(&owner.value, self.owners.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the owners are {}", self.owners.join(", ")),
        };
        let message = format!("unknown owner `{}`", owner.value);
        diagnostics.push(Diagnostic::error(Code::E0211, owner.span, message).hint(hint));
        Err(Broken)
    }
}

/// Checks environments and deployments and adds the sound ones to the model.
pub(in crate::model) fn check(
    project: &Project,
    names: &Names,
    facts: &Facts,
    model: &mut Model,
    diagnostics: &mut Diagnostics,
) {
    if let Some(retention) = &project.retention {
        super::duration(retention, diagnostics);
    }
    super::demands::check(project, names, diagnostics);
    distinct("environments", project.environments.iter().map(|(name, _)| name), diagnostics);
    distinct("deployments", project.deployments.iter().map(|(name, _)| name), diagnostics);
    for (name, environment) in &project.environments {
        let topology = clause(name, "topology", environment.topology.as_ref().map(|s| &s.value), diagnostics);
        let checkpoints =
            clause(name, "checkpoints", environment.checkpoints.as_ref().map(|s| &s.value), diagnostics);
        if let (Some(topology), Some(checkpoints)) = (topology, checkpoints) {
            model.environments.push(Environment {
                name: name.value.clone(),
                span: name.span,
                topology,
                checkpoints,
            });
        }
    }
    for (name, members) in &project.deployments {
        let deployment = deployment::check(name, members, names, facts, model, diagnostics);
        model.deployments.extend(deployment);
    }
    if !project.deployments.is_empty() {
        deployment::warn_unused(project, names, diagnostics);
    }
}

fn clause(
    name: &Name,
    clause: &str,
    path: Option<&String>,
    diagnostics: &mut Diagnostics,
) -> Option<PathBuf> {
    let found = path.filter(|path| !path.is_empty()).map(PathBuf::from);
    if found.is_none() {
        let message = format!("the environment `{}` has no `{clause}`", name.value);
        let hint = format!("add `{clause}: PATH`, relative to the project's folder");
        diagnostics.push(Diagnostic::error(Code::E0608, name.span, message).hint(hint));
    }
    found
}

fn distinct<'a>(what: &str, all: impl Iterator<Item = &'a Name>, diagnostics: &mut Diagnostics) {
    let mut first: BTreeMap<String, Span> = BTreeMap::new();
    for name in all {
        let key = name.value.to_ascii_lowercase();
        if let Some(taken) = first.get(&key) {
            diagnostics.push(
                Diagnostic::error(Code::E0607, name.span, format!("two {what} are called `{}`", name.value))
                    .also(*taken, "the first")
                    .hint("rename one of them"),
            );
        } else {
            first.insert(key, name.span);
        }
    }
}
