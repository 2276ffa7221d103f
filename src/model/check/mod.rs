//! One file per definition kind, and what several of them need.

mod arguments;
mod avro;
mod call;
mod columns;
mod deployment;
mod feature;
mod lookup;
mod mapping;
mod records;
mod unused;
mod window;

pub(super) mod demands;
pub(super) mod group_by;
pub(super) mod join;
pub(super) mod project;
pub(super) mod publish;
pub(super) mod source;
pub(super) mod stream;
pub(super) mod table;
pub(super) mod test;
pub(super) mod types;

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics, Span, Spanned};
use crate::syntax::ast::{self, Name};
use crate::types::Duration;

use super::About;
use super::resolve::Context;

/// A hundred years: beyond it, sums with event times could overflow.
const LONGEST: Duration = Duration::from_ms(36_500 * 86_400_000);

/// The most columns of one definition: fields, lets, features times windows, derived columns.
const COLUMNS_MAX: usize = 2000;

/// A clause is wrong, and has been reported.
#[derive(Debug, Clone, Copy)]
pub(super) struct Broken;

/// Reports a clause that must be there.
fn missing(definition: &Name, clause: &str, example: &str, diagnostics: &mut Diagnostics) {
    let message = format!("`{}` has no `{clause}`", definition.value);
    diagnostics.push(Diagnostic::error(Code::E0209, definition.span, message).hint(format!("add {example}")));
}

/// Reports a definition that has so many columns that it was hardly meant.
fn too_many(definition: &Name, columns: usize, diagnostics: &mut Diagnostics) -> bool {
    let too_many = columns > COLUMNS_MAX;
    if too_many {
        let message = format!("`{}` has {columns} columns, more than {COLUMNS_MAX}", definition.value);
        diagnostics.push(Diagnostic::error(Code::E0212, definition.span, message).hint("split it"));
    }
    too_many
}

/// A length of time that can be added to any event time.
pub(super) fn duration(written: &Spanned<Duration>, diagnostics: &mut Diagnostics) -> Option<Duration> {
    if written.value <= LONGEST {
        return Some(written.value);
    }
    let message = format!("`{}` is too long: the longest length of time is {LONGEST}", written.value);
    diagnostics.push(Diagnostic::error(Code::E0406, written.span, message).hint("choose a shorter one"));
    None
}

/// An optional length of time with its default; `None` if it is written and wrong.
fn duration_or(
    written: Option<&Spanned<Duration>>,
    default: Duration,
    diagnostics: &mut Diagnostics,
) -> Option<Duration> {
    written.map_or(Some(default), |written| duration(written, diagnostics))
}

/// As [`duration_or`], of a length that makes no sense as 0.
fn positive_or(
    written: Option<&Spanned<Duration>>,
    default: Duration,
    what: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Duration> {
    let Some(zero) = written.filter(|written| written.value == Duration::ZERO) else {
        return duration_or(written, default, diagnostics);
    };
    let message = format!("{what} of 0");
    diagnostics.push(
        Diagnostic::error(Code::E0405, zero.span, message).hint("write a length above zero, like `1h`"),
    );
    None
}

/// Reports every name that is there twice, whatever its case, with the first place beside it; `false` if
/// there was one.
fn distinct<'a>(
    names: impl IntoIterator<Item = (String, Span)> + 'a,
    what: &str,
    diagnostics: &mut Diagnostics,
) -> bool {
    let mut first: BTreeMap<String, (String, Span)> = BTreeMap::new();
    let mut all_distinct = true;
    for (name, span) in names {
        let Some((taken, place)) = first.get(&name.to_ascii_lowercase()) else {
            first.insert(name.to_ascii_lowercase(), (name, span));
            continue;
        };
        all_distinct = false;
        let message = if *taken == name {
            format!("two {what} are called `{name}`")
        } else {
            format!("the {what} `{taken}` and `{name}` differ only in case")
        };
        diagnostics.push(
            Diagnostic::error(Code::E0208, span, message)
                .label("the second")
                .also(*place, "the first")
                .hint("rename one of them"),
        );
    }
    all_distinct
}

/// All values, or `None` if one is missing.
fn all<T>(values: Vec<Option<T>>) -> Option<Vec<T>> {
    values.into_iter().collect()
}

/// An optional part that may be broken: `None` only then.
#[expect(clippy::option_option, reason = "the outer says that it is written, the inner that it is sound")]
fn sound<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    match part {
        None => Some(None),
        Some(part) => part.map(Some),
    }
}

/// What a definition says of itself.
fn about(written: &ast::About, context: &Context, diagnostics: &mut Diagnostics) -> Option<About> {
    let owner = context.settings.owner(written.owner.as_ref(), diagnostics);
    let tags = written.tags.iter().map(|tag| (tag.value.clone(), tag.span));
    let distinct = distinct(tags, "tags", diagnostics);
    let about = About {
        doc: written.doc.as_ref().map(|doc| doc.value.clone()),
        owner: owner.ok()?,
        tags: written.tags.iter().map(|tag| tag.value.clone()).collect(),
        deprecated: written.deprecated.as_ref().map(|why| why.value.clone()),
    };
    Some(about).filter(|_| distinct)
}
