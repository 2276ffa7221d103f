//! The shell's records: their keys, and how they are written. Append-only: a letter is never used for
//! something else.

use crate::dataflow::{PartitionId, Version};
use crate::types::EventTime;

/// Single records by name, JSON.
const META: u8 = b'm';
/// Where reading stands, by (source, cluster, topic, partition).
const POSITION: u8 = b'p';
/// Rows to deliver, by sequence.
const OUTBOX: u8 = b'o';
/// The newest outbox sequence of a key, `as latest`.
const NEWEST: u8 = b'n';
/// How far a region has acknowledged the outbox.
const CURSOR: u8 = b'c';
/// Records that could not be decoded, by number.
const DEAD_LETTER: u8 = b'd';
/// Rows that a cluster is still to get, by group, cluster, publish and key.
const STRAY: u8 = b's';

/// A partition of a source as the shell knows it. `Ord` is the order of their records.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PartitionKey {
    pub(super) source: String,
    pub(super) cluster: String,
    pub(super) topic: String,
    pub(super) partition: i32,
}

/// Where reading of a partition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) id: PartitionId,
    /// The next offset to read.
    pub(super) next: i64,
    /// The offset at which reading began.
    pub(super) first: i64,
    /// The first offset the log still had when reading began.
    pub(super) log_start: i64,
    /// Where a backfill ends; -1: not fixed.
    pub(super) end: i64,
    /// When that end was fixed.
    pub(super) end_ms: i64,
    /// The timestamp of the first record that was read; -1: none yet.
    pub(super) first_ms: i64,
}

/// A key of a publish, by its number.
pub(super) type PublishedKey = (u16, Vec<u8>);

/// A row to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The publish's number, which is its for the life of the state.
    pub(super) publish: u16,
    pub(super) version: Version,
    pub(super) as_of: EventTime,
    pub(super) key: Vec<u8>,
    /// `None`: tombstone.
    pub(super) payload: Option<Vec<u8>>,
}

pub(super) fn meta_key(name: &str) -> Vec<u8> {
    [&[META], name.as_bytes()].concat()
}

pub(super) fn cursor_key(sink: &str) -> Vec<u8> {
    [&[CURSOR], sink.as_bytes()].concat()
}

pub(super) fn outbox_key(sequence: u64) -> Vec<u8> {
    [&[OUTBOX][..], &sequence.to_be_bytes()].concat()
}

pub(super) fn newest_key(publish: u16, key: &[u8]) -> Vec<u8> {
    [&[NEWEST][..], &publish.to_be_bytes(), key].concat()
}

pub(super) fn dead_letter_key(number: u64) -> Vec<u8> {
    [&[DEAD_LETTER][..], &number.to_be_bytes()].concat()
}

/// Where what the clusters of a group are owed begins and ends, as the bounds of a scan.
pub(super) fn strays(sink: &str) -> (Vec<u8>, Vec<u8>) {
    let from = [&[STRAY], sink.as_bytes(), &[0]].concat();
    let to = [&[STRAY], sink.as_bytes(), &[1]].concat();
    (from, to)
}

/// A row that a cluster is owed. `own` tells rows of one key apart that never take each other's place.
pub(super) fn stray_key(sink: &str, cluster: &str, publish: u16, key: &[u8], own: u64) -> Vec<u8> {
    let mut bytes = strays(sink).0;
    bytes.extend_from_slice(cluster.as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(&publish.to_be_bytes());
    bytes.extend_from_slice(&own.to_be_bytes());
    bytes.extend_from_slice(key);
    bytes
}

/// The cluster and what tells rows apart, from a key of [`stray_key`].
pub(super) fn stray_of<'a>(sink: &str, key: &'a [u8]) -> Option<(&'a str, u64)> {
    let rest = key.get(strays(sink).0.len()..)?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    let (cluster, mut rest) = (std::str::from_utf8(&rest[..end]).ok()?, &rest[end + 1..]);
    let _publish: [u8; 2] = take(&mut rest)?;
    Some((cluster, u64::from_be_bytes(take(&mut rest)?)))
}

pub(super) fn stray_to_bytes(sequence: u64, entry: &Entry) -> Vec<u8> {
    [&sequence.to_be_bytes()[..], &entry.to_bytes()].concat()
}

pub(super) fn stray_from_bytes(mut bytes: &[u8]) -> Option<(u64, Entry)> {
    let sequence = u64::from_be_bytes(take(&mut bytes)?);
    Some((sequence, Entry::from_bytes(bytes)?))
}

/// All positions, as the bounds of a scan.
pub(super) const fn positions() -> ([u8; 1], [u8; 1]) {
    ([POSITION], [POSITION + 1])
}

/// All dead letters, as the bounds of a scan.
pub(super) const fn dead_letters() -> ([u8; 1], [u8; 1]) {
    ([DEAD_LETTER], [DEAD_LETTER + 1])
}

/// The sequence in an outbox key.
pub(super) fn sequence_of(outbox_key: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(outbox_key.get(1..)?.try_into().ok()?))
}

impl PartitionKey {
    /// Names hold no NUL: Kafka and the topology forbid it.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut key = vec![POSITION];
        for part in [&self.source, &self.cluster, &self.topic] {
            key.extend_from_slice(part.as_bytes());
            key.push(0);
        }
        key.extend_from_slice(&self.partition.to_be_bytes());
        key
    }

    pub(super) fn from_bytes(key: &[u8]) -> Option<Self> {
        let (names, partition) = key.get(1..)?.split_last_chunk::<4>()?;
        let text = std::str::from_utf8(names).ok()?.strip_suffix('\0')?;
        let mut parts = text.split('\0').map(str::to_owned);
        let (source, cluster, topic) = (parts.next()?, parts.next()?, parts.next()?);
        let partition = i32::from_be_bytes(*partition);
        parts.next().is_none().then_some(Self { source, cluster, topic, partition })
    }
}

impl Position {
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = self.id.0.to_be_bytes().to_vec();
        for offset in [self.next, self.first, self.log_start, self.end, self.end_ms, self.first_ms] {
            bytes.extend_from_slice(&offset.to_be_bytes());
        }
        bytes
    }

    pub(super) fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let id = PartitionId(u32::from_be_bytes(take(&mut bytes)?));
        let mut offset = || Some(i64::from_be_bytes(take(&mut bytes)?));
        let (next, first, log_start) = (offset()?, offset()?, offset()?);
        let (end, end_ms, first_ms) = (offset()?, offset()?, offset()?);
        Some(Self { id, next, first, log_start, end, end_ms, first_ms })
    }
}

impl Entry {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.publish.to_be_bytes().to_vec();
        for number in [self.version.lease, self.version.start, self.version.seq] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(&self.as_of.0.to_be_bytes());
        bytes.push(u8::from(self.payload.is_some()));
        let key_size = u32::try_from(self.key.len()).expect("a record key is far below 4 GiB");
        bytes.extend_from_slice(&key_size.to_be_bytes());
        bytes.extend_from_slice(&self.key);
        bytes.extend_from_slice(self.payload.as_deref().unwrap_or_default());
        bytes
    }

    pub(super) fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let publish = u16::from_be_bytes(take(&mut bytes)?);
        let mut number = || Some(u64::from_be_bytes(take(&mut bytes)?));
        let version = Version { lease: number()?, start: number()?, seq: number()? };
        let as_of = EventTime(i64::from_be_bytes(take(&mut bytes)?));
        let [has_payload] = take(&mut bytes)?;
        let key_size = u32::from_be_bytes(take(&mut bytes)?) as usize;
        let (key, payload) = bytes.split_at_checked(key_size)?;
        let payload = (has_payload == 1).then(|| payload.to_vec());
        Some(Self { publish, version, as_of, key: key.to_vec(), payload })
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}
