//! The aggregates there are, with their parameters.

use std::fmt;

use crate::types::{DataType, Decimal};

use super::entry::{Empty, Entry, TypeError};
use super::{approx_unique_count, avg, count, extreme, histogram, k_list, last, percentile, sum};
use super::{unique_count, variance};

/// An aggregate function. Lists that it is given are flattened and maps aggregated per key before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Count,
    Sum,
    Avg,
    Min,
    Max,
    Variance,
    Stddev,
    First,
    Last,
    /// With the length of the list, as the next three.
    FirstK(u32),
    LastK(u32),
    TopK(u32),
    BottomK(u32),
    UniqueCount,
    ApproxUniqueCount,
    /// With the fraction in billionths.
    ApproxPercentile(u32),
    Histogram,
}

impl Entry {
    /// The catalog, in the order of the language reference.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        const K: u32 = 1;
        const ALL: [Kind; 17] = [
            Kind::Count,
            Kind::Sum,
            Kind::Avg,
            Kind::Min,
            Kind::Max,
            Kind::Variance,
            Kind::Stddev,
            Kind::First,
            Kind::Last,
            Kind::FirstK(K),
            Kind::LastK(K),
            Kind::TopK(K),
            Kind::BottomK(K),
            Kind::UniqueCount,
            Kind::ApproxUniqueCount,
            Kind::ApproxPercentile(0),
            Kind::Histogram,
        ];
        ALL.into_iter().map(Kind::entry)
    }
}

impl Kind {
    /// The catalog entry.
    #[must_use]
    pub const fn entry(self) -> &'static Entry {
        match self {
            Self::Count => &count::COUNT,
            Self::Sum => &sum::SUM,
            Self::Avg => &avg::AVG,
            Self::Min => &extreme::MIN,
            Self::Max => &extreme::MAX,
            Self::Variance => &variance::VARIANCE,
            Self::Stddev => &variance::STDDEV,
            Self::First => &last::FIRST,
            Self::Last => &last::LAST,
            Self::FirstK(_) => &k_list::FIRST_K,
            Self::LastK(_) => &k_list::LAST_K,
            Self::TopK(_) => &k_list::TOP_K,
            Self::BottomK(_) => &k_list::BOTTOM_K,
            Self::UniqueCount => &unique_count::UNIQUE_COUNT,
            Self::ApproxUniqueCount => &approx_unique_count::APPROX_UNIQUE_COUNT,
            Self::ApproxPercentile(_) => &percentile::APPROX_PERCENTILE,
            Self::Histogram => &histogram::HISTOGRAM,
        }
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        self.entry().name
    }

    /// The literal argument as it is written.
    #[must_use]
    pub fn parameter(self) -> Option<String> {
        match self {
            Self::Count
            | Self::Sum
            | Self::Avg
            | Self::Min
            | Self::Max
            | Self::Variance
            | Self::Stddev
            | Self::First
            | Self::Last
            | Self::UniqueCount
            | Self::ApproxUniqueCount
            | Self::Histogram => None,
            Self::FirstK(k) | Self::LastK(k) | Self::TopK(k) | Self::BottomK(k) => Some(k.to_string()),
            Self::ApproxPercentile(p) => {
                let digits = Decimal::new(i128::from(p), 9).map(|p| p.to_string()).unwrap_or_default();
                Some(digits.trim_end_matches('0').trim_end_matches('.').to_owned())
            }
        }
    }

    /// The output type for an input type (`None`: `count()` of rows). Of a list it is that of its
    /// elements, of a map that of its values: the output is then a map of these.
    ///
    /// # Errors
    /// When the aggregate takes no such input.
    pub fn output(self, input: Option<DataType>) -> Result<DataType, TypeError> {
        match (self, input) {
            (Self::Count, None) => Ok(DataType::Int),
            (_, None) => Err(TypeError::NoInput),
            (_, Some(input)) => (self.entry().rule)(input),
        }
    }

    /// Whether an empty window gives null (counts give 0).
    #[must_use]
    pub const fn nullable(self) -> bool {
        matches!(self.entry().empty, Empty::Null)
    }

    /// Whether the value depends on the order of event time (rule S5 ties).
    #[must_use]
    pub const fn is_ordered(self) -> bool {
        self.entry().is_ordered
    }
}

impl fmt::Display for Kind {
    /// Its name and parameter: what it computes, in canonical form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self.parameter() {
            Some(parameter) => write!(f, "({parameter})"),
            None => Ok(()),
        }
    }
}
