//! What all builders of tree nodes share: where a pair stands, names, lengths of time, clauses that
//! may stand once, and the problems found on the way.

use crate::diag::{Code, Diagnostic, Diagnostics, Span, Spanned};
use crate::syntax::ast::Name;
use crate::syntax::blocks;
use crate::syntax::excerpt::Excerpt;
use crate::syntax::words::{self, NAME_MAX};
use crate::types::Duration;

use super::{Pair, Rule};

/// Builds nodes from the pairs of one excerpt.
#[derive(Debug)]
pub(in crate::syntax) struct Builder<'e, 'p> {
    pub(super) excerpt: Excerpt<'e>,
    pub(super) problems: &'p mut Diagnostics,
    /// YAML ended the text at a comma, which may have been meant as part of it.
    pub(super) is_cut: bool,
}

impl<'e, 'p> Builder<'e, 'p> {
    pub(in crate::syntax) const fn new(excerpt: Excerpt<'e>, problems: &'p mut Diagnostics) -> Self {
        Self { excerpt, problems, is_cut: false }
    }

    /// For a text of a YAML file, which may have been cut at a comma.
    pub(in crate::syntax) const fn of_yaml(
        excerpt: Excerpt<'e>,
        problems: &'p mut Diagnostics,
        is_cut: bool,
    ) -> Self {
        Self { excerpt, problems, is_cut }
    }

    pub(super) fn span(&self, pair: &Pair<'_>) -> Span {
        self.excerpt.span(pair.as_span().start(), end(pair))
    }

    pub(super) fn report(&mut self, code: Code, span: Span, message: impl Into<String>, hint: &str) {
        let error = Diagnostic::error(code, span, message);
        self.problems.push(if hint.is_empty() { error } else { error.hint(hint) });
    }

    /// A name, its double quotes removed. A wrong one is reported and kept, so that the rest is read.
    pub(super) fn name(&mut self, pair: &Pair<'_>) -> Name {
        let span = self.span(pair);
        self.checked_name(pair.as_str(), span)
            .unwrap_or_else(|| Spanned::new(without_quotes(pair.as_str()), span))
    }

    /// A name as written, if it is one.
    pub(in crate::syntax) fn checked_name(&mut self, written: &str, span: Span) -> Option<Name> {
        let name = without_quotes(written);
        let quoted = written.starts_with('"');
        if name.len() > NAME_MAX {
            self.problems.push(blocks::name_too_long(&name, span));
        } else if quoted && !words::is_identifier(&name) {
            let text = name.replace('\'', "''");
            let hint = format!("a text is written in single quotes: '{text}'");
            self.report(
                Code::E0114,
                span,
                format!("expected a name in double quotes, found `{written}`"),
                &hint,
            );
        } else if !words::is_identifier(&name) {
            self.problems.push(words::not_a_name(&name, span));
        } else if !quoted && words::is_reserved(&name) {
            let hint = format!("write it in double quotes: \"{name}\"");
            self.report(
                Code::E0109,
                span,
                format!("`{name}` is a word of SQL expressions, not a name"),
                &hint,
            );
        } else {
            return Some(Spanned::new(name, span));
        }
        None
    }

    /// A text in single quotes, a number or a label: its quotes removed.
    pub(super) fn text(&mut self, pair: &Pair<'_>) -> Spanned<String> {
        let (span, written) = (self.span(pair), pair.as_str());
        let inside = written.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        Spanned::new(inside.map_or_else(|| without_quotes(written), |text| text.replace("''", "'")), span)
    }

    /// A topic, group or owner: its double quotes removed.
    pub(super) fn label(&mut self, pair: &Pair<'_>) -> Name {
        let span = self.span(pair);
        Spanned::new(without_quotes(pair.as_str()), span)
    }

    pub(super) fn duration(&mut self, pair: &Pair<'_>) -> Option<Spanned<Duration>> {
        let span = self.span(pair);
        match pair.as_str().parse() {
            Ok(duration) => Some(Spanned::new(duration, span)),
            Err(error) => {
                let error: crate::types::ParseDurationError = error;
                self.report(Code::E0111, span, error.to_string(), &duration_hint(pair.as_str()));
                None
            }
        }
    }
}

/// What is likely meant by a length of time that is none.
fn duration_hint(written: &str) -> String {
    let unit = written.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = &written[..written.len() - unit.len()];
    match unit.to_ascii_lowercase().as_str() {
        "" => "write the unit right behind the number: ms, s, m, h or d",
        _ if unit.starts_with('.') => "use a smaller unit: `90m` is an hour and a half",
        "w" | "week" | "weeks" => "write weeks as days: `7d`",
        "ms" | "s" | "m" | "h" | "d" if *unit != unit.to_ascii_lowercase() => "units are in lower case",
        _ => match words::unit(unit) {
            Some(meant) => return format!("write `{number}{meant}`"),
            None => "the units are ms, s, m, h and d",
        },
    }
    .into()
}

/// Where the last token of a pair ends: pest's own span takes in blanks before an absent last part.
pub(super) fn end(pair: &Pair<'_>) -> usize {
    let mut last = pair.clone();
    while let Some(inner) = last.clone().into_inner().next_back() {
        last = inner;
    }
    last.as_span().end()
}

/// The pairs inside, without keywords and punctuation.
pub(super) fn parts<'i>(pair: &Pair<'i>) -> impl Iterator<Item = Pair<'i>> + use<'i> {
    pair.clone().into_inner().filter(|inner| !is_punctuation(inner.as_rule()))
}

/// The only part of a clause, where the grammar promises one.
pub(super) fn only<'i>(pair: &Pair<'i>) -> Pair<'i> {
    parts(pair).next().expect("the grammar gives this clause a part")
}

pub(super) fn without_quotes(written: &str) -> String {
    match written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inside) => inside.replace("\"\"", "\""),
        None => written.into(),
    }
}

/// Tokens that say only where a part begins or ends. `not` counts: it is asked for where it matters.
const fn is_punctuation(rule: Rule) -> bool {
    matches!(rule, Rule::open | Rule::close | Rule::open_brace | Rule::close_brace)
        || matches!(rule, Rule::open_bracket | Rule::close_bracket | Rule::open_angle | Rule::close_angle)
        || matches!(rule, Rule::comma | Rule::colon | Rule::dot | Rule::assign | Rule::EOI)
        || is_keyword(rule)
}

#[expect(clippy::too_many_lines, reason = "a flat table")]
const fn is_keyword(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::kw_ahead
            | Rule::kw_arrives
            | Rule::kw_as
            | Rule::kw_at
            | Rule::kw_between
            | Rule::kw_by
            | Rule::kw_call
            | Rule::kw_case
            | Rule::kw_clock
            | Rule::kw_concurrency
            | Rule::kw_date
            | Rule::kw_dead
            | Rule::kw_default
            | Rule::kw_filter
            | Rule::kw_group
            | Rule::kw_limit
            | Rule::kw_order
            | Rule::kw_deleted
            | Rule::kw_deprecated
            | Rule::kw_disorder
            | Rule::kw_distinct
            | Rule::kw_doc
            | Rule::kw_else
            | Rule::kw_end
            | Rule::kw_error
            | Rule::kw_event
            | Rule::kw_event_id
            | Rule::kw_event_time
            | Rule::kw_events
            | Rule::kw_every
            | Rule::kw_expect
            | Rule::kw_features
            | Rule::kw_format
            | Rule::kw_from
            | Rule::kw_history
            | Rule::kw_hold_for
            | Rule::kw_hop
            | Rule::kw_in
            | Rule::kw_is
            | Rule::kw_key
            | Rule::kw_left
            | Rule::kw_left_late
            | Rule::kw_let
            | Rule::kw_letter
            | Rule::kw_like
            | Rule::kw_list
            | Rule::kw_lookup
            | Rule::kw_map
            | Rule::kw_mode
            | Rule::kw_no
            | Rule::kw_null
            | Rule::kw_on
            | Rule::kw_over
            | Rule::kw_owner
            | Rule::kw_publish
            | Rule::kw_refresh
            | Rule::kw_retention
            | Rule::kw_retry
            | Rule::kw_returns
            | Rule::kw_row
            | Rule::kw_schema
            | Rule::kw_select
            | Rule::kw_struct
            | Rule::kw_tags
            | Rule::kw_tail
            | Rule::kw_then
            | Rule::kw_timeout
            | Rule::kw_to
            | Rule::kw_topic
            | Rule::kw_ttl
            | Rule::kw_unbounded
            | Rule::kw_union
            | Rule::kw_until
            | Rule::kw_when
            | Rule::kw_where
    )
}
