//! The aggregates there are, and their type rules.

use crate::types::DataType;

/// An aggregate function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Count,
    Sum,
    Avg,
    Min,
    Max,
    Last,
}

impl Kind {
    pub const ALL: [Self; 6] = [Self::Count, Self::Sum, Self::Avg, Self::Min, Self::Max, Self::Last];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Last => "last",
        }
    }

    /// The aggregate of that name, in any case.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// The output type for an input type (`None`: `count()` of rows); `None` if it does not apply.
    #[must_use]
    pub fn output(self, input: Option<DataType>) -> Option<DataType> {
        match (self, input) {
            (Self::Min | Self::Max | Self::Last, input) => input,
            (Self::Count, _) | (Self::Sum, Some(DataType::Int)) => Some(DataType::Int),
            (Self::Sum | Self::Avg, Some(DataType::Double)) | (Self::Avg, Some(DataType::Int)) => {
                Some(DataType::Double)
            }
            (Self::Sum, Some(DataType::Decimal { scale, .. })) => Some(DataType::wide_decimal(scale)),
            (Self::Avg, Some(DataType::Decimal { scale, .. })) => Some(DataType::wide_decimal(scale.max(6))),
            (Self::Sum | Self::Avg, _) => None,
        }
    }

    /// Whether an empty window gives null (count gives 0).
    #[must_use]
    pub const fn nullable(self) -> bool {
        !matches!(self, Self::Count)
    }

    /// Whether the value depends on the order of event time (rule S5 ties).
    #[must_use]
    pub const fn is_ordered(self) -> bool {
        matches!(self, Self::Last)
    }
}
