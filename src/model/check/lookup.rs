//! `lookup TABLE on a = k { column, … } [as ALIAS]`, in group bys and joins.

use crate::diag::{Code, Diagnostic, Diagnostics, nearest};
use crate::model::Lookup;
use crate::model::resolve::Context;
use crate::model::resolve::facts::{Known, TableFacts};
use crate::model::resolve::scope::{Scope, Typed};
use crate::syntax::ast::{self, Binding, Name};

use super::mapping::{self, Target};
use super::{all, distinct};

/// A lookup and what it adds, whether it is sound or not.
pub(super) struct Checked<'a> {
    pub(super) resolved: Option<Lookup>,
    pub(super) alias: &'a Name,
    /// Null where the table has no row.
    pub(super) columns: Vec<Known>,
    /// What else the table has.
    left_out: Vec<String>,
}

impl Checked<'_> {
    /// Tells a scope with the columns what else the table has.
    pub(super) fn leave_out(&mut self, scope: &mut Scope) {
        let sound = self.columns.iter().all(|(_, typed)| typed.is_some());
        scope.leave_out(&self.alias.value, std::mem::take(&mut self.left_out), sound);
    }
}

/// The name before the point.
pub(super) fn alias(lookup: &ast::Lookup) -> &Name {
    lookup.alias.as_ref().unwrap_or(&lookup.table)
}

/// Whether its name before the point is one that was chosen: that of an unknown table may be a slip.
pub(super) fn is_named(lookup: &ast::Lookup, context: &Context) -> bool {
    lookup.alias.is_some() || context.facts.tables.contains_key(&lookup.table.value)
}

/// Checks a lookup whose keys come from `rows`; `lets` are computed only after it.
pub(super) fn check<'a>(
    lookup: &'a ast::Lookup,
    rows: &Scope,
    lets: &[Binding],
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Checked<'a> {
    let too_late = lookup.on.iter().filter(|mapping| is_let(&mapping.left, rows, lets));
    let too_late: Vec<_> = too_late.map(|mapping| &mapping.left).collect();
    for name in &too_late {
        let message = format!("the let `{}` is computed after the lookup", name.value);
        diagnostics.push(
            Diagnostic::error(Code::E0508, name.span, message)
                .hint("look up by a column of the input: `select` it in a stream, and read that"),
        );
    }
    let mapped = if too_late.is_empty() {
        mapping::left(&lookup.on, rows, diagnostics)
    } else {
        vec![None; lookup.on.len()]
    };
    let Some(table) = context.facts.tables.get(&lookup.table.value) else {
        diagnostics.push(context.names.unknown(Code::E0507, &lookup.table, &["table"]));
        let columns = lookup.columns.iter().map(|name| (name.value.clone(), None)).collect();
        return Checked { resolved: None, alias: alias(lookup), columns, left_out: Vec::new() };
    };
    let on =
        mapping::slots(&lookup.on, &mapped, Target { name: &lookup.table, keys: &table.keys }, diagnostics);
    let slots = columns(lookup, table, diagnostics);
    let known = lookup.columns.iter().zip(&slots).map(|(name, slot)| {
        let typed = slot.and_then(|slot| table.fields[slot].1);
        (name.value.clone(), typed.map(|typed| Typed { nullable: true, ..typed }))
    });
    let columns = known.collect();
    let is_taken = |field: &str| lookup.columns.iter().any(|name| name.value == field);
    let others = table.fields.iter().map(|(field, _)| field).filter(|field| !is_taken(field));
    let left_out = others.cloned().collect();
    let build = || {
        Some(Lookup {
            table: table.id?,
            alias: alias(lookup).value.clone(),
            on: on?,
            columns: all(slots).filter(|slots| !slots.is_empty())?,
            span: lookup.table.span,
        })
    };
    Checked { resolved: build(), alias: alias(lookup), columns, left_out }
}

fn is_let(name: &Name, rows: &Scope, lets: &[Binding]) -> bool {
    !rows.has_bare(&name.value) && lets.iter().any(|binding| binding.name.value == name.value)
}

/// The slots of the table's fields that are looked up, `None` for a broken one.
fn columns(lookup: &ast::Lookup, table: &TableFacts, diagnostics: &mut Diagnostics) -> Vec<Option<usize>> {
    if lookup.columns.is_empty() {
        let message = format!("the lookup of `{}` names no columns", lookup.table.value);
        let names: Vec<_> = table.fields.iter().take(3).map(|(name, _)| name.as_str()).collect();
        diagnostics.push(
            Diagnostic::error(Code::E0209, lookup.table.span, message)
                .hint(format!("write those you need behind it, like `{{ {} }}`", names.join(", "))),
        );
    }
    let names = lookup.columns.iter().map(|name| (name.value.clone(), name.span));
    let distinct = distinct(names, "looked-up columns", diagnostics);
    let slot = |name: &Name, diagnostics: &mut Diagnostics| {
        let found = table.fields.iter().position(|(field, _)| *field == name.value);
        if found.is_none() && !table.fields.is_empty() {
            diagnostics.push(unknown(lookup, table, name));
        }
        found.filter(|_| distinct)
    };
    lookup.columns.iter().map(|name| slot(name, diagnostics)).collect()
}

fn unknown(lookup: &ast::Lookup, table: &TableFacts, name: &Name) -> Diagnostic {
    let message = format!("unknown column `{}` in the table `{}`", name.value, lookup.table.value);
    let names: Vec<_> = table.fields.iter().map(|(field, _)| field.as_str()).collect();
    Diagnostic::error(Code::E0203, name.span, message).hint(
        match nearest(&name.value, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its columns are `{}`", names.join("`, `")),
        },
    )
}
