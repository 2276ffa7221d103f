//! `DeleteRecords`: moves the start of a log, the way to make a gap on purpose. The bytes stay in the file.

use krafka::error::ErrorCode;

use super::PerTopic;
use crate::executor::embedded::error::Error;
use crate::executor::embedded::store::Store;
use crate::executor::embedded::wire::{Malformed, Reader, Writer};

/// A decoded request.
pub(in crate::executor::embedded) struct Request {
    topics: Vec<PerTopic<Before>>,
}

struct Before {
    partition: i32,
    offset: i64,
}

impl Request {
    pub(in crate::executor::embedded) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let topics =
            PerTopic::read(reader, |reader| Ok(Before { partition: reader.i32()?, offset: reader.i64()? }))?;
        Ok(Self { topics })
    }

    /// Moves the starts, writes them down, and returns the response's body.
    pub(in crate::executor::embedded) fn serve(&self, store: &mut Store) -> Result<Vec<u8>, Error> {
        let mut out = Writer::default();
        out.i32(0); // throttle
        out.array(&self.topics, |out, topic| {
            out.string(&topic.name);
            out.array(&topic.partitions, |out, before| {
                let (error, low_watermark) = delete(store, &topic.name, before);
                out.i32(before.partition);
                out.i64(low_watermark);
                out.i16(error.to_i16());
            });
        });
        store.save_log_starts()?;
        Ok(out.finish())
    }
}

fn delete(store: &mut Store, topic: &str, before: &Before) -> (ErrorCode, i64) {
    let Some(partition) = store.partition_mut(topic, before.partition) else {
        return (ErrorCode::UnknownTopicOrPartition, -1);
    };
    partition
        .delete_before(before.offset)
        .map_or((ErrorCode::OffsetOutOfRange, -1), |start| (ErrorCode::None, start))
}
