//! The columns an expression may name, in slot order.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Code, Diagnostic, Span, nearest};
use crate::functions::Expr;
use crate::syntax::ast::Name;
use crate::types::DataType;

/// A column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model) struct Typed {
    pub(in crate::model) data_type: DataType,
    pub(in crate::model) nullable: bool,
}

#[derive(Debug, Clone)]
struct ScopeColumn {
    /// The alias before the point; `None`: a bare name.
    qualifier: Option<String>,
    name: String,
    /// `None`: its definition is broken, which has been reported.
    typed: Option<Typed>,
}

/// Columns in slot order, and which names must stay unreported because what has them is broken.
#[derive(Debug, Clone, Default)]
pub(in crate::model) struct Scope {
    columns: Vec<ScopeColumn>,
    /// Slots by qualifier (empty for a bare name) and name.
    slots: BTreeMap<String, BTreeMap<String, usize>>,
    /// Bare names are not all known.
    open: bool,
    /// Nor are the columns of these aliases.
    open_qualifiers: BTreeSet<String>,
    /// Names that stand for a value wherever no column has them.
    constants: BTreeMap<String, Expr>,
    /// The instant for which a row holds, where rows have one of their own.
    as_of: Option<Expr>,
}

/// What a name stands for.
pub(in crate::model) enum Lookup {
    Found(Expr),
    /// Broken elsewhere, reported there.
    Quiet,
    Unknown(Box<Diagnostic>),
}

impl Scope {
    /// A scope of bare columns.
    pub(in crate::model) fn of(fields: &[(String, Option<Typed>)]) -> Self {
        let mut scope = Self::default();
        for (name, typed) in fields {
            scope.push(name, *typed);
        }
        scope
    }

    /// A scope of which only the broken part is known: stays quiet about everything.
    pub(in crate::model) fn unknown() -> Self {
        Self { open: true, ..Self::default() }
    }

    /// Appends a bare column and returns its slot.
    pub(in crate::model) fn push(&mut self, name: &str, typed: Option<Typed>) -> usize {
        self.append(ScopeColumn { qualifier: None, name: name.into(), typed })
    }

    /// Appends `qualifier.name`.
    pub(in crate::model) fn push_qualified(&mut self, qualifier: &str, name: &str, typed: Option<Typed>) {
        self.append(ScopeColumn { qualifier: Some(qualifier.into()), name: name.into(), typed });
    }

    /// Of two columns of one name, which is reported elsewhere, the first is found.
    fn append(&mut self, column: ScopeColumn) -> usize {
        let slot = self.columns.len();
        let slots = self.slots.entry(column.qualifier.clone().unwrap_or_default()).or_default();
        slots.entry(column.name.clone()).or_insert(slot);
        self.columns.push(column);
        slot
    }

    /// Nothing is known of the columns of this alias.
    pub(in crate::model) fn open_qualifier(&mut self, qualifier: &str) {
        self.open_qualifiers.insert(qualifier.into());
    }

    /// A name for a literal; a column of that name hides it.
    #[allow(dead_code, reason = "definitions of constants and of as-of times are being built on it")]
    pub(in crate::model) fn push_constant(&mut self, name: &str, literal: Expr) {
        self.constants.insert(name.into(), literal);
    }

    /// What `as_of()` is here: the left event's time in a join.
    #[allow(dead_code, reason = "definitions of constants and of as-of times are being built on it")]
    pub(in crate::model) fn set_as_of(&mut self, time: Expr) {
        self.as_of = Some(time);
    }

    #[allow(dead_code, reason = "definitions of constants and of as-of times are being built on it")]
    pub(in crate::model) const fn as_of(&self) -> Option<&Expr> {
        self.as_of.as_ref()
    }

    /// Whether something here has that name before a point.
    pub(in crate::model) fn knows_qualifier(&self, qualifier: &str) -> bool {
        self.slots.contains_key(qualifier) || self.open_qualifiers.contains(qualifier)
    }

    /// The column of a path.
    pub(in crate::model) fn path(&self, path: &[Name]) -> Lookup {
        match path {
            [name] => self.bare(name),
            [qualifier, name] => self.qualified(qualifier, name),
            _ => {
                let span = path.iter().map(|name| name.span).reduce(Span::to);
                let text = path.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join(".");
                let error =
                    span.map(|span| Diagnostic::error(Code::E0203, span, format!("unknown column `{text}`")));
                error.map_or(Lookup::Quiet, |error| {
                    Lookup::Unknown(Box::new(error.hint("columns are `name` or `alias.name`")))
                })
            }
        }
    }

    /// The column of a bare name.
    pub(in crate::model) fn bare(&self, name: &Name) -> Lookup {
        if let Some(found) = self.find(None, &name.value) {
            return found;
        }
        if let Some(constant) = self.constants.get(&name.value) {
            return Lookup::Found(constant.clone());
        }
        if self.open {
            return Lookup::Quiet;
        }
        let mut error = Diagnostic::error(Code::E0203, name.span, format!("unknown column `{}`", name.value));
        let elsewhere = self.columns.iter().find(|column| column.name == name.value);
        if let Some(qualifier) = elsewhere.and_then(|column| column.qualifier.as_ref()) {
            error = error.hint(format!("write `{qualifier}.{}`", name.value));
        } else if is_quoted(name) {
            let text = name.value.replace('\'', "''");
            error =
                error.hint(format!("double quotes hold names; a text is written in single quotes: '{text}'"));
        } else if let Some(near) = nearest(&name.value, self.names(None)) {
            error = error.hint(format!("did you mean `{near}`?"));
        } else {
            error = error.hint(self.list(None));
        }
        Lookup::Unknown(Box::new(error))
    }

    /// Whether there is a bare column of that name.
    pub(in crate::model) fn has_bare(&self, name: &str) -> bool {
        self.find(None, name).is_some()
    }

    fn qualified(&self, qualifier: &Name, name: &Name) -> Lookup {
        if let Some(found) = self.find(Some(&qualifier.value), &name.value) {
            return found;
        }
        if self.open_qualifiers.contains(&qualifier.value) {
            return Lookup::Quiet;
        }
        let known = self.columns.iter().any(|column| column.qualifier.as_deref() == Some(&*qualifier.value));
        let error = if known {
            let message = format!("unknown column `{}` in `{}`", name.value, qualifier.value);
            let near = self.windows_of(qualifier, name);
            let near = near.or_else(|| nearest(&name.value, self.names(Some(&qualifier.value))));
            let hint = near.map_or_else(
                || self.list(Some(&qualifier.value)),
                |near| format!("did you mean `{}.{near}`?", qualifier.value),
            );
            Diagnostic::error(Code::E0203, name.span, message).hint(hint)
        } else {
            self.unknown_qualifier(qualifier, name)
        };
        Lookup::Unknown(Box::new(error))
    }

    /// The first column of the feature `name`, for those who left the window out.
    fn windows_of(&self, qualifier: &Name, name: &Name) -> Option<&str> {
        let is_of = |column: &&str| {
            column.strip_prefix(name.value.as_str()).is_some_and(|rest| rest.starts_with('_'))
        };
        self.names(Some(&qualifier.value)).find(is_of)
    }

    fn unknown_qualifier(&self, qualifier: &Name, name: &Name) -> Diagnostic {
        let qualifiers = self.columns.iter().filter_map(|column| column.qualifier.as_deref());
        let error = Diagnostic::error(
            Code::E0203,
            qualifier.span,
            format!("nothing here is called `{}`", qualifier.value),
        );
        if let Some(near) =
            nearest(&qualifier.value, qualifiers.chain(self.open_qualifiers.iter().map(String::as_str)))
        {
            error.hint(format!("did you mean `{near}.{}`?", name.value))
        } else if self.columns.iter().any(|column| column.qualifier.is_none() && column.name == name.value) {
            error.hint(format!("write `{}`", name.value))
        } else {
            error.hint(self.list(None))
        }
    }

    fn find(&self, qualifier: Option<&str>, name: &str) -> Option<Lookup> {
        let slot = *self.slots.get(qualifier.unwrap_or_default())?.get(name)?;
        Some(match self.columns[slot].typed {
            Some(Typed { data_type, nullable }) => Lookup::Found(Expr::column(slot, data_type, nullable)),
            None => Lookup::Quiet,
        })
    }

    fn names(&self, qualifier: Option<&str>) -> impl Iterator<Item = &str> {
        self.columns
            .iter()
            .filter(move |column| column.qualifier.as_deref() == qualifier)
            .map(|column| column.name.as_str())
    }

    fn list(&self, qualifier: Option<&str>) -> String {
        const SHOWN: usize = 8;
        let names: Vec<_> = self.names(qualifier).map(|name| format!("`{name}`")).collect();
        let more = if names.len() > SHOWN { ", …" } else { "" };
        format!("the columns are {}{more}", names[..names.len().min(SHOWN)].join(", "))
    }
}

/// Whether a name was written in double quotes: its place is longer than itself.
fn is_quoted(name: &Name) -> bool {
    (name.span.end - name.span.start) as usize > name.value.len()
}
