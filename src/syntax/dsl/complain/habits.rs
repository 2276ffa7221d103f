//! What people bring along from other SQL and other feature stores: how windrow writes it instead.

use crate::syntax::words::Kind;

/// Operators of other languages that are words.
const OPERATORS: [(&str, &str); 6] = [
    ("ilike", "`like` minds case: write `lower(x) like 'a%'`"),
    ("rlike", "write `regexp_like(x, '…')`"),
    ("regexp", "write `regexp_like(x, '…')`"),
    ("similar", "write `regexp_like(x, '…')`"),
    ("div", "write `cast(a / b as int)`"),
    ("xor", "two conditions differ if `a <> b`"),
];

/// The operator that a word is elsewhere.
pub(super) fn operator(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    OPERATORS.iter().find(|(other, _)| *other == word).map(|(_, hint)| *hint)
}

/// A place where something else was expected.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'t> {
    /// The text up to it, without the blanks at its end.
    pub(super) before: &'t str,
    pub(super) last_word: &'t str,
    pub(super) found: &'t str,
    /// The text behind what was found.
    pub(super) behind: &'t str,
    /// In words.
    pub(super) wanted: &'t str,
    pub(super) kind: Option<Kind>,
}

impl Place<'_> {
    /// The way out, where what was written tells what was meant.
    pub(super) fn hint(&self) -> Option<&'static str> {
        let hints = [Self::of_separators, Self::of_expressions, Self::of_aggregates, Self::of_clauses];
        hints.iter().find_map(|hint| hint(self))
    }

    fn of_separators(&self) -> Option<&'static str> {
        let between_digits = self.before.ends_with(|c: char| c.is_ascii_digit())
            && self.behind.starts_with(|c: char| c.is_ascii_digit());
        Some(match self.found {
            "," if between_digits => "a number is written without `,`: `1000.50`",
            ";" | "," if self.wants("a clause") || self.wants("a field") => {
                "clauses and fields need no separator"
            }
            "" if self.before.ends_with(',') => "remove the `,` before it",
            ":" if self.kind.is_some_and(|kind| kind.clauses().contains(&self.last_word)) => {
                "a clause is a word and what it says, without `:`"
            }
            _ => return None,
        })
    }

    fn of_aggregates(&self) -> Option<&'static str> {
        let found_digit = self.found.starts_with(|c: char| c.is_ascii_digit());
        Some(match (self.last_word, self.found) {
            (_, "*") if self.before.ends_with('(') => {
                "`count()` counts rows, `count(x)` the values that are not null"
            }
            ("over", "(") => "a window is a length of time, like `over 7d`; rows are grouped by `key`",
            (_, "+" | "-" | "*" | "/" | "%") if self.wants("`over`") => {
                "calculate with features in a join, like `share = g.spend_1h / g.spend_7d`"
            }
            (_, found) if found.starts_with('\'') && self.wants("a duration") => {
                "a duration is written without quotes: `7d`"
            }
            _ if found_digit && self.wants("`tail`") => "between windows stands a comma: `over 1h, 24h`",
            _ if self.kind == Some(Kind::GroupBy) && self.wanted == "`(`" => {
                "a feature is an aggregate, like `total = sum(amount) over 1h`; what is computed per event is a `let`"
            }
            _ => return None,
        })
    }

    fn of_expressions(&self) -> Option<&'static str> {
        Some(match (self.last_word, self.found) {
            ("interval", found) if found.starts_with('\'') => {
                "there are no intervals: write `timestamp_add(ts, -7, 'd')`, or `timestamp_diff(a, b, 'd')`"
            }
            ("in", _) if self.wanted == "`(`" => "write the values in parentheses: `in ('a', 'b')`",
            (_, "as") if self.wants("`)`") => {
                "a cast is `cast(x as int)`, or `try_cast(x as int)` where it may fail"
            }
            (_, "from") if self.inside_of("extract") => {
                "parts of a time are functions: `hour(ts)`, `year(ts)`"
            }
            (_, "over" | "tail" | "where" | "from" | "key" | "to") if self.wants("`)`") => {
                "close the `(` before it"
            }
            (_, "*") if self.before.ends_with('*') => "write `pow(a, b)`",
            (_, "/") if self.before.ends_with('/') => "write `cast(a / b as int)`; a comment begins with `#`",
            _ => return None,
        })
    }

    fn of_clauses(&self) -> Option<&'static str> {
        Some(match self.found {
            "." if self.kind == Some(Kind::Join) && self.wants("`as`") => {
                "name the left column, and the key if it is called otherwise: `on user_id`, `on buyer = user_id`"
            }
            "null" | "nullable" | "not" | "NULL" | "NOT" if self.wants("the end of the text") => {
                "a value is never null unless its type ends in `?`: `string?`"
            }
            found if found.starts_with('\'') && self.wants("a text in double quotes") => {
                "documentation and wire names are written in double quotes"
            }
            _ if self.wanted == "`to`" => "write `publish TOPIC to GROUP`",
            _ if self.wanted == "`in`" && self.kind != Some(Kind::Test) => {
                "write the topic and its group: `TOPIC in GROUP`"
            }
            _ => return None,
        })
    }

    fn wants(&self, what: &str) -> bool {
        self.wanted.contains(what)
    }

    /// Whether the innermost open parenthesis belongs to this function.
    fn inside_of(&self, function: &str) -> bool {
        self.before.rsplit_once('(').is_some_and(|(before, _)| before.trim_end().ends_with(function))
    }
}
