//! A single-process runner over files: previews, tests of definitions, property tests. The operators
//! are those of the executor; only the readers and the clock are simpler.

mod error;
mod files;
mod runner;

pub use error::Error;
pub use files::{Feed, Raw, read_file};
pub use runner::{Options, Outcome, Refused, Table, run};

#[cfg(test)]
mod tests;
