//! The watermark of each source (rule S11): the least of what its partitions vouch for, never
//! falling. Joins may wait longer for a dead cluster than the deployment does, so W is kept once per
//! (source, patience): a *view*.

use std::collections::BTreeMap;

use crate::types::EventTime;
use crate::types::bytes::{self, Malformed, Reader};

use super::step::{PartitionId, PartitionStatus, PartitionUpdate};

const VERSION: u8 = 1;

/// W of one source for those who wait `hold_for_ms` for a partition that is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct View {
    pub(super) source: usize,
    pub(super) hold_for_ms: i64,
    pub(super) watermark: i64,
}

#[derive(Debug, Clone, Copy)]
struct Partition {
    source: usize,
    status: PartitionStatus,
    /// Event time of the newest event read; `i64::MIN`: none yet.
    newest: i64,
}

/// A source as the clock sees it.
#[derive(Debug, Clone)]
pub(super) struct ClockSource {
    pub(super) name: String,
    pub(super) disorder_ms: i64,
}

/// All partitions and views.
#[derive(Debug, Default)]
pub(super) struct Clock {
    sources: Vec<ClockSource>,
    partitions: BTreeMap<PartitionId, Partition>,
    views: Vec<View>,
    cut: Option<i64>,
}

impl Clock {
    pub(super) fn new(sources: Vec<ClockSource>, cut: Option<EventTime>) -> Self {
        Self { sources, cut: cut.map(EventTime::millis), ..Self::default() }
    }

    /// The view of a source for that patience, made if there is none.
    pub(super) fn view(&mut self, source: usize, hold_for_ms: i64) -> usize {
        let found =
            self.views.iter().position(|view| (view.source, view.hold_for_ms) == (source, hold_for_ms));
        found.unwrap_or_else(|| {
            // A view that is new to an old state starts where the source has been.
            let of_source = self.views.iter().filter(|view| view.source == source);
            let watermark = of_source.map(|view| view.watermark).min().unwrap_or(i64::MIN);
            self.views.push(View { source, hold_for_ms, watermark });
            self.views.len() - 1
        })
    }

    pub(super) fn watermark(&self, view: usize) -> i64 {
        self.views[view].watermark
    }

    /// The source of a declared partition.
    pub(super) fn source_of(&self, partition: PartitionId) -> Option<usize> {
        self.partitions.get(&partition).map(|partition| partition.source)
    }

    /// Takes note of a partition; updates of sources that the plan does not read are ignored.
    pub(super) fn update(&mut self, update: &PartitionUpdate) {
        let Some(source) = self.sources.iter().position(|source| source.name == update.source) else {
            return;
        };
        let partition = self.partitions.entry(update.partition).or_insert(Partition {
            source,
            status: update.status,
            newest: i64::MIN,
        });
        partition.status = update.status;
    }

    /// An event of that time was read.
    pub(super) fn saw(&mut self, partition: PartitionId, ts: i64) {
        if let Some(partition) = self.partitions.get_mut(&partition) {
            partition.newest = partition.newest.max(ts);
        }
    }

    /// Moves every view on.
    pub(super) fn advance(&mut self, now_ms: i64) {
        for i in 0..self.views.len() {
            let reached = self.reached(self.views[i], now_ms);
            self.views[i].watermark = self.views[i].watermark.max(reached);
        }
    }

    /// Every watermark to the cut: all events before it are here.
    pub(super) fn finish(&mut self) {
        if let Some(cut) = self.cut {
            for view in &mut self.views {
                view.watermark = view.watermark.max(cut - 1);
            }
        }
    }

    fn reached(&self, view: View, now_ms: i64) -> i64 {
        let mut least: Option<i64> = None;
        let mut ended = false;
        for partition in self.partitions.values().filter(|partition| partition.source == view.source) {
            ended |= partition.status == PartitionStatus::Ended;
            if let Some(vouched) = self.vouches(partition, view.hold_for_ms, now_ms) {
                least = Some(least.map_or(vouched, |least| least.min(vouched)));
            }
        }
        // The end of input is not a time: only a cut says up to where nothing is missing.
        let end = if ended { self.cut.map(|cut| cut - 1) } else { None };
        let reached = least.or(end).unwrap_or(i64::MIN);
        self.cut.map_or(reached, |cut| reached.min(cut - 1))
    }

    /// Up to where a partition vouches that all is here; `None`: it does not hold W.
    fn vouches(&self, partition: &Partition, hold_for_ms: i64, now_ms: i64) -> Option<i64> {
        let disorder = self.sources[partition.source].disorder_ms;
        let read = partition.newest.saturating_sub(disorder);
        match partition.status {
            PartitionStatus::Live => Some(read),
            PartitionStatus::Quiet { now_ms } => Some(read.max(now_ms.saturating_sub(disorder))),
            PartitionStatus::Down { since_ms } => {
                (now_ms.saturating_sub(since_ms) <= hold_for_ms).then_some(read)
            }
            PartitionStatus::Ended => None,
        }
    }

    /// Partitions that were down longer than `hold_for_ms`.
    pub(super) fn missing(&self, hold_for_ms: i64, now_ms: i64) -> Vec<PartitionId> {
        let down_too_long = |partition: &Partition| match partition.status {
            PartitionStatus::Down { since_ms } => now_ms.saturating_sub(since_ms) > hold_for_ms,
            PartitionStatus::Live | PartitionStatus::Quiet { .. } | PartitionStatus::Ended => false,
        };
        self.partitions.iter().filter(|(_, partition)| down_too_long(partition)).map(|(id, _)| *id).collect()
    }

    /// Partitions with their newest event, and views, by source name. Statuses are told anew after
    /// each open.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(VERSION);
        bytes::put_u64(out, self.partitions.len() as u64);
        for (id, partition) in &self.partitions {
            bytes::put_u64(out, u64::from(id.0));
            bytes::put_bytes(out, self.sources[partition.source].name.as_bytes());
            bytes::put_i64(out, partition.newest);
        }
        bytes::put_u64(out, self.views.len() as u64);
        for view in &self.views {
            bytes::put_bytes(out, self.sources[view.source].name.as_bytes());
            bytes::put_i64(out, view.hold_for_ms);
            bytes::put_i64(out, view.watermark);
        }
    }

    /// Takes over what [`Self::write`] has written; what belongs to no source any more is forgotten.
    pub(super) fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        if reader.u8()? != VERSION {
            return Err(Malformed);
        }
        for _ in 0..reader.len()? {
            let id = PartitionId(u32::try_from(reader.u64()?).map_err(|_| Malformed)?);
            let source = self.source(reader.text()?);
            let newest = reader.i64()?;
            if let Some(source) = source {
                self.partitions.insert(id, Partition { source, status: PartitionStatus::Live, newest });
            }
        }
        for _ in 0..reader.len()? {
            let source = self.source(reader.text()?);
            let (hold_for_ms, watermark) = (reader.i64()?, reader.i64()?);
            if let Some(source) = source {
                self.views.push(View { source, hold_for_ms, watermark });
            }
        }
        Ok(())
    }

    fn source(&self, name: &str) -> Option<usize> {
        self.sources.iter().position(|source| source.name == name)
    }

    pub(super) fn set_cut(&mut self, cut: EventTime) {
        self.cut = Some(cut.0);
    }

    pub(super) fn newest_event(&self) -> Option<i64> {
        let newest = self.partitions.values().map(|partition| partition.newest).max();
        newest.filter(|newest| *newest > i64::MIN)
    }

    /// The newest W of all.
    pub(super) fn newest(&self) -> i64 {
        self.views.iter().map(|view| view.watermark).max().unwrap_or(i64::MIN)
    }
}
