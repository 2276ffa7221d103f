//! Times worth an event: where windows, hops, days and the cut begin and end, and where other events are.

use std::collections::BTreeMap;

use crate::model::{Aggregate, GroupById, Model, Tail, Target};

use super::records::Arrival;
use super::rng::Rng;

const DAY_MS: i64 = 86_400_000;

/// Instants around which scenarios are: a leap day's beginning and end, a year's end, the epoch, clocks that are
/// put on (Europe, then America) and back (Europe), a month's end, and one like any other.
pub(super) const AROUND: [i64; 9] = [
    1_709_164_800_000,
    1_709_251_199_999,
    1_704_067_200_000,
    0,
    1_711_846_800_000,
    1_710_054_000_000,
    1_729_990_800_000,
    1_714_521_600_000,
    1_719_792_000_123,
];

/// Lengths and hops of all windows that the target's rows hold, and of the lives of keys.
pub(super) fn windows(model: &Model, target: Target) -> Vec<(i64, i64)> {
    let mut windows = Vec::new();
    for group_by in group_bys(model, target).into_iter().map(|id| model.group_by(id)) {
        let length = |aggregate: &Aggregate| {
            let window = aggregate.window?;
            let hop = match window.tail {
                Tail::Exact => 1,
                Tail::Hop { hop_ms } => hop_ms,
            };
            Some((window.size_ms, hop))
        };
        windows.extend(group_by.aggregates.iter().filter_map(length));
        windows.extend(group_by.ttl_ms.map(|ttl_ms| (ttl_ms, 1)));
    }
    windows.sort_unstable();
    windows.dedup();
    if windows.is_empty() {
        windows.push((3_600_000, 1));
    }
    windows
}

pub(super) fn group_bys(model: &Model, target: Target) -> Vec<GroupById> {
    match target {
        Target::GroupBy(id) => vec![id],
        Target::Join(id) => model.join(id).parts.iter().map(|part| part.group_by).collect(),
    }
}

/// By source and table, how long after its event time an event may come: what is final misses what is late,
/// and a key may be forgotten before a late event. `None`: any time.
pub(super) fn delays(model: &Model, target: Target) -> BTreeMap<String, Option<i64>> {
    let sources = model.sources.iter().map(|source| (&source.name, source.disorder_ms));
    let tables = model.tables.iter().map(|table| (&table.name, table.disorder_ms));
    let is_ordered = is_ordered(model, target);
    // An event is late from the watermark on, so the last millisecond would be.
    let delay = |disorder_ms: i64| is_ordered.then_some((disorder_ms - 1).max(0));
    let mut delays: BTreeMap<String, Option<i64>> =
        sources.chain(tables).map(|(name, disorder_ms)| (name.clone(), delay(disorder_ms))).collect();
    if let Target::Join(id) = target {
        let join = model.join(id);
        let rights: Vec<_> = group_bys(model, target)
            .into_iter()
            .flat_map(|id| model.sources_of(model.group_by(id).from))
            .collect();
        for left in model.sources_of(join.left).into_iter().filter(|id| !rights.contains(id)) {
            let source = model.source(left);
            delays.insert(source.name.clone(), Some(source.disorder_ms.saturating_add(join.left_late_ms)));
        }
    }
    delays
}

/// Whether what is late is missed, or may find its key forgotten.
pub(super) fn is_ordered(model: &Model, target: Target) -> bool {
    let is_final = matches!(target, Target::Join(_));
    let mut group_bys = group_bys(model, target).into_iter().map(|id| model.group_by(id));
    is_final || group_bys.any(|group_by| !group_by.lookups.is_empty() || group_by.ttl_ms.is_some())
}

/// Puts records in order of arrival: any at all, or with no more delay than is allowed.
pub(super) fn arrive(records: &mut Vec<Arrival>, delay_max: Option<i64>, rng: &mut Rng) {
    let lateness = *rng.pick(&[0, 60_000, DAY_MS * 40]);
    let mut timed: Vec<(i64, usize, Arrival)> = Vec::with_capacity(records.len());
    for (at, record) in records.drain(..).enumerate() {
        let delay = match delay_max {
            Some(delay_max) => {
                let any = rng.between(0, delay_max);
                *rng.pick(&[0, delay_max, any])
            }
            None => rng.between(0, lateness),
        };
        timed.push((record.ts.saturating_add(delay), at, record));
    }
    timed.sort_by_key(|(due, at, _)| (*due, *at));
    records.extend(timed.into_iter().map(|(_, _, record)| record));
    if delay_max == Some(0) {
        // Without disorder the second event of an instant is late.
        records.dedup_by(|later, earlier| later.ts == earlier.ts);
    }
}

/// Times worth an event.
pub(super) struct Times<'w> {
    pub(super) q: i64,
    pub(super) windows: &'w [(i64, i64)],
    /// Those of all sources so far: joins look at each other's.
    pub(super) seen: Vec<i64>,
}

impl Times<'_> {
    pub(super) fn random(&mut self, rng: &mut Rng) -> i64 {
        let (window, hop) = *rng.pick(self.windows);
        let near = rng.between(-1, 1);
        let q = self.q;
        let any = q - rng.between(0, window + window / 4 + hop);
        let ts = match rng.below(12) {
            // The start of a window as of the cut, its neighbours, and the hop after it.
            0 => (q - window).div_euclid(hop) * hop + near,
            1 => ((q - window).div_euclid(hop) + 1) * hop + near,
            2 => q - window + near,
            3 => q - rng.between(-1, 2),
            // As another event, when it enters or leaves a window, or in its hop.
            4 | 5 if !self.seen.is_empty() => *rng.pick(&self.seen),
            6 if !self.seen.is_empty() => *rng.pick(&self.seen) + near,
            7 if !self.seen.is_empty() => *rng.pick(&self.seen) - window + near,
            8 if !self.seen.is_empty() => (*rng.pick(&self.seen) - window).div_euclid(hop) * hop + near,
            // A day's beginning, and its last millisecond.
            9 => any.div_euclid(DAY_MS) * DAY_MS + near,
            _ => any,
        };
        self.seen.push(ts);
        ts
    }
}
