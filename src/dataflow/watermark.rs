//! Watermarks (rule S11): of a source the least of what its partitions vouch for, of several sources
//! the least of theirs, behind a lookup no more than the oldest row that waits there allows; never
//! falling. Joins may wait longer for a dead cluster than the deployment does, so W is kept once per
//! (what rows come through, patience): a *view*.

use std::collections::BTreeMap;

use crate::types::EventTime;
use crate::types::bytes::{self, Malformed, Reader};

use super::program::Above;
use super::step::{PartitionId, PartitionStatus, PartitionUpdate};

/// Version 1 had one source per view and no lookups.
const VERSION: u8 = 2;

/// W for those whose rows come through `above` and who wait `hold_for_ms` for a partition that is down.
#[derive(Debug, Clone, PartialEq, Eq)]
struct View {
    above: Above,
    hold_for_ms: i64,
    watermark: i64,
}

#[derive(Debug, Clone, Copy)]
struct Partition {
    source: usize,
    status: PartitionStatus,
    /// Event time of the newest event read; `i64::MIN`: none yet.
    newest: i64,
    /// Whether it has ever been read to its end.
    was_read: bool,
}

/// Up to where a source vouches that all is here.
enum Reach {
    To(i64),
    /// Its input has an end, and that is no time.
    Ended,
    /// All of it has been down too long: nobody waits for it, and it vouches for nothing.
    Missing,
}

/// A source as the clock sees it.
#[derive(Debug, Clone)]
pub(super) struct ClockSource {
    pub(super) name: String,
    pub(super) disorder_ms: i64,
    /// Its rows hold at all times: complete once every partition has been read to its end.
    pub(super) is_static: bool,
    /// Its rows are no events that a run could end after.
    pub(super) is_table: bool,
}

/// All partitions and views.
#[derive(Debug, Default)]
pub(super) struct Clock {
    sources: Vec<ClockSource>,
    partitions: BTreeMap<PartitionId, Partition>,
    views: Vec<View>,
    cut: Option<i64>,
    /// All events before the cut are here.
    is_finished: bool,
}

impl Clock {
    pub(super) fn new(sources: Vec<ClockSource>, cut: Option<EventTime>) -> Self {
        Self { sources, cut: cut.map(EventTime::millis), ..Self::default() }
    }

    /// The view of what comes through `above` for that patience, made if there is none.
    pub(super) fn view(&mut self, above: &Above, hold_for_ms: i64) -> usize {
        let is_it = |view: &View| view.above == *above && view.hold_for_ms == hold_for_ms;
        self.views.iter().position(is_it).unwrap_or_else(|| {
            // A view that is new to an old state starts where its rows have been.
            let alike = self.views.iter().filter(|view| view.above == *above);
            let watermark = alike.map(|view| view.watermark).min().unwrap_or(i64::MIN);
            self.views.push(View { above: above.clone(), hold_for_ms, watermark });
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
            was_read: false,
        });
        partition.status = update.status;
        partition.was_read |= matches!(update.status, PartitionStatus::Quiet { .. } | PartitionStatus::Ended);
    }

    /// An event of that time was read.
    pub(super) fn saw(&mut self, partition: PartitionId, ts: i64) {
        if let Some(partition) = self.partitions.get_mut(&partition) {
            partition.newest = partition.newest.max(ts);
        }
    }

    /// Moves the views on that wait for no lookup.
    pub(super) fn advance(&mut self, now_ms: i64) {
        self.advance_where(now_ms, Above::is_direct, |_| i64::MAX);
    }

    /// Moves the views behind lookups on, none past the oldest row that waits; `oldest`: by lookup.
    pub(super) fn advance_behind(&mut self, now_ms: i64, oldest: &[i64]) {
        let held = |above: &Above| {
            let oldest = above.lookups.iter().map(|lookup| oldest[*lookup]).min().unwrap_or(i64::MAX);
            if oldest == i64::MAX { oldest } else { oldest.saturating_sub(1) }
        };
        self.advance_where(now_ms, |above| !above.is_direct(), held);
    }

    fn advance_where(&mut self, now_ms: i64, which: fn(&Above) -> bool, held: impl Fn(&Above) -> i64) {
        for i in 0..self.views.len() {
            if which(&self.views[i].above) {
                let reached = self.reached(&self.views[i], now_ms).min(held(&self.views[i].above));
                self.views[i].watermark = self.views[i].watermark.max(reached);
            }
        }
    }

    /// All events before the cut are here: nothing else is waited for.
    pub(super) fn finish(&mut self) {
        self.is_finished = self.cut.is_some();
    }

    fn reached(&self, view: &View, now_ms: i64) -> i64 {
        let each = view.above.sources.iter();
        let reaches: Vec<Reach> = each.map(|source| self.reach(*source, view.hold_for_ms, now_ms)).collect();
        let to = |reach: &Reach| if let Reach::To(to) = reach { Some(*to) } else { None };
        match reaches.iter().filter_map(to).min() {
            // Beside others one that has ended or is missing holds nobody.
            Some(least) => least,
            None if reaches.iter().any(|reach| matches!(reach, Reach::Missing)) => i64::MIN,
            // The end of input is not a time: only a cut says up to where nothing is missing.
            None => self.cut.map_or(i64::MIN, |cut| cut - 1),
        }
    }

    fn reach(&self, source: usize, hold_for_ms: i64, now_ms: i64) -> Reach {
        let of_source = || self.partitions.values().filter(|partition| partition.source == source);
        if self.sources[source].is_static {
            let is_read = of_source().next().is_some() && of_source().all(|partition| partition.was_read);
            return Reach::To(if is_read || self.is_finished { i64::MAX } else { i64::MIN });
        }
        if let (true, Some(cut)) = (self.is_finished, self.cut) {
            return Reach::To(cut - 1);
        }
        let vouched = of_source().filter_map(|partition| self.vouches(partition, hold_for_ms, now_ms)).min();
        match vouched {
            Some(vouched) => Reach::To(self.cut.map_or(vouched, |cut| vouched.min(cut - 1))),
            None if of_source().any(|partition| partition.status == PartitionStatus::Ended) => Reach::Ended,
            None if of_source().next().is_some() => Reach::Missing,
            None => Reach::To(i64::MIN),
        }
    }

    /// Up to where a partition vouches that all is here; `None`: it does not hold W.
    fn vouches(&self, partition: &Partition, hold_for_ms: i64, now_ms: i64) -> Option<i64> {
        let disorder = self.sources[partition.source].disorder_ms;
        let read = partition.newest.saturating_sub(disorder);
        match partition.status {
            PartitionStatus::Live => Some(read),
            PartitionStatus::Quiet { now_ms } => Some(read.max(now_ms.saturating_sub(disorder))),
            PartitionStatus::Down { since_ms } | PartitionStatus::Pinned { since_ms } => {
                (now_ms.saturating_sub(since_ms) <= hold_for_ms).then_some(read)
            }
            PartitionStatus::Ended => None,
        }
    }

    /// Partitions that were down or pinned longer than `hold_for_ms`.
    pub(super) fn missing(&self, hold_for_ms: i64, now_ms: i64) -> Vec<PartitionId> {
        let down_too_long = |partition: &Partition| match partition.status {
            PartitionStatus::Down { since_ms } | PartitionStatus::Pinned { since_ms } => {
                now_ms.saturating_sub(since_ms) > hold_for_ms
            }
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
            out.push(u8::from(partition.was_read));
        }
        bytes::put_u64(out, self.views.len() as u64);
        for view in &self.views {
            bytes::put_u64(out, view.above.sources.len() as u64);
            for source in &view.above.sources {
                bytes::put_bytes(out, self.sources[*source].name.as_bytes());
            }
            bytes::put_u64(out, view.above.lookups.len() as u64);
            for lookup in &view.above.lookups {
                bytes::put_u64(out, *lookup as u64);
            }
            bytes::put_i64(out, view.hold_for_ms);
            bytes::put_i64(out, view.watermark);
        }
    }

    /// Takes over what [`Self::write`] has written; what belongs to no source any more is forgotten.
    pub(super) fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        let version = reader.u8()?;
        if version == 0 || version > VERSION {
            return Err(Malformed);
        }
        for _ in 0..reader.len()? {
            let id = PartitionId(u32::try_from(reader.u64()?).map_err(|_| Malformed)?);
            let source = self.source(reader.text()?);
            let newest = reader.i64()?;
            let was_read = version > 1 && reader.u8()? == 1;
            if let Some(source) = source {
                let status = PartitionStatus::Live;
                self.partitions.insert(id, Partition { source, status, newest, was_read });
            }
        }
        for _ in 0..reader.len()? {
            let above = self.read_above(version, reader)?;
            let (hold_for_ms, watermark) = (reader.i64()?, reader.i64()?);
            if let Some(above) = above {
                self.views.push(View { above, hold_for_ms, watermark });
            }
        }
        Ok(())
    }

    fn read_above(&self, version: u8, reader: &mut Reader<'_>) -> Result<Option<Above>, Malformed> {
        let count = if version == 1 { 1 } else { reader.len()? };
        let mut sources = Some(Vec::new());
        for _ in 0..count {
            let source = self.source(reader.text()?);
            sources = sources.zip(source).map(|(mut sources, source)| {
                sources.push(source);
                sources
            });
        }
        let count = if version == 1 { 0 } else { reader.len()? };
        let lookup = |_| usize::try_from(reader.u64()?).map_err(|_| Malformed);
        let lookups = (0..count).map(lookup).collect::<Result<_, _>>()?;
        Ok(sources.map(|mut sources| {
            sources.sort_unstable();
            Above { sources, lookups }
        }))
    }

    fn source(&self, name: &str) -> Option<usize> {
        self.sources.iter().position(|source| source.name == name)
    }

    pub(super) fn set_cut(&mut self, cut: EventTime) {
        self.cut = Some(cut.0);
        self.is_finished = false;
    }

    pub(super) fn newest_event(&self) -> Option<i64> {
        let of_events = self.partitions.values().filter(|at| !self.sources[at.source].is_table);
        let newest = of_events.map(|partition| partition.newest).max();
        newest.filter(|newest| *newest > i64::MIN)
    }

    /// The newest W of all.
    pub(super) fn newest(&self) -> i64 {
        let is_static = |view: &&View| view.above.sources.iter().any(|at| self.sources[*at].is_static);
        let in_time = self.views.iter().filter(|view| !is_static(view));
        in_time.map(|view| view.watermark).max().unwrap_or(i64::MIN)
    }
}
