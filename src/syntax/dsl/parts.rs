//! The parts that clauses and YAML values share: topics, publishing, names, aggregates.

use crate::diag::Spanned;
use crate::syntax::ast::{
    Expr, Feature, Format, JoinMode, Name, Publish, PublishMode, SelectItem, Tail, TopicRef, Window,
};

use super::builder::{Builder, only, parts};
use super::{Pair, Rule};

/// The inside of an aggregate, before it has a name.
#[derive(Default)]
struct Suffixes {
    filter: Option<Expr>,
    by: Option<Expr>,
    windows: Vec<Spanned<Window>>,
    tail: Option<Spanned<Tail>>,
    default: Option<Expr>,
}

impl Builder<'_, '_> {
    /// `TOPIC in GROUP`, `TOPIC to GROUP`.
    pub(super) fn topic_ref(&mut self, pair: &Pair<'_>) -> TopicRef {
        let mut labels = parts(pair).filter(|part| part.as_rule() == Rule::label);
        let topic = labels.next().expect("a topic has a name");
        let group = labels.next().expect("a topic has a group");
        TopicRef { topic: self.label(&topic), group: self.label(&group) }
    }

    /// `None` if its `every` is wrong, which is reported.
    pub(super) fn publish(&mut self, pair: &Pair<'_>) -> Option<Publish> {
        let (to, mut mode, mut every) = (self.topic_ref(pair), None, None);
        for part in parts(pair) {
            match part.as_rule() {
                Rule::mode => {
                    let latest = part.as_str() == "latest";
                    let value = if latest { PublishMode::Latest } else { PublishMode::Events };
                    mode = Some(Spanned::new(value, self.span(&part)));
                }
                Rule::every => every = Some(self.duration(&only(&part))?),
                _ => {}
            }
        }
        Some(Publish { to, mode, every })
    }

    pub(super) fn names(&mut self, pair: &Pair<'_>) -> Vec<Name> {
        parts(pair).map(|name| self.name(&name)).collect()
    }

    pub(super) fn labels(&mut self, pair: &Pair<'_>) -> Vec<Name> {
        parts(pair).map(|label| self.label(&label)).collect()
    }

    /// `NAME`, or `NAME "schema file"`.
    pub(super) fn format<'i>(&mut self, mut parts: impl Iterator<Item = Pair<'i>>) -> Option<Format> {
        let name = parts.next().map(|name| self.name(&name))?;
        Some(Format { name, schema_file: parts.next().map(|file| self.label(&file)) })
    }

    /// `complete` or `fresh`
    pub(super) fn join_mode(&self, pair: &Pair<'_>) -> Spanned<JoinMode> {
        let mode = if pair.as_str() == "fresh" { JoinMode::Fresh } else { JoinMode::Complete };
        Spanned::new(mode, self.span(pair))
    }

    /// `EXPR [as NAME]`
    pub(super) fn select_item(&mut self, pair: &Pair<'_>) -> Option<SelectItem> {
        let mut inner = parts(pair);
        let expr = inner.next().expect("a selected column has an expression");
        let expr = self.expr(expr);
        let name = inner.next().map(|alias| self.name(&only(&alias)));
        Some(SelectItem { expr: expr?, name })
    }

    /// `FUNCTION(ARGS) [where E] [by E] [over W, …] [tail T] [default E]` under a name.
    pub(super) fn feature(&mut self, name: Name, pair: &Pair<'_>) -> Option<Feature> {
        let mut suffixes = Suffixes::default();
        let (mut function, mut arguments, mut good) = (None, Vec::new(), true);
        for part in parts(pair) {
            match part.as_rule() {
                Rule::name => function = Some(self.name(&part)),
                Rule::expr => match self.expr(part) {
                    Some(argument) => arguments.push(argument),
                    None => good = false,
                },
                // `count(*)` counts rows.
                Rule::star => {}
                _ => good &= self.suffix(&part, &mut suffixes),
            }
        }
        let Suffixes { filter, by, windows, tail, default } = suffixes;
        let function = function.filter(|_| good)?;
        Some(Feature { name, function, arguments, filter, by, windows, tail, default })
    }

    /// One suffix; false if it is wrong (and reported).
    fn suffix(&mut self, part: &Pair<'_>, suffixes: &mut Suffixes) -> bool {
        match part.as_rule() {
            Rule::filter => self.suffix_expr(part, &mut suffixes.filter),
            Rule::by => self.suffix_expr(part, &mut suffixes.by),
            Rule::default => self.suffix_expr(part, &mut suffixes.default),
            Rule::windows => {
                let windows: Option<_> = parts(part).map(|window| self.window(&window)).collect();
                suffixes.windows = windows.unwrap_or_default();
                !suffixes.windows.is_empty()
            }
            _ => {
                suffixes.tail = self.tail(part);
                suffixes.tail.is_some()
            }
        }
    }

    fn suffix_expr(&mut self, part: &Pair<'_>, slot: &mut Option<Expr>) -> bool {
        *slot = self.expr(only(part));
        slot.is_some()
    }

    fn window(&mut self, pair: &Pair<'_>) -> Option<Spanned<Window>> {
        let text = pair.as_str().to_string();
        self.duration(pair).map(|length| length.map(|length| Window { text, length }))
    }

    fn tail(&mut self, pair: &Pair<'_>) -> Option<Spanned<Tail>> {
        let span = self.span(pair);
        let kind = only(pair);
        let tail = match (kind.as_rule(), parts(&kind).next()) {
            (Rule::hop, Some(length)) => Tail::Hop(Some(self.duration(&length)?.value)),
            (Rule::hop, None) => Tail::Hop(None),
            (Rule::chronon, _) => Tail::Chronon,
            _ => Tail::Exact,
        };
        Some(Spanned::new(tail, span))
    }
}
