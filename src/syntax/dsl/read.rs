//! Single texts of a YAML file, parsed by the same rules as the DSL. Each function returns `None`
//! after it reported what is wrong.

use pest::Parser as _;

use crate::diag::Spanned;
use crate::syntax::ast::{Expr, Feature, FieldDef, Format, JoinPart, Name, Publish, TopicRef};
use crate::syntax::blocks;
use crate::types::Duration;

use super::builder::{Builder, only, parts};
use super::complain::Failure;
use super::{Grammar, Pair, Rule};

pub(in crate::syntax) fn expr(builder: &mut Builder<'_, '_>) -> Option<Expr> {
    text(builder, Rule::expr_text).and_then(|pair| builder.expr(pair))
}

pub(in crate::syntax) fn field(builder: &mut Builder<'_, '_>, name: Name) -> Option<FieldDef> {
    text(builder, Rule::type_text).and_then(|pair| builder.field_type(name, &pair))
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
    text(builder, Rule::publish_text).map(|pair| builder.publish(&pair))
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
            builder.problems.push(failure.diagnostic(&builder.excerpt, None));
            let more = failure.foreign_after(&builder.excerpt, builder.excerpt.text.len());
            for problem in more {
                builder.problems.push(problem);
            }
            None
        }
    }
}
