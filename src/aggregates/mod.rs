//! The catalog of aggregates, one file each: types, pure accumulator, Java class, documentation.
//!
//! An accumulator is a function of the multiset it has seen (rule S5): it merges in any order and
//! gives the same bits.
#![deny(clippy::disallowed_methods)]

mod accumulator;
mod approx_unique_count;
mod avg;
mod count;
mod datum;
mod entry;
mod exact_sum;
mod extreme;
mod histogram;
mod integer_sum;
mod k_list;
mod kind;
mod last;
mod percentile;
mod rule;
mod sum;
mod unique_count;
mod variance;

pub use accumulator::{Accumulator, Shape};
pub use count::Count;
pub use datum::Datum;
pub use entry::{Argument, Empty, Entry, Example, K_MAX, Parameter, ParameterError, Role, TypeError};
pub use exact_sum::ExactSum;
pub use extreme::Extreme;
pub use integer_sum::IntegerSum;
pub use kind::Kind;
pub use last::Last;
pub use rule::order as check_order;

#[cfg(test)]
mod tests;
