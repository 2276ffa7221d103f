//! `windrow.yaml`: defaults, owners, environments, deployments.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::diag::{Code, Diagnostic, Diagnostics, Span, nearest};
use crate::model::resolve::Facts;
use crate::model::resolve::names::{self, Names};
use crate::model::{Deployment, Environment, GroupById, JoinId, Model};
use crate::syntax::Project;
use crate::syntax::ast::{Definition, Name};
use crate::types::Duration;

use super::{Broken, publish};

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
        let deployment = deployment(name, members, names, facts, model, diagnostics);
        model.deployments.extend(deployment);
    }
    if !project.deployments.is_empty() {
        warn_unused(project, names, diagnostics);
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

/// The deployment with what its joins use; `None` if something in it is broken.
fn deployment(
    name: &Name,
    members: &[Name],
    names: &Names,
    facts: &Facts,
    model: &Model,
    diagnostics: &mut Diagnostics,
) -> Option<Deployment> {
    let definitions: Vec<_> = members.iter().map(|member| definition(member, names, diagnostics)).collect();
    let definitions = super::all(definitions)?;
    if definitions.is_empty() {
        let message = format!("the deployment `{}` names nothing", name.value);
        diagnostics.push(
            Diagnostic::error(Code::E0604, name.span, message)
                .hint("name a group by or a join that publishes"),
        );
        return None;
    }
    let (mut group_bys, mut joins) = (BTreeSet::new(), BTreeSet::new());
    for definition in &definitions {
        let name = &definition.name().value;
        match definition {
            Definition::Source(_)
            | Definition::Table(_)
            | Definition::Stream(_)
            | Definition::Constants(_)
            | Definition::Test(_) => {}
            Definition::GroupBy(_) => drop(group_bys.insert(facts.group_bys.get(name)?.id?)),
            Definition::Join(_) => drop(joins.insert((*facts.joins.get(name)?)?)),
        }
    }
    let fed: Vec<_> = joins.iter().flat_map(|id| &model.join(*id).parts).map(|part| part.group_by).collect();
    warn_unpublished(&group_bys, &joins, &fed, members, model, diagnostics);
    group_bys.extend(fed);
    let (group_bys, joins) = (group_bys.into_iter().collect(), joins.into_iter().collect());
    let deployment = Deployment { name: name.value.clone(), span: name.span, group_bys, joins };
    no_loop(&deployment, model, diagnostics).then_some(deployment)
}

/// The group by or join that a deployment names.
fn definition<'a>(member: &Name, names: &Names<'a>, diagnostics: &mut Diagnostics) -> Option<&'a Definition> {
    let found = names.by_name(&member.value);
    let problem = match found {
        Some(Definition::GroupBy(_) | Definition::Join(_)) => return found,
        Some(
            other @ (Definition::Source(_)
            | Definition::Table(_)
            | Definition::Stream(_)
            | Definition::Constants(_)
            | Definition::Test(_)),
        ) => {
            let found = names::kind(other);
            let message = format!("expected a group by or join, found the {found} `{}`", member.value);
            Diagnostic::error(Code::E0605, member.span, message)
                .hint("leave it out: sources come along with what reads them")
        }
        None => {
            let deployable = names.definitions().filter(|d| !matches!(d, Definition::Source(_)));
            let near = nearest(&member.value, deployable.map(|d| d.name().value.as_str()));
            let hint =
                near.map_or("define it, or leave it out".into(), |near| format!("did you mean `{near}`?"));
            Diagnostic::error(Code::E0605, member.span, format!("unknown definition `{}`", member.value))
                .hint(hint)
        }
    };
    diagnostics.push(problem);
    None
}

fn warn_unpublished(
    group_bys: &BTreeSet<GroupById>,
    joins: &BTreeSet<JoinId>,
    fed: &[GroupById],
    members: &[Name],
    model: &Model,
    diagnostics: &mut Diagnostics,
) {
    let idle_group_bys = group_bys
        .iter()
        .filter(|id| !fed.contains(id))
        .map(|id| model.group_by(*id))
        .filter(|group_by| group_by.publish.is_none())
        .map(|group_by| &group_by.name);
    let idle_joins =
        joins.iter().map(|id| model.join(*id)).filter(|join| join.publish.is_none()).map(|join| &join.name);
    for name in idle_group_bys.chain(idle_joins) {
        let Some(member) = members.iter().find(|member| member.value == *name) else { continue };
        diagnostics.push(
            Diagnostic::warning(Code::W0602, member.span, format!("`{name}` publishes nothing"))
                .hint("add `publish TOPIC to GROUP` to it, or leave it out of the deployment"),
        );
    }
}

/// Whether the deployment reads none of the topics it publishes to.
fn no_loop(deployment: &Deployment, model: &Model, diagnostics: &mut Diagnostics) -> bool {
    let group_bys = deployment.group_bys.iter().map(|id| model.group_by(*id));
    let joins = deployment.joins.iter().map(|id| model.join(*id));
    let inputs = group_bys.clone().map(|group_by| group_by.from).chain(joins.clone().map(|join| join.left));
    let sources: BTreeSet<_> = inputs.flat_map(|input| model.sources_of(input)).collect();
    let publishes =
        group_bys.filter_map(|g| g.publish.as_ref()).chain(joins.filter_map(|j| j.publish.as_ref()));
    let mut sound = true;
    for publish in publishes {
        let read = sources.iter().map(|id| model.source(*id));
        for source in read.filter(|s| (&s.topic, &s.group) == (&publish.topic, &publish.group)) {
            sound = false;
            let message = format!(
                "`{}` would read what it publishes: `{}` in `{}`",
                deployment.name, publish.topic, publish.group
            );
            diagnostics.push(
                Diagnostic::error(Code::E0606, publish.span, message)
                    .also(source.span, "reads the topic")
                    .also(deployment.span, "the deployment")
                    .hint("publish to another topic"),
            );
        }
    }
    sound
}

/// Definitions that no deployment needs, by what is written: also the broken ones use others.
fn warn_unused(project: &Project, names: &Names, diagnostics: &mut Diagnostics) {
    let mut used: BTreeSet<&str> =
        project.deployments.iter().flat_map(|(_, members)| members).map(|name| name.value.as_str()).collect();
    // Joins, then group bys, then sources: each only uses what comes after it.
    for join in names.joins().filter(|join| used.contains(join.name.value.as_str())).collect::<Vec<_>>() {
        used.extend(join.parts.iter().map(|part| part.group_by.value.as_str()));
        used.extend(join.left.as_ref().map(|left| left.value.as_str()));
    }
    for group_by in
        names.group_bys().filter(|group_by| used.contains(group_by.name.value.as_str())).collect::<Vec<_>>()
    {
        used.extend(group_by.from.as_ref().map(|from| from.value.as_str()));
    }
    for definition in
        names.definitions().filter(|definition| !used.contains(definition.name().value.as_str()))
    {
        let (kind, name) = (names::kind(definition), definition.name());
        let message = format!("no deployment needs the {kind} `{}`", name.value);
        let hint = match publish::of(definition) {
            Some(_) => "add it to a deployment",
            None => "remove it, or use it",
        };
        diagnostics.push(Diagnostic::warning(Code::W0601, name.span, message).hint(hint));
    }
}
