//! `publish`: topics, and that each has one publisher.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics, Span, Spanned, shortened};
use crate::model::resolve::names::Names;
use crate::model::{Publish, PublishMode};
use crate::syntax::ast::{self, Definition};
use crate::types::Duration;

use super::{Broken, positive_or};

/// What publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Publisher {
    GroupBy,
    Join,
}

/// The publication of a definition, if it has one.
pub(super) fn check(
    publish: Option<&ast::Publish>,
    publisher: Publisher,
    diagnostics: &mut Diagnostics,
) -> Result<Option<Publish>, Broken> {
    let Some(publish) = publish else { return Ok(None) };
    let topic = topic_name(&publish.to.topic, diagnostics);
    let mode = mode(publish, publisher, diagnostics);
    let every = every(publish, mode, diagnostics);
    let (mode, every) = (mode.ok_or(Broken)?, every.ok_or(Broken)?);
    topic.ok_or(Broken)?;
    Ok(Some(Publish {
        topic: publish.to.topic.value.clone(),
        group: publish.to.group.value.clone(),
        mode,
        every_ms: every.ms(),
        span: publish.to.topic.span,
    }))
}

/// A group by has rows per key and no events of its own; of a join both make sense.
fn mode(publish: &ast::Publish, publisher: Publisher, diagnostics: &mut Diagnostics) -> Option<PublishMode> {
    let written = publish.mode.as_ref();
    match (publisher, written.map(|mode| mode.value)) {
        (Publisher::GroupBy, None) => Some(PublishMode::Latest),
        (Publisher::Join, None) => Some(PublishMode::Events),
        (Publisher::GroupBy, Some(PublishMode::Events)) => {
            let span = written.map_or(publish.to.topic.span, |written| written.span);
            let message = "a group by has rows per key, and no event that each could be of";
            diagnostics.push(Diagnostic::error(Code::E0602, span, message).hint(
                "write `as latest`, or leave it away; a row per event is a join: `join NAME { left … features … }`",
            ));
            None
        }
        (_, Some(mode)) => Some(mode),
    }
}

/// At most one row per key in this time, which rows per event have no use for.
fn every(
    publish: &ast::Publish,
    mode: Option<PublishMode>,
    diagnostics: &mut Diagnostics,
) -> Option<Duration> {
    let Some(written) = &publish.every else { return Some(Duration::ZERO) };
    if mode == Some(PublishMode::Events) {
        let message = "`every` leaves rows out, and `as events` promises one per event";
        diagnostics.push(
            Diagnostic::error(Code::E0611, written.span, message)
                .hint("remove `every`, or publish `as latest`"),
        );
        return None;
    }
    positive_or(Some(written), written.value, "an `every`", diagnostics)
}

/// Whether Kafka takes the name of a topic.
pub(super) fn topic_name(topic: &Spanned<String>, diagnostics: &mut Diagnostics) -> Option<()> {
    let name = &topic.value;
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    if letters && (1..=249).contains(&name.len()) && name != "." && name != ".." {
        return Some(());
    }
    let shown = shortened(name);
    diagnostics.push(
        Diagnostic::error(Code::E0609, topic.span, format!("`{shown}` is not a topic"))
            .hint("use 1 to 249 letters, digits, `.`, `_` and `-`"),
    );
    None
}

/// Reports every topic that two definitions publish to.
pub(in crate::model) fn check_topics(names: &Names, diagnostics: &mut Diagnostics) {
    let mut first: BTreeMap<(&str, &str), Span> = BTreeMap::new();
    for publish in names.definitions().filter_map(of) {
        let to = (publish.to.topic.value.as_str(), publish.to.group.value.as_str());
        let span = publish.to.topic.span;
        let Some(taken) = first.get(&to) else {
            first.insert(to, span);
            continue;
        };
        let message = format!("two definitions publish to `{}` in `{}`", to.0, to.1);
        diagnostics.push(
            Diagnostic::error(Code::E0601, span, message)
                .label("the second")
                .also(*taken, "the first")
                .hint("give each its own topic"),
        );
    }
}

/// The publish clause of a definition.
pub(super) fn of(definition: &Definition) -> Option<&ast::Publish> {
    match definition {
        Definition::Source(_)
        | Definition::Table(_)
        | Definition::Stream(_)
        | Definition::Constants(_)
        | Definition::Test(_) => None,
        Definition::GroupBy(group_by) => group_by.publish.as_ref(),
        Definition::Join(join) => join.publish.as_ref(),
    }
}
