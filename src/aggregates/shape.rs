//! What an accumulator is of: aggregates with equal shapes over equal inputs share one.

use std::cmp::Ordering;

use super::Kind;
use super::given::Inputs;
use super::k_list::By;

/// What is kept, and of which types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    pub(super) family: Family,
    pub(super) inputs: Inputs,
}

/// What is kept of a set of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Family {
    Count,
    Total,
    Moments,
    Extreme(Ordering),
    Edge(Ordering),
    List { by: By, wanted: Ordering, k: u32 },
    Distinct,
    Hashes,
    Percentile,
    Histogram,
}

impl Shape {
    /// What `kind` over inputs of these types keeps.
    #[must_use]
    pub fn of(kind: Kind, inputs: Inputs) -> Self {
        let list = |by, wanted, k| Family::List { by, wanted, k };
        let greatest = if inputs.order.is_some() { By::Order } else { By::Value };
        let family = match kind {
            Kind::Count => Family::Count,
            Kind::Sum | Kind::Avg => Family::Total,
            Kind::Variance | Kind::Stddev => Family::Moments,
            Kind::Min => Family::Extreme(Ordering::Less),
            Kind::Max => Family::Extreme(Ordering::Greater),
            Kind::First => Family::Edge(Ordering::Less),
            Kind::Last => Family::Edge(Ordering::Greater),
            Kind::FirstK(k) => list(By::Time, Ordering::Less, k),
            Kind::LastK(k) => list(By::Time, Ordering::Greater, k),
            Kind::TopK(k) => list(greatest, Ordering::Greater, k),
            Kind::BottomK(k) => list(greatest, Ordering::Less, k),
            Kind::UniqueCount => Family::Distinct,
            Kind::ApproxUniqueCount => Family::Hashes,
            Kind::ApproxPercentile(_) => Family::Percentile,
            Kind::Histogram => Family::Histogram,
        };
        let breaks_ties = family.breaks_ties();
        let inputs = Inputs {
            value: inputs.value.filter(|_| family != Family::Count),
            order: inputs.order.filter(|_| family.has_order()),
            bucket: inputs.bucket,
            origin: inputs.origin && breaks_ties,
            id: inputs.id.filter(|_| breaks_ties),
        };
        Self { family, inputs }
    }

    /// Whether what breaks ties (rule S5) is part of it.
    #[must_use]
    pub const fn breaks_ties(&self) -> bool {
        self.family.breaks_ties()
    }

    /// The shape of one bucket's accumulator.
    pub(super) const fn of_bucket(self) -> Self {
        Self { inputs: Inputs { bucket: None, ..self.inputs }, ..self }
    }
}

impl Family {
    const fn breaks_ties(self) -> bool {
        match self {
            Self::Edge(_) | Self::List { by: By::Time | By::Order, .. } => true,
            Self::List { by: By::Value, .. }
            | Self::Count
            | Self::Total
            | Self::Moments
            | Self::Extreme(_)
            | Self::Distinct
            | Self::Hashes
            | Self::Percentile
            | Self::Histogram => false,
        }
    }

    const fn has_order(self) -> bool {
        matches!(self, Self::List { by: By::Order, .. })
    }
}
