//! `group_by`: scope, lets, filter, keys, features, outputs.

use crate::aggregates::Kind;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::resolve::names::Names;
use crate::model::resolve::scope::{Lookup, Scope, Typed};
use crate::model::resolve::{Facts, GroupByFacts, SourceFacts};
use crate::model::{Aggregate, Column, GroupBy, Input, PublishMode, expr};
use crate::syntax::ast::{self, Name};
use crate::types::{DataType, Duration};

use super::{all, columns, distinct, feature, missing, project, publish, too_many};

/// The group by, unless it is broken, and what is known of it in any case.
pub(in crate::model) fn check(
    group_by: &ast::GroupBy,
    names: &Names,
    facts: &Facts,
    settings: &project::Settings,
    diagnostics: &mut Diagnostics,
) -> (Option<GroupBy>, GroupByFacts) {
    let columns = group_by.features.iter().map(|feature| feature.windows.len().max(1)).sum::<usize>();
    if too_many(&group_by.name, columns + group_by.lets.len() + group_by.key.len(), diagnostics) {
        return (None, known(&[], &[]));
    }
    let from =
        source(&group_by.name, ("from", "`from SOURCE`"), group_by.from.as_ref(), names, facts, diagnostics);
    let mut scope = scope_of(from);
    let lets = lets(group_by, &mut scope, diagnostics);
    let filter = group_by.filter.as_ref().map(|filter| expr::condition(filter, &scope, diagnostics));
    let keys = keys(group_by, &scope, diagnostics);
    let retention = from.map_or(settings.retention, |source| source.retention);
    let aggregates = aggregates(group_by, &scope, retention, diagnostics);
    let distinct = distinct_outputs(group_by, diagnostics);
    let known = known(&keys, &aggregates);
    let publish = publish::check(group_by.publish.as_ref(), PublishMode::Latest, diagnostics);
    let owner = settings.owner(group_by.about.owner.as_ref(), diagnostics);
    let aggregates = all(aggregates.into_iter().map(|(_, aggregate)| aggregate).collect());
    if let Some(aggregates) = &aggregates {
        warn_same(aggregates, diagnostics);
    }
    let build = || {
        Some(GroupBy {
            name: group_by.name.value.clone(),
            span: group_by.name.span,
            about: super::about(&group_by.about, owner.ok()?),
            from: Input::Source(from?.id?),
            lookups: Vec::new(),
            lets: lets?,
            filter: match filter {
                Some(filter) => Some(filter?),
                None => None,
            },
            keys: all(keys.into_iter().map(|(_, slot)| slot.map(|(slot, _)| slot)).collect())
                .filter(|keys| !keys.is_empty())?,
            aggregates: aggregates.filter(|aggregates| distinct && !aggregates.is_empty())?,
            ttl_ms: None,
            publish: publish.ok()?,
        })
    };
    (build(), known)
}

/// The source a clause names; `None` after a report.
pub(super) fn source<'a>(
    definition: &Name,
    (clause, example): (&str, &str),
    written: Option<&Name>,
    names: &Names,
    facts: &'a Facts,
    diagnostics: &mut Diagnostics,
) -> Option<&'a SourceFacts> {
    let Some(name) = written else {
        missing(definition, clause, example, diagnostics);
        return None;
    };
    let found = facts.sources.get(&name.value);
    if found.is_none() {
        diagnostics.push(names.unknown(Code::E0201, name, "source"));
    }
    found
}

/// A source's fields, or a scope that stays quiet if they are not known.
pub(super) fn scope_of(source: Option<&SourceFacts>) -> Scope {
    match source {
        Some(source) if !source.fields.is_empty() => Scope::of(&source.fields),
        Some(_) | None => Scope::unknown(),
    }
}

/// The lets in the order of their slots; `None` if one is broken or hides a field.
fn lets(group_by: &ast::GroupBy, scope: &mut Scope, diagnostics: &mut Diagnostics) -> Option<Vec<Column>> {
    let hides = group_by.lets.iter().filter(|binding| scope.has_bare(&binding.name.value));
    let hiding: Vec<_> = hides.map(|binding| &binding.name).collect();
    for name in &hiding {
        let message = format!("the let `{}` has the name of a field", name.value);
        diagnostics.push(Diagnostic::error(Code::E0208, name.span, message).hint("choose another name"));
    }
    let names = group_by.lets.iter().map(|binding| (binding.name.value.clone(), binding.name.span));
    let distinct = distinct(names, "lets", diagnostics) && hiding.is_empty();
    let columns = columns(&group_by.lets, scope, diagnostics).into_iter().map(|(_, column)| column).collect();
    all(columns).filter(|_| distinct)
}

/// A key's name and, if it is sound, its slot and type.
type Key = (String, Option<(usize, Typed)>);

fn keys(group_by: &ast::GroupBy, scope: &Scope, diagnostics: &mut Diagnostics) -> Vec<Key> {
    if group_by.key.is_empty() {
        missing(&group_by.name, "key", "`key COLUMN`", diagnostics);
    }
    group_by.key.iter().map(|name| (name.value.clone(), key(name, scope, diagnostics))).collect()
}

fn key(name: &Name, scope: &Scope, diagnostics: &mut Diagnostics) -> Option<(usize, Typed)> {
    let column = match scope.bare(name) {
        Lookup::Found(column) => column,
        Lookup::Quiet => return None,
        Lookup::Unknown(diagnostic) => {
            diagnostics.push(*diagnostic);
            return None;
        }
    };
    let crate::functions::ExprKind::Column(slot) = column.kind else { return None };
    match column.data_type {
        DataType::String | DataType::Int | DataType::Bool | DataType::Timestamp | DataType::Date => {
            Some((slot, Typed { data_type: column.data_type, nullable: column.nullable }))
        }
        found @ (DataType::Double | DataType::Decimal { .. }) => {
            let message = format!("`{}` of type {found} cannot be a key", name.value);
            let to = if found == DataType::Double { "int" } else { "string" };
            let hint = format!(
                "use a string, int, bool, date or timestamp, like `let k = cast({} as {to})`",
                name.value
            );
            diagnostics.push(Diagnostic::error(Code::E0403, name.span, message).hint(hint));
            None
        }
        found @ (DataType::Bytes | DataType::List(_) | DataType::Map(_) | DataType::Struct(_)) => {
            let message = format!("`{}` of type {found} cannot be a key", name.value);
            let hint = "use a string, int, bool, date or timestamp";
            diagnostics.push(Diagnostic::error(Code::E0403, name.span, message).hint(hint));
            None
        }
    }
}

/// Every output column by name.
fn aggregates(
    group_by: &ast::GroupBy,
    scope: &Scope,
    retention: Duration,
    diagnostics: &mut Diagnostics,
) -> Vec<(String, Option<Aggregate>)> {
    if group_by.features.is_empty() {
        missing(&group_by.name, "feature", "a feature, like `orders = count() over 1h`", diagnostics);
    }
    let mut columns = Vec::new();
    for written in &group_by.features {
        let checked = feature::check(written, scope, retention, diagnostics);
        let names =
            written.windows.iter().map(|window| feature::column_name(&written.name, &window.value.text));
        columns.extend(names.zip(checked));
        if written.windows.is_empty() {
            columns.push((written.name.value.clone(), None));
        }
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
        let mut texts: Vec<_> = written.windows.iter().map(|window| window.value.text.as_str()).collect();
        texts.dedup();
        texts.into_iter().map(|text| (feature::column_name(&written.name, text), written.name.span))
    });
    distinct(keys.chain(columns), "columns", diagnostics)
}

fn known(keys: &[Key], aggregates: &[(String, Option<Aggregate>)]) -> GroupByFacts {
    let typed = |aggregate: &Aggregate| Typed { data_type: aggregate.output, nullable: aggregate.nullable };
    GroupByFacts {
        id: None,
        keys: keys.iter().map(|(name, key)| (name.clone(), key.map(|(_, typed)| typed))).collect(),
        columns: aggregates.iter().map(|(name, column)| (name.clone(), column.as_ref().map(typed))).collect(),
    }
}

/// Two features that compute the same over a window.
fn warn_same(aggregates: &[Aggregate], diagnostics: &mut Diagnostics) {
    let same = |a: &Aggregate, b: &Aggregate| {
        a.feature != b.feature
            && (a.kind, a.window) == (b.kind, b.window)
            && (&a.input, &a.filter) == (&b.input, &b.filter)
    };
    let mut warned = Vec::new();
    for (position, aggregate) in aggregates.iter().enumerate() {
        let Some(first) = aggregates[..position].iter().find(|first| same(first, aggregate)) else {
            continue;
        };
        if warned.contains(&(&first.feature, &aggregate.feature)) {
            continue;
        }
        warned.push((&first.feature, &aggregate.feature));
        let message = format!("`{}` and `{}` are the same aggregation", first.column, aggregate.column);
        diagnostics.push(
            Diagnostic::warning(Code::W0401, aggregate.span, message)
                .also(first.span, "the first")
                .hint(same_hint(aggregate.kind)),
        );
    }
}

fn same_hint(kind: Kind) -> String {
    format!("remove one, or change what its `{}` takes", kind.name())
}
