//! pest says which rules it could have gone on with; this says it to people.

use pest::error::{Error, ErrorVariant, InputLocation};

use crate::diag::{Code, Diagnostic, Span, nearest, shortened};
use crate::syntax::excerpt::Excerpt;
use crate::syntax::invisible::foreign;
use crate::syntax::lexer::{Piece, Pieces, skip_blank, token};
use crate::syntax::words::{self, Kind, SUFFIXES};

use super::Rule;
use super::clauses::suffix_order;

mod habits;
mod phrase;

use habits::Place;
use phrase::phrase;

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
const FOREIGN: [(&str, &str); 15] = [
    ("==", "SQL compares with `=`"),
    ("!=", "SQL writes `<>`"),
    ("&&", "SQL writes `and`"),
    ("!", "SQL writes `not`"),
    ("&", "SQL writes `and`"),
    ("|", "SQL writes `or`, and `||` joins texts"),
    ("??", "SQL writes `coalesce(a, b)`"),
    ("?", "SQL writes `case when … then … else … end`"),
    ("::", "SQL writes `cast(x as type)`"),
    ("--", "a comment begins with `#`"),
    ("//", "a comment begins with `#`"),
    ("^", "there is no such operator; windrow has `+ - * / %`"),
    ("->", "a field of a struct is `a.b`, an element of a list or map `a[1]`, `a['k']`"),
    ("~", "SQL writes `like`"),
    ("`", "a name is quoted with double quotes: \"name\""),
];

/// What a duration stands behind.
const BEFORE_DURATIONS: [&str; 11] = [
    "disorder",
    "ahead",
    "retention",
    "timeout",
    "refresh",
    "ttl",
    "over",
    "hop",
    "hold_for",
    "left_late",
    "every",
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
            let found = if found == "`" { "a back-tick".to_owned() } else { format!("`{found}`") };
            return Diagnostic::error(Code::E0108, span, format!("{found} is not SQL")).hint(*hint);
        }
        if let Some(problem) = self.brought_along(excerpt, found, span) {
            return problem;
        }
        kind.and_then(|kind| self.clause_start(excerpt, kind))
            .or_else(|| self.known_slip(excerpt, found, span))
            .unwrap_or_else(|| self.expected(excerpt, found, kind))
    }

    /// Words that other languages have in this place.
    fn brought_along(&self, excerpt: &Excerpt<'_>, found: &str, span: Span) -> Option<Diagnostic> {
        // A word behind a good clause is one that could begin the next.
        let (first, behind) = (token(excerpt.text, self.start), excerpt.text[..self.start].trim_end().len());
        if let (Some(hint), false) =
            (habits::operator(first), excerpt.text[behind..self.start].contains('\n') || behind == 0)
        {
            let place = excerpt.span(self.start, self.start + first.len());
            return Some(
                Diagnostic::error(Code::E0108, place, format!("`{first}` is no operator")).hint(hint),
            );
        }
        let before = excerpt.text[..self.far].trim_end();
        if before.is_empty() || excerpt.text[before.len()..self.far].contains('\n') {
            return None;
        }
        if let Some(hint) = habits::operator(found) {
            return Some(
                Diagnostic::error(Code::E0108, span, format!("`{found}` is no operator")).hint(hint),
            );
        }
        if let Some(problem) = duration_in_two(excerpt, before, found, self.far) {
            return Some(problem);
        }
        let outside = before.strip_suffix("distinct").map(str::trim_end)?;
        let hint = if outside.ends_with('(') {
            "write `unique_count(x)`, or `approx_unique_count(x)`"
        } else if outside.ends_with("select") {
            "rows are not compared with each other; an `event_id` in the source makes copies count once"
        } else {
            return None;
        };
        let word = excerpt.span(before.len() - "distinct".len(), before.len());
        Some(Diagnostic::error(Code::E0107, word, "expected a value, found the word `distinct`").hint(hint))
    }

    /// The same for an aggregate in YAML, where a suffix out of order is not the beginning of a clause.
    pub(super) fn diagnostic_of_aggregate(&self, excerpt: &Excerpt<'_>) -> Diagnostic {
        let found = token(excerpt.text, self.far);
        if SUFFIXES.contains(&found) && self.wanted.contains(&Rule::EOI) {
            return suffix_order(found, excerpt.span(self.far, self.far + found.len()));
        }
        self.diagnostic(excerpt, None)
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
        // What takes a word that may follow the clause before it wants more than the `=` of `NAME =`.
        let at_start = self.far == self.start
            || self.far == next && self.wanted.iter().all(|rule| *rule == Rule::assign);
        if !is_word || !at_start || kind.clauses().contains(&word) {
            return None;
        }
        let span = excerpt.span(self.start, self.start + word.len());
        if kind == Kind::GroupBy && (SUFFIXES.contains(&word) || ["hop", "exact", "chronon"].contains(&word))
        {
            return Some(suffix_order(word, span));
        }
        let behind = excerpt.text[..self.start].trim_end().len();
        let is_listed =
            self.wanted.contains(&Rule::comma) && !excerpt.text[behind..self.start].contains('\n');
        if is_listed && nearest(word, kind.clauses()).is_none() {
            // `union x y`: rather a comma is missing than a clause wrong.
            return None;
        }
        let is_called = excerpt.text[next..].starts_with('(');
        let message = format!("`{word}` is not a clause of {}", kind.described());
        let error = Diagnostic::error(Code::E0106, span, message).hint(clause_hint(word, is_called, kind));
        Some(match foreign(word) {
            Some(foreign) => error.note(foreign),
            None => error,
        })
    }

    /// Mistakes that are recognised by what stands where.
    fn known_slip(&self, excerpt: &Excerpt<'_>, found: &str, span: Span) -> Option<Diagnostic> {
        let before = excerpt.text[..self.far].trim_end();
        let last = last_word(before);
        let has = |rule: Rule| self.wanted.contains(&rule);
        let is_type = has(Rule::nullable)
            || self.wanted.iter().any(|rule| phrase(*rule, None) == phrase(Rule::type_name, None));
        let expected = |wanted: &str, hint: &str| {
            let message = format!("expected {wanted}, found `{found}`");
            Some(Diagnostic::error(Code::E0107, span, message).hint(hint))
        };
        let is_step = has(Rule::row) || has(Rule::arrives);
        match found {
            ":" if is_step => expected("a row", "a time is written in single quotes: `at '10:00'`"),
            _ if last == "row" && before.trim_end_matches("row").trim_end().ends_with("expect") => {
                let word = excerpt.span(before.len() - last.len(), before.len());
                let message = "expected a row, found the word `row`";
                let hint = "a row is expected without the word: `expect at '11:00' { user_id: 'u1' }`";
                Some(Diagnostic::error(Code::E0107, word, message).hint(hint))
            }
            _ if last == "call" && has(Rule::quoted) => expected(
                "a function in double quotes",
                "write `call \"module:function\" (a, b) returns { score double? }`",
            ),
            "," if has(Rule::close_angle) => expected("`>`", "a list has one type inside, a map two"),
            "<" if last == "struct" => {
                expected("`{`", "the fields of a struct stand in `{…}`: `struct{a int, b string?}`")
            }
            "<" if is_type && ["optional", "nullable"].contains(&last.to_ascii_lowercase().as_str()) => {
                expected("a type", "a type that may be null ends in `?`: `string?`")
            }
            "<" if is_type => {
                let known = if last.eq_ignore_ascii_case("array") {
                    Some("list")
                } else {
                    nearest(last, ["list", "map"])
                };
                let hint = known.map_or_else(
                    || "only `list<…>` and `map<…, …>` have types inside".into(),
                    |known| format!("did you mean `{known}`?"),
                );
                let message = format!("the type `{last}` has nothing inside");
                Some(Diagnostic::error(Code::E0116, span, message).hint(hint))
            }
            "[" if is_type => expected("a type", "a list is written `list<string>`"),
            ":" if is_type => expected("a type", "a field is a name and a type, without `:`"),
            "=" if has(Rule::colon) => {
                expected("`:`", "in a test a value stands behind `:`, like `{ amount: 5.00 }`")
            }
            "*" if last == "select" => expected("a column", "leave `select` away: then all columns pass"),
            _ => None,
        }
    }

    fn expected(&self, excerpt: &Excerpt<'_>, found: &str, kind: Option<Kind>) -> Diagnostic {
        let wanted = match self.wanted.as_slice() {
            [Rule::string] => "a text in single quotes".into(),
            _ => self.phrases(kind),
        };
        let span = excerpt.span(self.far, self.far + found.len());
        if words::is_reserved(found) && wanted == "a name" {
            let message = format!("expected a name, found `{found}`, a word of SQL expressions");
            let hint = format!("as a name it is written in double quotes: \"{found}\"");
            return Diagnostic::error(Code::E0109, span, message).hint(hint);
        }
        let described = match (found, kind) {
            ("", Some(_)) => "the end of the block".into(),
            ("", None) => "the end of the text".into(),
            (token, _) => format!("`{}`", shortened(token)),
        };
        let before = self.before(excerpt.text);
        let place = Place {
            before: &excerpt.text[..before],
            last_word: last_word(&excerpt.text[..before]),
            found,
            behind: &excerpt.text[self.far + found.len()..],
            wanted: &wanted,
            kind,
        };
        let next_line = !found.is_empty() && before > 0 && excerpt.text[before..self.far].contains('\n');
        if next_line {
            // The place is where something is missing, not where the next clause happens to begin.
            let message = format!("expected {wanted}, found {described} on the next line");
            let missing = Place { found: "", ..place };
            return with_hint(Diagnostic::error(Code::E0107, excerpt.span(before, before), message), missing);
        }
        let error = Diagnostic::error(Code::E0107, span, format!("expected {wanted}, found {described}"));
        match foreign(found) {
            Some(foreign) => error.note(foreign).hint("type it anew"),
            None => with_hint(error, place),
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
        let may_end = self.wanted.iter().any(|rule| matches!(phrase(*rule, kind), Some("a clause" | "`,`")))
            || has(&[Rule::EOI]);
        let mut phrases: Vec<&str> = Vec::new();
        for rule in &self.wanted {
            let phrase = match phrase(*rule, kind) {
                Some("a name" | "`(`" | "`case`" | "`null`") if value => Some("a value"),
                Some("a name") if field => Some("a field"),
                Some("`as`") if operator && may_end => None,
                Some(
                    "`.`" | "`[`" | "`(`" | "`in`" | "`is`" | "`like`" | "`between`" | "`not`" | "`by`"
                    | "`default`",
                ) if operator => None,
                // These may always follow; they are not what is missing.
                Some("`=`" | "`(`" | "`.`" | "`[`" | "`from`" | "`until`" | "`every`" | "`arrives`")
                    if self.wanted.len() > 1 =>
                {
                    None
                }
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

/// `10 s` where a duration stands; elsewhere a number is a name's or a value's.
fn duration_in_two(excerpt: &Excerpt<'_>, before: &str, found: &str, far: usize) -> Option<Diagnostic> {
    let number = before.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    let unit = words::unit(found).filter(|_| !number.is_empty())?;
    let place = before.len() - number.len();
    let mut clause = before[..place].trim_end();
    while let Some(list) = clause.strip_suffix(',') {
        clause = list.trim_end().trim_end_matches(|c: char| c.is_ascii_alphanumeric()).trim_end();
    }
    let word = clause.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default();
    if !BEFORE_DURATIONS.contains(&word) {
        return None;
    }
    let message = format!("`{number} {found}` is not a duration: expected a whole number and a unit");
    let place = excerpt.span(place, far + found.len());
    Some(Diagnostic::error(Code::E0111, place, message).hint(format!("write `{number}{unit}`")))
}

fn with_hint(error: Diagnostic, place: Place<'_>) -> Diagnostic {
    match place.hint() {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

fn last_word(text: &str) -> &str {
    text.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// What to write instead of a word that begins no clause of this kind.
fn clause_hint(word: &str, is_called: bool, kind: Kind) -> String {
    match (kind, word) {
        (Kind::Join, "from") => {
            return "a join begins with the stream that it enriches: `left checkouts`".into();
        }
        (Kind::Join, "where") => {
            return "a join has no `where`: filter in a stream, and name that in `left`".into();
        }
        (Kind::Join, "let" | "select") => {
            return "a derived column is written `share = a / b`, without a word before it".into();
        }
        (Kind::GroupBy, "left") => return "a group by says `from`".into(),
        (Kind::GroupBy, "select" | "union" | "call") => {
            return format!("`{word}` is a clause of a stream: define one, and name it in `from`");
        }
        (Kind::GroupBy, "features") => {
            return "a feature stands by itself: `spend = sum(amount) over 1h`".into();
        }
        (Kind::GroupBy, "window" | "windows") => {
            return "the windows of a feature stand behind it: `spend = sum(amount) over 1h, 7d`".into();
        }
        (Kind::GroupBy, "filter" | "having") => {
            return "a condition stands behind the aggregate, `count() where amount > 5 over 1h`, or holds for all: `where …`"
                .into();
        }
        (Kind::GroupBy, "group") => return "what is grouped by is the key: `key user_id`".into(),
        (Kind::GroupBy, _) if is_called => {
            return format!("a feature begins with its name: `NAME = {word}(…) over 1h`");
        }
        (Kind::Stream, "order" | "limit") => {
            return "a stream has no order and no end; `last_k(x, 10)` of a group by keeps the newest of a key".into();
        }
        (Kind::Source | Kind::Table, "not" | "null" | "nullable" | "optional" | "required") => {
            return "a field is never null unless its type ends in `?`: `name string?`".into();
        }
        (Kind::Stream | Kind::GroupBy | Kind::Join, "as") => {
            return "an input has no alias: its columns are written bare".into();
        }
        (Kind::Stream, "key") => return "a stream has no key: `key` is a clause of a group by".into(),
        (Kind::Stream, "join" | "lookup") => {
            return "a stream changes one row at a time; `lookup` is a clause of a group by and a join"
                .into();
        }
        (Kind::Source, "key") => {
            return "a source is a stream of events and has no key; a `table` keeps the latest row of each"
                .into();
        }
        _ => {}
    }
    let suffixes: &[&str] = if kind == Kind::GroupBy { &["over", "tail"] } else { &[] };
    if let Some(clause) = nearest(word, kind.clauses().iter().chain(suffixes).copied()) {
        return format!("did you mean `{clause}`?");
    }
    let elsewhere = words::kinds_with(word);
    if !elsewhere.is_empty() {
        let kinds: Vec<_> = elsewhere.iter().map(|kind| format!("a `{}`", kind.word())).collect();
        return format!("`{word}` is a clause of {}", kinds.join(" or "));
    }
    let known = kind.clauses().iter().map(|clause| format!("`{clause}`")).collect::<Vec<_>>().join(", ");
    match kind {
        Kind::Source | Kind::Table | Kind::Stream => format!("the clauses of a {} are {known}", kind.word()),
        Kind::GroupBy => format!("a feature is written `{word} = count() over 1h`; clauses are {known}"),
        Kind::Join => format!("a derived column is written `{word} = …`; clauses are {known}"),
        Kind::Constants => format!("a constant is written `{word} = 500`"),
        Kind::Test => format!("the steps of a test begin with {known}"),
    }
}
