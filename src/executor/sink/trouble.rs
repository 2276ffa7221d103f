//! Why a cluster takes no rows, or takes them slowly. Pure; time is an argument.

use rdkafka::error::RDKafkaErrorCode;

use super::super::kafka::Refusal;

/// A row that waits this long for its acknowledgement came slowly: those of a healthy cluster take milliseconds.
const SLOW_MS: i64 = 1_000;
/// How long one slow row counts.
const SLOW_FOR_MS: i64 = 5_000;

/// What is wrong with a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Trouble {
    /// It answers, and does not know us.
    Refused,
    /// It knows us, and does not let us write.
    Forbidden,
    Silent,
    /// It takes rows, late.
    Slow,
}

impl Trouble {
    /// The name in statuses and metrics.
    pub(in super::super) const fn name(self) -> &'static str {
        match self {
            Self::Refused => "login_refused",
            Self::Forbidden => "not_allowed",
            Self::Silent => "no_answer",
            Self::Slow => "slow",
        }
    }

    /// What an error says of the cluster that sent it; `None`: nothing that would last.
    pub(super) fn of_code(code: RDKafkaErrorCode) -> Option<Self> {
        match Refusal::of(code)? {
            Refusal::Login => Some(Self::Refused),
            Refusal::Topic => Some(Self::Forbidden),
        }
    }
}

/// What is known of each cluster.
#[derive(Debug)]
pub(super) struct Troubles {
    clusters: Vec<Known>,
}

#[derive(Debug, Clone, Default)]
struct Known {
    refusal: Option<Trouble>,
    slow_at_ms: Option<i64>,
    said: Option<Trouble>,
}

impl Troubles {
    pub(super) fn new(clusters: usize) -> Self {
        Self { clusters: vec![Known::default(); clusters] }
    }

    /// It has said no, or let us in.
    pub(super) fn heard(&mut self, cluster: usize, refusal: Option<Trouble>) {
        let known = &mut self.clusters[cluster].refusal;
        // Being let in is no right to write: only a row that is taken shows that.
        if refusal.is_some() || *known != Some(Trouble::Forbidden) {
            *known = refusal;
        }
    }

    /// It has taken a row that waited so long.
    pub(super) fn took(&mut self, cluster: usize, waited_ms: i64, now_ms: i64) {
        let known = &mut self.clusters[cluster];
        known.refusal = None;
        if waited_ms >= SLOW_MS {
            known.slow_at_ms = Some(now_ms);
        }
    }

    /// What is wrong now. `sent_ms`: when the oldest row that is on its way there was handed over.
    pub(super) fn of(
        &self,
        cluster: usize,
        is_up: bool,
        sent_ms: Option<i64>,
        now_ms: i64,
    ) -> Option<Trouble> {
        let known = &self.clusters[cluster];
        let waits = sent_ms.is_some_and(|sent_ms| now_ms - sent_ms >= SLOW_MS);
        let was_slow = known.slow_at_ms.is_some_and(|slow_at_ms| now_ms - slow_at_ms < SLOW_FOR_MS);
        match known.refusal {
            Some(refusal) => Some(refusal),
            None if !is_up => Some(Trouble::Silent),
            None => (waits || was_slow).then_some(Trouble::Slow),
        }
    }

    /// Whether that has not been said yet.
    pub(super) fn is_news(&mut self, cluster: usize, trouble: Option<Trouble>) -> bool {
        std::mem::replace(&mut self.clusters[cluster].said, trouble) != trouble
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_that_says_no_is_told_from_one_that_is_silent_and_one_that_is_late() {
        let mut troubles = Troubles::new(2);
        let of = |troubles: &Troubles, is_up, sent_ms| troubles.of(0, is_up, sent_ms, 10_000);
        assert_eq!(of(&troubles, true, Some(9_900)), None);
        assert_eq!(of(&troubles, true, Some(8_000)), Some(Trouble::Slow));
        assert_eq!(of(&troubles, false, Some(8_000)), Some(Trouble::Silent));
        troubles.heard(0, Trouble::of_code(RDKafkaErrorCode::Authentication));
        assert_eq!(of(&troubles, false, None), Some(Trouble::Refused));
        assert_eq!(troubles.of(1, true, None, 10_000), None, "each has its own");
        troubles.heard(0, None);
        assert_eq!(of(&troubles, false, None), Some(Trouble::Silent));
        troubles.took(0, 1_200, 9_000);
        assert_eq!(of(&troubles, true, None), Some(Trouble::Slow), "for a while");
        assert_eq!(troubles.of(0, true, None, 14_000), None);
    }

    #[test]
    fn who_may_not_write_is_refused_until_a_row_is_taken() {
        let mut troubles = Troubles::new(1);
        troubles.heard(0, Trouble::of_code(RDKafkaErrorCode::TopicAuthorizationFailed));
        troubles.heard(0, None);
        assert_eq!(troubles.of(0, true, None, 0), Some(Trouble::Forbidden));
        troubles.took(0, 5, 0);
        assert_eq!(troubles.of(0, true, None, 0), None);
    }

    #[test]
    fn a_trouble_is_said_once() {
        let mut troubles = Troubles::new(1);
        assert!(!troubles.is_news(0, None) && troubles.is_news(0, Some(Trouble::Slow)));
        assert!(!troubles.is_news(0, Some(Trouble::Slow)) && troubles.is_news(0, None));
    }
}
