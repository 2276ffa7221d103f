//! A single-process runner over files: previews, tests of definitions, property tests. The operators
//! are those of the executor; only the readers and the clock are simpler.

mod error;
mod files;
mod payload;
mod runner;
mod scenario;

pub use error::Error;
pub use files::{Feed, Raw, read_file};
pub use payload::payload;
pub use runner::{Options, Outcome, Refused, Table, run};
pub use scenario::{Happening, Played, play, sources};

#[cfg(test)]
mod tests;
