//! `group_by`: scope, lookups, lets, filter, keys, features, outputs.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::resolve::Context;
use crate::model::resolve::facts::{GroupByFacts, InputFacts, Known};
use crate::model::resolve::scope::{Scope, Typed};
use crate::model::{Aggregate, GroupBy, Lookup, expr};
use crate::syntax::ast::{self, Name};
use crate::types::DataType;

use super::feature::{self, Limits};
use super::mapping::Left;
use super::publish::Publisher;
use super::{
    Broken, about, all, columns, distinct, duration, lookup, mapping, missing, publish, sound, too_many,
};

/// The group by, unless it is broken, and what is known of it in any case.
pub(in crate::model) fn check(
    group_by: &ast::GroupBy,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> (Option<GroupBy>, GroupByFacts) {
    let features = group_by.features.iter().map(|feature| feature.windows.len().max(1)).sum::<usize>();
    let looked_up = group_by.lookups.iter().map(|lookup| lookup.columns.len().max(1)).sum::<usize>();
    let count = features + looked_up + group_by.lets.len() + group_by.key.len();
    if too_many(&group_by.name, count, diagnostics) {
        return (None, known(&[], &[]));
    }
    let clause = ("from", "`from SOURCE`");
    let from = input(&group_by.name, clause, group_by.from.as_ref(), context, diagnostics);
    let mut scope = context.facts.scope_with_origin(from);
    if let Some(from) = from {
        scope.name_input(&from.name.value);
    }
    let lookups = lookups(group_by, from, &mut scope, context, diagnostics);
    let lets = columns::lets(&group_by.lets, &mut scope, diagnostics);
    let filter = group_by.filter.as_ref().map(|filter| expr::condition(filter, &scope, diagnostics));
    let keys = keys(group_by, &scope, diagnostics);
    let limits = Limits::of(group_by, from, context, diagnostics);
    let aggregates = aggregates(group_by, &scope, limits, diagnostics);
    let distinct = distinct_outputs(group_by, diagnostics);
    let known = known(&keys, &aggregates);
    let ttl = ttl(group_by, diagnostics);
    let publish = publish::check(group_by.publish.as_ref(), Publisher::GroupBy, diagnostics);
    let about = about(&group_by.about, context, diagnostics);
    let aggregates = all(aggregates.into_iter().map(|(_, aggregate)| aggregate).collect());
    if let Some(aggregates) = &aggregates {
        warn_same(aggregates, diagnostics);
    }
    let build = || {
        Some(GroupBy {
            name: group_by.name.value.clone(),
            span: group_by.name.span,
            about: about?,
            from: from?.id?,
            lookups: lookups?,
            lets: lets?,
            filter: sound(filter)?,
            keys: all(keys.into_iter().map(|(_, slot)| slot.map(|(slot, _)| slot)).collect())
                .filter(|keys| !keys.is_empty())?,
            aggregates: aggregates.filter(|aggregates| distinct && !aggregates.is_empty())?,
            ttl_ms: ttl.ok()?,
            publish: publish.ok()?,
        })
    };
    (build(), known)
}

/// The source or stream a clause names; `None` after a report.
pub(super) fn input<'a>(
    definition: &Name,
    (clause, example): (&str, &str),
    written: Option<&Name>,
    context: &Context<'a>,
    diagnostics: &mut Diagnostics,
) -> Option<&'a InputFacts> {
    let Some(name) = written else {
        missing(definition, clause, example, diagnostics);
        return None;
    };
    let found = context.facts.inputs.get(&name.value);
    if found.is_none() {
        diagnostics.push(context.names.unknown(Code::E0201, name, &["source", "stream"]));
    }
    found
}

/// Resolves the lookups and appends their columns to the scope; `None` if one is broken.
fn lookups(
    group_by: &ast::GroupBy,
    from: Option<&InputFacts>,
    scope: &mut Scope,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Lookup>> {
    let names = group_by.lookups.iter().filter(|lookup| lookup::is_named(lookup, context));
    let names: Vec<&Name> = names.map(lookup::alias).collect();
    let distinct = distinct_aliases(&names, from, diagnostics);
    let rows = scope.clone();
    let mut resolved = Vec::new();
    for written in &group_by.lookups {
        let mut checked = lookup::check(written, &rows, &group_by.lets, context, diagnostics);
        for (name, typed) in &checked.columns {
            scope.push_looked_up(&checked.alias.value, name, *typed);
        }
        checked.leave_out(scope);
        resolved.push(checked.resolved);
    }
    all(resolved).filter(|_| distinct)
}

/// Whether all names before a point differ from each other and from the columns of the input.
pub(super) fn distinct_aliases(
    names: &[&Name],
    from: Option<&InputFacts>,
    diagnostics: &mut Diagnostics,
) -> bool {
    let mut sound = true;
    for (position, name) in names.iter().enumerate() {
        if let Some(first) = names[..position].iter().find(|other| other.value == name.value) {
            sound = false;
            diagnostics.push(
                Diagnostic::error(Code::E0504, name.span, format!("two parts are called `{}`", name.value))
                    .also(first.span, "the first")
                    .hint("give one an alias: `… as other`"),
            );
            continue;
        }
        let taken = |from: &&InputFacts| from.fields.iter().any(|(field, _)| *field == name.value);
        if let Some(from) = from.filter(taken) {
            sound = false;
            let message = format!("`{}` is also a column of `{}`", name.value, from.name.value);
            diagnostics.push(
                Diagnostic::error(Code::E0505, name.span, message)
                    .also(from.name.span, "has the column")
                    .hint("choose another alias: `… as other`"),
            );
        }
    }
    sound
}

/// A key's name and, if it is sound, its slot and type.
type Key = (String, Option<Left>);

fn keys(group_by: &ast::GroupBy, scope: &Scope, diagnostics: &mut Diagnostics) -> Vec<Key> {
    if group_by.key.is_empty() {
        missing(&group_by.name, "key", "`key COLUMN`", diagnostics);
    }
    group_by.key.iter().map(|name| (name.value.clone(), key(name, scope, diagnostics))).collect()
}

fn key(name: &Name, scope: &Scope, diagnostics: &mut Diagnostics) -> Option<Left> {
    let (slot, typed) = mapping::column(name, scope, diagnostics)?;
    if can_be_key(typed.data_type) {
        return Some((slot, typed));
    }
    let found = typed.data_type;
    let example = match found {
        DataType::Double => format!(", like `let k = cast({} as int)`", name.value),
        DataType::Decimal { .. } => format!(", like `let k = cast({} as string)`", name.value),
        _ => String::new(),
    };
    let message = format!("`{}` of type {found} cannot be a key", name.value);
    diagnostics.push(
        Diagnostic::error(Code::E0403, name.span, message)
            .hint(format!("use a string, int, bool, date or timestamp{example}")),
    );
    None
}

/// Keys are compared by their bytes on the wire, and equal keys have the same.
pub(super) const fn can_be_key(data_type: DataType) -> bool {
    match data_type {
        DataType::String | DataType::Int | DataType::Bool | DataType::Timestamp | DataType::Date => true,
        DataType::Double
        | DataType::Decimal { .. }
        | DataType::Bytes
        | DataType::List(_)
        | DataType::Map(_)
        | DataType::Struct(_) => false,
    }
}

/// Every output column by name.
fn aggregates(
    group_by: &ast::GroupBy,
    scope: &Scope,
    limits: Limits,
    diagnostics: &mut Diagnostics,
) -> Vec<(String, Option<Aggregate>)> {
    if group_by.features.is_empty() {
        missing(&group_by.name, "feature", "a feature, like `orders = count() over 1h`", diagnostics);
    }
    let mut columns = Vec::new();
    for written in &group_by.features {
        let checked = feature::check(written, scope, limits, diagnostics);
        columns.extend(feature::column_names(written).zip(checked));
    }
    columns
}

fn distinct_outputs(group_by: &ast::GroupBy, diagnostics: &mut Diagnostics) -> bool {
    let features = group_by.features.iter().map(|feature| (feature.name.value.clone(), feature.name.span));
    if !distinct(features, "features", diagnostics) {
        return false;
    }
    let keys = group_by.key.iter().map(|key| (key.value.clone(), key.span));
    let columns = group_by.features.iter().flat_map(|written| {
        // Two windows of one spelling have been reported as that.
        let mut names: Vec<_> = feature::column_names(written).collect();
        names.dedup();
        names.into_iter().map(|name| (name, written.name.span))
    });
    distinct(keys.chain(columns), "columns", diagnostics)
}

fn known(keys: &[Key], aggregates: &[(String, Option<Aggregate>)]) -> GroupByFacts {
    let typed = |aggregate: &Aggregate| Typed { data_type: aggregate.output, nullable: aggregate.nullable };
    let keys = keys.iter().map(|(name, key)| (name.clone(), key.map(|(_, typed)| typed)));
    let columns = aggregates.iter().map(|(name, column)| (name.clone(), column.as_ref().map(typed)));
    let (keys, columns): (Vec<Known>, Vec<Known>) = (keys.collect(), columns.collect());
    GroupByFacts { id: None, keys, columns, incomplete: false }
}

/// How long a key keeps its lifetime columns.
fn ttl(group_by: &ast::GroupBy, diagnostics: &mut Diagnostics) -> Result<Option<i64>, Broken> {
    let lifetime = group_by.features.iter().find(|feature| feature.windows.is_empty());
    match (&group_by.ttl, group_by.unbounded) {
        (Some(ttl), Some(unbounded)) => {
            diagnostics.push(
                Diagnostic::error(Code::E0413, unbounded, "`ttl` and `unbounded` exclude each other")
                    .also(ttl.span, "keys are dropped after this")
                    .hint("remove one of them"),
            );
            return Err(Broken);
        }
        (None, None) => {
            let Some(feature) = lifetime else { return Ok(None) };
            diagnostics.push(no_window(&group_by.name, &feature.name));
            return Err(Broken);
        }
        (Some(_), None) | (None, Some(_)) => {}
    }
    let span = group_by.ttl.as_ref().map(|ttl| ttl.span).or(group_by.unbounded);
    if let Some(span) = span.filter(|_| lifetime.is_none()) {
        let message =
            format!("every feature of `{}` has a window: nothing is kept longer", group_by.name.value);
        let hint = "remove it, or leave `over` out where a feature covers a key's whole life";
        diagnostics.push(Diagnostic::warning(Code::W0402, span, message).hint(hint));
    }
    let Some(ttl) = &group_by.ttl else { return Ok(None) };
    super::positive_or(Some(ttl), ttl.value, "a `ttl`", diagnostics).ok_or(Broken)?;
    duration(ttl, diagnostics).map(|ttl| Some(ttl.ms())).ok_or(Broken)
}

fn no_window(group_by: &Name, feature: &Name) -> Diagnostic {
    let message = format!("`{}` has no window, so a key's whole life would be kept forever", feature.value);
    Diagnostic::error(Code::E0404, feature.span, message)
        .also(group_by.span, "says neither `ttl` nor `unbounded`")
        .hint("add `over 7d` to the feature; or for a lifetime, `ttl 90d` (dropped when quiet so long) or `unbounded` to the group by")
}

/// Two features that compute the same over a window.
fn warn_same(aggregates: &[Aggregate], diagnostics: &mut Diagnostics) {
    let mut warned = Vec::new();
    for (position, aggregate) in aggregates.iter().enumerate() {
        let Some(first) = aggregates[..position].iter().find(|first| is_same(first, aggregate)) else {
            continue;
        };
        if warned.contains(&(&first.feature, &aggregate.feature)) {
            continue;
        }
        warned.push((&first.feature, &aggregate.feature));
        let message = format!("`{}` and `{}` are the same aggregation", first.column, aggregate.column);
        let hint = format!("remove one, or change what its `{}` takes", aggregate.kind.name());
        diagnostics.push(
            Diagnostic::warning(Code::W0401, aggregate.span, message)
                .also(first.span, "the first")
                .hint(hint),
        );
    }
}

fn is_same(a: &Aggregate, b: &Aggregate) -> bool {
    a.feature != b.feature
        && (a.kind, a.window) == (b.kind, b.window)
        && (&a.input, &a.filter) == (&b.input, &b.filter)
        && (&a.order, &a.by, &a.default) == (&b.order, &b.by, &b.default)
}
