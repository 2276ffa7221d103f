//! `on left = key, …`: which columns supply the key of a group by or table.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::functions::ExprKind;
use crate::model::resolve::facts::Known;
use crate::model::resolve::scope::{Lookup, Scope, Typed};
use crate::syntax::ast::{KeyMapping, Name};

use super::all;

/// What the mapped columns are looked for in.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) name: &'a Name,
    /// In its order; empty: not known.
    pub(super) keys: &'a [Known],
}

/// A column on the left and its type.
pub(super) type Left = (usize, Typed);

/// The columns on the left, `None` for one that is broken.
pub(super) fn left(on: &[KeyMapping], scope: &Scope, diagnostics: &mut Diagnostics) -> Vec<Option<Left>> {
    on.iter().map(|mapping| column(&mapping.left, scope, diagnostics)).collect()
}

/// The column of a bare name; `None` after a report, or if it is broken.
pub(super) fn column(name: &Name, scope: &Scope, diagnostics: &mut Diagnostics) -> Option<Left> {
    let problem = match scope.bare(name) {
        Lookup::Found(found) => match found.kind {
            ExprKind::Column(slot) => return Some((slot, Typed::of_expr(&found))),
            _ => Diagnostic::error(Code::E0203, name.span, format!("`{}` is a constant", name.value))
                .hint("name a column: a constant is the same for all events"),
        },
        Lookup::Quiet => return None,
        Lookup::Unknown(describe) => describe(),
    };
    diagnostics.push(problem);
    None
}

/// Per key of the target the slot that supplies it; `None` after a report, or where something is broken.
pub(super) fn slots(
    on: &[KeyMapping],
    mapped: &[Option<Left>],
    target: Target,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<usize>> {
    let sound = name_keys(on, target, diagnostics);
    let mut slots = Vec::with_capacity(target.keys.len());
    let mut unmapped = Vec::new();
    for (key, key_type) in target.keys {
        let Some(position) = on.iter().position(|mapping| supplied(mapping).value == *key) else {
            unmapped.push(key.as_str());
            continue;
        };
        let (slot, typed) = mapped[position].unzip();
        let fits = typed
            .zip(*key_type)
            .is_none_or(|(left, key)| same_type(&on[position], left, key, target, diagnostics));
        slots.push(slot.filter(|_| fits));
    }
    // A mapping to something that is no key was meant for the one that is missing.
    if sound && !unmapped.is_empty() {
        diagnostics.push(not_mapped(on, target.name, &unmapped));
    }
    all(slots).filter(|slots| sound && unmapped.is_empty() && !slots.is_empty())
}

/// The key a mapping is for.
fn supplied(mapping: &KeyMapping) -> &Name {
    mapping.key.as_ref().unwrap_or(&mapping.left)
}

fn name_keys(on: &[KeyMapping], target: Target, diagnostics: &mut Diagnostics) -> bool {
    let mut sound = true;
    for (position, mapping) in on.iter().enumerate() {
        let name = supplied(mapping);
        if !target.keys.is_empty() && !target.keys.iter().any(|(key, _)| *key == name.value) {
            sound = false;
            diagnostics.push(not_a_key(mapping, target));
        } else if let Some(first) = on[..position].iter().find(|m| supplied(m).value == name.value) {
            sound = false;
            let message = format!("the key `{}` is mapped twice", name.value);
            diagnostics.push(
                Diagnostic::error(Code::E0506, name.span, message)
                    .also(supplied(first).span, "the first")
                    .hint("remove one"),
            );
        }
    }
    sound
}

fn not_a_key(mapping: &KeyMapping, target: Target) -> Diagnostic {
    let name = supplied(mapping);
    let keys: Vec<_> = target.keys.iter().map(|(key, _)| format!("`{key}`")).collect();
    let message = format!("`{}` is not a key of `{}`", name.value, target.name.value);
    Diagnostic::error(Code::E0502, name.span, message).hint(match target.keys {
        [(key, _)] if *key == mapping.left.value => format!("write `on {key}`"),
        [(key, _)] => format!("write `on {} = {key}`", mapping.left.value),
        _ => format!("the keys are {}", keys.join(", ")),
    })
}

fn same_type(
    mapping: &KeyMapping,
    left: Typed,
    key: Typed,
    target: Target,
    diagnostics: &mut Diagnostics,
) -> bool {
    if left.data_type == key.data_type {
        return true;
    }
    let key_name = supplied(mapping);
    let message = format!(
        "`{}` is {}, the key `{}` of `{}` is {}",
        mapping.left.value, left.data_type, key_name.value, target.name.value, key.data_type
    );
    let mut problem = Diagnostic::error(Code::E0503, mapping.left.span, message)
        .label(left.data_type.to_string())
        .hint("name a column of the key's type: cast it in a `select` of a stream, or the key in a `let`");
    if mapping.key.is_some() {
        problem = problem.also(key_name.span, key.data_type.to_string());
    }
    diagnostics.push(problem);
    false
}

fn not_mapped(on: &[KeyMapping], target: &Name, unmapped: &[&str]) -> Diagnostic {
    let names: Vec<_> = unmapped.iter().map(|key| format!("`{key}`")).collect();
    let message = format!("`{}` needs {}, which `on` does not supply", target.value, names.join(", "));
    let missing = unmapped.join(", ");
    let hint = if on.is_empty() {
        format!("write `on {missing}`, or `on left_column = {}`", unmapped[0])
    } else {
        format!("add it to `on`: `…, {missing}`, or `…, left_column = {}`", unmapped[0])
    };
    Diagnostic::error(Code::E0501, target.span, message).hint(hint)
}
