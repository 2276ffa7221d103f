//! Asts → Model: sources first, then group bys, then joins, then deployments, each looked up by name in
//! what has been resolved before.
//!
//! No cascades: a definition with an error is left out of the model, but what is known of it stays in
//! [`Facts`], so that what refers to it is checked as far as it can be and quiet about the rest.

pub(super) mod names;
pub(super) mod order;
pub(super) mod scope;

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::syntax::{Ast, Project, ast};
use crate::types::Duration;

use super::check::{group_by, join, project, publish, source, test};
use super::{GroupById, JoinId, Model, SourceId};
use names::Names;
use scope::Typed;

/// What is known of the definitions so far, by name, whether they made it into the model or not.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) sources: BTreeMap<String, SourceFacts>,
    pub(super) group_bys: BTreeMap<String, GroupByFacts>,
    pub(super) joins: BTreeMap<String, Option<JoinId>>,
}

pub(super) struct SourceFacts {
    /// `None`: the source is broken.
    pub(super) id: Option<SourceId>,
    /// Fields in order; an unknown type stays unknown.
    pub(super) fields: Vec<(String, Option<Typed>)>,
    pub(super) event_id: bool,
    pub(super) retention: Duration,
    pub(super) name: ast::Name,
}

pub(super) struct GroupByFacts {
    pub(super) id: Option<GroupById>,
    pub(super) keys: Vec<(String, Option<Typed>)>,
    /// Aggregate columns in order.
    pub(super) columns: Vec<(String, Option<Typed>)>,
}

/// Resolves and checks all definitions of a project, or of files without one.
#[must_use]
pub fn resolve(asts: &[Ast], project: Option<&Project>) -> (Model, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let names = Names::collect(asts, &mut diagnostics);
    let (mut model, mut facts) = (Model::default(), Facts::default());
    let settings = project::Settings::of(project);
    resolve_sources(&names, &settings, &mut model, &mut facts, &mut diagnostics);
    resolve_group_bys(&names, &settings, &mut model, &mut facts, &mut diagnostics);
    resolve_joins(&names, &settings, &mut model, &mut facts, &mut diagnostics);
    resolve_tests(&names, &mut model, &mut diagnostics);
    publish::check_topics(&names, &mut diagnostics);
    if let Some(project) = project
        && !diagnostics.is_full()
    {
        project::check(project, &names, &facts, &mut model, &mut diagnostics);
    }
    (model, diagnostics.sorted())
}

fn resolve_sources(
    names: &Names,
    settings: &project::Settings,
    model: &mut Model,
    facts: &mut Facts,
    diagnostics: &mut Diagnostics,
) {
    for source in names.sources() {
        if diagnostics.is_full() {
            return;
        }
        let mut found = Diagnostics::default();
        let (resolved, mut known) = source::check(source, settings, &mut found);
        diagnostics.extend(quiet(found, source.incomplete));
        if let Some(resolved) = resolved {
            known.id = Some(SourceId(model.sources.len()));
            model.sources.push(resolved);
        }
        facts.sources.insert(source.name.value.clone(), known);
    }
}

fn resolve_group_bys(
    names: &Names,
    settings: &project::Settings,
    model: &mut Model,
    facts: &mut Facts,
    diagnostics: &mut Diagnostics,
) {
    for group_by in names.group_bys() {
        if diagnostics.is_full() {
            return;
        }
        let mut found = Diagnostics::default();
        let (resolved, mut known) = group_by::check(group_by, names, facts, settings, &mut found);
        let incomplete = group_by.incomplete || names.is_incomplete(group_by.from.as_ref());
        diagnostics.extend(quiet(found, incomplete));
        if let Some(resolved) = resolved {
            known.id = Some(GroupById(model.group_bys.len()));
            model.group_bys.push(resolved);
        }
        facts.group_bys.insert(group_by.name.value.clone(), known);
    }
}

fn resolve_joins(
    names: &Names,
    settings: &project::Settings,
    model: &mut Model,
    facts: &mut Facts,
    diagnostics: &mut Diagnostics,
) {
    for join in names.joins() {
        if diagnostics.is_full() {
            return;
        }
        let mut found = Diagnostics::default();
        let resolved = join::check(join, names, facts, settings, &mut found);
        let mut uses = join.parts.iter().map(|part| &part.group_by).chain(&join.left);
        let incomplete = join.incomplete || uses.any(|name| names.is_incomplete(Some(name)));
        diagnostics.extend(quiet(found, incomplete));
        let id = resolved.map(|resolved| {
            model.joins.push(resolved);
            JoinId(model.joins.len() - 1)
        });
        facts.joins.insert(join.name.value.clone(), id);
    }
}

/// Titles are unique among the tests of one definition: reports name tests by both.
fn resolve_tests(names: &Names, model: &mut Model, diagnostics: &mut Diagnostics) {
    let mut seen: BTreeMap<(Option<&str>, &str), Span> = BTreeMap::new();
    for test in names.tests() {
        if diagnostics.is_full() {
            return;
        }
        let name = (test.of.as_ref().map(|of| of.value.as_str()), test.title.value.as_str());
        if let Some(first) = seen.get(&name) {
            let message = format!("two tests are called \"{}\"", test.title.value);
            diagnostics.push(
                Diagnostic::error(Code::E0637, test.title.span, message)
                    .also(*first, "the first")
                    .hint("say in its title what each one shows"),
            );
            continue;
        }
        seen.insert(name, test.title.span);
        // What a broken definition gives is not known: its tests wait until it is right.
        let target_is_known = test.of.as_ref().is_none_or(|of| {
            let defined = names.by_name(&of.value).is_some();
            let resolved = model.group_bys.iter().map(|g| &g.name).chain(model.joins.iter().map(|j| &j.name));
            !defined || { resolved }.any(|name| *name == of.value)
        });
        if target_is_known && let Some(test) = test::check(test, model, diagnostics) {
            model.tests.push(test);
        }
    }
}

/// Of a definition that was not read as a whole, what seems to be missing may be in the lost part.
fn quiet(found: Diagnostics, incomplete: bool) -> Diagnostics {
    const ABOUT_MISSING: [Code; 7] =
        [Code::E0203, Code::E0206, Code::E0209, Code::E0501, Code::E0502, Code::E0603, Code::W0201];
    if incomplete { found.without(&ABOUT_MISSING) } else { found }
}
