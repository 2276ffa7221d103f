//! The parts that clauses and YAML values share: types, topics, keys, aggregates, join parts.

use crate::diag::{Code, Spanned};
use crate::syntax::ast::{
    Expr, Feature, FieldDef, Format, JoinPart, KeyMapping, Name, Publish, PublishMode, Tail, TopicRef,
    TypeName, Window,
};

use super::builder::{Builder, only, parts};
use super::{Pair, Rule};

/// The inside of an aggregate, before it has a name.
struct Suffixes {
    filter: Option<Expr>,
    windows: Vec<Spanned<Window>>,
    tail: Option<Spanned<Tail>>,
}

impl Builder<'_, '_> {
    /// A type; `None` if it is of a later version, which is reported.
    pub(super) fn type_name(&mut self, pair: &Pair<'_>) -> Option<Spanned<TypeName>> {
        let span = self.span(pair);
        let mut parts = parts(pair).peekable();
        let name = parts.next().map_or_else(String::new, |word| word.as_str().to_string());
        if parts.next_if(|part| part.as_rule() == Rule::type_inside).is_some() {
            let message = format!("the type `{name}` is not available yet");
            self.report(Code::E0103, span, message, "leave the field out: undeclared fields are ignored");
            return None;
        }
        let arguments = parts.map(|part| Spanned::new(part.as_str().to_string(), self.span(&part))).collect();
        Some(Spanned::new(TypeName::Plain { name, arguments }, span))
    }

    /// `type? from "wire name"` for a field of that name.
    pub(super) fn field_type(&mut self, name: Name, pair: &Pair<'_>) -> Option<FieldDef> {
        let data_type = self.type_name(&only(pair))?;
        let mut field = FieldDef { name, data_type, nullable: false, wire_name: None };
        for part in parts(pair).skip(1) {
            match part.as_rule() {
                Rule::nullable => field.nullable = true,
                _ => field.wire_name = Some(self.label(&only(&part))),
            }
        }
        Some(field)
    }

    pub(super) fn field(&mut self, pair: &Pair<'_>) -> Option<FieldDef> {
        let mut parts = parts(pair);
        let name = parts.next().expect("a field has a name");
        let data_type = parts.next().expect("a field has a type");
        let name = self.name(&name);
        self.field_type(name, &data_type)
    }

    /// `TOPIC in GROUP`, `TOPIC to GROUP`.
    pub(super) fn topic_ref(&mut self, pair: &Pair<'_>) -> TopicRef {
        let mut labels = parts(pair).filter(|part| part.as_rule() == Rule::label);
        let topic = labels.next().expect("a topic has a name");
        let group = labels.next().expect("a topic has a group");
        TopicRef { topic: self.label(&topic), group: self.label(&group) }
    }

    pub(super) fn publish(&mut self, pair: &Pair<'_>) -> Publish {
        let mode = parts(pair).find(|part| part.as_rule() == Rule::mode).map(|mode| {
            let latest = mode.as_str() == "latest";
            let value = if latest { PublishMode::Latest } else { PublishMode::Events };
            Spanned::new(value, self.span(&mode))
        });
        Publish { to: self.topic_ref(pair), mode, every: None }
    }

    pub(super) fn names(&mut self, pair: &Pair<'_>) -> Vec<Name> {
        parts(pair).map(|name| self.name(&name)).collect()
    }

    /// `NAME`, or `NAME "schema file"` of a later version.
    pub(super) fn format<'i>(&mut self, mut parts: impl Iterator<Item = Pair<'i>>) -> Option<Format> {
        let name = parts.next().map(|name| self.name(&name))?;
        if let Some(file) = parts.next() {
            let message = format!("format `{}` with a schema file is not available yet", name.value);
            let span = self.span(&file);
            self.report(Code::E0103, span, message, "this version reads `format json`");
            return None;
        }
        Some(Format { name, schema_file: None })
    }

    /// `FUNCTION(ARGS) [where E] [over W, …] [tail T]` under a name.
    pub(super) fn feature(&mut self, name: Name, pair: &Pair<'_>) -> Option<Feature> {
        let mut suffixes = Suffixes { filter: None, windows: Vec::new(), tail: None };
        let (mut function, mut arguments, mut good) = (None, Vec::new(), true);
        for part in parts(pair) {
            match part.as_rule() {
                Rule::name => function = Some(self.name(&part)),
                Rule::expr => match self.expr(part) {
                    Some(argument) => arguments.push(argument),
                    None => good = false,
                },
                _ => good &= self.suffix(&part, &mut suffixes),
            }
        }
        let Suffixes { filter, windows, tail } = suffixes;
        let function = function.filter(|_| good)?;
        Some(Feature { name, function, arguments, filter, by: None, windows, tail, default: None })
    }

    /// One suffix; false if it is wrong (and reported).
    fn suffix(&mut self, part: &Pair<'_>, suffixes: &mut Suffixes) -> bool {
        match part.as_rule() {
            Rule::filter => {
                suffixes.filter = self.expr(only(part));
                suffixes.filter.is_some()
            }
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
            _ => Tail::Exact,
        };
        Some(Spanned::new(tail, span))
    }

    /// `GROUP_BY on a = k, b [as ALIAS]`.
    pub(super) fn join_part(&mut self, pair: &Pair<'_>) -> JoinPart {
        let group_by = self.name(&only(pair));
        let mut part = JoinPart { group_by, on: Vec::new(), alias: None };
        for inner in parts(pair).skip(1) {
            match inner.as_rule() {
                Rule::mapping => part.on.push(self.mapping(&inner)),
                _ => part.alias = Some(self.name(&only(&inner))),
            }
        }
        part
    }

    fn mapping(&mut self, pair: &Pair<'_>) -> KeyMapping {
        let mut names = parts(pair);
        let left = names.next().expect("a mapping has a left column");
        let left = self.name(&left);
        KeyMapping { left, key: names.next().map(|key| self.name(&key)) }
    }
}
