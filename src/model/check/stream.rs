//! `stream`: select, where, lets and a call over one input, or a union of several of one shape.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::functions::{Expr, ExprKind};
use crate::model::resolve::Context;
use crate::model::resolve::facts::{EventId, InputFacts, Known};
use crate::model::resolve::scope::{Scope, Typed};
use crate::model::{Column, Derivation, ORIGIN, Stream, StreamBody, expr};
use crate::syntax::ast::{self, ExprKind as Written, Name};
use crate::types::{DataType, Duration, Field};

use super::{about, all, call, columns, distinct, group_by, sound, too_many};

mod union;

/// The stream, unless it is broken, and what is known of it in any case.
pub(in crate::model) fn check(
    stream: &ast::Stream,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> (Option<Stream>, InputFacts) {
    let count = stream.select.len() + stream.lets.len();
    let (body, known) = if too_many(&stream.name, count, diagnostics) {
        (None, nothing(stream))
    } else if stream.union.is_empty() {
        derive(stream, context, diagnostics)
    } else {
        union::check(stream, context, diagnostics)
    };
    let about = about(&stream.about, context, diagnostics);
    let build = || {
        let mut fields: Vec<Field> = Vec::with_capacity(known.fields.len() + 1);
        for (name, typed) in &known.fields {
            let Typed { data_type, nullable } = (*typed)?;
            fields.push(Field::new(name, data_type, nullable));
        }
        fields.extend(known.has_origin.then(|| Field::new(ORIGIN, DataType::Int, false)));
        Some(Stream {
            name: stream.name.value.clone(),
            span: stream.name.span,
            about: about?,
            body: body?,
            fields,
            event_time: known.event_time?,
            event_id: match known.event_id {
                EventId::Broken => return None,
                id @ (EventId::None | EventId::Slot(_)) => id.slot(),
            },
        })
    };
    (build(), known)
}

/// Nothing is known, and nothing will be said of it.
fn nothing(stream: &ast::Stream) -> InputFacts {
    InputFacts {
        id: None,
        name: stream.name.clone(),
        fields: Vec::new(),
        has_origin: false,
        event_time: None,
        event_id: EventId::Broken,
        sources: Vec::new(),
        retention: Duration::from_ms(i64::MAX),
        has_history: true,
        incomplete: stream.incomplete,
    }
}

fn derive(
    stream: &ast::Stream,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> (Option<StreamBody>, InputFacts) {
    let clause = ("from", "`from SOURCE`, or `union A, B`");
    let from = group_by::input(&stream.name, clause, stream.from.as_ref(), context, diagnostics);
    let mut scope = context.facts.scope_with_origin(from);
    if let Some(from) = from {
        scope.name_input(&from.name.value);
    }
    let lets = columns::lets(&stream.lets, &mut scope, diagnostics);
    let filter = stream.filter.as_ref().map(|filter| expr::condition(filter, &scope, diagnostics));
    let selected = selected(stream, from, &scope, diagnostics);
    let call = stream.call.as_ref().map(|written| call::check(written, &selected, context, diagnostics));
    let known = known(stream, from, &selected, call.as_ref(), diagnostics);
    let build = || {
        let mut select = all(selected.into_iter().map(Selected::column).collect())?;
        if known.has_origin {
            let slot = from?.fields.len();
            let expr = Expr::column(slot, DataType::Int, false);
            select.push(Column { name: ORIGIN.to_owned(), expr, span: stream.name.span });
        }
        Some(StreamBody::Derive(Box::new(Derivation {
            from: from?.id?,
            lets: lets?,
            filter: sound(filter)?,
            select,
            call: sound(call.map(|checked| checked.resolved))?,
        })))
    };
    (build().filter(|_| !known.fields.is_empty()), known)
}

/// A selected column, `None` inside for what is broken.
pub(super) struct Selected {
    pub(super) name: Option<Name>,
    pub(super) expr: Option<Expr>,
}

impl Selected {
    fn column(self) -> Option<Column> {
        let name = self.name?;
        Some(Column { name: name.value, expr: self.expr?, span: name.span })
    }

    pub(super) fn known(&self) -> Option<Known> {
        Some((self.name.as_ref()?.value.clone(), self.expr.as_ref().map(Typed::of_expr)))
    }
}

/// The columns of the rows: those that are written, or else all of the input.
fn selected(
    stream: &ast::Stream,
    from: Option<&InputFacts>,
    scope: &Scope,
    diagnostics: &mut Diagnostics,
) -> Vec<Selected> {
    if stream.select.is_empty() {
        let fields = from.map_or(&[][..], |from| &from.fields);
        let all = fields.iter().enumerate().map(|(slot, (name, typed))| Selected {
            name: Some(Name::new(name.clone(), stream.name.span)),
            expr: typed.map(|typed| Expr::column(slot, typed.data_type, typed.nullable)),
        });
        return all.collect();
    }
    let selected: Vec<_> = stream
        .select
        .iter()
        .map(|item| Selected {
            name: output_name(item, diagnostics),
            expr: expr::scalar(&item.expr, scope, diagnostics),
        })
        .collect();
    let names = selected.iter().filter_map(|column| column.name.as_ref());
    let names: Vec<_> = names.map(|name| (name.value.clone(), name.span)).collect();
    if distinct(names, "columns", diagnostics) {
        return selected;
    }
    selected.into_iter().map(|column| Selected { expr: None, ..column }).collect()
}

/// `EXPR as b` is b, a bare column is itself.
fn output_name(item: &ast::SelectItem, diagnostics: &mut Diagnostics) -> Option<Name> {
    if let Some(name) = &item.name {
        return Some(name.clone());
    }
    if let Written::Path(path) = &item.expr.kind
        && let [name] = path.as_slice()
    {
        return Some(name.clone());
    }
    let hint = match &item.expr.kind {
        Written::Path(path) => match path.last() {
            Some(last) => format!("write `… as {}`", last.value),
            None => "write `… as NAME`".to_owned(),
        },
        _ => "write `… as NAME`".to_owned(),
    };
    let message = "this column has no name";
    diagnostics.push(Diagnostic::error(Code::E0216, item.expr.span, message).hint(hint));
    None
}

/// What readers see: event time and id keep their meaning under whatever name they are selected.
fn known(
    stream: &ast::Stream,
    from: Option<&InputFacts>,
    selected: &[Selected],
    call: Option<&call::Checked>,
    diagnostics: &mut Diagnostics,
) -> InputFacts {
    let Some(from) = from else { return nothing(stream) };
    let names = selected.iter().map(Selected::known).collect();
    // One without a name could be any: nothing is said of the columns.
    let mut fields: Vec<Known> = all(names).unwrap_or_default();
    if !fields.is_empty() {
        fields.extend(call.iter().flat_map(|call| call.returns.iter().cloned()));
    }
    let place = |slot: usize| {
        let is_it =
            |column: &Selected| column.expr.as_ref().is_some_and(|expr| expr.kind == ExprKind::Column(slot));
        selected.iter().position(is_it)
    };
    let is_open = selected.iter().any(|column| column.expr.is_none());
    let mut lost = |what: &str, slot: usize| {
        let found = place(slot);
        if found.is_none() && !is_open {
            diagnostics.push(not_selected(stream, from, what, slot));
        }
        found
    };
    let event_time = from.event_time.and_then(|slot| lost("event time", slot));
    let event_id = match from.event_id {
        EventId::Slot(slot) => lost("event id", slot).map_or(EventId::Broken, EventId::Slot),
        other @ (EventId::None | EventId::Broken) => other,
    };
    InputFacts { id: None, name: stream.name.clone(), fields, event_time, event_id, ..from.clone() }
}

fn not_selected(stream: &ast::Stream, from: &InputFacts, what: &str, slot: usize) -> Diagnostic {
    let column = from.fields.get(slot).map_or("", |(name, _)| name.as_str());
    let mut names = stream.select.iter().filter_map(|item| item.name.as_ref());
    let message =
        format!("`{}` does not select `{column}`, the {what} of `{}`", stream.name.value, from.name.value);
    let hint = if names.any(|name| name.value == column) {
        format!("select `{column}` itself: what is computed under its name is not the {what}")
    } else {
        format!("add `{column}` to the select; `{column} as NAME` renames it")
    };
    Diagnostic::error(Code::E0217, stream.name.span, message)
        .also(from.name.span, format!("its {what} is `{column}`"))
        .hint(hint)
}
