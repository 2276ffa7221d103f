//! A single-process runner over files: previews, tests of definitions, property tests. The operators
//! are those of the executor; only the readers and the clock are simpler.

mod avro_in;
mod cell;
mod error;
mod files;
mod parquet_in;
mod parquet_out;
mod payload;
mod runner;
mod scenario;
mod training;

pub use error::Error;
pub use files::{Feed, Raw, arrives_with_its_time, read_file, read_history};
pub use parquet_out::parquet;
pub use payload::payload;
pub use runner::{Options, Outcome, Refused, Table, run};
pub use scenario::{Happening, Played, play, sources};
pub use training::{View, training_rows};

#[cfg(test)]
mod tests;
