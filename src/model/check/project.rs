//! `windrow.yaml`: defaults, owners, environments, deployments.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::diag::{Code, Diagnostic, Diagnostics, Span, Spanned, nearest};
use crate::model::resolve::facts::Facts;
use crate::model::resolve::names::Names;
use crate::model::{Checkpoints, Environment, Model};
use crate::syntax::ast::Name;
use crate::syntax::{Defaults, Project};
use crate::types::Duration;

use super::{Broken, deployment, records, unused};

/// How long a topic keeps its records.
const RETENTION: Duration = Duration::from_ms(7 * 86_400_000);
/// How long a cluster that is down holds the rows of a join.
const HOLD_FOR: Duration = Duration::from_ms(5 * 60_000);
/// How late a left row may be and still be enriched from kept history.
const LEFT_LATE: Duration = Duration::from_ms(3_600_000);

/// What the project sets for all definitions.
pub(in crate::model) struct Settings {
    pub(super) retention: Duration,
    pub(super) disorder: Duration,
    /// As long as the disorder of each, where the project does not say.
    pub(super) ahead: Option<Duration>,
    pub(super) hold_for: Duration,
    pub(super) left_late: Duration,
    /// Empty: any owner.
    owners: Vec<String>,
}

impl Settings {
    pub(in crate::model) fn of(project: Option<&Project>) -> Self {
        let defaults = project.map(|project| &project.defaults).cloned().unwrap_or_default();
        let owners = project.map_or(&[][..], |project| &project.owners);
        // One that is wrong is reported, and nothing is concluded from it.
        let or = |set: Option<Spanned<Duration>>, otherwise| {
            set.filter(|set| set.value <= super::LONGEST).map_or(otherwise, |set| set.value)
        };
        let retention = defaults.retention.filter(|retention| retention.value > Duration::ZERO);
        Self {
            retention: or(retention, RETENTION),
            disorder: or(defaults.disorder, Duration::ZERO),
            ahead: defaults.ahead.map(|ahead| ahead.value),
            hold_for: or(defaults.hold_for, HOLD_FOR),
            left_late: or(defaults.left_late, LEFT_LATE),
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
    let Defaults { retention, disorder, ahead, hold_for, left_late } = &project.defaults;
    if let Some(retention) = retention {
        records::retention(retention, diagnostics);
    }
    for default in [disorder, ahead, hold_for, left_late].into_iter().flatten() {
        super::duration(default, diagnostics);
    }
    super::demands::check(project, names, diagnostics);
    distinct("environments", project.environments.iter().map(|(name, _)| name), diagnostics);
    distinct("deployments", project.deployments.iter().map(|(name, _)| name), diagnostics);
    for (name, environment) in &project.environments {
        let topology = clause(name, "topology", environment.topology.as_ref().map(|s| &s.value), diagnostics);
        let checkpoints = checkpoints(name, environment.checkpoints.as_ref(), diagnostics);
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
        unused::warn(project, names, diagnostics);
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

/// A folder or a URL, and nothing beside the place: what stands in a project is read by everybody.
fn checkpoints(
    name: &Name,
    text: Option<&Spanned<String>>,
    diagnostics: &mut Diagnostics,
) -> Option<Checkpoints> {
    let folder = clause(name, "checkpoints", text.map(|text| &text.value), diagnostics)?;
    let text = text.expect("there is a clause");
    let Some((scheme, rest)) = text.value.split_once("://") else {
        return Some(Checkpoints::Folder(folder));
    };
    let (place, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let (message, hint) = match scheme {
        "s3" | "az" if !rest.chars().all(is_plain) => (
            format!("a URL of scheme `{scheme}` with more than a place"),
            "leave credentials and queries out: processes take them from AWS_… or AZURE_… variables",
        ),
        "s3" | "az" if place.is_empty() => {
            (format!("`{}` names no bucket", text.value), "write a URL like `s3://bucket/windrow`")
        }
        "s3" => return Some(Checkpoints::S3 { bucket: place.to_owned(), prefix: prefix.to_owned() }),
        "az" => return Some(Checkpoints::Azure { container: place.to_owned(), prefix: prefix.to_owned() }),
        _ => (
            format!("`{scheme}://` is no place that windrow can keep checkpoints in"),
            "write a folder, or a URL like `s3://bucket/windrow` or `az://container/windrow`",
        ),
    };
    diagnostics.push(Diagnostic::error(Code::E0940, text.span, message).hint(hint));
    None
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
