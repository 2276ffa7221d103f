//! The names of all functions and operators; the catalog has one entry for each.

/// A scalar function or operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FunctionId {
    Or,
    And,
    Not,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    IsDistinctFrom,
    IsNotDistinctFrom,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Negate,
    Concat,
    IsNull,
    IsNotNull,
    /// First argument: the operand; the rest: the list.
    In,
    /// Text, pattern with `%` and `_`.
    Like,
    Coalesce,
    NullIf,
    Abs,
    Lower,
    Upper,
    Length,
    /// `list[1]`, `map['k']`.
    ElementAt,
}

impl FunctionId {
    /// Every function, in the order of the catalog.
    pub const ALL: [Self; 29] = [
        Self::Or,
        Self::And,
        Self::Not,
        Self::Equal,
        Self::NotEqual,
        Self::Less,
        Self::LessOrEqual,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::IsDistinctFrom,
        Self::IsNotDistinctFrom,
        Self::Add,
        Self::Subtract,
        Self::Multiply,
        Self::Divide,
        Self::Modulo,
        Self::Negate,
        Self::Concat,
        Self::IsNull,
        Self::IsNotNull,
        Self::In,
        Self::Like,
        Self::Coalesce,
        Self::NullIf,
        Self::Abs,
        Self::Lower,
        Self::Upper,
        Self::Length,
        Self::ElementAt,
    ];
}
