//! `Fetch`: whole batches, within the client's byte limits; a request that finds too little is held until
//! more arrives.

use std::time::Duration;

use krafka::error::ErrorCode;

use super::PerTopic;
use crate::executor::embedded::store::Store;
use crate::executor::embedded::wire::{Malformed, Reader, Writer};

/// A decoded request.
pub(in crate::executor::embedded) struct Request {
    wait: Duration,
    bytes_min: usize,
    bytes_max: usize,
    topics: Vec<PerTopic<Position>>,
}

struct Position {
    partition: i32,
    offset: i64,
    bytes_max: usize,
}

struct Answer {
    partition: i32,
    error: ErrorCode,
    log_start: i64,
    next_offset: i64,
    records: Vec<u8>,
}

/// What a request found at one moment.
pub(in crate::executor::embedded) struct Found {
    topics: Vec<PerTopic<Answer>>,
    bytes: usize,
    failed: bool,
}

impl Request {
    pub(in crate::executor::embedded) fn read(
        reader: &mut Reader<'_>,
        version: i16,
    ) -> Result<Self, Malformed> {
        reader.i32()?; // replica id: all clients are consumers
        let wait = Duration::from_millis(u64::try_from(reader.i32()?).unwrap_or(0));
        let (bytes_min, bytes_max) = (bytes(reader.i32()?), bytes(reader.i32()?));
        reader.i8()?; // isolation level: without transactions all records are committed
        if version >= 7 {
            reader.i32()?; // session: none is ever handed out, so each request is complete
            reader.i32()?;
        }
        let topics = PerTopic::read(reader, |reader| Position::read(reader, version))?;
        // What follows is about sessions and racks.
        Ok(Self { wait, bytes_min, bytes_max, topics })
    }

    /// How long the request may be held.
    pub(in crate::executor::embedded) fn wait(&self) -> Duration {
        self.wait
    }

    /// Whether the request must not be held any longer.
    pub(in crate::executor::embedded) fn is_satisfied_by(&self, found: &Found) -> bool {
        found.failed || found.bytes >= self.bytes_min
    }

    /// Looks up every partition.
    pub(in crate::executor::embedded) fn find(&self, store: &Store) -> Found {
        let mut found = Found { topics: Vec::new(), bytes: 0, failed: false };
        for topic in &self.topics {
            let mut partitions = Vec::new();
            for position in &topic.partitions {
                let left = self.bytes_max.saturating_sub(found.bytes).min(position.bytes_max);
                let answer = read(store, &topic.name, position, left, found.bytes == 0);
                found.bytes += answer.records.len();
                found.failed |= answer.error != ErrorCode::None;
                partitions.push(answer);
            }
            found.topics.push(PerTopic { name: topic.name.clone(), partitions });
        }
        found
    }
}

impl Position {
    fn read(reader: &mut Reader<'_>, version: i16) -> Result<Self, Malformed> {
        let partition = reader.i32()?;
        if version >= 9 {
            reader.i32()?; // leader epoch: there is one leader for ever
        }
        let offset = reader.i64()?;
        if version >= 5 {
            reader.i64()?; // a follower's log start
        }
        Ok(Self { partition, offset, bytes_max: bytes(reader.i32()?) })
    }
}

impl Found {
    /// The response's body.
    pub(in crate::executor::embedded) fn write(&self, version: i16) -> Vec<u8> {
        let mut out = Writer::default();
        out.i32(0); // throttle
        if version >= 7 {
            out.i16(ErrorCode::None.to_i16());
            out.i32(0); // no session
        }
        out.array(&self.topics, |out, topic| {
            out.string(&topic.name);
            out.array(&topic.partitions, |out, answer| answer.write(out, version));
        });
        out.finish()
    }
}

impl Answer {
    fn write(&self, out: &mut Writer, version: i16) {
        out.i32(self.partition);
        out.i16(self.error.to_i16());
        out.i64(self.next_offset); // high watermark
        out.i64(self.next_offset); // last stable offset
        if version >= 5 {
            out.i64(self.log_start);
        }
        out.i32(0); // no aborted transactions
        if version >= 11 {
            out.i32(-1); // no preferred replica
        }
        out.bytes(&self.records);
    }
}

fn bytes(count: i32) -> usize {
    usize::try_from(count).unwrap_or(0)
}

fn read(store: &Store, topic: &str, position: &Position, bytes_max: usize, at_least_one: bool) -> Answer {
    let mut answer = Answer {
        partition: position.partition,
        error: ErrorCode::None,
        log_start: -1,
        next_offset: -1,
        records: Vec::new(),
    };
    let Some(partition) = store.partition(topic, position.partition) else {
        return Answer { error: ErrorCode::UnknownTopicOrPartition, ..answer };
    };
    (answer.log_start, answer.next_offset) = (partition.log_start(), partition.next_offset());
    if !(answer.log_start..=answer.next_offset).contains(&position.offset) {
        return Answer { error: ErrorCode::OffsetOutOfRange, ..answer };
    }
    match partition.read(position.offset, bytes_max, at_least_one) {
        Ok(records) => answer.records = records,
        Err(error) => {
            tracing::error!(%error, topic, "cannot read a partition");
            answer.error = ErrorCode::KafkaStorageException;
        }
    }
    answer
}
