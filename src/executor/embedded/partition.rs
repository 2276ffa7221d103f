//! One partition: a file of record batches, one behind the other, and an index in memory. The file is the
//! journal: a batch is acknowledged after it was written. Batches carry their length and a checksum, so a
//! torn tail shows when the file is opened.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::batch;
use super::producers::{Producers, Verdict};

/// The log of one partition.
pub(super) struct Partition {
    file: File,
    /// Where the next batch goes. The file may be longer after a failed write; what is beyond does not count.
    end: u64,
    /// Every batch in order of offset.
    index: Vec<Entry>,
    /// The first offset that may still be read; only `DeleteRecords` moves it.
    log_start: i64,
    next_offset: i64,
    producers: Producers,
}

#[derive(Clone, Copy)]
struct Entry {
    last_offset: i64,
    position: u64,
    size: usize,
    max_timestamp: i64,
}

/// Why a batch was not written.
#[derive(Debug)]
pub(super) enum Refused {
    /// The bytes are not one whole batch.
    Corrupt,
    /// A transactional batch.
    Transactional,
    /// From a producer that was replaced.
    Fenced,
    /// A batch before it is missing.
    Gap,
    /// The disk said no.
    Storage(io::Error),
}

impl Partition {
    /// Opens or creates the file, reads every batch once, and cuts off a torn tail.
    pub(super) fn open(path: &Path, log_start: i64) -> io::Result<Self> {
        let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        let length = file.metadata()?.len();
        let mut partition = Self {
            file,
            end: 0,
            index: Vec::new(),
            log_start,
            next_offset: 0,
            producers: Producers::default(),
        };
        let mut reader = BufReader::with_capacity(1 << 20, partition.file.try_clone()?);
        while let Some(header) = read_batch(&mut reader, length - partition.end)? {
            if header.base_offset != partition.next_offset {
                break;
            }
            partition.note(&header, header.base_offset);
        }
        if partition.end < length {
            tracing::warn!(path = %path.display(), bytes = length - partition.end, "cut off a torn tail");
            partition.file.set_len(partition.end)?;
        }
        Ok(partition)
    }

    pub(super) fn log_start(&self) -> i64 {
        self.log_start
    }

    pub(super) fn next_offset(&self) -> i64 {
        self.next_offset
    }

    /// Drops what is before `offset`; -1 means everything. `None` if the log does not reach that far.
    pub(super) fn delete_before(&mut self, offset: i64) -> Option<i64> {
        let offset = if offset == -1 { self.next_offset } else { offset };
        if !(0..=self.next_offset).contains(&offset) {
            return None;
        }
        self.log_start = self.log_start.max(offset);
        Some(self.log_start)
    }

    /// Writes a batch and returns its offset. A batch that an idempotent producer sent again keeps the offset
    /// it had.
    pub(super) fn append(&mut self, records: &[u8]) -> Result<i64, Refused> {
        let header =
            batch::Header::read(records).filter(|header| header.is_sound(records)).ok_or(Refused::Corrupt)?;
        if header.is_transactional() {
            return Err(Refused::Transactional);
        }
        match self.producers.judge(&header) {
            Verdict::Append => {}
            Verdict::Duplicate(offset) => return Ok(offset),
            Verdict::Fenced => return Err(Refused::Fenced),
            Verdict::Gap => return Err(Refused::Gap),
        }
        let mut stamped = records.to_vec();
        let base_offset = self.next_offset;
        batch::stamp(&mut stamped, base_offset);
        self.file.write_all_at(&stamped, self.end).map_err(Refused::Storage)?;
        self.note(&header, base_offset);
        Ok(base_offset)
    }

    /// The batches from the one that holds `offset`, up to `bytes_max` bytes. With `at_least_one` the first
    /// batch comes whatever its size.
    pub(super) fn read(&self, offset: i64, bytes_max: usize, at_least_one: bool) -> io::Result<Vec<u8>> {
        let first = self.index.partition_point(|entry| entry.last_offset < offset);
        let mut size = 0;
        for entry in &self.index[first..] {
            let forced = size == 0 && at_least_one;
            if size + entry.size > bytes_max && !forced {
                break;
            }
            size += entry.size;
        }
        self.read_bytes(self.index.get(first).map_or(self.end, |entry| entry.position), size)
    }

    /// The first batch that holds a record at or after `timestamp` and reaches to offset `from`, and the
    /// offset of its last record.
    pub(super) fn batch_at(&self, timestamp: i64, from: i64) -> io::Result<Option<(Vec<u8>, i64)>> {
        let reaches = |entry: &&Entry| entry.last_offset >= from && entry.max_timestamp >= timestamp;
        let Some(entry) = self.index.iter().find(reaches) else { return Ok(None) };
        Ok(Some((self.read_bytes(entry.position, entry.size)?, entry.last_offset)))
    }

    fn read_bytes(&self, position: u64, size: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; size];
        self.file.read_exact_at(&mut bytes, position)?;
        Ok(bytes)
    }

    /// Takes a batch that stands at the end of the file into the index.
    fn note(&mut self, header: &batch::Header, base_offset: i64) {
        let last_offset = base_offset + i64::from(header.last_offset_delta);
        let (position, size) = (self.end, header.size());
        self.index.push(Entry { last_offset, position, size, max_timestamp: header.max_timestamp });
        self.producers.remember(header, base_offset);
        self.end += size as u64;
        self.next_offset = last_offset + 1;
    }
}

/// Reads one batch if `left` bytes hold a whole and sound one.
fn read_batch(reader: &mut impl Read, left: u64) -> io::Result<Option<batch::Header>> {
    if left < batch::HEADER_BYTES as u64 {
        return Ok(None);
    }
    let mut bytes = vec![0; batch::HEADER_BYTES];
    reader.read_exact(&mut bytes)?;
    let Some(header) = batch::Header::read(&bytes).filter(|header| header.size() as u64 <= left) else {
        return Ok(None);
    };
    bytes.resize(header.size(), 0);
    reader.read_exact(&mut bytes[batch::HEADER_BYTES..])?;
    Ok(header.is_sound(&bytes).then_some(header))
}
