//! Which cluster of a group takes a row: its home, sticky by partition, or while that is down the next one
//! that is up. Pure; time is an argument.

/// A cluster that failed is tried again after this, and twice as long each time.
const RETRY_MIN_MS: i64 = 500;
const RETRY_MAX_MS: i64 = 5_000;

/// The clusters of one group of one region, by index.
#[derive(Debug)]
pub(super) struct Routes {
    clusters: Vec<Health>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Up,
    /// Failed; one row may try it from `retry_at_ms` on.
    Down {
        retry_at_ms: i64,
        pause_ms: i64,
    },
    /// That row is on its way.
    Trying {
        pause_ms: i64,
    },
}

impl Routes {
    pub(super) fn new(clusters: usize) -> Self {
        Self { clusters: vec![Health::Up; clusters] }
    }

    /// The home of a partition.
    pub(super) const fn home(&self, partition: u32) -> usize {
        partition as usize % self.clusters.len()
    }

    /// The cluster that is to take a row now, of those that have its topic; `None`: all are down, and none is to
    /// be tried yet. Nothing changes until it is [`Self::sent`].
    pub(super) fn choose(&self, home: usize, usable: &dyn Fn(usize) -> bool, now_ms: i64) -> Option<usize> {
        let count = self.clusters.len();
        let order = || (0..count).map(|step| (home + step) % count).filter(|cluster| usable(*cluster));
        if let Some(up) = order().find(|cluster| self.is_up(*cluster)) {
            return Some(up);
        }
        order().find(|cluster| self.may_try(*cluster, now_ms))
    }

    /// Whether a cluster that is down may be tried with one row.
    pub(super) fn may_try(&self, cluster: usize, now_ms: i64) -> bool {
        matches!(self.clusters[cluster], Health::Down { retry_at_ms, .. } if retry_at_ms <= now_ms)
    }

    /// A row is on its way there: what becomes of it is told by [`Self::delivered`] or [`Self::failed`].
    pub(super) fn sent(&mut self, cluster: usize) {
        if let Health::Down { pause_ms, .. } = self.clusters[cluster] {
            self.clusters[cluster] = Health::Trying { pause_ms };
        }
    }

    pub(super) fn is_up(&self, cluster: usize) -> bool {
        self.clusters[cluster] == Health::Up
    }

    /// A row was acknowledged. Returns whether the cluster has just come back.
    pub(super) fn delivered(&mut self, cluster: usize) -> bool {
        std::mem::replace(&mut self.clusters[cluster], Health::Up) != Health::Up
    }

    /// A row was not taken in time, or refused. Returns whether the cluster has just gone.
    pub(super) fn failed(&mut self, cluster: usize, now_ms: i64) -> bool {
        let health = self.clusters[cluster];
        let pause_ms = match health {
            Health::Up => RETRY_MIN_MS,
            Health::Trying { pause_ms } => (pause_ms * 2).min(RETRY_MAX_MS),
            // Rows sent before it was known to be down.
            Health::Down { .. } => return false,
        };
        self.clusters[cluster] = Health::Down { retry_at_ms: now_ms + pause_ms, pause_ms };
        health == Health::Up
    }

    /// Something else has seen the cluster answer: try it at once.
    pub(super) fn answered(&mut self, cluster: usize, now_ms: i64) {
        if let Health::Down { retry_at_ms, .. } = &mut self.clusters[cluster] {
            *retry_at_ms = now_ms.min(*retry_at_ms);
        }
    }
}
