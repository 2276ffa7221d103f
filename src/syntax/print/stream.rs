//! Streams and model calls.

use crate::syntax::ast::{Call, SelectItem, Stream};

use super::clause::Block;
use super::definition::{about, header};
use super::word::{at, list, name, quoted};
use super::{expr, types};

pub(super) fn block(node: &Stream) -> Block {
    let mut clauses = about(&node.about);
    clauses.named("from", node.from.as_ref());
    clauses.names("union", &node.union);
    clauses.lets(&node.lets);
    if let Some(filter) = &node.filter {
        clauses.add(filter.span.start, format!("where {}", expr::text(&filter.kind)));
    }
    if let Some(first) = node.select.first() {
        clauses.add(first.expr.span.start, format!("select {}", list(&node.select, select_item)));
    }
    if let Some(call) = &node.call {
        clauses.add(at(&call.function), call_text(call));
    }
    clauses.block(at(&node.name), header("stream", &node.name))
}

fn select_item(item: &SelectItem) -> String {
    let alias = item.name.as_ref().map(|alias| format!(" as {}", name(&alias.value)));
    expr::text(&item.expr.kind) + &alias.unwrap_or_default()
}

fn call_text(call: &Call) -> String {
    let arguments = list(&call.arguments, |argument| expr::text(&argument.kind));
    let mut parts = vec![format!("call {} ({arguments})", quoted(&call.function.value))];
    let returns: Vec<_> = call.returns.iter().map(types::field).collect();
    parts.push(format!("returns {{ {} }}", returns.join("  ")));
    if let Some(timeout) = &call.timeout {
        parts.push(format!("timeout {}", timeout.value));
    }
    if let Some(concurrency) = &call.concurrency {
        parts.push(format!("concurrency {}", concurrency.value));
    }
    if let Some(retry) = &call.retry {
        parts.push(format!("retry {}", retry.value));
    }
    parts.join(" ")
}
