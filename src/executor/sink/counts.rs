//! How many partitions each topic has on each cluster of a group, as last seen, and what a change of that means.
//! Pure.

use std::collections::BTreeMap;

/// Partitions per topic and cluster, by index.
#[derive(Debug)]
pub(super) struct Counts {
    clusters: Vec<Seen>,
}

#[derive(Debug, Clone, Default)]
struct Seen {
    /// `None`: the cluster has answered, and has no such topic.
    topics: BTreeMap<String, Option<i32>>,
    /// What the state knows, or is about to.
    noted: BTreeMap<String, i32>,
}

/// What has become of a topic that rows go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Seen for the first time.
    New,
    Gone,
    /// It was gone: it has none of its keys any more.
    Again,
    /// Keys have other partitions, and other homes.
    Repartitioned,
}

impl Counts {
    pub(super) fn new(clusters: usize) -> Self {
        Self { clusters: vec![Seen::default(); clusters] }
    }

    /// `None`: not there, or nobody has looked.
    pub(super) fn of(&self, cluster: usize, topic: &str) -> Option<i32> {
        self.clusters[cluster].topics.get(topic).copied().flatten()
    }

    /// The largest count among the clusters: it decides which partition of the group a key is in.
    pub(super) fn largest(&self, topic: &str) -> Option<i32> {
        (0..self.clusters.len()).filter_map(|cluster| self.of(cluster, topic)).max()
    }

    /// Every cluster has answered, and none has the topic.
    pub(super) fn is_nowhere(&self, topic: &str) -> bool {
        self.clusters.iter().all(|seen| seen.topics.get(topic) == Some(&None))
    }

    /// Returns whether it is news that the topic is missing.
    pub(super) fn see(&mut self, cluster: usize, topic: String, count: Option<i32>) -> bool {
        let before = self.clusters[cluster].topics.insert(topic, count);
        count.is_none() && before != Some(None)
    }

    /// A row was not taken: until somebody has looked, the topic may be missing, or have other partitions.
    pub(super) fn doubt(&mut self, cluster: usize, topic: &str) {
        self.clusters[cluster].topics.remove(topic);
    }

    /// What a sighting changes. `known`: what the state has, 0 for a topic that was gone; asked at first sight only.
    pub(super) fn change(
        &mut self,
        cluster: usize,
        topic: &str,
        count: Option<i32>,
        known: impl FnOnce() -> Option<i32>,
    ) -> Option<Change> {
        let noted = &mut self.clusters[cluster].noted;
        let known = noted.get(topic).copied().or_else(known);
        let change = match (known, count) {
            (None | Some(0), None) => None,
            (None, Some(_)) => Some(Change::New),
            (Some(_), None) => Some(Change::Gone),
            (Some(0), Some(_)) => Some(Change::Again),
            (Some(before), Some(now)) => (before != now).then_some(Change::Repartitioned),
        };
        if let Some(now) = count.or(known.map(|_| 0)) {
            noted.insert(topic.to_owned(), now);
        }
        change
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(known: Option<i32>, seen: &[Option<i32>]) -> Vec<Option<Change>> {
        let mut counts = Counts::new(1);
        seen.iter().map(|count| counts.change(0, "t", *count, || known)).collect()
    }

    #[test]
    fn a_topic_that_was_gone_or_has_other_partitions_lacks_keys_and_a_new_one_does_not() {
        let [new, gone, again, repartitioned] =
            [Change::New, Change::Gone, Change::Again, Change::Repartitioned].map(Some);
        assert_eq!(changes(None, &[None, Some(3), Some(3)]), [None, new, None]);
        assert_eq!(changes(Some(3), &[Some(3), Some(5), Some(5)]), [None, repartitioned, None]);
        assert_eq!(changes(Some(3), &[None, None, Some(3)]), [gone, None, again]);
        assert_eq!(changes(Some(0), &[Some(3)]), [again], "it went while nobody looked");
    }

    #[test]
    fn a_topic_in_doubt_is_neither_there_nor_missing() {
        let mut counts = Counts::new(2);
        assert!(!counts.see(0, "t".into(), Some(3)) && counts.see(1, "t".into(), None));
        assert!(!counts.see(1, "t".into(), None), "said once");
        assert_eq!((counts.of(0, "t"), counts.of(1, "t"), counts.largest("t")), (Some(3), None, Some(3)));
        counts.doubt(0, "t");
        assert!(counts.of(0, "t").is_none() && !counts.is_nowhere("t"));
        assert!(counts.see(0, "t".into(), None) && counts.is_nowhere("t"));
    }
}
