//! Why a run is not ready yet. Pure.
//!
//! Ready means: the state is restored, history is read, and every partition that answers is being read. What
//! does not answer is absent, and nobody waits for the dead.

/// One cluster that is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) cluster: &'a str,
    /// All its topics have been found.
    pub(super) is_resolved: bool,
    /// It has failed to answer, or lacks a topic.
    pub(super) is_in_trouble: bool,
    /// Partitions of which nothing has been heard since the start.
    pub(super) unheard: usize,
}

/// `history`: records read and to read, while history is read.
pub(super) fn reasons<'a>(
    history: Option<(u64, u64)>,
    readings: impl Iterator<Item = Reading<'a>>,
) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some((read, total)) = history {
        reasons.push(format!("history is being read: {read} of {total} records"));
    }
    for reading in readings.filter(|reading| !reading.is_in_trouble) {
        let Reading { cluster, is_resolved, unheard, .. } = reading;
        if !is_resolved {
            reasons.push(format!("{cluster} has not answered yet"));
        } else if unheard > 0 {
            reasons.push(format!("{cluster}: {unheard} partitions are not being read yet"));
        }
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: Reading<'_> = Reading { cluster: "w1", is_resolved: true, is_in_trouble: false, unheard: 0 };

    #[test]
    fn those_who_answer_are_waited_for_and_the_absent_are_not() {
        let shown = |reading: Reading<'_>| reasons(None, [reading].into_iter());
        assert_eq!(shown(READ), [""; 0]);
        assert_eq!(shown(Reading { is_resolved: false, ..READ }), ["w1 has not answered yet"]);
        assert_eq!(shown(Reading { unheard: 2, ..READ }), ["w1: 2 partitions are not being read yet"]);
        assert_eq!(shown(Reading { is_resolved: false, is_in_trouble: true, ..READ }), [""; 0]);
        assert_eq!(shown(Reading { unheard: 2, is_in_trouble: true, ..READ }), [""; 0]);
    }

    #[test]
    fn history_comes_first() {
        assert_eq!(reasons(Some((3, 9)), [READ].into_iter()), ["history is being read: 3 of 9 records"]);
    }
}
