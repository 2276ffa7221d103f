//! Lets and derived columns: named expressions that may use each other in any order.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::resolve::order;
use crate::model::resolve::scope::{Scope, Typed};
use crate::model::{Column, expr};
use crate::syntax::ast::Binding;

use super::{all, distinct};

/// Bindings, typed in an order in which each may use those before it, and appended to the scope.
/// `None` stands for one that is broken; the positions are those in `bindings`.
pub(super) fn columns(
    bindings: &[Binding],
    scope: &mut Scope,
    diagnostics: &mut Diagnostics,
) -> Vec<(usize, Option<Column>)> {
    let order = order::computable(&bindings.iter().collect::<Vec<_>>(), diagnostics);
    let mut columns = Vec::with_capacity(bindings.len());
    let computable: BTreeSet<_> = order.iter().copied().collect();
    for position in (0..bindings.len()).filter(|position| !computable.contains(position)) {
        scope.push(&bindings[position].name.value, None);
        columns.push((position, None));
    }
    for position in order {
        let Binding { name, expr } = &bindings[position];
        let typed = expr::scalar(expr, scope, diagnostics);
        scope.push(&name.value, typed.as_ref().map(Typed::of_expr));
        let column = typed.map(|expr| Column { name: name.value.clone(), expr, span: name.span });
        columns.push((position, column));
    }
    columns
}

/// The lets of a group by or stream in the order of their slots; `None` if one is broken or hides a column.
pub(super) fn lets(
    lets: &[Binding],
    scope: &mut Scope,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Column>> {
    let hides = lets.iter().filter(|binding| scope.has_bare(&binding.name.value));
    let hiding: Vec<_> = hides.map(|binding| &binding.name).collect();
    for name in &hiding {
        let message = format!("the let `{}` has the name of a column", name.value);
        diagnostics.push(Diagnostic::error(Code::E0208, name.span, message).hint("choose another name"));
    }
    let names = lets.iter().map(|binding| (binding.name.value.clone(), binding.name.span));
    let distinct = distinct(names, "lets", diagnostics) && hiding.is_empty();
    let columns = columns(lets, scope, diagnostics).into_iter().map(|(_, column)| column).collect();
    all(columns).filter(|_| distinct)
}
