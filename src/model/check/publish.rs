//! `publish`: topics, and that each has one publisher.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics, Span, Spanned};
use crate::model::resolve::names::Names;
use crate::model::{Publish, PublishMode};
use crate::syntax::ast::{self, Definition};

use super::Broken;

/// The publication of a definition that can do `mode` only, if it has one.
pub(super) fn check(
    publish: Option<&ast::Publish>,
    mode: PublishMode,
    diagnostics: &mut Diagnostics,
) -> Result<Option<Publish>, Broken> {
    let Some(publish) = publish else { return Ok(None) };
    let topic = topic_name(&publish.to.topic, diagnostics);
    let mode_fits = publish.mode.as_ref().is_none_or(|written| written.value == mode);
    if let Some(written) = publish.mode.as_ref().filter(|_| !mode_fits) {
        diagnostics.push(other_mode(written, mode));
    }
    topic.filter(|()| mode_fits).ok_or(Broken)?;
    Ok(Some(Publish {
        topic: publish.to.topic.value.clone(),
        group: publish.to.group.value.clone(),
        mode,
        every_ms: 0,
        span: publish.to.topic.span,
    }))
}

fn other_mode(written: &Spanned<PublishMode>, mode: PublishMode) -> Diagnostic {
    let (message, hint) = match mode {
        PublishMode::Latest => {
            ("a group by cannot be published `as events` yet", "write `as latest`, or leave it away")
        }
        PublishMode::Events => {
            ("a join cannot be published `as latest` yet", "write `as events`, or leave it away")
        }
    };
    Diagnostic::error(Code::E0602, written.span, message).hint(hint)
}

/// Whether Kafka takes the name of a topic.
pub(super) fn topic_name(topic: &Spanned<String>, diagnostics: &mut Diagnostics) -> Option<()> {
    let name = &topic.value;
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    if letters && (1..=249).contains(&name.len()) && name != "." && name != ".." {
        return Some(());
    }
    let shown: String = name.chars().take(64).collect();
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
