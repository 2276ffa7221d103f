//! How many records of each partition could not be decoded within the last minute. Pure.
//!
//! A few are dead letters; many mean that the topic is not what the source says, and then going on would only
//! turn the whole log into dead letters.

use std::collections::{BTreeMap, VecDeque};

use crate::dataflow::PartitionId;

const MINUTE_MS: i64 = 60_000;
/// Fewer are no pattern, whatever share of the records they are.
const BAD_MIN: u64 = 20;

/// The counts of a run.
#[derive(Debug)]
pub(super) struct Quality {
    max_bad_percent: f64,
    partitions: BTreeMap<PartitionId, VecDeque<Slice>>,
}

/// What one step brought.
#[derive(Debug, Clone, Copy)]
struct Slice {
    at_ms: i64,
    records: u64,
    bad: u64,
}

impl Quality {
    pub(super) const fn new(max_bad_percent: f64) -> Self {
        Self { max_bad_percent, partitions: BTreeMap::new() }
    }

    /// Counts what a step brought of a partition. Returns how many records of the last minute were bad, and of
    /// how many, if that is too much.
    pub(super) fn count(
        &mut self,
        partition: PartitionId,
        records: u64,
        bad: u64,
        now_ms: i64,
    ) -> Option<(u64, u64)> {
        let slices = self.partitions.entry(partition).or_default();
        slices.push_back(Slice { at_ms: now_ms, records, bad });
        while slices.front().is_some_and(|slice| now_ms - slice.at_ms >= MINUTE_MS) {
            slices.pop_front();
        }
        let (records, bad) =
            slices.iter().fold((0, 0), |(records, bad), slice| (records + slice.records, bad + slice.bad));
        #[expect(clippy::cast_precision_loss, reason = "a share, compared with a rough limit")]
        let percent = bad as f64 * 100.0 / records as f64;
        (bad >= BAD_MIN && percent > self.max_bad_percent).then_some((bad, records))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: PartitionId = PartitionId(1);

    #[test]
    fn too_many_are_more_than_the_share_and_than_a_few() {
        let mut quality = Quality::new(5.0);
        assert_eq!(quality.count(P, 19, 19, 0), None, "few, though all of them are bad");
        assert_eq!(quality.count(P, 381, 1, 1), None, "20 of 400 are just 5 percent");
        assert_eq!(quality.count(P, 1, 1, 2), Some((21, 401)));
        assert_eq!(quality.count(PartitionId(2), 19, 19, 2), None, "partitions are counted apart");
    }

    #[test]
    fn what_was_bad_a_minute_ago_is_forgotten() {
        let mut quality = Quality::new(5.0);
        assert_eq!(quality.count(P, 100, 19, 0), None);
        assert_eq!(quality.count(P, 1, 1, MINUTE_MS), None);
        assert_eq!(Quality::new(100.0).count(P, 100, 100, 0), None, "100 percent allow anything");
    }
}
