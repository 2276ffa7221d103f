//! What lies beside the definitions: the model opens no files, who calls it reads them.

use std::collections::BTreeMap;

use crate::diag::{FileId, Span};
use crate::syntax::{Ast, ast};

/// Texts and folders that definitions name by paths relative to their own file.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// The folder of each definition file, relative to the project's; none: the project's own.
    pub folders: BTreeMap<FileId, String>,
    /// Schema files by the file that names them and the path as written: the text, or why there is none.
    pub schemas: BTreeMap<(FileId, String), Result<String, String>>,
}

/// The schema files that definitions name: where, and the path as written.
pub fn schema_files(asts: &[Ast]) -> impl Iterator<Item = (Span, &str)> {
    asts.iter().flat_map(|ast| &ast.definitions).filter_map(|definition| {
        let format = match definition {
            ast::Definition::Source(source) => source.format.as_ref(),
            ast::Definition::Table(table) => table.format.as_ref(),
            ast::Definition::Stream(_)
            | ast::Definition::GroupBy(_)
            | ast::Definition::Join(_)
            | ast::Definition::Constants(_)
            | ast::Definition::Test(_) => None,
        };
        let file = format?.schema_file.as_ref()?;
        Some((file.span, file.value.as_str()))
    })
}

impl Beside {
    /// A path as written in `file`, relative to the project's folder. Addresses of object stores and
    /// absolute paths stay as they are.
    pub(super) fn path(&self, file: FileId, written: &str) -> String {
        let is_elsewhere = written.starts_with('/') || written.contains("://");
        match self.folders.get(&file).filter(|folder| !folder.is_empty() && !is_elsewhere) {
            Some(folder) => format!("{folder}/{written}"),
            None => written.to_owned(),
        }
    }
}
