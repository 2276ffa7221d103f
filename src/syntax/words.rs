//! The words of the language: definitions, their clauses, and what later versions bring.
//!
//! Both front ends take their "did you mean" and "not available yet" from here.

/// What a block defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Source,
    GroupBy,
    Join,
}

/// The largest name, in bytes.
pub(super) const NAME_MAX: usize = 128;

/// Words that begin a definition in a later version.
pub(super) const KINDS_LATER: [&str; 6] = ["table", "stream", "union", "test", "const", "model"];

/// Words that may follow an aggregate in a later version.
const SUFFIXES_LATER: [&str; 3] = ["by", "default", "every"];

/// Words of SQL expressions, which a name can only be in double quotes.
const RESERVED: [&str; 17] = [
    "and", "between", "case", "cast", "else", "end", "false", "in", "is", "like", "not", "null", "or",
    "then", "true", "try_cast", "when",
];

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Source, Self::GroupBy, Self::Join];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::GroupBy => "group_by",
            Self::Join => "join",
        }
    }

    pub(super) fn by_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The clauses of a definition, as the DSL writes them.
    pub(super) const fn clauses(self) -> &'static [&'static str] {
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
                "doc",
                "owner",
            ],
            Self::GroupBy => &["from", "where", "let", "key", "publish", "doc", "owner"],
            Self::Join => &["left", "features", "hold_for", "left_late", "publish", "doc", "owner"],
        }
    }

    /// The keys of a definition in YAML, where features and derived columns have a key of their own.
    pub(super) const fn yaml_keys(self) -> &'static [&'static str] {
        match self {
            Self::Source => Self::Source.clauses(),
            Self::GroupBy => &["from", "where", "let", "key", "features", "publish", "doc", "owner"],
            Self::Join => &["left", "features", "derive", "hold_for", "left_late", "publish", "doc", "owner"],
        }
    }

    /// Clauses that a later version brings.
    const fn clauses_later(self) -> &'static [&'static str] {
        match self {
            Self::Source => &["history", "files", "tags", "deprecated", "late", "max_bad"],
            Self::GroupBy => {
                &["lookup", "ttl", "unbounded", "refresh", "history", "tags", "deprecated", "late"]
            }
            Self::Join => &["lookup", "mode", "where", "tags", "deprecated"],
        }
    }

    /// Whether the word is a clause, or follows one, in a later version.
    pub(super) fn is_later(self, word: &str) -> bool {
        self.clauses_later().contains(&word) || SUFFIXES_LATER.contains(&word)
    }
}

/// Whether a word belongs to SQL expressions.
pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(word))
}

/// Whether a line that begins with this word continues the clause before it.
pub(super) fn continues_a_clause(word: &str) -> bool {
    is_reserved(word)
        || SUFFIXES_LATER.contains(&word)
        || ["over", "tail", "hop", "exact", "as", "on", "to"].contains(&word)
}

/// Whether a name is what the language calls one: an ASCII identifier.
pub(super) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
