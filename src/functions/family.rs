//! The families that the reference lists functions by.

use super::FunctionId;

/// What a function is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    Operators,
    Conditions,
    Numbers,
    Strings,
    Times,
    Collections,
    Json,
    Hashes,
}

impl Family {
    pub const ALL: [Self; 8] = [
        Self::Operators,
        Self::Conditions,
        Self::Numbers,
        Self::Strings,
        Self::Times,
        Self::Collections,
        Self::Json,
        Self::Hashes,
    ];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operators => "operators",
            Self::Conditions => "conditions",
            Self::Numbers => "numbers",
            Self::Strings => "strings",
            Self::Times => "dates and times",
            Self::Collections => "lists and maps",
            Self::Json => "JSON",
            Self::Hashes => "hashes and bytes",
        }
    }

    /// Its functions, in the order of the catalog.
    pub fn functions(self) -> impl Iterator<Item = FunctionId> {
        FunctionId::ALL.into_iter().filter(move |function| function.family() == self)
    }
}

impl FunctionId {
    /// By the neighbours in the catalog: the first function of each family is named.
    #[must_use]
    pub fn family(self) -> Family {
        let is_named = Self::named().any(|function| function == self);
        match self {
            _ if !is_named => Family::Operators,
            Self::Coalesce | Self::NullIf | Self::If | Self::IfNull => Family::Conditions,
            Self::Lower | Self::Upper | Self::Length => Family::Strings,
            Self::ElementAt | Self::Contains | Self::Reverse => Family::Collections,
            Self::ToHex | Self::FromHex | Self::ToBase64 | Self::FromBase64 => Family::Hashes,
            _ if self >= Self::XxHash64 => Family::Hashes,
            _ if self >= Self::JsonValue => Family::Json,
            _ if self >= Self::Size => Family::Collections,
            _ if self >= Self::DateOf => Family::Times,
            _ if self >= Self::Trim => Family::Strings,
            _ => Family::Numbers,
        }
    }
}
