//! Single texts of a YAML file, parsed by the same rules as the DSL. Each function returns `None`
//! after it reported what is wrong.

use pest::Parser as _;

use crate::diag::Spanned;
use crate::syntax::ast::{
    ElementType, Expr, Feature, FieldDef, Format, JoinMode, JoinPart, KeyMapping, Lookup, Name, Publish,
    SelectItem, TopicRef,
};
use crate::syntax::blocks;
use crate::types::Duration;

use super::builder::{Builder, only, parts};
use super::complain::Failure;

use super::{Grammar, Pair, Rule};

/// What helps where YAML ended a text in the middle.
pub(in crate::syntax) const IS_CUT: &str =
    "inside of `[…]` and `{…}` YAML ends a text at a comma: put it in quotes";

pub(in crate::syntax) fn expr(builder: &mut Builder<'_, '_>) -> Option<Expr> {
    text(builder, Rule::expr_text).and_then(|pair| builder.expr(pair))
}

pub(in crate::syntax) fn field(builder: &mut Builder<'_, '_>, name: Name) -> Option<FieldDef> {
    text(builder, Rule::type_text).and_then(|pair| builder.field_type(name, &pair))
}

pub(in crate::syntax) fn element(builder: &mut Builder<'_, '_>) -> Option<ElementType> {
    text(builder, Rule::element_text).and_then(|pair| builder.element(&pair))
}

pub(in crate::syntax) fn topic(builder: &mut Builder<'_, '_>) -> Option<TopicRef> {
    text(builder, Rule::topic_text).map(|pair| builder.topic_ref(&pair))
}

pub(in crate::syntax) fn names(builder: &mut Builder<'_, '_>) -> Option<Vec<Name>> {
    text(builder, Rule::names_text).map(|pair| builder.names(&pair))
}

pub(in crate::syntax) fn name(builder: &mut Builder<'_, '_>) -> Option<Name> {
    text(builder, Rule::name_text).map(|pair| builder.name(&pair))
}

pub(in crate::syntax) fn label(builder: &mut Builder<'_, '_>) -> Option<Name> {
    text(builder, Rule::label_text).map(|pair| builder.label(&pair))
}

pub(in crate::syntax) fn labels(builder: &mut Builder<'_, '_>) -> Option<Vec<Name>> {
    text(builder, Rule::labels_text).map(|pair| builder.labels(&pair))
}

pub(in crate::syntax) fn mappings(builder: &mut Builder<'_, '_>) -> Option<Vec<KeyMapping>> {
    text(builder, Rule::mappings_text).map(|pair| builder.mappings(&pair))
}

pub(in crate::syntax) fn lookup(builder: &mut Builder<'_, '_>) -> Option<Lookup> {
    text(builder, Rule::lookup_text).map(|pair| builder.lookup(&pair))
}

pub(in crate::syntax) fn select_item(builder: &mut Builder<'_, '_>) -> Option<SelectItem> {
    text(builder, Rule::select_text).and_then(|pair| builder.select_item(&pair))
}

pub(in crate::syntax) fn join_mode(builder: &mut Builder<'_, '_>) -> Option<Spanned<JoinMode>> {
    text(builder, Rule::mode_text).map(|pair| builder.join_mode(&pair))
}

pub(in crate::syntax) fn format(builder: &mut Builder<'_, '_>) -> Option<Format> {
    whole(builder, Rule::format_text).and_then(|pair| builder.format(parts(&pair)))
}

pub(in crate::syntax) fn duration(builder: &mut Builder<'_, '_>) -> Option<Spanned<Duration>> {
    text(builder, Rule::duration_text).and_then(|pair| builder.duration(&pair))
}

pub(in crate::syntax) fn feature(builder: &mut Builder<'_, '_>, name: Name) -> Option<Feature> {
    text(builder, Rule::aggregate_text).and_then(|pair| builder.feature(name, &pair))
}

pub(in crate::syntax) fn part(builder: &mut Builder<'_, '_>) -> Option<JoinPart> {
    text(builder, Rule::part_text).map(|pair| builder.join_part(&pair))
}

pub(in crate::syntax) fn publish(builder: &mut Builder<'_, '_>) -> Option<Publish> {
    text(builder, Rule::publish_text).and_then(|pair| builder.publish(&pair))
}

fn text<'e>(builder: &mut Builder<'e, '_>, rule: Rule) -> Option<Pair<'e>> {
    whole(builder, rule).map(|pair| only(&pair))
}

fn whole<'e>(builder: &mut Builder<'e, '_>, rule: Rule) -> Option<Pair<'e>> {
    if let Err(problem) = blocks::check_nesting(&builder.excerpt) {
        builder.problems.push(*problem);
        return None;
    }
    match Grammar::parse(rule, builder.excerpt.text) {
        Ok(mut pairs) => pairs.next(),
        Err(error) => {
            let failure = Failure::new(&error, 0, builder.excerpt.text);
            let mut problem = if rule == Rule::aggregate_text {
                failure.diagnostic_of_aggregate(&builder.excerpt)
            } else {
                failure.diagnostic(&builder.excerpt, None)
            };
            if builder.is_cut && failure.far == builder.excerpt.text.len() {
                problem = problem.hint(IS_CUT);
            }
            builder.problems.push(problem);
            let more = failure.foreign_after(&builder.excerpt, builder.excerpt.text.len());
            for problem in more {
                builder.problems.push(problem);
            }
            None
        }
    }
}
