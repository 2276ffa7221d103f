//! What is still missing before nobody needs to read a cluster any more: every partition at its end, as a fetch
//! has proven, and W past everything that came of it.

use super::super::partitions::Known;
use super::super::step_loop::StepLoop;
use crate::dataflow::PartitionStatus;

impl StepLoop {
    /// Empty: proven. Else what is missing, partition by partition.
    pub(in super::super) fn unproven(&self, cluster: &str) -> Vec<String> {
        let mut readers = self.readers_now().filter(|(_, wiring, _)| wiring.cluster.name == cluster);
        let Some((_, _, standing)) = readers.next() else { return Vec::new() };
        if !standing.is_resolved {
            return vec![format!("{cluster} has not said what it holds")];
        }
        let known = self.partitions.of_cluster(cluster);
        known.filter_map(|known| self.unproven_of(known)).collect()
    }

    fn unproven_of(&self, known: &Known) -> Option<String> {
        let name = format!("{}/{}", known.key.topic, known.key.partition);
        let (next, end) = (known.position.next, known.log_end);
        let is_at_end = matches!(known.status, PartitionStatus::Quiet { .. }) && known.lag() == 0;
        if known.gap.is_some() || known.halted.is_some() {
            return Some(format!("{name} is stopped at {next} of {end}"));
        }
        if !is_at_end {
            return Some(format!("{name} is at {next} of {end}"));
        }
        let newest_ms = known.newest_ms.saturating_add(self.lead_ms);
        let w = self.watermarks.iter().find(|(source, _)| *source == known.key.source).map(|(_, w)| w.0);
        match w {
            Some(w) if w >= newest_ms => None,
            Some(w) => Some(format!("{name}: the watermark lacks {} ms", newest_ms.saturating_sub(w))),
            // Nothing of the plan waits for the source.
            None => None,
        }
    }
}
