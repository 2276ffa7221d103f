//! `history:` a path, a list of paths, or maps with `files:` and `until:`.

use crate::diag::Spanned;
use crate::syntax::ast::History;
use crate::syntax::yaml::reader::{Entry, Node, NodeKind, has};
use crate::syntax::yaml::values::Values;

const WANTED: &str =
    "a path like `purchases/*.parquet`, a map with `files:` and `until:`, or a list of those";

pub(super) fn history(values: &mut Values<'_>, entry: &Entry) -> Vec<History> {
    match &entry.value.kind {
        NodeKind::List(items) => items.iter().filter_map(|item| one(values, item)).collect(),
        NodeKind::Map(_) => one(values, &entry.value).into_iter().collect(),
        NodeKind::Null | NodeKind::Refused | NodeKind::Scalar(_) => {
            let files = values.string(entry, WANTED);
            files.map(|files| History { files, until: None }).into_iter().collect()
        }
    }
}

fn one(values: &mut Values<'_>, node: &Node) -> Option<History> {
    let NodeKind::Map(entries) = &node.kind else {
        let path = values.item(node, WANTED)?;
        return Some(History { files: Spanned::new(path.text.clone(), path.span), until: None });
    };
    let (mut files, mut until) = (None, None);
    for entry in entries {
        match entry.key.text.as_str() {
            "files" => files = values.string(entry, "a path like `purchases/*.parquet`"),
            "until" => until = values.string(entry, "an instant like `2024-05-01`"),
            _ => values.unknown(&entry.key, "a history", &["files", "until"]),
        }
    }
    if files.is_none() && !has(entries, "files") {
        values.missing(node.span, "`files:`", "name the files: `{files: purchases/*.parquet}`");
    }
    Some(History { files: files?, until })
}
