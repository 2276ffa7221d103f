//! `join`: the left stream, its parts and lookups, derived columns, outputs.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::functions::Expr;
use crate::model::resolve::Context;
use crate::model::resolve::facts::{EventId, InputFacts};
use crate::model::resolve::scope::{Scope, Typed};
use crate::model::{Column, Join, JoinMode, JoinPart, Lookup, Publish, PublishMode};
use crate::syntax::ast::{self, Name};
use crate::types::DataType;

use super::mapping::{self, Target};
use super::publish::Publisher;
use super::{
    Broken, about, all, columns, distinct, duration_or, group_by, lookup, missing, publish, too_many,
};

/// The join, unless it is broken.
pub(in crate::model) fn check(
    join: &ast::Join,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Join> {
    let keys = join.parts.iter().map(|part| part.on.len().max(1)).sum::<usize>();
    let looked_up = join.lookups.iter().map(|lookup| lookup.columns.len().max(1)).sum::<usize>();
    if too_many(&join.name, join.derived.len() + keys + looked_up, diagnostics) {
        return None;
    }
    let clause = ("left", "`left SOURCE`");
    let left = group_by::input(&join.name, clause, join.left.as_ref(), context, diagnostics);
    if join.parts.is_empty() && join.lookups.is_empty() {
        let example = "`features GROUP_BY on KEY`, or `lookup TABLE on KEY { COLUMN }`";
        missing(&join.name, "features", example, diagnostics);
    }
    let is_named = |part: &&ast::JoinPart| {
        part.alias.is_some() || context.facts.group_bys.contains_key(&part.group_by.value)
    };
    let parts = join.parts.iter().filter(is_named).map(alias);
    let lookups = join.lookups.iter().filter(|lookup| lookup::is_named(lookup, context));
    let names: Vec<&Name> = parts.chain(lookups.map(lookup::alias)).collect();
    let aliases = group_by::distinct_aliases(&names, left, diagnostics);
    let Enriched { mut scope, parts, lookups, outputs } = enriched(join, left, context, diagnostics);
    let distinct = distinct_outputs(join, left, outputs, diagnostics);
    let derived = derived(join, &mut scope, diagnostics);
    let publish = publication(join, left, diagnostics);
    let about = about(&join.about, context, diagnostics);
    let hold_for = duration_or(join.hold_for.as_ref(), context.settings.hold_for, diagnostics);
    let left_late = duration_or(join.left_late.as_ref(), context.settings.left_late, diagnostics);
    let (derived, derived_order) = derived?;
    let (parts, lookups) = (parts?, lookups?);
    Some(Join {
        name: join.name.value.clone(),
        span: join.name.span,
        about: about?,
        left: left?.id?,
        derived,
        derived_order,
        mode: join.mode.as_ref().map_or(JoinMode::Complete, |mode| mode.value),
        hold_for_ms: hold_for?.ms(),
        left_late_ms: left_late?.ms(),
        publish: publish.ok()?,
        parts,
        lookups,
    })
    .filter(|join| aliases && distinct && !(join.parts.is_empty() && join.lookups.is_empty()))
}

/// The name before the point.
fn alias(part: &ast::JoinPart) -> &Name {
    part.alias.as_ref().unwrap_or(&part.group_by)
}

/// The left rows with what parts and lookups add.
struct Enriched {
    scope: Scope,
    /// `None`: one is broken.
    parts: Option<Vec<JoinPart>>,
    lookups: Option<Vec<Lookup>>,
    /// The names of the columns that are added, and the part they are from.
    outputs: Vec<(String, Span)>,
}

fn enriched(
    join: &ast::Join,
    left: Option<&InputFacts>,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Enriched {
    let rows = context.facts.scope_of(left);
    let mut scope = rows.clone();
    if let Some(slot) = left.and_then(|left| left.event_time) {
        scope.set_as_of(Expr::column(slot, DataType::Timestamp, false));
    }
    let (mut parts, mut lookups) = (Vec::new(), Vec::new());
    let mut outputs = Outputs::default();
    for written in &join.parts {
        let (resolved, columns) = part(written, &rows, &mut scope, context, diagnostics);
        outputs.add(alias(written), columns);
        parts.push(resolved);
    }
    for written in &join.lookups {
        let mut checked = lookup::check(written, &rows, &[], context, diagnostics);
        for (name, typed) in &checked.columns {
            scope.push_qualified(&checked.alias.value, name, *typed);
        }
        checked.leave_out(&mut scope);
        outputs.add(checked.alias, checked.columns.into_iter().map(|(name, _)| name).collect());
        lookups.push(checked.resolved);
    }
    Enriched { scope, parts: all(parts), lookups: all(lookups), outputs: outputs.columns }
}

#[derive(Default)]
struct Outputs<'a> {
    seen: BTreeSet<&'a str>,
    columns: Vec<(String, Span)>,
}

impl<'a> Outputs<'a> {
    /// Parts of one name, and columns of one name in one of them, were reported as that.
    fn add(&mut self, alias: &'a Name, columns: Vec<String>) {
        if self.seen.insert(&alias.value) {
            let columns: BTreeSet<_> = columns.into_iter().collect();
            self.columns
                .extend(columns.into_iter().map(|column| (format!("{}_{column}", alias.value), alias.span)));
        }
    }
}

/// Resolves a part, appends its columns to the scope and names them.
fn part(
    part: &ast::JoinPart,
    left: &Scope,
    scope: &mut Scope,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> (Option<JoinPart>, Vec<String>) {
    let alias = alias(part);
    let mapped = mapping::left(&part.on, left, diagnostics);
    let Some(group_by) = context.facts.group_bys.get(&part.group_by.value) else {
        diagnostics.push(context.names.unknown(Code::E0202, &part.group_by, &["group by"]));
        scope.open_qualifier(&alias.value);
        return (None, Vec::new());
    };
    let target = Target { name: &part.group_by, keys: &group_by.keys };
    let on = mapping::slots(&part.on, &mapped, target, diagnostics);
    // A null key part makes every feature null, counts too (rule S6).
    let null_key = mapped.iter().flatten().any(|(_, typed)| typed.nullable);
    for (name, typed) in &group_by.columns {
        let typed = typed.map(|typed| Typed { nullable: typed.nullable || null_key, ..typed });
        scope.push_qualified(&alias.value, name, typed);
    }
    if group_by.columns.is_empty() {
        scope.open_qualifier(&alias.value);
    }
    let columns = group_by.columns.iter().map(|(name, _)| name.clone()).collect();
    let resolved = group_by.id.zip(on).map(|(group_by, on)| JoinPart {
        group_by,
        alias: alias.value.clone(),
        on,
        span: part.group_by.span,
    });
    (resolved, columns)
}

/// Whether all output columns differ: left, `<alias>_<column>`, derived.
fn distinct_outputs(
    join: &ast::Join,
    left: Option<&InputFacts>,
    enriched: Vec<(String, Span)>,
    diagnostics: &mut Diagnostics,
) -> bool {
    let mut outputs: Vec<(String, Span)> = Vec::new();
    if let (Some(source), Some(name)) = (left, &join.left) {
        // A field that is there twice was reported in its source.
        let mut fields: Vec<_> = source.fields.iter().map(|(field, _)| (field.clone(), name.span)).collect();
        fields.sort_unstable_by_key(|(field, _)| field.to_ascii_lowercase());
        fields.dedup_by(|a, b| a.0.eq_ignore_ascii_case(&b.0));
        outputs.extend(fields);
    }
    outputs.extend(enriched);
    outputs.extend(join.derived.iter().map(|binding| (binding.name.value.clone(), binding.name.span)));
    distinct(outputs, "columns", diagnostics)
}

/// Derived columns in an order of computation, and their declared order as positions in it.
fn derived(
    join: &ast::Join,
    scope: &mut Scope,
    diagnostics: &mut Diagnostics,
) -> Option<(Vec<Column>, Vec<usize>)> {
    let computed = columns::columns(&join.derived, scope, diagnostics);
    let mut declared: Vec<_> = (0..computed.len()).collect();
    declared.sort_by_key(|position| computed[*position].0);
    Some((all(computed.into_iter().map(|(_, column)| column).collect())?, declared))
}

fn publication(
    join: &ast::Join,
    left: Option<&InputFacts>,
    diagnostics: &mut Diagnostics,
) -> Result<Option<Publish>, Broken> {
    let publish = publish::check(join.publish.as_ref(), Publisher::Join, diagnostics);
    let is_events =
        publish.as_ref().is_ok_and(|publish| publish.as_ref().is_some_and(|p| p.mode == PublishMode::Events));
    let (Some(written), Some(source)) =
        (join.publish.as_ref().filter(|_| is_events), left.filter(|left| left.event_id == EventId::None))
    else {
        return publish;
    };
    let message =
        format!("rows of `{}` have no identity: `{}` has no event id", join.name.value, source.name.value);
    diagnostics.push(
        Diagnostic::error(Code::E0603, written.to.topic.span, message)
            .also(source.name.span, "the left")
            .hint(format!("add `event_id FIELD` to `{}`", source.sources.join("` and `"))),
    );
    Err(Broken)
}
