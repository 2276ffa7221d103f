//! Streams: select, filter, union, model calls.

use crate::diag::Spanned;
use crate::syntax::ast::{Call, Name, SelectItem, Stream};
use crate::syntax::dsl::read;
use crate::syntax::words::Kind;
use crate::syntax::yaml::reader::{Entry, NodeKind, has};
use crate::syntax::yaml::values::Values;

use super::source::fields;
use super::{about, bindings, names, unknown_clause};

pub(in crate::syntax::yaml) const CALL_KEYS: [&str; 6] =
    ["function", "arguments", "returns", "timeout", "concurrency", "retry"];

pub(super) fn stream(values: &mut Values<'_>, name: Name, clauses: &[Entry]) -> Stream {
    let mut stream = Stream::named(name);
    for entry in clauses {
        match entry.key.text.as_str() {
            "from" => stream.from = values.read(entry, "a source or stream", read::name),
            "union" => stream.union = names(values, entry),
            "let" => stream.lets = bindings(values, entry),
            "where" => stream.filter = values.read(entry, "a condition", read::expr),
            "select" => stream.select = select(values, entry),
            "call" => stream.call = call(values, entry),
            _ if about(values, &mut stream.about, entry) => {}
            _ => unknown_clause(values, Kind::Stream, entry),
        }
    }
    stream
}

/// A list of `expr as name`, or a map of names and expressions.
fn select(values: &mut Values<'_>, entry: &Entry) -> Vec<SelectItem> {
    match &entry.value.kind {
        NodeKind::Map(_) => {
            let columns = bindings(values, entry).into_iter();
            columns.map(|column| SelectItem { expr: column.expr, name: Some(column.name) }).collect()
        }
        NodeKind::List(items) => {
            let wanted = "a column like `amount` or `amount * 2 as twice`";
            items.iter().filter_map(|item| values.read_item(item, wanted, read::select_item)).collect()
        }
        NodeKind::Null | NodeKind::Refused | NodeKind::Scalar(_) => {
            values.items(entry, "a list of columns, or a map of names and expressions");
            Vec::new()
        }
    }
}

fn call(values: &mut Values<'_>, entry: &Entry) -> Option<Call> {
    let settings = values.entries_of(entry, "a map with `function:`, `arguments:` and `returns:`");
    let mut function = None;
    let nothing = Spanned::new(String::new(), entry.key.span);
    let mut call = Call {
        function: nothing,
        arguments: Vec::new(),
        returns: Vec::new(),
        timeout: None,
        concurrency: None,
        retry: None,
    };
    let known = values.error_count();
    for setting in settings {
        match setting.key.text.as_str() {
            "function" => function = values.string(setting, "a function like `module:function`"),
            "arguments" => {
                for item in values.items(setting, "a list of expressions") {
                    call.arguments.extend(values.read_item(item, "an expression", read::expr));
                }
            }
            "returns" => call.returns = fields(values, setting),
            "timeout" => call.timeout = values.duration(setting),
            "concurrency" => call.concurrency = values.count(setting),
            "retry" => call.retry = values.count(setting),
            _ => values.unknown(&setting.key, "a call", &CALL_KEYS),
        }
    }
    if matches!(entry.value.kind, NodeKind::Map(_)) {
        for needed in ["function", "returns"] {
            if !has(settings, needed) {
                let hint = "write it like `{function: \"module:function\", arguments: [a], returns: {score: double?}}`";
                values.missing(entry.key.span, &format!("`{needed}:`"), hint);
            }
        }
    }
    call.function = function?;
    (values.error_count() == known).then_some(call)
}
