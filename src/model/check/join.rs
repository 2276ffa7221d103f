//! `join`: the left stream, its parts, derived columns, outputs.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::functions::ExprKind;
use crate::model::resolve::names::Names;
use crate::model::resolve::scope::{Lookup, Scope, Typed};
use crate::model::resolve::{Facts, GroupByFacts, SourceFacts};
use crate::model::{Column, Input, Join, JoinMode, JoinPart, Publish, PublishMode};
use crate::syntax::ast::{self, KeyMapping, Name};
use crate::types::Duration;

use super::{Broken, all, columns, distinct, duration_or, group_by, missing, project, publish, too_many};

/// How long a cluster that is down holds the rows of a join.
const HOLD_FOR: Duration = Duration::from_ms(5 * 60_000);
/// How late a left row may be and still be enriched from kept history.
const LEFT_LATE: Duration = Duration::from_ms(3_600_000);

/// The join, unless it is broken.
pub(in crate::model) fn check(
    join: &ast::Join,
    names: &Names,
    facts: &Facts,
    settings: &project::Settings,
    diagnostics: &mut Diagnostics,
) -> Option<Join> {
    let keys = join.parts.iter().map(|part| part.on.len().max(1)).sum::<usize>();
    if too_many(&join.name, join.derived.len() + keys, diagnostics) {
        return None;
    }
    let left = group_by::source(
        &join.name,
        ("left", "`left SOURCE`"),
        join.left.as_ref(),
        names,
        facts,
        diagnostics,
    );
    let mut scope = group_by::scope_of(left);
    if join.parts.is_empty() {
        missing(&join.name, "features", "`features GROUP_BY on KEY`", diagnostics);
    }
    let aliases = aliases(join, left, diagnostics);
    let left_scope = scope.clone();
    let parts: Vec<_> = join
        .parts
        .iter()
        .map(|written| part(written, &left_scope, &mut scope, names, facts, diagnostics))
        .collect();
    let outputs = distinct_outputs(join, left, facts, diagnostics);
    let derived = derived(join, &mut scope, diagnostics);
    let publish = publication(join, left, diagnostics);
    let owner = settings.owner(join.about.owner.as_ref(), diagnostics);
    let hold_for = duration_or(join.hold_for.as_ref(), HOLD_FOR, diagnostics);
    let left_late = duration_or(join.left_late.as_ref(), LEFT_LATE, diagnostics);
    let (derived, derived_order) = derived?;
    Some(Join {
        name: join.name.value.clone(),
        span: join.name.span,
        about: super::about(&join.about, owner.ok()?),
        left: Input::Source(left?.id?),
        parts: all(parts).filter(|parts| aliases && outputs && !parts.is_empty())?,
        lookups: Vec::new(),
        derived,
        derived_order,
        mode: JoinMode::Complete,
        hold_for_ms: hold_for?.ms(),
        left_late_ms: left_late?.ms(),
        publish: publish.ok()?,
    })
}

/// The name before the point.
fn alias(part: &ast::JoinPart) -> &Name {
    part.alias.as_ref().unwrap_or(&part.group_by)
}

/// Whether all parts have names of their own.
fn aliases(join: &ast::Join, left: Option<&SourceFacts>, diagnostics: &mut Diagnostics) -> bool {
    let mut sound = true;
    for (position, part) in join.parts.iter().enumerate() {
        let name = alias(part);
        if let Some(first) = join.parts[..position].iter().find(|other| alias(other).value == name.value) {
            sound = false;
            diagnostics.push(
                Diagnostic::error(Code::E0504, name.span, format!("two parts are called `{}`", name.value))
                    .also(alias(first).span, "the first")
                    .hint(format!("give one an alias: `features {} on … as other`", part.group_by.value)),
            );
        }
        let Some(left) = left.filter(|left| left.fields.iter().any(|(field, _)| *field == name.value)) else {
            continue;
        };
        sound = false;
        let message = format!("`{}` is also a column of `{}`", name.value, left.name.value);
        diagnostics.push(
            Diagnostic::error(Code::E0505, name.span, message).hint("choose another alias: `… as other`"),
        );
    }
    sound
}

/// Resolves a part and appends its columns to the scope.
fn part(
    part: &ast::JoinPart,
    left: &Scope,
    scope: &mut Scope,
    names: &Names,
    facts: &Facts,
    diagnostics: &mut Diagnostics,
) -> Option<JoinPart> {
    let alias = alias(part);
    let Some(group_by) = facts.group_bys.get(&part.group_by.value) else {
        diagnostics.push(names.unknown(Code::E0202, &part.group_by, "group by"));
        scope.open_qualifier(&alias.value);
        return None;
    };
    let mapped: Vec<_> = part.on.iter().map(|mapping| left_column(mapping, left, diagnostics)).collect();
    let on = on(part, group_by, &mapped, diagnostics);
    // A null key part makes every feature null, counts too (rule S6).
    let null_key = mapped.iter().flatten().any(|(_, typed)| typed.nullable);
    for (name, typed) in &group_by.columns {
        let typed = typed.map(|typed| Typed { nullable: typed.nullable || null_key, ..typed });
        scope.push_qualified(&alias.value, name, typed);
    }
    if group_by.columns.is_empty() {
        scope.open_qualifier(&alias.value);
    }
    Some(JoinPart { group_by: group_by.id?, alias: alias.value.clone(), on: on?, span: part.group_by.span })
}

fn left_column(mapping: &KeyMapping, left: &Scope, diagnostics: &mut Diagnostics) -> Option<(usize, Typed)> {
    match left.bare(&mapping.left) {
        Lookup::Found(column) => {
            let ExprKind::Column(slot) = column.kind else { return None };
            Some((slot, Typed { data_type: column.data_type, nullable: column.nullable }))
        }
        Lookup::Quiet => None,
        Lookup::Unknown(diagnostic) => {
            diagnostics.push(*diagnostic);
            None
        }
    }
}

/// Per key of the group by the left slot that supplies it.
fn on(
    part: &ast::JoinPart,
    group_by: &GroupByFacts,
    mapped: &[Option<(usize, Typed)>],
    diagnostics: &mut Diagnostics,
) -> Option<Vec<usize>> {
    let sound = mappings_name_keys(part, group_by, diagnostics);
    let mut slots = Vec::with_capacity(group_by.keys.len());
    let mut unmapped = Vec::new();
    for (key, key_type) in &group_by.keys {
        let Some(position) = part.on.iter().position(|mapping| supplied(mapping).value == *key) else {
            unmapped.push(key.as_str());
            continue;
        };
        let (slot, typed) = mapped[position].unzip();
        let fits = typed
            .zip(*key_type)
            .is_none_or(|(left, key)| same_type(&part.on[position], left, key, diagnostics));
        slots.push(slot.filter(|_| fits));
    }
    // A mapping to something that is no key was meant for the one that is missing.
    if sound && !unmapped.is_empty() {
        diagnostics.push(not_mapped(part, &unmapped));
    }
    all(slots).filter(|_| sound && unmapped.is_empty())
}

/// The key a mapping is for.
fn supplied(mapping: &KeyMapping) -> &Name {
    mapping.key.as_ref().unwrap_or(&mapping.left)
}

fn mappings_name_keys(part: &ast::JoinPart, group_by: &GroupByFacts, diagnostics: &mut Diagnostics) -> bool {
    let mut sound = true;
    for (position, mapping) in part.on.iter().enumerate() {
        let name = supplied(mapping);
        let keys: Vec<_> = group_by.keys.iter().map(|(key, _)| format!("`{key}`")).collect();
        if !keys.is_empty() && !group_by.keys.iter().any(|(key, _)| *key == name.value) {
            sound = false;
            let message = format!("`{}` is not a key of `{}`", name.value, part.group_by.value);
            let hint = match group_by.keys.as_slice() {
                [(key, _)] if *key == mapping.left.value => format!("write `on {key}`"),
                [(key, _)] => format!("write `on {} = {key}`", mapping.left.value),
                _ => format!("the keys are {}", keys.join(", ")),
            };
            diagnostics.push(Diagnostic::error(Code::E0502, name.span, message).hint(hint));
        } else if let Some(first) = part.on[..position].iter().find(|m| supplied(m).value == name.value) {
            sound = false;
            diagnostics.push(
                Diagnostic::error(
                    Code::E0506,
                    name.span,
                    format!("the key `{}` is mapped twice", name.value),
                )
                .also(supplied(first).span, "the first")
                .hint("remove one"),
            );
        }
    }
    sound
}

fn same_type(mapping: &KeyMapping, left: Typed, key: Typed, diagnostics: &mut Diagnostics) -> bool {
    if left.data_type == key.data_type {
        return true;
    }
    let message = format!(
        "`{}` is {}, the key `{}` is {}",
        mapping.left.value,
        left.data_type,
        supplied(mapping).value,
        key.data_type
    );
    let hint = "join on a column of the key's type, or key the group by on a `let` that casts";
    diagnostics.push(Diagnostic::error(Code::E0503, mapping.left.span, message).hint(hint));
    false
}

fn not_mapped(part: &ast::JoinPart, unmapped: &[&str]) -> Diagnostic {
    let names: Vec<_> = unmapped.iter().map(|key| format!("`{key}`")).collect();
    let message = format!("`{}` needs {}, which `on` does not supply", part.group_by.value, names.join(", "));
    Diagnostic::error(Code::E0501, part.group_by.span, message).hint(format!(
        "write `on {}`, or `on left_column = {}`",
        unmapped.join(", "),
        unmapped[0]
    ))
}

/// Whether all output columns differ: left, `<alias>_<column>`, derived.
fn distinct_outputs(
    join: &ast::Join,
    left: Option<&SourceFacts>,
    facts: &Facts,
    diagnostics: &mut Diagnostics,
) -> bool {
    let mut outputs: Vec<(String, Span)> = Vec::new();
    if let (Some(source), Some(name)) = (left, &join.left) {
        // A field that is there twice was reported in its source.
        let mut fields: Vec<_> = source.fields.iter().map(|(field, _)| (field.clone(), name.span)).collect();
        fields.sort_unstable();
        fields.dedup();
        outputs.extend(fields);
    }
    let mut seen = BTreeSet::new();
    for part in &join.parts {
        let name = alias(part);
        let columns = facts.group_bys.get(&part.group_by.value).map_or(&[][..], |known| &known.columns);
        // Parts of one name, and columns of one name in their group by, were reported as that.
        if seen.insert(&name.value) {
            let columns: BTreeSet<_> = columns.iter().map(|(column, _)| column).collect();
            outputs.extend(columns.into_iter().map(|column| (format!("{}_{column}", name.value), name.span)));
        }
    }
    outputs.extend(join.derived.iter().map(|binding| (binding.name.value.clone(), binding.name.span)));
    distinct(outputs, "columns", diagnostics)
}

/// Derived columns in an order of computation, and their declared order as positions in it.
fn derived(
    join: &ast::Join,
    scope: &mut Scope,
    diagnostics: &mut Diagnostics,
) -> Option<(Vec<Column>, Vec<usize>)> {
    let computed = columns(&join.derived, scope, diagnostics);
    let mut declared: Vec<_> = (0..computed.len()).collect();
    declared.sort_by_key(|position| computed[*position].0);
    Some((all(computed.into_iter().map(|(_, column)| column).collect())?, declared))
}

fn publication(
    join: &ast::Join,
    left: Option<&SourceFacts>,
    diagnostics: &mut Diagnostics,
) -> Result<Option<Publish>, Broken> {
    let publish = publish::check(join.publish.as_ref(), PublishMode::Events, diagnostics);
    let (Some(written), Some(source)) = (&join.publish, left.filter(|left| !left.event_id)) else {
        return publish;
    };
    let message =
        format!("rows of `{}` have no identity: `{}` has no event id", join.name.value, source.name.value);
    diagnostics.push(
        Diagnostic::error(Code::E0603, written.to.topic.span, message)
            .also(source.name.span, "the left source")
            .hint(format!("add `event_id FIELD` to `{}`", source.name.value)),
    );
    Err(Broken)
}
