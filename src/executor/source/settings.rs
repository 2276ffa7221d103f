//! What one reader is told.

use super::super::gap::AcceptedGap;
use super::super::partitions::Halted;
use super::super::tables::{PartitionKey, Position};
use super::super::wiring::ReaderWiring;
use super::resolve::{Bound, Origin};

/// What one reader reads.
pub(in super::super) struct Settings {
    pub(in super::super) wiring: ReaderWiring,
    /// The consumer group in which offsets are shown.
    pub(in super::super) group: String,
    pub(in super::super) known: Vec<(PartitionKey, Position)>,
    pub(in super::super) origin: Origin,
    pub(in super::super) bound: Bound,
    pub(in super::super) accepted_gaps: Vec<AcceptedGap>,
    /// Partitions of which nothing is wanted any more.
    pub(in super::super) halted: Halted,
    /// Records that are handed on at once, at most.
    pub(in super::super) batch_records: usize,
}
