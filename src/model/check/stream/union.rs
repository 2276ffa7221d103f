//! `union a, b`: the rows of inputs of one shape.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::resolve::Context;
use crate::model::resolve::facts::{EventId, InputFacts, Known};
use crate::model::resolve::scope::Typed;
use crate::model::{Input, StreamBody};
use crate::syntax::ast::{self, Name};

use super::nothing;
use crate::model::check::all;

pub(super) fn check(
    stream: &ast::Stream,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> (Option<StreamBody>, InputFacts) {
    let alone = stands_alone(stream, diagnostics);
    let inputs: Vec<_> = stream.union.iter().map(|name| input(name, context, diagnostics)).collect();
    let distinct = all_differ(&stream.union, diagnostics);
    let Some(inputs) = all(inputs) else { return (None, nothing(stream)) };
    let flat = are_flat(stream, &inputs, diagnostics);
    let same = same_shape(stream, &inputs, diagnostics);
    let known = known(stream, &inputs);
    if !(alone && distinct && flat && same) {
        return (None, InputFacts { event_time: None, event_id: EventId::Broken, ..known });
    }
    (body(&inputs), known)
}

/// In the order that breaks ties: of their sources, then of themselves.
fn body(inputs: &[&InputFacts]) -> Option<StreamBody> {
    let mut ordered: Vec<(&[String], &str, Option<Input>)> =
        inputs.iter().map(|input| (&*input.sources, input.name.value.as_str(), input.id)).collect();
    ordered.sort_unstable();
    Some(StreamBody::Union(all(ordered.into_iter().map(|(_, _, id)| id).collect())?))
}

/// A union has no clauses of its own: what is filtered or selected is an input or reads the union.
fn stands_alone(stream: &ast::Stream, diagnostics: &mut Diagnostics) -> bool {
    let others = [
        ("from", stream.from.as_ref().map(|from| from.span)),
        ("let", stream.lets.first().map(|binding| binding.name.span)),
        ("where", stream.filter.as_ref().map(|filter| filter.span)),
        ("select", stream.select.first().map(|item| item.expr.span)),
        ("call", stream.call.as_ref().map(|call| call.function.span)),
    ];
    let other = others.into_iter().find_map(|(word, span)| Some((word, span?)));
    let Some((word, span)) = other else { return one_is_none(stream, diagnostics) };
    let message = format!("`{word}` beside `union`");
    diagnostics.push(
        Diagnostic::error(Code::E0219, span, message)
            .also(stream.union[0].span, "the union")
            .hint("unite in one stream, and read that in another: `stream x { from u  where … }`"),
    );
    false
}

fn one_is_none(stream: &ast::Stream, diagnostics: &mut Diagnostics) -> bool {
    let [only] = stream.union.as_slice() else { return true };
    let message = format!("a union of `{}` alone", only.value);
    diagnostics.push(
        Diagnostic::error(Code::E0219, only.span, message)
            .hint(format!("name two or more, or write `from {}`", only.value)),
    );
    false
}

fn input<'a>(name: &Name, context: &Context<'a>, diagnostics: &mut Diagnostics) -> Option<&'a InputFacts> {
    let found = context.facts.inputs.get(&name.value);
    if found.is_none() {
        diagnostics.push_error_with(|| context.names.unknown(Code::E0201, name, &["source", "stream"]));
    }
    found
}

fn all_differ(names: &[Name], diagnostics: &mut Diagnostics) -> bool {
    let mut seen: BTreeMap<&str, &Name> = BTreeMap::new();
    let mut sound = true;
    for name in names {
        let first = *seen.entry(&name.value).or_insert(name);
        if first.span != name.span {
            sound = false;
            let message = format!("`{}` is united with itself", name.value);
            diagnostics.push(
                Diagnostic::error(Code::E0219, name.span, message)
                    .also(first.span, "the first")
                    .hint("remove one: each of its events would count twice"),
            );
        }
    }
    sound
}

/// Where a row came from breaks ties, and is told once.
fn are_flat(stream: &ast::Stream, inputs: &[&InputFacts], diagnostics: &mut Diagnostics) -> bool {
    let nested = stream.union.iter().zip(inputs).find(|(_, input)| input.has_origin);
    let Some((name, input)) = nested else { return true };
    let message = format!("`{}` is, or reads, a union itself", name.value);
    diagnostics.push(
        Diagnostic::error(Code::E0219, name.span, message)
            .also(input.name.span, format!("it has the rows of {}", input.sources.join(", ")))
            .hint("name what is united there in this union"),
    );
    false
}

/// Reports each input that differs from the first whose columns are known.
fn same_shape(stream: &ast::Stream, inputs: &[&InputFacts], diagnostics: &mut Diagnostics) -> bool {
    let is_known = |input: &InputFacts| {
        !input.fields.is_empty() && input.fields.iter().all(|(_, typed)| typed.is_some())
    };
    let known: Vec<_> = stream.union.iter().zip(inputs).filter(|(_, input)| is_known(input)).collect();
    let Some(((first_name, first), others)) = known.split_first() else { return true };
    let mut same = true;
    for (name, input) in others {
        let differences = differences(first, input);
        if differences.is_empty() {
            continue;
        }
        same = false;
        let message = format!("`{}` has another shape than `{}`", name.value, first_name.value);
        let mut problem = Diagnostic::error(Code::E0218, name.span, message)
            .also(input.name.span, shape(input))
            .also(first.name.span, shape(first))
            .hint(format!(
                "give both the same columns in one order: `stream s {{ from {}  select … }}`",
                name.value
            ));
        for difference in differences {
            problem = problem.note(difference);
        }
        diagnostics.push(problem);
    }
    same
}

/// So many differences are told; more tell no more.
const DIFFERENCES: usize = 4;

fn differences(first: &InputFacts, other: &InputFacts) -> Vec<String> {
    let (a, b) = (&first.name.value, &other.name.value);
    let type_in = |input: &InputFacts, name: &str| {
        input.fields.iter().find(|(field, _)| field == name).and_then(|(_, typed)| *typed)
    };
    let mut found = Vec::new();
    for (name, typed) in &first.fields {
        match (typed, type_in(other, name)) {
            (_, None) => found.push(format!("`{name}` is only in `{a}`")),
            (Some(one), Some(two)) if one.data_type != two.data_type => {
                found.push(format!("`{name}` is {} in `{a}`, {} in `{b}`", one.data_type, two.data_type));
            }
            _ => {}
        }
    }
    let only_there = other.fields.iter().filter(|(name, _)| type_in(first, name).is_none());
    found.extend(only_there.map(|(name, _)| format!("`{name}` is only in `{b}`")));
    if found.is_empty()
        && !first.fields.iter().map(|(name, _)| name).eq(other.fields.iter().map(|(name, _)| name))
    {
        found.push("the columns are the same, in another order".to_owned());
    }
    if found.is_empty() {
        found.extend(other_role(
            "event time",
            (a, column(first, first.event_time)),
            (b, column(other, other.event_time)),
        ));
        let ids = [first, other].map(|input| column(input, input.event_id.slot()));
        if ![first, other].iter().any(|input| input.event_id == EventId::Broken) {
            found.extend(other_role("event id", (a, ids[0]), (b, ids[1])));
        }
    }
    found.truncate(DIFFERENCES);
    found
}

fn column(input: &InputFacts, slot: Option<usize>) -> Option<&str> {
    slot.and_then(|slot| input.fields.get(slot)).map(|(name, _)| name.as_str())
}

fn other_role(what: &str, (a, one): (&str, Option<&str>), (b, two): (&str, Option<&str>)) -> Option<String> {
    let named = |name: Option<&str>| name.map_or("none".to_owned(), |name| format!("`{name}`"));
    (one != two).then(|| format!("the {what} is {} in `{a}`, {} in `{b}`", named(one), named(two)))
}

/// `user string, amount decimal(12,2)?, …`
fn shape(input: &InputFacts) -> String {
    const SHOWN: usize = 6;
    let one = |(name, typed): &Known| {
        typed.map_or_else(
            || name.clone(),
            |t| format!("{name} {}{}", t.data_type, if t.nullable { "?" } else { "" }),
        )
    };
    let shown: Vec<_> = input.fields.iter().take(SHOWN).map(one).collect();
    let more = if input.fields.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// A column may be null if it may be in one of them.
fn known(stream: &ast::Stream, inputs: &[&InputFacts]) -> InputFacts {
    let first = inputs[0];
    let nullable = |slot: usize| {
        let typed = inputs.iter().filter_map(|input| input.fields.get(slot)?.1);
        typed.into_iter().any(|typed| typed.nullable)
    };
    let wider = |(slot, (name, typed)): (usize, &Known)| {
        (name.clone(), typed.map(|typed| Typed { nullable: nullable(slot), ..typed }))
    };
    let mut sources: Vec<String> = inputs.iter().flat_map(|input| input.sources.clone()).collect();
    sources.sort_unstable();
    sources.dedup();
    InputFacts {
        id: None,
        name: stream.name.clone(),
        fields: first.fields.iter().enumerate().map(wider).collect(),
        has_origin: true,
        event_time: first.event_time,
        event_id: first.event_id,
        sources,
        retention: inputs.iter().map(|input| input.retention).min().unwrap_or(first.retention),
        has_history: inputs.iter().all(|input| input.has_history),
        incomplete: stream.incomplete,
    }
}
