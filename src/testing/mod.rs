//! Runs the tests inside definitions: their events through the engine's operators, their expectations
//! against what came out, cell by cell.
//!
//! Knows no file and no printing: `cli` reads the project and shows the verdicts.
#![deny(clippy::disallowed_methods)]

mod compare;
mod prepare;
mod record;
mod run;
mod verdict;

pub use record::{RecordError, Recorded, Recording, record};
pub use run::{Definitions, run};
pub use verdict::{CellDifference, Failure, Verdict};
