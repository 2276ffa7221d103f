//! Constants: values that expressions of all files may name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::functions::{Expr, ExprKind};
use crate::model::{expr, folded};
use crate::syntax::ast::{Binding, Name};
use crate::types::Value;

use super::names::Names;
use super::order;
use super::scope::Scope;

/// The constants of a project by name.
pub(in crate::model) type Constants = BTreeMap<String, Constant>;

#[derive(Debug, Clone)]
pub(in crate::model) struct Constant {
    /// A literal; `None`: broken, which was reported.
    pub(in crate::model) value: Option<Expr>,
    /// Where it is named.
    pub(in crate::model) name: Span,
}

/// Computes all constants, each from those it names.
pub(in crate::model) fn resolve(names: &Names, diagnostics: &mut Diagnostics) -> Arc<Constants> {
    let bindings = unique(names, diagnostics);
    let order = order::computable(&bindings, diagnostics);
    let mut constants = Constants::new();
    let circular: BTreeSet<_> = order.iter().copied().collect();
    for (_, binding) in bindings.iter().enumerate().filter(|(at, _)| !circular.contains(at)) {
        constants.insert(binding.name.value.clone(), Constant { value: None, name: binding.name.span });
    }
    let mut constants = Arc::new(constants);
    for position in order {
        let Binding { name, expr } = bindings[position];
        let scope = Scope::only(Arc::clone(&constants));
        let typed = expr::scalar(expr, &scope, diagnostics);
        let value = typed.and_then(|typed| computed(&typed, expr.span, diagnostics));
        drop(scope);
        Arc::make_mut(&mut constants).insert(name.value.clone(), Constant { value, name: name.span });
    }
    constants
}

/// Constants without those whose name another one has.
fn unique<'a>(names: &Names<'a>, diagnostics: &mut Diagnostics) -> Vec<&'a Binding> {
    let mut first: BTreeMap<String, &Name> = BTreeMap::new();
    let mut bindings = Vec::new();
    for binding in names.constants() {
        let key = binding.name.value.to_ascii_lowercase();
        if let Some(taken) = first.get(&key) {
            diagnostics.push(taken_twice(&binding.name, taken));
        } else {
            first.insert(key, &binding.name);
            bindings.push(binding);
        }
    }
    bindings
}

fn taken_twice(name: &Name, taken: &Name) -> Diagnostic {
    let message = if name.value == taken.value {
        format!("two constants are called `{}`", name.value)
    } else {
        format!("the constants `{}` and `{}` differ only in case", taken.value, name.value)
    };
    Diagnostic::error(Code::E0207, name.span, message)
        .label("the second")
        .also(taken.span, "the first")
        .hint("rename one of them: constants hold in all files")
}

/// Nothing in the expression depends on a row. A null keeps what says its type.
fn computed(expr: &Expr, span: Span, diagnostics: &mut Diagnostics) -> Option<Expr> {
    Some(match folded::value(expr, span, diagnostics)? {
        Value::Null => expr.clone(),
        value => Expr { nullable: false, kind: ExprKind::Literal(value), data_type: expr.data_type },
    })
}
