//! pest says which rules it could have gone on with; this says it to people.

use pest::error::{Error, ErrorVariant, InputLocation};

use crate::diag::{Code, Diagnostic, Span, nearest};
use crate::syntax::excerpt::Excerpt;
use crate::syntax::lexer::{Piece, Pieces, skip_blank, token};
use crate::syntax::words::{self, Kind};

use super::Rule;
use super::clauses::suffix_order;

/// A parse that failed: where the broken clause begins, where pest got to, what it wanted there.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) start: usize,
    pub(super) far: usize,
    wanted: Vec<Rule>,
}

/// So many of [`FOREIGN`], from the first, are operators that can only be meant as such.
const FOREIGN_OPERATORS: usize = 3;

/// How other languages write what SQL writes otherwise.
const FOREIGN: [(&str, &str); 12] = [
    ("==", "SQL compares with `=`"),
    ("!=", "SQL writes `<>`"),
    ("&&", "SQL writes `and`"),
    ("!", "SQL writes `not`"),
    ("&", "SQL writes `and`"),
    ("|", "SQL writes `or`, and `||` joins texts"),
    ("?", "SQL writes `case when … then … else … end`"),
    ("::", "SQL writes `cast(x as type)`"),
    ("--", "a comment begins with `#`"),
    ("//", "a comment begins with `#`"),
    ("^", "there is no such operator; windrow has `+ - * / %`"),
    ("`", "a name is quoted with double quotes: \"name\""),
];

impl Failure {
    pub(super) fn new(error: &Error<Rule>, start: usize, text: &str) -> Self {
        let at = match error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
        };
        let wanted = match &error.variant {
            ErrorVariant::ParsingError { positives, .. } => positives.clone(),
            ErrorVariant::CustomError { .. } => Vec::new(),
        };
        Self { start, far: skip_blank(text, at.max(start)), wanted }
    }

    /// The message; `kind` is the block's, none for a single text of a YAML file.
    pub(super) fn diagnostic(&self, excerpt: &Excerpt<'_>, kind: Option<Kind>) -> Diagnostic {
        let found = token(excerpt.text, self.far);
        let span = excerpt.span(self.far, self.far + found.len());
        if let Some((_, hint)) = FOREIGN.iter().find(|(foreign, _)| *foreign == found) {
            return Diagnostic::error(Code::E0108, span, format!("`{found}` is not SQL")).hint(*hint);
        }
        kind.and_then(|kind| self.clause_start(excerpt, kind))
            .or_else(|| self.later(excerpt, found, span))
            .unwrap_or_else(|| self.expected(excerpt, found, kind))
    }

    /// Who writes one operator as other languages do writes the next one so too: those up to `end`.
    pub(super) fn foreign_after(&self, excerpt: &Excerpt<'_>, end: usize) -> Vec<Diagnostic> {
        let foreign =
            |at: usize| FOREIGN[..FOREIGN_OPERATORS].iter().find(|(f, _)| *f == token(excerpt.text, at));
        if foreign(self.far).is_none() {
            return Vec::new();
        }
        let (mut found, mut behind) = (Vec::new(), self.far + 2);
        for (piece, at, _) in Pieces::new(&excerpt.text[..end.max(behind)], behind) {
            if let (Piece::Symbol(_), Some((operator, hint))) = (piece, foreign(at))
                && at >= behind
            {
                behind = at + operator.len();
                let error = Diagnostic::error(
                    Code::E0108,
                    excerpt.span(at, behind),
                    format!("`{operator}` is not SQL"),
                );
                found.push(error.hint(*hint));
            }
        }
        found
    }

    /// A word that begins no clause: pest failed at it, or right behind it where `NAME =` may stand.
    fn clause_start(&self, excerpt: &Excerpt<'_>, kind: Kind) -> Option<Diagnostic> {
        let word = token(excerpt.text, self.start);
        let next = skip_blank(excerpt.text, self.start + word.len());
        let is_word = word.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let at_start = self.far == self.start || self.far == next;
        if !is_word || !at_start || kind.clauses().contains(&word) {
            return None;
        }
        let span = excerpt.span(self.start, self.start + word.len());
        let suffix = ["over", "tail", "where", "hop", "exact"].contains(&word);
        if suffix && kind == Kind::GroupBy {
            // Behind a suffix in its place more than `NAME =` was tried.
            let misplaced = self.far == self.start || self.wanted.iter().all(|rule| *rule == Rule::assign);
            return misplaced.then(|| suffix_order(word, span));
        }
        if kind.is_later(word) {
            return Some(not_yet(&format!("`{word}`"), span));
        }
        let suffixes: &[&str] = if kind == Kind::GroupBy { &["over", "tail"] } else { &[] };
        let misspelt = nearest(word, kind.clauses().iter().chain(suffixes).copied());
        let known = kind.clauses().iter().map(|clause| format!("`{clause}`")).collect::<Vec<_>>().join(", ");
        let hint = misspelt.map_or_else(
            || match kind {
                Kind::Source => format!("the clauses of a source are {known}"),
                Kind::GroupBy => {
                    format!("a feature is written `{word} = count() over 1h`; clauses are {known}")
                }
                Kind::Join => format!("a derived column is written `{word} = …`; clauses are {known}"),
            },
            |clause| format!("did you mean `{clause}`?"),
        );
        let message = format!("`{word}` is not a clause of a `{}`", kind.word());
        Some(Diagnostic::error(Code::E0106, span, message).hint(hint))
    }

    /// Constructs of a later version that are recognised by where they stand.
    fn later(&self, excerpt: &Excerpt<'_>, found: &str, span: Span) -> Option<Diagnostic> {
        let before = excerpt.text[..self.far].trim_end();
        let last = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        match found {
            "[" => Some(not_yet("an element of a list or map", span)),
            "<" | "{" if matches!(last, "list" | "map" | "struct") => {
                Some(not_yet(&format!("the type `{last}`"), span))
            }
            "by" | "default" | "every" if !before.is_empty() => Some(not_yet(&format!("`{found}`"), span)),
            "chronon" if last == "tail" => Some(not_yet("`tail chronon`", span)),
            _ => None,
        }
    }

    fn expected(&self, excerpt: &Excerpt<'_>, found: &str, kind: Option<Kind>) -> Diagnostic {
        let wanted = self.phrases(kind);
        let span = excerpt.span(self.far, self.far + found.len());
        if words::is_reserved(found) && wanted == "a name" {
            let message = format!("expected a name, found `{found}`, a word of SQL expressions");
            let hint = format!("as a name it is written in double quotes: \"{found}\"");
            return Diagnostic::error(Code::E0109, span, message).hint(hint);
        }
        let described = match (found, kind) {
            ("", Some(_)) => "the end of the block".into(),
            ("", None) => "the end of the text".into(),
            (token, _) => format!("`{}`", token.chars().take(40).collect::<String>()),
        };
        let before = self.before(excerpt.text);
        let next_line = !found.is_empty() && before > 0 && excerpt.text[before..self.far].contains('\n');
        if next_line {
            // The place is where something is missing, not where the next clause happens to begin.
            let message = format!("expected {wanted}, found {described} on the next line");
            return Diagnostic::error(Code::E0107, excerpt.span(before, before), message);
        }
        let error = Diagnostic::error(Code::E0107, span, format!("expected {wanted}, found {described}"));
        let separates = wanted.contains("a clause") || wanted.contains("a field");
        match found {
            ";" | "," if separates => error.hint("clauses and fields need no separator"),
            "over" | "tail" | "where" | "from" | "key" | "to" if wanted.contains("`)`") => {
                error.hint("close the `(` before it")
            }
            other if other.starts_with('\'') && wanted.contains("double quotes") => {
                error.hint("documentation and wire names are written in double quotes")
            }
            _ => error,
        }
    }

    /// The end of the last token before the place.
    fn before(&self, text: &str) -> usize {
        let tokens = Pieces::new(text, self.start).take_while(|(_, start, _)| *start < self.far);
        let last = tokens.filter(|(piece, ..)| !matches!(piece, Piece::Blank | Piece::Comment)).last();
        last.map_or_else(|| text[..self.start].trim_end().len(), |(_, _, end)| end.min(self.far))
    }

    /// What could have come, in words.
    fn phrases(&self, kind: Option<Kind>) -> String {
        let has = |rules: &[Rule]| self.wanted.iter().any(|rule| rules.contains(rule));
        let operator = has(&[Rule::symbol, Rule::kw_and, Rule::kw_or]);
        let value = has(&[Rule::string, Rule::number, Rule::paren, Rule::expr, Rule::prefix]);
        let field = has(&[Rule::close_brace]);
        let mut phrases: Vec<&str> = Vec::new();
        for rule in &self.wanted {
            let phrase = match phrase(*rule, kind) {
                Some("a name" | "`(`" | "`case`" | "`null`") if value => Some("a value"),
                Some("a name") if field => Some("a field"),
                Some("`.`" | "`(`" | "`in`" | "`is`" | "`like`" | "`between`" | "`not`") if operator => None,
                // These may always follow a name; they are not what is missing.
                Some("`=`" | "`(`" | "`.`") if self.wanted.len() > 1 => None,
                phrase => phrase,
            };
            phrases.extend(phrase.filter(|phrase| !phrases.contains(phrase)));
        }
        phrases.sort_by_key(|phrase| phrase.starts_with("the end"));
        match phrases.split_last() {
            None => "something else".into(),
            Some((last, [])) => (*last).into(),
            Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        }
    }
}

fn not_yet(what: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::E0103, span, format!("{what} is not available yet"))
        .hint("`windrow explain E0103` lists what this version has")
}

/// The words for one rule; `None` for those that are never what is missing.
fn phrase(rule: Rule, kind: Option<Kind>) -> Option<&'static str> {
    Some(match rule {
        Rule::EOI if kind.is_some() => "a clause",
        Rule::EOI => "the end of the text",
        Rule::source_clause | Rule::group_by_clause | Rule::join_clause => "a clause",
        Rule::symbol | Rule::kw_and | Rule::kw_or => "an operator",
        Rule::expr
        | Rule::prefix
        | Rule::paren
        | Rule::case
        | Rule::cast
        | Rule::cast_word
        | Rule::literal
        | Rule::call
        | Rule::path
        | Rule::string
        | Rule::number => "a value",
        Rule::name | Rule::label | Rule::names | Rule::mapping | Rule::topic_in => "a name",
        Rule::aggregate => "an aggregate like `sum(amount)`",
        Rule::part_of => "a group by and its keys, like `user_spend on user_id`",
        Rule::publish_to => "a topic and a group, like `features.user_spend to serving`",
        Rule::type_word | Rule::type_name | Rule::field_type => "a type like `string` or `decimal(12,2)`",
        Rule::type_argument => "a number",
        Rule::field => "a field",
        Rule::quoted => "a text in double quotes",
        Rule::duration => "a duration like `1h`",
        Rule::mode => "`latest` or `events`",
        Rule::exact => "`exact`",
        Rule::hop | Rule::kw_hop => "`hop`",
        Rule::assign => "`=`",
        Rule::open => "`(`",
        Rule::close => "`)`",
        Rule::open_brace => "`{`",
        Rule::close_brace => "`}`",
        Rule::comma => "`,`",
        Rule::dot => "`.`",
        Rule::kw_on => "`on`",
        Rule::alias | Rule::kw_as => "`as`",
        Rule::kw_to => "`to`",
        Rule::kw_in | Rule::in_list => "`in`",
        Rule::kw_is | Rule::is_null => "`is`",
        Rule::like | Rule::kw_like => "`like`",
        Rule::between | Rule::kw_between => "`between`",
        Rule::kw_not => "`not`",
        Rule::kw_null => "`null`",
        Rule::kw_case => "`case`",
        Rule::arm | Rule::kw_when => "`when`",
        Rule::kw_then => "`then`",
        Rule::otherwise | Rule::kw_else => "`else`",
        Rule::kw_end => "`end`",
        Rule::filter | Rule::kw_where if kind.is_none() => "`where`",
        Rule::windows | Rule::kw_over => "`over`",
        Rule::tail | Rule::kw_tail => "`tail`",
        _ => return None,
    })
}
