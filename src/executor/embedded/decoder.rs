//! Looks into a record batch for one record's timestamp. Batches may be compressed in any of Kafka's ways,
//! and krafka can undo them all, but shows that only through its test broker: a batch is put into the log of
//! one that nobody can connect to, and read back.

use krafka::testing::FakeBroker;

const TOPIC: &str = "batch";

/// Finds records in batches.
pub(super) struct Decoder {
    broker: FakeBroker,
}

impl Decoder {
    pub(super) fn new() -> Self {
        let broker = FakeBroker::start_in_memory(1);
        broker.create_topic(TOPIC, 1);
        Self { broker }
    }

    /// Offset and timestamp of the first record of `batch` that is at or after both `timestamp` and `from`.
    pub(super) fn first_at(
        &self,
        batch: Vec<u8>,
        timestamp: i64,
        from: i64,
    ) -> Result<Option<(i64, i64)>, krafka::error::KrafkaError> {
        self.broker.with_state(|state| {
            if let Some(partition) = state.partition_mut(TOPIC, 0) {
                partition.log = vec![batch.into()];
            }
        });
        let records = self.broker.all_records(TOPIC)?;
        let found = records.iter().find(|record| record.offset >= from && record.timestamp >= timestamp);
        Ok(found.map(|record| (record.offset, record.timestamp)))
    }
}
