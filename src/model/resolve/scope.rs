//! The columns an expression may name, in slot order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Span, nearest};
use crate::functions::Expr;
use crate::model::ORIGIN;
use crate::syntax::ast::Name;
use crate::types::{DataType, Field};

use super::constants::{Constant, Constants};

/// A column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model) struct Typed {
    pub(in crate::model) data_type: DataType,
    pub(in crate::model) nullable: bool,
}

impl Typed {
    pub(in crate::model) const fn of(field: &Field) -> Self {
        Self { data_type: field.data_type, nullable: field.nullable }
    }

    pub(in crate::model) const fn of_expr(expr: &Expr) -> Self {
        Self { data_type: expr.data_type, nullable: expr.nullable }
    }
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
    /// Bare names that several have, and how each of them is written in full.
    ambiguous: BTreeMap<String, BTreeSet<String>>,
    /// What the bare columns' definition is called, where they may be written in full.
    input: Option<String>,
    /// Bare names are not all known.
    open: bool,
    /// Nor are the columns of these aliases.
    open_qualifiers: BTreeSet<String>,
    /// Columns that tables have and their lookups do not take, by alias.
    left_out: BTreeMap<String, Vec<String>>,
    /// Names that stand for a value wherever no column has them.
    constants: Arc<Constants>,
    /// The instant for which a row holds, where rows have one of their own.
    as_of: Option<Expr>,
}

/// What a name stands for.
pub(in crate::model) enum Lookup<'a> {
    Found(Expr),
    /// Broken elsewhere, reported there.
    Quiet,
    /// What to say: the nearest name among many takes time, which is lost if nobody reads it.
    Unknown(Box<dyn FnOnce() -> Diagnostic + 'a>),
}

impl Scope {
    /// A scope of bare columns.
    pub(in crate::model) fn of(fields: &[(String, Option<Typed>)], constants: Arc<Constants>) -> Self {
        let mut scope = Self::only(constants);
        for (name, typed) in fields {
            scope.push(name, *typed);
        }
        scope
    }

    /// A scope without columns.
    pub(in crate::model) fn only(constants: Arc<Constants>) -> Self {
        Self { constants, ..Self::default() }
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

    /// Appends `qualifier.name`, which may be written without the qualifier if nothing else has the name.
    pub(in crate::model) fn push_looked_up(&mut self, qualifier: &str, name: &str, typed: Option<Typed>) {
        let slot = self.append(ScopeColumn { qualifier: Some(qualifier.into()), name: name.into(), typed });
        let bare = self.slots.entry(String::new()).or_default();
        let Some(other) = bare.get(name).map(|other| &self.columns[*other]) else {
            bare.insert(name.into(), slot);
            return;
        };
        let first = match other.qualifier.as_ref().or(self.input.as_ref()) {
            Some(qualifier) => format!("{qualifier}.{name}"),
            None => name.to_owned(),
        };
        self.ambiguous.entry(name.into()).or_default().extend([first, format!("{qualifier}.{name}")]);
    }

    /// What a looked-up table has beside the columns that are taken. Where these are not all sound, any of
    /// the others may have been meant: nothing is said of it.
    pub(in crate::model) fn leave_out(&mut self, qualifier: &str, names: Vec<String>, sound: bool) {
        if sound {
            self.left_out.insert(qualifier.into(), names);
            return;
        }
        self.open_qualifier(qualifier);
        for name in names {
            let bare = self.slots.entry(String::new()).or_default();
            bare.entry(name.clone()).or_insert(self.columns.len());
            self.columns.push(ScopeColumn { qualifier: Some(qualifier.into()), name, typed: None });
        }
    }

    /// The alias of a lookup that could take the column.
    fn could_take(&self, qualifier: Option<&str>, name: &str) -> Option<&str> {
        let has = |(alias, names): &(&String, &Vec<String>)| {
            qualifier.is_none_or(|qualifier| qualifier == *alias) && names.iter().any(|known| known == name)
        };
        self.left_out.iter().find(has).map(|(alias, _)| alias.as_str())
    }

    /// The bare columns so far may also be written as `input.column`, unless a column has that name.
    pub(in crate::model) fn name_input(&mut self, input: &str) {
        if self.has_bare(input) {
            return;
        }
        self.input = Some(input.into());
        let bare = self.slots.get("").cloned().unwrap_or_default();
        self.slots.insert(input.into(), bare);
        if self.open {
            self.open_qualifier(input);
        }
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

    /// What `as_of()` is here: the left event's time in a join.
    pub(in crate::model) fn set_as_of(&mut self, time: Expr) {
        self.as_of = Some(time);
    }

    pub(in crate::model) const fn as_of(&self) -> Option<&Expr> {
        self.as_of.as_ref()
    }

    /// Whether something here has that name before a point.
    pub(in crate::model) fn knows_qualifier(&self, qualifier: &str) -> bool {
        !qualifier.is_empty()
            && (self.slots.contains_key(qualifier) || self.open_qualifiers.contains(qualifier))
    }

    /// The column of a path.
    pub(in crate::model) fn path<'a>(&'a self, path: &'a [Name]) -> Lookup<'a> {
        match path {
            [name] => self.bare(name),
            [qualifier, name] => self.qualified(qualifier, name),
            _ => {
                let Some(span) = path.iter().map(|name| name.span).reduce(Span::to) else {
                    return Lookup::Quiet;
                };
                Lookup::Unknown(Box::new(move || {
                    let text = path.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join(".");
                    Diagnostic::error(Code::E0203, span, format!("unknown column `{text}`"))
                        .hint("columns are `name` or `alias.name`")
                }))
            }
        }
    }

    /// The column, or else the constant, of a bare name.
    pub(in crate::model) fn bare<'a>(&'a self, name: &'a Name) -> Lookup<'a> {
        let constant = self.constants.get(&name.value);
        if let Some(full) = self.ambiguous.get(&name.value) {
            return Lookup::Unknown(Box::new(|| ambiguous(name, full)));
        }
        match (self.find(None, &name.value), constant) {
            (Some(_), Some(constant)) => Lookup::Unknown(Box::new(|| column_and_constant(name, constant))),
            (Some(found), None) => found,
            (None, Some(constant)) => constant.value.clone().map_or(Lookup::Quiet, Lookup::Found),
            (None, None) if self.open => Lookup::Quiet,
            (None, None) => Lookup::Unknown(Box::new(|| self.unknown_bare(name))),
        }
    }

    fn unknown_bare(&self, name: &Name) -> Diagnostic {
        let what = if self.columns.is_empty() { "constant" } else { "column" };
        let error = Diagnostic::error(Code::E0203, name.span, format!("unknown {what} `{}`", name.value));
        let elsewhere = self.columns.iter().find(|column| column.name == name.value);
        if let Some(qualifier) = elsewhere.and_then(|column| column.qualifier.as_ref()) {
            return error.hint(format!("write `{qualifier}.{}`", name.value));
        }
        if let Some(alias) = self.could_take(None, &name.value) {
            return error.hint(add_to_lookup(alias, name));
        }
        if is_quoted(name) {
            let text = name.value.replace('\'', "''");
            return error
                .hint(format!("double quotes hold names; a text is written in single quotes: '{text}'"));
        }
        let constants = self.constants.keys().map(String::as_str);
        match nearest(&name.value, self.bare_names().chain(constants)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(self.list(None)),
        }
    }

    /// Whether there is a bare column of that name.
    pub(in crate::model) fn has_bare(&self, name: &str) -> bool {
        self.find(None, name).is_some()
    }

    fn qualified<'a>(&'a self, qualifier: &'a Name, name: &'a Name) -> Lookup<'a> {
        if let Some(found) = self.find(Some(&qualifier.value), &name.value) {
            return found;
        }
        if self.open_qualifiers.contains(&qualifier.value) {
            return Lookup::Quiet;
        }
        if self.slots.contains_key(&qualifier.value) {
            Lookup::Unknown(Box::new(|| self.unknown_qualified(qualifier, name)))
        } else {
            Lookup::Unknown(Box::new(|| self.unknown_qualifier(qualifier, name)))
        }
    }

    fn unknown_qualified(&self, qualifier: &Name, name: &Name) -> Diagnostic {
        let message = format!("unknown column `{}` in `{}`", name.value, qualifier.value);
        let near = self.windows_of(qualifier, name);
        let near = near.or_else(|| nearest(&name.value, self.names(&qualifier.value)));
        let hint = match (self.could_take(Some(&qualifier.value), &name.value), near) {
            (Some(alias), _) => add_to_lookup(alias, name),
            (None, Some(near)) => format!("did you mean `{}.{near}`?", qualifier.value),
            (None, None) => self.list(Some(&qualifier.value)),
        };
        Diagnostic::error(Code::E0203, name.span, message).hint(hint)
    }

    /// The first column of the feature `name`, for those who left the window out.
    fn windows_of(&self, qualifier: &Name, name: &Name) -> Option<&str> {
        let is_of = |column: &&ScopeColumn| {
            column.qualifier.as_ref() == Some(&qualifier.value)
                && column.name.strip_prefix(name.value.as_str()).is_some_and(|rest| rest.starts_with('_'))
        };
        self.columns.iter().find(is_of).map(|column| column.name.as_str())
    }

    fn unknown_qualifier(&self, qualifier: &Name, name: &Name) -> Diagnostic {
        let qualifiers = self.slots.keys().map(String::as_str).filter(|qualifier| !qualifier.is_empty());
        let error = Diagnostic::error(
            Code::E0203,
            qualifier.span,
            format!("nothing here is called `{}`", qualifier.value),
        );
        let open = self.open_qualifiers.iter().map(String::as_str);
        if let Some(near) = nearest(&qualifier.value, qualifiers.chain(open)) {
            error.hint(format!("did you mean `{near}.{}`?", name.value))
        } else if self.columns.iter().any(|column| column.qualifier.is_none() && column.name == name.value) {
            error.hint(format!("write `{}`", name.value))
        } else {
            error.hint(self.parts().unwrap_or_else(|| self.list(None)))
        }
    }

    /// What may stand before a point, if anything may.
    fn parts(&self) -> Option<String> {
        let named = self.slots.keys().filter(|qualifier| !qualifier.is_empty());
        let named: Vec<_> = named.map(|qualifier| format!("`{qualifier}`")).collect();
        (!named.is_empty()).then(|| format!("what has columns here is {}", named.join(", ")))
    }

    fn find(&self, qualifier: Option<&str>, name: &str) -> Option<Lookup<'static>> {
        let slot = *self.slots.get(qualifier.unwrap_or_default())?.get(name)?;
        Some(match self.columns[slot].typed {
            Some(Typed { data_type, nullable }) => Lookup::Found(Expr::column(slot, data_type, nullable)),
            None => Lookup::Quiet,
        })
    }

    fn bare_names(&self) -> impl Iterator<Item = &str> {
        self.names("")
    }

    fn names(&self, qualifier: &str) -> impl Iterator<Item = &str> {
        self.slots.get(qualifier).into_iter().flat_map(BTreeMap::keys).map(String::as_str)
    }

    /// The first names, in the order of their slots.
    fn list(&self, qualifier: Option<&str>) -> String {
        const SHOWN: usize = 8;
        let slots = self.slots.get(qualifier.unwrap_or_default());
        let mut names: Vec<_> = slots.into_iter().flatten().collect();
        names.retain(|(name, _)| *name != ORIGIN);
        names.sort_unstable_by_key(|(_, slot)| **slot);
        let shown: Vec<_> = names.iter().take(SHOWN).map(|(name, _)| format!("`{name}`")).collect();
        match names.len() {
            0 => "no column is known here: a constant is computed from other constants".to_owned(),
            count if count > SHOWN => format!("the columns are {}, …", shown.join(", ")),
            _ => format!("the columns are {}", shown.join(", ")),
        }
    }
}

fn add_to_lookup(alias: &str, name: &Name) -> String {
    format!("add it to what is looked up of `{alias}`: `{{ {}, … }}`", name.value)
}

fn ambiguous(name: &Name, full: &BTreeSet<String>) -> Diagnostic {
    let full: Vec<_> = full.iter().map(|name| format!("`{name}`")).collect();
    let message = format!("`{}` could be {}", name.value, full.join(" or "));
    Diagnostic::error(Code::E0226, name.span, message).hint(format!("write {}", full.join(" or ")))
}

fn column_and_constant(name: &Name, constant: &Constant) -> Diagnostic {
    let message = format!("`{}` is a column here and a constant", name.value);
    Diagnostic::error(Code::E0226, name.span, message)
        .also(constant.name, "the constant")
        .hint("rename the constant, so that it is plain which of the two is meant")
}

/// Whether a name was written in double quotes: its place is longer than itself.
fn is_quoted(name: &Name) -> bool {
    (name.span.end - name.span.start) as usize > name.value.len()
}
