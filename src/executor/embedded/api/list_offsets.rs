//! `ListOffsets`: the ends of a log, and the first record at or after a time.

use krafka::error::ErrorCode;

use super::PerTopic;
use crate::executor::embedded::decoder::Decoder;
use crate::executor::embedded::partition::Partition;
use crate::executor::embedded::store::Store;
use crate::executor::embedded::wire::{Malformed, Reader, Writer};

/// Asks for the offset that the next record will get.
const LATEST: i64 = -1;
/// Asks for the first offset that can be read.
const EARLIEST: i64 = -2;

/// A decoded request.
pub(in crate::executor::embedded) struct Request {
    topics: Vec<PerTopic<Question>>,
}

struct Question {
    partition: i32,
    timestamp: i64,
}

struct Answer {
    partition: i32,
    error: ErrorCode,
    timestamp: i64,
    offset: i64,
}

impl Request {
    pub(in crate::executor::embedded) fn read(
        reader: &mut Reader<'_>,
        version: i16,
    ) -> Result<Self, Malformed> {
        reader.i32()?; // replica id
        if version >= 2 {
            reader.i8()?; // isolation level
        }
        let topics = PerTopic::read(reader, |reader| {
            let partition = reader.i32()?;
            if version >= 4 {
                reader.i32()?; // leader epoch
            }
            Ok(Question { partition, timestamp: reader.i64()? })
        })?;
        Ok(Self { topics })
    }

    /// Returns the response's body.
    pub(in crate::executor::embedded) fn serve(
        &self,
        version: i16,
        store: &Store,
        decoder: &Decoder,
    ) -> Vec<u8> {
        let mut out = Writer::default();
        if version >= 2 {
            out.i32(0); // throttle
        }
        out.array(&self.topics, |out, topic| {
            out.string(&topic.name);
            out.array(&topic.partitions, |out, question| {
                write(out, &answer(store, decoder, &topic.name, question), version);
            });
        });
        out.finish()
    }
}

fn answer(store: &Store, decoder: &Decoder, topic: &str, question: &Question) -> Answer {
    let mut answer =
        Answer { partition: question.partition, error: ErrorCode::None, timestamp: -1, offset: -1 };
    let Some(partition) = store.partition(topic, question.partition) else {
        return Answer { error: ErrorCode::UnknownTopicOrPartition, ..answer };
    };
    match question.timestamp {
        LATEST => answer.offset = partition.next_offset(),
        EARLIEST => answer.offset = partition.log_start(),
        timestamp => match first_at(partition, decoder, timestamp) {
            Ok(Some(found)) => (answer.offset, answer.timestamp) = found,
            Ok(None) => {} // -1: nothing is that young
            Err(error) => {
                tracing::error!(%error, topic, "cannot look up a time");
                answer.error = ErrorCode::KafkaStorageException;
            }
        },
    }
    answer
}

fn first_at(
    partition: &Partition,
    decoder: &Decoder,
    timestamp: i64,
) -> Result<Option<(i64, i64)>, Box<dyn std::error::Error>> {
    let mut from = partition.log_start();
    // More than one round only where `DeleteRecords` cut a batch in two and the record that counts is in the
    // part that is gone.
    while let Some((batch, last_offset)) = partition.batch_at(timestamp, from)? {
        if let Some(found) = decoder.first_at(batch, timestamp, from)? {
            return Ok(Some(found));
        }
        from = last_offset + 1;
    }
    Ok(None)
}

fn write(out: &mut Writer, answer: &Answer, version: i16) {
    out.i32(answer.partition);
    out.i16(answer.error.to_i16());
    out.i64(answer.timestamp);
    out.i64(answer.offset);
    if version >= 4 {
        out.i32(0); // leader epoch
    }
}
