//! From an id or a spelling to its entry.

use super::{Entry, FunctionId, Notation, arithmetic, compare, list, logic, null, text};

impl FunctionId {
    /// The catalog entry.
    #[must_use]
    pub const fn entry(self) -> &'static Entry {
        match self {
            Self::Or => &logic::OR,
            Self::And => &logic::AND,
            Self::Not => &logic::NOT,
            Self::Equal => &compare::EQUAL,
            Self::NotEqual => &compare::NOT_EQUAL,
            Self::Less => &compare::LESS,
            Self::LessOrEqual => &compare::LESS_OR_EQUAL,
            Self::Greater => &compare::GREATER,
            Self::GreaterOrEqual => &compare::GREATER_OR_EQUAL,
            Self::IsDistinctFrom => &compare::IS_DISTINCT_FROM,
            Self::IsNotDistinctFrom => &compare::IS_NOT_DISTINCT_FROM,
            Self::In => &compare::IN,
            Self::Add => &arithmetic::ADD,
            Self::Subtract => &arithmetic::SUBTRACT,
            Self::Multiply => &arithmetic::MULTIPLY,
            Self::Divide => &arithmetic::DIVIDE,
            Self::Modulo => &arithmetic::MODULO,
            Self::Negate => &arithmetic::NEGATE,
            Self::Abs => &arithmetic::ABS,
            Self::Concat => &text::CONCAT,
            Self::Like => &text::LIKE,
            Self::Lower => &text::LOWER,
            Self::Upper => &text::UPPER,
            Self::Length => &text::LENGTH,
            Self::IsNull => &null::IS_NULL,
            Self::IsNotNull => &null::IS_NOT_NULL,
            Self::Coalesce => &null::COALESCE,
            Self::NullIf => &null::NULL_IF,
            Self::ElementAt => &list::ELEMENT_AT,
        }
    }

    /// The function that is called by `name`, in any case. Operators have no such name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::named().find(|id| id.entry().name.eq_ignore_ascii_case(name))
    }

    /// The functions that are called by name.
    pub fn named() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|id| matches!(id.entry().notation, Notation::Call | Notation::Subscript))
    }
}
