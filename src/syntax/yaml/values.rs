//! Reading values of the expected kind, with a coded problem where another stands.

use crate::diag::{Code, Diagnostic, Diagnostics, FileId, Span, Spanned, nearest, shortened};
use crate::syntax::ast::Name;
use crate::syntax::blocks;
use crate::syntax::dsl::{Builder, read};
use crate::syntax::invisible::foreign;
use crate::syntax::words::{self, NAME_MAX};
use crate::types::Duration;

use super::reader::{Entry, Node, NodeKind, Scalar};

/// Reads nodes of one file.
pub(super) struct Values<'p> {
    file: FileId,
    problems: &'p mut Diagnostics,
}

impl<'p> Values<'p> {
    pub(super) const fn new(file: FileId, problems: &'p mut Diagnostics) -> Self {
        Self { file, problems }
    }

    pub(super) const fn error_count(&self) -> usize {
        self.problems.error_count()
    }

    pub(super) fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// Whether the key itself was just found wrong: that it has no value is a part of the same mistake.
    fn is_known(&self, key: &Scalar) -> bool {
        self.problems.iter().last().is_some_and(|problem| problem.span == Some(key.span))
    }

    fn wrong_kind(&mut self, node: &Node, wanted: &str, key: Option<&Scalar>) {
        let (span, found) = (node.span, node.described());
        if matches!(node.kind, NodeKind::Refused)
            || node.is_null() && key.is_some_and(|key| self.is_known(key))
        {
            return;
        }
        let problem = match key {
            Some(key) if node.is_null() => {
                let message = format!("`{}` has no value, expected {wanted}", key.text);
                Diagnostic::error(Code::E0126, key.span, message).hint(if wanted.starts_with("a map") {
                    "write it below, indented further than the key, or remove the key"
                } else {
                    "write the value, or remove the key"
                })
            }
            None if node.is_null() => {
                Diagnostic::error(Code::E0126, span, format!("expected {wanted}, found nothing"))
            }
            _ => {
                let message = format!("expected {wanted}, found {found}");
                let error = Diagnostic::error(Code::E0121, Self::first_line(span), message);
                match shape_hint(wanted, &node.kind) {
                    Some(hint) => error.hint(hint),
                    None => error,
                }
            }
        };
        self.report(problem);
    }

    /// The entries of a map.
    pub(super) fn entries<'n>(&mut self, node: &'n Node, wanted: &str) -> &'n [Entry] {
        self.map(node, wanted, None)
    }

    pub(super) fn entries_of<'n>(&mut self, entry: &'n Entry, wanted: &str) -> &'n [Entry] {
        self.map(&entry.value, wanted, Some(&entry.key))
    }

    fn map<'n>(&mut self, node: &'n Node, wanted: &str, key: Option<&Scalar>) -> &'n [Entry] {
        if let NodeKind::Map(entries) = &node.kind {
            return entries;
        }
        self.wrong_kind(node, wanted, key);
        &[]
    }

    /// The items of a list.
    pub(super) fn items<'n>(&mut self, entry: &'n Entry, wanted: &str) -> &'n [Node] {
        if let NodeKind::List(items) = &entry.value.kind {
            return items;
        }
        self.wrong_kind(&entry.value, wanted, Some(&entry.key));
        &[]
    }

    pub(super) fn scalar<'n>(&mut self, entry: &'n Entry, wanted: &str) -> Option<&'n Scalar> {
        if let NodeKind::Scalar(scalar) = &entry.value.kind {
            return Some(scalar);
        }
        self.wrong_kind(&entry.value, wanted, Some(&entry.key));
        None
    }

    /// Complains of a node that is no map.
    pub(super) fn item_map(&mut self, node: &Node, wanted: &str) {
        self.wrong_kind(node, wanted, None);
    }

    pub(super) fn item<'n>(&mut self, node: &'n Node, wanted: &str) -> Option<&'n Scalar> {
        if let NodeKind::Scalar(scalar) = &node.kind {
            return Some(scalar);
        }
        self.wrong_kind(node, wanted, None);
        None
    }

    /// A text, as it is.
    pub(super) fn string(&mut self, entry: &Entry, wanted: &str) -> Option<Spanned<String>> {
        self.scalar(entry, wanted).map(|scalar| Spanned::new(scalar.text.clone(), scalar.span))
    }

    /// A text in the language's own syntax, read by `read`.
    pub(super) fn read<T>(
        &mut self,
        entry: &Entry,
        wanted: &str,
        read: impl FnOnce(&mut Builder<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        let scalar = self.scalar(entry, wanted)?;
        self.read_scalar(scalar, read)
    }

    pub(super) fn read_scalar<T>(
        &mut self,
        scalar: &Scalar,
        read: impl FnOnce(&mut Builder<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        if self.problems.is_full() {
            return None;
        }
        read(&mut Builder::of_yaml(scalar.excerpt(self.file), self.problems, scalar.is_cut))
    }

    /// An item of a list in the language's own syntax.
    pub(super) fn read_item<T>(
        &mut self,
        node: &Node,
        wanted: &str,
        read: impl FnOnce(&mut Builder<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        let scalar = self.item(node, wanted)?;
        self.read_scalar(scalar, read)
    }

    /// The rest of a text behind its first bytes.
    pub(super) fn read_after<T>(
        &mut self,
        scalar: &Scalar,
        bytes: usize,
        read: impl FnOnce(&mut Builder<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        if self.problems.is_full() {
            return None;
        }
        let excerpt = scalar.excerpt(self.file).rest(bytes);
        read(&mut Builder::of_yaml(excerpt, self.problems, scalar.is_cut))
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, entry: &Entry) -> Option<bool> {
        let scalar = self.scalar(entry, "`true` or `false`")?;
        match scalar.text.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                let shown = shortened(&scalar.text);
                let message = format!("expected `true` or `false`, found `{shown}`");
                self.report(Diagnostic::error(Code::E0121, scalar.span, message));
                None
            }
        }
    }

    /// A whole number, its digits as written.
    pub(super) fn count(&mut self, entry: &Entry) -> Option<Spanned<String>> {
        let scalar = self.scalar(entry, "a whole number")?;
        self.read_scalar(scalar, |builder| builder.checked_count(&scalar.text, scalar.span))
    }

    /// A key that has to be there.
    pub(super) fn missing(&mut self, span: Span, what: &str, hint: &str) {
        let message = format!("{what} is missing");
        self.report(Diagnostic::error(Code::E0126, Self::first_line(span), message).hint(hint));
    }

    pub(super) fn duration(&mut self, entry: &Entry) -> Option<Spanned<Duration>> {
        self.read(entry, "a duration like `1h`", read::duration)
    }

    /// A key or item that names a definition, field or column: it is a name also without the quotes
    /// that the DSL needs around words of SQL.
    pub(super) fn name(&mut self, scalar: &Scalar) -> Name {
        let bare = scalar.text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let name = bare.unwrap_or(&scalar.text);
        if name.len() > NAME_MAX {
            self.report(blocks::name_too_long(name, scalar.span));
        } else if !words::is_identifier(name) {
            let problem = words::not_a_name(name, scalar.span);
            let looks_cut = scalar.is_cut && name.starts_with(|c: char| c.is_ascii_digit());
            self.report(if looks_cut { problem.hint(read::IS_CUT) } else { problem });
        }
        Spanned::new(name.to_string(), scalar.span)
    }

    /// A name of the outside world (a region, a group, a deployment): also with dots and dashes.
    pub(super) fn label(&mut self, scalar: &Scalar) -> Name {
        let name = &scalar.text;
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if name.len() > NAME_MAX {
            self.report(blocks::name_too_long(name, scalar.span));
        } else if name.is_empty() || !name.chars().all(fits) {
            let hint = "use letters, digits, `_`, `-` and `.` (ASCII)";
            self.report(
                Diagnostic::error(Code::E0109, scalar.span, format!("`{name}` is not a name")).hint(hint),
            );
        }
        Spanned::new(name.clone(), scalar.span)
    }

    /// A key that means nothing in `place`.
    pub(super) fn unknown(&mut self, key: &Scalar, place: &str, known: &[&str]) {
        let shown = shortened(&key.text);
        let hint = nearest(&shown, known.iter().copied()).map_or_else(
            || {
                let known: Vec<_> = known.iter().map(|known| format!("`{known}`")).collect();
                match known.as_slice() {
                    [only] => format!("the only key is {only}"),
                    _ => format!("the keys are {}", known.join(", ")),
                }
            },
            |known| format!("did you mean `{known}`?"),
        );
        let message = format!("`{shown}` is not a key of {place}");
        let error = Diagnostic::error(Code::E0125, key.span, message).hint(hint);
        self.report(match foreign(&key.text) {
            Some(foreign) => error.note(foreign),
            None => error,
        });
    }

    /// A map or list is pointed at by its beginning.
    pub(super) const fn first_line(span: Span) -> Span {
        if span.end > span.start { Span { end: span.start + 1, ..span } } else { span }
    }
}

/// How a map and a list are written, where the other stands.
fn shape_hint(wanted: &str, found: &NodeKind) -> Option<&'static str> {
    match found {
        NodeKind::List(_) if wanted.starts_with("a map") => {
            Some("write `name: …` lines, without `-` before them")
        }
        NodeKind::Map(_) | NodeKind::Scalar(_) if wanted.starts_with("a list") => {
            Some("write a line with `- ` for each, or `[…, …]`")
        }
        NodeKind::Scalar(_) if wanted.starts_with("a map") => {
            Some("write `name: …` lines below it, indented")
        }
        _ => None,
    }
}
