//! Asts → Model: constants, tables, sources, streams, group bys, joins, deployments, each looked up by
//! name in what has been resolved before.
//!
//! No cascades: a definition with an error is left out of the model, but what is known of it stays in
//! [`Facts`], so that what refers to it is checked as far as it can be and quiet about the rest.

pub(super) mod constants;
pub(super) mod facts;
pub(super) mod names;
pub(super) mod order;
pub(super) mod scope;
pub(super) mod uses;

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::syntax::{Ast, Project, ast};

use super::beside::Beside;
use super::check::{group_by, join, project, publish, source, stream, table, test};
use super::{GroupById, Input, JoinId, Model, SourceId, StreamId, TableId};
use facts::{EventId, Facts, InputFacts};
use names::Names;

/// What every check may ask.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) names: &'a Names<'a>,
    pub(super) facts: &'a Facts,
    pub(super) settings: &'a project::Settings,
    pub(super) beside: &'a Beside,
}

/// Resolves and checks all definitions of a project, or of files without one, with nothing beside them.
#[must_use]
pub fn resolve(asts: &[Ast], project: Option<&Project>) -> (Model, Diagnostics) {
    resolve_beside(asts, project, &Beside::default())
}

/// Resolves and checks all definitions of a project, or of files without one.
#[must_use]
pub fn resolve_beside(asts: &[Ast], project: Option<&Project>, beside: &Beside) -> (Model, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let names = Names::collect(asts, &mut diagnostics);
    let settings = project::Settings::of(project);
    let constants = constants::resolve(&names, &mut diagnostics);
    let facts = Facts { constants, ..Facts::default() };
    let model = Model::default();
    let mut resolving =
        Resolving { names: &names, settings: &settings, beside, facts, model, diagnostics, columns: 0 };
    resolving.tables();
    resolving.sources();
    resolving.streams();
    resolving.group_bys();
    resolving.joins();
    let is_done = resolving.is_done();
    let Resolving { facts, mut model, mut diagnostics, .. } = resolving;
    if !is_done {
        resolve_tests(&names, &mut model, &mut diagnostics);
    }
    publish::check_topics(&names, &mut diagnostics);
    uses::warn_deprecated(&names, &mut diagnostics);
    if let Some(project) = project
        && !is_done
        && !diagnostics.is_full()
    {
        project::check(project, &names, &facts, &mut model, &mut diagnostics);
    }
    (model, diagnostics.rounded_off().sorted())
}

/// The most columns that all definitions may have or read, together: a few words that read a wide source cost
/// as much as its columns.
const COLUMNS_MAX: usize = 1_000_000;

/// A stream that passes its input's columns on keeps them, which takes so much more than reading them.
const KEPT: usize = 3;

/// What has been resolved so far.
struct Resolving<'a> {
    names: &'a Names<'a>,
    settings: &'a project::Settings,
    beside: &'a Beside,
    facts: Facts,
    model: Model,
    diagnostics: Diagnostics,
    /// Columns that were read so far.
    columns: usize,
}

impl Resolving<'_> {
    /// Whether enough has been seen: so much is wrong, or so much is written, that nobody meant it.
    const fn is_done(&self) -> bool {
        self.diagnostics.is_full() || self.columns > COLUMNS_MAX
    }

    /// Counts the columns that a definition reads; `false` if they are too many, which is reported.
    fn affords<'n>(&mut self, name: &ast::Name, reads: impl Iterator<Item = &'n ast::Name>) -> bool {
        let width = |read: &ast::Name| {
            let Facts { inputs, tables, group_bys, .. } = &self.facts;
            let name = &read.value;
            let columns = inputs.get(name).map(|input| &input.fields);
            let columns = columns.or_else(|| tables.get(name).map(|table| &table.fields));
            columns.or_else(|| group_bys.get(name).map(|group_by| &group_by.columns)).map_or(0, Vec::len)
        };
        self.columns += reads.map(width).sum::<usize>();
        let affords = self.columns <= COLUMNS_MAX;
        if !affords {
            let message =
                format!("the definitions up to `{}` read more than {COLUMNS_MAX} columns", name.value);
            self.diagnostics.push(
                Diagnostic::error(Code::E0228, name.span, message).hint(
                    "read wide sources through streams that `select` what is used, or split the project",
                ),
            );
        }
        affords
    }

    fn context(&self) -> Context<'_> {
        Context { names: self.names, facts: &self.facts, settings: self.settings, beside: self.beside }
    }

    fn tables(&mut self) {
        for table in self.names.tables() {
            if self.is_done() {
                return;
            }
            let mut found = Diagnostics::default();
            let (resolved, mut known) = table::check(table, &self.context(), &mut found);
            self.diagnostics.extend(quiet(found, table.incomplete));
            if let Some(resolved) = resolved {
                known.id = Some(TableId(self.model.tables.len()));
                self.model.tables.push(resolved);
            }
            self.facts.tables.insert(table.name.value.clone(), known);
        }
    }

    fn sources(&mut self) {
        for source in self.names.sources() {
            if self.is_done() {
                return;
            }
            let mut found = Diagnostics::default();
            let (resolved, mut known) = source::check(source, &self.context(), &mut found);
            self.diagnostics.extend(quiet(found, source.incomplete));
            if let Some(resolved) = resolved {
                known.id = Some(Input::Source(SourceId(self.model.sources.len())));
                self.model.sources.push(resolved);
            }
            self.facts.inputs.insert(source.name.value.clone(), known);
        }
    }

    /// Streams in an order in which each reads only what is before it.
    fn streams(&mut self) {
        let streams: Vec<&ast::Stream> = self.names.streams().collect();
        let names: Vec<&ast::Name> = streams.iter().map(|stream| &stream.name).collect();
        let reads: Vec<_> =
            streams.iter().map(|stream| stream.from.iter().chain(&stream.union).collect()).collect();
        let (order, stuck) = order::readable(&names, &reads, &mut self.diagnostics);
        for position in stuck {
            self.facts.inputs.insert(names[position].value.clone(), unknown_input(names[position]));
        }
        for position in order {
            let stream = streams[position];
            let reads = || stream.from.iter().chain(&stream.union);
            let times = if stream.select.is_empty() { KEPT } else { 1 };
            if self.is_done()
                || !self.affords(&stream.name, std::iter::repeat_with(reads).take(times).flatten())
            {
                return;
            }
            self.stream(stream);
        }
    }

    fn stream(&mut self, stream: &ast::Stream) {
        let mut found = Diagnostics::default();
        let (resolved, mut known) = stream::check(stream, &self.context(), &mut found);
        known.incomplete = self.is_incomplete(stream.incomplete, stream.from.iter().chain(&stream.union));
        self.diagnostics.extend(quiet(found, known.incomplete));
        if let Some(resolved) = resolved {
            known.id = Some(Input::Stream(StreamId(self.model.streams.len())));
            self.model.streams.push(resolved);
        }
        self.facts.inputs.insert(stream.name.value.clone(), known);
    }

    fn group_bys(&mut self) {
        for group_by in self.names.group_bys() {
            let tables = group_by.lookups.iter().map(|lookup| &lookup.table);
            if self.is_done() || !self.affords(&group_by.name, tables.clone().chain(&group_by.from)) {
                return;
            }
            let mut found = Diagnostics::default();
            let (resolved, mut known) = group_by::check(group_by, &self.context(), &mut found);
            known.incomplete = self.is_incomplete(group_by.incomplete, tables.chain(&group_by.from));
            self.diagnostics.extend(quiet(found, known.incomplete));
            if let Some(resolved) = resolved {
                known.id = Some(GroupById(self.model.group_bys.len()));
                self.model.group_bys.push(resolved);
            }
            self.facts.group_bys.insert(group_by.name.value.clone(), known);
        }
    }

    fn joins(&mut self) {
        for join in self.names.joins() {
            let tables = join.lookups.iter().map(|lookup| &lookup.table);
            let parts = join.parts.iter().map(|part| &part.group_by);
            let reads = parts.chain(tables).chain(&join.left);
            if self.is_done() || !self.affords(&join.name, reads.clone()) {
                return;
            }
            let mut found = Diagnostics::default();
            let resolved = join::check(join, &self.context(), &mut found);
            let incomplete = self.is_incomplete(join.incomplete, reads);
            self.diagnostics.extend(quiet(found, incomplete));
            let id = resolved.map(|resolved| {
                self.model.joins.push(resolved);
                JoinId(self.model.joins.len() - 1)
            });
            self.facts.joins.insert(join.name.value.clone(), id);
        }
    }

    /// Whether a definition, or one that it reads, was not read as a whole.
    fn is_incomplete<'n>(&self, own: bool, mut reads: impl Iterator<Item = &'n ast::Name>) -> bool {
        let known = |name: &ast::Name| {
            self.facts.inputs.get(&name.value).is_some_and(|input| input.incomplete)
                || self.facts.tables.get(&name.value).is_some_and(|table| table.incomplete)
                || self.facts.group_bys.get(&name.value).is_some_and(|group_by| group_by.incomplete)
        };
        own || reads.any(known)
    }
}

/// A stream that reads itself, or one that does: nothing is said of what reads it.
fn unknown_input(name: &ast::Name) -> InputFacts {
    InputFacts {
        id: None,
        name: name.clone(),
        fields: Vec::new(),
        has_origin: false,
        event_time: None,
        event_id: EventId::Broken,
        sources: Vec::new(),
        retention: crate::types::Duration::from_ms(i64::MAX),
        has_history: true,
        incomplete: true,
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
    const ABOUT_MISSING: [Code; 10] = [
        Code::E0203,
        Code::E0206,
        Code::E0209,
        Code::E0217,
        Code::E0218,
        Code::E0404,
        Code::E0501,
        Code::E0502,
        Code::E0603,
        Code::W0201,
    ];
    if incomplete { found.without(&ABOUT_MISSING) } else { found }
}
