//! The catalog of aggregates, one file each: types, pure accumulator, Java class, documentation.
//!
//! An accumulator is a function of the multiset it has seen (rule S5): it merges in any order and
//! gives the same bits.
#![deny(clippy::disallowed_methods)]

mod accumulator;
mod avg;
mod count;
mod datum;
mod exact_sum;
mod extreme;
mod integer_sum;
mod kind;
mod last;
mod sum;

pub use accumulator::{Accumulator, Shape};
pub use count::Count;
pub use datum::Datum;
pub use exact_sum::ExactSum;
pub use extreme::Extreme;
pub use integer_sum::IntegerSum;
pub use kind::Kind;
pub use last::Last;

#[cfg(test)]
mod tests;
