//! Gaps that a person accepts: offsets that a log has lost, named as `windrow status` names them.

use std::fmt;
use std::str::FromStr;

use super::tables::PartitionKey;

/// A gap of one partition: offsets `from..to` are lost, or (`to <= from`) the topic was made again and is shorter
/// than what was read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedGap {
    pub cluster: String,
    pub topic: String,
    pub partition: i32,
    pub from: i64,
    pub to: i64,
}

impl AcceptedGap {
    /// Whether a gap is no larger than what was accepted. One that has grown is news.
    pub(super) const fn covers(&self, from: i64, to: i64) -> bool {
        if self.from < self.to {
            self.from <= from && to <= self.to && from < to
        } else {
            self.from == from && to <= from
        }
    }
}

/// A gap is passed over.
pub(super) fn say_passed(PartitionKey { cluster, topic, partition, .. }: &PartitionKey, from: i64, to: i64) {
    tracing::warn!(cluster, topic, partition, from, to, "E0907: lost offsets are passed over, as accepted");
}

impl fmt::Display for AcceptedGap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cluster, topic, partition, from, to } = self;
        write!(f, "{cluster}/{topic}/{partition}@{from}-{to}")
    }
}

impl FromStr for AcceptedGap {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = || "expected CLUSTER/TOPIC/PARTITION@FROM-TO, as `windrow status` shows it".to_owned();
        let parse = || {
            let (place, range) = text.rsplit_once('@')?;
            let (from, to) = range.split_once('-')?;
            let (cluster, rest) = place.split_once('/')?;
            let (topic, partition) = rest.rsplit_once('/')?;
            Some(Self {
                cluster: cluster.to_owned(),
                topic: topic.to_owned(),
                partition: partition.parse().ok()?,
                from: from.parse().ok()?,
                to: to.parse().ok()?,
            })
        };
        parse().filter(|gap| gap.from != gap.to).ok_or_else(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_written_as_it_is_read_and_covers_no_more_than_it_names() {
        let text = "west-1/shop.purchases/3@10-20";
        let gap: AcceptedGap = text.parse().unwrap();
        assert_eq!(gap.to_string(), text);
        assert!(gap.covers(10, 20) && gap.covers(12, 20) && !gap.covers(10, 21) && !gap.covers(9, 20));
        let shorter: AcceptedGap = "w/t/0@50-0".parse().unwrap();
        assert!(
            shorter.covers(50, 0)
                && shorter.covers(50, 7)
                && !shorter.covers(51, 0)
                && !shorter.covers(50, 60)
        );
        for wrong in ["", "w/t/0", "w/t@1-2", "w/t/x@1-2", "w/t/0@1", "w/t/0@1-1"] {
            assert!(wrong.parse::<AcceptedGap>().is_err(), "{wrong}");
        }
    }
}
