//! Reading: one client and one thread per cluster, a pure state machine per partition, and a bounded channel
//! from each reader to the step loop. Clusters fail apart: nothing here waits for another cluster.

mod merge;
mod outlet;
mod partition;
mod reader;
mod resolve;
mod settings;

#[cfg(test)]
mod tests;

pub(super) use merge::{Gathered, Readers};
pub(super) use outlet::{BATCH_RECORDS, Event, Headers};
pub(super) use resolve::{Bound, Declared, Origin};
pub(super) use settings::Settings;
