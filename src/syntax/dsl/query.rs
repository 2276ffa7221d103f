//! `select … from …`: a query of the command line, by the expressions and aggregates of the DSL.

use pest::Parser as _;

use crate::diag::{Code, Diagnostic, Diagnostics, FileId, SourceMap, Span};
use crate::syntax::ast::{Query, QueryGroup, QueryItem, QueryOrder, SelectItem};
use crate::syntax::blocks;
use crate::syntax::excerpt::Excerpt;
use crate::syntax::lexer::{Piece, Pieces, token};
use crate::syntax::parse::unreadable;

use super::builder::{Builder, only, parts};
use super::complain::Failure;
use super::{Grammar, Pair, Rule};

/// Words of a query, which may be written in capitals.
const WORDS: [&str; 18] = [
    "select", "from", "where", "group", "order", "by", "limit", "over", "tail", "hop", "exact", "chronon",
    "default", "filter", "all", "asc", "desc", "let",
];

/// What other dialects have, and what to do here.
const ELSEWHERE: [(&str, &str); 14] = [
    (
        "join",
        "a query reads one source or stream; what is enriched is a `join` or `lookup` of a definition file",
    ),
    (
        "left",
        "a query reads one source or stream; what is enriched is a `join` or `lookup` of a definition file",
    ),
    (
        "inner",
        "a query reads one source or stream; what is enriched is a `join` or `lookup` of a definition file",
    ),
    ("having", "rows are shown as they are; `where` behind an aggregate decides which events count in it"),
    ("distinct", "`unique_count(x)` counts different values, `group by` has a row for each"),
    ("union", "a query reads one source; a stream of a definition file may be the `union` of several"),
    ("offset", "there is `limit`, without an offset"),
    ("window", "a window is a trailing length of time: `over 7d`"),
    ("tumbling", "a window is a trailing length of time: `over 7d`"),
    ("partition", "the rows of a key are those of `group by`; a window is a length of time: `over 7d`"),
    ("interval", "a length of time is a number and its unit: `over 7d`"),
    ("emit", "rows are shown as of one instant: `--as-of TIME`"),
    ("insert", "a query only reads; `publish` of a definition file says where rows go"),
    ("create", "a query only reads; a definition has a file of its own: `windrow convert`, `windrow fmt`"),
];

/// Parses the text of a query.
#[must_use]
pub fn parse_query(sources: &SourceMap, file: FileId) -> (Option<Query>, Diagnostics) {
    let mut problems = Diagnostics::default();
    if sources.text(file).trim().is_empty() {
        let problem =
            Diagnostic::error(Code::E0107, Span::new(file, 0, 0), "expected a query, found nothing");
        problems.push(problem.hint("write `select … from NAME`"));
        return (None, problems);
    }
    if let Some(problem) = unreadable(sources, file) {
        problems.push(problem);
        return (None, problems);
    }
    let lower = in_lower_case(sources.text(file));
    let excerpt = Excerpt::slice(file, 0, &lower);
    if let Err(problem) = blocks::check_nesting(&excerpt) {
        problems.push(*problem);
        return (None, problems);
    }
    let parsed = Grammar::parse(Rule::query, &lower).map_err(|error| Failure::new(&error, 0, &lower));
    let query = match parsed {
        Ok(mut pairs) => pairs.next().and_then(|pair| Builder::new(excerpt, &mut problems).query(&pair)),
        Err(failure) => {
            complain(&failure, &excerpt, &mut problems);
            None
        }
    };
    (query.filter(|_| !problems.has_errors()), problems)
}

/// The text with the words of a query that are all in capitals in lower case: as long, and every byte in
/// its place.
fn in_lower_case(text: &str) -> String {
    let mut lower = String::with_capacity(text.len());
    for (piece, start, end) in Pieces::new(text, 0) {
        let written = &text[start..end];
        let is_word = piece == Piece::Word
            && written.bytes().all(|byte| byte.is_ascii_uppercase())
            && WORDS.iter().any(|word| word.eq_ignore_ascii_case(written));
        if is_word { lower += &written.to_ascii_lowercase() } else { lower += written }
    }
    lower
}

fn complain(failure: &Failure, excerpt: &Excerpt<'_>, problems: &mut Diagnostics) {
    let problem = failure.diagnostic(excerpt, None);
    let found = token(excerpt.text, failure.far);
    let elsewhere = ELSEWHERE.iter().find(|(word, _)| word.eq_ignore_ascii_case(found));
    let before = excerpt.text[..failure.far].trim_end();
    let is_word = found.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
    let in_select = !Pieces::new(before, 0).any(|(_, start, end)| before[start..end] == *"from");
    let hint = match elsewhere {
        Some((_, hint)) => Some(*hint),
        None if before.ends_with("over") => {
            Some("a window is a trailing length of time: `over 7d`, `over 1h, 24h`")
        }
        None if before.ends_with("(distinct") => Some("different values are counted by `unique_count(x)`"),
        None if before.ends_with("limit") => Some("write how many rows: `limit 10`"),
        None if in_select && is_word && before.len() > "select".len() => {
            Some("a column is named by `as`: `amount * 2 as twice`")
        }
        None if in_select && ["+", "-", "*", "/", "%"].contains(&found) => {
            Some("an aggregate stands alone; what is computed of several is a column of a `join`")
        }
        None if excerpt.text.trim_start().starts_with("select") => None,
        None => Some("a query is `select … from NAME [where …] [group by …] [order by …] [limit N]`"),
    };
    problems.push(match hint {
        Some(hint) => problem.hint(hint),
        None => problem,
    });
    for more in failure.foreign_after(excerpt, excerpt.text.len()) {
        problems.push(more);
    }
}

impl Builder<'_, '_> {
    fn query(&mut self, pair: &Pair<'_>) -> Option<Query> {
        let (mut select, mut from, mut filter, mut limit) = (Vec::new(), None, None, None);
        let (mut group, mut order) = (QueryGroup::None, Vec::new());
        for part in parts(pair) {
            match part.as_rule() {
                Rule::query_item => select.push(self.query_item(&part)?),
                Rule::name => from = Some(self.name(&part)),
                Rule::filter => filter = Some(self.expr(only(&part))?),
                Rule::query_group => group = self.query_group(&part)?,
                Rule::query_order => {
                    order = parts(&part).map(|term| self.query_order(&term)).collect::<Option<_>>()?;
                }
                Rule::query_limit => limit = Some(self.count(&only(&part))?),
                _ => {}
            }
        }
        Some(Query { select, from: from?, filter, group, order, limit })
    }

    fn query_item(&mut self, pair: &Pair<'_>) -> Option<QueryItem> {
        let mut inner = parts(pair);
        let item = inner.next()?;
        let span = self.span(&item);
        let alias = inner.next().map(|alias| self.name(&only(&alias)));
        Some(match item.as_rule() {
            Rule::star => QueryItem::All(span),
            Rule::query_aggregate => {
                let has_suffixes =
                    parts(&item).any(|part| !matches!(part.as_rule(), Rule::name | Rule::expr));
                let function = parts(&item).next().map(|name| self.name(&name))?;
                let (is_named, name) = (alias.is_some(), alias.unwrap_or(function));
                let feature = Box::new(self.feature(name, &item)?);
                QueryItem::Call { feature, is_named, has_suffixes, span }
            }
            _ => QueryItem::Column(SelectItem { expr: self.expr(item)?, name: alias }),
        })
    }

    fn query_group(&mut self, pair: &Pair<'_>) -> Option<QueryGroup> {
        let keys: Vec<_> = parts(pair).filter(|part| part.as_rule() == Rule::expr).collect();
        if keys.is_empty() {
            return Some(QueryGroup::All);
        }
        keys.into_iter().map(|key| self.expr(key)).collect::<Option<_>>().map(QueryGroup::By)
    }

    fn query_order(&mut self, pair: &Pair<'_>) -> Option<QueryOrder> {
        let mut inner = parts(pair);
        let by = self.expr(inner.next()?)?;
        Some(QueryOrder { by, descending: inner.next().is_some_and(|word| word.as_str() == "desc") })
    }
}
