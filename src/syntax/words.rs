//! The words of the language: definitions, their clauses, and what may follow a clause.
//!
//! Both front ends take their "did you mean" from here.

use crate::diag::{Code, Diagnostic, Span, shortened};

use super::invisible::foreign;

/// What a block defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Source,
    Table,
    Stream,
    GroupBy,
    Join,
    Constants,
    Test,
}

/// How the header of a definition goes on behind its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    /// `source NAME {`
    Name,
    /// `constants {`
    Bare,
    /// `test NAME "title" {`, also without the name.
    Title,
}

/// The largest name, in bytes.
pub(super) const NAME_MAX: usize = 128;

/// The definitions, for hints.
pub(super) const KINDS_SHOWN: &str =
    "`source`, `table`, `stream`, `group_by`, `join`, `constants` and `test`";

/// Words that other languages define things with, and what windrow has for them.
const KINDS_ELSEWHERE: [(&str, &str); 9] = [
    ("union", "a union is a stream: `stream NAME { union x, y }`"),
    (
        "model",
        "a model is called in a stream: `stream NAME { from x  call \"module:function\" (a) returns { b double } }`",
    ),
    ("const", "constants stand together: `constants { NAME = 500 }`"),
    ("constant", "constants stand together: `constants { NAME = 500 }`"),
    ("view", "a stream selects and filters: `stream NAME { from x  where …  select … }`"),
    ("topic", "a topic is a clause of a source: `source NAME { topic t in group … }`"),
    (
        "feature",
        "features stand in a group by: `group_by NAME { from x  key k  spend = sum(amount) over 1h }`",
    ),
    (
        "features",
        "features stand in a group by: `group_by NAME { from x  key k  spend = sum(amount) over 1h }`",
    ),
    ("lookup", "a lookup is a clause of a group by or a join: `lookup t on k { a, b }`"),
];

const ABOUT: [&str; 4] = ["doc", "owner", "tags", "deprecated"];

/// Words that may follow an aggregate, in their order.
pub(super) const SUFFIXES: [&str; 5] = ["where", "by", "over", "tail", "default"];

/// Words of SQL expressions, which a name can only be in double quotes.
const RESERVED: [&str; 17] = [
    "and", "between", "case", "cast", "else", "end", "false", "in", "is", "like", "not", "null", "or",
    "then", "true", "try_cast", "when",
];

impl Kind {
    pub(super) const ALL: [Self; 7] =
        [Self::Source, Self::Table, Self::Stream, Self::GroupBy, Self::Join, Self::Constants, Self::Test];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Table => "table",
            Self::Stream => "stream",
            Self::GroupBy => "group_by",
            Self::Join => "join",
            Self::Constants => "constants",
            Self::Test => "test",
        }
    }

    pub(super) fn by_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    pub(super) const fn header(self) -> Header {
        match self {
            Self::Source | Self::Table | Self::Stream | Self::GroupBy | Self::Join => Header::Name,
            Self::Constants => Header::Bare,
            Self::Test => Header::Title,
        }
    }

    /// `a \`source\``, for messages.
    pub(super) fn described(self) -> String {
        match self {
            Self::Constants => "`constants`".into(),
            Self::Source | Self::Table | Self::Stream | Self::GroupBy | Self::Join | Self::Test => {
                format!("a `{}`", self.word())
            }
        }
    }

    /// How its header is written.
    pub(super) fn form(self) -> String {
        match self.header() {
            Header::Name => format!("{} NAME {{ … }}", self.word()),
            Header::Bare => format!("{} {{ … }}", self.word()),
            Header::Title => format!("{} NAME \"title\" {{ … }}", self.word()),
        }
    }

    /// The clauses of its own, as the DSL writes them.
    const fn own_clauses(self) -> &'static [&'static str] {
        match self {
            Self::Source => &[
                "topic",
                "format",
                "schema",
                "event_time",
                "event_id",
                "disorder",
                "ahead",
                "retention",
                "history",
            ],
            Self::Table => &[
                "topic",
                "format",
                "key",
                "schema",
                "event_time",
                "event_id",
                "disorder",
                "ahead",
                "retention",
                "history",
            ],
            Self::Stream => &["from", "union", "where", "let", "select", "call"],
            Self::GroupBy => {
                &["from", "lookup", "where", "let", "key", "refresh", "ttl", "unbounded", "publish"]
            }
            Self::Join => &["left", "features", "lookup", "mode", "hold_for", "left_late", "publish"],
            Self::Constants => &[],
            Self::Test => &["date", "event", "row", "deleted", "no", "clock", "expect"],
        }
    }

    /// Whether it has `doc`, `owner`, `tags` and `deprecated`.
    const fn has_about(self) -> bool {
        match self {
            Self::Source | Self::Table | Self::Stream | Self::GroupBy | Self::Join => true,
            Self::Constants | Self::Test => false,
        }
    }

    /// The clauses of a definition, as the DSL writes them.
    pub(super) fn clauses(self) -> Vec<&'static str> {
        let about: &[&str] = if self.has_about() { &ABOUT } else { &[] };
        self.own_clauses().iter().chain(about).copied().collect()
    }

    /// The keys of a definition in YAML, where features, derived columns and steps have a key of their own.
    pub(super) fn yaml_keys(self) -> Vec<&'static str> {
        let more: &[&str] = match self {
            Self::Source | Self::Table | Self::Stream | Self::Constants => &[],
            Self::GroupBy => &["features"],
            Self::Join => &["derive"],
            Self::Test => return vec!["title", "of", "date", "steps"],
        };
        let about: &[&str] = if self.has_about() { &ABOUT } else { &[] };
        self.own_clauses().iter().chain(more).chain(about).copied().collect()
    }
}

/// The kinds that have this clause: `key` is a clause of a table and of a group by.
pub(super) fn kinds_with(clause: &str) -> Vec<Kind> {
    Kind::ALL.into_iter().filter(|kind| kind.clauses().contains(&clause)).collect()
}

/// What windrow has for a definition that it does not know by this word.
pub(super) fn kind_elsewhere(word: &str) -> Option<&'static str> {
    KINDS_ELSEWHERE.iter().find(|(other, _)| other.eq_ignore_ascii_case(word)).map(|(_, hint)| *hint)
}

/// Whether a word belongs to SQL expressions.
pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(word))
}

/// Whether a line that begins with this word continues the clause before it.
pub(super) fn continues_a_clause(word: &str, kind: Kind) -> bool {
    let suffixes: &[&str] = match kind {
        Kind::Source | Kind::Table => &["until"],
        Kind::Stream => &["as", "returns", "timeout", "concurrency", "retry"],
        Kind::GroupBy => &["by", "over", "tail", "hop", "exact", "default", "as", "on", "to", "every"],
        Kind::Join => &["as", "on", "to", "every"],
        Kind::Constants => &[],
        Kind::Test => &["at", "arrives", "from"],
    };
    is_reserved(word) || suffixes.contains(&word)
}

/// The unit of durations that a word means.
pub(super) fn unit(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "ms" | "msec" | "millis" | "millisecond" | "milliseconds" => "ms",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        _ => return None,
    })
}

pub(super) fn not_a_name(name: &str, span: Span) -> Diagnostic {
    let shown = shortened(name);
    let error = Diagnostic::error(Code::E0109, span, format!("`{shown}` is not a name"));
    let error = match foreign(name) {
        Some(foreign) => error.note(foreign),
        None => error,
    };
    error.hint("names begin with a letter or `_` and go on with letters, digits and `_` (ASCII)")
}

/// Whether a name is what the language calls one: an ASCII identifier.
pub(super) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
