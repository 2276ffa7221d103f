//! One file per definition kind, and what several of them need.

pub(super) mod demands;
pub(super) mod feature;
pub(super) mod group_by;
pub(super) mod join;
pub(super) mod project;
pub(super) mod publish;
pub(super) mod source;
pub(super) mod test;
pub(super) mod types;
pub(super) mod window;

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics, Span, Spanned};
use crate::syntax::ast::{self, Binding, Name};
use crate::types::Duration;

use super::expr;
use super::resolve::order;
use super::resolve::scope::{Scope, Typed};
use super::{About, Column};

/// A hundred years: beyond it, sums with event times could overflow.
const LONGEST: Duration = Duration::from_ms(36_500 * 86_400_000);

/// The most columns of one definition: fields, lets, features times windows, derived columns.
const COLUMNS_MAX: usize = 2000;

/// A clause is wrong, and has been reported.
#[derive(Debug, Clone, Copy)]
pub(super) struct Broken;

/// Reports a clause that must be there.
fn missing(definition: &Name, clause: &str, example: &str, diagnostics: &mut Diagnostics) {
    let message = format!("`{}` has no `{clause}`", definition.value);
    diagnostics.push(Diagnostic::error(Code::E0209, definition.span, message).hint(format!("add {example}")));
}

/// Reports a definition that has so many columns that it was hardly meant.
fn too_many(definition: &Name, columns: usize, diagnostics: &mut Diagnostics) -> bool {
    let too_many = columns > COLUMNS_MAX;
    if too_many {
        let message = format!("`{}` has {columns} columns, more than {COLUMNS_MAX}", definition.value);
        diagnostics.push(Diagnostic::error(Code::E0212, definition.span, message).hint("split it"));
    }
    too_many
}

/// A length of time that can be added to any event time.
pub(super) fn duration(written: &Spanned<Duration>, diagnostics: &mut Diagnostics) -> Option<Duration> {
    if written.value <= LONGEST {
        return Some(written.value);
    }
    let message = format!("`{}` is too long: the longest length of time is {LONGEST}", written.value);
    diagnostics.push(Diagnostic::error(Code::E0406, written.span, message).hint("choose a shorter one"));
    None
}

/// An optional length of time with its default; `None` if it is written and wrong.
fn duration_or(
    written: Option<&Spanned<Duration>>,
    default: Duration,
    diagnostics: &mut Diagnostics,
) -> Option<Duration> {
    written.map_or(Some(default), |written| duration(written, diagnostics))
}

/// Reports every name that is there twice, with the first place beside it; `false` if there was one.
fn distinct<'a>(
    names: impl IntoIterator<Item = (String, Span)> + 'a,
    what: &str,
    diagnostics: &mut Diagnostics,
) -> bool {
    let mut first: BTreeMap<String, Span> = BTreeMap::new();
    let mut all_distinct = true;
    for (name, span) in names {
        if let Some(taken) = first.get(&name) {
            all_distinct = false;
            let message = format!("two {what} are called `{name}`");
            diagnostics.push(
                Diagnostic::error(Code::E0208, span, message)
                    .label("the second")
                    .also(*taken, "the first")
                    .hint("rename one of them"),
            );
        } else {
            first.insert(name, span);
        }
    }
    all_distinct
}

/// Lets or derived columns, typed in an order in which each may use those before it, and appended to
/// the scope. `None` stands for one that is broken; the positions are those in `bindings`.
fn columns(
    bindings: &[Binding],
    scope: &mut Scope,
    diagnostics: &mut Diagnostics,
) -> Vec<(usize, Option<Column>)> {
    let order = order::computable(bindings, diagnostics);
    let mut columns = Vec::with_capacity(bindings.len());
    let circular: Vec<_> = (0..bindings.len()).filter(|position| !order.contains(position)).collect();
    for position in circular {
        scope.push(&bindings[position].name.value, None);
        columns.push((position, None));
    }
    for position in order {
        let Binding { name, expr } = &bindings[position];
        let typed = expr::scalar(expr, scope, diagnostics);
        let column_type = typed.as_ref().map(|e| Typed { data_type: e.data_type, nullable: e.nullable });
        scope.push(&name.value, column_type);
        let column = typed.map(|expr| Column { name: name.value.clone(), expr, span: name.span });
        columns.push((position, column));
    }
    columns
}

/// All values, or `None` if one is missing.
fn all<T>(values: Vec<Option<T>>) -> Option<Vec<T>> {
    values.into_iter().collect()
}

/// What a definition says of itself.
fn about(written: &ast::About, owner: Option<String>) -> About {
    About {
        doc: written.doc.as_ref().map(|doc| doc.value.clone()),
        owner,
        tags: written.tags.iter().map(|tag| tag.value.clone()).collect(),
        deprecated: written.deprecated.as_ref().map(|why| why.value.clone()),
    }
}
