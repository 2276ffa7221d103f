//! A deployment: what it names, what comes along, and what makes no sense in it.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic, Diagnostics, nearest};
use crate::model::resolve::facts::Facts;
use crate::model::resolve::names::{self, Names};
use crate::model::{Deployment, GroupById, JoinId, Model};
use crate::syntax::ast::{Definition, Name};

/// The deployment with what its joins use; `None` if something in it is broken.
pub(super) fn check(
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
                .hint("leave it out: sources, tables and streams come along with what reads them")
        }
        None => {
            let deployable =
                names.definitions().filter(|d| matches!(d, Definition::GroupBy(_) | Definition::Join(_)));
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
    let group_bys = || deployment.group_bys.iter().map(|id| model.group_by(*id));
    let joins = || deployment.joins.iter().map(|id| model.join(*id));
    let inputs = group_bys().map(|group_by| group_by.from).chain(joins().map(|join| join.left));
    let sources: BTreeSet<_> = inputs.flat_map(|input| model.sources_of(input)).collect();
    let lookups = group_bys().flat_map(|g| &g.lookups).chain(joins().flat_map(|j| &j.lookups));
    let tables: BTreeSet<_> = lookups.map(|lookup| lookup.table).collect();
    let sources = sources.iter().map(|id| model.source(*id)).map(|s| (&s.topic, &s.group, s.span));
    let tables = tables.iter().map(|id| model.table(*id)).map(|t| (&t.topic, &t.group, t.span));
    let read: Vec<_> = sources.chain(tables).collect();
    let publishes =
        group_bys().filter_map(|g| g.publish.as_ref()).chain(joins().filter_map(|j| j.publish.as_ref()));
    let mut sound = true;
    for publish in publishes {
        for (.., span) in
            read.iter().filter(|(topic, group, _)| (*topic, *group) == (&publish.topic, &publish.group))
        {
            sound = false;
            let message = format!(
                "`{}` would read what it publishes: `{}` in `{}`",
                deployment.name, publish.topic, publish.group
            );
            diagnostics.push(
                Diagnostic::error(Code::E0606, publish.span, message)
                    .also(*span, "reads the topic")
                    .also(deployment.span, "the deployment")
                    .hint("publish to another topic"),
            );
        }
    }
    sound
}
