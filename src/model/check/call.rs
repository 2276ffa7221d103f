//! `call "module:function" (a, b) returns { … }`: a model call per row of a stream.

use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Diagnostics, Spanned, shortened};
use crate::model::resolve::Context;
use crate::model::resolve::facts::Known;
use crate::model::resolve::scope::{Scope, Typed};
use crate::model::{Call, WireField, expr};
use crate::syntax::ast;
use crate::types::{Duration, Field};

use super::stream::Selected;
use super::{all, distinct, positive_or, types};

/// How long one try may take.
const TIMEOUT: Duration = Duration::from_ms(1_000);
/// Calls in flight at once.
const CONCURRENCY: u32 = 16;
const CONCURRENCY_MAX: u32 = 10_000;
/// Tries after the first.
const RETRY: u32 = 2;
const RETRY_MAX: u32 = 100;

/// A call and the columns it adds, whether it is sound or not.
pub(super) struct Checked {
    pub(super) resolved: Option<Spanned<Call>>,
    pub(super) returns: Vec<Known>,
}

/// Checks a call over the columns that were selected.
pub(super) fn check(
    call: &ast::Call,
    selected: &[Selected],
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Checked {
    let rows: Vec<_> = selected.iter().filter_map(Selected::known).collect();
    let scope = if rows.len() < selected.len() || rows.is_empty() {
        Scope::unknown()
    } else {
        Scope::of(&rows, Arc::clone(&context.facts.constants))
    };
    let function = function(&call.function, diagnostics);
    let arguments: Vec<_> =
        call.arguments.iter().map(|argument| expr::scalar(argument, &scope, diagnostics)).collect();
    let returns: Vec<_> = call.returns.iter().map(|field| returned(field, diagnostics)).collect();
    let known = call.returns.iter().zip(&returns);
    let typed = |field: &WireField| Typed::of(&field.field);
    let known: Vec<Known> =
        known.map(|(field, read)| (field.name.value.clone(), read.as_ref().map(typed))).collect();
    let sound = has_columns(call, &rows, diagnostics);
    let timeout = positive_or(call.timeout.as_ref(), TIMEOUT, "a timeout", diagnostics);
    let concurrency =
        count("concurrency", call.concurrency.as_ref(), (CONCURRENCY, 1, CONCURRENCY_MAX), diagnostics);
    let retry = count("retry", call.retry.as_ref(), (RETRY, 0, RETRY_MAX), diagnostics);
    let build = || {
        let resolved = Call {
            function: function?,
            arguments: all(arguments)?,
            returns: all(returns)?,
            timeout_ms: timeout?.ms(),
            concurrency: concurrency?,
            retry: retry?,
        };
        Some(Spanned { value: resolved, span: call.function.span })
    };
    Checked { resolved: build().filter(|_| sound), returns: known }
}

fn returned(field: &ast::FieldDef, diagnostics: &mut Diagnostics) -> Option<WireField> {
    let (data_type, wire_type) = types::wire_type(&field.data_type, diagnostics)?;
    if let Some(wire) = &field.wire_name {
        let message = "what a call returns has no other name on a wire";
        diagnostics.push(Diagnostic::error(Code::E0224, wire.span, message).hint("remove `from`"));
        return None;
    }
    let name = field.name.value.clone();
    Some(WireField { field: Field::new(&name, data_type, field.nullable), wire_name: name, wire_type })
}

/// `module:function`, both of names with points between.
fn function(written: &Spanned<String>, diagnostics: &mut Diagnostics) -> Option<String> {
    let is_name = |name: &str| {
        let mut bytes = name.bytes();
        bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let is_path = |path: &str| path.split('.').all(is_name);
    if written.value.split_once(':').is_some_and(|(module, name)| is_path(module) && is_path(name)) {
        return Some(written.value.clone());
    }
    let message = format!("`{}` names no function of a module", written.value);
    diagnostics.push(
        Diagnostic::error(Code::E0224, written.span, message)
            .hint("write \"module:function\", like \"models.fraud:score\""),
    );
    None
}

fn has_columns(call: &ast::Call, rows: &[Known], diagnostics: &mut Diagnostics) -> bool {
    if call.returns.is_empty() {
        let message = "the call returns no columns";
        let hint = "say what it gives: `returns { score double? }`";
        diagnostics.push(Diagnostic::error(Code::E0224, call.function.span, message).hint(hint));
        return false;
    }
    let names = call.returns.iter().map(|field| (field.name.value.clone(), field.name.span));
    let taken = call.returns.iter().find(|field| rows.iter().any(|(name, _)| *name == field.name.value));
    if let Some(field) = taken {
        let message = format!("the call returns `{}`, which is a column already", field.name.value);
        diagnostics
            .push(Diagnostic::error(Code::E0208, field.name.span, message).hint("choose another name"));
    }
    distinct(names, "returned columns", diagnostics) && taken.is_none()
}

/// A whole number between two bounds, or the default.
fn count(
    word: &str,
    written: Option<&Spanned<String>>,
    (default, least, most): (u32, u32, u32),
    diagnostics: &mut Diagnostics,
) -> Option<u32> {
    let Some(written) = written else { return Some(default) };
    if let Some(count) = written.value.parse().ok().filter(|count| (least..=most).contains(count)) {
        return Some(count);
    }
    let shown = shortened(&written.value);
    let message = format!("`{word}` is a whole number from {least} to {most}, found `{shown}`");
    diagnostics.push(
        Diagnostic::error(Code::E0224, written.span, message).hint(format!("the default is {default}")),
    );
    None
}
