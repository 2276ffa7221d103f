//! How many records a step takes. Pure.
//!
//! A large step costs less per record, but everything that comes meanwhile waits for its end, and then for its
//! rows to be delivered. While partitions that are up to date have news, steps are short, and more of a backlog is
//! taken once regions have got the rows of what was taken before, after a rest as long as that step: a cluster that
//! comes back holds up nobody else, and has half of the time at most.

use std::time::{Duration, Instant};

/// Records per step, at most: what a step holds in memory.
const STEP_RECORDS: usize = 20_000;
/// Fewer are not worth a step: it waits for the disk once, and readers hand on as many at a time.
const STEP_RECORDS_MIN: usize = 250;
/// How long a step may take while somebody waits for it.
const STEP_TIME: Duration = Duration::from_millis(10);
/// Of a backlog something is taken this often, however much regions have to take: it is to end some day.
const BACKLOG_AT_LEAST_EVERY: Duration = Duration::from_millis(100);
/// For how long after news more are expected.
const NEWS: Duration = Duration::from_secs(1);

/// The bound of the next step.
#[derive(Debug)]
pub(super) struct Stride {
    /// As many as were seen to take no longer than that.
    short: usize,
    news: Option<Instant>,
    /// When something of a backlog was taken last.
    backlog: Option<Instant>,
    /// The next step has something of a backlog.
    has_backlog: bool,
    /// No more of a backlog before.
    rested: Option<Instant>,
}

impl Stride {
    pub(super) const fn new() -> Self {
        Self { short: STEP_RECORDS_MIN, news: None, backlog: None, has_backlog: false, rested: None }
    }

    /// Records of the next step, at most.
    pub(super) fn records_max(&self, now: Instant) -> usize {
        if self.has_news(now) { self.short } else { STEP_RECORDS }
    }

    /// Whether a backlog has to wait, as others are to have their turn.
    pub(super) fn rests(&self, now: Instant) -> bool {
        self.has_news(now) && self.rested.is_some_and(|rested| now < rested)
    }

    /// Whether a backlog has to wait, unless regions have taken what they were given.
    pub(super) fn holds_backlogs(&self, now: Instant) -> bool {
        self.has_news(now) && is_within(self.backlog, BACKLOG_AT_LEAST_EVERY, now)
    }

    fn has_news(&self, now: Instant) -> bool {
        is_within(self.news, NEWS, now)
    }

    /// Something of a backlog was taken.
    pub(super) const fn took_backlog(&mut self, now: Instant) {
        self.backlog = Some(now);
        self.has_backlog = true;
    }

    /// A partition that is up to date had news.
    pub(super) const fn waited_for(&mut self, now: Instant) {
        self.news = Some(now);
    }

    /// A step with so many records took that long, until now.
    pub(super) fn stepped(&mut self, records: usize, took: Duration, now: Instant) {
        if std::mem::take(&mut self.has_backlog) {
            self.rested = Some(now + took.min(BACKLOG_AT_LEAST_EVERY));
        }
        // One that was not full says little: it may have waited for the disk alone.
        if records < self.short {
            return;
        }
        if took > STEP_TIME {
            let fit = records as u128 * STEP_TIME.as_micros() / took.as_micros();
            self.short = usize::try_from(fit).unwrap_or(usize::MAX).min(self.short).max(STEP_RECORDS_MIN);
        } else if took < STEP_TIME * 3 / 4 {
            self.short = (self.short + self.short / 4).min(STEP_RECORDS);
        }
    }
}

fn is_within(at: Option<Instant>, time: Duration, now: Instant) -> bool {
    at.is_some_and(|at| now.saturating_duration_since(at) < time)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps of which each record takes so long, and the step as such a while.
    fn after_steps(stride: &mut Stride, per_record: Duration) -> usize {
        let now = Instant::now();
        for _ in 0..40 {
            stride.waited_for(now);
            let records = stride.records_max(now);
            let took = Duration::from_millis(2) + per_record * u32::try_from(records).unwrap();
            stride.stepped(records, took, now);
        }
        stride.records_max(now)
    }

    #[test]
    fn a_step_is_short_while_there_is_news_and_as_large_as_its_time_allows() {
        let (mut stride, now) = (Stride::new(), Instant::now());
        assert_eq!(stride.records_max(now), STEP_RECORDS, "nobody waits");
        stride.waited_for(now);
        assert_eq!(stride.records_max(now), STEP_RECORDS_MIN, "nothing is known of what a record takes");
        let fits = |records: usize| (400..=900).contains(&records);
        let found = after_steps(&mut stride, Duration::from_micros(10));
        assert!(fits(found), "10 ms are about 800 records of 10 us: {found}");
        assert_eq!(after_steps(&mut stride, Duration::from_millis(1)), STEP_RECORDS_MIN);
        assert!(fits(after_steps(&mut stride, Duration::from_micros(10))), "it grows again");
        assert_eq!(stride.records_max(now + NEWS * 2), STEP_RECORDS, "the news are long over");
    }

    #[test]
    fn a_backlog_waits_for_news_and_never_for_long() {
        let (mut stride, now) = (Stride::new(), Instant::now());
        stride.took_backlog(now);
        assert!(!stride.holds_backlogs(now), "there is nothing else");
        stride.waited_for(now);
        assert!(stride.holds_backlogs(now));
        assert!(!stride.holds_backlogs(now + BACKLOG_AT_LEAST_EVERY));
    }

    #[test]
    fn a_backlog_rests_as_long_as_its_step_took() {
        let (mut stride, now, step) = (Stride::new(), Instant::now(), Duration::from_millis(20));
        stride.waited_for(now);
        stride.stepped(1_000, step, now);
        assert!(!stride.rests(now), "that had news alone");
        stride.took_backlog(now);
        stride.stepped(1_000, step, now);
        assert!(stride.rests(now) && !stride.rests(now + step));
        stride.stepped(10, step, now + step / 2);
        assert!(!stride.rests(now + step), "a step with news prolongs nothing");
        stride.took_backlog(now);
        stride.stepped(1_000, step * 100, now);
        assert!(!stride.rests(now + BACKLOG_AT_LEAST_EVERY));
    }

    #[test]
    fn a_small_step_that_waited_for_the_disk_says_little_of_records() {
        let mut stride = Stride::new();
        let found = after_steps(&mut stride, Duration::from_micros(10));
        stride.stepped(3, Duration::from_millis(240), Instant::now());
        assert_eq!(stride.records_max(Instant::now()), found);
    }
}
