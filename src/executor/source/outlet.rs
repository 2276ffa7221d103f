//! A reader's way to the loop: batches of records, and news in the order in which they hold.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{SendTimeoutError, Sender};
use rdkafka::message::{BorrowedHeaders, Headers as _};

use super::resolve::Declared;
use crate::dataflow::PartitionStatus;

/// Records per message to the loop, at most: few enough that the channel's bound means something in bytes.
pub(in super::super) const BATCH_RECORDS: usize = 250;
const BATCH_BYTES: usize = 1 << 18;
/// How often a reader that waits looks whether it should stop.
pub(super) const STOP_LOOK: Duration = Duration::from_millis(100);

/// What a reader says. Partitions are numbered by the order in which they were declared.
#[derive(Debug)]
pub(in super::super) enum Event {
    Declared(Vec<Declared>),
    /// Topics that the cluster has not got.
    Missing(Vec<String>),
    /// All topics have been found.
    Resolved,
    Records(Vec<RawRecord>),
    Standing {
        slot: usize,
        status: PartitionStatus,
        log_end: i64,
        gap: Option<(i64, i64)>,
    },
    /// What people should know of the cluster as a whole; empty: it answers again.
    Trouble(String),
}

/// A record of the partition with that number.
#[derive(Debug)]
pub(in super::super) struct RawRecord {
    pub(in super::super) slot: usize,
    pub(in super::super) offset: i64,
    pub(in super::super) timestamp_ms: i64,
    pub(in super::super) payload: Vec<u8>,
    /// Of a record without value: its key.
    pub(in super::super) deleted_key: Option<Vec<u8>>,
    pub(in super::super) key: Option<Vec<u8>>,
    pub(in super::super) headers: Headers,
}

/// A record's headers, in order.
pub(in super::super) type Headers = Vec<(String, Option<Vec<u8>>)>;

pub(super) fn owned(headers: &BorrowedHeaders) -> Headers {
    headers.iter().map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec))).collect()
}

/// The reader cannot go on: the loop is gone, or it was told to stop.
pub(super) struct Stopped;

/// The reader's end of its channel.
pub(super) struct Outlet {
    out: Sender<Event>,
    doorbell: Sender<()>,
    stop: Arc<AtomicBool>,
    batch: Vec<RawRecord>,
    batch_bytes: usize,
    batch_records: usize,
    /// What was said last.
    pub(super) trouble: String,
}

impl Outlet {
    pub(super) const fn new(
        out: Sender<Event>,
        doorbell: Sender<()>,
        stop: Arc<AtomicBool>,
        batch_records: usize,
    ) -> Self {
        Self { out, doorbell, stop, batch: Vec::new(), batch_bytes: 0, batch_records, trouble: String::new() }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(super) const fn has_room(&self) -> bool {
        self.batch.len() < self.batch_records && self.batch_bytes < BATCH_BYTES
    }

    pub(super) fn push(&mut self, record: RawRecord) {
        self.batch_bytes += record.payload.len();
        self.batch.push(record);
    }

    /// Hands on what was pushed. News that come after it hold after it.
    pub(super) fn flush(&mut self) -> Result<(), Stopped> {
        self.batch_bytes = 0;
        if self.batch.is_empty() {
            return Ok(());
        }
        let batch = std::mem::take(&mut self.batch);
        self.send(Event::Records(batch))
    }

    /// Tells people, once.
    pub(super) fn say(&mut self, trouble: &str) -> Result<(), Stopped> {
        if self.trouble == trouble {
            return Ok(());
        }
        trouble.clone_into(&mut self.trouble);
        self.send(Event::Trouble(trouble.to_owned()))
    }

    pub(super) fn send(&self, event: Event) -> Result<(), Stopped> {
        let mut event = event;
        loop {
            match self.out.send_timeout(event, STOP_LOOK) {
                Ok(()) => {
                    // Full means that it is ringing already.
                    let _ = self.doorbell.try_send(());
                    return Ok(());
                }
                Err(SendTimeoutError::Timeout(back)) if !self.stop.load(Ordering::Relaxed) => event = back,
                Err(_) => return Err(Stopped),
            }
        }
    }
}
