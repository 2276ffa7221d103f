//! `Produce`: a batch is in the file before it is acknowledged.

use krafka::error::ErrorCode;

use super::PerTopic;
use crate::executor::embedded::partition::Refused;
use crate::executor::embedded::store::Store;
use crate::executor::embedded::wire::{Malformed, Reader, Writer};

/// A decoded request.
pub(in crate::executor::embedded) struct Request<'a> {
    acks: i16,
    topics: Vec<PerTopic<Records<'a>>>,
}

struct Records<'a> {
    partition: i32,
    batch: Option<&'a [u8]>,
}

struct Answer {
    partition: i32,
    error: ErrorCode,
    base_offset: i64,
    log_start: i64,
}

impl<'a> Request<'a> {
    pub(in crate::executor::embedded) fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        reader.nullable_string()?; // transactional id: the batches tell
        let acks = reader.i16()?;
        reader.i32()?; // timeout: nothing is waited for
        let topics = PerTopic::read(reader, |reader| {
            Ok(Records { partition: reader.i32()?, batch: reader.nullable_bytes()? })
        })?;
        Ok(Self { acks, topics })
    }

    /// A producer with `acks=0` gets no response at all.
    pub(in crate::executor::embedded) fn wants_response(&self) -> bool {
        self.acks != 0
    }

    /// Appends every batch and returns the response's body.
    pub(in crate::executor::embedded) fn serve(&self, version: i16, store: &mut Store) -> Vec<u8> {
        let mut out = Writer::default();
        out.array(&self.topics, |out, topic| {
            out.string(&topic.name);
            let answers: Vec<_> =
                topic.partitions.iter().map(|records| append(store, &topic.name, records)).collect();
            out.array(&answers, |out, answer| write(out, answer, version));
        });
        out.i32(0); // throttle
        out.finish()
    }
}

fn append(store: &mut Store, topic: &str, records: &Records<'_>) -> Answer {
    let mut answer =
        Answer { partition: records.partition, error: ErrorCode::None, base_offset: -1, log_start: -1 };
    let Some(partition) = store.partition_mut(topic, records.partition) else {
        return Answer { error: ErrorCode::UnknownTopicOrPartition, ..answer };
    };
    answer.log_start = partition.log_start();
    match partition.append(records.batch.unwrap_or_default()) {
        Ok(offset) => answer.base_offset = offset,
        Err(refused) => answer.error = code(&refused),
    }
    answer
}

fn code(refused: &Refused) -> ErrorCode {
    match refused {
        Refused::Corrupt => ErrorCode::CorruptMessage,
        Refused::Transactional => ErrorCode::InvalidTxnState,
        Refused::Fenced => ErrorCode::InvalidProducerEpoch,
        Refused::Gap => ErrorCode::OutOfOrderSequenceNumber,
        Refused::Storage(error) => {
            tracing::error!(%error, "cannot write to a partition");
            ErrorCode::KafkaStorageException
        }
    }
}

fn write(out: &mut Writer, answer: &Answer, version: i16) {
    out.i32(answer.partition);
    out.i16(answer.error.to_i16());
    out.i64(answer.base_offset);
    out.i64(-1); // log append time: records keep the time their producer gave them
    if version >= 5 {
        out.i64(answer.log_start);
    }
    if version >= 8 {
        out.i32(0); // no errors of single records
        out.null_string();
    }
}
