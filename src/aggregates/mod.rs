//! The catalog of aggregates, one file each: types, pure accumulator, Java class, documentation.
//!
//! An accumulator is a function of the multiset it has seen (rule S5): it merges in any order and
//! gives the same bits.
#![deny(clippy::disallowed_methods)]

mod accumulator;
mod approx_unique_count;
mod avg;
mod buckets;
mod count;
mod datum;
mod entry;
mod exact_sum;
mod extreme;
mod fixed_point;
mod given;
mod histogram;
mod integer_sum;
mod k_list;
mod kind;
mod last;
mod natural;
mod percentile;
mod rounding;
mod rule;
mod shape;
mod sum;
mod unique_count;
mod variance;

pub use accumulator::Accumulator;
pub use approx_unique_count::HASHES_MAX;
pub use count::Count;
pub use datum::Datum;
pub use entry::{Argument, Empty, Entry, Example, K_MAX, Parameter, ParameterError, Role, TypeError};
pub use exact_sum::ExactSum;
pub use extreme::Extreme;
pub use given::{Given, Inputs};
pub use integer_sum::IntegerSum;
pub use kind::Kind;
pub use percentile::EXACT_MAX;
pub use rule::order as check_order;
pub use shape::Shape;

#[cfg(test)]
mod tests;
